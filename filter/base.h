/*
 * base: what every room stands on: slices, growing buffers, counted allocation, error records. Layer 0.
 *
 * Allocation is counted against an hpx_memory so that the bound that is promised can be printed and tested. It does not
 * abort and does not print: what cannot be had is a status.
 */
#ifndef HPX_BASE_H
#define HPX_BASE_H

#include "hapax.h"

#include <stdatomic.h>
#include <string.h>

#define HPX_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define HPX_MIN(a, b) ((a) < (b) ? (a) : (b))
#define HPX_MAX(a, b) ((a) > (b) ? (a) : (b))
#define HPX_LIKELY(x) __builtin_expect(!!(x), 1)
#define HPX_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Returns from the calling function with the status of x unless it is HAPAX_OK. */
#define HPX_TRY(x)                                   \
    do {                                             \
        hapax_status hpx_try_status = (x);           \
        if (HPX_UNLIKELY(hpx_try_status != HAPAX_OK)) return hpx_try_status; \
    } while (0)

/* Borrowed bytes: never freed, NUL is data. */
typedef struct {
    const uint8_t *ptr;
    size_t len;
} hpx_slice;

static inline hpx_slice hpx_slice_of(const void *ptr, size_t len) {
    return (hpx_slice){(const uint8_t *)ptr, len};
}

/* Counts the bytes that one hapax object holds. Any thread. Zero-initialise to begin. */
typedef struct {
    _Atomic uint64_t now_nbytes, peak_nbytes;
} hpx_memory;

/* malloc, realloc and free that are counted; the caller passes the size back, as it knows it. NULL: no memory.
 * A size of 0 gives NULL and frees. hpx_free takes NULL. */
void *hpx_alloc(hpx_memory *memory, size_t nbytes);
void *hpx_alloc_zero(hpx_memory *memory, size_t nbytes);
void *hpx_realloc(hpx_memory *memory, void *ptr, size_t old_nbytes, size_t new_nbytes);
void hpx_free(hpx_memory *memory, void *ptr, size_t nbytes);
/* Counts memory that did not come from these: plus_nbytes begin to be used, minus_nbytes cease. */
void hpx_memory_count(hpx_memory *memory, uint64_t plus_nbytes, uint64_t minus_nbytes);

/* Owned bytes that grow by half. {.memory = m} is an empty one. */
typedef struct {
    uint8_t *ptr;
    size_t len, cap;
    hpx_memory *memory;
} hpx_buffer;

/* Makes room for extra_nbytes more (len does not change). */
hapax_status hpx_buffer_reserve(hpx_buffer *buffer, size_t extra_nbytes) HAPAX_MUST_CHECK;
hapax_status hpx_buffer_append(hpx_buffer *buffer, const void *bytes, size_t nbytes) HAPAX_MUST_CHECK;
hapax_status hpx_buffer_append_text(hpx_buffer *buffer, const char *text) HAPAX_MUST_CHECK; /* up to its NUL */
hapax_status hpx_buffer_append_uint(hpx_buffer *buffer, uint64_t number) HAPAX_MUST_CHECK;  /* decimal */
void hpx_buffer_clear(hpx_buffer *buffer);            /* len = 0, memory stays */
void hpx_buffer_consume(hpx_buffer *buffer, size_t nbytes); /* drops the first nbytes bytes */
void hpx_buffer_release(hpx_buffer *buffer);          /* frees; an empty buffer of the same memory stays */

/* Room for one more element in an owned array (count, cap, element size); grows by half. NULL array at first.
 * Use: HPX_TRY(hpx_grow(memory, (void **)&a, &cap, count + 1, sizeof *a)); */
hapax_status hpx_grow(hpx_memory *memory, void *array_ptr, size_t *cap, size_t want, size_t element_nbytes) HAPAX_MUST_CHECK;

/* Fills in an error record (NULL is allowed) and returns its status. sys_errno 0: not a system call. */
hapax_status hpx_fail(hapax_error *error, hapax_status status, int sys_errno, const char *text);

uint64_t hpx_now_ns(void); /* monotonic clock */

/* Unaligned loads, and little-endian order on disk is not needed: nothing of these leaves the machine. */
static inline uint64_t hpx_load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint32_t hpx_load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
