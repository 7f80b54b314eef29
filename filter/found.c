/* found: see found.h. Layer 7. */
#include "found.h"

#include "skeleton.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>

/* In what long passages differ is looked at in their first part only, so that the memory stays bounded. */
#define COMPARED_MAX_NBYTES ((uint64_t)1 << 20)
/* The text of a passage in the journal; longer ones are named by their places alone. */
#define TEXT_MAX_NBYTES ((uint64_t)64 << 10)

void hpx_found_init(hpx_found *found, hpx_writer *writer, hpx_log *letters, bool notes, hpx_memory *memory) {
    *found = (hpx_found){.memory = memory, .writer = writer, .letters = letters, .notes = notes};
}

void hpx_found_release(hpx_found *found) {
    if (found->memory) hpx_free(found->memory, found->entries, found->cap * sizeof *found->entries);
    *found = (hpx_found){0};
}

/* Adds to each entry's out_byte where its first letter stands in the paragraph. Entries are sorted by begin. */
static void add_text_offsets(hpx_found_entry *entries, size_t count, const hpx_cut_paragraph *p) {
    hpx_skeleton_walk walk;
    hpx_skeleton_char c = {0};
    uint64_t at = p->begin;
    hpx_skeleton_walk_init(&walk, p->text);
    bool more = hpx_skeleton_walk_next(&walk, &c);
    for (size_t i = 0; i < count; i++) {
        for (; more && at + c.nbytes <= entries[i].passage.begin; more = hpx_skeleton_walk_next(&walk, &c)) at += c.nbytes;
        entries[i].out_byte += c.text_off;
    }
}

static int by_begin(const void *a, const void *b) {
    const hpx_found_entry *p = a, *q = b;
    if (p->passage.begin != q->passage.begin) return p->passage.begin < q->passage.begin ? -1 : 1;
    return p->passage.order < q->passage.order ? -1 : p->passage.order > q->passage.order;
}

hapax_status hpx_found_add(hpx_found *found, const hpx_passages *passages, const hpx_cut_paragraph *p, size_t eol_nbytes) {
    size_t before = found->count;
    uint64_t text_out = found->writer->out_nbytes - eol_nbytes - p->text.len;
    for (size_t i = passages->found_begin; i < passages->found_count; i++) {
        const hpx_passage *passage = &passages->found[i];
        if (passage->found_at > p->begin + p->skeleton.len + passages->options.reach) break;
        if (passage->begin < p->begin || passage->begin >= p->begin + p->skeleton.len) continue;
        HPX_TRY(hpx_grow(found->memory, &found->entries, &found->cap, found->count + 1, sizeof *found->entries));
        found->entries[found->count++] = (hpx_found_entry){*passage, text_out};
    }
    if (found->count == before) return HAPAX_OK;
    qsort(found->entries + before, found->count - before, sizeof *found->entries, by_begin);
    add_text_offsets(found->entries + before, found->count - before, p);
    return HAPAX_OK;
}

static int by_order(const void *a, const void *b) {
    const hpx_passage *p = a, *q = b;
    return p->order < q->order ? -1 : p->order > q->order;
}

void hpx_found_refresh(hpx_found *found, const hpx_passages *passages) {
    for (size_t i = 0; i < found->count; i++) {
        hpx_passage *passage = &found->entries[i].passage;
        if (!passage->open) continue;
        const hpx_passage *now = bsearch(passage, passages->found + passages->found_begin,
                                         passages->found_count - passages->found_begin, sizeof *passage, by_order);
        if (now) *passage = *now;
    }
}

static hapax_status count_letters(hpx_found *found, uint64_t begin, uint64_t end, uint64_t *letters) {
    *letters = 0;
    for (uint64_t at = begin; at < end;) {
        hpx_slice view;
        uint64_t view_off;
        HPX_TRY(hpx_log_view(found->letters, at, &view, &view_off));
        uint64_t stop = HPX_MIN(end, view_off + view.len);
        *letters += hpx_utf8_count(hpx_slice_of(view.ptr + (at - view_off), (size_t)(stop - at)));
        at = stop;
    }
    return HAPAX_OK;
}

static hapax_status tell_note(hpx_found *found, const hpx_journal_span *span, const hpx_document *document) {
    char differs[64], message[512];
    hpx_writer_differs_text(span->differs, differs, sizeof differs);
    bool other = strcmp(span->file, span->source_file) != 0;
    snprintf(message, sizeof message, "%llu letters stand at %s%s%llu:%llu already%s%s", (unsigned long long)span->letters,
             other ? span->source_file : "", other ? ":" : "", (unsigned long long)span->source_begin.line,
             (unsigned long long)span->source_begin.column, differs[0] ? "; " : "", differs);
    hpx_writer_tell(found->writer, HAPAX_NOTE, "duplicate", document, &span->begin, message);
    return HAPAX_OK;
}

static hapax_status tell(hpx_found *found, const hpx_found_entry *entry) {
    const hpx_passage *p = &entry->passage;
    hpx_writer *writer = found->writer;
    hpx_journal_span span = {.length = p->end - p->begin, .out_byte = entry->out_byte, .out_file = hpx_writer_output_name(writer)};
    hpx_removal range = {.begin = p->begin, .end = p->end, .distance = p->distance};
    const hpx_document *document;
    bool known;
    HPX_TRY(hpx_writer_name_letters(writer, &range, &span, &document, &known));
    if (!known) return HAPAX_OK;
    HPX_TRY(count_letters(found, p->begin, p->end, &span.letters));
    HPX_TRY(hpx_writer_differs(writer, p->begin, HPX_MIN(p->end, p->begin + COMPARED_MAX_NBYTES), p->distance, &span.differs, &known));
    if (found->notes) HPX_TRY(tell_note(found, &span, document));
    if (!writer->options.journal || !writer->options.no_remove) return HAPAX_OK;
    if (span.length <= TEXT_MAX_NBYTES) span.text = hpx_slice_of(writer->scratch.ptr, writer->scratch.len); /* left there by hpx_writer_differs */
    return hpx_journal_line(&writer->journal, &span);
}

hapax_status hpx_found_flush(hpx_found *found, const hpx_passages *passages) {
    hpx_found_refresh(found, passages);
    size_t told = 0;
    for (; told < found->count && !found->entries[told].passage.open; told++) {
        const hpx_found_entry *entry = &found->entries[told];
        if (entry->passage.end <= found->told_end) continue;
        found->told_end = entry->passage.end;
        HPX_TRY(tell(found, entry));
    }
    size_t kept = 0;
    for (size_t i = told; i < found->count; i++) { /* behind an open one, what ended inside it will not be told */
        bool inside = i > told && !found->entries[i].passage.open && found->entries[i].passage.end <= found->entries[told].passage.end;
        if (!inside) found->entries[kept++] = found->entries[i];
    }
    found->count = kept;
    return HAPAX_OK;
}
