/*
 * summary: what a run did, in a few lines of English or as one JSON object. Layer 7. Knows numbers only.
 */
#ifndef HPX_SUMMARY_H
#define HPX_SUMMARY_H

#include "messages.h"
#include "options.h"

/* Removed passages, the most removed ones, what was cleaned. verbose: memory, bounds and time too. */
void hpx_summary_say(hpx_messages *messages, hapax *filter, const hpx_options *options);

/* The object of --stats, with a newline. The caller frees it; NULL: no memory. */
char *hpx_summary_json(const hapax_stats *stats, const hpx_messages *messages);

#endif
