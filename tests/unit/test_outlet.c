/*
 * Unit tests of outlet: text comes out in order and whole, plain or as gzip members, wherever it is taken in and in whatever order the
 * blocks are compressed; the compressed bytes do not depend on it.
 */
#include "outlet.h"
#include "bytes.h"
#include "prng.h"
#include "variants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

typedef struct {
    hpx_memory memory;
    hpx_outlet outlet;
    hpx_deflater *deflater;
    int level;
    bytes outputs[8];
    size_t count;
    bool done;
} rig;

static void begin(rig *r, int level) {
    *r = (rig){.level = level, .count = 1};
    hpx_outlet_init(&r->outlet, level, &r->memory);
    if (level) assert_int_equal(hpx_deflater_create(&r->deflater, &r->memory, level), HAPAX_OK);
}

static void end(rig *r) {
    hpx_outlet_release(&r->outlet);
    hpx_deflater_destroy(r->deflater);
    assert_int_equal(r->memory.now_nbytes, 0);
    for (size_t i = 0; i < 8; i++) bytes_free(&r->outputs[i]);
}

static void compress_one(rig *r, hpx_block *block) {
    assert_int_equal(block->state, HPX_BLOCK_RUNS);
    assert_int_equal(hpx_block_compress(block, r->deflater, r->level), HAPAX_OK);
    block->state = HPX_BLOCK_READY;
}

static void hand_out(rig *r) {
    hpx_block *block;
    for (;;) {
        assert_int_equal(hpx_outlet_head(&r->outlet, &block), HAPAX_OK);
        if (!block) return;
        hpx_block *same;
        assert_int_equal(hpx_outlet_head(&r->outlet, &same), HAPAX_OK); /* looking twice changes nothing */
        assert_ptr_equal(block, same);
        hpx_slice part = hpx_outlet_bytes(&r->outlet, block);
        bytes_add(&r->outputs[r->count - 1], part.ptr, part.len);
        assert_false(r->done);
        if (block->final) r->done = true;
        else if (block->last) r->count++;
        hpx_outlet_drop_head(&r->outlet);
    }
}

static void take(rig *r, const void *text, size_t n, const size_t *ends, size_t end_count, bool final) {
    hpx_buffer buffer = {.memory = &r->memory};
    assert_int_equal(hpx_buffer_append(&buffer, text, n), HAPAX_OK);
    assert_int_equal(hpx_outlet_take(&r->outlet, &buffer, ends, end_count, final), HAPAX_OK);
    assert_int_equal(buffer.len, 0);
    hpx_buffer_release(&buffer);
}

static void unzip(rig *r) {
    for (size_t i = 0; i < r->count && r->level; i++) {
        bytes text = {0};
        assert_true(gunzip_add(&text, r->outputs[i].ptr, r->outputs[i].len));
        bytes_free(&r->outputs[i]);
        r->outputs[i] = text;
    }
}

static void assert_output(rig *r, size_t i, const char *want) {
    bytes_add(&r->outputs[i], "", 0);
    assert_string_equal((const char *)r->outputs[i].ptr, want);
}

static void outputs_end_where_they_are_said_to(void **state) {
    (void)state;
    for (int level = 0; level < 2; level++) {
        rig r;
        hpx_block *block;
        begin(&r, level);
        take(&r, "", 0, NULL, 0, false);
        take(&r, "abc", 3, NULL, 0, false);
        take(&r, "defgh", 5, (const size_t[]){2, 2, 4}, 3, false); /* an empty output between two */
        take(&r, "", 0, (const size_t[]){0}, 1, false);
        take(&r, "ij", 2, (const size_t[]){0, 2}, 2, true);
        while ((block = hpx_outlet_next_job(&r.outlet))) compress_one(&r, block);
        hand_out(&r);
        assert_true(r.done);
        assert_int_equal(r.count, 6);
        unzip(&r);
        static const char *const want[] = {"abcde", "", "fg", "h", "", "ij"};
        for (size_t i = 0; i < 6; i++) assert_output(&r, i, want[i]);
        assert_int_equal(r.outlet.queued_nbytes, 0);
        end(&r);
    }
}

static void compressed_bytes_depend_on_the_text_alone(void **state) {
    (void)state;
    bytes text = {0}, first = {0};
    prng random = prng_seeded(2, 2);
    for (int i = 0; i < 130000; i++) bytes_add_text(&text, prng_chance(&random, 500) ? "河岸" : "ab");
    for (int way = 0; way < 6; way++) {
        rig r;
        hpx_block *jobs[64], *block;
        size_t job_count = 0;
        begin(&r, 6);
        for (size_t at = 0; at < text.len;) {
            size_t n = way == 0 ? text.len : way == 1 ? HPX_DEFLATE_BLOCK_NBYTES : prng_range(&random, 1, 300000);
            n = HPX_MIN(n, text.len - at);
            size_t stop = n;
            bool last = at + n == text.len;
            take(&r, text.ptr + at, n, &stop, last, last);
            at += n;
        }
        while ((block = hpx_outlet_next_job(&r.outlet))) jobs[job_count++] = block;
        assert_true(job_count >= 3);
        assert_true(r.outlet.queued_nbytes == text.len);
        hand_out(&r);
        assert_int_equal(r.outputs[0].len, 0); /* the first block is not ready */
        for (size_t i = 0; i < job_count; i++) {
            size_t which = way % 2 ? job_count - 1 - i : i;
            compress_one(&r, jobs[which]);
            if (way > 2) hand_out(&r);
        }
        hand_out(&r);
        assert_true(r.done);
        if (way == 0) first = bytes_copy(r.outputs[0]);
        assert_true(bytes_equal(r.outputs[0], first));
        unzip(&r);
        assert_true(bytes_equal(r.outputs[0], text));
        assert_int_equal(r.outlet.queued_nbytes, 0);
        end(&r);
    }
    bytes_free(&text);
    bytes_free(&first);
}

static void released_with_blocks_in_every_state(void **state) {
    (void)state;
    for (int level = 0; level < 2; level++) {
        rig r;
        bytes text = {0};
        for (int i = 0; i < 100000; i++) bytes_add_text(&text, "河岸");
        begin(&r, level);
        take(&r, text.ptr, text.len, NULL, 0, false);
        if (level) {
            compress_one(&r, hpx_outlet_next_job(&r.outlet));
            assert_non_null(hpx_outlet_next_job(&r.outlet));
        }
        hpx_block *block;
        assert_int_equal(hpx_outlet_head(&r.outlet, &block), HAPAX_OK);
        assert_non_null(block);
        bytes_free(&text);
        end(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_end_where_they_are_said_to),
        cmocka_unit_test(compressed_bytes_depend_on_the_text_alone),
        cmocka_unit_test(released_with_blocks_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
