/*
 * fuzz_filter: the whole filter over any bytes. The first four bytes choose options and the sizes of pieces, batches and store. What comes
 * out must not depend on these sizes nor on threads, output and journal must give back what no_remove writes, and no_remove of its own
 * output must change nothing.
 */
#include "fuzz.h"

static hapax_status pull(hapax *h, hapax_stream stream, fuzz_bytes *out, size_t piece) {
    uint8_t buffer[4096];
    for (;;) {
        size_t got = 0;
        hapax_status status = hapax_pull(h, stream, buffer, piece < sizeof buffer ? piece : sizeof buffer, &got);
        need(status <= HAPAX_NEXT, "pull failed");
        fuzz_add(out, buffer, got);
        if (status == HAPAX_DONE || (status == HAPAX_OK && got == 0)) return status;
    }
}

/* One document, or two: cut where the data says, or the same text twice, so that sources lie in other documents too. */
typedef enum { ONE, TWO, TWICE } documents_kind;

static void push(hapax *h, const hapax_options *o, const uint8_t *p, size_t left, size_t piece, fuzz_bytes *text, fuzz_bytes *journal) {
    while (left) {
        size_t taken = 0;
        need(hapax_push(h, p, left < piece ? left : piece, &taken) == HAPAX_OK, "push failed");
        p += taken;
        left -= taken;
        pull(h, HAPAX_TEXT, text, piece);
        if (o->journal) pull(h, HAPAX_JOURNAL, journal, piece);
        if (taken == 0) need(hapax_wait(h, HAPAX_CAN_PUSH | HAPAX_CAN_PULL) == HAPAX_OK, "wait failed");
    }
}

static void filter(const hapax_options *o, documents_kind kind, const uint8_t *in, size_t n, size_t piece, fuzz_bytes *text,
                   fuzz_bytes *journal) {
    hapax *h = NULL;
    hapax_error error;
    need(hapax_create(&h, o, &error) == HAPAX_OK, error.text);
    size_t cut = n && kind == TWO ? in[0] * n / 256 : n;
    need(hapax_begin(h, "a", 0) == HAPAX_OK, "begin failed");
    push(h, o, in, cut, piece, text, journal);
    need(hapax_end(h) == HAPAX_OK, "end failed");
    if (kind != ONE) {
        size_t from = kind == TWO ? cut : 0;
        need(hapax_begin(h, "b", 0) == HAPAX_OK, "begin failed");
        push(h, o, in + from, n - from, piece, text, journal);
        need(hapax_end(h) == HAPAX_OK, "end failed");
    }
    need(hapax_finish(h) == HAPAX_OK, "finish failed");
    while (pull(h, HAPAX_TEXT, text, piece) != HAPAX_DONE) need(hapax_wait(h, HAPAX_CAN_PULL) == HAPAX_OK, "wait failed");
    while (o->journal && pull(h, HAPAX_JOURNAL, journal, piece) != HAPAX_DONE)
        need(hapax_wait(h, HAPAX_CAN_PULL) == HAPAX_OK, "wait failed");
    hapax_destroy(h);
}

static void restore(const fuzz_bytes *text, const fuzz_bytes *journal, fuzz_bytes *out) {
    hapax_restorer *r = NULL;
    uint8_t buffer[4096];
    size_t got = 0;
    need(hapax_restorer_create(&r, NULL, NULL, 0, NULL) == HAPAX_OK, "restorer: create failed");
    need(hapax_restorer_journal(r, journal->ptr, journal->len) == HAPAX_OK, "restorer: journal failed");
    need(hapax_restorer_journal_end(r) == HAPAX_OK, "restorer: journal end failed");
    for (size_t at = 0; at < text->len;) {
        size_t taken = 0;
        need(hapax_restorer_push(r, text->ptr + at, text->len - at, &taken) == HAPAX_OK, "restorer: push failed");
        at += taken;
        do {
            need(hapax_restorer_pull(r, buffer, sizeof buffer, &got) <= HAPAX_DONE, "restorer: pull failed");
            fuzz_add(out, buffer, got);
        } while (got);
    }
    need(hapax_restorer_end(r) == HAPAX_OK, "restorer: end failed");
    for (;;) {
        hapax_status status = hapax_restorer_pull(r, buffer, sizeof buffer, &got);
        fuzz_add(out, buffer, got);
        need(status <= HAPAX_DONE, "restorer: checksums differ");
        if (status == HAPAX_DONE) break;
    }
    hapax_restorer_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < FUZZ_PREFIX) return 0;
    const uint8_t *in = data + FUZZ_PREFIX;
    size_t n = nbytes - FUZZ_PREFIX;
    hapax_options o;
    hapax_options_init(&o);
    o.min_length = 120 + data[2] % 200u;
    o.scope = (hapax_scope)(data[0] % 3);
    o.no_clean = data[0] & 8;
    o.gzip_level = data[0] & 64 ? 1 : 0;
    o.journal = true;
    o.memory_nbytes = (uint64_t)16 << 20;
    documents_kind kind = data[0] & 32 ? TWICE : data[0] & 16 ? ONE : TWO;
    hapax_options cut = o; /* the same in small pieces */
    cut.batch_nbytes = data[3] * 16u;
    cut.store_memory_nbytes = data[1] & 1 ? 1 : 0;
    cut.jobs = data[0] & 128 && data[1] > 200 ? 2 : 1;
    fuzz_bytes a = {0}, b = {0}, ja = {0}, jb = {0}, whole = {0}, again = {0}, back = {0}, none = {0};
    filter(&o, kind, in, n, n + 1, &a, &ja);
    filter(&cut, kind, in, n, 1 + data[1], &b, &jb);
    need(fuzz_is_same(&a, &b), "the output depends on the pieces");
    need(fuzz_is_same(&ja, &jb), "the journal depends on the pieces");
    o.no_remove = true;
    o.journal = false;
    o.gzip_level = 0;
    filter(&o, kind, in, n, n + 1, &whole, &none);
    restore(&a, &ja, &back);
    need(fuzz_is_same(&whole, &back), "output and journal do not give back the whole");
    filter(&o, ONE, whole.ptr, whole.len, whole.len + 1, &again, &none);
    if (kind == ONE) need(fuzz_is_same(&whole, &again), "no_remove of its own output changes something");
    free(a.ptr), free(b.ptr), free(ja.ptr), free(jb.ptr), free(whole.ptr), free(again.ptr), free(back.ptr);
    return 0;
}
