/*
 * clean_scan: one cheap look at a line that tells whether any rule could want anything of it. Most lines need nothing, and
 * they must not cost more than this. Doubt counts as "look closely". Layer 1, pure.
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

/* Marks between two ASCII letters or digits stay whatever the language. A stop before a letter or Han may change only in a
 * line that ends in another one, and that one is met in its turn. */
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

/* 0 when the character at p is ill-formed. */
static inline size_t well_formed_length(const uint8_t *p, size_t left) {
    uint8_t b = p[0];
    size_t n = hpx_utf8_length(b);
    if (b < 0xC2 || b > 0xF4 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if (!hpx_utf8_is_continuation(p[i])) return 0;
    if ((b == 0xE0 && p[1] < 0xA0) || (b == 0xED && p[1] > 0x9F) || (b == 0xF0 && p[1] < 0x90) || (b == 0xF4 && p[1] > 0x8F))
        return 0;
    return n;
}

typedef struct {
    hpx_slice raw;
    size_t at;
    bool rules;       /* Chinese rules apply at all */
    bool han;         /* met, and everything before it was looked through for marks */
    bool care_if_han; /* met something that only Chinese text changes */
    size_t mark_end, mark_run;
} scan;

static inline bool is_space_at(const scan *s, size_t at) {
    return at < s->raw.len && s->raw.ptr[at] == ' ';
}

static bool is_same_at(const scan *s, size_t at, size_t n) {
    return at + n <= s->raw.len && memcmp(s->raw.ptr + at, s->raw.ptr + s->at, n) == 0;
}

/* True: look closely. One character of two to four bytes. */
static bool scan_wide(scan *s) {
    size_t at = s->at, n = well_formed_length(s->raw.ptr + at, s->raw.len - at);
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
    case 0xFF0C: case 0x3002: /* comma, stop */
        if (is_same_at(s, at + n, n)) s->care_if_han = true;
        /* fallthrough */
    case 0x3001: case 0xFF1B: /* enumeration comma, semicolon */
        if (is_space_at(s, at + n)) return true;
        /* fallthrough */
    case 0xFF1A: case 0xFF01: case 0xFF1F: /* colon, exclamation, question */
        if (at > 0 && is_space_at(s, at - 1)) return true;
        break;
    case 0x2026:
        if (is_same_at(s, at + n, n) && !is_same_at(s, at + 2 * n, n)) n *= 2;
        else s->care_if_han = true;
        break;
    case 0x2028: case 0x2029: return true;
    default:
        if (c - 0xFF0E < 0xFF5B - 0xFF0E && (class & HPX_WORD || c == 0xFF0E)) s->care_if_han = true;
        break;
    }
    s->at = at + n;
    return false;
}

/* True for the marks that stand in every Chinese line, when nothing beside them is to be done: , . ; : ! ? and brackets in full
 * width, quotes, the enumeration comma, the dash. Four bytes from at on. Only to be fast: scan_wide knows them too. */
static inline bool is_settled_mark(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr + at;
    bool point = false;
    if (p[0] == 0xEF && p[1] == 0xBC) {
        if (p[2] == 0x88 || p[2] == 0x89) return true;
        point = p[2] == 0x8C || p[2] == 0x9B || p[2] == 0x9A || p[2] == 0x81 || p[2] == 0x9F;
    } else if (p[0] == 0xE3 && p[1] == 0x80) {
        if (p[2] >= 0x88 && p[2] <= 0x91) return true;
        point = p[2] == 0x81 || p[2] == 0x82;
    } else if (p[0] == 0xE2 && p[1] == 0x80) {
        return p[2] == 0x94 || p[2] == 0x98 || p[2] == 0x99 || p[2] == 0x9C || p[2] == 0x9D;
    }
    return point && p[3] != ' ' && p[3] != p[0] && at > 0 && p[-1] != ' ';
}

/* ASCII of a line that had no Han yet, eight bytes at a time: behind what needs nothing, SIZE_MAX if something does. */
static size_t scan_ascii(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
    for (; raw.len - at >= 8; at += 8) {
        uint64_t w = hpx_load64(p + at);
        if (w & BYTES(0x80)) break;
        if (has_trouble(w) || (p[at] == ' ' && at > 0 && p[at - 1] == ' ')) return SIZE_MAX;
    }
    for (; at < raw.len && p[at] < 0x80; at++)
        if (p[at] < 0x20 || p[at] == 0x7F || (p[at] == ' ' && at > 0 && p[at - 1] == ' ')) return SIZE_MAX;
    return at;
}

/* The same between Han, where marks count; runs are short. */
static inline size_t scan_ascii_marks(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
    for (; at < raw.len && p[at] < 0x80; at++) {
        if (hpx_is_ascii_alnum(p[at])) continue;
        if (p[at] < 0x20 || p[at] == 0x7F || (p[at] == ' ' && at > 0 && p[at - 1] == ' ')) return SIZE_MAX;
        if (is_mark(p[at]) && is_candidate(raw, at)) return SIZE_MAX;
    }
    return at;
}

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
        size_t begin = at;
        if (b - 0xE4u <= 0xE9u - 0xE4u) at = hpx_skip_han(raw, at);
        if (at > begin && !s.han && s.rules) {
            if (has_candidate(raw, begin)) return false;
            s.han = true;
        }
        if (at > begin) continue;
        if (raw.len - at >= 4 && is_settled_mark(raw, at)) {
            at += 3;
            continue;
        }
        s.at = at;
        if (scan_wide(&s) || (s.care_if_han && s.han)) return false;
        at = s.at;
    }
    return !(s.care_if_han && s.han);
}
