/*
 * log: a stream of bytes that is only appended to and read at any offset: in memory up to a budget, past it the oldest part
 * goes to an unlinked temporary file, written in sequence. Layer 4. The store of letters, the texts and the journal of
 * restore are logs. One thread at a time.
 */
#ifndef HPX_LOG_H
#define HPX_LOG_H

#include "base.h"

typedef struct hpx_log hpx_log;

typedef enum {
    HPX_LOG_SPILL, /* past the budget the oldest bytes go to the temporary file */
    HPX_LOG_DROP   /* past the budget the oldest bytes are forgotten */
} hpx_log_mode;

#define HPX_LOG_SEGMENT_NBYTES (1u << 20)

/* budget_nbytes of memory for the bytes, the cache of spilled blocks included (two segments and four blocks are always
 * allowed). tmpdir is copied, NULL is "/tmp"; the file is made at the first spill. error (owned by the caller, may be NULL,
 * must outlive the log) tells what failed. */
hapax_status hpx_log_create(hpx_log **out, hpx_memory *memory, uint64_t budget_nbytes, const char *tmpdir,
                            hpx_log_mode mode, hapax_error *error) HAPAX_MUST_CHECK;
/* The same with another segment size, a power of two of at least 16: tests spill with little text. */
hapax_status hpx_log_create_sized(hpx_log **out, hpx_memory *memory, uint64_t budget_nbytes,
                                  size_t segment_nbytes, const char *tmpdir, hpx_log_mode mode,
                                  hapax_error *error) HAPAX_MUST_CHECK;
void hpx_log_destroy(hpx_log *log);

/* On failure hpx_log_size tells how much went in; what went in stays readable. */
hapax_status hpx_log_append(hpx_log *log, const void *bytes, size_t nbytes) HAPAX_MUST_CHECK;
uint64_t hpx_log_size(const hpx_log *log);  /* bytes appended */
uint64_t hpx_log_begin(const hpx_log *log); /* first offset that can still be read (0 unless HPX_LOG_DROP) */
uint64_t hpx_log_spilled(const hpx_log *log); /* bytes in the temporary file */

/* A borrowed run of bytes that contains offset: view->ptr[0] is the byte at *view_off <= offset, and it reaches at least to offset
 * (inclusive). Lives until the next call on this log, but two views may be held at a time: the second call keeps the first
 * one alive, the third may not. begin <= offset < size. */
hapax_status hpx_log_view(hpx_log *log, uint64_t offset, hpx_slice *view,
                          uint64_t *view_off) HAPAX_MUST_CHECK;

/* Copies nbytes at offset to out; all must be readable. */
hapax_status hpx_log_read(hpx_log *log, uint64_t offset, void *out, size_t nbytes) HAPAX_MUST_CHECK;

/* How many bytes at a and b are equal, counted forwards from a and b (up to limit), or backwards from just before them. Bytes that are
 * not readable count as different. *compared grows by the bytes compared. */
hapax_status hpx_log_common_forward(hpx_log *log, uint64_t a, uint64_t b, uint64_t limit, uint64_t *common,
                                    uint64_t *compared) HAPAX_MUST_CHECK;
hapax_status hpx_log_common_backward(hpx_log *log, uint64_t a, uint64_t b, uint64_t limit, uint64_t *common,
                                     uint64_t *compared) HAPAX_MUST_CHECK;

#endif
