/*
 * outputs: where the outputs of a run go and whether they are gzip: -o, -p, -z, and what standard output is. Layer 7.
 */
#ifndef HPX_OUTPUTS_H
#define HPX_OUTPUTS_H

#include "messages.h"
#include "options.h"

typedef struct {
    const char *name; /* of the only output; "-" is standard output; NULL: one for each operand */
    char **names;     /* of each operand's output, or NULL */
    size_t count;
    bool all_gzip;  /* every output is compressed */
    bool some_gzip; /* some are, by their names */
} hpx_outputs;

/* False: reported, status 2. Makes the folder of -o DIR/ where it is missing. */
bool hpx_outputs_choose(hpx_outputs *outputs, const hpx_options *options, hpx_messages *messages) HAPAX_MUST_CHECK;
void hpx_outputs_release(hpx_outputs *outputs);

bool hpx_outputs_is_gzip_name(const char *name);

#endif
