/*
 * clean_line: one line as an array of cells, one for each character or run of Han, that the cleaning rules
 * change in place. Layer 1, private to clean*.c.
 *
 * A cell remembers the raw bytes that it stands for, so the edits are read off at the end and no rule writes
 * text. Raw bytes between two cells stand for nothing any more: they were removed (rule space).
 */
#ifndef HPX_CLEAN_LINE_H
#define HPX_CLEAN_LINE_H

#include "charclass.h"
#include "edits.h"
#include "utf8.h"

/* hpx_cell.flags; the lowest three bits are the hpx_rule that changed the cell last. */
enum {
    HPX_CELL_RULE = 7,
    HPX_CELL_CHANGED = 1 << 3,
    HPX_CELL_DROPPED = 1 << 4,
    HPX_CELL_TWICE = 1 << 5,  /* stands for two of c: the Chinese ellipsis */
    HPX_CELL_JOINED = 1 << 6, /* belongs to the edit of the cell before it */
    HPX_CELL_GUARD = 1 << 7,  /* never touched: code, address, tag, formula */
    HPX_CELL_STAY = 1 << 8,   /* a mark that keeps its form, but counts as a mark */
    HPX_CELL_RUN = 1 << 9,    /* stands for a run of Han: c is the first */
};

typedef struct {
    uint32_t raw_off, raw_end;
    uint32_t c;
    uint16_t class; /* of c, see charclass.h */
    uint16_t flags;
} hpx_cell;

/* Whose letter stands nearest, in one direction. */
typedef enum { HPX_OWNER_NONE = 0, HPX_OWNER_CHINESE, HPX_OWNER_OTHER } hpx_owner;

#define HPX_NO_PAIR UINT32_MAX

/* A cell that is no letter, mark or number. The counts are of what stands before it in the line, outside
 * guards. */
typedef struct {
    uint32_t cell;
    uint32_t pair; /* the spot of the other bracket or quote, or HPX_NO_PAIR */
    uint32_t han, words, kana;
    uint8_t left, right; /* hpx_owner */
    bool passed_over;    /* stands between a mark and the letter that owns it without parting them */
    bool chinese;        /* its sentence is */
} hpx_spot;

typedef struct {
    uint32_t han, words, kana; /* kana and hangul letters */
} hpx_letter_counts;

/* A line in the making; clean.h gives it to others without its inside. */
typedef struct hpx_cleaner hpx_cleaner;
struct hpx_cleaner {
    hpx_memory *memory;
    hpx_cell *cells;
    size_t cell_count, cell_cap;
    hpx_spot *spots;
    size_t spot_count, spot_cap;
    hpx_letter_counts total;
    uint64_t ascii_seen[2];   /* which ASCII characters the line holds */
    bool has_fullwidth_alnum; /* or U+FF0E */
    bool has_points;          /* a point mark of prose, whatever its width, outside numbers */
    bool has_runs;            /* point marks in a row, or an ellipsis */
    bool has_bidi;
    bool guards_marks;     /* the whole line keeps its marks, not its spaces (bibliography) */
    bool keeps_spaces;     /* table row, aligned columns, indented code */
    bool keeps_wide_space; /* U+3000 inside stays: Japanese and Korean */
    bool other_cjk;        /* the document is Japanese or Korean */
    hpx_met *met;          /* of the caller */
    size_t met_cap, met_count;
};

static inline bool hpx_line_has_ascii(const hpx_cleaner *line, uint8_t c) {
    return line->ascii_seen[c >> 6] >> (c & 63) & 1;
}

/* The character of cell i; 0 before the first and behind the last one. A NUL is removed, so 0 is no
 * character. */
static inline uint32_t hpx_line_char(const hpx_cleaner *line, size_t i) {
    return i < line->cell_count ? line->cells[i].c : 0;
}
static inline unsigned hpx_line_class(const hpx_cleaner *line, size_t i) {
    return i < line->cell_count ? line->cells[i].class : 0;
}
static inline bool hpx_line_guarded(const hpx_cleaner *line, size_t i) {
    return i < line->cell_count && (line->cells[i].flags & HPX_CELL_GUARD);
}

static inline bool hpx_is_ascii_digit(uint32_t c) {
    return c - '0' < 10;
}
static inline bool hpx_is_ascii_alnum(uint32_t c) {
    return c - '0' < 10 || (c | 0x20) - 'a' < 26;
}
/* A mark of the point kind in either width: comma, stop, semicolon, colon, exclamation, question,
 * enumeration comma. */
static inline bool hpx_is_point(uint32_t c) {
    if (c < 0x40) return 0x8c00500200000000u >> c & 1;
    if (c - 0xFF00 < 0x20) return 0x8c001002u >> (c - 0xFF00) & 1;
    return c - 0x3001 < 2;
}

static inline void hpx_cell_change(hpx_cell *cell, uint32_t c, hpx_rule rule) {
    cell->c = c;
    cell->class = (uint16_t)hpx_charclass(c);
    cell->flags = (uint16_t)((cell->flags & ~(unsigned)HPX_CELL_RULE) | HPX_CELL_CHANGED | (unsigned)rule);
}

/* Bytes of the character at p, which is not ASCII; 0 when it is ill-formed. left > 0. */
static inline size_t hpx_well_formed_length(const uint8_t *p, size_t left) {
    uint8_t b = p[0];
    size_t n = hpx_utf8_length(b);
    if (b < 0xC2 || b > 0xF4 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if (!hpx_utf8_is_continuation(p[i])) return 0;
    if ((b == 0xE0 && p[1] < 0xA0) || (b == 0xED && p[1] > 0x9F) || (b == 0xF0 && p[1] < 0x90) ||
        (b == 0xF4 && p[1] > 0x8F))
        return 0;
    return n;
}

/* Behind the Han from at on: U+4000 to U+9FFF but the hexagrams (E4 B7), none of which any rule changes.
 * Stops at what is ill-formed. Only branches that hardly ever go the other way: a look at each E4 alone
 * halved the speed. */
static inline size_t hpx_skip_han(hpx_slice raw, size_t at) {
    const uint8_t *p = raw.ptr;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (raw.len - at >= 8) { /* two at a time, then one or none */
        uint64_t v = hpx_load64(p + at), odd = (v & 0xC0C0F0C0C0F0u) ^ 0x8080E08080E0u;
        unsigned first = (0x03F0u >> (v & 0x0F) & 1) & ((v & 0xFFFF) != 0xB7E4); /* leads E4 to E9 */
        unsigned second = (0x03F0u >> (v >> 24 & 0x0F) & 1) & ((v >> 24 & 0xFFFF) != 0xB7E4);
        if (((odd == 0) & first & second) == 0) return at + ((odd & 0xFFFFFF) == 0 ? 3 : 0) * first;
        at += 6;
    }
#endif
    while (raw.len - at >= 3 && p[at] - 0xE4u <= 0xE9u - 0xE4u && hpx_utf8_is_continuation(p[at + 1]) &&
           hpx_utf8_is_continuation(p[at + 2]) && !(p[at] == 0xE4 && p[at + 1] == 0xB7))
        at += 3;
    return at;
}

void hpx_line_met(hpx_cleaner *line, hpx_met_kind kind, uint32_t raw_off);

/* clean_line.c: raw to cells (repairing, removing, NFC), cells to edits. */
hapax_status hpx_line_read(hpx_cleaner *line, hpx_slice raw) HAPAX_MUST_CHECK;
hapax_status hpx_line_find_spots(hpx_cleaner *line) HAPAX_MUST_CHECK;
void hpx_line_compact(hpx_cleaner *line);
hapax_status hpx_line_write_edits(const hpx_cleaner *line, hpx_slice raw, hpx_edits *edits) HAPAX_MUST_CHECK;

/* clean_scan.c: true when no rule can want to change or report anything in raw; false: look closely. */
bool hpx_clean_scan(hpx_slice raw, bool chinese_rules);

/* clean_guard.c: marks what is never touched. True when letters are guarded, so that they have to be
 * counted again. */
bool hpx_line_guard(hpx_cleaner *line);

/* clean_language.c: language of each sentence, pairs, owners. */
void hpx_line_find_sentences(hpx_cleaner *line);
void hpx_line_find_pairs(hpx_cleaner *line);
void hpx_line_find_owners(hpx_cleaner *line);

/* The rules. True when something changed that other rules may look at, so that they should look again. */
bool hpx_line_width(hpx_cleaner *line);
bool hpx_line_punct(hpx_cleaner *line);
bool hpx_line_ellipsis(hpx_cleaner *line);
bool hpx_line_repeat(hpx_cleaner *line);
bool hpx_line_space(hpx_cleaner *line);

#endif
