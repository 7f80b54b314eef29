/*
 * zmemory: zlib's allocations, counted. Layer 1. zlib frees without saying how much, so the size stands before the bytes.
 */
#ifndef HPX_ZMEMORY_H
#define HPX_ZMEMORY_H

#include "base.h"

#define HPX_ZMEMORY_HEADER_NBYTES 16u /* keeps what comes after it aligned */

static inline void *hpx_zmemory_alloc(void *memory, unsigned count, unsigned element_nbytes) {
    uint64_t nbytes = (uint64_t)count * element_nbytes + HPX_ZMEMORY_HEADER_NBYTES;
    uint8_t *ptr = nbytes <= SIZE_MAX / 2 ? hpx_alloc(memory, (size_t)nbytes) : NULL;
    if (!ptr) return NULL;
    memcpy(ptr, &nbytes, sizeof nbytes);
    return ptr + HPX_ZMEMORY_HEADER_NBYTES;
}

static inline void hpx_zmemory_free(void *memory, void *ptr) {
    if (!ptr) return;
    uint8_t *start = (uint8_t *)ptr - HPX_ZMEMORY_HEADER_NBYTES;
    hpx_free(memory, start, (size_t)hpx_load64(start));
}

#endif
