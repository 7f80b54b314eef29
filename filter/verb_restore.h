/*
 * verb_restore: `hapax restore OUTPUT JOURNAL`. Layer 8.
 */
#ifndef HPX_VERB_RESTORE_H
#define HPX_VERB_RESTORE_H

#include "messages.h"
#include "options.h"
#include "output_file.h"
#include "watch.h"

/* Returns the exit status: 0 or 2. */
int hpx_verb_restore(const hpx_options *options, hpx_messages *messages, hpx_output_list *list, hpx_watch *watch);

#endif
