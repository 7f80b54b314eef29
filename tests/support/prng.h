/*
 * prng: the same numbers on every machine for the same seed (splitmix64, Steele, Lea, Flood 2014). For tests.
 */
#ifndef TEST_PRNG_H
#define TEST_PRNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} prng;

static inline uint64_t prng_next(prng *r) {
    uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* Two seeds that differ in one bit give unrelated numbers. */
static inline prng prng_seeded(uint64_t seed, uint64_t stream) {
    prng r = {seed * 0xD1342543DE82EF95u + stream};
    r.state = prng_next(&r) ^ stream;
    return r;
}

/* 0 .. bound - 1; bound > 0. */
static inline size_t prng_below(prng *r, size_t bound) {
    return (size_t)((prng_next(r) >> 32) * (uint64_t)bound >> 32);
}

/* from .. to, both possible. */
static inline size_t prng_range(prng *r, size_t from, size_t to) {
    return from + prng_below(r, to - from + 1);
}

/* True in so many of 1000 calls. */
static inline bool prng_chance(prng *r, unsigned of_1000) {
    return prng_below(r, 1000) < of_1000;
}

#endif
