/*
 * clean: see clean.h. The order of the rules; what a rule does is in clean_*.c. Layer 1.
 *
 * A line that needs nothing is recognised by one scan (clean_scan.c) and never looked at again. Any other
 * line becomes cells, and the rules run over these until none changes anything: what one rule writes another
 * may want to see, and only so is cleaning cleaned text sure to change nothing. Two rounds are usual;
 * MAX_ROUNDS keeps it linear.
 */
#include "clean.h"
#include "clean_line.h"

#define MAX_ROUNDS 8

hapax_status hpx_cleaner_create(hpx_cleaner **out, hpx_memory *memory) {
    *out = hpx_alloc_zero(memory, sizeof **out);
    if (!*out) return HAPAX_E_MEMORY;
    (*out)->memory = memory;
    return HAPAX_OK;
}

void hpx_cleaner_destroy(hpx_cleaner *cleaner) {
    if (!cleaner) return;
    hpx_free(cleaner->memory, cleaner->cells, cleaner->cell_cap * sizeof cleaner->cells[0]);
    hpx_free(cleaner->memory, cleaner->spots, cleaner->spot_cap * sizeof cleaner->spots[0]);
    hpx_free(cleaner->memory, cleaner, sizeof *cleaner);
}

/* Code and text that is not to be cleaned: ill-formed bytes are replaced, nothing else. */
static hapax_status repair_only(hpx_slice raw, hpx_edits *edits) {
    uint8_t replacement[4];
    size_t n = hpx_utf8_encode(HPX_REPLACEMENT, replacement);
    int64_t shift = 0;
    for (size_t at = 0;;) {
        at += hpx_utf8_first_ill(hpx_slice_of(raw.ptr + at, raw.len - at));
        if (at == raw.len) return HAPAX_OK;
        size_t ill = hpx_utf8_ill_length(raw, at);
        HPX_TRY(hpx_grow(edits->bytes.memory, &edits->edits, &edits->cap, edits->count + 1,
                         sizeof edits->edits[0]));
        hpx_edit edit = {.raw_off = (uint32_t)at,
                         .raw_len = (uint32_t)ill,
                         .new_off = (uint32_t)edits->bytes.len,
                         .new_len = (uint32_t)n,
                         .clean_off = (uint32_t)((int64_t)at + shift),
                         .rule = HPX_RULE_UTF8};
        HPX_TRY(hpx_buffer_append(&edits->bytes, replacement, n));
        edits->edits[edits->count++] = edit;
        shift += (int64_t)n - (int64_t)ill;
        at += ill;
    }
}

/* Bidirectional controls that are not closed, or close nothing (UAX #9, rules X1 to X8). */
static void report_bidi(hpx_cleaner *line) {
    size_t embeddings = 0, isolates = 0;
    uint32_t first_embedding = 0, first_isolate = 0;
    for (size_t i = 0; i < line->cell_count; i++) {
        const hpx_cell *cell = &line->cells[i];
        uint32_t c = cell->c;
        bool embeds = c == 0x202A || c == 0x202B || c == 0x202D || c == 0x202E,
             isolates_here = c >= 0x2066 && c <= 0x2068;
        if (embeds && embeddings++ == 0) first_embedding = cell->raw_off;
        if (isolates_here && isolates++ == 0) first_isolate = cell->raw_off;
        if (c == 0x202C && (embeddings == 0 || embeddings-- == 0))
            hpx_line_met(line, HPX_MET_BIDI, cell->raw_off);
        if (c == 0x2069 && (isolates == 0 || isolates-- == 0))
            hpx_line_met(line, HPX_MET_BIDI, cell->raw_off);
    }
    if (embeddings) hpx_line_met(line, HPX_MET_BIDI, first_embedding);
    if (isolates) hpx_line_met(line, HPX_MET_BIDI, first_isolate);
}

/* All rules once, in their order. True when they should look again. */
static hapax_status run_rules(hpx_cleaner *line, bool *again) {
    HPX_TRY(hpx_line_find_spots(line));
    if (hpx_line_guard(line)) HPX_TRY(hpx_line_find_spots(line));
    *again = false;
    if (line->total.han > 0 && !line->other_cjk) {
        hpx_line_find_sentences(line);
        if (hpx_line_width(line)) {
            *again = true; /* letters that are ASCII now belong to addresses and code */
            return HAPAX_OK;
        }
        hpx_line_find_pairs(line);
        hpx_line_find_owners(line);
        hpx_line_punct(
            line); /* all that asks about marks treats both widths alike: this alone needs no second look */
        *again |= hpx_line_ellipsis(line);
        *again |= hpx_line_repeat(line);
    }
    *again |= hpx_line_space(line);
    return HAPAX_OK;
}

hapax_status hpx_clean_paragraph(hpx_cleaner *cleaner, hpx_slice raw, hpx_clean_context context,
                                 hpx_edits *edits, hpx_met *met, size_t met_cap, size_t *met_count) {
    *met_count = 0;
    if (context.code || context.no_clean) return repair_only(raw, edits);
    if (hpx_clean_scan(raw, !context.other_cjk)) return HAPAX_OK;
    cleaner->other_cjk = context.other_cjk;
    cleaner->met = met;
    cleaner->met_cap = met_cap;
    cleaner->met_count = 0;
    HPX_TRY(hpx_line_read(cleaner, raw));
    if (cleaner->has_bidi) report_bidi(cleaner);
    bool again = true;
    for (unsigned round = 0; again && round < MAX_ROUNDS; round++) {
        HPX_TRY(run_rules(cleaner, &again));
        if (again) hpx_line_compact(cleaner);
    }
    *met_count = cleaner->met_count;
    return hpx_line_write_edits(cleaner, raw, edits);
}

bool hpx_clean_is_other_cjk(hpx_slice head) {
    enum { HEAD_NBYTES = 64 << 10, HAN_FOR_EACH_KANA = 16 };
    size_t han = 0, kana = 0;
    head.len = HPX_MIN(head.len, (size_t)HEAD_NBYTES);
    while (head.len) {
        size_t well = hpx_utf8_first_ill(head);
        for (size_t at = 0, n; at < well; at += n) {
            uint32_t c = hpx_utf8_decode(head.ptr + at, &n);
            unsigned class = hpx_charclass(c);
            /* vowels and finals that NFC joins to the syllable before them: the count must be the same after it */
            if ((c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FF)) continue;
            han += (class & HPX_HAN) != 0;
            kana += (class & (HPX_KANA | HPX_HANGUL)) != 0;
        }
        if (well < head.len) well += hpx_utf8_ill_length(head, well);
        head.ptr += well;
        head.len -= well;
    }
    return kana > 0 && kana * HAN_FOR_EACH_KANA >= han;
}
