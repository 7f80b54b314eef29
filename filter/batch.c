/*
 * batch: splits stretches into paragraphs, has them cleaned, makes skeleton and fingerprints. Layer 3.
 *
 * It decides nothing about repetitions and sees no other batch.
 */
#include "batch.h"

#include "skeleton.h"
#include "utf8.h"

/* A batch whose buffers grew past this gives them back when it is cleared, so that one odd input does not stay. */
#define KEEP_NBYTES ((size_t)2 << 20)

hapax_status hpx_workbench_init(hpx_workbench *bench, uint64_t seed, hpx_memory *memory) {
    *bench = (hpx_workbench){.memory = memory};
    hpx_edits_init(&bench->edits, memory);
    HPX_TRY(hpx_cleaner_create(&bench->cleaner, memory));
    return hpx_chooser_create(&bench->chooser, seed, memory);
}

void hpx_workbench_release(hpx_workbench *bench) {
    hpx_cleaner_destroy(bench->cleaner);
    hpx_chooser_destroy(bench->chooser);
    if (bench->memory) hpx_edits_release(&bench->edits);
    *bench = (hpx_workbench){0};
}

hapax_status hpx_batch_create(hpx_batch **out, hpx_memory *memory) {
    hpx_batch *batch = hpx_alloc_zero(memory, sizeof *batch);
    if (!batch) return HAPAX_E_MEMORY;
    batch->memory = memory;
    batch->raw.memory = batch->clean.memory = batch->skeleton.memory = batch->chosen.memory = memory;
    *out = batch;
    return HAPAX_OK;
}

static void release_contents(hpx_batch *batch) {
    hpx_buffer_release(&batch->raw);
    hpx_buffer_release(&batch->clean);
    hpx_buffer_release(&batch->skeleton);
    hpx_free(batch->memory, batch->stretches, batch->stretch_cap * sizeof *batch->stretches);
    hpx_free(batch->memory, batch->paragraphs, batch->paragraph_cap * sizeof *batch->paragraphs);
    hpx_free(batch->memory, batch->groups, batch->group_cap * sizeof *batch->groups);
    hpx_free(batch->memory, batch->marks, batch->mark_cap * sizeof *batch->marks);
    hpx_free(batch->memory, batch->chosen.items, batch->chosen.cap * sizeof *batch->chosen.items);
}

void hpx_batch_clear(hpx_batch *batch) {
    hpx_batch empty = {.memory = batch->memory};
    empty.raw.memory = empty.clean.memory = empty.skeleton.memory = empty.chosen.memory = batch->memory;
    size_t held = batch->raw.cap + batch->clean.cap + batch->skeleton.cap +
                  batch->paragraph_cap * sizeof *batch->paragraphs;
    if (held > KEEP_NBYTES) {
        release_contents(batch);
    } else {
        empty.raw.ptr = batch->raw.ptr, empty.raw.cap = batch->raw.cap;
        empty.clean.ptr = batch->clean.ptr, empty.clean.cap = batch->clean.cap;
        empty.skeleton.ptr = batch->skeleton.ptr, empty.skeleton.cap = batch->skeleton.cap;
        empty.stretches = batch->stretches, empty.stretch_cap = batch->stretch_cap;
        empty.paragraphs = batch->paragraphs, empty.paragraph_cap = batch->paragraph_cap;
        empty.marks = batch->marks, empty.mark_cap = batch->mark_cap;
        empty.groups = batch->groups, empty.group_cap = batch->group_cap;
        empty.chosen.items = batch->chosen.items, empty.chosen.cap = batch->chosen.cap;
    }
    *batch = empty;
}

void hpx_batch_destroy(hpx_batch *batch) {
    if (!batch) return;
    release_contents(batch);
    hpx_free(batch->memory, batch, sizeof *batch);
}

hapax_status hpx_batch_add_stretch(hpx_batch *batch, const hpx_stretch *stretch) {
    HPX_TRY(hpx_grow(batch->memory, &batch->stretches, &batch->stretch_cap, batch->stretch_count + 1,
                     sizeof *batch->stretches));
    batch->stretches[batch->stretch_count++] = *stretch;
    return HAPAX_OK;
}

/* What is being prepared; lives for one stretch. */
typedef struct {
    hpx_batch *batch;
    hpx_workbench *bench;
    hpx_prepare_options options;
    hpx_stretch *stretch;
    uint32_t stretch_number;
    hpx_edits *edits;
    bool fences;            /* a line of the stretch may begin a code fence, or one is open */
    hpx_mend_state mend_before, mend; /* before and behind the line at hand */
    uint32_t counted_to;    /* raw offset up to which chars are counted */
    uint64_t chars, lines;
    uint32_t line_off;      /* raw offset behind the last LF, or where the stretch begins */
    uint32_t blank_off;     /* raw offset where the blank lines before the next paragraph begin */
    bool blank;             /* there are such lines */
    unsigned marks[HPX_MARK_KINDS]; /* of each kind, so far */
    bool counts;            /* edits are counted: not in documents that are only compared with */
} preparation;

static hapax_status mark(preparation *prep, hpx_mark_kind kind, uint32_t raw_off) {
    hpx_batch *batch = prep->batch;
    if (prep->marks[kind] >= HPX_STRETCH_MARKS) return HAPAX_OK;
    prep->marks[kind]++;
    HPX_TRY(hpx_grow(batch->memory, &batch->marks, &batch->mark_cap, batch->mark_count + 1, sizeof *batch->marks));
    batch->marks[batch->mark_count++] = (hpx_mark){kind, prep->stretch_number, raw_off};
    return HAPAX_OK;
}

static hpx_slice raw_between(const preparation *prep, uint32_t from, uint32_t to) {
    if (from == to) return hpx_slice_of("", 0); /* a batch of empty documents has no memory */
    return hpx_slice_of(prep->batch->raw.ptr + from, to - from);
}

static void count_chars_to(preparation *prep, uint32_t raw_off) {
    hpx_slice bytes = raw_between(prep, prep->counted_to, raw_off);
    /* counting lead bytes is right, and fast, where nothing is ill-formed */
    prep->chars += prep->batch->utf8_damage ? hpx_chars_as_read(bytes) : hpx_utf8_count(bytes);
    prep->counted_to = raw_off;
}

/* Code points between the begin of the line, as far as the stretch shows, and raw_off. A byte order mark has no column. */
static uint64_t chars_on_line(const preparation *prep, uint32_t raw_off) {
    hpx_slice line = raw_between(prep, prep->line_off, raw_off);
    bool first = prep->stretch->byte_off == 0 && prep->line_off == prep->stretch->raw_off;
    bool bom = first && line.len >= 3 && memcmp(line.ptr, "\xEF\xBB\xBF", 3) == 0;
    return hpx_chars_as_read(line) - bom;
}

static hapax_status begin_group_if_due(preparation *prep, uint32_t raw_off) {
    hpx_batch *batch = prep->batch;
    hpx_stretch *stretch = prep->stretch;
    bool first = stretch->group_count == 0;
    if (!first && raw_off - batch->groups[batch->group_count - 1].raw_off < HPX_GROUP_NBYTES) return HAPAX_OK;
    HPX_TRY(hpx_grow(batch->memory, &batch->groups, &batch->group_cap, batch->group_count + 1, sizeof *batch->groups));
    count_chars_to(prep, raw_off);
    batch->groups[batch->group_count++] = (hpx_group){
        .raw_off = raw_off,
        .skeleton_off = (uint32_t)batch->skeleton.len,
        .line = prep->lines,
        .chars = prep->chars,
        .column = chars_on_line(prep, raw_off),
        .line_begun_before = prep->lines == 0,
        .mend = prep->mend_before,
    };
    stretch->group_count++;
    return HAPAX_OK;
}

static void count_edits(preparation *prep, size_t first) {
    const hpx_edits *edits = prep->edits;
    for (size_t i = first; i < edits->count; i++) {
        const hpx_edit *edit = &edits->edits[i];
        prep->batch->edits[edit->rule] += prep->counts;
    }
}

static hapax_status report_met(preparation *prep, size_t first, uint32_t raw_off, const hpx_met *met, size_t met_count, size_t met_cap) {
    for (size_t i = first; i < prep->edits->count; i++) {
        if (prep->edits->edits[i].rule != HPX_RULE_UTF8) continue;
        prep->batch->utf8_damage++;
        HPX_TRY(mark(prep, HPX_MARK_UTF8, raw_off + prep->edits->edits[i].raw_off));
    }
    for (size_t i = 0; i < HPX_MIN(met_count, met_cap); i++) {
        bool combining = met[i].kind == HPX_MET_COMBINING_RUN;
        HPX_TRY(mark(prep, combining ? HPX_MARK_COMBINING : HPX_MARK_BIDI, raw_off + met[i].raw_off));
        if (combining) prep->batch->combining_runs++;
        else prep->batch->bidi_controls++;
    }
    return HAPAX_OK;
}

static bool is_front_matter(const preparation *prep, uint32_t raw_off) {
    const hpx_stretch *stretch = prep->stretch;
    return stretch->byte_off + (raw_off - stretch->raw_off) < stretch->document->front_nbytes;
}

static bool is_plain_blank(hpx_slice line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != ' ' && line.ptr[i] != '\t' && (line.ptr[i] < '\v' || line.ptr[i] > '\r')) return false;
    return true;
}

/* Fills in text_off, text_len and text_is_raw of the paragraph. */
static hapax_status clean_paragraph(preparation *prep, hpx_paragraph *p, bool code) {
    hpx_batch *batch = prep->batch;
    hpx_slice raw = hpx_slice_of(batch->raw.ptr + p->raw_off, p->raw_len);
    hpx_clean_context context = {
        .other_cjk = prep->stretch->document->other_cjk, .code = code, .no_clean = prep->options.no_clean};
    hpx_met met[2 * HPX_STRETCH_MARKS];
    size_t met_count = 0;
    if (!prep->options.keep_edits) hpx_edits_clear(prep->edits);
    size_t first = prep->edits->count;
    HPX_TRY(hpx_clean_paragraph(prep->bench->cleaner, raw, context, prep->edits, met, HPX_ARRAY_LEN(met), &met_count));
    p->first_edit = (uint32_t)first;
    p->edit_count = (uint32_t)(prep->edits->count - first);
    if (HPX_UNLIKELY(met_count || p->edit_count))
        HPX_TRY(report_met(prep, first, p->raw_off, met, met_count, HPX_ARRAY_LEN(met)));
    if (p->edit_count == 0) {
        p->text_is_raw = true;
        p->text_off = p->raw_off;
        p->text_len = p->raw_len;
        return HAPAX_OK;
    }
    p->text_off = (uint32_t)batch->clean.len;
    HPX_TRY(hpx_edits_apply(prep->edits, first, p->edit_count, raw, &batch->clean));
    p->text_len = (uint32_t)(batch->clean.len - p->text_off);
    return HAPAX_OK;
}

/* One line without its end. Grows the paragraphs by one, by none (blank) or by more (its cleaned text is too long). */
static hapax_status add_line(preparation *prep, uint32_t raw_off, uint32_t raw_len, uint8_t eol_len, int depth) {
    hpx_batch *batch = prep->batch;
    bool code = prep->mend_before.fence != 0 || prep->mend.fence != 0 || is_front_matter(prep, raw_off);
    if (raw_len == 0 && !code) {
        if (prep->blank) batch->blank_edits += prep->counts && !prep->options.no_clean;
        prep->blank = true;
        return HAPAX_OK;
    }
    HPX_TRY(begin_group_if_due(prep, raw_off));
    hpx_paragraph p = {.raw_off = raw_off, .raw_len = raw_len, .eol_len = eol_len, .blank_before = prep->blank,
                       .is_fence = prep->mend_before.fence != prep->mend.fence};
    size_t clean_before = batch->clean.len;
    uint64_t damage_before = batch->utf8_damage;
    size_t marks_before = batch->mark_count;
    unsigned marks_of_kind[HPX_MARK_KINDS];
    memcpy(marks_of_kind, prep->marks, sizeof marks_of_kind);
    HPX_TRY(clean_paragraph(prep, &p, code));
    bool blank = prep->options.no_clean ? is_plain_blank(raw_between(prep, raw_off, raw_off + raw_len)) : p.text_len == 0;
    if (blank && !code) {
        batch->blank_edits += prep->counts && !prep->options.no_clean;
        batch->clean.len = clean_before;
        prep->blank = true;
        return HAPAX_OK;
    }
    if (HPX_UNLIKELY(p.text_len > HPX_PARAGRAPH_MAX_NBYTES && !prep->options.no_clean && depth < 8)) {
        batch->clean.len = clean_before;
        batch->utf8_damage = damage_before;
        batch->mark_count = marks_before;
        memcpy(prep->marks, marks_of_kind, sizeof marks_of_kind);
        bool at_break;
        uint32_t half = (uint32_t)hpx_long_paragraph_cut(hpx_slice_of(batch->raw.ptr + raw_off, raw_len), raw_len / 2, &at_break);
        batch->cuts++;
        HPX_TRY(mark(prep, HPX_MARK_CUT, raw_off + half));
        HPX_TRY(add_line(prep, raw_off, half, 0, depth + 1));
        return add_line(prep, raw_off + half, raw_len - half, eol_len, depth + 1);
    }
    if (p.edit_count) count_edits(prep, p.first_edit);
    p.lead_len = raw_off - prep->blank_off;
    p.skeleton_off = (uint32_t)batch->skeleton.len;
    if (!prep->options.no_find) HPX_TRY(hpx_skeleton_append(hpx_batch_text(batch, &p), &batch->skeleton, &prep->stretch->letters));
    p.skeleton_len = (uint32_t)(batch->skeleton.len - p.skeleton_off);
    HPX_TRY(hpx_grow(batch->memory, &batch->paragraphs, &batch->paragraph_cap, batch->paragraph_count + 1,
                     sizeof *batch->paragraphs));
    batch->paragraphs[batch->paragraph_count++] = p;
    prep->blank = false;
    prep->blank_off = raw_off + raw_len + eol_len;
    return HAPAX_OK;
}

/* Whether lines end anywhere but at LF: CR, VT, FF, U+2028, U+2029 (and CR LF). */
static bool has_other_breaks(hpx_slice bytes) {
    if (memchr(bytes.ptr, '\r', bytes.len) || memchr(bytes.ptr, '\v', bytes.len) || memchr(bytes.ptr, '\f', bytes.len)) return true;
    const uint8_t *p = bytes.ptr, *end = bytes.ptr + bytes.len;
    while ((p = memchr(p, 0xE2, (size_t)(end - p)))) {
        if (end - p >= 3 && p[1] == 0x80 && (p[2] & 0xFE) == 0xA8) return true;
        p++;
    }
    return false;
}

/* Length of the line that begins at `at`, and of its end. With no_clean only LF and CR LF end lines. */
static uint32_t find_line_end(const preparation *prep, hpx_slice rest, bool other_breaks, uint8_t *eol_len) {
    size_t break_len;
    if (other_breaks) {
        size_t len = hpx_mend_line_break(rest, 0, &break_len);
        *eol_len = (uint8_t)break_len;
        return (uint32_t)len;
    }
    const uint8_t *lf = memchr(rest.ptr, '\n', rest.len);
    size_t len = lf ? (size_t)(lf - rest.ptr) : rest.len;
    bool cr = prep->options.no_clean && lf && len && lf[-1] == '\r';
    *eol_len = (uint8_t)((lf != NULL) + cr);
    return (uint32_t)(len - cr);
}

static hapax_status add_lines(preparation *prep) {
    hpx_batch *batch = prep->batch;
    const hpx_stretch *stretch = prep->stretch;
    uint32_t at = stretch->raw_off, end = stretch->raw_off + stretch->raw_len;
    hpx_slice all = raw_between(prep, at, end);
    prep->fences = prep->mend.fence || hpx_mend_may_fence(all);
    bool other_breaks = !prep->options.no_clean && has_other_breaks(all);
    while (at < end) {
        uint8_t eol_len;
        uint32_t len = find_line_end(prep, raw_between(prep, at, end), other_breaks, &eol_len), next = at + len + eol_len;
        prep->mend_before = prep->mend;
        if (prep->fences) prep->mend = hpx_mend_after(prep->mend, raw_between(prep, at, at + len));
        HPX_TRY(add_line(prep, at, len, eol_len, 0));
        bool lf = eol_len && batch->raw.ptr[next - 1] == '\n';
        if (other_breaks && eol_len && !(lf && eol_len == 1)) batch->edits[HPX_RULE_SPACE] += prep->counts;
        if (lf) {
            prep->lines++;
            prep->line_off = next;
        }
        at = next;
    }
    return HAPAX_OK;
}

/* no_clean: blank lines behind the last paragraph are kept as the lead of one more, which is empty. */
static hapax_status add_blank_tail(preparation *prep) {
    hpx_batch *batch = prep->batch;
    uint32_t end = prep->stretch->raw_off + prep->stretch->raw_len;
    if (prep->blank_off == end) return HAPAX_OK;
    HPX_TRY(hpx_grow(batch->memory, &batch->paragraphs, &batch->paragraph_cap, batch->paragraph_count + 1,
                     sizeof *batch->paragraphs));
    batch->paragraphs[batch->paragraph_count++] = (hpx_paragraph){
        .raw_off = end, .text_off = end, .text_is_raw = true, .lead_len = end - prep->blank_off,
        .skeleton_off = (uint32_t)batch->skeleton.len};
    return HAPAX_OK;
}

static hapax_status prepare_stretch(hpx_batch *batch, uint32_t number, hpx_workbench *bench, hpx_prepare_options options) {
    hpx_stretch *stretch = &batch->stretches[number];
    preparation prep = {
        .batch = batch, .bench = bench, .options = options, .stretch = stretch, .stretch_number = number,
        .edits = options.keep_edits ? options.keep_edits : &bench->edits, .mend = stretch->mend,
        .counts = !stretch->document->against, .counted_to = stretch->raw_off, .line_off = stretch->raw_off, .blank_off = stretch->raw_off,
    };
    stretch->first_paragraph = (uint32_t)batch->paragraph_count;
    stretch->first_group = (uint32_t)batch->group_count;
    stretch->first_chosen = (uint32_t)batch->chosen.count;
    stretch->first_mark = (uint32_t)batch->mark_count;
    stretch->skeleton_off = (uint32_t)batch->skeleton.len;
    stretch->utf8_damage = batch->utf8_damage;
    HPX_TRY(add_lines(&prep));
    if (options.no_clean) HPX_TRY(add_blank_tail(&prep));
    if (stretch->cut) {
        batch->cuts++;
        HPX_TRY(mark(&prep, HPX_MARK_CUT, stretch->raw_off + stretch->raw_len));
    }
    stretch->utf8_damage = batch->utf8_damage - stretch->utf8_damage;
    stretch->mark_count = (uint32_t)batch->mark_count - stretch->first_mark;
    stretch->paragraph_count = (uint32_t)batch->paragraph_count - stretch->first_paragraph;
    stretch->skeleton_len = (uint32_t)batch->skeleton.len - stretch->skeleton_off;
    stretch->blank_after = prep.blank;
    count_chars_to(&prep, stretch->raw_off + stretch->raw_len);
    stretch->chars = prep.chars;
    stretch->lines = prep.lines;
    stretch->tail_chars = chars_on_line(&prep, stretch->raw_off + stretch->raw_len);
    if (options.no_find) return HAPAX_OK;
    hpx_slice skeleton = {stretch->skeleton_len ? batch->skeleton.ptr + stretch->skeleton_off : NULL, stretch->skeleton_len};
    HPX_TRY(hpx_choose(bench->chooser, skeleton, stretch->skeleton_off, &batch->chosen));
    stretch->chosen_count = (uint32_t)batch->chosen.count - stretch->first_chosen;
    if (stretch->ends) {
        uint8_t separator = HPX_DOCUMENT_SEPARATOR;
        HPX_TRY(hpx_buffer_append(&batch->skeleton, &separator, 1));
    }
    return HAPAX_OK;
}

hapax_status hpx_batch_prepare(hpx_batch *batch, hpx_workbench *bench, hpx_prepare_options options) {
    for (size_t i = 0; i < batch->stretch_count; i++) {
        HPX_TRY(prepare_stretch(batch, (uint32_t)i, bench, options));
    }
    return HAPAX_OK;
}
