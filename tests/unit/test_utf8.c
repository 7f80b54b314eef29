/* test_utf8: validity against libunistring, maximal ill-formed subsequences, counting, and both ways
 * of coding. */
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <unistr.h>

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static size_t first_ill_plainly(const uint8_t *p, size_t n) {
    const uint8_t *ill = u8_check(p, n);
    return ill ? (size_t)(ill - p) : n;
}

static void every_character_goes_there_and_back(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        uint8_t bytes[4];
        size_t n = hpx_utf8_encode(c, bytes), got = 0, before = 0;
        assert_int_equal(hpx_utf8_length(bytes[0]), n);
        assert_int_equal(hpx_utf8_decode(bytes, &got), c);
        assert_int_equal(got, n);
        assert_int_equal(hpx_utf8_decode_before(bytes, bytes + n, &before), c);
        assert_int_equal(before, n);
        assert_int_equal(hpx_utf8_first_ill(hpx_slice_of(bytes, n)), n);
        if (n > 1) assert_int_equal(hpx_utf8_first_ill(hpx_slice_of(bytes, n - 1)), 0);
    }
}

/* All sequences of three bytes from the edges of every range, in the middle of text so that the fast
 * ways meet them. */
static void edges_of_every_range(void **state) {
    (void)state;
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                    0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xE4, 0xEC, 0xED,
                                    0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFE, 0xFF};
    const size_t n = HPX_ARRAY_LEN(edges);
    for (size_t i = 0; i < n * n * n * n; i++) {
        uint8_t text[80];
        for (size_t k = 0; k < 78; k += 3)
            memcpy(text + k, "\xE4\xB8\xAD", 3);
        size_t at = i % 3 * 3 + 3;
        text[at] = edges[i % n];
        text[at + 1] = edges[i / n % n];
        text[at + 2] = edges[i / n / n % n];
        if (i % 2) text[at + 3] = edges[i / n / n / n];
        size_t len = i % 5 == 0 ? at + 4 : 78;
        assert_int_equal(hpx_utf8_first_ill(hpx_slice_of(text, len)), first_ill_plainly(text, len));
    }
}

static void random_bytes_and_damage(void **state) {
    (void)state;
    uint32_t r = 3;
    for (unsigned round = 0; round < 100000; round++) {
        uint8_t text[200];
        size_t n = 0, len = next_random(&r) % 190;
        unsigned kind = next_random(&r) % 4;
        while (n < len) {
            uint32_t c = kind == 0   ? next_random(&r) % 0x80
                         : kind == 1 ? 0x4E00 + next_random(&r) % 0x5000
                         : kind == 2 ? next_random(&r) % 0x800
                                     : next_random(&r) % 0x110000;
            if (c >= 0xD800 && c < 0xE000) continue;
            n += hpx_utf8_encode(c, text + n);
        }
        if (n && round % 2) text[next_random(&r) % n] = (uint8_t)next_random(&r);
        size_t ill = hpx_utf8_first_ill(hpx_slice_of(text, n));
        assert_int_equal(ill, first_ill_plainly(text, n));
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            count += (text[i] & 0xC0) != 0x80;
        assert_int_equal(hpx_utf8_count(hpx_slice_of(text, n)), count);
        bool ascii = true;
        for (size_t i = 0; i < n; i++)
            ascii &= text[i] < 0x80;
        assert_int_equal(hpx_utf8_is_ascii(hpx_slice_of(text, n)), ascii);
    }
}

static void counts_long_text(void **state) {
    (void)state;
    const size_t n = 300000; /* the eight counters must not overflow */
    uint8_t *text = malloc(n);
    assert_non_null(text);
    memset(text, 0x80, n);
    assert_int_equal(hpx_utf8_count(hpx_slice_of(text, n)), 0);
    memset(text, 'a', n);
    assert_int_equal(hpx_utf8_count(hpx_slice_of(text, n)), n);
    free(text);
}

/* Table 3-8 and 3-9 of the standard, and what browsers do with a truncated character. */
static void maximal_subsequences(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len, ill;
    } cases[] = {
        {"\x80", 1, 1},         {"\xC0\xAF", 2, 1},
        {"\xE0\x80\xBF", 3, 1}, {"\xF0\x81\x82\x41", 4, 1},
        {"\xED\xA0\x80", 3, 1}, {"\xF4\x91\x92\x93", 4, 1},
        {"\xFF", 1, 1},         {"\xE1\x80\xE2", 3, 2},
        {"\xE1\x80", 2, 2},     {"\xF0\x91\x92\xF1", 4, 3},
        {"\xF1\xBF\x41", 3, 2}, {"\xC3", 1, 1},
        {"\xC3\x41", 2, 1},     {"\xE4\xB8", 2, 2},
        {"\xF0\x9F\x98", 3, 3}, {"\xF0\x9F", 2, 2},
        {"\xE0\xA0\x41", 3, 2}, {"\xF5\x80\x80\x80", 4, 1},
        {"\xF4\x8F\xBF", 3, 3},
    };
    for (size_t i = 0; i < HPX_ARRAY_LEN(cases); i++) {
        hpx_slice text = hpx_slice_of(cases[i].bytes, cases[i].len);
        assert_int_equal(hpx_utf8_first_ill(text), 0);
        assert_int_equal(hpx_utf8_ill_length(text, 0), cases[i].ill);
    }
}

static void empty_text(void **state) {
    (void)state;
    assert_int_equal(hpx_utf8_first_ill(hpx_slice_of(NULL, 0)), 0);
    assert_int_equal(hpx_utf8_count(hpx_slice_of(NULL, 0)), 0);
    assert_true(hpx_utf8_is_ascii(hpx_slice_of(NULL, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_goes_there_and_back),
        cmocka_unit_test(edges_of_every_range),
        cmocka_unit_test(random_bytes_and_damage),
        cmocka_unit_test(counts_long_text),
        cmocka_unit_test(maximal_subsequences),
        cmocka_unit_test(empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
