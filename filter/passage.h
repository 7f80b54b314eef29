/*
 * passage: finds the runs of letters that stand earlier, letter for letter. Layer 5.
 *
 * Fingerprints only propose sources; every letter of a passage is compared in the store, in both directions, so a collision can
 * cost time and never a letter. Several sources are followed at once, because set phrases lead to the wrong one
 * first. One thread at a time.
 */
#ifndef HPX_PASSAGE_H
#define HPX_PASSAGE_H

#include "index.h"
#include "log.h"

/* Sources followed at the same time at one place. It bounds the letters compared for each letter of input; more are
 * only there where text repeats with a short period. */
#define HPX_PASSAGE_LIVE 8
/* How far back from a fingerprint a passage may be followed, in skeleton bytes, when it is not known from an earlier one;
 * and so how many letters are waited for before a paragraph is decided. At least the smallest passage. */
#define HPX_PASSAGE_REACH 1024u

/* Letters [begin, end) of the store stand at [begin - distance, end - distance) too. */
typedef struct {
    uint64_t begin, end, distance;
    uint64_t order;    /* in which order they were found */
    uint64_t found_at; /* the position whose fingerprint proposed it */
    bool noted;        /* long enough: it stands among the found ones */
    bool open;         /* may grow when more of the document arrives */
} hpx_passage;

typedef struct {
    uint64_t min_length;
    uint64_t reach; /* HPX_PASSAGE_REACH or min_length, whichever is larger */
    hapax_scope scope;
} hpx_passage_options;

typedef struct {
    hpx_memory *memory;
    hpx_index *index;  /* borrowed */
    hpx_log *letters;  /* borrowed */
    hpx_passage_options options;
    uint64_t document_begin, document_number;
    hpx_passage live[HPX_PASSAGE_LIVE]; /* may still cover what comes */
    size_t live_count;
    hpx_passage *found; /* long enough; sorted by order, which is the order of found_at too */
    size_t found_begin, found_count, found_cap; /* those before found_begin are forgotten */
    uint64_t next_order;
    uint64_t letters_compared;
    bool index_full;
    uint64_t full_at;  /* the first position that was not remembered */
} hpx_passages;

void hpx_passages_init(hpx_passages *passages, hpx_index *index, hpx_log *letters, hpx_passage_options options, hpx_memory *memory);
void hpx_passages_release(hpx_passages *passages);

/* A document begins at this position. */
void hpx_passages_begin(hpx_passages *passages, uint64_t position, uint64_t document_number);

/* More letters of the document have arrived: they reach to available. */
hapax_status hpx_passages_extend(hpx_passages *passages, uint64_t available) HAPAX_MUST_CHECK;

/* The fingerprint under which position is looked up (scope `within` keeps documents apart). */
uint64_t hpx_passages_key(const hpx_passages *passages, uint64_t fingerprint);

/* Looks up position, whose shingle has this key, and remembers it. Positions ascend. left_limit: passages begin there at the earliest.
 * HAPAX_E_FULL is only noted (index_full). */
hapax_status hpx_passages_visit(hpx_passages *passages, uint64_t key, uint64_t position, uint64_t left_limit, uint64_t available) HAPAX_MUST_CHECK;

/* The document ends: nothing grows any more. */
void hpx_passages_end(hpx_passages *passages);

/* Forgets passages that end before position; later positions only follow. Its cost is constant for each passage and each call. */
void hpx_passages_forget(hpx_passages *passages, uint64_t position);

#endif
