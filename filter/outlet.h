/*
 * outlet: from text that was put out to blocks that can be compressed in any thread and are handed out in order. Layer 7.
 *
 * Blocks of gzip output have HPX_DEFLATE_BLOCK_NBYTES of text, whatever the batches were, so the compressed bytes do not depend on threads
 * either. It has no lock: its owner guards it, and a block that is being compressed belongs to that thread.
 */
#ifndef HPX_OUTLET_H
#define HPX_OUTLET_H

#include "deflate.h"

typedef enum { HPX_BLOCK_WAITS, HPX_BLOCK_RUNS, HPX_BLOCK_READY } hpx_block_state;

typedef struct hpx_block {
    hpx_buffer text, packed;      /* plain output: text is handed out; gzip: packed */
    hpx_buffer dictionary;
    hpx_block_state state;
    bool first, last;             /* of its output */
    bool final;                   /* the last output ends with it */
    uint32_t crc;
    size_t text_nbytes;
    size_t given_nbytes;          /* already handed out */
    struct hpx_block *next;
} hpx_block;

typedef struct {
    hpx_memory *memory;
    int gzip_level;               /* 0: plain */
    hpx_block *head, *tail;       /* in order */
    hpx_block *filling;           /* gzip: not full */
    hpx_buffer dictionary;        /* last text put into blocks */
    hpx_buffer spare;             /* memory of a plain block that was handed out, for the next one */
    bool begins_output;           /* the next block is the first of an output */
    uint64_t queued_nbytes;       /* text in blocks */
    uint32_t crc;                 /* of the output whose blocks are being handed out */
    uint64_t crc_nbytes;
} hpx_outlet;

void hpx_outlet_init(hpx_outlet *outlet, int gzip_level, hpx_memory *memory);
void hpx_outlet_release(hpx_outlet *outlet);

/* Takes all of text (which is empty afterwards); at the given offsets of it an output ends. final: so does the last one, at its end. */
hapax_status hpx_outlet_take(hpx_outlet *outlet, hpx_buffer *text, const size_t *ends, size_t end_count, bool final) HAPAX_MUST_CHECK;

/* A block that waits to be compressed becomes the caller's (state RUNS); NULL: none. */
hpx_block *hpx_outlet_next_job(hpx_outlet *outlet);
/* Compresses it; needs no lock. Then set its state to READY under the owner's lock. */
hapax_status hpx_block_compress(hpx_block *block, hpx_deflater *deflater, int level) HAPAX_MUST_CHECK;

/* The block to hand out now, or NULL. Its bytes are final. */
hapax_status hpx_outlet_head(hpx_outlet *outlet, hpx_block **block) HAPAX_MUST_CHECK;
hpx_slice hpx_outlet_bytes(const hpx_outlet *outlet, const hpx_block *block);
/* Drops the head block. */
void hpx_outlet_drop_head(hpx_outlet *outlet);

#endif
