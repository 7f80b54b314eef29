/* base: see base.h. Layer 0. */
#include "base.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char *hapax_status_text(hapax_status status) {
    switch (status) {
    case HAPAX_OK: return "done";
    case HAPAX_DONE: return "everything was handed out";
    case HAPAX_NEXT: return "this output has ended";
    case HAPAX_E_MEMORY: return "out of memory";
    case HAPAX_E_OPTION: return "options out of range or in contradiction";
    case HAPAX_E_FULL: return "the index is full";
    case HAPAX_E_IO: return "the temporary file of the store failed";
    case HAPAX_E_STATE: return "calls in the wrong order";
    case HAPAX_E_JOURNAL: return "the journal is incomplete or not a journal";
    case HAPAX_E_CHECKSUM: return "the output is not the one that the journal describes";
    case HAPAX_E_LIMIT: return "more than 2^40 bytes of letters";
    }
    return "unknown status";
}

void hpx_memory_count(hpx_memory *memory, uint64_t plus, uint64_t minus) {
    uint64_t now = atomic_fetch_add_explicit(&memory->now_nbytes, plus - minus, memory_order_relaxed) + plus - minus;
    uint64_t peak = atomic_load_explicit(&memory->peak_nbytes, memory_order_relaxed);
    while (now > peak && plus > minus &&
           !atomic_compare_exchange_weak_explicit(&memory->peak_nbytes, &peak, now, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

void *hpx_alloc(hpx_memory *memory, size_t nbytes) {
    void *ptr = nbytes ? malloc(nbytes) : NULL;
    if (ptr) hpx_memory_count(memory, nbytes, 0);
    return ptr;
}

void *hpx_alloc_zero(hpx_memory *memory, size_t nbytes) {
    void *ptr = nbytes ? calloc(1, nbytes) : NULL;
    if (ptr) hpx_memory_count(memory, nbytes, 0);
    return ptr;
}

void *hpx_realloc(hpx_memory *memory, void *ptr, size_t old_nbytes, size_t new_nbytes) {
    if (new_nbytes == 0) {
        hpx_free(memory, ptr, old_nbytes);
        return NULL;
    }
    void *moved = realloc(ptr, new_nbytes);
    if (moved) hpx_memory_count(memory, new_nbytes, old_nbytes);
    return moved;
}

void hpx_free(hpx_memory *memory, void *ptr, size_t nbytes) {
    if (!ptr) return;
    free(ptr);
    hpx_memory_count(memory, 0, nbytes);
}

hapax_status hpx_grow(hpx_memory *memory, void *array_ptr, size_t *cap, size_t want, size_t element_nbytes) {
    if (want <= *cap) return HAPAX_OK;
    size_t new_cap = HPX_MAX(want, *cap + *cap / 2);
    new_cap = HPX_MAX(new_cap, (size_t)16);
    if (new_cap > SIZE_MAX / 2 / element_nbytes) return HAPAX_E_MEMORY;
    void **array = array_ptr;
    void *moved = hpx_realloc(memory, *array, *cap * element_nbytes, new_cap * element_nbytes);
    if (!moved) return HAPAX_E_MEMORY;
    *array = moved;
    *cap = new_cap;
    return HAPAX_OK;
}

hapax_status hpx_buffer_reserve(hpx_buffer *buffer, size_t extra_nbytes) {
    if (HPX_LIKELY(extra_nbytes <= buffer->cap - buffer->len)) return HAPAX_OK;
    if (extra_nbytes > SIZE_MAX / 4 || buffer->len > SIZE_MAX / 4) return HAPAX_E_MEMORY;
    return hpx_grow(buffer->memory, &buffer->ptr, &buffer->cap, buffer->len + extra_nbytes, 1);
}

hapax_status hpx_buffer_append(hpx_buffer *buffer, const void *bytes, size_t nbytes) {
    if (nbytes == 0) return HAPAX_OK;
    HPX_TRY(hpx_buffer_reserve(buffer, nbytes));
    memcpy(buffer->ptr + buffer->len, bytes, nbytes);
    buffer->len += nbytes;
    return HAPAX_OK;
}

hapax_status hpx_buffer_append_text(hpx_buffer *buffer, const char *text) {
    return hpx_buffer_append(buffer, text, strlen(text));
}

hapax_status hpx_buffer_append_uint(hpx_buffer *buffer, uint64_t number) {
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return hpx_buffer_append(buffer, digits + at, sizeof digits - at);
}

void hpx_buffer_clear(hpx_buffer *buffer) {
    buffer->len = 0;
}

void hpx_buffer_consume(hpx_buffer *buffer, size_t nbytes) {
    if (nbytes >= buffer->len) {
        buffer->len = 0;
        return;
    }
    if (nbytes == 0) return;
    memmove(buffer->ptr, buffer->ptr + nbytes, buffer->len - nbytes);
    buffer->len -= nbytes;
}

void hpx_buffer_release(hpx_buffer *buffer) {
    hpx_free(buffer->memory, buffer->ptr, buffer->cap);
    *buffer = (hpx_buffer){.memory = buffer->memory};
}

hapax_status hpx_fail(hapax_error *error, hapax_status status, int sys_errno, const char *text) {
    if (!error) return status;
    error->status = status;
    error->sys_errno = sys_errno;
    error->offset = 0;
    snprintf(error->text, sizeof error->text, "%s", text);
    return status;
}

uint64_t hpx_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
