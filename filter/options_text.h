/*
 * options_text: help screens and versions, made from options.def. Layer 8. Returns text; prints nothing.
 */
#ifndef HPX_OPTIONS_TEXT_H
#define HPX_OPTIONS_TEXT_H

#include "options.h"

/* The help screen of a verb. The caller frees it; NULL: no memory. */
char *hpx_options_text_help(hpx_verb verb);

/* hapax and the libraries that it runs with. The caller frees it; NULL: no memory. */
char *hpx_options_text_version(void);

/* Three lines for somebody who typed the name only. */
const char *hpx_options_text_usage(hpx_verb verb);

#endif
