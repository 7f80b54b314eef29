/*
 * Unit tests of differ: what two copies of the same letters differ in, what does not count, and that order does not matter.
 */
#include "differ.h"
#include "bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { NONE = 0, SPACE = HPX_DIFFER_SPACE, PUNCT = HPX_DIFFER_PUNCTUATION, QUOTES = HPX_DIFFER_QUOTES, WIDTH = HPX_DIFFER_WIDTH, CASE = HPX_DIFFER_CASE };

static void check(const char *a, const char *b, unsigned want) {
    hpx_slice p = hpx_slice_of(a, strlen(a)), q = hpx_slice_of(b, strlen(b));
    unsigned got = hpx_differ(p, q), back = hpx_differ(q, p);
    if (got != want || back != want) fail_msg("%s | %s: wanted %u, got %u and %u", a, b, want, got, back);
}

static void each_kind(void **state) {
    (void)state;
    check("河岸上有人", "河岸上有人", NONE);
    check("", "", NONE);
    check("河岸 上", "河岸上", SPACE);
    check("河岸\xE3\x80\x80上", "河岸上", SPACE);
    check("河岸\n上", "河岸上", SPACE);
    check("河岸  上", "河岸 上", NONE); /* how much space does not count */
    check("河岸，上", "河岸。上", PUNCT);
    check("河岸，上", "河岸上", PUNCT);
    check("河岸，上", "河岸, 上", WIDTH | SPACE);
    check("他说：“河”。好", "他说：「河」。好", QUOTES);
    check("他说“河”好", "他说河好", QUOTES);
    check("Ferry", "FERRY", CASE);
    check("Ａb", "Ab", WIDTH);
    check("ａb", "Ab", WIDTH);
    check("１２", "12", WIDTH);
    check("河\xE2\x80\x8B岸", "河岸", NONE); /* nobody sees it */
    check("“河”， 岸B", "河。岸b", QUOTES | PUNCT | SPACE | CASE);
}

static void only_what_lies_between_the_letters(void **state) {
    (void)state;
    check("“河岸”。", "河岸", NONE);
    check("  河岸", "河岸！！", NONE);
    check("。。。", "", NONE);
}

static void a_mark_more_changes_only_its_kind(void **state) {
    (void)state;
    check("河，，岸", "河，岸", PUNCT);
    check("河，”岸", "河，岸", QUOTES);
    check("河，”岸", "河”，岸", QUOTES | PUNCT);
}

static void names(void **state) {
    (void)state;
    assert_string_equal(hpx_differ_name(0), "space");
    assert_string_equal(hpx_differ_name(HPX_DIFFER_KINDS - 1), "case");
    assert_string_equal(hpx_differ_name(HPX_DIFFER_KINDS), "");
    assert_string_equal(hpx_differ_name(31), "");
}

/* Quadratic work would not come back. */
static void long_gaps(void **state) {
    (void)state;
    bytes a = {0}, b = {0};
    bytes_add_text(&a, "河");
    bytes_add_text(&b, "河");
    for (int i = 0; i < 300000; i++) bytes_add_text(&a, "，"), bytes_add_text(&b, i % 2 ? "，" : "。");
    bytes_add_text(&a, "岸");
    bytes_add_text(&b, "岸");
    assert_int_equal(hpx_differ(hpx_slice_of(a.ptr, a.len), hpx_slice_of(b.ptr, b.len)), PUNCT);
    bytes_free(&a);
    bytes_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(only_what_lies_between_the_letters),
        cmocka_unit_test(a_mark_more_changes_only_its_kind),
        cmocka_unit_test(names),
        cmocka_unit_test(long_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
