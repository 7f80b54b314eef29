/*
 * Unit tests of writer (and of judge, which feeds it), through the whole filter: blank lines around what goes, the blank line between
 * documents, outputs one after another, what cannot be repaired and is told. Each case also runs with no_remove, and output and
 * journal must give back what that writes.
 */
#include "drive.h"
#include "bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* More than 120 bytes of letters each. */
#define A "渡口的木船每天清晨往返两岸，船工说这条水路已经走了四十多年，沿途的浅滩和暗流他闭着眼也能数出来。"
#define B "去年冬天河面结了冰，船队在码头停了整整两个月才重新开航，岸边的货栈里堆满了等着运走的木材和粮食。"
#define C "镇上新开的书店把旧报纸按年份装订成册，供来往的客人随意翻看，其中最早的一份已经有七十多年的历史。"
#define N1 "新的一段话。"
#define N2 "又一段新的话。"
#define SOURCE A "\n" B "\n" C "\n"

static test_case new_case(const char *const *documents, size_t count) {
    test_case c = {.count = count, .min_length = 120};
    for (size_t i = 0; i < count; i++) bytes_add_text(&c.documents[i], documents[i]);
    return c;
}

static void release(test_case *c) {
    for (size_t i = 0; i < c->count; i++) bytes_free(&c->documents[i]);
}

static void run_or_fail(const test_case *c, const run_setup *setup, run_result *result) {
    run_case(c, setup, result);
    if (result->status != HAPAX_OK || result->failure[0]) fail_msg("%s", result->failure);
}

/* Runs in several ways; all give the same. Then puts the removed spans back. The result is of the first way. */
static void filter(const test_case *c, run_result *first) {
    static const size_t batches[] = {0, 1, 60, 400};
    run_result whole;
    run_or_fail(c, &(run_setup){.journal = true}, first);
    for (size_t i = 1; i < 4; i++) {
        run_result other;
        run_setup setup = {.journal = true, .batch_nbytes = batches[i], .push = PIECES_RANDOM, .pull = PIECES_RANDOM, .pieces = i};
        run_or_fail(c, &setup, &other);
        assert_int_equal(other.output_count, first->output_count);
        for (size_t k = 0; k < first->output_count; k++) assert_true(bytes_equal(other.outputs[k], first->outputs[k]));
        assert_true(bytes_equal(other.journal, first->journal));
        run_result_release(&other);
    }
    run_or_fail(c, &(run_setup){.no_remove = true}, &whole);
    assert_int_equal(whole.output_count, first->output_count);
    for (size_t k = 0; k < first->output_count; k++) {
        bytes restored = {0};
        hapax_error error = {0};
        char name[24];
        snprintf(name, sizeof name, "o%zu", k);
        bool named = c->flags[0] & HAPAX_NEW_OUTPUT;
        if (run_restore(first->journal, first->outputs[k], named ? name : NULL, k, &restored, &error) != HAPAX_OK) fail_msg("restore: %s", error.text);
        assert_true(bytes_equal(restored, whole.outputs[k]));
        bytes_free(&restored);
    }
    run_result_release(&whole);
}

/* The second document goes through; what is left of it has to be this. The first one is SOURCE, in an output of its own. */
static void assert_left(const char *document, const char *want, bool no_clean) {
    test_case c = new_case((const char *const[]){SOURCE, document}, 2);
    run_result r;
    c.no_clean = no_clean;
    c.flags[0] = c.flags[1] = HAPAX_NEW_OUTPUT;
    filter(&c, &r);
    bytes *got = &r.outputs[1];
    bytes_add(got, "", 0);
    if (strcmp((const char *)got->ptr, want) != 0) fail_msg("of\n%s\nwanted\n%s\ngot\n%s", document, want, (const char *)got->ptr);
    if (!no_clean && got->len) {
        assert_int_not_equal(got->ptr[0], '\n');
        assert_int_equal(got->ptr[got->len - 1], '\n');
        assert_true(got->len < 2 || got->ptr[got->len - 2] != '\n');
    }
    run_result_release(&r);
    release(&c);
}

static void lines_that_go_leave_no_line(void **state) {
    (void)state;
    assert_left(N1 "\n" A "\n" N2 "\n", N1 "\n" N2 "\n", false);
    assert_left(N1 "\n" A "\n" B "\n" N2 "\n", N1 "\n" N2 "\n", false);
    assert_left(N1 A "\n" B N2 "\n", N1 "\n" N2 "\n", false);
    assert_left(A "\n" N2, N2 "\n", false);
    assert_left(N1 "\n" A, N1 "\n", false);
    assert_left(A "\n" B "\n" C "\n", "", false);
    assert_left(A, "", false);
}

static void blank_lines_around_what_goes(void **state) {
    (void)state;
    /* one blank line stays where there was one on either side */
    assert_left(N1 "\n\n" A "\n\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n\n" A "\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n" A "\n\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n\n" A "\n\n" B "\n\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n\n" A "\n" B "\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n" A "\n\n" B "\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    assert_left(N1 "\n\n\n\n" A "\n\n\n\n" N2 "\n", N1 "\n\n" N2 "\n", false);
    /* none at the ends */
    assert_left(A "\n\n" N1 "\n", N1 "\n", false);
    assert_left(A "\n\n" B "\n\n" N1 "\n", N1 "\n", false);
    assert_left("\n\n" A "\n\n" N1 "\n", N1 "\n", false);
    assert_left(N1 "\n\n" A "\n", N1 "\n", false);
    assert_left(N1 "\n\n" A "\n\n\n", N1 "\n", false);
    assert_left(N1 "\n\n" A "\n\n" B, N1 "\n", false);
    assert_left("\n" A "\n\n" B "\n\n", "", false);
}

static void text_that_is_left_as_it_is_keeps_its_bytes(void **state) {
    (void)state;
    assert_left(N1 "\r\n" A "\r\n" N2, N1 "\r\n" N2, true);
    assert_left(N1 "\n \n" A "\n\t\n" N2 "\n", N1 "\n\t\n" N2 "\n", true);
    assert_left(N1 "\n \n" A "\n" N2 "\n", N1 "\n \n" N2 "\n", true);
    assert_left(A "\n\n" N1 "\n", N1 "\n", true);
    assert_left(N1 "\n", N1 "\n", true);
    assert_left("\n\n" N1, "\n\n" N1, true);
    assert_left(N1 "\n\n\n", N1 "\n\n\n", true);
}

static void one_blank_line_between_documents(void **state) {
    (void)state;
    static const struct {
        const char *documents[4], *want;
    } cases[] = {
        {{N1, N2}, N1 "\n\n" N2 "\n"},
        {{N1 "\n\n\n", "\n\n" N2}, N1 "\n\n" N2 "\n"},
        {{N1, "", N2}, N1 "\n\n" N2 "\n"},
        {{N1, "\n\n", N2, " \n"}, N1 "\n\n" N2 "\n"},
        {{"", N1, "", N2}, N1 "\n\n" N2 "\n"},
        {{SOURCE, A, N2}, SOURCE "\n" N2 "\n"},
        {{SOURCE, A, B}, SOURCE},
        {{SOURCE, A "\n\n" N1, B "\n" N2}, SOURCE "\n" N1 "\n\n" N2 "\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        while (count < 4 && cases[i].documents[count]) count++;
        test_case c = new_case(cases[i].documents, count);
        run_result r;
        filter(&c, &r);
        bytes_add(&r.outputs[0], "", 0);
        if (strcmp((const char *)r.outputs[0].ptr, cases[i].want) != 0)
            fail_msg("case %zu: wanted\n%s\ngot\n%s", i, cases[i].want, (const char *)r.outputs[0].ptr);
        run_result_release(&r);
        release(&c);
    }
}

/* All of the first documents of an output goes: the next one begins it, without a blank line. */
static void an_output_that_begins_with_what_went(void **state) {
    (void)state;
    test_case c = new_case((const char *const[]){SOURCE, A, B "\n\n", N1, C}, 5);
    run_result r;
    c.flags[0] = c.flags[1] = HAPAX_NEW_OUTPUT;
    filter(&c, &r);
    assert_int_equal(r.output_count, 2);
    bytes_add(&r.outputs[1], "", 0);
    assert_string_equal((const char *)r.outputs[1].ptr, N1 "\n");
    run_result_release(&r);
    release(&c);
}

static void what_counts_as_seen_is_not_written(void **state) {
    (void)state;
    test_case c = new_case((const char *const[]){A "\n" A, N1 "\n" A "\n" N2, B}, 3);
    run_result r;
    c.flags[0] = HAPAX_AGAINST;
    filter(&c, &r);
    bytes_add(&r.outputs[0], "", 0);
    assert_string_equal((const char *)r.outputs[0].ptr, N1 "\n" N2 "\n\n" B "\n");
    assert_int_equal(r.stats.removed_spans, 1);
    run_result_release(&r);
    release(&c);
}

static void scope_says_where_a_source_may_stand(void **state) {
    (void)state;
    static const char *const want[] = {A "\n" N1 "\n\n" N2 "\n", A "\n" N1 "\n\n" N2 "\n" A "\n", A "\n" N1 "\n" A "\n\n" N2 "\n"};
    for (hapax_scope scope = HAPAX_SCOPE_ALL; scope <= HAPAX_SCOPE_ACROSS; scope++) {
        test_case c = new_case((const char *const[]){A "\n" N1 "\n" A, N2 "\n" A}, 2);
        run_result r;
        c.scope = scope;
        filter(&c, &r);
        bytes_add(&r.outputs[0], "", 0);
        assert_string_equal((const char *)r.outputs[0].ptr, want[scope]);
        run_result_release(&r);
        release(&c);
    }
}

/* Many paragraphs go, one after another: they are not held for ever. */
static void a_long_run_of_what_goes(void **state) {
    (void)state;
    bytes source = {0}, copy = {0}, want = {0};
    for (int i = 0; i < 900; i++) {
        char line[400];
        snprintf(line, sizeof line, "第%d号船从%d号码头出发，船上装着%d筐鱼和%d捆木柴，傍晚以前要赶到下游的%d号仓库，把货物交给等在那里的人。\n", i * 7919 % 90001, i, i * 31, i * 17, i + 4);
        bytes_add_text(&source, line);
    }
    bytes_add_text(&copy, N1 "\n\n");
    bytes_add(&copy, source.ptr, source.len);
    bytes_add_text(&copy, N2 "\n");
    bytes_add(&want, source.ptr, source.len);
    bytes_add_text(&want, "\n" N1 "\n");
    test_case c = new_case((const char *const[]){(const char *)source.ptr, (const char *)copy.ptr}, 2);
    run_result r;
    filter(&c, &r);
    assert_true(copy.len > 65536 && r.outputs[0].len < source.len + 200);
    assert_memory_equal(r.outputs[0].ptr, want.ptr, want.len);
    bytes_add(&r.outputs[0], "", 0);
    assert_string_equal((const char *)r.outputs[0].ptr + want.len, N2 "\n"); /* the blank line went when it had been held long enough */
    run_result_release(&r);
    release(&c);
    bytes_free(&source);
    bytes_free(&copy);
    bytes_free(&want);
}

static size_t count_events(const run_result *r, const char *rule) {
    size_t n = 0;
    for (size_t i = 0; i < r->event_count; i++) n += strcmp(r->events[i].rule, rule) == 0;
    return n;
}

static void a_quotation_that_lost_its_end_is_told(void **state) {
    (void)state;
    test_case c = new_case((const char *const[]){SOURCE, N1 "\n他说：“我不知道！" A "”后来没有了。\n" N2 "\n他说：“我知道！" B "”\n"}, 2);
    run_result r;
    filter(&c, &r);
    assert_int_equal(count_events(&r, "unmatched-quote"), 2);
    assert_int_equal(r.events[0].document, 1);
    assert_int_equal(r.events[0].line, 2);
    assert_int_equal(r.events[0].column, 4);
    assert_int_equal(r.events[0].byte, sizeof N1 + sizeof "他说：" - 1);
    assert_int_equal(r.events[1].line, 4);
    assert_int_equal(r.events[1].column, 4);
    run_result_release(&r);
    release(&c);
    /* a whole quotation may go, and one that stays whole is no wound */
    c = new_case((const char *const[]){SOURCE, "他说：“我不知道！”" A "“好吧。”\n"}, 2);
    filter(&c, &r);
    assert_int_equal(count_events(&r, "unmatched-quote"), 0);
    run_result_release(&r);
    release(&c);
}

static void a_clause_that_lost_its_rest_is_told(void **state) {
    (void)state;
    static const char open[] = "后来他们沿着河岸走了很久，天色渐渐暗了下来，远处的灯火一盏一盏地亮起来，他忽然想起";
    char document[2048];
    snprintf(document, sizeof document, "%s\n%s\n%s。\n%s\n", open, A, open + 6, B);
    test_case c = new_case((const char *const[]){SOURCE, document}, 2);
    run_result r;
    filter(&c, &r);
    assert_int_equal(count_events(&r, "open-end"), 1);
    assert_int_equal(r.events[0].line, 1);
    assert_int_equal(r.events[0].byte, strlen(open));
    run_result_release(&r);
    release(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_go_leave_no_line),
        cmocka_unit_test(blank_lines_around_what_goes),
        cmocka_unit_test(text_that_is_left_as_it_is_keeps_its_bytes),
        cmocka_unit_test(one_blank_line_between_documents),
        cmocka_unit_test(an_output_that_begins_with_what_went),
        cmocka_unit_test(what_counts_as_seen_is_not_written),
        cmocka_unit_test(scope_says_where_a_source_may_stand),
        cmocka_unit_test(a_long_run_of_what_goes),
        cmocka_unit_test(a_quotation_that_lost_its_end_is_told),
        cmocka_unit_test(a_clause_that_lost_its_rest_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
