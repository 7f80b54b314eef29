/*
 * verb_clean: `hapax [clean]`: sets the filter up, lets the two sides run, says what came of it. Layer 8.
 */
#ifndef HPX_VERB_CLEAN_H
#define HPX_VERB_CLEAN_H

#include "messages.h"
#include "options.h"
#include "output_file.h"
#include "watch.h"

enum { HPX_EXIT_DONE = 0, HPX_EXIT_FOUND = 1, HPX_EXIT_FAILED = 2, HPX_EXIT_DAMAGED = 3 };

/* Returns the exit status. */
int hpx_verb_clean(const hpx_options *options, hpx_messages *messages, hpx_output_list *list, hpx_watch *watch);

#endif
