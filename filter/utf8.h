/*
 * utf8: decoding, encoding, validity (Unicode Standard 3.9, maximal ill-formed subsequences). Layer 1, pure.
 */
#ifndef HPX_UTF8_H
#define HPX_UTF8_H

#include "base.h"

#define HPX_REPLACEMENT 0xFFFDu /* U+FFFD */

/* Bytes of the well-formed character that begins with this lead byte: 1 to 4. */
static inline size_t hpx_utf8_length(uint8_t lead) {
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static inline bool hpx_utf8_is_continuation(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

/* Decodes the character at p, which must be well-formed; *length_nbytes becomes its length. */
static inline uint32_t hpx_utf8_decode(const uint8_t *p, size_t *length_nbytes) {
    uint32_t c = p[0];
    if (c < 0x80) return *length_nbytes = 1, c;
    if (c < 0xE0) return *length_nbytes = 2, (c & 0x1F) << 6 | (p[1] & 0x3Fu);
    if (c < 0xF0) return *length_nbytes = 3, (c & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    *length_nbytes = 4;
    return (c & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

/* The character that ends just before p (p > start, well-formed text). */
static inline uint32_t hpx_utf8_decode_before(const uint8_t *start, const uint8_t *p, size_t *length_nbytes) {
    const uint8_t *q = p - 1;
    while (q > start && hpx_utf8_is_continuation(*q)) q--;
    return hpx_utf8_decode(q, length_nbytes);
}

/* Writes the character to out (4 bytes of room); returns its length. Surrogates and > 0x10FFFF must not be passed. */
static inline size_t hpx_utf8_encode(uint32_t c, uint8_t *out) {
    if (c < 0x80) return out[0] = (uint8_t)c, 1;
    if (c < 0x800) return out[0] = (uint8_t)(0xC0 | c >> 6), out[1] = (uint8_t)(0x80 | (c & 0x3F)), 2;
    if (c < 0x10000)
        return out[0] = (uint8_t)(0xE0 | c >> 12), out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F)),
               out[2] = (uint8_t)(0x80 | (c & 0x3F)), 3;
    return out[0] = (uint8_t)(0xF0 | c >> 18), out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F)),
           out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F)), out[3] = (uint8_t)(0x80 | (c & 0x3F)), 4;
}

/* Offset of the first ill-formed byte, or len when all is well-formed. At the end of text an unfinished character is
 * ill-formed too. */
size_t hpx_utf8_first_ill(hpx_slice text);

/* True when text has no byte above 7F. */
bool hpx_utf8_is_ascii(hpx_slice text);

/* Length (1 to 3) of the maximal ill-formed subsequence at text.ptr[at], which hpx_utf8_first_ill found. */
size_t hpx_utf8_ill_length(hpx_slice text, size_t at);

/* Code points in text; an ill-formed sequence counts 1 when count_ill is what hpx_utf8_repair made of it, so call this on
 * repaired text or accept that each stray continuation byte counts 0. */
size_t hpx_utf8_count(hpx_slice text);

#endif
