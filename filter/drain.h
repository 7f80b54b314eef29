/*
 * drain: the writing side of the clean verb: pulls text and journal and writes them to their files. Layer 7.
 */
#ifndef HPX_DRAIN_H
#define HPX_DRAIN_H

#include "feed.h"
#include "messages.h"
#include "options.h"
#include "output_file.h"
#include "watch.h"

typedef struct {
    hapax *filter;
    const hpx_options *options;
    hpx_messages *messages;
    hpx_output_list *list;
    hpx_watch *watch;
    hpx_feed_outputs *outputs;
    int gzip_level; /* of the text outputs that are compressed here, not by the library; 0: none */
    hpx_output_file *text, *journal, *stats;
    hpx_output_file **ended; /* texts that are whole and wait for the end of the run: all get their names, or none */
    size_t ended_count, ended_cap;
    void (*on_failure)(void *context); /* tells the reading side to stop; may be called more than once */
    void *failure_context;
    const atomic_bool *feed_over; /* the reading side has ended; NULL: it is not a thread of its own */
    size_t outputs_opened;
    uint8_t *piece;
    bool text_done, journal_done;
    bool failed;         /* a write failed and was reported */
    hapax_status status; /* of the library */
} hpx_drain;

/* Opens what can be opened before anything is read. False: reported. */
bool hpx_drain_open(hpx_drain *drain) HAPAX_MUST_CHECK;
/* Writes what is ready; *moved says whether there was any. context is the hpx_drain. False: failed, or the library did. */
bool hpx_drain_some(void *context, bool *moved);
/* Writes until the end, waiting where nothing is ready; after a failure it takes what comes and throws it away, until the other
 * side has ended. */
void hpx_drain_all(hpx_drain *drain);
/* The object of --stats, where it is asked for. False: failed and reported. */
bool hpx_drain_stats(hpx_drain *drain, const char *text);
/* Puts text and journal (keep) and the statistics (keep_stats) under their names, all or none, or removes what was written. False:
 * failed. */
bool hpx_drain_close(hpx_drain *drain, bool keep, bool keep_stats);

#endif
