/*
 * clean_punct: Chinese marks for Chinese text: points, brackets, ellipses, repeated marks (GB/T 15834-2011).
 * Each mark has an owner, and only a Chinese owner changes it. Quotes and dashes are not handled here. See
 * clean_line.h. Layer 1.
 */
#include "clean_line.h"

#define FULLWIDTH_OPEN  0xFF08u
#define FULLWIDTH_CLOSE 0xFF09u
#define FULL_STOP       0x3002u
#define ELLIPSIS        0x2026u

static hpx_cell *cell_of(hpx_cleaner *line, const hpx_spot *spot) {
    return &line->cells[spot->cell];
}

static bool is_fixed(const hpx_cleaner *line, const hpx_spot *spot) {
    const hpx_cell *cell = &line->cells[spot->cell];
    return !spot->chinese || line->guards_marks ||
           (cell->flags & (HPX_CELL_GUARD | HPX_CELL_STAY | HPX_CELL_DROPPED)) ||
           (hpx_line_class(line, spot->cell + 1u) & HPX_MARK);
}

static bool is_owned(uint8_t left, uint8_t right) {
    return left == HPX_OWNER_CHINESE || left == HPX_OWNER_NONE || right != HPX_OWNER_OTHER;
}

static bool is_between_ascii(const hpx_cleaner *line, size_t from, size_t to) {
    return hpx_is_ascii_alnum(hpx_line_char(line, from - 1)) && hpx_is_ascii_alnum(hpx_line_char(line, to));
}

/* Marks inside a pair that holds no Han stay. */
static void keep_foreign_pairs(hpx_cleaner *line) {
    size_t until = 0;
    for (size_t s = 0; s < line->spot_count; s++) {
        hpx_spot *spot = &line->spots[s];
        if (s < until) cell_of(line, spot)->flags |= HPX_CELL_STAY;
        if (spot->pair != HPX_NO_PAIR && spot->pair > s && line->spots[spot->pair].han == spot->han)
            until = HPX_MAX(until, (size_t)spot->pair);
    }
}

/* ":)" and its like: an eye before a bracket without partner, perhaps with a nose between them. */
static void keep_smileys(hpx_cleaner *line) {
    for (size_t s = 0; s < line->spot_count; s++) {
        size_t at = line->spots[s].cell, eye = at - 1;
        uint32_t c = line->cells[at].c;
        if ((c != '(' && c != ')') || line->spots[s].pair != HPX_NO_PAIR || at == 0) continue;
        if (hpx_line_char(line, eye) == '-' && eye > 0) eye--;
        uint32_t e = hpx_line_char(line, eye);
        if (e == ':' || e == ';') line->cells[eye].flags |= HPX_CELL_STAY;
    }
}

static uint32_t fullwidth_point(uint32_t c) {
    switch (c) {
    case ',': return 0xFF0C;
    case ';': return 0xFF1B;
    case ':': return 0xFF1A;
    case '!': return 0xFF01;
    case '?': return 0xFF1F;
    default: return 0;
    }
}

/* A ratio or a time of day with spaces: "3 : 2". */
static bool is_ratio(const hpx_cleaner *line, size_t at) {
    size_t before = at, after = at + 1;
    while (before > 0 && (line->cells[before - 1].class & HPX_SPACE) && at - before < 4)
        before--;
    while ((hpx_line_class(line, after) & HPX_SPACE) && after - at < 4)
        after++;
    return hpx_is_ascii_digit(hpx_line_char(line, before - 1)) &&
           hpx_is_ascii_digit(hpx_line_char(line, after));
}

static bool widen_points(hpx_cleaner *line) {
    bool changed = false;
    for (size_t s = 0; s < line->spot_count; s++) {
        const hpx_spot *spot = &line->spots[s];
        hpx_cell *cell = cell_of(line, spot);
        uint32_t wide = fullwidth_point(cell->c);
        if (wide == 0 || is_fixed(line, spot) || !is_owned(spot->left, spot->right)) continue;
        if (is_between_ascii(line, spot->cell, spot->cell + 1u) ||
            (cell->c == ':' && is_ratio(line, spot->cell)))
            continue;
        hpx_cell_change(cell, wide, HPX_RULE_PUNCT);
        changed = true;
    }
    return changed;
}

/* Brackets. */

static bool is_operator(uint32_t c) {
    switch (c) {
    case '=':
    case '+':
    case '-':
    case '*':
    case '/':
    case '^':
    case '<':
    case '>': return true;
    default: return false;
    }
}

/* What a bracket of code or of a formula may stand behind. Two asterisks are Markdown's. */
static bool is_head(uint32_t before, uint32_t before_that) {
    if (before == '*' && before_that == '*') return false;
    return is_operator(before) || hpx_is_ascii_alnum(before) ||
           (before != 0 && before < 0x80 && strchr("[{$#@\\&|~", (int)before));
}

/* Something that is no word: "(^_^)". Blanks to be filled in "( )" and empty pairs are none. */
static bool is_picture(const hpx_cleaner *line, size_t open, size_t close) {
    enum { MAX_SPOTS = 16 };
    bool symbol = false;
    if (close - open > MAX_SPOTS) return false;
    for (size_t s = open + 1; s < close; s++) {
        const hpx_cell *cell = &line->cells[line->spots[s].cell];
        if (cell->c == '_' || cell->c == '^' || cell->c == '<' || cell->c == '>') symbol = true;
        if (!(cell->class & HPX_SPACE) && line->spots[close].cell - line->spots[open].cell == close - open)
            symbol = true;
    }
    return symbol;
}

/* Without Han inside, a bracket directly behind code or a formula belongs to that. */
static bool is_foreign_bracket(const hpx_cleaner *line, size_t open, size_t close) {
    const hpx_spot *a = &line->spots[open], *b = &line->spots[close];
    if (b->han != a->han) return false;
    uint32_t after = hpx_line_char(line, b->cell + 1u);
    return is_head(hpx_line_char(line, a->cell - 1u), hpx_line_char(line, a->cell - 2u)) ||
           (is_operator(after) && after != '-' &&
            !(after == '*' && hpx_line_char(line, b->cell + 2u) == '*')) ||
           is_picture(line, open, close);
}

static bool widen_bracket(hpx_cell *cell, uint32_t wide) {
    if (cell->c == wide) return false;
    hpx_cell_change(cell, wide, HPX_RULE_PUNCT);
    return true;
}

/* Brackets inside a foreign pair stay as its points do, so the spans of such pairs are walked as in
 * keep_foreign_pairs. */
static bool widen_brackets(hpx_cleaner *line) {
    bool changed = false;
    for (size_t s = 0; s < line->spot_count; s++) {
        const hpx_spot *a = &line->spots[s];
        if (a->pair == HPX_NO_PAIR || a->pair < s) continue;
        const hpx_spot *b = &line->spots[a->pair];
        hpx_cell *open = cell_of(line, a), *close = cell_of(line, b);
        if (open->c != '(' && open->c != FULLWIDTH_OPEN) continue;
        if (is_fixed(line, a) || is_fixed(line, b)) continue;
        bool half = open->c == '(' && close->c == ')';
        if (half && (!is_owned(a->left, b->right) || is_foreign_bracket(line, s, a->pair))) continue;
        changed |= widen_bracket(open, FULLWIDTH_OPEN);
        changed |= widen_bracket(close, FULLWIDTH_CLOSE);
    }
    return changed;
}

/* Full stops. */

static bool is_closing(const hpx_cell *cell) {
    return (cell->class & (HPX_CLOSE | HPX_SPACE)) || cell->c == '"' || cell->c == '\'';
}

/* True when the stop at this cell is directly behind words of a sentence: not behind numbering, an initial
 * or another stop. */
static bool stands_behind_words(const hpx_cleaner *line, size_t at) {
    size_t i = at;
    while (i > 0 &&
           (is_closing(&line->cells[i - 1]) || line->cells[i - 1].c == '%' || line->cells[i - 1].c == 0x2103))
        i--;
    size_t word_end = i;
    while (i > 0 && hpx_is_ascii_alnum(line->cells[i - 1].c))
        i--;
    if (word_end == 0 || i == 0) return word_end > 0 && !hpx_is_ascii_alnum(line->cells[0].c);
    if (i == word_end) return (line->cells[i - 1].class & (HPX_WORD)) != 0;
    if (word_end - i == 1 && line->cells[i - 1].c == '.') return false; /* U.S. */
    for (size_t k = i; k-- > 0;) /* digits behind nothing but blanks and marks number a heading */
        if (line->cells[k].class & HPX_WORD) return true;
    return false;
}

static size_t closing_stop(const hpx_cleaner *line) {
    size_t s = line->spot_count, at = line->cell_count;
    while (s > 0 && line->spots[s - 1].cell + 1u == at && is_closing(&line->cells[at - 1]))
        s--, at--;
    return s > 0 && line->spots[s - 1].cell + 1u == at && line->cells[at - 1].c == '.' ? s - 1 : SIZE_MAX;
}

static bool is_chinese_stop(const hpx_cleaner *line, size_t s) {
    const hpx_spot *spot = &line->spots[s];
    uint32_t before = hpx_line_char(line, spot->cell - 1u), after = hpx_line_char(line, spot->cell + 1u);
    if (line->cells[spot->cell].c != '.' || is_fixed(line, spot) || !is_owned(spot->left, spot->right))
        return false;
    if (hpx_is_point(before) || hpx_is_point(after) || before == ELLIPSIS || after == ELLIPSIS) return false;
    return stands_behind_words(line, spot->cell);
}

/* Stops inside the line: only text that uses '.' as its full stop throughout, and only behind a clause
 * that is no name. */
static bool widen_inner_stops(hpx_cleaner *line, size_t last) {
    enum { MIN_CLAUSE = 8 };
    bool changed = false;
    uint32_t clause = 0; /* Han before the clause */
    for (size_t s = 0; s < last; s++) {
        const hpx_spot *spot = &line->spots[s];
        if (!hpx_is_point(line->cells[spot->cell].c)) continue;
        unsigned before = hpx_line_class(line, spot->cell - 1u);
        uint32_t after = hpx_line_char(line, spot->cell + 1u);
        if (spot->han - clause >= MIN_CLAUSE && (before & (HPX_HAN | HPX_CLOSE)) &&
            !hpx_is_ascii_alnum(after) && is_chinese_stop(line, s)) {
            hpx_cell_change(cell_of(line, spot), FULL_STOP, HPX_RULE_PUNCT);
            changed = true;
        }
        clause = spot->han;
    }
    return changed;
}

static bool widen_stops(hpx_cleaner *line) {
    if (!hpx_line_has_ascii(line, '.')) return false;
    size_t last = closing_stop(line);
    if (last == SIZE_MAX || !is_chinese_stop(line, last)) return false;
    bool has_stop = false;
    for (size_t s = 0; s < line->spot_count; s++)
        has_stop |= line->cells[line->spots[s].cell].c == FULL_STOP;
    hpx_cell_change(cell_of(line, &line->spots[last]), FULL_STOP, HPX_RULE_PUNCT);
    if (!has_stop) widen_inner_stops(line, last);
    return true;
}

bool hpx_line_punct(hpx_cleaner *line) {
    bool changed = false;
    keep_foreign_pairs(line);
    if (hpx_line_has_ascii(line, '(') || hpx_line_has_ascii(line, ')')) {
        keep_smileys(line);
        changed |= widen_brackets(line);
    }
    changed |= widen_points(line);
    changed |= widen_stops(line);
    return changed;
}

/* Runs of one mark. */

/* Spots from s on that hold the same mark, one directly behind the other; with blanks between them if
 * these will go. */
static size_t run_of(const hpx_cleaner *line, size_t s, bool over_blanks, size_t *last) {
    uint32_t c = line->cells[line->spots[s].cell].c;
    size_t count = 1;
    *last = s;
    for (size_t i = s + 1; i < line->spot_count && line->spots[i].cell == line->spots[i - 1].cell + 1u; i++) {
        const hpx_cell *cell = &line->cells[line->spots[i].cell];
        if (cell->c == c) {
            count++;
            *last = i;
        } else if (!over_blanks || !(cell->class & HPX_SPACE)) {
            break;
        }
    }
    return count;
}

/* The cells of a run become one cell: it takes their raw bytes. */
static void merge(hpx_cleaner *line, size_t first, size_t last, uint32_t c, hpx_rule rule, unsigned flags) {
    size_t from = line->spots[first].cell, to = line->spots[last].cell;
    line->cells[from].raw_end = line->cells[to].raw_end;
    hpx_cell_change(&line->cells[from], c, rule);
    line->cells[from].flags |= (uint16_t)flags;
    for (size_t i = from + 1; i <= to; i++)
        line->cells[i].flags |= HPX_CELL_DROPPED;
}

static bool is_ellipsis_run(const hpx_cleaner *line, size_t s, size_t last, size_t count) {
    const hpx_spot *spot = &line->spots[s];
    uint32_t c = line->cells[spot->cell].c;
    size_t from = spot->cell, to = line->spots[last].cell + 1u;
    if (is_fixed(line, spot) || is_fixed(line, &line->spots[last])) return false;
    if (c == FULL_STOP) return count >= 3 && count <= 6;
    if (!is_owned(spot->left, line->spots[last].right) || is_between_ascii(line, from, to)) return false;
    if (c == ELLIPSIS) return count == 1 && !(line->cells[from].flags & HPX_CELL_TWICE);
    return count == 3 || count == 6;
}

static bool is_stop_like(uint32_t c) {
    return c == '.' || c == ELLIPSIS || c == 0xFF0E;
}

bool hpx_line_ellipsis(hpx_cleaner *line) {
    bool changed = false;
    if (!line->has_runs) return false;
    for (size_t s = 0, last; s < line->spot_count; s = last + 1) {
        uint32_t c = line->cells[line->spots[s].cell].c;
        last = s;
        if (c != '.' && c != FULL_STOP && c != ELLIPSIS) continue;
        size_t count = run_of(line, s, false, &last);
        uint32_t before = hpx_line_char(line, line->spots[s].cell - 1u);
        uint32_t after = hpx_line_char(line, line->spots[last].cell + 1u);
        bool mixed = is_stop_like(before) || is_stop_like(after) || before == FULL_STOP;
        if (mixed || !is_ellipsis_run(line, s, last, count)) continue;
        merge(line, s, last, ELLIPSIS, HPX_RULE_ELLIPSIS, HPX_CELL_TWICE);
        changed = true;
    }
    return changed;
}

bool hpx_line_repeat(hpx_cleaner *line) {
    bool changed = false;
    if (!line->has_runs) return false;
    for (size_t s = 0, last; s < line->spot_count; s = last + 1) {
        const hpx_spot *spot = &line->spots[s];
        uint32_t c = line->cells[spot->cell].c;
        last = s;
        if ((c != FULL_STOP && c != 0xFF0C) || (line->cells[spot->cell].flags & HPX_CELL_DROPPED)) continue;
        size_t count = run_of(line, s, !line->keeps_spaces, &last);
        if (count != 2 || is_fixed(line, spot) || is_fixed(line, &line->spots[last])) continue;
        merge(line, s, last, c, HPX_RULE_REPEAT, 0);
        changed = true;
    }
    return changed;
}
