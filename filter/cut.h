/*
 * cut: from passages to what goes: whole units, never a part of a sentence. Layer 5, pure but for reading the store.
 */
#ifndef HPX_CUT_H
#define HPX_CUT_H

#include "passage.h"

/* Letters (skeleton bytes) that a passage must have on each side of a paragraph shorter than the smallest passage for that paragraph to
 * go: so bylines and headings at the edge of a copy stay and those in its middle go. */
#define HPX_CUT_SIDE_NBYTES 32u
/* Longer units are never removed: a "sentence" of this length is no sentence, and a wrong cut would be large. */
#define HPX_CUT_UNIT_MAX_NBYTES (64u << 10)

typedef struct {
    size_t text_begin, text_end; /* what goes, in the paragraph's cleaned text; spaces at the seam included */
    size_t units_end;            /* end of the last unit without the spaces behind it */
    size_t units_begin;          /* begin of the first unit */
    uint64_t begin, end;         /* positions of its letters */
    uint64_t distance;           /* to the source */
    uint64_t order;              /* of the passage */
} hpx_cut;

typedef struct {
    hpx_cut *items;
    size_t count, cap;
    bool whole;                  /* nothing of the paragraph is left */
    hpx_memory *memory;
    size_t *active;              /* scratch */
    size_t active_cap;
    hpx_passage *sorted;         /* those that touch the paragraph, by their begin */
    size_t sorted_count, sorted_cap;
} hpx_cuts;

void hpx_cuts_init(hpx_cuts *cuts, hpx_memory *memory);
void hpx_cuts_release(hpx_cuts *cuts);

typedef struct {
    hpx_slice text;              /* cleaned */
    hpx_slice skeleton;
    uint64_t begin;              /* position of its first letter */
    uint64_t document_begin, document_end; /* positions; the end is UINT64_MAX while it is not known */
    uint64_t visible_end;        /* evidence behind this position does not count; UINT64_MAX: all does */
    bool previous_went;          /* the last unit before this paragraph was removed */
} hpx_cut_paragraph;

/* Decides which units of the paragraph go, by the passages found. */
hapax_status hpx_cuts_find(hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *paragraph) HAPAX_MUST_CHECK;

/* Code points of the paragraph's skeleton that lie inside passages. Call after hpx_cuts_find. */
uint64_t hpx_cuts_letters_found(const hpx_cuts *cuts, const hpx_cut_paragraph *paragraph);

#endif
