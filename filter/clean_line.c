/*
 * clean_line: a line as cells: read from raw bytes (repair, removal of what is invisible, NFC), and written
 * as edits. Knows no rule of punctuation or space. Layer 1, see clean_line.h.
 */
#include "clean_line.h"

#include <stdlib.h>
#include <uninorm.h>
#include <unictype.h>

/* Combining characters on one base. More are left as they are: sorting them would cost more than linear
 * time, and no script needs them. */
#define MAX_COMBINING 30

#define HAN_NBYTES    3u /* of a character in a run */

/* Reading: the stretch is the last base with what combines with it, the part of the line that NFC may
 * still change. */
typedef struct {
    hpx_cleaner *line;
    hpx_slice raw;
    size_t stretch; /* its first cell */
    bool open;      /* more than one cell, or one that NFC changes alone */
    bool nfc;       /* has a cell of class HPX_NFC */
    uint32_t
        waiting; /* the last cell is this joiner or U+200B and stays only if the next one wants it; or 0 */
    size_t waiting_stretch; /* the stretch before it */
    hpx_cell removed;       /* last one since the last cell; raw_end 0: none */
} reader;

void hpx_line_met(hpx_cleaner *line, hpx_met_kind kind, uint32_t raw_off) {
    if (line->met_count < line->met_cap)
        line->met[line->met_count] = (hpx_met){.kind = kind, .raw_off = raw_off};
    line->met_count++;
}

static bool is_script(uint32_t c, const char *const *names, size_t count) {
    const uc_script_t *script = uc_script(c);
    for (size_t i = 0; script && i < count; i++)
        if (strcmp(script->name, names[i]) == 0) return true;
    return false;
}

/* Scripts that part words by U+200B. */
static bool is_unspaced_script(uint32_t c) {
    static const char *const names[] = {"Thai",     "Lao",         "Khmer",  "Myanmar",
                                        "Tai_Tham", "New_Tai_Lue", "Tai_Le", "Tai_Viet"};
    return c >= 0x0E00 && is_script(c, names, HPX_ARRAY_LEN(names));
}

/* Scripts whose letters change their form beside U+200C and U+200D: all but these. */
static bool is_joining_script(uint32_t c) {
    static const char *const names[] = {"Latin",  "Greek",    "Cyrillic", "Han",    "Hiragana", "Katakana",
                                        "Hangul", "Bopomofo", "Common",   "Hebrew", "Armenian", "Georgian"};
    if (c >= 0x0600 && c < 0x0700) return true; /* vowel marks too, which are of no script */
    if (is_script(c, (const char *const[]){"Inherited"}, 1)) return false;
    return (hpx_charclass(c) & (HPX_LETTER | HPX_MARK)) && !is_script(c, names, HPX_ARRAY_LEN(names));
}

static bool is_pictograph(uint32_t c) {
    return uc_is_property_extended_pictographic(c) || uc_is_property_emoji_modifier(c) || c == 0xFE0F ||
           c == 0x20E3 || (c >= 0x1F1E6 && c <= 0x1F1FF) || (c >= 0xE0020 && c <= 0xE007F);
}

/* Conjoining vowels and finals of Hangul compose with what stands before them, though they are letters. */
static bool is_combining(uint32_t c, unsigned class) {
    return (class & HPX_MARK) ||
           ((class & HPX_NFC) && ((c >= 0x1160 && c < 0x1200) || (c >= 0xD7B0 && c < 0xD800)));
}

/* The stretch is complete: bring it into NFC, or report that it is too long for that. */
static hapax_status close_stretch(reader *r) {
    hpx_cleaner *line = r->line;
    hpx_cell *cells = line->cells + r->stretch;
    size_t count = line->cell_count - r->stretch;
    r->open = false;
    if (count > MAX_COMBINING + 1) hpx_line_met(line, HPX_MET_COMBINING_RUN, cells[0].raw_off);
    if (!r->nfc || count > MAX_COMBINING + 1) return HAPAX_OK;
    uint32_t in[MAX_COMBINING + 1], room[8 * (MAX_COMBINING + 1)];
    for (size_t i = 0; i < count; i++)
        in[i] = cells[i].c;
    size_t out_count = HPX_ARRAY_LEN(room);
    uint32_t *out = u32_normalize(UNINORM_NFC, in, count, room, &out_count);
    if (!out) return HAPAX_E_MEMORY;
    if (out != room) free(out); /* cannot be: room holds the longest decomposition */
    if (out != room || (out_count == count && memcmp(in, room, count * sizeof in[0]) == 0)) return HAPAX_OK;
    uint32_t raw_off = cells[0].raw_off, raw_end = cells[count - 1].raw_end;
    for (size_t i = 0; i < out_count; i++) {
        cells[i] = (hpx_cell){
            .raw_off = i ? raw_end : raw_off, .raw_end = raw_end, .flags = i ? HPX_CELL_JOINED : 0};
        hpx_cell_change(&cells[i], room[i], HPX_RULE_NFC);
    }
    line->cell_count = r->stretch + out_count;
    return HAPAX_OK;
}

/* What waited for the next character: keep it or take it back. */
static void settle_waiting(reader *r, uint32_t next) {
    bool stays = r->waiting == 0x200B ? is_unspaced_script(next) : is_pictograph(next);
    r->waiting = 0;
    if (stays) return;
    r->removed = r->line->cells[--r->line->cell_count];
    r->stretch = r->waiting_stretch;
    r->open = r->line->cell_count > r->stretch + 1;
    r->nfc = r->open; /* closed once already, and may get more marks now */
}

/* A mark that would compose with a symbol once what parts them is removed (U+003C, U+00AD, U+0338) would
 * be lost as a mark. Such a parting stays. */
static hapax_status restore_removed(reader *r) {
    hpx_cleaner *line = r->line;
    if (line->cells[r->stretch].class & HPX_WORD) return HAPAX_OK;
    if (r->open) HPX_TRY(close_stretch(r)); /* what it is composed to by now counts, as in a second run */
    uint32_t base = line->cells[r->stretch].c;
    if (!uc_composition(base, 0x0338) && !uc_composition(base, 0x0301) && !uc_composition(base, 0x0300))
        return HAPAX_OK;
    r->nfc = false;
    r->stretch = line->cell_count;
    line->cells[line->cell_count++] = r->removed;
    return HAPAX_OK;
}

/* A mark combines with the last character of a run only. */
static void split_run(reader *r) {
    hpx_cell *run = &r->line->cells[r->line->cell_count - 1];
    if (!(run->flags & HPX_CELL_RUN)) return;
    hpx_cell last = *run;
    size_t n;
    run->raw_end = last.raw_off = last.raw_end - HAN_NBYTES;
    if (run->raw_end - run->raw_off == HAN_NBYTES) run->flags = 0;
    last.flags = 0;
    last.c = hpx_utf8_decode(r->raw.ptr + last.raw_off, &n);
    r->stretch = r->line->cell_count;
    r->line->cells[r->line->cell_count++] = last;
}

static hapax_status push_closely(reader *r, hpx_cell cell) {
    hpx_cleaner *line = r->line;
    if (HPX_UNLIKELY(r->waiting)) settle_waiting(r, cell.c);
    if (HPX_UNLIKELY(cell.class & (HPX_MARK | HPX_NFC))) {
        bool nfc = cell.class & HPX_NFC;
        if (is_combining(cell.c, cell.class) && line->cell_count > 0) {
            if (HPX_UNLIKELY(r->removed.raw_end)) HPX_TRY(restore_removed(r));
            split_run(r);
            r->open = true;
            r->nfc |= nfc;
            r->removed.raw_end = 0;
            line->cells[line->cell_count++] = cell;
            return HAPAX_OK;
        }
        if (r->open) HPX_TRY(close_stretch(r));
        r->open = r->nfc = nfc;
    } else {
        if (r->open) HPX_TRY(close_stretch(r));
        r->nfc = false;
    }
    r->stretch = line->cell_count;
    r->removed.raw_end = 0;
    line->cells[line->cell_count++] = cell;
    return HAPAX_OK;
}

static inline hapax_status push(reader *r, hpx_cell cell) {
    if (HPX_UNLIKELY((cell.class & (HPX_MARK | HPX_NFC)) || r->open || r->waiting))
        return push_closely(r, cell);
    r->stretch = r->line->cell_count;
    r->removed.raw_end = 0;
    r->line->cells[r->line->cell_count++] = cell;
    return HAPAX_OK;
}

/* The letter that an invisible character follows. A combining mark without a base is none: NFC may move
 * it. */
static uint32_t last_base(const reader *r) {
    if (r->line->cell_count == 0) return 0;
    const hpx_cell *base = &r->line->cells[r->stretch];
    return base->class & HPX_MARK ? 0 : base->c;
}

/* Invisible characters: true when the character goes, or waits for the next one. */
static bool is_removed(reader *r, hpx_cell *cell) {
    hpx_cleaner *line = r->line;
    uint32_t c = cell->c, before = last_base(r);
    switch (c) {
    case '\n':
    case '\r':
    case '\v':
    case '\f': /* a line end that nobody cut at parts words all the same */
        cell->class = HPX_SPACE;
        return false;
    case 0x00AD:
    case 0x2060:
    case 0xFEFF: return true;
    case 0x200B: return !is_unspaced_script(before) && r->waiting;
    case 0x200C: return !is_joining_script(before);
    case 0x200D: return !is_joining_script(before) && !is_pictograph(before);
    case 0x202A:
    case 0x202B:
    case 0x202C:
    case 0x202D:
    case 0x202E:
    case 0x2066:
    case 0x2067:
    case 0x2068:
    case 0x2069: line->has_bidi = true; return false;
    default: return c < 0x20 || c == 0x7F;
    }
}

static hapax_status push_ignorable(reader *r, hpx_cell cell) {
    if (is_removed(r, &cell)) {
        r->removed = cell;
        return HAPAX_OK;
    }
    uint32_t before = last_base(r);
    bool waits = (cell.c == 0x200D && is_pictograph(before)) ||
                 (cell.c == 0x200B && !is_unspaced_script(before));
    size_t old_stretch = r->stretch;
    if (waits && r->waiting) return HAPAX_OK; /* one is enough */
    HPX_TRY(push(r, cell));
    if (waits) {
        r->waiting = cell.c;
        r->waiting_stretch = old_stretch;
    }
    return HAPAX_OK;
}

/* One character of two to four bytes, or what is ill-formed, at *at. */
static hapax_status read_wide(reader *r, size_t *at) {
    const uint8_t *p = r->raw.ptr + *at;
    size_t n = hpx_well_formed_length(p, r->raw.len - *at);
    if (HPX_UNLIKELY(n == 0)) {
        n = hpx_utf8_ill_length(r->raw, *at);
        hpx_cell cell = {.raw_off = (uint32_t)*at, .raw_end = (uint32_t)(*at + n)};
        hpx_cell_change(&cell, HPX_REPLACEMENT, HPX_RULE_UTF8);
        *at += n;
        return push(r, cell);
    }
    uint32_t c = hpx_utf8_decode(p, &n);
    hpx_cell cell = {.raw_off = (uint32_t)*at,
                     .raw_end = (uint32_t)(*at + n),
                     .c = c,
                     .class = (uint16_t)hpx_charclass(c)};
    *at += n;
    if (HPX_LIKELY(!(cell.class & HPX_IGNORABLE) && c - 0x2028 >= 2)) return push(r, cell);
    if (c - 0x2028 < 2) cell.class = HPX_SPACE;
    return push_ignorable(r, cell);
}

hapax_status hpx_line_read(hpx_cleaner *line, hpx_slice raw) {
    line->cell_count = 0;
    line->has_bidi = false;
    HPX_TRY(hpx_grow(line->memory, &line->cells, &line->cell_cap, raw.len, sizeof line->cells[0]));
    reader r = {.line = line, .raw = raw};
    for (size_t at = 0; at < raw.len;) {
        uint32_t c = raw.ptr[at];
        if (c < 0x80) {
            hpx_cell cell = {.raw_off = (uint32_t)at,
                             .raw_end = (uint32_t)(at + 1),
                             .c = c,
                             .class = (uint16_t)hpx_charclass(c)};
            at++;
            HPX_TRY(HPX_UNLIKELY((c < 0x20 && c != '\t') || c == 0x7F) ? push_ignorable(&r, cell)
                                                                       : push(&r, cell));
            continue;
        }
        size_t n, run_end = c >= 0xE4 ? hpx_skip_han(raw, at) : at;
        if (run_end == at) {
            HPX_TRY(read_wide(&r, &at));
            continue;
        }
        c = hpx_utf8_decode(raw.ptr + at, &n);
        HPX_TRY(push(&r, (hpx_cell){.raw_off = (uint32_t)at,
                                    .raw_end = (uint32_t)run_end,
                                    .c = c,
                                    .class = HPX_HAN | HPX_LETTER,
                                    .flags = run_end - at > HAN_NBYTES ? HPX_CELL_RUN : 0}));
        at = run_end;
    }
    if (r.waiting) settle_waiting(&r, 0);
    return r.open ? close_stretch(&r) : HAPAX_OK;
}

/* Notes what the whole line holds, so that rules without anything to do are not even tried. */
static inline void note_spot(hpx_cleaner *line, size_t i, uint32_t c, uint32_t before) {
    if (c < 0x80) line->ascii_seen[c >> 6] |= (uint64_t)1 << (c & 63);
    if (hpx_is_point(c)) {
        if (!hpx_is_ascii_alnum(hpx_line_char(line, i - 1)) ||
            !hpx_is_ascii_alnum(hpx_line_char(line, i + 1)))
            line->has_points = true;
        if (hpx_is_point(before) || (before && (line->cells[i - 1].class & HPX_SPACE))) line->has_runs = true;
    }
    if (c == 0xFF0E) line->has_fullwidth_alnum = true;
    if (c == 0x2026) line->has_runs = true;
}

/* What stands between a mark and the letter that owns it without parting them. */
static bool is_passed_over(const hpx_cell *cell) {
    if (cell->class & (HPX_OPEN | HPX_CLOSE | HPX_QUOTE | HPX_SPACE)) return true;
    if (hpx_is_point(cell->c) || cell->c == '%' || cell->c == '*' || cell->c == '_') return true;
    return cell->c >= 0x80 && (cell->c == 0x2030 || cell->c == 0x2103 || cell->c == 0xFF05 ||
                               cell->c == 0xB0 || cell->c == 0x2026);
}

hapax_status hpx_line_find_spots(hpx_cleaner *line) {
    hpx_letter_counts counts = {0};
    bool in_word = false;
    uint32_t before = 0; /* the spot before, if it is the character before */
    line->spot_count = 0;
    line->ascii_seen[0] = line->ascii_seen[1] = 0;
    line->has_fullwidth_alnum = line->has_points = line->has_runs = false;
    for (size_t i = 0; i < line->cell_count; i++) {
        const hpx_cell *cell = &line->cells[i];
        unsigned class = cell->class;
        if (class & HPX_WORD) {
            if (class & HPX_HAN) {
                uint32_t han = cell->flags & HPX_CELL_RUN ? (cell->raw_end - cell->raw_off) / HAN_NBYTES : 1;
                counts.han += cell->flags & HPX_CELL_GUARD ? 0 : han;
                in_word = false;
                continue;
            }
            if (cell->c - 0xFF10 < 0xFF5B - 0xFF10) line->has_fullwidth_alnum = true;
            if (!(class & HPX_LETTER) || (cell->flags & HPX_CELL_GUARD)) continue;
            if (class & (HPX_KANA | HPX_HANGUL))
                counts.kana++;
            else
                counts.words += !in_word;
            /* these scripts have no spaces between words */
            in_word = !(cell->c >= 0x0E00 && cell->c < 0x0F00) && !(cell->c >= 0x1000 && cell->c < 0x10A0);
            continue;
        }
        if (HPX_UNLIKELY(line->spot_count == line->spot_cap))
            HPX_TRY(hpx_grow(line->memory, &line->spots, &line->spot_cap, line->spot_count + 1,
                             sizeof line->spots[0]));
        before = line->spot_count && line->spots[line->spot_count - 1].cell + 1u == i ? line->cells[i - 1].c
                                                                                      : 0;
        line->spots[line->spot_count++] = (hpx_spot){.cell = (uint32_t)i,
                                                     .pair = HPX_NO_PAIR,
                                                     .han = counts.han,
                                                     .words = counts.words,
                                                     .kana = counts.kana,
                                                     .passed_over = is_passed_over(cell)};
        note_spot(line, i, cell->c, before);
        in_word = in_word && (cell->c == '\'' || cell->c == 0x2019);
    }
    line->total = counts;
    return HAPAX_OK;
}

void hpx_line_compact(hpx_cleaner *line) {
    size_t kept = 0;
    for (size_t i = 0; i < line->cell_count; i++) {
        if (line->cells[i].flags & HPX_CELL_DROPPED) continue;
        line->cells[kept] = line->cells[i];
        line->cells[kept++].flags &= (uint16_t) ~(HPX_CELL_GUARD | HPX_CELL_STAY);
    }
    line->cell_count = kept;
}

static hapax_status add_edit(hpx_edits *edits, hpx_edit edit) {
    HPX_TRY(
        hpx_grow(edits->bytes.memory, &edits->edits, &edits->cap, edits->count + 1, sizeof edits->edits[0]));
    edits->edits[edits->count++] = edit;
    return HAPAX_OK;
}

static hapax_status write_cell(const hpx_cell *cell, hpx_buffer *out) {
    uint8_t bytes[8];
    size_t n = hpx_utf8_encode(cell->c, bytes);
    if (cell->flags & HPX_CELL_TWICE) n += hpx_utf8_encode(cell->c, bytes + n);
    return hpx_buffer_append(out, bytes, n);
}

/* The edit of a changed cell and those that are joined to it; *next becomes the first cell behind them,
 * *raw_end where their raw bytes end. No edit when the bytes come out as they were. */
static hapax_status write_group(const hpx_cleaner *line, hpx_slice raw, size_t *next, uint32_t *raw_end,
                                int64_t *shift, hpx_edits *edits) {
    const hpx_cell *first = &line->cells[*next];
    size_t new_off = edits->bytes.len, i = *next;
    do {
        if (!(line->cells[i].flags & HPX_CELL_DROPPED)) HPX_TRY(write_cell(&line->cells[i], &edits->bytes));
        *raw_end = HPX_MAX(*raw_end, line->cells[i].raw_end);
        i++;
    } while (i < line->cell_count && (line->cells[i].flags & HPX_CELL_JOINED));
    *next = i;
    uint32_t raw_len = *raw_end - first->raw_off, new_len = (uint32_t)(edits->bytes.len - new_off);
    if (new_len == raw_len && memcmp(raw.ptr + first->raw_off, edits->bytes.ptr + new_off, new_len) == 0) {
        edits->bytes.len = new_off;
        return HAPAX_OK;
    }
    HPX_TRY(add_edit(edits, (hpx_edit){.raw_off = first->raw_off,
                                       .raw_len = raw_len,
                                       .new_off = (uint32_t)new_off,
                                       .new_len = new_len,
                                       .clean_off = (uint32_t)(first->raw_off + *shift),
                                       .rule = first->flags & HPX_CELL_RULE}));
    *shift += (int64_t)new_len - raw_len;
    return HAPAX_OK;
}

/* Raw bytes from..to are gone: one edit that removes them. */
static hapax_status write_gap(uint32_t from, uint32_t to, int64_t *shift, hpx_edits *edits) {
    HPX_TRY(add_edit(edits, (hpx_edit){.raw_off = from,
                                       .raw_len = to - from,
                                       .new_off = (uint32_t)edits->bytes.len,
                                       .clean_off = (uint32_t)(from + *shift),
                                       .rule = HPX_RULE_SPACE}));
    *shift -= to - from;
    return HAPAX_OK;
}

hapax_status hpx_line_write_edits(const hpx_cleaner *line, hpx_slice raw, hpx_edits *edits) {
    uint32_t cursor = 0; /* raw bytes before it are accounted for */
    int64_t shift = 0;   /* cleaned offset less raw offset */
    for (size_t i = 0; i < line->cell_count;) {
        const hpx_cell *cell = &line->cells[i];
        if (cell->flags & HPX_CELL_DROPPED) {
            i++;
            continue;
        }
        if (cell->raw_off > cursor) HPX_TRY(write_gap(cursor, cell->raw_off, &shift, edits));
        cursor = cell->raw_end;
        if (HPX_LIKELY(!(cell->flags & HPX_CELL_CHANGED)))
            i++;
        else
            HPX_TRY(write_group(line, raw, &i, &cursor, &shift, edits));
    }
    return cursor < raw.len ? write_gap(cursor, (uint32_t)raw.len, &shift, edits) : HAPAX_OK;
}
