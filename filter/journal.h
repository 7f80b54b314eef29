/*
 * journal: the lines that say what was removed, as JSON. Layer 5, pure.
 *
 * First line `head`, last line `end`; without `end` the journal is not complete. One line for each cut, in the order of the output.
 * A line is at most the removed text, as escaped, and 600 bytes, and the three names in it (input, output, source), as escaped.
 */
#ifndef HPX_JOURNAL_H
#define HPX_JOURNAL_H

#include "places.h"

hapax_status hpx_journal_head(hpx_buffer *out, const char *const *options, const char *const *inputs) HAPAX_MUST_CHECK;

typedef struct {
    bool removed;              /* false: found, and left where it is */
    const char *file;
    hpx_place begin, end;
    uint64_t letters, length;  /* code points and bytes of the skeleton */
    hpx_slice text;            /* exact bytes, separators included */
    const char *out_file;
    uint64_t out_byte;
    const char *source_file;
    hpx_place source_begin, source_end;
    unsigned differs;          /* hpx_differ bits */
    uint64_t group;            /* equal for equal letters: 53 bits of their hash */
} hpx_journal_span;
hapax_status hpx_journal_line(hpx_buffer *out, const hpx_journal_span *span) HAPAX_MUST_CHECK;

typedef struct {
    char *name;
    uint64_t nbytes, restored_nbytes;
    char xxh3_128[33], restored_xxh3_128[33];
} hpx_journal_output;
hapax_status hpx_journal_end(hpx_buffer *out, uint64_t removed, uint64_t letters, const hpx_journal_output *outputs,
                             size_t output_count, int status) HAPAX_MUST_CHECK;

#endif
