/*
 * repeats: which removed texts came back most often. Layer 5.
 *
 * Bounded: when the table fills up, the rarest texts are forgotten (lossy counting; Manku, Motwani 2002), so a count is exact for whatever
 * was never rare while the table was full, and at most too small for the rest.
 */
#ifndef HPX_REPEATS_H
#define HPX_REPEATS_H

#include "base.h"

typedef struct {
    uint64_t hash;             /* of the removed letters; 0: free */
    uint64_t order;            /* 1, 2, 3 ... in order of first removal */
    uint64_t copies, letters;
    uint64_t begin, end, distance; /* of the first removal: positions in the store */
} hpx_repeat_entry;

typedef struct {
    hpx_memory *memory;
    hpx_repeat_entry *entries;
    size_t cap, count;
    uint64_t orders;
    uint64_t placement;        /* secret, so that crafted texts cannot make looking up slow; changes nothing that is counted */
} hpx_repeats;

void hpx_repeats_init(hpx_repeats *repeats, hpx_memory *memory);
void hpx_repeats_release(hpx_repeats *repeats);

/* Counts one removal. */
hapax_status hpx_repeats_add(hpx_repeats *repeats, const hpx_repeat_entry *entry) HAPAX_MUST_CHECK;

/* Up to n entries with the most copies, most first; among equals the earlier one. Returns how many. */
size_t hpx_repeats_most(const hpx_repeats *repeats, hpx_repeat_entry *entries, size_t n);

#endif
