/*
 * log: see log.h. Layer 4.
 *
 * The bytes lie in segments of one size. Only the latest are in memory, in a ring: segment i is at i modulo the ring's
 * length, so nothing grows with the bytes that are on disk. What was spilled is whole segments, at the same offset in
 * the file as in the log, and comes back through a small cache of blocks, four of which share a set.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A match reads a few hundred bytes around a place: larger blocks copy more than is looked at. */
#define BLOCK_NBYTES (16u << 10)
#define CACHE_NBYTES (4u << 20)
#define WAYS         4u
#define SEGMENTS_MIN 2u
#define FIRST_NBYTES 4096u /* the first segment grows from here, so that a short run takes little */

typedef struct {
    uint8_t *ptr;
    uint64_t tag;  /* block number + 1; 0: nothing in it */
    uint64_t used; /* the cache's clock when it was last asked for */
} slot;

struct hpx_log {
    hpx_memory *memory;
    hapax_error *error;
    hpx_log_mode mode;
    unsigned segment_shift, block_shift;
    uint8_t **segments; /* ring; shorter than segments_max until that many are needed */
    size_t segments_cap;
    uint64_t segments_max, segment_count,
        memory_first; /* segments memory_first .. segment_count - 1 are in memory */
    size_t last_cap;  /* bytes of the last segment: less than all only for the first */
    uint64_t size;
    slot *slots;
    size_t set_count;
    uint64_t clock;
    int fd;
    size_t tmpdir_nbytes;
    char *tmpdir;
};

static size_t segment_nbytes(const hpx_log *log) {
    return (size_t)1 << log->segment_shift;
}

static uint8_t **segment_at(const hpx_log *log, uint64_t number) {
    /* set_budget makes segments_max at least SEGMENTS_MIN, which the analyzer forgets. */
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
    return &log->segments[number < log->segments_max ? number : number % log->segments_max];
}

static unsigned log2_of(size_t power) {
    return (unsigned)__builtin_ctzll(power);
}

hapax_status hpx_log_create(hpx_log **out, hpx_memory *memory, uint64_t budget_nbytes, const char *tmpdir,
                            hpx_log_mode mode, hapax_error *error) {
    return hpx_log_create_sized(out, memory, budget_nbytes, HPX_LOG_SEGMENT_NBYTES, tmpdir, mode, error);
}

static void set_budget(hpx_log *log, uint64_t budget_nbytes) {
    uint64_t block = (uint64_t)1 << log->block_shift, cache = 0;
    if (log->mode == HPX_LOG_SPILL) {
        cache = HPX_MIN(budget_nbytes / 16, (uint64_t)CACHE_NBYTES);
        /* A power of two of sets, so that neighbouring blocks fall into different ones. */
        for (log->set_count = 1; log->set_count * 2 * WAYS * block <= cache;)
            log->set_count *= 2;
        cache = log->set_count * WAYS * block;
    }
    uint64_t left = budget_nbytes > cache ? budget_nbytes - cache : 0;
    log->segments_max = HPX_MAX(left >> log->segment_shift, (uint64_t)SEGMENTS_MIN);
}

hapax_status hpx_log_create_sized(hpx_log **out, hpx_memory *memory, uint64_t budget_nbytes,
                                  size_t segment_size, const char *tmpdir, hpx_log_mode mode,
                                  hapax_error *error) {
    *out = NULL;
    if (segment_size < 16 || (segment_size & (segment_size - 1)) != 0) return HAPAX_E_OPTION;
    if (!tmpdir) tmpdir = "/tmp";
    hpx_log *log = hpx_alloc_zero(memory, sizeof *log);
    if (!log) return HAPAX_E_MEMORY;
    *log = (hpx_log){
        .memory = memory, .error = error, .mode = mode, .fd = -1, .tmpdir_nbytes = strlen(tmpdir) + 1};
    log->segment_shift = log2_of(segment_size);
    log->block_shift = HPX_MIN(log->segment_shift, log2_of(BLOCK_NBYTES));
    set_budget(log, budget_nbytes);
    log->tmpdir = hpx_alloc(memory, log->tmpdir_nbytes);
    if (!log->tmpdir) {
        hpx_log_destroy(log);
        return HAPAX_E_MEMORY;
    }
    memcpy(log->tmpdir, tmpdir, log->tmpdir_nbytes);
    *out = log;
    return HAPAX_OK;
}

void hpx_log_destroy(hpx_log *log) {
    if (!log) return;
    for (uint64_t i = log->memory_first; i < log->segment_count; i++)
        hpx_free(log->memory, *segment_at(log, i),
                 i + 1 == log->segment_count ? log->last_cap : segment_nbytes(log));
    hpx_free(log->memory, log->segments, log->segments_cap * sizeof *log->segments);
    if (log->slots) {
        for (size_t i = 0; i < log->set_count * WAYS; i++)
            hpx_free(log->memory, log->slots[i].ptr, (size_t)1 << log->block_shift);
        hpx_free(log->memory, log->slots, log->set_count * WAYS * sizeof *log->slots);
    }
    if (log->fd >= 0) close(log->fd); /* unlinked: nothing of it is kept, so nothing can be lost by closing */
    hpx_free(log->memory, log->tmpdir, log->tmpdir_nbytes);
    hpx_free(log->memory, log, sizeof *log);
}

/* ---- temporary file ---- */

static hapax_status fail_io(const hpx_log *log, int sys_errno, const char *what) {
    char text[200];
    snprintf(text, sizeof text, "%s a temporary file in %s", what, log->tmpdir);
    return hpx_fail(log->error, HAPAX_E_IO, sys_errno, text);
}

static int open_named(const hpx_log *log) {
    static const char suffix[] = "/hapax.XXXXXX";
    size_t dir_len = log->tmpdir_nbytes - 1, nbytes = dir_len + sizeof suffix;
    char *name = hpx_alloc(log->memory, nbytes);
    if (!name) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(name, log->tmpdir, dir_len);
    memcpy(name + dir_len, suffix, sizeof suffix);
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0 && unlink(name) != 0) {
        int unlink_errno = errno;
        close(fd);
        fd = -1;
        errno = unlink_errno;
    }
    int open_errno = errno;
    hpx_free(log->memory, name, nbytes);
    errno = open_errno;
    return fd;
}

static hapax_status open_file(hpx_log *log) {
    do
        log->fd = open(log->tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    while (log->fd < 0 && errno == EINTR);
    if (log->fd < 0) log->fd = open_named(log); /* not every file system has O_TMPFILE */
    return log->fd < 0 ? fail_io(log, errno, "making") : HAPAX_OK;
}

static hapax_status write_all(const hpx_log *log, const uint8_t *bytes, size_t nbytes, uint64_t at) {
    while (nbytes > 0) {
        ssize_t n = pwrite(log->fd, bytes, nbytes, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail_io(log, n < 0 ? errno : ENOSPC, "writing");
        bytes += n;
        nbytes -= (size_t)n;
        at += (uint64_t)n;
    }
    return HAPAX_OK;
}

static hapax_status read_all(const hpx_log *log, uint8_t *bytes, size_t nbytes, uint64_t at) {
    while (nbytes > 0) {
        ssize_t n = pread(log->fd, bytes, nbytes, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail_io(log, n < 0 ? errno : EIO, "reading"); /* 0: somebody cut the file */
        bytes += n;
        nbytes -= (size_t)n;
        at += (uint64_t)n;
    }
    return HAPAX_OK;
}

/* ---- appending ---- */

/* The oldest segment leaves memory; its room is left in the ring for the segment that is segments_max younger. */
static hapax_status evict_oldest(hpx_log *log) {
    if (log->mode == HPX_LOG_SPILL) {
        if (log->fd < 0) HPX_TRY(open_file(log));
        HPX_TRY(write_all(log, *segment_at(log, log->memory_first), segment_nbytes(log),
                          log->memory_first << log->segment_shift));
    }
    log->memory_first++;
    return HAPAX_OK;
}

static hapax_status add_segment(hpx_log *log, size_t want_nbytes) {
    if (log->segment_count - log->memory_first == log->segments_max) {
        HPX_TRY(evict_oldest(log));
        log->segment_count++;
        return HAPAX_OK;
    }
    HPX_TRY(hpx_grow(log->memory, &log->segments, &log->segments_cap, (size_t)log->segment_count + 1,
                     sizeof *log->segments));
    size_t nbytes = segment_nbytes(log);
    if (log->segment_count == 0) nbytes = HPX_MIN(nbytes, HPX_MAX(want_nbytes, (size_t)FIRST_NBYTES));
    uint8_t *segment = hpx_alloc(log->memory, nbytes);
    if (!segment) return HAPAX_E_MEMORY;
    *segment_at(log, log->segment_count) = segment;
    log->segment_count++;
    log->last_cap = nbytes;
    return HAPAX_OK;
}

static hapax_status grow_first(hpx_log *log, size_t want_nbytes) {
    size_t nbytes = HPX_MIN(segment_nbytes(log), HPX_MAX(log->last_cap + want_nbytes, log->last_cap * 2));
    uint8_t *moved = hpx_realloc(log->memory, log->segments[0], log->last_cap, nbytes);
    if (!moved) return HAPAX_E_MEMORY;
    log->segments[0] = moved;
    log->last_cap = nbytes;
    return HAPAX_OK;
}

hapax_status hpx_log_append(hpx_log *log, const void *bytes, size_t nbytes) {
    const uint8_t *from = bytes;
    while (nbytes > 0) {
        size_t at = (size_t)(log->size & (segment_nbytes(log) - 1));
        size_t want = HPX_MIN(nbytes, segment_nbytes(log));
        if ((log->segment_count << log->segment_shift) == log->size)
            HPX_TRY(add_segment(log, want));
        else if (at == log->last_cap)
            HPX_TRY(grow_first(log, want));
        size_t take = HPX_MIN(nbytes, log->last_cap - at);
        memcpy(*segment_at(log, log->segment_count - 1) + at, from, take);
        log->size += take;
        from += take;
        nbytes -= take;
    }
    return HAPAX_OK;
}

uint64_t hpx_log_size(const hpx_log *log) {
    return log->size;
}

uint64_t hpx_log_begin(const hpx_log *log) {
    return log->mode == HPX_LOG_DROP ? log->memory_first << log->segment_shift : 0;
}

uint64_t hpx_log_spilled(const hpx_log *log) {
    return log->mode == HPX_LOG_SPILL ? log->memory_first << log->segment_shift : 0;
}

/* ---- reading ---- */

/* The least recently used way of a set goes, so the block that was asked for last is never the one that is replaced. */
static hapax_status cached_block(hpx_log *log, uint64_t block, const uint8_t **ptr) {
    size_t nbytes = (size_t)1 << log->block_shift;
    if (!log->slots) {
        log->slots = hpx_alloc_zero(log->memory, log->set_count * WAYS * sizeof *log->slots);
        if (!log->slots) return HAPAX_E_MEMORY;
    }
    slot *set = log->slots + (block & (log->set_count - 1)) * WAYS, *victim = set;
    log->clock++;
    for (slot *s = set; s < set + WAYS; s++) {
        if (s->tag == block + 1) {
            s->used = log->clock;
            *ptr = s->ptr;
            return HAPAX_OK;
        }
        if (s->used < victim->used) victim = s;
    }
    if (!victim->ptr && !(victim->ptr = hpx_alloc(log->memory, nbytes))) return HAPAX_E_MEMORY;
    victim->tag = 0; /* a failed read leaves rubbish in it */
    HPX_TRY(read_all(log, victim->ptr, nbytes, block << log->block_shift));
    victim->tag = block + 1;
    victim->used = log->clock;
    *ptr = victim->ptr;
    return HAPAX_OK;
}

hapax_status hpx_log_view(hpx_log *log, uint64_t offset, hpx_slice *view, uint64_t *view_off) {
    if (offset >= log->size || offset < hpx_log_begin(log)) return HAPAX_E_STATE;
    uint64_t number = offset >> log->segment_shift;
    if (HPX_LIKELY(number >= log->memory_first)) {
        *view_off = number << log->segment_shift;
        *view = hpx_slice_of(*segment_at(log, number),
                             (size_t)HPX_MIN(log->size - *view_off, (uint64_t)segment_nbytes(log)));
        return HAPAX_OK;
    }
    uint64_t block = offset >> log->block_shift;
    const uint8_t *ptr;
    HPX_TRY(cached_block(log, block, &ptr));
    *view_off = block << log->block_shift;
    *view = hpx_slice_of(ptr, (size_t)1 << log->block_shift);
    return HAPAX_OK;
}

hapax_status hpx_log_read(hpx_log *log, uint64_t offset, void *out, size_t nbytes) {
    uint8_t *to = out;
    while (nbytes > 0) {
        hpx_slice view;
        uint64_t view_off;
        HPX_TRY(hpx_log_view(log, offset, &view, &view_off));
        size_t skip = (size_t)(offset - view_off), take = HPX_MIN(nbytes, view.len - skip);
        memcpy(to, view.ptr + skip, take);
        to += take;
        offset += take;
        nbytes -= take;
    }
    return HAPAX_OK;
}

/* ---- comparing ---- */

static size_t equal_after(const uint8_t *p, const uint8_t *q, size_t n) {
    size_t i = 0;
    while (i + 8 <= n && hpx_load64(p + i) == hpx_load64(q + i))
        i += 8;
    while (i < n && p[i] == q[i])
        i++;
    return i;
}

/* p and q are ends. */
static size_t equal_before(const uint8_t *p, const uint8_t *q, size_t n) {
    size_t i = 0;
    while (i + 8 <= n && hpx_load64(p - i - 8) == hpx_load64(q - i - 8))
        i += 8;
    while (i < n && p[-1 - (ptrdiff_t)i] == q[-1 - (ptrdiff_t)i])
        i++;
    return i;
}

hapax_status hpx_log_common_forward(hpx_log *log, uint64_t a, uint64_t b, uint64_t limit, uint64_t *common,
                                    uint64_t *compared) {
    uint64_t begin = hpx_log_begin(log), at = 0;
    *common = 0;
    if (a < begin || b < begin) return HAPAX_OK;
    while (at < limit && a + at < log->size && b + at < log->size) {
        hpx_slice va, vb;
        uint64_t off_a, off_b;
        HPX_TRY(hpx_log_view(log, a + at, &va, &off_a));
        HPX_TRY(hpx_log_view(log, b + at, &vb, &off_b));
        size_t skip_a = (size_t)(a + at - off_a), skip_b = (size_t)(b + at - off_b);
        size_t n = (size_t)HPX_MIN((uint64_t)HPX_MIN(va.len - skip_a, vb.len - skip_b), limit - at);
        size_t same = equal_after(va.ptr + skip_a, vb.ptr + skip_b, n);
        at += same;
        *common = at;
        *compared += same + (same < n);
        if (same < n) break;
    }
    return HAPAX_OK;
}

hapax_status hpx_log_common_backward(hpx_log *log, uint64_t a, uint64_t b, uint64_t limit, uint64_t *common,
                                     uint64_t *compared) {
    uint64_t begin = hpx_log_begin(log), at = 0;
    *common = 0;
    if (a > log->size || b > log->size) return HAPAX_OK;
    while (at < limit && a > begin + at && b > begin + at) {
        hpx_slice va, vb;
        uint64_t off_a, off_b;
        HPX_TRY(hpx_log_view(log, a - at - 1, &va, &off_a));
        HPX_TRY(hpx_log_view(log, b - at - 1, &vb, &off_b));
        size_t room_a = (size_t)(a - at - off_a), room_b = (size_t)(b - at - off_b);
        size_t n = (size_t)HPX_MIN((uint64_t)HPX_MIN(room_a, room_b), limit - at);
        size_t same = equal_before(va.ptr + room_a, vb.ptr + room_b, n);
        at += same;
        *common = at;
        *compared += same + (same < n);
        if (same < n) break;
    }
    return HAPAX_OK;
}
