/*
 * fuzz_filter: the whole filter over any bytes. The first four bytes choose options and the sizes of the pieces. What comes out must not
 * depend on the pieces, and output and journal must give back what no_remove writes.
 */
#include "hapax.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *ptr;
    size_t len, cap;
} bytes;

static void need(int truth, const char *what) {
    if (truth) return;
    fprintf(stderr, "fuzz_filter: %s\n", what);
    abort();
}

static void append(bytes *b, const uint8_t *p, size_t n) {
    if (b->len + n > b->cap) {
        b->cap = (b->len + n) * 2;
        b->ptr = realloc(b->ptr, b->cap);
        need(b->ptr != NULL, "no memory");
    }
    if (n) memcpy(b->ptr + b->len, p, n);
    b->len += n;
}

static hapax_status pull(hapax *h, hapax_stream stream, bytes *out, size_t piece) {
    uint8_t buffer[4096];
    for (;;) {
        size_t got = 0;
        hapax_status status = hapax_pull(h, stream, buffer, piece < sizeof buffer ? piece : sizeof buffer, &got);
        need(status <= HAPAX_NEXT, "pull failed");
        append(out, buffer, got);
        if (status == HAPAX_DONE || (status == HAPAX_OK && got == 0)) return status;
    }
}

static void filter(const hapax_options *o, const uint8_t *in, size_t n, size_t piece, bytes *text, bytes *journal) {
    hapax *h = NULL;
    hapax_error error;
    need(hapax_create(&h, o, &error) == HAPAX_OK, error.text);
    // Two documents, cut where the data says, so that sources lie in other documents too.
    size_t cut = n ? in[0] * n / 256 : 0;
    for (int part = 0; part < 2; part++) {
        const uint8_t *p = part ? in + cut : in;
        size_t left = part ? n - cut : cut;
        need(hapax_begin(h, part ? "b" : "a", 0) == HAPAX_OK, "begin failed");
        while (left) {
            size_t taken = 0;
            need(hapax_push(h, p, left < piece ? left : piece, &taken) == HAPAX_OK, "push failed");
            p += taken;
            left -= taken;
            pull(h, HAPAX_TEXT, text, piece);
            if (o->journal) pull(h, HAPAX_JOURNAL, journal, piece);
            if (taken == 0) need(hapax_wait(h, HAPAX_CAN_PUSH) == HAPAX_OK, "wait failed");
        }
        need(hapax_end(h) == HAPAX_OK, "end failed");
    }
    need(hapax_finish(h) == HAPAX_OK, "finish failed");
    while (pull(h, HAPAX_TEXT, text, piece) != HAPAX_DONE) need(hapax_wait(h, HAPAX_CAN_PULL) == HAPAX_OK, "wait failed");
    while (o->journal && pull(h, HAPAX_JOURNAL, journal, piece) != HAPAX_DONE)
        need(hapax_wait(h, HAPAX_CAN_PULL) == HAPAX_OK, "wait failed");
    hapax_destroy(h);
}

static void restore(const bytes *text, const bytes *journal, bytes *out) {
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
            append(out, buffer, got);
        } while (got);
    }
    need(hapax_restorer_end(r) == HAPAX_OK, "restorer: end failed");
    for (;;) {
        hapax_status status = hapax_restorer_pull(r, buffer, sizeof buffer, &got);
        append(out, buffer, got);
        need(status <= HAPAX_DONE, "restorer: checksums differ");
        if (status == HAPAX_DONE) break;
    }
    hapax_restorer_destroy(r);
}

static int is_same(const bytes *a, const bytes *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < 4) return 0;
    hapax_options o;
    hapax_options_init(&o);
    o.min_length = 120 + data[2] % 200u;
    o.scope = (hapax_scope)(data[0] % 3);
    o.no_clean = data[0] & 8;
    o.gzip_level = data[0] & 64 ? 1 : 0;
    o.journal = true;
    o.batch_nbytes = data[3] ? data[3] * 16u : 0;
    o.memory_nbytes = (uint64_t)16 << 20;
    bytes a = {0}, b = {0}, ja = {0}, jb = {0}, whole = {0}, back = {0};
    filter(&o, data + 4, nbytes - 4, nbytes, &a, &ja);
    filter(&o, data + 4, nbytes - 4, 1 + data[1], &b, &jb);
    need(is_same(&a, &b), "the output depends on the pieces");
    need(is_same(&ja, &jb), "the journal depends on the pieces");
    o.no_remove = true;
    o.journal = false;
    o.gzip_level = 0;
    filter(&o, data + 4, nbytes - 4, nbytes, &whole, &jb);
    restore(&a, &ja, &back);
    need(is_same(&whole, &back), "output and journal do not give back the whole");
    free(a.ptr), free(b.ptr), free(ja.ptr), free(jb.ptr), free(whole.ptr), free(back.ptr);
    return 0;
}
