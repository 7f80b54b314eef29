/*
 * Unit tests of journal: the lines are JSON with their keys in the stated order, hold any bytes of names, and are not larger than stated.
 */
#include "differ.h"
#include "journal.h"
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_line(hpx_buffer *out, const char *want) {
    assert_int_equal(hpx_buffer_append(out, "", 1), HAPAX_OK);
    assert_string_equal((const char *)out->ptr, want);
    assert_true(hpx_json_is_object(hpx_slice_of(out->ptr, out->len - 2)));
    hpx_buffer_clear(out);
}

static void head_and_end(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    assert_int_equal(hpx_journal_head(&out, NULL, NULL), HAPAX_OK);
    assert_line(&out, "{\"type\":\"head\",\"schema\":1,\"hapax\":\"" HAPAX_VERSION "\",\"options\":[],\"inputs\":[]}\n");
    assert_int_equal(hpx_journal_head(&out, (const char *const[]){"--min-length=120", "-\"", NULL}, (const char *const[]){"河.txt", NULL}), HAPAX_OK);
    assert_line(&out, "{\"type\":\"head\",\"schema\":1,\"hapax\":\"" HAPAX_VERSION "\",\"options\":[\"--min-length=120\",\"-\\\"\"],\"inputs\":[\"河.txt\"]}\n");
    assert_int_equal(hpx_journal_end(&out, 0, 0, NULL, 0, 3), HAPAX_OK);
    assert_line(&out, "{\"type\":\"end\",\"edits\":0,\"removed\":0,\"letters\":0,\"out\":[],\"status\":3}\n");
    hpx_journal_output outputs[2] = {{.name = "a", .nbytes = 1, .restored_nbytes = 2, .xxh3_128 = "ab", .restored_xxh3_128 = "cd"}, {.name = "\xFF"}};
    assert_int_equal(hpx_journal_end(&out, 5, 6, outputs, 2, 0), HAPAX_OK);
    assert_line(&out, "{\"type\":\"end\",\"edits\":0,\"removed\":5,\"letters\":6,\"out\":["
                      "{\"file\":\"a\",\"bytes\":1,\"xxh3_128\":\"ab\",\"restored_bytes\":2,\"restored_xxh3_128\":\"cd\"},"
                      "{\"file\":\"\xEF\xBF\xBD\",\"file_base64\":\"/w==\",\"bytes\":0,\"xxh3_128\":\"\",\"restored_bytes\":0,\"restored_xxh3_128\":\"\"}],\"status\":0}\n");
    hpx_buffer_release(&out);
    assert_int_equal(memory.now_nbytes, 0);
}

static hpx_journal_span any_span(void) {
    return (hpx_journal_span){
        .removed = true, .file = "a.txt", .begin = {1, 2, 3, 4}, .end = {5, 6, 7, 8}, .letters = 9, .length = 10, .text = hpx_slice_of("河\"\n", 5),
        .out_file = "-", .out_byte = 11, .source_file = "b.txt", .source_begin = {12, 13, 14, 15}, .source_end = {16, 17, 18, 19},
        .differs = HPX_DIFFER_SPACE | HPX_DIFFER_QUOTES, .group = 20};
}

static void a_removed_span_and_a_found_one(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    hpx_journal_span span = any_span();
    assert_int_equal(hpx_journal_line(&out, &span), HAPAX_OK);
    assert_line(&out, "{\"type\":\"removed\",\"rule\":\"duplicate\",\"file\":\"a.txt\",\"line\":1,\"column\":2,\"end_line\":5,\"end_column\":6,\"start\":3,\"end\":7,"
                      "\"byte\":4,\"end_byte\":8,\"letters\":9,\"length\":10,\"text\":\"河\\\"\\n\",\"new\":\"\",\"out\":{\"file\":\"-\",\"byte\":11,\"skip\":0},"
                      "\"source\":{\"file\":\"b.txt\",\"line\":12,\"column\":13,\"end_line\":16,\"end_column\":17,\"start\":14,\"end\":18,\"byte\":15,\"end_byte\":19},"
                      "\"similarity\":1,\"differs\":[\"space\",\"quotes\"],\"group\":20}\n");
    span.removed = false;
    assert_int_equal(hpx_journal_line(&out, &span), HAPAX_OK);
    hpx_slice value;
    assert_false(hpx_json_find(hpx_slice_of(out.ptr, out.len - 1), "group", &value));
    assert_true(hpx_json_find(hpx_slice_of(out.ptr, out.len - 1), "type", &value));
    assert_memory_equal(value.ptr, "\"found\"", 7);
    hpx_buffer_release(&out);
}

/* At most 600 bytes for each cut beside its text and the names, with places as far as in 100 GB of input. */
static void a_line_is_not_much_larger_than_its_text(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    static const char name[] = "reports/of-the-week/2026-11-20/articles-of-the-river.part1.x";
    uint64_t far = 99999999999; /* 100 GB: eleven digits */
    hpx_journal_span span = any_span();
    span.file = span.source_file = name;
    span.begin = span.end = span.source_begin = span.source_end = (hpx_place){999999999, 9999, far, far};
    span.letters = span.length = 99999999;
    span.out_byte = far;
    span.group = ((uint64_t)1 << 53) - 1;
    span.differs = (1u << HPX_DIFFER_KINDS) - 1;
    span.text = hpx_slice_of("", 0);
    assert_int_equal(hpx_journal_line(&out, &span), HAPAX_OK);
    if (out.len > 600 + 2 * (sizeof name - 1) + 1) fail_msg("%zu bytes", out.len);
    hpx_buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_and_end),
        cmocka_unit_test(a_removed_span_and_a_found_one),
        cmocka_unit_test(a_line_is_not_much_larger_than_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
