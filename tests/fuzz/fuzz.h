/*
 * fuzz: what the fuzz targets share: the entry that a fuzzer or replay.c calls, a check that ends the process, growing bytes. For tests.
 *
 * The first FUZZ_PREFIX bytes of the data choose options and the sizes of pieces; the text comes behind them.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "hapax.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_PREFIX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

/* A fuzzer takes an abort for a finding; assert would be gone with NDEBUG. */
static inline void need(int truth, const char *what) {
    if (truth) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

typedef struct {
    uint8_t *ptr;
    size_t len, cap;
} fuzz_bytes;

static inline void fuzz_add(fuzz_bytes *b, const void *from, size_t nbytes) {
    if (nbytes == 0) return;
    if (b->len + nbytes > b->cap) {
        b->cap = (b->len + nbytes) * 2;
        b->ptr = realloc(b->ptr, b->cap);
        need(b->ptr != NULL, "no memory");
    }
    memcpy(b->ptr + b->len, from, nbytes);
    b->len += nbytes;
}

static inline int fuzz_is_same(const fuzz_bytes *a, const fuzz_bytes *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

#endif
