/* Unit tests of json: what is written can be read again, and what RFC 8259 does not allow is refused. */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static hpx_slice text(const char *s) {
    return hpx_slice_of(s, strlen(s));
}

static void assert_written(hpx_slice in, const char *expected) {
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    assert_int_equal(hpx_json_string(&out, in), HAPAX_OK);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.ptr, expected, out.len);
    hpx_buffer_release(&out);
    assert_int_equal(memory.now_nbytes, 0);
}

static void strings_escape_only_what_must_be(void **state) {
    (void)state;
    assert_written(text(""), "\"\"");
    assert_written(text("据介绍，步道/路 é"), "\"据介绍，步道/路 é\"");
    assert_written(text("a\"b\\c\n\t\r\b\f"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\"");
    assert_written(hpx_slice_of("\0\x01\x1f\x7f\x80", 5), "\"\\u0000\\u0001\\u001f\\u007f\xEF\xBF\xBD\"");
}

static void ill_formed_text_becomes_replacement_characters(void **state) {
    (void)state;
    assert_written(text("a\xE4\xBD"), "\"a\xEF\xBF\xBD\"");
    assert_written(text("\xFF\"\xC0\xAF\xE4\xBD\xA0"), "\"\xEF\xBF\xBD\\\"\xEF\xBF\xBD\xEF\xBF\xBD\xE4\xBD\xA0\"");
    assert_written(text("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void members_get_commas(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    assert_int_equal(hpx_buffer_append_text(&out, "{"), HAPAX_OK);
    assert_int_equal(hpx_json_key_uint(&out, "n", UINT64_MAX), HAPAX_OK);
    assert_int_equal(hpx_json_key(&out, "o"), HAPAX_OK);
    assert_int_equal(hpx_buffer_append_text(&out, "{"), HAPAX_OK);
    assert_int_equal(hpx_json_key_string(&out, "s", text("{")), HAPAX_OK);
    assert_int_equal(hpx_json_key_file(&out, "\xFFz"), HAPAX_OK);
    assert_int_equal(hpx_buffer_append_text(&out, "}}"), HAPAX_OK);
    const char *expected =
        "{\"n\":18446744073709551615,\"o\":{\"s\":\"{\",\"file\":\"\xEF\xBF\xBDz\",\"file_base64\":\"/3o=\"}}";
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.ptr, expected, out.len);
    hpx_buffer_release(&out);
}

static void objects_are_checked_whole(void **state) {
    (void)state;
    static const char *const good[] = {"{}", " { } ", "{\"a\":[1,-0.5e+3,true,false,null,\"\\u00e9\\\"\"],\"b\":{\"c\":{}}}\r",
                                       "{\"a\":0}", "{\"\":[]}"};
    static const char *const bad[] = {"", "{", "}", "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":01}", "{\"a\":1.}",
                                      "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
                                      "{\"a\":\"\\u12g4\"}", "{\"a\":\"\xFF\"}", "{\"a\":1}x", "{\"a\":1}{", "{a:1}",
                                      "{\"a\":'b'}", "{\"a\":tru}", "{\"a\":[1,2}", "{\"a\":\"\\u12", "{\"a\":\"\\"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(good); i++) assert_true(hpx_json_is_object(text(good[i])));
    for (size_t i = 0; i < HPX_ARRAY_LEN(bad); i++)
        if (hpx_json_is_object(text(bad[i]))) fail_msg("taken for an object: %s", bad[i]);
}

static void depth_is_bounded(void **state) {
    (void)state;
    char deep[4096];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    assert_false(hpx_json_is_object(hpx_slice_of(deep, sizeof deep)));
}

static void members_are_found_by_path(void **state) {
    (void)state;
    hpx_slice line = text("{\"a\":{\"x\":{\"b\":7}}, \"out\" : {\"file\":\"-\" , \"byte\":512 },\"x\":\"out\",\"e\":{}}");
    hpx_slice value = {0};
    uint64_t n = 0;
    assert_true(hpx_json_find(line, "out.byte", &value));
    assert_true(hpx_json_to_uint(value, &n));
    assert_int_equal(n, 512);
    assert_true(hpx_json_find(line, "a.x.b", &value));
    assert_int_equal(value.len, 1);
    assert_false(hpx_json_find(line, "b", &value));
    assert_false(hpx_json_find(line, "byte", &value));
    assert_false(hpx_json_find(line, "e.f", &value));
    assert_false(hpx_json_find(line, "x.out", &value));
    assert_false(hpx_json_find(text("{\"a\":1"), "a", &value));
}

static void elements_come_in_order(void **state) {
    (void)state;
    static const char *const arrays[] = {"[{\"a\":[1]},{\"a\":[2]}]", " [ {\"a\":[1]} , {\"a\":[2]} ] "};
    for (size_t i = 0; i < 2; i++) {
        hpx_slice rest = text(arrays[i]), element = {0};
        assert_true(hpx_json_next(&rest, &element));
        assert_memory_equal(element.ptr, "{\"a\":[1]}", element.len);
        assert_true(hpx_json_next(&rest, &element));
        assert_memory_equal(element.ptr, "{\"a\":[2]}", element.len);
        assert_false(hpx_json_next(&rest, &element));
    }
    hpx_slice empty = text("[]"), none = text("{}"), element = {0};
    assert_false(hpx_json_next(&empty, &element));
    assert_false(hpx_json_next(&none, &element));
}

static void numbers_keep_to_64_bits(void **state) {
    (void)state;
    uint64_t n = 1;
    assert_true(hpx_json_to_uint(text("18446744073709551615"), &n));
    assert_true(n == UINT64_MAX);
    assert_false(hpx_json_to_uint(text("18446744073709551616"), &n));
    assert_false(hpx_json_to_uint(text("99999999999999999999"), &n));
    assert_false(hpx_json_to_uint(text("-1"), &n));
    assert_false(hpx_json_to_uint(text("1.0"), &n));
    assert_false(hpx_json_to_uint(text(""), &n));
}

static void assert_read(const char *json, const char *expected, size_t nbytes) {
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    hapax_status status = hpx_json_to_string(text(json), &out);
    if (expected) {
        assert_int_equal(status, HAPAX_OK);
        assert_int_equal(out.len, nbytes);
        assert_memory_equal(out.ptr, expected, nbytes);
    } else {
        assert_int_equal(status, HAPAX_E_JOURNAL);
    }
    hpx_buffer_release(&out);
}

static void strings_are_decoded(void **state) {
    (void)state;
    assert_read("\"a\\n\\/\\\"\\\\\"", "a\n/\"\\", 5);
    assert_read("\"\\u0000\\u4f60\\ud83d\\ude00z\"", "\0\xE4\xBD\xA0\xF0\x9F\x98\x80z", 9);
    assert_read("\"\\ud83d\"", NULL, 0);
    assert_read("\"\\ude00\"", NULL, 0);
    assert_read("\"\\ud83d\\n\"", NULL, 0);
    assert_read("\"\\ud83d\\u0041\"", NULL, 0);
    assert_read("\"a", NULL, 0);
    assert_read("12", NULL, 0);
    assert_read("\"a\"b\"", NULL, 0);
}

static void every_byte_comes_back(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_buffer json = {.memory = &memory}, back = {.memory = &memory};
    char all[128];
    for (int i = 0; i < 128; i++) all[i] = (char)i;
    assert_int_equal(hpx_json_string(&json, hpx_slice_of(all, 128)), HAPAX_OK);
    assert_int_equal(hpx_json_to_string(hpx_slice_of(json.ptr, json.len), &back), HAPAX_OK);
    assert_int_equal(back.len, 128);
    assert_memory_equal(back.ptr, all, 128);
    hpx_buffer_release(&json);
    hpx_buffer_release(&back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_escape_only_what_must_be),
        cmocka_unit_test(ill_formed_text_becomes_replacement_characters),
        cmocka_unit_test(members_get_commas),
        cmocka_unit_test(objects_are_checked_whole),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(members_are_found_by_path),
        cmocka_unit_test(elements_come_in_order),
        cmocka_unit_test(numbers_keep_to_64_bits),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(every_byte_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
