/*
 * variants: a passage written again in another dress, and damage. For tests.
 */
#ifndef TEST_VARIANTS_H
#define TEST_VARIANTS_H

#include "bytes.h"
#include "prng.h"

enum {
    VARIANT_PUNCT = 1,  /* full-width and half-width marks exchanged, never between or beside digits */
    VARIANT_QUOTES = 2, /* “ ” ‘ ’ 「 」 " exchanged */
    VARIANT_SPACES =
        4, /* spaces, U+3000 and zero-width spaces put in, never beside digits, marks or Latin words' insides */
    VARIANT_WIDTH = 8,   /* ASCII letters and digits to full-width */
    VARIANT_CASE = 16,   /* Latin letters to the other case */
    VARIANT_LETTER = 32, /* one letter in the middle changed */
    VARIANT_FIVE = 64    /* 5 % of the letters changed, at least one */
};

/* Appends text (well-formed UTF-8) as it would look with the kinds of change asked for. of_1000: how many
 * of the places
 * that can change do (LETTER and FIVE excepted). Returns how many characters were changed or put in. */
size_t variant_add(bytes *out, const uint8_t *text, size_t text_nbytes, unsigned kinds, unsigned of_1000,
                   prng *r);

/* Puts ill-formed UTF-8 or controls at up to `places` random places of text (in characters or between
 * them). */
void damage_add(bytes *text, size_t places, prng *r);

/* The gzip form of text, in so many members (0 and 1 mean one). */
void gzip_add(bytes *out, const uint8_t *text, size_t text_nbytes, int level, size_t members);

/* Decompresses all members of gz behind out; false when it is no whole sequence of sound gzip members. */
bool gunzip_add(bytes *out, const uint8_t *gz, size_t gz_nbytes);

#endif
