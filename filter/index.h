/*
 * index: fingerprint -> earlier positions: the first one and the latest ones. Layer 4.
 *
 * Open addressing in HPX_INDEX_SEGMENTS segments; a segment grows alone and by a quarter, so there is no doubling peak. A group
 * of entries fills one cache line. An entry holds a fixed number of fingerprint bits (its identity) and its first position;
 * when the fingerprint comes back, the entry points to a node that holds the first position and a ring of the latest ones.
 * Where an entry lies depends on its identity and a secret seed, so that crafted input cannot make probing slow.
 * One thread at a time.
 */
#ifndef HPX_INDEX_H
#define HPX_INDEX_H

#include "base.h"

#define HPX_INDEX_LATEST  5 /* depth of the chain of latest positions */
#define HPX_POSITION_BITS 40

typedef struct hpx_index hpx_index;

/* budget_nbytes bounds what the index allocates, growth included; at least HPX_INDEX_BUDGET_MIN, else HAPAX_E_OPTION.
 * placement_seed: secret, changes nothing that is found. */
#define HPX_INDEX_BUDGET_MIN (256u << 10)
hapax_status hpx_index_create(hpx_index **out, hpx_memory *memory, uint64_t budget_nbytes,
                              uint64_t placement_seed) HAPAX_MUST_CHECK;
void hpx_index_destroy(hpx_index *index);

/* About how many entries will come, if that is known before the first visit: tables begin at that size (within half of the
 * budget) instead of growing to it. Changes nothing that is found. */
void hpx_index_expect(hpx_index *index, uint64_t entries);

/* Fetches the cache line that a later visit will need. */
void hpx_index_prefetch(const hpx_index *index, uint64_t fingerprint);

/* Gives the earlier positions of fingerprint: sources[0] is the first, then the latest ones, newest first, without
 * repetition; *count of at most 1 + HPX_INDEX_LATEST. Then remembers position, which must be larger than all before.
 * HAPAX_OK; HAPAX_E_FULL: a new fingerprint did not fit and was not remembered (everything else still works: known fingerprints keep
 * updating); HAPAX_E_MEMORY: not remembered, the index is whole (sources and *count are right in either case);
 * HAPAX_E_LIMIT: position has more than HPX_POSITION_BITS bits. "Full" is a function of the entries alone: it comes at the same
 * fingerprint on every machine. A sixteenth of the budget is kept for fingerprints that come back for the first time after
 * that; when it is used up, these keep only their first position. */
hapax_status hpx_index_visit(hpx_index *index, uint64_t fingerprint, uint64_t position,
                             uint64_t sources[1 + HPX_INDEX_LATEST], size_t *count) HAPAX_MUST_CHECK;

typedef struct {
    uint64_t entries, nodes, nbytes, groups_visited;
    bool full;
} hpx_index_stats;
void hpx_index_get_stats(const hpx_index *index, hpx_index_stats *stats);

#endif
