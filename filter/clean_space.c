/*
 * clean_space: one kind of space, one at a time, none at the ends of a line and none beside Chinese point
 * marks; every other single space stays. Tables, aligned columns and indented code keep theirs. Layer 1, see
 * clean_line.h.
 */
#include "clean_line.h"

#define WIDE_SPACE   0x3000u
#define OGHAM_SPACE  0x1680u /* a drawn stroke, no blank */
#define NARROW_SPACE 0x202Fu

static bool is_mongolian(uint32_t c) {
    return c >= 0x1800 && c < 0x18B0;
}

/* A blank that the rules may change: a combining mark on a space makes that a letter. */
static bool is_blank(const hpx_cleaner *line, size_t i) {
    if (i >= line->cell_count) return false;
    const hpx_cell *cell = &line->cells[i];
    if (!(cell->class & HPX_SPACE) || (cell->flags & HPX_CELL_GUARD) || cell->c == OGHAM_SPACE) return false;
    if (hpx_line_class(line, i + 1) & HPX_MARK) return false;
    return cell->c != NARROW_SPACE ||
           !(is_mongolian(hpx_line_char(line, i - 1)) || is_mongolian(hpx_line_char(line, i + 1)));
}

static bool is_indent(uint32_t c) {
    return c == ' ' || c == '\t';
}

/* "- ", "* ", "+ ", "12. ", "3) " at this cell. */
static bool is_list_mark(const hpx_cleaner *line, size_t i) {
    uint32_t c = hpx_line_char(line, i);
    if (c == '-' || c == '*' || c == '+') return is_indent(hpx_line_char(line, i + 1));
    size_t digits = 0;
    while (digits < 9 && hpx_is_ascii_digit(hpx_line_char(line, i + digits)))
        digits++;
    c = hpx_line_char(line, i + digits);
    return digits > 0 && (c == '.' || c == ')') && is_indent(hpx_line_char(line, i + digits + 1));
}

/* A row of a Markdown table. */
static bool is_table_row(const hpx_cleaner *line, size_t begin) {
    if (hpx_line_char(line, begin) != '|') return false;
    for (size_t s = 0; s < line->spot_count; s++)
        if (line->spots[s].cell > begin && line->cells[line->spots[s].cell].c == '|') return true;
    return false;
}

/* Columns: two or more gaps (a TAB, three spaces) in a line without the points of prose. */
static bool is_aligned(const hpx_cleaner *line, size_t begin, size_t end) {
    size_t gaps = 0;
    if (line->has_points) return false;
    for (size_t i = begin; i < end; i++) {
        size_t run = 0;
        bool tab = false;
        for (; i < end && is_indent(line->cells[i].c); i++, run++)
            tab |= line->cells[i].c == '\t';
        gaps += tab || run >= 3;
    }
    return gaps >= 2;
}

static bool is_prose_of_east_asia(const hpx_cleaner *line) {
    const hpx_letter_counts *t = &line->total;
    return t->han + t->kana > 0 && t->han + t->kana >= t->words;
}

/* Where the text of the line begins and ends, and whether its spaces are layout. */
static void find_layout(hpx_cleaner *line, size_t *begin, size_t *end) {
    size_t from = 0, to = line->cell_count;
    bool plain = true, tab = false;
    while (is_blank(line, from)) {
        plain &= is_indent(line->cells[from].c);
        tab |= line->cells[from].c == '\t';
        from++;
    }
    while (to > from && is_blank(line, to - 1))
        to--;
    bool deep = plain && (tab || from >= 4);
    bool table = plain && is_table_row(line, from), list = plain && is_list_mark(line, from);
    bool guarded = plain && hpx_line_guarded(line, from) && hpx_line_guarded(line, to - 1);
    bool aligned = is_aligned(line, from, to), code = deep && !list && !is_prose_of_east_asia(line);
    line->keeps_spaces = table || aligned || code;
    line->keeps_wide_space = line->other_cjk || line->total.kana > 0;
    *begin = from < to && (table || list || code || guarded || (aligned && plain)) ? 0 : from;
    *end = to;
}

static bool drops_before(uint32_t c) {
    switch (c) {
    case 0xFF0C:
    case 0x3002:
    case 0x3001:
    case 0xFF1B:
    case 0xFF1A:
    case 0xFF01:
    case 0xFF1F: return true;
    default: return false;
    }
}

static bool drops_after(uint32_t c) {
    return c == 0xFF0C || c == 0x3002 || c == 0x3001 || c == 0xFF1B;
}

/* A point or bracket that this run has widened needs no space on either side. */
static bool is_widened(const hpx_cleaner *line, size_t i) {
    return i < line->cell_count &&
           (line->cells[i].flags & (HPX_CELL_RULE | HPX_CELL_CHANGED)) == (HPX_CELL_CHANGED | HPX_RULE_PUNCT);
}

static void drop(hpx_cleaner *line, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        line->cells[i].flags |= HPX_CELL_DROPPED;
}

static bool is_kept_as_is(const hpx_cleaner *line, uint32_t c) {
    return c == ' ' || (c == WIDE_SPACE && line->keeps_wide_space) || (c == '\t' && line->keeps_spaces);
}

/* The cell before at that the rules before this one have not dropped; SIZE_MAX: none. */
static size_t live_before(const hpx_cleaner *line, size_t at) {
    while (at > 0 && (line->cells[at - 1].flags & HPX_CELL_DROPPED))
        at--;
    return at - 1;
}

/* A run of blanks between two characters. */
static bool settle_run(hpx_cleaner *line, size_t from, size_t to) {
    size_t left = live_before(line, from);
    uint32_t before = hpx_line_char(line, left), after = hpx_line_char(line, to);
    if (line->keeps_spaces) {
        bool changed = false;
        for (size_t i = from; i < to; i++) {
            if (is_kept_as_is(line, line->cells[i].c)) continue;
            hpx_cell_change(&line->cells[i], ' ', HPX_RULE_SPACE);
            changed = true;
        }
        return changed;
    }
    if (drops_before(after) || drops_after(before) || is_widened(line, left) || is_widened(line, to)) {
        drop(line, from, to);
        return true;
    }
    if (line->cells[from].c == WIDE_SPACE && line->keeps_wide_space) return false;
    bool changed = to - from > 1;
    if (line->cells[from].c != ' ') {
        hpx_cell_change(&line->cells[from], ' ', HPX_RULE_SPACE);
        changed = true;
    }
    drop(line, from + 1, to);
    return changed;
}

bool hpx_line_space(hpx_cleaner *line) {
    size_t begin, end;
    find_layout(line, &begin, &end);
    bool changed = begin > 0 || end < line->cell_count;
    size_t text = begin;
    while (text < end && is_blank(line, text))
        text++; /* an indent that stays */
    drop(line, 0, begin);
    drop(line, end, line->cell_count);
    for (size_t s = 0; s < line->spot_count; s++) {
        size_t from = line->spots[s].cell, to = from;
        if (from < text || from >= end || !is_blank(line, from)) continue;
        if (line->cells[from].flags & HPX_CELL_DROPPED) continue;
        while (to < end && is_blank(line, to))
            to++;
        changed |= settle_run(line, from, to);
        while (s + 1 < line->spot_count && line->spots[s + 1].cell < to)
            s++;
    }
    return changed;
}
