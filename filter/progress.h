/*
 * progress: one line that tells how far the work is. Layer 6, pure.
 */
#ifndef HPX_PROGRESS_H
#define HPX_PROGRESS_H

#include "hapax.h"

typedef struct {
    uint64_t total_nbytes; /* of all inputs as they lie on disk; 0: not known */
    uint64_t elapsed_ns;
    size_t columns; /* room; 0: no bound */
} hpx_progress;

/* `120 MB of 1.2 GB, 45 MB/s, 3.1 % removed, 0:24 left`, cut to the room there is; out is what is returned. */
const char *hpx_progress_line(const hpx_progress *progress, const hapax_stats *stats, char *out, size_t out_nbytes);

/* 999 bytes, 1.2 kB, 45 MB, 3.1 GB: three digits at most, powers of 1000. Also the share of part in whole: 0.3 %, 26 %. */
const char *hpx_progress_size(uint64_t nbytes, char out[24]);
const char *hpx_progress_share(uint64_t part, uint64_t whole, char out[24]);

#endif
