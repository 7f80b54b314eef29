/* differ: see differ.h. Layer 1. */
#include "differ.h"

#include "charclass.h"
#include "skeleton.h"
#include "utf8.h"

const char *hpx_differ_name(unsigned bit_number) {
    static const char *const names[HPX_DIFFER_KINDS] = {"space", "punctuation", "quotes", "width", "case"};
    return bit_number < HPX_DIFFER_KINDS ? names[bit_number] : "";
}

/* The next character of a gap that is no space and nothing invisible; 0 at its end. */
static uint32_t next_mark(hpx_slice gap, size_t *at, bool *space) {
    while (*at < gap.len) {
        size_t len;
        uint32_t c = hpx_utf8_decode(gap.ptr + *at, &len);
        unsigned class = hpx_charclass(c);
        *at += len;
        if (class & HPX_SPACE || c == '\n') *space = true;
        else if (!(class & HPX_IGNORABLE)) return c;
    }
    return 0;
}

static bool is_quote(uint32_t c) {
    return hpx_charclass(c) & HPX_QUOTE;
}

static unsigned differ_in_gap(hpx_slice a, hpx_slice b) {
    if (a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0)) return 0;
    unsigned bits = 0;
    size_t at_a = 0, at_b = 0;
    bool space_a = false, space_b = false;
    for (;;) {
        uint32_t c = next_mark(a, &at_a, &space_a), d = next_mark(b, &at_b, &space_b);
        if (c == d) {
            if (c == 0) break;
            continue;
        }
        if (is_quote(c) || is_quote(d)) bits |= HPX_DIFFER_QUOTES;
        if ((c && !is_quote(c)) || (d && !is_quote(d))) {
            bool width = c && d && hpx_charclass_fold(c) == hpx_charclass_fold(d);
            bits |= width ? HPX_DIFFER_WIDTH : HPX_DIFFER_PUNCTUATION;
        }
        if (c == 0 || d == 0) { /* the rest of the longer one was more than the other has */
            while (next_mark(a, &at_a, &space_a)) {
            }
            while (next_mark(b, &at_b, &space_b)) {
            }
            break;
        }
    }
    return space_a != space_b ? bits | HPX_DIFFER_SPACE : bits;
}

static unsigned differ_in_letter(hpx_slice a, hpx_slice b) {
    if (a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0) return 0;
    size_t len;
    uint32_t c = hpx_utf8_decode(a.ptr, &len), d = hpx_utf8_decode(b.ptr, &len);
    if (!(hpx_charclass(c) & HPX_WORD) || !(hpx_charclass(d) & HPX_WORD)) return HPX_DIFFER_PUNCTUATION;
    bool wide_c = c >= 0xFF00 && c < 0xFFF0, wide_d = d >= 0xFF00 && d < 0xFFF0; /* Halfwidth and Fullwidth Forms */
    return wide_c != wide_d ? HPX_DIFFER_WIDTH : HPX_DIFFER_CASE;
}

unsigned hpx_differ(hpx_slice a, hpx_slice b) {
    hpx_skeleton_walk walk_a, walk_b;
    hpx_skeleton_char c, d;
    size_t end_a = 0, end_b = 0;
    unsigned bits = 0;
    bool first = true;
    hpx_skeleton_walk_init(&walk_a, a);
    hpx_skeleton_walk_init(&walk_b, b);
    while (hpx_skeleton_walk_next(&walk_a, &c) && hpx_skeleton_walk_next(&walk_b, &d)) {
        if (!first)
            bits |= differ_in_gap(hpx_slice_of(a.ptr + end_a, c.text_off - end_a), hpx_slice_of(b.ptr + end_b, d.text_off - end_b));
        bits |= differ_in_letter(hpx_slice_of(a.ptr + c.text_off, c.text_len), hpx_slice_of(b.ptr + d.text_off, d.text_len));
        end_a = c.text_off + c.text_len;
        end_b = d.text_off + d.text_len;
        first = false;
    }
    return bits;
}
