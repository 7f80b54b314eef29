/*
 * clean_language: what a mark belongs to: the language of its sentence, its pair, and the letters nearest to
 * it. Changes no text (but full-width letters, which are decided by sentence). Layer 1, see clean_line.h.
 */
#include "clean_line.h"

static bool is_dot_run(const hpx_cleaner *line, size_t cell) {
    return hpx_line_char(line, cell - 1) == '.' || hpx_line_char(line, cell + 1) == '.';
}

/* A sentence may end with this spot. Half and full width count alike, so that the second run sees the same
 * sentences. */
static bool is_sentence_end(const hpx_cleaner *line, const hpx_spot *spot) {
    size_t at = spot->cell;
    const hpx_cell *cell = &line->cells[at];
    if (!(cell->class & HPX_STERM) || (cell->flags & HPX_CELL_GUARD)) return false;
    uint32_t before = hpx_line_char(line, at - 1), after = hpx_line_char(line, at + 1);
    if (cell->c == '.' || cell->c == 0xFF0E)
        return !is_dot_run(line, at) && (hpx_line_class(line, at - 1) & HPX_LETTER) &&
               !(hpx_line_class(line, at + 1) & HPX_WORD) && after != ',' && after != ';' && after != ':';
    return !(hpx_is_ascii_alnum(before) && hpx_is_ascii_alnum(after));
}

static bool is_closing(const hpx_cell *cell) {
    return (cell->class & (HPX_CLOSE | HPX_STERM)) || cell->c == '"' || cell->c == '\'' || cell->c == 0x2026;
}

static bool is_chinese(const hpx_cleaner *line, hpx_letter_counts s) {
    bool paragraph = line->total.han > 0 && line->total.han >= line->total.words;
    if (line->other_cjk || s.kana) return false;
    if (s.han == 0 && s.words == 0) return paragraph && line->total.kana == 0;
    return s.han > 0 && s.han >= s.words && (paragraph || s.words == 0);
}

static hpx_letter_counts counts_at(const hpx_cleaner *line, size_t spot) {
    if (spot >= line->spot_count) return line->total;
    const hpx_spot *s = &line->spots[spot];
    return (hpx_letter_counts){s->han, s->words, s->kana};
}

static hpx_letter_counts minus(hpx_letter_counts a, hpx_letter_counts b) {
    return (hpx_letter_counts){a.han - b.han, a.words - b.words, a.kana - b.kana};
}

void hpx_line_find_sentences(hpx_cleaner *line) {
    size_t first = 0;
    hpx_letter_counts begin = {0};
    while (first < line->spot_count) {
        size_t last = first;
        while (last < line->spot_count && !is_sentence_end(line, &line->spots[last]))
            last++;
        while (last + 1 < line->spot_count && line->spots[last + 1].cell == line->spots[last].cell + 1 &&
               is_closing(&line->cells[line->spots[last + 1].cell]))
            last++;
        hpx_letter_counts end = counts_at(line, last); /* closing marks have no letters between them */
        bool chinese = is_chinese(line, minus(end, begin));
        for (; first <= last && first < line->spot_count; first++)
            line->spots[first].chinese = chinese;
        begin = end;
    }
}

/* Half-width forms of the letters and digits between two spots of a Chinese sentence. A letter under a
 * combining mark stays: it would have to be composed again. */
static bool narrow(hpx_cleaner *line, size_t from, size_t to) {
    bool changed = false;
    for (size_t i = from; i < to; i++) {
        uint32_t c = line->cells[i].c - 0xFEE0;
        if (!hpx_is_ascii_alnum(c) || (line->cells[i].flags & HPX_CELL_GUARD) ||
            (hpx_line_class(line, i + 1) & (HPX_MARK | HPX_NFC)))
            continue;
        hpx_cell_change(&line->cells[i], c, HPX_RULE_WIDTH);
        changed = true;
    }
    return changed;
}

static bool is_digit(uint32_t c) {
    return hpx_is_ascii_digit(c) || hpx_is_ascii_digit(c - 0xFEE0);
}

bool hpx_line_width(hpx_cleaner *line) {
    if (!line->has_fullwidth_alnum) return false;
    bool changed = false;
    size_t from = 0;
    for (size_t s = 0; s < line->spot_count; s++) {
        hpx_cell *cell = &line->cells[line->spots[s].cell];
        if (line->spots[s].chinese) changed |= narrow(line, from, line->spots[s].cell);
        from = line->spots[s].cell + 1;
        if (cell->c != 0xFF0E || !line->spots[s].chinese || (cell->flags & HPX_CELL_GUARD)) continue;
        if (!is_digit(hpx_line_char(line, from - 2)) || !is_digit(hpx_line_char(line, from))) continue;
        hpx_cell_change(cell, '.', HPX_RULE_WIDTH);
        changed = true;
    }
    /* What follows the last spot belongs to its sentence, unless that ended there. */
    const hpx_spot *last = line->spot_count ? &line->spots[line->spot_count - 1] : NULL;
    bool ended = last && is_sentence_end(line, last);
    hpx_letter_counts begin = last ? (hpx_letter_counts){last->han, last->words, last->kana}
                                   : (hpx_letter_counts){0};
    bool chinese = last && !ended ? last->chinese : is_chinese(line, minus(line->total, begin));
    return (chinese && narrow(line, from, line->cell_count)) || changed;
}

/* Kind of a paired mark, in either width; 0: none. */
static unsigned pair_kind(uint32_t c) {
    switch (c) {
    case '(':
    case ')':
    case 0xFF08:
    case 0xFF09: return 1;
    case 0x201C:
    case 0x201D: return 2;
    case 0x2018:
    case 0x2019: return 3;
    case 0x300C:
    case 0x300D: return 4;
    case 0x300E:
    case 0x300F: return 5;
    case 0x300A:
    case 0x300B: return 6;
    case 0x3008:
    case 0x3009: return 7;
    case '[':
    case ']':
    case 0xFF3B:
    case 0xFF3D: return 8;
    case '{':
    case '}':
    case 0xFF5B:
    case 0xFF5D: return 9;
    case 0x3010:
    case 0x3011: return 10;
    case 0x3014:
    case 0x3015: return 11;
    case '"': return 12;
    default: return 0;
    }
}
#define PAIR_KINDS 13
#define STRAIGHT   12

void hpx_line_find_pairs(hpx_cleaner *line) {
    uint32_t open[PAIR_KINDS]; /* last open spot of each kind; its pair names the one before it */
    for (size_t k = 0; k < PAIR_KINDS; k++)
        open[k] = HPX_NO_PAIR;
    for (uint32_t s = 0; s < line->spot_count; s++) {
        const hpx_cell *cell = &line->cells[line->spots[s].cell];
        line->spots[s].pair = HPX_NO_PAIR;
        if (!(cell->class & (HPX_OPEN | HPX_CLOSE)) && cell->c != '"') continue;
        unsigned kind = pair_kind(cell->c);
        if (kind == 0 || (cell->flags & HPX_CELL_GUARD)) continue;
        bool closes = kind == STRAIGHT ? open[kind] != HPX_NO_PAIR : (cell->class & HPX_CLOSE) != 0;
        if (!closes) {
            line->spots[s].pair = open[kind];
            open[kind] = s;
        } else if (open[kind] != HPX_NO_PAIR) {
            uint32_t partner = open[kind];
            open[kind] = line->spots[partner].pair;
            line->spots[partner].pair = s;
            line->spots[s].pair = partner;
        }
    }
    for (size_t k = 0; k < PAIR_KINDS; k++)
        while (open[k] != HPX_NO_PAIR) {
            uint32_t next = line->spots[open[k]].pair;
            line->spots[open[k]].pair = HPX_NO_PAIR;
            open[k] = next;
        }
}

static hpx_owner owner_of(const hpx_cell *cell) {
    if (cell->flags & HPX_CELL_GUARD) return HPX_OWNER_OTHER;
    return cell->class & HPX_HAN ? HPX_OWNER_CHINESE : HPX_OWNER_OTHER;
}

static bool is_letter(const hpx_cell *cell) {
    return (cell->class & (HPX_LETTER | HPX_HAN)) || (cell->flags & HPX_CELL_GUARD);
}

/* What the spot itself says to the marks on its other side. */
static uint8_t pass_spot(const hpx_cleaner *line, const hpx_spot *spot, uint8_t owner) {
    if (line->cells[spot->cell].flags & HPX_CELL_GUARD) return HPX_OWNER_OTHER;
    return spot->passed_over ? owner : HPX_OWNER_NONE;
}

void hpx_line_find_owners(hpx_cleaner *line) {
    uint8_t owner = HPX_OWNER_NONE;
    size_t from = 0;
    for (size_t s = 0; s < line->spot_count; s++) {
        size_t at = line->spots[s].cell;
        for (size_t i = at; i > from; i--)
            if (is_letter(&line->cells[i - 1])) {
                owner = (uint8_t)owner_of(&line->cells[i - 1]);
                break;
            }
        line->spots[s].left = owner;
        owner = pass_spot(line, &line->spots[s], owner);
        from = at + 1;
    }
    owner = HPX_OWNER_NONE;
    size_t to = line->cell_count;
    for (size_t s = line->spot_count; s-- > 0;) {
        size_t at = line->spots[s].cell;
        for (size_t i = at + 1; i < to; i++)
            if (is_letter(&line->cells[i])) {
                owner = (uint8_t)owner_of(&line->cells[i]);
                break;
            }
        line->spots[s].right = owner;
        owner = pass_spot(line, &line->spots[s], owner);
        to = at;
    }
}
