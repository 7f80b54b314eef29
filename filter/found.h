/*
 * found: tells every passage once, in the order in which they begin: as a note, and with no_remove as a line of the journal. Layer 7.
 *
 * A passage is told when its end is known. One that lies inside another that was told is not told.
 */
#ifndef HPX_FOUND_H
#define HPX_FOUND_H

#include "writer.h"

typedef struct {
    hpx_passage passage;
    uint64_t out_byte; /* of its first letter, in the output at hand */
} hpx_found_entry;

typedef struct {
    hpx_memory *memory;
    hpx_writer *writer;   /* borrowed */
    hpx_log *letters;     /* borrowed */
    bool notes;           /* events are told */
    hpx_found_entry *entries; /* by begin; told ones are gone */
    size_t count, cap;
    uint64_t told_end;    /* end of the last one told */
} hpx_found;

void hpx_found_init(hpx_found *found, hpx_writer *writer, hpx_log *letters, bool notes, hpx_memory *memory);
void hpx_found_release(hpx_found *found);

/* Takes up the passages that begin in this paragraph, which was just written. */
hapax_status hpx_found_add(hpx_found *found, const hpx_passages *passages, const hpx_cut_paragraph *paragraph, size_t eol_nbytes) HAPAX_MUST_CHECK;
/* Brings their ends up to date; before passages are forgotten. */
void hpx_found_refresh(hpx_found *found, const hpx_passages *passages);
/* Tells those whose end is known. */
hapax_status hpx_found_flush(hpx_found *found, const hpx_passages *passages) HAPAX_MUST_CHECK;

#endif
