/* Unit tests of base: counting, growth, buffers, error records. */
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Under a sanitizer too, what cannot be had is NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void test_memory_is_counted(void **state) {
    (void)state;
    hpx_memory memory = {0};
    uint8_t *a = hpx_alloc(&memory, 100);
    uint8_t *b = hpx_alloc_zero(&memory, 50);
    assert_non_null(a);
    assert_non_null(b);
    for (int i = 0; i < 50; i++)
        assert_int_equal(b[i], 0);
    assert_int_equal(memory.now_nbytes, 150);
    a = hpx_realloc(&memory, a, 100, 1000);
    assert_int_equal(memory.now_nbytes, 1050);
    a = hpx_realloc(&memory, a, 1000, 10);
    assert_int_equal(memory.now_nbytes, 60);
    assert_null(hpx_realloc(&memory, a, 10, 0));
    hpx_free(&memory, b, 50);
    hpx_free(&memory, NULL, 77);
    assert_int_equal(memory.now_nbytes, 0);
    assert_int_equal(memory.peak_nbytes, 1050);
    assert_null(hpx_alloc(&memory, 0));
    assert_null(hpx_alloc_zero(&memory, 0));
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_what_cannot_be_had_is_not_counted(void **state) {
    (void)state;
    hpx_memory memory = {0};
    volatile size_t huge = SIZE_MAX / 2; /* volatile: compilers warn about what is meant here */
    assert_null(hpx_alloc(&memory, huge));
    assert_null(hpx_alloc_zero(&memory, huge));
    uint8_t *a = hpx_alloc(&memory, 10);
    assert_null(hpx_realloc(&memory, a, 10, huge));
    assert_int_equal(memory.now_nbytes, 10);
    size_t cap = 10;
    assert_int_equal(hpx_grow(&memory, &a, &cap, SIZE_MAX / 4, 8), HAPAX_E_MEMORY);
    assert_int_equal(hpx_grow(&memory, &a, &cap, SIZE_MAX, 1), HAPAX_E_MEMORY);
    assert_int_equal(cap, 10);
    hpx_free(&memory, a, 10);
    hpx_buffer buffer = {.memory = &memory};
    assert_int_equal(hpx_buffer_append(&buffer, "ab", 2), HAPAX_OK);
    assert_int_equal(hpx_buffer_reserve(&buffer, SIZE_MAX - 1), HAPAX_E_MEMORY);
    assert_memory_equal(buffer.ptr, "ab", 2);
    hpx_buffer_release(&buffer);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_grow(void **state) {
    (void)state;
    hpx_memory memory = {0};
    uint64_t *numbers = NULL;
    size_t cap = 0, moves = 0;
    for (size_t i = 0; i < 10000; i++) {
        size_t before = cap;
        assert_int_equal(hpx_grow(&memory, &numbers, &cap, i + 1, sizeof *numbers), HAPAX_OK);
        moves += cap != before;
        assert_true(cap > i);
        assert_int_equal(memory.now_nbytes, cap * sizeof *numbers);
        numbers[i] = i * i;
    }
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i * i);
    assert_true(moves < 25); /* by half, not by one */
    hpx_free(&memory, numbers, cap * sizeof *numbers);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_buffer(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer buffer = {.memory = &memory};
    assert_int_equal(hpx_buffer_append(&buffer, NULL, 0), HAPAX_OK);
    hpx_buffer_consume(&buffer, 0);
    assert_int_equal(memory.now_nbytes, 0);
    assert_int_equal(hpx_buffer_append(&buffer, "a\0b", 3), HAPAX_OK);
    assert_int_equal(hpx_buffer_append_text(&buffer, "cde"), HAPAX_OK);
    assert_int_equal(hpx_buffer_append_uint(&buffer, 0), HAPAX_OK);
    assert_int_equal(hpx_buffer_append_uint(&buffer, UINT64_MAX), HAPAX_OK);
    assert_int_equal(buffer.len, 27);
    assert_memory_equal(buffer.ptr, "a\0bcde018446744073709551615", 27);
    hpx_buffer_consume(&buffer, 2);
    assert_int_equal(buffer.len, 25);
    assert_memory_equal(buffer.ptr, "bcde0", 5);
    hpx_buffer_consume(&buffer, 1000);
    assert_int_equal(buffer.len, 0);
    assert_int_equal(hpx_buffer_reserve(&buffer, 5000), HAPAX_OK);
    assert_true(buffer.cap >= 5000);
    assert_int_equal(memory.now_nbytes, buffer.cap);
    hpx_buffer_clear(&buffer);
    assert_true(buffer.cap >= 5000);
    hpx_buffer_release(&buffer);
    assert_null(buffer.ptr);
    assert_ptr_equal(buffer.memory, &memory);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_fail(void **state) {
    (void)state;
    hapax_error error = {0};
    char longer[400];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(hpx_fail(&error, HAPAX_E_IO, 5, "writing %s"), HAPAX_E_IO);
    assert_int_equal(error.status, HAPAX_E_IO);
    assert_int_equal(error.sys_errno, 5);
    assert_string_equal(error.text, "writing %s");
    assert_int_equal(hpx_fail(&error, HAPAX_E_MEMORY, 0, longer), HAPAX_E_MEMORY);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(hpx_fail(NULL, HAPAX_E_FULL, 0, "nobody listens"), HAPAX_E_FULL);
}

static void test_every_status_has_a_sentence(void **state) {
    (void)state;
    for (int s = HAPAX_OK; s <= HAPAX_E_LIMIT; s++) {
        const char *text = hapax_status_text((hapax_status)s);
        assert_non_null(text);
        assert_string_not_equal(text, "unknown status");
        assert_int_not_equal(text[strlen(text) - 1], '.');
    }
    assert_string_equal(hapax_status_text((hapax_status)99), "unknown status");
}

static void test_clock(void **state) {
    (void)state;
    uint64_t before = hpx_now_ns();
    assert_true(hpx_now_ns() >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_counted),
        cmocka_unit_test(test_what_cannot_be_had_is_not_counted),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_every_status_has_a_sentence),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
