/* Unit tests of index: against a slow map, at the budget, without memory. */
#include "index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define IDENTITY_MASK (((uint64_t)1 << 51) - 1)
#define BIG           ((uint64_t)64 << 20)

static uint64_t next_random(uint64_t *state) {
    uint64_t x = (*state += 0x9e3779b97f4a7c15u);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* All positions of all fingerprints, in lists: slow in memory, obviously right. */
typedef struct {
    uint64_t identity, position;
    size_t before; /* index + 1 of the visit before this one with the same bucket */
} naive_visit;

typedef struct {
    naive_visit *visits;
    size_t count, *buckets;
} naive_map;

#define NAIVE_BUCKETS (1u << 16)

static naive_map naive_create(size_t cap) {
    naive_map map = {calloc(cap, sizeof *map.visits), 0, calloc(NAIVE_BUCKETS, sizeof *map.buckets)};
    assert_true(map.visits && map.buckets);
    return map;
}

static void naive_destroy(naive_map *map) {
    free(map->visits);
    free(map->buckets);
}

static size_t naive_sources(naive_map *map, uint64_t fingerprint, uint64_t position,
                            uint64_t sources[1 + HPX_INDEX_LATEST]) {
    uint64_t identity = fingerprint & IDENTITY_MASK, latest[HPX_INDEX_LATEST], first = 0;
    size_t *bucket = &map->buckets[(identity * 0x9e3779b97f4a7c15u) >> 48], seen = 0;
    for (size_t at = *bucket; at; at = map->visits[at - 1].before) {
        if (map->visits[at - 1].identity != identity) continue;
        first = map->visits[at - 1].position;
        if (seen < HPX_INDEX_LATEST) latest[seen] = first;
        seen++;
    }
    map->visits[map->count] = (naive_visit){identity, position, *bucket};
    *bucket = ++map->count;
    if (seen == 0) return 0;
    size_t kept = HPX_MIN(seen - 1, (size_t)HPX_INDEX_LATEST);
    sources[0] = first;
    memcpy(sources + 1, latest, kept * sizeof *sources);
    return 1 + kept;
}

static hpx_index *make(hpx_memory *memory, uint64_t budget, uint64_t seed) {
    hpx_index *index = NULL;
    assert_int_equal(hpx_index_create(&index, memory, budget, seed), HAPAX_OK);
    return index;
}

static void check_visit(hpx_index *index, naive_map *map, uint64_t fingerprint, uint64_t position) {
    uint64_t got[1 + HPX_INDEX_LATEST], want[1 + HPX_INDEX_LATEST];
    size_t got_n = 99, want_n = naive_sources(map, fingerprint, position, want);
    assert_int_equal(hpx_index_visit(index, fingerprint, position, got, &got_n), HAPAX_OK);
    assert_int_equal(got_n, want_n);
    if (want_n) assert_memory_equal(got, want, want_n * sizeof *got);
}

/* repeat_bits: how far back repeats reach; shape: what is done to a random fingerprint. */
typedef uint64_t (*shape_fn)(uint64_t random);

static uint64_t shape_any(uint64_t random) {
    return random;
}
static uint64_t shape_low_bits_same(uint64_t random) {
    return random << 24;
}
static uint64_t shape_counting(uint64_t random) {
    return random & 0xfffff;
}
static uint64_t shape_top_bits_only(uint64_t random) {
    return (random & 0xfff) << 39;
}
static uint64_t shape_beyond_identity(uint64_t random) { /* differ only above the identity: the same entry */
    return (random & 0x1fff) << 51 | (random >> 40);
}

static void compare_with_naive(shape_fn shape, size_t visits, uint64_t seed) {
    hpx_memory memory = {0};
    hpx_index *index = make(&memory, BIG, seed * 77);
    naive_map map = naive_create(visits);
    uint64_t *history = calloc(visits, sizeof *history), state = seed, position = 0;
    assert_non_null(history);
    for (size_t i = 0; i < visits; i++) {
        uint64_t r = next_random(&state);
        bool repeat = i > 0 && r % 4 == 0;
        history[i] = repeat ? history[(r >> 8) % i] : shape(next_random(&state));
        position += 1 + (r >> 40) % 3000;
        hpx_index_prefetch(index, history[i]);
        check_visit(index, &map, history[i], position);
    }
    hpx_index_stats stats;
    hpx_index_get_stats(index, &stats);
    assert_int_equal(stats.nbytes, memory.now_nbytes);
    assert_false(stats.full);
    hpx_index_destroy(index);
    assert_int_equal(memory.now_nbytes, 0);
    naive_destroy(&map);
    free(history);
}

static void test_random_fingerprints(void **state) {
    (void)state;
    compare_with_naive(shape_any, 400000, 1);
    for (uint64_t seed = 2; seed < 40; seed++)
        compare_with_naive(shape_any, 1 + (size_t)seed * 50, seed);
}

static void test_crafted_fingerprints(void **state) {
    (void)state;
    compare_with_naive(shape_low_bits_same, 200000, 3);
    compare_with_naive(shape_counting, 200000, 4);
    compare_with_naive(shape_top_bits_only, 20000, 5);
    compare_with_naive(shape_beyond_identity, 50000, 6);
}

/* More entries than the largest table that is one allocation: chunks and slabs. */
static void test_large_tables(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_index *index = make(&memory, BIG, 9);
    uint64_t sources[1 + HPX_INDEX_LATEST], random = 5, count = 2500000;
    size_t n;
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(hpx_index_visit(index, next_random(&random), i, sources, &n), HAPAX_OK);
        assert_int_equal(n, 0);
    }
    random = 5;
    for (uint64_t i = 0; i < count; i++) {
        if (i % 7) {
            next_random(&random);
            continue;
        }
        assert_int_equal(hpx_index_visit(index, next_random(&random), count + i, sources, &n), HAPAX_OK);
        assert_int_equal(n, 1);
        assert_int_equal(sources[0], i);
    }
    hpx_index_stats stats;
    hpx_index_get_stats(index, &stats);
    assert_int_equal(stats.entries, count);
    assert_int_equal(stats.nodes, (count + 6) / 7);
    assert_int_equal(stats.nbytes, memory.now_nbytes);
    assert_true(stats.groups_visited < 2 * (count + count / 7)); /* probing stays short */
    hpx_index_destroy(index);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_zero_and_extremes(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_index *index = make(&memory, BIG, 0);
    uint64_t sources[1 + HPX_INDEX_LATEST], last = ((uint64_t)1 << HPX_POSITION_BITS) - 1;
    size_t n;
    hpx_index_prefetch(index, 0); /* nothing there yet */
    assert_int_equal(hpx_index_visit(index, 0, 0, sources, &n), HAPAX_OK);
    assert_int_equal(n, 0);
    assert_int_equal(hpx_index_visit(index, UINT64_MAX, 1, sources, &n), HAPAX_OK);
    assert_int_equal(n, 0);
    assert_int_equal(hpx_index_visit(index, 0, last - 1, sources, &n), HAPAX_OK);
    assert_int_equal(n, 1);
    assert_int_equal(sources[0], 0);
    assert_int_equal(hpx_index_visit(index, 0, last, sources, &n), HAPAX_OK);
    assert_int_equal(n, 2);
    assert_true(sources[0] == 0 && sources[1] == last - 1);
    assert_int_equal(hpx_index_visit(index, 0, last + 1, sources, &n), HAPAX_E_LIMIT);
    assert_int_equal(n, 0);
    assert_int_equal(hpx_index_visit(index, UINT64_MAX, last, sources, &n), HAPAX_OK);
    assert_true(n == 1 && sources[0] == 1);
    hpx_index_destroy(index);
    hpx_index_destroy(NULL);
    assert_int_equal(hpx_index_create(&index, &memory, HPX_INDEX_BUDGET_MIN - 1, 0), HAPAX_E_OPTION);
    assert_null(index);
}

/* Fills two indexes that differ only in their placement; both must do the same, all the way. */
static void fill_both(uint64_t budget, unsigned repeat_share, uint64_t seed) {
    hpx_memory memory[2] = {{0}, {0}};
    hpx_index *index[2];
    for (int k = 0; k < 2; k++)
        index[k] = make(&memory[k], budget, seed + (uint64_t)k * 1000003);
    uint64_t random = seed, sources[2][1 + HPX_INDEX_LATEST], refused = 0, i = 0;
    size_t n[2];
    while (refused < 20000) {
        uint64_t r = next_random(&random), back = seed + (r >> 20) % (i + 1),
                 at = r % 100 < repeat_share ? back : seed + i;
        uint64_t fingerprint = next_random(&at);
        hapax_status status[2];
        for (int k = 0; k < 2; k++) {
            status[k] = hpx_index_visit(index[k], fingerprint, i, sources[k], &n[k]);
            assert_true(memory[k].peak_nbytes <= budget);
        }
        assert_int_equal(status[0], status[1]);
        assert_true(status[0] == HAPAX_OK || status[0] == HAPAX_E_FULL);
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(sources[0], sources[1], n[0] * sizeof(uint64_t));
        if (status[0] == HAPAX_E_FULL) assert_int_equal(n[0], 0);
        refused += status[0] == HAPAX_E_FULL;
        i++;
    }
    hpx_index_stats stats;
    hpx_index_get_stats(index[0], &stats);
    assert_true(stats.full);
    assert_true(memory[0].peak_nbytes > budget / 2 || budget < (1u << 20)); /* the budget is used */
    for (int k = 0; k < 2; k++) {
        hpx_index_destroy(index[k]);
        assert_int_equal(memory[k].now_nbytes, 0);
    }
}

static void test_full_is_the_same_everywhere(void **state) {
    (void)state;
    static const uint64_t budgets[] = {
        HPX_INDEX_BUDGET_MIN, 300000, 500000, 1u << 20, 3000000, 5u << 20, 20u << 20};
    static const unsigned shares[] = {0, 10, 50};
    for (size_t b = 0; b < HPX_ARRAY_LEN(budgets); b++)
        for (size_t s = 0; s < HPX_ARRAY_LEN(shares); s++)
            fill_both(budgets[b], shares[s], 11 + b * 10 + s);
    fill_both(40u << 20, 2, 5); /* tables of chunks */
    for (uint64_t seed = 1000; seed < 1040; seed++)
        fill_both(400000 + seed * 50, 5, seed);
}

static void test_known_go_on_when_full(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_index *index = make(&memory, HPX_INDEX_BUDGET_MIN, 3);
    uint64_t sources[1 + HPX_INDEX_LATEST], random = 8, known = next_random(&random), count = 0, position = 2;
    size_t n;
    assert_int_equal(hpx_index_visit(index, known, 0, sources, &n), HAPAX_OK);
    assert_int_equal(hpx_index_visit(index, known, 1, sources, &n), HAPAX_OK);
    while (hpx_index_visit(index, next_random(&random), position++, sources, &n) == HAPAX_OK)
        count++;
    assert_true(count > 1000);
    /* All that came once come back: they get nodes from the reserve, then only their first position is known. */
    uint64_t again = 8, with_node = 0;
    next_random(&again);
    for (int round = 0; round < 3; round++) {
        uint64_t walk = again;
        for (uint64_t i = 0; i < count; i++) {
            assert_int_equal(hpx_index_visit(index, next_random(&walk), position++, sources, &n), HAPAX_OK);
            assert_true(n >= 1 && sources[0] == i + 2);
            if (round == 1) with_node += n == 2;
            if (round == 2) assert_true(n == 1 || n == 3);
        }
    }
    assert_true(with_node > 0 && with_node < count);
    assert_int_equal(hpx_index_visit(index, known, position++, sources, &n), HAPAX_OK);
    assert_true(n == 2 && sources[1] == 1);
    assert_int_equal(hpx_index_visit(index, known, position, sources, &n), HAPAX_OK);
    assert_true(n == 3 && sources[1] == position - 1 && sources[2] == 1);
    assert_true(memory.peak_nbytes <= HPX_INDEX_BUDGET_MIN);
    hpx_index_destroy(index);
}

static void test_bytes_for_an_entry(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_index *index = make(&memory, BIG, 21);
    uint64_t sources[1 + HPX_INDEX_LATEST], random = 1, samples = 0;
    double sum = 0;
    for (uint64_t i = 0; i < 2000000; i++) {
        size_t n;
        assert_int_equal(hpx_index_visit(index, next_random(&random), i, sources, &n), HAPAX_OK);
        if (i < 100000 || i % 10000) continue;
        double for_each = (double)memory.now_nbytes / (double)(i + 1);
        assert_true(for_each < 18);
        sum += for_each;
        samples++;
    }
    assert_true(sum / (double)samples < 16.5);
    hpx_index_destroy(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_fingerprints),
        cmocka_unit_test(test_crafted_fingerprints),
        cmocka_unit_test(test_large_tables),
        cmocka_unit_test(test_zero_and_extremes),
        cmocka_unit_test(test_full_is_the_same_everywhere),
        cmocka_unit_test(test_known_go_on_when_full),
        cmocka_unit_test(test_bytes_for_an_entry),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
