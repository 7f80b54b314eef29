/* Unit tests of deflate: what zlib reads back from blocks that were compressed apart. */
#include "deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *state) {
    uint64_t x = (*state += 0x9e3779b97f4a7c15u);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Sentences from a small vocabulary, some words far more often than others. */
static hpx_buffer make_text(hpx_memory *memory, size_t nbytes, uint64_t seed) {
    static const char *const syllables[] = {"ba", "ter", "mi",  "lon", "gra", "su", "ve",  "chi",
                                            "do", "pel", "ran", "o",   "is",  "ku", "fen", "y"};
    char words[800][24];
    for (size_t i = 0; i < HPX_ARRAY_LEN(words); i++) {
        size_t at = 0, parts = 1 + next_random(&seed) % 4;
        for (size_t k = 0; k < parts; k++)
            at += (size_t)snprintf(words[i] + at, sizeof words[i] - at, "%s",
                                   syllables[next_random(&seed) % 16]);
    }
    hpx_buffer text = {.memory = memory};
    while (text.len < nbytes) {
        uint64_t r = next_random(&seed) % 800, word = r * (next_random(&seed) % 800) / 800;
        assert_int_equal(hpx_buffer_append_text(&text, words[word]), HAPAX_OK);
        assert_int_equal(hpx_buffer_append_text(&text, next_random(&seed) % 12 ? " " : ".\n"), HAPAX_OK);
    }
    text.len = nbytes;
    return text;
}

/* block_nbytes 0: random sizes, some of them nothing. deflaters: taken in turn, as threads would. */
static void compress_blocks(hpx_slice text, size_t block_nbytes, hpx_deflater **deflaters,
                            size_t deflater_count, int level, uint64_t seed, hpx_buffer *out) {
    uint32_t crc = 0;
    size_t at = 0, number = 0;
    assert_int_equal(hpx_gzip_header(out, level), HAPAX_OK);
    for (bool last = false; !last; number++) {
        size_t want = block_nbytes             ? block_nbytes
                      : next_random(&seed) % 5 ? (size_t)next_random(&seed) % 40000
                                               : 0;
        size_t n = HPX_MIN(want, text.len - at);
        last = at + n == text.len;
        /* More than a dictionary is allowed: its end counts. */
        size_t before = HPX_MIN(at, (size_t)HPX_DEFLATE_DICTIONARY_NBYTES + number % 3);
        uint32_t block_crc = 77;
        assert_int_equal(hpx_deflater_block(deflaters[number % deflater_count],
                                            hpx_slice_of(text.ptr + at - before, before),
                                            hpx_slice_of(text.ptr + at, n), last, out, &block_crc),
                         HAPAX_OK);
        crc = hpx_gzip_crc_combine(crc, block_crc, n);
        at += n;
    }
    assert_int_equal(hpx_gzip_trailer(out, crc, text.len), HAPAX_OK);
}

static void check_member(const hpx_buffer *gzip, hpx_slice text) {
    z_stream z = {0};
    uint8_t *back = malloc(text.len + 1);
    assert_non_null(back);
    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    z.next_in = gzip->ptr;
    z.avail_in = (uInt)gzip->len;
    z.next_out = back;
    z.avail_out = (uInt)text.len + 1;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END); /* checksum and length are compared by zlib */
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, text.len);
    if (text.len) assert_memory_equal(back, text.ptr, text.len);
    inflateEnd(&z);
    free(back);
}

static void test_random_blocks(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer text = make_text(&memory, 600000, 3);
    for (int level = 1; level <= 9; level++) {
        hpx_deflater *deflaters[3];
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(hpx_deflater_create(&deflaters[k], &memory, level), HAPAX_OK);
        for (uint64_t seed = 0; seed < 4; seed++) {
            hpx_buffer out = {.memory = &memory};
            hpx_slice slice = hpx_slice_of(text.ptr, text.len - (size_t)seed * 190000);
            compress_blocks(slice, 0, deflaters, 3, level, seed * 9 + (uint64_t)level, &out);
            check_member(&out, slice);
            hpx_buffer_release(&out);
        }
        for (size_t k = 0; k < 3; k++)
            hpx_deflater_destroy(deflaters[k]);
    }
    hpx_buffer_release(&text);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_noise_and_repetition(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_deflater *deflater;
    assert_int_equal(hpx_deflater_create(&deflater, &memory, 6), HAPAX_OK);
    size_t nbytes = 400000;
    uint8_t *bytes = malloc(nbytes);
    uint64_t random = 4;
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < nbytes; i++)
            bytes[i] = kind ? 'x' : (uint8_t)next_random(&random);
        hpx_buffer out = {.memory = &memory};
        compress_blocks(hpx_slice_of(bytes, nbytes), HPX_DEFLATE_BLOCK_NBYTES, &deflater, 1, 6, 0, &out);
        check_member(&out, hpx_slice_of(bytes, nbytes));
        assert_true(out.len < (kind ? nbytes / 100 : nbytes + nbytes / 500));
        hpx_buffer_release(&out);
    }
    free(bytes);
    hpx_deflater_destroy(deflater);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_blocks_cost_little(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer text = make_text(&memory, 1u << 20, 8), out = {.memory = &memory};
    hpx_deflater *deflater;
    assert_int_equal(hpx_deflater_create(&deflater, &memory, 6), HAPAX_OK);
    compress_blocks(hpx_slice_of(text.ptr, text.len), HPX_DEFLATE_BLOCK_NBYTES, &deflater, 1, 6, 0, &out);
    check_member(&out, hpx_slice_of(text.ptr, text.len));
    uLongf whole = compressBound(text.len);
    uint8_t *single = malloc(whole);
    assert_int_equal(compress2(single, &whole, text.ptr, text.len, 6), Z_OK);
    assert_true((double)out.len < 1.01 * (double)whole);
    free(single);
    hpx_deflater_destroy(deflater);
    hpx_buffer_release(&text);
    hpx_buffer_release(&out);
}

static void test_empty_output_is_a_member(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_deflater *deflater;
    hpx_buffer out = {.memory = &memory};
    assert_int_equal(hpx_deflater_create(&deflater, &memory, 6), HAPAX_OK);
    compress_blocks(hpx_slice_of(NULL, 0), 100, &deflater, 1, 6, 0, &out);
    check_member(&out, hpx_slice_of("", 0));
    assert_int_equal(out.len, 20);
    /* A block of nothing that is not the last adds nothing. */
    uint32_t crc = 5;
    assert_int_equal(
        hpx_deflater_block(deflater, hpx_slice_of("before", 6), hpx_slice_of("", 0), false, &out, &crc),
        HAPAX_OK);
    assert_int_equal(out.len, 20);
    assert_int_equal(crc, 0);
    hpx_deflater_destroy(deflater);
    hpx_deflater_destroy(NULL);
    hpx_buffer_release(&out);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_same_bytes_after_other_work(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer text = make_text(&memory, 300000, 1), out[2] = {{.memory = &memory}, {.memory = &memory}};
    hpx_deflater *used, *fresh;
    uint32_t crc[2];
    assert_int_equal(hpx_deflater_create(&used, &memory, 6), HAPAX_OK);
    assert_int_equal(hpx_deflater_create(&fresh, &memory, 6), HAPAX_OK);
    assert_int_equal(hpx_deflater_block(used, hpx_slice_of(NULL, 0), hpx_slice_of(text.ptr, 120000), true,
                                        &out[0], &crc[0]),
                     HAPAX_OK);
    hpx_buffer_clear(&out[0]);
    hpx_slice before = hpx_slice_of(text.ptr + 100000, 32768),
              block = hpx_slice_of(text.ptr + 132768, 131072);
    assert_int_equal(hpx_deflater_block(used, before, block, false, &out[0], &crc[0]), HAPAX_OK);
    assert_int_equal(hpx_deflater_block(fresh, before, block, false, &out[1], &crc[1]), HAPAX_OK);
    assert_int_equal(crc[0], crc[1]);
    assert_int_equal(out[0].len, out[1].len);
    assert_memory_equal(out[0].ptr, out[1].ptr, out[0].len);
    hpx_deflater_destroy(used);
    hpx_deflater_destroy(fresh);
    for (int k = 0; k < 2; k++)
        hpx_buffer_release(&out[k]);
    hpx_buffer_release(&text);
    assert_int_equal(memory.now_nbytes, 0);
}

static void test_header_and_levels(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    for (int level = 1; level <= 9; level += 4)
        assert_int_equal(hpx_gzip_header(&out, level), HAPAX_OK);
    assert_int_equal(out.len, 30);
    for (size_t i = 0; i < 30; i += 10) {
        assert_memory_equal(out.ptr + i, "\x1f\x8b\x08\0\0\0\0\0", 8); /* no flags, no time */
        assert_int_equal(out.ptr[i + 8], i == 0 ? 4 : i == 20 ? 2 : 0);
    }
    out.len = 0;
    assert_int_equal(hpx_gzip_trailer(&out, 0x04030201, ((uint64_t)1 << 32) + 0x08070605), HAPAX_OK);
    assert_int_equal(out.len, 8);
    assert_memory_equal(out.ptr, "\1\2\3\4\5\6\7\10", 8);
    hpx_buffer_release(&out);
    hpx_deflater *deflater;
    assert_int_equal(hpx_deflater_create(&deflater, &memory, 0), HAPAX_E_OPTION);
    assert_int_equal(hpx_deflater_create(&deflater, &memory, 10), HAPAX_E_OPTION);
    assert_null(deflater);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_blocks),
        cmocka_unit_test(test_noise_and_repetition),
        cmocka_unit_test(test_blocks_cost_little),
        cmocka_unit_test(test_empty_output_is_a_member),
        cmocka_unit_test(test_same_bytes_after_other_work),
        cmocka_unit_test(test_header_and_levels),
    };
    return cmocka_run_group_tests_name("deflate", tests, NULL, NULL);
}
