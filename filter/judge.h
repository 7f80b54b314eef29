/*
 * judge: the serial heart: takes prepared batches in order, finds passages, decides what goes, hands the rest to the writer. Layer 7.
 *
 * It is the only place where batches meet, so it also chooses the shingles of windows that straddle a seam. What it decides depends on
 * positions in the stream, never on where batches end: a paragraph is decided when all fingerprints up to HPX_PASSAGE_REACH letters behind it
 * were looked up, or when HPX_JUDGE_HOLD_NBYTES of input stand behind it. One thread at a time.
 */
#ifndef HPX_JUDGE_H
#define HPX_JUDGE_H

#include "writer.h"

/* Input behind a paragraph after which it is decided even if hardly any letters were in it. */
#define HPX_JUDGE_HOLD_NBYTES ((size_t)1 << 20)

typedef struct {
    size_t min_length;
    hapax_scope scope;
    bool no_clean, no_find, no_remove, journal;
    hapax_on_full on_full;
    bool tell_passages;
    uint64_t expected_nbytes;
    uint64_t seed, memory_nbytes, store_memory_nbytes; /* store_memory_nbytes: 0 or for tests */
    const char *tmpdir;
    const char *const *journal_options, *const *journal_inputs;
    hapax_event_fn on_event;
    void *event_context;
    hapax_error *error;      /* filled in when the store fails */
} hpx_judge_options;

typedef struct hpx_judge hpx_judge;
hapax_status hpx_judge_create(hpx_judge **out, const hpx_judge_options *options, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_judge_destroy(hpx_judge *judge);

/* Takes the next batch; what is decided by it goes to the writer. Batches that are done with come back through *done, as a list. */
hapax_status hpx_judge_batch(hpx_judge *judge, hpx_batch *batch, hpx_batch **done) HAPAX_MUST_CHECK;
/* No batch comes any more: all documents have ended. */
hapax_status hpx_judge_finish(hpx_judge *judge, bool damaged) HAPAX_MUST_CHECK;

hpx_writer *hpx_judge_writer(hpx_judge *judge);
/* Adds what the judge counts. */
void hpx_judge_get_stats(const hpx_judge *judge, hapax_stats *stats);
size_t hpx_judge_most_removed(hpx_judge *judge, hapax_repeat *repeats, size_t n);
/* Batches held because they are not decided, and their input bytes. */
size_t hpx_judge_held(const hpx_judge *judge, uint64_t *nbytes);

#endif
