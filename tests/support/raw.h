/*
 * raw: a document as read, seen without the library: where it is ill-formed, and its text repaired and
 * normalized by
 * libunistring. For tests.
 */
#ifndef TEST_RAW_H
#define TEST_RAW_H

#include "bytes.h"

#include <stdbool.h>

/* Length of the well-formed character at p (n > 0 bytes left), or 0 and *ill: length of the maximal
 * ill-formed subsequence
 * (Unicode Standard, table 3-7 and section 3.9). */
size_t raw_character(const uint8_t *p, size_t n, size_t *ill);

/* Ill-formed sequences in text; the offsets of the first `cap` of them. */
size_t raw_count_ill(bytes text, size_t *offsets, size_t cap);

/* The lines of text, repaired (U+FFFD) and in NFC, each with one LF behind it; breaks: also CR, VT, FF,
 * U+2028, U+2029 end lines. */
void raw_lines(bytes text, bool breaks, bytes *out);

/* Letters of lines (well-formed), as the skeleton has them, in NFC; ignorable characters are taken out
 * before, as cleaning does. */
void raw_letters(bytes lines, bytes *out);

void raw_nfc(const uint8_t *text, size_t nbytes, bytes *out);

/* The longest run of combining marks. */
size_t raw_longest_combining_run(bytes text);

#endif
