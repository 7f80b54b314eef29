/*
 * writer: puts kept text out in order, tells the journal what was left out, and keeps the sums of both. Layer 6.
 *
 * It is handed paragraphs with their cuts, one after another, and appends to plain buffers; compression is not its business. A
 * paragraph that goes as a whole takes the blank lines before it along, unless the paragraph behind it stands close to it and stays:
 * then the blank lines stay for that one. Until this is known, the removed paragraphs are held (at most HPX_WRITER_HOLD_NBYTES, or the
 * last one). No output begins with a blank line because of a removal.
 */
#ifndef HPX_WRITER_H
#define HPX_WRITER_H

#include "cut.h"
#include "journal.h"
#include "repeats.h"

#include <xxhash.h>

#define HPX_WRITER_HOLD_NBYTES ((size_t)64 << 10)

typedef struct {
    bool no_clean, no_remove, journal;
    const char *const *journal_options, *const *journal_inputs;
    hapax_event_fn on_event;
    void *event_context;
} hpx_writer_options;

/* Something that goes; its place is named when its line is written. */
typedef struct {
    uint64_t begin, end, distance;      /* positions of its letters; distance to the source */
    size_t units_begin, units_end;      /* in the cleaned paragraph */
    size_t text_off, text_len;          /* in hpx_writer.hold_text */
    uint64_t letters, hash, order;
} hpx_removal;

typedef struct {
    hpx_memory *memory;
    hpx_writer_options options;
    hpx_places *places;                 /* borrowed; NULL when nothing is looked for */
    hpx_buffer out, journal;            /* ready; the owner takes from them */
    size_t *output_ends;                /* offsets in out at which an output ended */
    size_t output_end_count, output_end_cap;
    hpx_journal_output *outputs;        /* for the journal: finished ones, and the one at hand behind them */
    size_t output_count, output_cap;
    XXH3_state_t *sum, *restored_sum;   /* of the output at hand; NULL without journal */
    uint64_t out_nbytes, restored_nbytes; /* of the output at hand */
    uint64_t total_out_nbytes;
    uint8_t restored_last;              /* last byte of what no_remove would have written */
    const hpx_document *document;
    bool document_has_text;
    bool previous_went;                 /* the last unit was removed */
    uint64_t open_end;                  /* position behind the paragraph before, if it was kept and breaks off; else 0 */
    /* removed paragraphs that wait for the next one: */
    bool holding;
    hpx_buffer lead, hold_lead, hold_text;
    hpx_removal *held;
    size_t held_count, held_cap;
    hpx_buffer scratch, source_text;
    hpx_repeats repeats;
    uint64_t removed_spans, removed_letters, removed_nbytes, warnings, damages;
} hpx_writer;

hapax_status hpx_writer_init(hpx_writer *writer, const hpx_writer_options *options, hpx_places *places, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_writer_release(hpx_writer *writer);

hapax_status hpx_writer_begin_document(hpx_writer *writer, const hpx_document *document) HAPAX_MUST_CHECK;
/* cuts may be NULL: nothing repeats here. position: of the paragraph's first letter in the store. */
hapax_status hpx_writer_paragraph(hpx_writer *writer, const hpx_batch *batch, const hpx_paragraph *p, const hpx_cuts *cuts, uint64_t position) HAPAX_MUST_CHECK;
hapax_status hpx_writer_end_document(hpx_writer *writer) HAPAX_MUST_CHECK;
/* The last output ends. damaged: the status in the journal's last line is 3. */
hapax_status hpx_writer_finish(hpx_writer *writer, bool damaged) HAPAX_MUST_CHECK;

/* Tells an event and counts it. line 0: no place in the text. */
void hpx_writer_tell(hpx_writer *writer, hapax_severity severity, const char *rule, const hpx_document *document, const hpx_place *place, const char *message);

/* What the journal calls the output at hand. */
const char *hpx_writer_output_name(const hpx_writer *writer);

/* Fills in the places of the letters [begin, end) and of their source. *known false: a text was forgotten. */
hapax_status hpx_writer_name_letters(hpx_writer *writer, const hpx_removal *letters, hpx_journal_span *span,
                                     const hpx_document **document, bool *known) HAPAX_MUST_CHECK;

/* "quotes and punctuation differ", or "". */
void hpx_writer_differs_text(unsigned differs, char *out, size_t out_nbytes);
/* In what the letters [begin, end) and their source differ; leaves their text in writer->scratch. *known false: a text was forgotten. */
hapax_status hpx_writer_differs(hpx_writer *writer, uint64_t begin, uint64_t end, uint64_t distance, unsigned *differs, bool *known) HAPAX_MUST_CHECK;

#endif
