/*
 * frame: plain text in, batches with fixed boundaries out. Layer 3.
 *
 * Where a batch ends depends on the bytes alone, never on the pieces in which they came. The first HPX_HEAD_NBYTES of a document are waited for,
 * because they decide what is decided once for it. Serial: it belongs to the pushing thread.
 */
#ifndef HPX_FRAME_H
#define HPX_FRAME_H

#include "batch.h"

#define HPX_BATCH_NBYTES ((size_t)256 << 10)
#define HPX_BATCH_STRETCHES 4096 /* so that empty documents fill a batch too */

typedef struct {
    hpx_memory *memory;
    size_t batch_nbytes;
    bool no_clean;
    hpx_document *document;      /* NULL between documents */
    hpx_buffer waiting;          /* bytes of the document that are in no batch yet; begins at a line or behind a cut */
    size_t waiting_begin;        /* these of waiting have already left */
    size_t searched;             /* bytes behind waiting_begin in which no end of a batch was found; 0: not begun */
    size_t line_begin, blank_begin; /* there: the line at hand, the run of blank lines before it */
    bool breaks_sought;          /* the line at hand is long, and has no other line break near its begin */
    uint64_t byte_off;           /* of waiting_begin in the document */
    bool begun, head_decided, ended;
    hpx_mend_state mend;
} hpx_frame;

void hpx_frame_init(hpx_frame *frame, size_t batch_nbytes, bool no_clean, hpx_memory *memory);
void hpx_frame_release(hpx_frame *frame);

void hpx_frame_begin(hpx_frame *frame, hpx_document *document);
hapax_status hpx_frame_push(hpx_frame *frame, const uint8_t *bytes, size_t nbytes) HAPAX_MUST_CHECK;
void hpx_frame_end(hpx_frame *frame);

/* Moves what can be moved to the batch; *full: the batch is to be sent off. Call again with an empty batch until *full is false.
 * After hpx_frame_end and *full == false the document has left the frame. */
hapax_status hpx_frame_fill(hpx_frame *frame, hpx_batch *batch, bool *full) HAPAX_MUST_CHECK;

/* Bytes that more input is needed for. */
size_t hpx_frame_held(const hpx_frame *frame);

#endif
