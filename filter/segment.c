/*
 * segment: see segment.h. Layer 1, pure.
 *
 * What looks ahead from an end mark looks only over closing marks and spaces, which hold no end marks, and
 * what looks behind has a bound, so that a walk over a whole paragraph is linear.
 *
 * Choices that the text does not settle:
 * - An ellipsis goes on with the sentence unless a closing mark, a space or the end follows it.
 * - A straight quote behind an end mark closes when a space, a closing mark or the end follows, or when an
 *   odd number of straight quotes stands in the unit before it; else it opens the next unit.
 * - A stop behind an abbreviation, an initial or a number that begins the unit ends nothing.
 * - No half-width mark ends a sentence that goes on in lower case ("Stop!" he said).
 */
#include "segment.h"

#include "charclass.h"
#include "utf8.h"

#include <unictype.h>

#define ELLIPSIS 0x2026u

/* The character at at, its length in *n; 0 and length 0 at the end. */
static uint32_t char_at(hpx_slice text, size_t at, size_t *n) {
    *n = 0;
    return at < text.len ? hpx_utf8_decode(text.ptr + at, n) : 0;
}

static bool is_straight(uint32_t c) {
    return c == '"' || c == '\'';
}

static bool is_stop(uint32_t c) {
    return c == '.' || c == 0xFF0E;
}

static bool is_ascii_alnum(uint32_t c) {
    return c - '0' < 10 || (c | 0x20) - 'a' < 26;
}

/* An end mark whatever follows; '!' and '?' only in full width or of another script. */
static bool is_firm_end(uint32_t c) {
    return c >= 0x80 && (hpx_charclass(c) & HPX_STERM) && !is_stop(c);
}

static bool is_end_mark(uint32_t c) {
    return c == '!' || c == '?' || is_stop(c) || c == ELLIPSIS || is_firm_end(c);
}

/* Behind the closing marks at at. quotes: straight quotes in the unit so far. */
static size_t skip_closing(hpx_slice text, size_t at, size_t quotes) {
    size_t n, m;
    for (uint32_t c; (c = char_at(text, at, &n)) != 0 || n; at += n) {
        if (is_straight(c)) {
            uint32_t next = char_at(text, at + n, &m);
            unsigned class = m ? hpx_charclass(next) : 0;
            bool ends = m == 0 || (class & (HPX_SPACE | HPX_CLOSE)) || is_straight(next);
            if (!ends && (c == '\'' || quotes % 2 == 0)) break;
            quotes += c == '"';
        } else if (!(hpx_charclass(c) & HPX_CLOSE)) {
            break;
        }
    }
    return at;
}

static size_t skip_spaces(hpx_slice text, size_t at) {
    size_t n;
    for (uint32_t c; (c = char_at(text, at, &n)), n && (hpx_charclass(c) & HPX_SPACE);)
        at += n;
    return at;
}

static bool is_lower(uint32_t c) {
    return c < 0x80 ? c - 'a' < 26
                    : (hpx_charclass(c) & HPX_LETTER) && !(hpx_charclass(c) & HPX_HAN) && uc_is_lower(c);
}

/* Words that end in a stop inside a sentence, in lower case. */
static bool is_abbreviation(const uint8_t *word, size_t len) {
    static const char *const list[] = {
        "mr",   "mrs", "ms",   "dr",   "prof", "st",  "jr",     "sr",  "rev",    "hon", "gen",  "col",
        "capt", "lt",  "sgt",  "gov",  "sen",  "rep", "vs",     "etc", "al",     "fig", "figs", "no",
        "nos",  "vol", "vols", "pp",   "ed",   "eds", "ch",     "sec", "art",    "eq",  "cf",   "ca",
        "inc",  "ltd", "co",   "corp", "dept", "est", "approx", "viz", "messrs", "mme", "mlle", "jan",
        "feb",  "mar", "apr",  "jun",  "jul",  "aug", "sept",   "sep", "oct",    "nov", "dec"};
    char lower[8];
    if (len == 0 || len >= sizeof lower) return false;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)(word[i] | 0x20);
    for (size_t i = 0; i < HPX_ARRAY_LEN(list); i++)
        if (strlen(list[i]) == len && memcmp(list[i], lower, len) == 0) return true;
    return false;
}

/* True when the stop at stop belongs to the word before it, in the unit that begins at begin. */
static bool is_stop_of_word(hpx_slice text, size_t begin, size_t stop) {
    enum { MAX_WORD = 12 };
    size_t from = stop;
    while (from > begin && stop - from < MAX_WORD && is_ascii_alnum(text.ptr[from - 1]))
        from--;
    size_t len = stop - from;
    if (len == 0 || len == MAX_WORD) return false;
    uint8_t first = text.ptr[from];
    if (first >= '0' &&
        first <= '9') { /* "1." at the unit's beginning, behind marks of Markdown and spaces */
        for (size_t i = from; i > begin; i--)
            if (from - i > MAX_WORD || !strchr(" \t#>*-+(", text.ptr[i - 1]) || !text.ptr[i - 1])
                return false;
        return true;
    }
    if (len == 1 && first != 'I') return true; /* an initial; "I" is more often the pronoun */
    return is_abbreviation(text.ptr + from, len);
}

/* A run of end marks from..to in the unit that began at begin. */
typedef struct {
    size_t begin, from, to;
    size_t quotes; /* straight quotes in the unit before it */
    unsigned dots; /* an ellipsis counts as two */
    bool firm;     /* has a mark that ends a sentence whatever follows */
    bool other;    /* has a mark that is no dot */
} end_marks;

/* Where the unit ends that these marks close, closing marks and spaces included; 0: they end nothing. */
static size_t end_of_unit(hpx_slice text, const end_marks *marks) {
    size_t closed = skip_closing(text, marks->to, marks->quotes), end = skip_spaces(text, closed), n;
    uint32_t next = char_at(text, end, &n);
    bool blank = end > closed, closes = closed > marks->to;
    if (marks->firm || n == 0) return end;
    if (marks->dots > 1 && !marks->other) return (closes && !blank) || (blank && !is_lower(next)) ? end : 0;
    if (is_lower(next)) return 0;
    if (!marks->other) return blank && !is_stop_of_word(text, marks->begin, marks->from) ? end : 0;
    return blank || closes || (hpx_charclass(next) & (HPX_HAN | HPX_OPEN)) ? end : 0;
}

#define BYTES(b) (0x0101010101010101u * (b))

/* High bits where a byte of w is b; may also set some above such a byte, so it tells only whether there is one. */
static inline uint64_t has_byte(uint64_t w, uint8_t b) {
    uint64_t x = w ^ BYTES(b);
    return (x - BYTES(0x01)) & ~x & BYTES(0x80);
}

/* Behind what cannot be an end mark or a straight quote: ASCII in steps of eight, Han. */
static size_t skip_plain(hpx_slice text, size_t at) {
    const uint8_t *p = text.ptr;
    while (at < text.len) {
        while (at < text.len && p[at] - 0xE4u <= 0xE9u - 0xE4u) at += 3;
        if (at >= text.len || p[at] >= 0x80) return at;
        for (; text.len - at >= 8; at += 8) {
            uint64_t w = hpx_load64(p + at);
            if ((w & BYTES(0x80)) | has_byte(w, '.') | has_byte(w, '!') | has_byte(w, '?') | has_byte(w, '"'))
                break;
        }
        for (; at < text.len && p[at] < 0x80; at++)
            if (p[at] == '.' || p[at] == '!' || p[at] == '?' || p[at] == '"') return at;
    }
    return at;
}

/* Reads the run of end marks that begins at marks->from. */
static void read_marks(hpx_slice text, end_marks *marks) {
    size_t n;
    marks->to = marks->from;
    for (uint32_t c; (c = char_at(text, marks->to, &n)), n && is_end_mark(c); marks->to += n) {
        marks->firm |= is_firm_end(c);
        marks->other |= !is_stop(c) && c != ELLIPSIS;
        marks->dots += c == ELLIPSIS ? 2 : is_stop(c);
    }
}

size_t hpx_segment_next(hpx_slice text, size_t at) {
    size_t begin = at, quotes = 0, n;
    while ((at = skip_plain(text, at)) < text.len) {
        uint32_t c = char_at(text, at, &n);
        if (!is_end_mark(c)) {
            quotes += c == '"';
            at += n;
            continue;
        }
        end_marks marks = {.begin = begin, .from = at, .quotes = quotes};
        read_marks(text, &marks);
        size_t end = end_of_unit(text, &marks);
        if (end) return end;
        at = marks.to;
    }
    return text.len;
}

bool hpx_segment_is_closed(hpx_slice text) {
    size_t at = text.len, n;
    uint32_t c = 0;
    for (; at > 0; at -= n) {
        c = hpx_utf8_decode_before(text.ptr, text.ptr + at, &n);
        if (!(hpx_charclass(c) & (HPX_SPACE | HPX_CLOSE)) && !is_straight(c)) break;
    }
    return at > 0 && is_end_mark(c);
}

/* Kinds of paired marks, opening and closing in turn. Half and full width are of one kind. */
static unsigned pair_of(uint32_t c, bool *opens) {
    static const struct {
        uint32_t open, close, wide_open, wide_close;
    } kinds[] = {
        {'(', ')', 0xFF08, 0xFF09}, {'[', ']', 0xFF3B, 0xFF3D}, {'{', '}', 0xFF5B, 0xFF5D},
        {0x201C, 0x201D, 0, 0},     {0x2018, 0x2019, 0, 0},     {0x300C, 0x300D, 0xFF62, 0xFF63},
        {0x300E, 0x300F, 0, 0},     {0x300A, 0x300B, 0, 0},     {0x3008, 0x3009, 0, 0},
        {0x3010, 0x3011, 0, 0},     {0x3014, 0x3015, 0, 0},     {0x3016, 0x3017, 0, 0},
    };
    for (unsigned k = 0; k < HPX_ARRAY_LEN(kinds); k++) {
        *opens = c == kinds[k].open || c == kinds[k].wide_open;
        if (*opens || c == kinds[k].close || c == kinds[k].wide_close) return k + 1;
    }
    return 0;
}

size_t hpx_segment_unclosed(hpx_slice text) {
    enum { KINDS = 13 };
    size_t depth[KINDS] = {0}, outermost[KINDS] = {0}, first = text.len, n;
    for (size_t at = 0; at < text.len; at += n) {
        uint32_t c = char_at(text, at, &n);
        bool opens;
        if (!(hpx_charclass(c) & (HPX_OPEN | HPX_CLOSE))) continue;
        unsigned kind = pair_of(c, &opens);
        if (kind == 0) continue;
        if (opens && depth[kind]++ == 0) outermost[kind] = at;
        if (!opens && depth[kind] > 0) depth[kind]--;
    }
    for (unsigned k = 1; k < KINDS; k++)
        if (depth[k] && outermost[k] < first) first = outermost[k];
    return first;
}
