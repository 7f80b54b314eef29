/* writer: see writer.h. Layer 6. */
#include "writer.h"

#include "charclass.h"
#include "differ.h"
#include "segment.h"
#include "skeleton.h"
#include "utf8.h"

#include <stdio.h>

hapax_status hpx_writer_init(hpx_writer *writer, const hpx_writer_options *options, hpx_places *places, hpx_memory *memory) {
    *writer = (hpx_writer){.memory = memory, .options = *options, .places = places};
    writer->out.memory = writer->journal.memory = writer->hold_lead.memory = memory;
    writer->lead.memory = writer->hold_text.memory = writer->scratch.memory = writer->source_text.memory = memory;
    hpx_repeats_init(&writer->repeats, memory);
    if (!options->journal) return HAPAX_OK;
    writer->sum = XXH3_createState();
    writer->restored_sum = XXH3_createState();
    if (!writer->sum || !writer->restored_sum) return HAPAX_E_MEMORY;
    return hpx_journal_head(&writer->journal, options->journal_options, options->journal_inputs);
}

void hpx_writer_release(hpx_writer *writer) {
    if (!writer->memory) return;
    hpx_buffer_release(&writer->out);
    hpx_buffer_release(&writer->journal);
    hpx_buffer_release(&writer->hold_lead);
    hpx_buffer_release(&writer->hold_text);
    hpx_buffer_release(&writer->lead);
    hpx_buffer_release(&writer->scratch);
    hpx_buffer_release(&writer->source_text);
    hpx_free(writer->memory, writer->held, writer->held_cap * sizeof *writer->held);
    hpx_free(writer->memory, writer->output_ends, writer->output_end_cap * sizeof *writer->output_ends);
    for (size_t i = 0; i < writer->output_count; i++)
        hpx_free(writer->memory, writer->outputs[i].name, strlen(writer->outputs[i].name) + 1);
    hpx_free(writer->memory, writer->outputs, writer->output_cap * sizeof *writer->outputs);
    hpx_repeats_release(&writer->repeats);
    XXH3_freeState(writer->sum);
    XXH3_freeState(writer->restored_sum);
    *writer = (hpx_writer){0};
}

void hpx_writer_tell(hpx_writer *writer, hapax_severity severity, const char *rule, const hpx_document *document, const hpx_place *place, const char *message) {
    writer->warnings += severity == HAPAX_WARNING;
    writer->damages += severity == HAPAX_DAMAGE;
    if (!writer->options.on_event) return;
    hapax_event event = {.severity = severity, .rule = rule, .document = document ? document->name : "", .message = message};
    if (place) event.line = place->line, event.column = place->column, event.byte = place->byte;
    writer->options.on_event(writer->options.event_context, &event);
}

/* What no_remove would have written. */
static void restore(hpx_writer *writer, hpx_slice bytes) {
    if (bytes.len == 0) return;
    if (writer->restored_sum) XXH3_128bits_update(writer->restored_sum, bytes.ptr, bytes.len);
    writer->restored_nbytes += bytes.len;
    writer->restored_last = bytes.ptr[bytes.len - 1];
}

static hapax_status emit(hpx_writer *writer, hpx_slice bytes) {
    if (bytes.len == 0) return HAPAX_OK;
    if (writer->sum) XXH3_128bits_update(writer->sum, bytes.ptr, bytes.len);
    writer->out_nbytes += bytes.len;
    writer->total_out_nbytes += bytes.len;
    return hpx_buffer_append(&writer->out, bytes.ptr, bytes.len);
}

/* The cleaned text from the letter at begin to the letter that ends at end, paragraphs joined by LF, into `into`. */
static hapax_status gather(hpx_writer *writer, uint64_t begin, uint64_t end, hpx_buffer *into, bool *known) {
    hpx_buffer_clear(into);
    for (uint64_t at = begin; at < end;) {
        hpx_place_view view;
        HPX_TRY(hpx_places_find(writer->places, at, &view, known));
        if (!*known) return HAPAX_OK;
        uint64_t paragraph_end = view.begin + view.paragraph->skeleton_len;
        size_t from = 0, to = view.text.len, unused;
        if (at > view.begin) hpx_place_letter(&view, at, &from, &unused);
        if (at == begin && at == view.begin) hpx_place_letter(&view, at, &from, &unused);
        if (paragraph_end >= end) hpx_place_letter(&view, end - 1, &unused, &to);
        if (into->len) HPX_TRY(hpx_buffer_append(into, "\n", 1));
        HPX_TRY(hpx_buffer_append(into, view.text.ptr + from, to - from));
        at = paragraph_end;
    }
    *known = true;
    return HAPAX_OK;
}

hapax_status hpx_writer_differs(hpx_writer *writer, uint64_t begin, uint64_t end, uint64_t distance, unsigned *differs, bool *known) {
    *differs = 0;
    HPX_TRY(gather(writer, begin, end, &writer->scratch, known));
    if (!*known) return HAPAX_OK;
    HPX_TRY(gather(writer, begin - distance, end - distance, &writer->source_text, known));
    if (!*known) return HAPAX_OK;
    *differs = hpx_differ(hpx_slice_of(writer->scratch.ptr, writer->scratch.len),
                          hpx_slice_of(writer->source_text.ptr, writer->source_text.len));
    return HAPAX_OK;
}

void hpx_writer_differs_text(unsigned differs, char *out, size_t out_nbytes) {
    size_t len = 0;
    int total = __builtin_popcount(differs), told = 0;
    out[0] = 0;
    for (unsigned i = 0; i < HPX_DIFFER_KINDS && len < out_nbytes; i++) {
        if (!(differs >> i & 1)) continue;
        const char *glue = told == 0 ? "" : told + 1 == total ? " and " : ", ";
        len += (size_t)snprintf(out + len, out_nbytes - len, "%s%s", glue, hpx_differ_name(i));
        told++;
    }
    if (told && len < out_nbytes) snprintf(out + len, out_nbytes - len, " differ");
}

/* Fills in where the source of the letters stands. */
static hapax_status name_source(hpx_writer *writer, uint64_t begin, uint64_t end, hpx_journal_span *span, bool *known) {
    hpx_place_view view;
    size_t from, to;
    HPX_TRY(hpx_places_find(writer->places, begin, &view, known));
    if (!*known) return HAPAX_OK;
    span->source_file = view.document->name;
    hpx_place_letter(&view, begin, &from, &to);
    span->source_begin = hpx_place_at(&view, from, false);
    HPX_TRY(hpx_places_find(writer->places, end - 1, &view, known));
    if (!*known) return HAPAX_OK;
    hpx_place_letter(&view, end - 1, &from, &to);
    span->source_end = hpx_place_at(&view, to, true);
    return HAPAX_OK;
}

hapax_status hpx_writer_name_letters(hpx_writer *writer, const hpx_removal *letters, hpx_journal_span *span,
                                     const hpx_document **document, bool *known) {
    hpx_place_view view;
    size_t from, to;
    HPX_TRY(hpx_places_find(writer->places, letters->begin, &view, known));
    if (!*known) return HAPAX_OK;
    *document = view.document;
    span->file = view.document->name;
    hpx_place_letter(&view, letters->begin, &from, &to);
    span->begin = hpx_place_at(&view, from, false);
    HPX_TRY(hpx_places_find(writer->places, letters->end - 1, &view, known));
    if (!*known) return HAPAX_OK;
    hpx_place_letter(&view, letters->end - 1, &from, &to);
    span->end = hpx_place_at(&view, to, true);
    return name_source(writer, letters->begin - letters->distance, letters->end - letters->distance, span, known);
}

/* Fills in where the removal and its source stand. *known false: a text was forgotten (never with a journal). */
static hapax_status name_places(hpx_writer *writer, const hpx_removal *removal, hpx_journal_span *span, bool *known) {
    hpx_place_view view;
    bool without_letters = removal->begin == removal->end;
    uint64_t first = removal->begin - (without_letters ? 1 : 0);
    HPX_TRY(hpx_places_find(writer->places, first, &view, known));
    if (!*known) return HAPAX_OK;
    span->file = view.document->name;
    /* a paragraph without letters has no position of its own: it is named by the end of the letters before it */
    span->begin = hpx_place_at(&view, without_letters ? view.text.len : removal->units_begin, false);
    span->end = hpx_place_at(&view, without_letters ? view.text.len : removal->units_end, true);
    return name_source(writer, first - removal->distance, HPX_MAX(removal->end, first + 1) - removal->distance, span, known);
}

/* The removal happens: counted, and told to the journal. text: exact bytes that went. */
static hapax_status write_removal(hpx_writer *writer, const hpx_removal *removal, hpx_slice text) {
    hpx_repeat_entry entry = {.hash = removal->hash, .letters = removal->letters, .begin = removal->begin,
                              .end = removal->end, .distance = removal->distance};
    if (removal->letters) HPX_TRY(hpx_repeats_add(&writer->repeats, &entry));
    writer->removed_spans++;
    writer->removed_letters += removal->letters;
    writer->removed_nbytes += text.len;
    if (!writer->options.journal) return HAPAX_OK;
    hpx_journal_span span = {
        .removed = true, .letters = removal->letters, .length = removal->end - removal->begin, .text = text,
        .out_file = hpx_writer_output_name(writer), .out_byte = writer->out_nbytes,
        .group = removal->letters ? removal->hash >> 11 : 0, /* 53 bits: every JSON reader keeps them */
    };
    bool known;
    HPX_TRY(name_places(writer, removal, &span, &known));
    if (!known) return HAPAX_E_STATE; /* with a journal all texts are kept */
    if (removal->end > removal->begin)
        HPX_TRY(hpx_writer_differs(writer, removal->begin, removal->end, removal->distance, &span.differs, &known));
    return hpx_journal_line(&writer->journal, &span);
}

const char *hpx_writer_output_name(const hpx_writer *writer) {
    return writer->outputs[writer->output_count - 1].name;
}

static hapax_status write_held(hpx_writer *writer, bool keep_lead) {
    if (!writer->holding) return HAPAX_OK;
    keep_lead = keep_lead && writer->out_nbytes > 0; /* an output does not begin with a blank line */
    writer->holding = false;
    hpx_slice lead = {writer->hold_lead.ptr, writer->hold_lead.len};
    if (keep_lead) HPX_TRY(emit(writer, lead));
    for (size_t i = 0; i < writer->held_count; i++) {
        const hpx_removal *removal = &writer->held[i];
        hpx_slice text = {writer->hold_text.ptr + removal->text_off, removal->text_len};
        if (i == 0 && !keep_lead) { /* hold_text begins with the lead */
            text.ptr -= lead.len;
            text.len += lead.len;
        }
        HPX_TRY(write_removal(writer, removal, text));
    }
    writer->held_count = 0;
    hpx_buffer_clear(&writer->hold_text);
    return HAPAX_OK;
}

/* What is written around the text of a paragraph. */
typedef struct {
    hpx_slice lead, text, eol;
    uint8_t separator[2];
} paragraph_parts;

static void part_paragraph(const hpx_writer *writer, const hpx_batch *batch, const hpx_paragraph *p, paragraph_parts *parts) {
    static const uint8_t newline[2] = {'\n', '\n'};
    parts->text = hpx_batch_text(batch, p);
    if (writer->options.no_clean) {
        parts->eol = hpx_slice_of(batch->raw.ptr + p->raw_off + p->raw_len, p->eol_len);
        parts->lead = hpx_slice_of(batch->raw.ptr + p->raw_off - p->lead_len, p->lead_len);
        return;
    }
    bool blank = writer->document_has_text && p->blank_before;
    parts->lead = hpx_slice_of(newline, blank);
    parts->eol = hpx_slice_of(newline, 1);
}

/* A blank line stands between two documents of one output; writer->lead becomes it, or empty. */
static hapax_status separate_documents(hpx_writer *writer) {
    bool first = !writer->document_has_text;
    writer->document_has_text = true;
    hpx_buffer_clear(&writer->lead);
    if (!first || writer->restored_nbytes == 0) return HAPAX_OK;
    hpx_slice separator = hpx_slice_of("\n\n", writer->restored_last == '\n' ? 1 : 2);
    return hpx_buffer_append(&writer->lead, separator.ptr, separator.len);
}

static hapax_status warn_if_left_open(hpx_writer *writer, const hpx_cuts *cuts, hpx_slice text, uint64_t position) {
    hpx_buffer *kept = &writer->source_text;
    hpx_buffer_clear(kept);
    size_t at = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        HPX_TRY(hpx_buffer_append(kept, text.ptr + at, cuts->items[i].text_begin - at));
        at = cuts->items[i].text_end;
    }
    HPX_TRY(hpx_buffer_append(kept, text.ptr + at, text.len - at));
    size_t open = hpx_segment_unclosed(hpx_slice_of(kept->ptr, kept->len));
    if (open >= kept->len) return HAPAX_OK;
    size_t len;
    bool quote = hpx_charclass(hpx_utf8_decode(kept->ptr + open, &len)) & HPX_QUOTE;
    for (size_t i = 0; i < cuts->count && cuts->items[i].text_begin <= open; i++) /* back to the uncut text */
        open += cuts->items[i].text_end - cuts->items[i].text_begin;
    hpx_place_view view;
    bool found;
    HPX_TRY(hpx_places_find(writer->places, position, &view, &found));
    if (!found) return HAPAX_OK;
    hpx_place place = hpx_place_at(&view, open, false);
    hpx_writer_tell(writer, HAPAX_WARNING, quote ? "unmatched-quote" : "unmatched-bracket", writer->document, &place,
                    quote ? "quotation opened here is never closed" : "bracket opened here is never closed");
    return HAPAX_OK;
}

/* Whether a paragraph looks like running text that breaks off. */
static bool breaks_off(hpx_slice text) {
    enum { SENTENCE_NBYTES = 60 }; /* shorter lines are headings and captions, which need no end */
    if (text.len < SENTENCE_NBYTES || hpx_segment_is_closed(text)) return false;
    return memmem(text.ptr, text.len, "，", 3) || memmem(text.ptr, text.len, ", ", 2) || memmem(text.ptr, text.len, "。", 3);
}

/* The paragraph before was kept and breaks off, and what may have gone on with it is removed now. */
static hapax_status warn_if_broken_off(hpx_writer *writer) {
    if (!writer->open_end) return HAPAX_OK;
    hpx_place_view view;
    bool found;
    HPX_TRY(hpx_places_find(writer->places, writer->open_end - 1, &view, &found));
    if (!found) return HAPAX_OK;
    hpx_place place = hpx_place_at(&view, view.text.len, true);
    hpx_writer_tell(writer, HAPAX_WARNING, "open-end", writer->document, &place,
                    "clause breaks off here; the paragraph behind it was removed");
    return HAPAX_OK;
}

static hpx_removal removal_of(const hpx_batch *batch, const hpx_cut *cut) {
    const uint8_t *letters = batch->skeleton.ptr + (cut->begin - batch->skeleton_base);
    size_t length = (size_t)(cut->end - cut->begin);
    return (hpx_removal){
        .begin = cut->begin, .end = cut->end, .distance = cut->distance, .order = cut->order,
        .units_begin = cut->units_begin, .units_end = cut->units_end,
        .letters = hpx_utf8_count(hpx_slice_of(letters, length)), .hash = XXH3_64bits(letters, length),
    };
}

/* The whole paragraph goes: held when blank lines stand before it, or others that are held do, or nothing is written yet; else at once. */
static hapax_status hold_whole(hpx_writer *writer, const hpx_batch *batch, const hpx_cuts *cuts, const paragraph_parts *parts) {
    if (writer->holding && (parts->lead.len || writer->out_nbytes == 0)) HPX_TRY(write_held(writer, false));
    if (!writer->holding) HPX_TRY(warn_if_broken_off(writer));
    if (!writer->holding && (parts->lead.len || writer->out_nbytes == 0)) {
        writer->holding = true;
        hpx_buffer_clear(&writer->hold_lead);
        hpx_buffer_clear(&writer->hold_text);
        HPX_TRY(hpx_buffer_append(&writer->hold_lead, parts->lead.ptr, parts->lead.len));
        HPX_TRY(hpx_buffer_append(&writer->hold_text, parts->lead.ptr, parts->lead.len));
    }
    size_t base = writer->holding ? writer->hold_text.len : 0;
    if (!writer->holding) hpx_buffer_clear(&writer->hold_text);
    HPX_TRY(hpx_buffer_append(&writer->hold_text, parts->text.ptr, parts->text.len));
    HPX_TRY(hpx_buffer_append(&writer->hold_text, parts->eol.ptr, parts->eol.len));
    for (size_t i = 0; i < cuts->count; i++) {
        const hpx_cut *cut = &cuts->items[i];
        hpx_removal removal = removal_of(batch, cut);
        bool last = i + 1 == cuts->count;
        removal.text_off = base + cut->text_begin;
        removal.text_len = cut->text_end - cut->text_begin + (last ? parts->eol.len : 0);
        if (!writer->holding) {
            HPX_TRY(write_removal(writer, &removal, hpx_slice_of(writer->hold_text.ptr + removal.text_off, removal.text_len)));
            continue;
        }
        HPX_TRY(hpx_grow(writer->memory, &writer->held, &writer->held_cap, writer->held_count + 1, sizeof removal));
        writer->held[writer->held_count++] = removal;
    }
    bool too_much = writer->hold_text.len > HPX_WRITER_HOLD_NBYTES && writer->out_nbytes > 0;
    return too_much ? write_held(writer, false) : HAPAX_OK;
}

/* Nothing is written yet, and what came before was removed: the blank lines before the first paragraph that stays go with it. */
static hapax_status give_lead_to_held(hpx_writer *writer, paragraph_parts *parts) {
    if (writer->out_nbytes > 0 || !writer->holding) return HAPAX_OK;
    HPX_TRY(hpx_buffer_append(&writer->hold_text, parts->lead.ptr, parts->lead.len));
    writer->held[writer->held_count - 1].text_len += parts->lead.len;
    parts->lead.len = 0;
    return HAPAX_OK;
}

static hapax_status keep_in_part(hpx_writer *writer, const hpx_batch *batch, const hpx_cuts *cuts, paragraph_parts *parts) {
    HPX_TRY(give_lead_to_held(writer, parts));
    HPX_TRY(write_held(writer, parts->lead.len == 0));
    HPX_TRY(emit(writer, parts->lead));
    size_t at = 0;
    for (size_t i = 0; cuts && !writer->options.no_remove && i < cuts->count; i++) {
        const hpx_cut *cut = &cuts->items[i];
        hpx_slice text = {parts->text.ptr + cut->text_begin, cut->text_end - cut->text_begin};
        hpx_removal removal = removal_of(batch, cut);
        HPX_TRY(emit(writer, hpx_slice_of(parts->text.ptr + at, cut->text_begin - at)));
        HPX_TRY(write_removal(writer, &removal, text));
        at = cut->text_end;
    }
    HPX_TRY(emit(writer, hpx_slice_of(parts->text.ptr + at, parts->text.len - at)));
    return emit(writer, parts->eol);
}

hapax_status hpx_writer_paragraph(hpx_writer *writer, const hpx_batch *batch, const hpx_paragraph *p, const hpx_cuts *cuts, uint64_t position) {
    if (cuts && cuts->count == 0) cuts = NULL;
    if (writer->document->against) return HAPAX_OK;
    paragraph_parts parts;
    part_paragraph(writer, batch, p, &parts);
    if (HPX_UNLIKELY(!writer->document_has_text)) {
        HPX_TRY(separate_documents(writer));
        HPX_TRY(hpx_buffer_append(&writer->lead, parts.lead.ptr, parts.lead.len));
        parts.lead = hpx_slice_of(writer->lead.ptr, writer->lead.len);
    }
    restore(writer, parts.lead);
    restore(writer, parts.text);
    restore(writer, parts.eol);
    bool whole = cuts && cuts->whole && !writer->options.no_remove;
    hapax_status status = whole ? hold_whole(writer, batch, cuts, &parts) : keep_in_part(writer, batch, cuts, &parts);
    HPX_TRY(status);
    writer->previous_went = cuts && cuts->items[cuts->count - 1].text_end == parts.text.len;
    writer->open_end = 0;
    if (!writer->previous_went && p->skeleton_len && breaks_off(parts.text)) writer->open_end = position + p->skeleton_len;
    if (cuts && !whole && !writer->options.no_remove) return warn_if_left_open(writer, cuts, parts.text, position);
    return HAPAX_OK;
}

static hapax_status begin_output(hpx_writer *writer, const char *name) {
    HPX_TRY(hpx_grow(writer->memory, &writer->outputs, &writer->output_cap, writer->output_count + 1, sizeof *writer->outputs));
    size_t nbytes = strlen(name) + 1;
    char *copy = hpx_alloc(writer->memory, nbytes);
    if (!copy) return HAPAX_E_MEMORY;
    memcpy(copy, name, nbytes);
    writer->outputs[writer->output_count++] = (hpx_journal_output){.name = copy};
    writer->out_nbytes = writer->restored_nbytes = 0;
    if (writer->sum) XXH3_128bits_reset(writer->sum);
    if (writer->restored_sum) XXH3_128bits_reset(writer->restored_sum);
    return HAPAX_OK;
}

static void sum_to_hex(const XXH3_state_t *state, char hex[33]) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    for (size_t i = 0; i < sizeof canonical.digest; i++) snprintf(hex + 2 * i, 3, "%02x", canonical.digest[i]);
}

static hapax_status end_output(hpx_writer *writer) {
    if (writer->output_count == 0) return HAPAX_OK;
    HPX_TRY(write_held(writer, false));
    hpx_journal_output *output = &writer->outputs[writer->output_count - 1];
    output->nbytes = writer->out_nbytes;
    output->restored_nbytes = writer->restored_nbytes;
    if (writer->sum) {
        sum_to_hex(writer->sum, output->xxh3_128);
        sum_to_hex(writer->restored_sum, output->restored_xxh3_128);
    }
    HPX_TRY(hpx_grow(writer->memory, &writer->output_ends, &writer->output_end_cap, writer->output_end_count + 1,
                     sizeof *writer->output_ends));
    writer->output_ends[writer->output_end_count++] = writer->out.len;
    return HAPAX_OK;
}

hapax_status hpx_writer_begin_document(hpx_writer *writer, const hpx_document *document) {
    writer->document = document;
    writer->document_has_text = writer->previous_went = false;
    writer->open_end = 0;
    if (document->against) return HAPAX_OK;
    if (writer->output_count && !document->new_output) return HAPAX_OK;
    HPX_TRY(end_output(writer));
    return begin_output(writer, document->output_name ? document->output_name : "-");
}

hapax_status hpx_writer_end_document(hpx_writer *writer) {
    return writer->out_nbytes > 0 ? write_held(writer, false) : HAPAX_OK;
}

hapax_status hpx_writer_finish(hpx_writer *writer, bool damaged) {
    if (writer->output_count == 0) HPX_TRY(begin_output(writer, "-"));
    HPX_TRY(end_output(writer));
    if (!writer->options.journal) return HAPAX_OK;
    return hpx_journal_end(&writer->journal, writer->removed_spans, writer->removed_letters, writer->outputs, writer->output_count,
                           damaged ? 3 : 0);
}
