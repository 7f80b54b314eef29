/*
 * clean_scan: one cheap look at a line that tells whether any rule could want anything of it. Most lines need
 * nothing, and they must not cost more than this. Doubt counts as "look closely". Layer 1, pure.
 */
#include "clean_line.h"

#define BYTES(b) (0x0101010101010101u * (b))

/* ASCII bytes only: a control, DEL, or two spaces in a row in this word. */
static inline bool has_trouble(uint64_t w) {
    uint64_t not_control = (w & BYTES(0x60)) + BYTES(0x60);
    uint64_t del = w + BYTES(0x01);
    uint64_t not_space = (w ^ BYTES(0x20)) + BYTES(0x7F);
    uint64_t space = ~not_space & BYTES(0x80);
    return ((~not_control | del) & BYTES(0x80)) != 0 || (space & space << 8) != 0;
}

static inline bool is_mark(uint8_t b) {
    /* ! ( ) , . : ; ? */
    return b < 0x40 && (0x8C00530200000000u >> b & 1);
}

/* Marks between two ASCII letters or digits stay whatever the language. A stop before a letter or Han may
 * change only in a line that ends in another one, and that one is met in its turn. */
static bool is_candidate(hpx_slice raw, size_t at) {
    if (at + 1 == raw.len) return true;
    uint8_t next = raw.ptr[at + 1];
    if (raw.ptr[at] == '.') return !hpx_is_ascii_alnum(next) && next - 0xE4u > 0xE9u - 0xE4u;
    return !(at > 0 && hpx_is_ascii_alnum(raw.ptr[at - 1]) && hpx_is_ascii_alnum(next));
}

static bool has_candidate(hpx_slice raw, size_t end) {
    for (size_t i = 0; i < end; i++)
        if (is_mark(raw.ptr[i]) && is_candidate(raw, i)) return true;
    return false;
}

typedef struct {
    hpx_slice raw;
    size_t at;
    bool rules;       /* Chinese rules apply at all */
    bool han;         /* met, and everything before it was looked through for marks */
    bool care_if_han; /* met something that only Chinese text changes */
    size_t mark_end, mark_run;
} scan;

static bool is_same_at(const scan *s, size_t at, size_t n) {
    return at + n <= s->raw.len && memcmp(s->raw.ptr + at, s->raw.ptr + s->at, n) == 0;
}

/* True: look closely. One character of two to four bytes. */
static bool scan_wide(scan *s) {
    size_t at = s->at, n = hpx_well_formed_length(s->raw.ptr + at, s->raw.len - at);
    if (n == 0) return true;
    uint32_t c = hpx_utf8_decode(s->raw.ptr + at, &n);
    unsigned class = hpx_charclass(c);
    if (class & (HPX_NFC | HPX_IGNORABLE | HPX_SPACE)) return true;
    if (class & HPX_MARK) {
        s->mark_run = s->mark_end == at ? s->mark_run + 1 : 1;
        s->mark_end = at + n;
        if (s->mark_run > 30) return true;
    }
    if (class & HPX_HAN && !s->han && s->rules) {
        if (has_candidate(s->raw, at)) return true;
        s->han = true;
    }
    switch (c) {
    case 0xFF0C:
    case 0x3002: /* comma, stop: twice is once too often */
        if (is_same_at(s, at + n, n)) s->care_if_han = true;
        break;
    case 0x2026:
        if (is_same_at(s, at + n, n) && !is_same_at(s, at + 2 * n, n))
            n *= 2;
        else
            s->care_if_han = true;
        break;
    case 0x2028:
    case 0x2029: return true;
    default:
        if (c - 0xFF0E < 0xFF5B - 0xFF0E && (class & HPX_WORD || c == 0xFF0E)) s->care_if_han = true;
        break;
    }
    s->at = at + n;
    return false;
}

/* A space at at that has a Chinese point mark beside it, where it is not wanted. */
static bool is_beside_point(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr + at;
    if (at >= 3 && ((p[-3] == 0xEF && p[-2] == 0xBC && (p[-1] == 0x8C || p[-1] == 0x9B)) ||
                    (p[-3] == 0xE3 && p[-2] == 0x80 && (p[-1] == 0x81 || p[-1] == 0x82))))
        return true; /* behind the comma, the semicolon, the enumeration comma, the stop */
    if (raw.len - at < 4) return false;
    if (p[1] == 0xEF && p[2] == 0xBC)
        return p[3] == 0x8C || p[3] == 0x9B || p[3] == 0x9A || p[3] == 0x81 || p[3] == 0x9F;
    return p[1] == 0xE3 && p[2] == 0x80 && (p[3] == 0x81 || p[3] == 0x82);
}

/* Something to do with the ASCII byte b at at, but for marks. */
static inline bool is_trouble(hpx_slice raw, size_t at, uint8_t b) {
    if (b > ' ') return b == 0x7F;
    return b != ' ' || (at > 0 && raw.ptr[at - 1] == ' ') || is_beside_point(raw, at);
}

/* ASCII of a line that had no Han yet, eight bytes at a time: behind what needs nothing, SIZE_MAX if
 * something does. */
static size_t scan_ascii(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
    if (is_trouble(raw, at, p[at])) return SIZE_MAX;
    for (; raw.len - at >= 8; at += 8) {
        uint64_t w = hpx_load64(p + at);
        if (w & BYTES(0x80)) break;
        if (has_trouble(w) || (p[at] == ' ' && at > 0 && p[at - 1] == ' ')) return SIZE_MAX;
    }
    if (at > 0 && p[at - 1] == ' ' && is_beside_point(raw, at - 1)) return SIZE_MAX;
    for (; at < raw.len && p[at] < 0x80; at++)
        if (is_trouble(raw, at, p[at])) return SIZE_MAX;
    return at;
}

/* The same between Han, where marks count; runs are short. */
static inline size_t scan_ascii_marks(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
    for (; at < raw.len && p[at] < 0x80; at++) {
        if (hpx_is_ascii_alnum(p[at])) continue;
        if (is_trouble(raw, at, p[at]) || (is_mark(p[at]) && is_candidate(raw, at))) return SIZE_MAX;
    }
    return at;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Marks that stand in every Chinese line, by their last byte: 1 nothing to do, 2 the same if it is not
 * doubled. Rows: neither of these, EF BC (full width), E3 80 (CJK), E2 80 (quotes, dash). */
static const uint8_t settled[4][64] = {
    {0},
    {[0x01] = 1, [0x08] = 1, [0x09] = 1, [0x0C] = 2, [0x1A] = 1, [0x1B] = 1, [0x1F] = 1},
    {[0x01] = 1, [0x02] = 2, [0x08] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {[0x14] = 1, [0x18] = 1, 1, [0x1C] = 1, 1},
};

/* Han and their marks. Punctuation comes too irregularly to be predicted, so what is done for a mark is
 * one row of arithmetic and one branch that hardly ever goes the other way: 0.4 against 1 GB/s with a
 * branch for each kind. */
static size_t scan_han_and_marks(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
    const uint64_t shape_mask = 0xC0C0F0C0C0F0u, shape = 0x8080E08080E0u;
    while (raw.len - at >= 16) {
        uint64_t v = hpx_load64(p + at), odd = (v & shape_mask) ^ shape;
        unsigned first = 0x03F0u >> (v & 0x0F) & 1,
                 second = 0x03F0u >> (v >> 24 & 0x0F) & 1; /* leads E4 to E9 */
        if (((odd == 0) & first & second) != 0) {
            at += 6;
            continue;
        }
        at += ((odd & 0xFFFFFF) == 0 ? 3 : 0) * first;
        uint32_t mark = hpx_load32(p + at) & 0xFFFFFF, next = hpx_load32(p + at + 3) & 0xFFFFFF;
        unsigned lead = mark & 0xFFFF;
        unsigned row = (lead == 0xBCEF ? 1u : 0) | (lead == 0x80E3 ? 2u : 0) | (lead == 0x80E2 ? 3u : 0);
        unsigned kind = settled[row][mark >> 16 & 63];
        if ((kind == 0) | ((kind == 2) & (mark == next))) return at;
        at += 3;
    }
    return at;
}
#else
static size_t scan_han_and_marks(hpx_slice raw, size_t at) {
    return hpx_skip_han(raw, at);
}
#endif

bool hpx_clean_scan(hpx_slice raw, bool chinese_rules) {
    const uint8_t *p = raw.ptr;
    scan s = {.raw = raw, .rules = chinese_rules, .mark_end = SIZE_MAX};
    if (raw.len == 0) return true;
    if (p[0] == ' ' || p[raw.len - 1] == ' ') return false;
    for (size_t at = 0; at < raw.len;) {
        uint8_t b = p[at];
        if (b < 0x80) {
            at = s.han ? scan_ascii_marks(raw, at) : scan_ascii(raw, at);
            if (at == SIZE_MAX) return false;
            continue;
        }
        if (s.han || !s.rules) {
            at = scan_han_and_marks(raw, at);
            if (at == raw.len || p[at] < 0x80) continue;
        }
        s.at = at;
        if (scan_wide(&s) || (s.care_if_han && s.han)) return false;
        at = s.at;
    }
    return !(s.care_if_han && s.han);
}
