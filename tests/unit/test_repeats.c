/*
 * Unit tests of repeats: counts are exact while there is room, and for what is never rare; the table stays bounded whatever comes.
 */
#include "repeats.h"
#include "prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void add(hpx_repeats *repeats, uint64_t hash, uint64_t begin) {
    hpx_repeat_entry entry = {.hash = hash, .letters = hash % 100, .begin = begin, .end = begin + 5, .distance = 7};
    assert_int_equal(hpx_repeats_add(repeats, &entry), HAPAX_OK);
}

static void most_first_and_among_equals_the_earlier_one(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_repeats repeats;
    hpx_repeat_entry most[8];
    hpx_repeats_init(&repeats, &memory);
    assert_int_equal(hpx_repeats_most(&repeats, most, 8), 0);
    static const uint64_t hashes[] = {5, 9, 0, 5, 64 + 5, 9, 5, 128 + 5, 0, 1}; /* 0 is a hash like others; 5, 69, 133 meet in a small table */
    for (size_t i = 0; i < HPX_ARRAY_LEN(hashes); i++) add(&repeats, hashes[i], 100 * i);
    size_t n = hpx_repeats_most(&repeats, most, 8);
    assert_int_equal(n, 5);
    assert_int_equal(most[0].copies, 3);
    assert_int_equal(most[0].begin, 0); /* of the first removal */
    assert_int_equal(most[1].copies, 3); /* 0 and 1 are one: nothing tells them apart */
    assert_int_equal(most[1].begin, 200);
    assert_int_equal(most[2].hash, 9);
    assert_int_equal(most[3].hash, 69);
    assert_int_equal(most[4].hash, 133);
    assert_int_equal(hpx_repeats_most(&repeats, most, 2), 2);
    assert_int_equal(most[1].begin, 200);
    assert_int_equal(hpx_repeats_most(&repeats, most, 0), 0);
    hpx_repeats_release(&repeats);
    hpx_repeats_release(&repeats);
    assert_int_equal(memory.now_nbytes, 0);
}

static void many_different_texts_stay_bounded_and_frequent_ones_are_counted_exactly(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_repeats repeats;
    hpx_repeat_entry most[6];
    prng random = prng_seeded(8, 1);
    hpx_repeats_init(&repeats, &memory);
    uint64_t bound = 0;
    for (uint64_t i = 0; i < 400000; i++) {
        add(&repeats, prng_next(&random) | 1 << 20, i);
        if (i % 20 == 0) add(&repeats, 1 + i / 20 % 5, i); /* five that come again and again */
        if (i == 100000) bound = memory.peak_nbytes;
    }
    assert_int_equal(memory.peak_nbytes, bound);
    assert_true(bound < (uint64_t)4 << 20);
    assert_int_equal(hpx_repeats_most(&repeats, most, 6), 6);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(most[i].copies, 4000);
        assert_int_equal(most[i].hash, 1 + i);
    }
    assert_true(most[5].copies < 3);
    hpx_repeats_release(&repeats);
    assert_int_equal(memory.now_nbytes, 0);
}

/* All twice: none is rarer than the others, and yet there has to be room. */
static void a_table_full_of_equals_makes_room(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_repeats repeats;
    hpx_repeats_init(&repeats, &memory);
    for (uint64_t i = 1; i < 100000; i++)
        for (int copy = 0; copy < 3; copy++) add(&repeats, i * 0x9E3779B97F4A7C15u, i);
    assert_true(repeats.count * 4 <= repeats.cap * 3 + 4);
    assert_true(memory.peak_nbytes < (uint64_t)4 << 20);
    hpx_repeats_release(&repeats);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_first_and_among_equals_the_earlier_one),
        cmocka_unit_test(many_different_texts_stay_bounded_and_frequent_ones_are_counted_exactly),
        cmocka_unit_test(a_table_full_of_equals_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
