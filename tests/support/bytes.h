/*
 * bytes: a growing byte string for tests. It ends the test when there is no memory: nothing here is under
 * test.
 */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *ptr;
    size_t len, cap;
} bytes;

static inline void *test_grow(void *ptr, size_t count, size_t element_nbytes) {
    void *grown = realloc(ptr, count * element_nbytes + 1);
    if (!grown) {
        fputs("test: no memory\n", stderr);
        abort();
    }
    return grown;
}

static inline void bytes_reserve(bytes *b, size_t extra_nbytes) {
    if (b->cap - b->len >= extra_nbytes) return;
    size_t cap = b->cap + b->cap / 2 + extra_nbytes + 64;
    b->ptr = test_grow(b->ptr, cap, 1);
    b->cap = cap;
}

static inline void bytes_add(bytes *b, const void *from, size_t nbytes) {
    if (nbytes >= SIZE_MAX / 2) abort(); /* never; it keeps the compiler from warning of it */
    bytes_reserve(b, nbytes + 1);
    if (nbytes) memcpy(b->ptr + b->len, from, nbytes);
    b->len += nbytes;
    b->ptr[b->len] = 0; /* for printing only: NUL is data */
}

static inline void bytes_add_text(bytes *b, const char *text) {
    bytes_add(b, text, strlen(text));
}

static inline void bytes_add_byte(bytes *b, uint8_t byte) {
    bytes_add(b, &byte, 1);
}

static inline void bytes_add_char(bytes *b, uint32_t c) {
    uint8_t u[4];
    size_t n = 1;
    if (c < 0x80) {
        u[0] = (uint8_t)c;
    } else if (c < 0x800) {
        u[0] = (uint8_t)(0xC0 | c >> 6), u[1] = (uint8_t)(0x80 | (c & 0x3F)), n = 2;
    } else if (c < 0x10000) {
        u[0] = (uint8_t)(0xE0 | c >> 12), u[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F)),
        u[2] = (uint8_t)(0x80 | (c & 0x3F)), n = 3;
    } else {
        u[0] = (uint8_t)(0xF0 | c >> 18), u[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
        u[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F)), u[3] = (uint8_t)(0x80 | (c & 0x3F)), n = 4;
    }
    bytes_add(b, u, n);
}

static inline bytes bytes_copy(bytes b) {
    bytes copy = {0};
    bytes_add(&copy, b.ptr, b.len);
    return copy;
}

static inline int bytes_equal(bytes a, bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline void bytes_free(bytes *b) {
    free(b->ptr);
    *b = (bytes){0};
}

#endif
