/*
 * restore: puts removed spans back into an output. Layer 7: the hapax_restorer functions of hapax.h.
 *
 * The output is inflated into `plain`; advance() moves bytes from there, and texts from the journal, to `ready`. Neither
 * buffer grows past a fixed size: what does not fit is not taken.
 */
#include "base.h"

#include "inflate.h"
#include "restore_journal.h"

#include <stdio.h>
#include <xxhash.h>

#define PLAIN_NBYTES (64u << 10)
#define READY_NBYTES (256u << 10)
#define MOST_EVENTS    4 /* of one call: any but the first damage is of no interest */
#define MEMORY_DEFAULT ((uint64_t)2 << 30)

typedef enum { PHASE_JOURNAL, PHASE_OUTPUT, PHASE_ENDED, PHASE_DONE, PHASE_FAILED } restore_phase;

struct hapax_restorer {
    hpx_memory memory;
    hapax_error error;
    restore_phase phase;
    hpx_restore_journal *journal;
    hpx_inflate *inflate;
    XXH3_state_t *output_hash, *restored_hash;
    uint64_t output_nbytes, restored_nbytes; /* seen and made so far */
    hpx_restore_span span;                   /* the next one, or the one whose text is being put in */
    bool has_span, in_text;
    uint64_t text_done_nbytes, skip_left_nbytes;
    uint8_t *plain, *ready;
    size_t plain_at, plain_len, ready_at, ready_len;
};

static hapax_status failed(hapax_restorer *r, hapax_status status) {
    if (status == HAPAX_OK) return status;
    if (r->error.status != status) hpx_fail(&r->error, status, 0, hapax_status_text(status));
    r->phase = PHASE_FAILED;
    return status;
}

static hapax_status mismatch(hapax_restorer *r, const char *what) {
    hapax_status status = hpx_fail(&r->error, HAPAX_E_CHECKSUM, 0, what);
    r->error.offset = r->output_nbytes;
    return status;
}

static hapax_status make(hapax_restorer *r, const char *output_name, const char *tmpdir, uint64_t memory_nbytes) {
    HPX_TRY(hpx_restore_journal_create(&r->journal, &r->memory, output_name, tmpdir ? tmpdir : "/tmp",
                                       memory_nbytes ? memory_nbytes : MEMORY_DEFAULT, &r->error));
    HPX_TRY(hpx_inflate_create(&r->inflate, &r->memory));
    r->output_hash = XXH3_createState();
    r->restored_hash = XXH3_createState();
    r->plain = hpx_alloc(&r->memory, PLAIN_NBYTES);
    r->ready = hpx_alloc(&r->memory, READY_NBYTES);
    if (!r->output_hash || !r->restored_hash || !r->plain || !r->ready) return HAPAX_E_MEMORY;
    (void)XXH3_128bits_reset(r->output_hash);
    (void)XXH3_128bits_reset(r->restored_hash);
    return HAPAX_OK;
}

hapax_status hapax_restorer_create(hapax_restorer **out, const char *output_name, const char *tmpdir, uint64_t memory_nbytes,
                                   hapax_error *error) {
    *out = NULL;
    hpx_memory none = {0};
    hapax_restorer *r = hpx_alloc_zero(&none, sizeof *r);
    if (!r) return hpx_fail(error, HAPAX_E_MEMORY, 0, hapax_status_text(HAPAX_E_MEMORY));
    hapax_status status = failed(r, make(r, output_name, tmpdir, memory_nbytes));
    if (status != HAPAX_OK) {
        if (error) *error = r->error;
        hapax_restorer_destroy(r);
        return status;
    }
    *out = r;
    return HAPAX_OK;
}

void hapax_restorer_destroy(hapax_restorer *r) {
    if (!r) return;
    hpx_restore_journal_destroy(r->journal);
    hpx_inflate_destroy(r->inflate);
    XXH3_freeState(r->output_hash);
    XXH3_freeState(r->restored_hash);
    hpx_free(&r->memory, r->plain, PLAIN_NBYTES);
    hpx_free(&r->memory, r->ready, READY_NBYTES);
    hpx_memory none = {0};
    hpx_free(&none, r, sizeof *r);
}

void hapax_restorer_get_error(hapax_restorer *r, hapax_error *error) {
    *error = r->error;
}

hapax_status hapax_restorer_journal(hapax_restorer *r, const void *in, size_t in_nbytes) {
    if (r->phase != PHASE_JOURNAL) return HAPAX_E_STATE;
    return failed(r, hpx_restore_journal_push(r->journal, in, in_nbytes));
}

hapax_status hapax_restorer_journal_end(hapax_restorer *r) {
    if (r->phase != PHASE_JOURNAL) return HAPAX_E_STATE;
    hapax_status status = hpx_restore_journal_end(r->journal);
    if (status == HAPAX_OK) status = hpx_restore_journal_next(r->journal, &r->span, &r->has_span);
    r->phase = PHASE_OUTPUT;
    return failed(r, status);
}

static void put(hapax_restorer *r, size_t nbytes) {
    (void)XXH3_128bits_update(r->restored_hash, r->ready + r->ready_len, nbytes);
    r->ready_len += nbytes;
    r->restored_nbytes += nbytes;
}

/* Puts in what fits of the span's text; at its end, what it replaces has to be passed over. */
static hapax_status put_text(hapax_restorer *r) {
    uint64_t left = r->span.text_nbytes - r->text_done_nbytes;
    size_t n = (size_t)HPX_MIN(left, (uint64_t)(READY_NBYTES - r->ready_len));
    if (n) HPX_TRY(hpx_restore_journal_text(r->journal, r->span.text_off + r->text_done_nbytes, r->ready + r->ready_len, n));
    put(r, n);
    r->text_done_nbytes += n;
    if (n < left) return HAPAX_OK;
    r->in_text = false;
    r->skip_left_nbytes = r->span.skip_nbytes;
    return hpx_restore_journal_next(r->journal, &r->span, &r->has_span);
}

/* Moves plain bytes up to the next span, or passes over them. */
static void put_plain(hapax_restorer *r) {
    uint64_t until = r->skip_left_nbytes ? r->skip_left_nbytes : r->has_span ? r->span.byte - r->output_nbytes : UINT64_MAX;
    size_t n = (size_t)HPX_MIN(until, (uint64_t)(r->plain_len - r->plain_at));
    if (!r->skip_left_nbytes) n = HPX_MIN(n, READY_NBYTES - r->ready_len);
    const uint8_t *from = r->plain + r->plain_at;
    (void)XXH3_128bits_update(r->output_hash, from, n);
    r->output_nbytes += n;
    r->plain_at += n;
    if (r->skip_left_nbytes) {
        r->skip_left_nbytes -= n;
        return;
    }
    memcpy(r->ready + r->ready_len, from, n);
    put(r, n);
}

/* Works until `ready` is full or `plain` is used up. */
static hapax_status advance(hapax_restorer *r) {
    if (r->ready_at == r->ready_len) r->ready_at = r->ready_len = 0;
    while (r->ready_len < READY_NBYTES) {
        if (!r->in_text && r->has_span && !r->skip_left_nbytes && r->span.byte == r->output_nbytes) {
            r->in_text = true;
            r->text_done_nbytes = 0;
        }
        if (r->in_text) HPX_TRY(put_text(r));
        else if (r->plain_at < r->plain_len) put_plain(r);
        else return HAPAX_OK;
    }
    return HAPAX_OK;
}

/* Inflates the next piece into `plain`, which is empty. */
static hapax_status inflate_piece(hapax_restorer *r, const uint8_t *in, size_t in_nbytes, bool at_end, size_t *taken_nbytes) {
    hpx_inflate_event events[MOST_EVENTS];
    size_t event_count = 0;
    r->plain_at = r->plain_len = 0;
    HPX_TRY(hpx_inflate_run(r->inflate, in, in_nbytes, taken_nbytes, r->plain, PLAIN_NBYTES, &r->plain_len, at_end, events,
                            MOST_EVENTS, &event_count));
    for (size_t i = 0; i < event_count; i++) {
        if (events[i].severity != HAPAX_DAMAGE) continue;
        char text[200];
        snprintf(text, sizeof text, "the output is damaged: %s", events[i].message);
        hapax_status status = hpx_fail(&r->error, HAPAX_E_CHECKSUM, 0, text);
        r->error.offset = events[i].offset;
        return status;
    }
    return HAPAX_OK;
}

hapax_status hapax_restorer_push(hapax_restorer *r, const void *in, size_t in_nbytes, size_t *taken_nbytes) {
    *taken_nbytes = 0;
    if (r->phase != PHASE_OUTPUT) return HAPAX_E_STATE;
    for (;;) {
        hapax_status status = advance(r);
        if (status != HAPAX_OK) return failed(r, status);
        if (r->plain_at < r->plain_len || r->in_text || *taken_nbytes == in_nbytes) return HAPAX_OK;
        size_t taken = 0;
        status = inflate_piece(r, (const uint8_t *)in + *taken_nbytes, in_nbytes - *taken_nbytes, false, &taken);
        if (status != HAPAX_OK) return failed(r, status);
        *taken_nbytes += taken;
    }
}

hapax_status hapax_restorer_end(hapax_restorer *r) {
    if (r->phase != PHASE_OUTPUT) return HAPAX_E_STATE;
    r->phase = PHASE_ENDED;
    return HAPAX_OK;
}

static bool is_digest(const XXH3_state_t *hash, const char digits[HPX_XXH128_HEX_NBYTES]) {
    static const char hex[] = "0123456789abcdef";
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
    for (size_t i = 0; i < sizeof canonical.digest; i++)
        if (digits[2 * i] != hex[canonical.digest[i] >> 4] || digits[2 * i + 1] != hex[canonical.digest[i] & 15]) return false;
    return true;
}

/* All was read and handed out: is it what the journal describes? */
static hapax_status compare(hapax_restorer *r) {
    const hpx_restore_expected *expected = hpx_restore_journal_expected(r->journal);
    if (r->has_span || r->skip_left_nbytes || r->output_nbytes < expected->nbytes)
        return mismatch(r, "the output is shorter than the one that the journal describes");
    if (r->output_nbytes > expected->nbytes) return mismatch(r, "the output is longer than the one that the journal describes");
    if (!is_digest(r->output_hash, expected->xxh)) return mismatch(r, "the output is not the one that the journal describes");
    if (r->restored_nbytes != expected->restored_nbytes || !is_digest(r->restored_hash, expected->restored_xxh))
        return mismatch(r, "the restored text is not the one that the journal describes");
    r->phase = PHASE_DONE;
    return HAPAX_DONE;
}

/* After hapax_restorer_end: what the inflater still holds. */
static hapax_status drain(hapax_restorer *r) {
    static const uint8_t nothing[1] = {0};
    while (r->ready_at == r->ready_len) {
        HPX_TRY(advance(r));
        if (r->ready_at < r->ready_len) break;
        size_t taken = 0;
        HPX_TRY(inflate_piece(r, nothing, 0, true, &taken));
        if (r->plain_len == 0) return compare(r);
    }
    return HAPAX_OK;
}

hapax_status hapax_restorer_pull(hapax_restorer *r, void *out, size_t out_nbytes, size_t *got_nbytes) {
    *got_nbytes = 0;
    if (r->phase == PHASE_DONE) return HAPAX_DONE;
    if (r->phase == PHASE_JOURNAL || r->phase == PHASE_FAILED) return HAPAX_E_STATE;
    if (r->ready_at == r->ready_len) {
        hapax_status status = r->phase == PHASE_ENDED ? drain(r) : advance(r);
        if (status == HAPAX_DONE) return status;
        if (status != HAPAX_OK) return failed(r, status);
    }
    size_t n = HPX_MIN(out_nbytes, r->ready_len - r->ready_at);
    if (n) memcpy(out, r->ready + r->ready_at, n);
    r->ready_at += n;
    *got_nbytes = n;
    return HAPAX_OK;
}
