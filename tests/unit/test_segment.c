/*
 * Unit tests of segment: where sentences end, in several scripts; units partition every text; a walk over a
 * hostile paragraph is linear (a quadratic one would not come back); open brackets and closed ends.
 */
#include "segment.h"
#include "bytes.h"
#include "prng.h"
#include "sentences.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* The units of text, written with '|' behind each. */
static void cut(hpx_slice text, bytes *out) {
    out->len = 0;
    for (size_t at = 0, end; at < text.len; at = end) {
        end = hpx_segment_next(text, at);
        assert_true(end > at && end <= text.len);
        bytes_add(out, text.ptr + at, end - at);
        bytes_add_text(out, "|");
    }
}

/* expected: the text with '|' behind each unit. */
static void assert_units(const char *expected) {
    bytes text = {0}, got = {0};
    for (const char *p = expected; *p; p++)
        if (*p != '|') bytes_add(&text, p, 1);
    cut(hpx_slice_of(text.ptr, text.len), &got);
    if (got.len != strlen(expected) || (got.len && memcmp(got.ptr, expected, got.len) != 0))
        fail_msg("wanted %s\n       got    %.*s", expected, (int)got.len, (const char *)got.ptr);
    bytes_free(&text);
    bytes_free(&got);
}

static void chinese_sentences_end_at_their_marks(void **state) {
    (void)state;
    assert_units("渡口开放了。|船来了！|真的吗？|是的|");
    assert_units("“渡口开放了。”|他说完就走。|");
    assert_units("他喊：“开船！”|没人答应。|");
    assert_units("“渡口开放了。|快来坐船。|"); /* never closed */
    assert_units("（渡口开放了。）|船来了。|");
    assert_units("真的？！|太好了！！！|走。|");
    assert_units("渡口开放了。 |船来了。|");
    assert_units("水涨了；船高了：都是好事，|");
    assert_units("好!|走吧?|是。|");
    assert_units("他说“好!”|然后走了|");
    assert_units("「渡口開放了。」|他說。|");
}

static void half_width_marks_need_room(void **state) {
    (void)state;
    assert_units("水位3.14米，版本1.2.3，网址a.example.com，卡尔.林德。|");
    assert_units("a?b!c are names|");
    assert_units("It ran. |It fell! |Did it? |Yes.|");
    assert_units("It ran.\" |He said.|");
    assert_units("(It ran.) |It fell.|");
    assert_units("He said \"Stop!\" and left. |It rained.|");
    assert_units("It ran.It fell.|");
    assert_units("It cost 5 dollars in 1999. |Then it rose.|");
    assert_units("Really?! |Yes.|");
}

static void abbreviations_and_initials_go_on(void **state) {
    (void)state;
    assert_units("Mr. Low met Dr. Hale and Mrs. Ames. |They left.|");
    assert_units("J. B. Low wrote it. |He left.|");
    assert_units("See Fig. 3 and No. 12, vol. 4. |Then go.|");
    assert_units("Rivers, e.g. the Aller, i.e. small ones, rise. |Others fall.|");
    assert_units("So do I. |He does not.|");
    assert_units("It came from the U.S. last year. |It left.|");
    assert_units("1. Open the lock. |2. Close it.|");
    assert_units("  12. Open the lock. |Go.|");
    assert_units("- 3. Open it.|");
    assert_units("In 1999. |It fell.|");
    assert_units("It rose to 12. |It fell.|");
}

static void ellipses_go_on_unless_something_closes_them(void **state) {
    (void)state;
    assert_units("他想了想……还是走了。|");
    assert_units("“我不知道……”|他低下头。|");
    assert_units("我不知道……|");
    assert_units("我不知道…… |他走了。|");
    assert_units("我不知道……。|他走了。|");
    assert_units("Well... |I see. |He left... |Then it rained.|");
    assert_units("“Well...” he said. |It rained.|");
    assert_units("Well... perhaps not.|");
    assert_units("Well...perhaps.|");
}

static void straight_quotes_close_or_open(void **state) {
    (void)state;
    assert_units("\"渡口开放了。\"|他说。|");
    assert_units("他说。|\"渡口开放了。\"|");
    assert_units("\"It ran.\" |He left.|");
    assert_units("It ran. |\"He left.\"|");
    assert_units("他说\"真的。\"|\"是的。\"|走了|");
    assert_units("渡口开放了。'|");
}

static void other_scripts(void **state) {
    (void)state;
    assert_units("هل وصل القارب؟ |وصل القارب. |نعم|");
    assert_units("یہ دریا ہے۔ |یہ پل ہے۔|");
    assert_units("नाव आई। |नाव गई।|");
    assert_units("แม่น้ำกว้าง เรือเล็ก|");
    assert_units("川は広い。|船は小さい。|");
    assert_units("강이 넓다. |배가 작다.|");
    assert_units("Река широка. |Лодка мала.|");
    assert_units("Река широка. лодка мала.|");
}

static void nothing_and_nearly_nothing(void **state) {
    (void)state;
    assert_units("");
    assert_units("a|");
    assert_units("。|");
    assert_units(" |");
    assert_units(".|");
    assert_units("\"|");
    assert_units("。 \xE3\x80\x80 |a|");
    assert_units("……|");
}

static void units_partition_every_text(void **state) {
    (void)state;
    bytes text = {0}, got = {0};
    size_t units = 0;
    for (size_t i = 0; i < 20000; i++) {
        prng r = prng_seeded(5, i);
        text.len = 0;
        for (size_t n = prng_range(&r, 1, 6); n > 0; n--) {
            lang l = (lang)prng_below(&r, LANG_NOISE);
            sentence_add(&text, &r, l);
            bytes_add_text(&text, prng_chance(&r, 300) ? "…." : lang_gap(l));
            if (prng_chance(&r, 200)) bytes_add_text(&text, "\"”)!?.。");
        }
        hpx_slice slice = hpx_slice_of(text.ptr, text.len);
        assert_int_equal(hpx_utf8_first_ill(slice), text.len);
        for (size_t at = 0, end; at < text.len; at = end, units++) {
            end = hpx_segment_next(slice, at);
            assert_true(end > at && end <= text.len);
            assert_true(end == text.len || !hpx_utf8_is_continuation(text.ptr[end]));
            /* closing marks and spaces never begin a unit behind an end mark */
            assert_true(end == text.len || text.ptr[end] != ' ');
        }
    }
    assert_true(units > 60000);
    bytes_free(&text);
    bytes_free(&got);
}

static void hostile_paragraphs_are_walked_in_linear_time(void **state) {
    (void)state;
    static const char *const repeated[] = {".",    "。",          "!",      ". ",       ".)",
                                           ".\"",  ".\"a",        "。\"河", "\"",       "…",
                                           "… ",   "…”",          "Mr. ",   "1. ",      ".   ",
                                           ")",    ".)))))))) a", "(",      "“",        " ",
                                           "a",    "河",          "?a",     "\xCC\x81", ".\xE3\x80\x80",
                                           "A. B", "……河"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(repeated); i++) {
        bytes text = {0};
        while (text.len < 1 << 20)
            bytes_add_text(&text, repeated[i]);
        hpx_slice slice = hpx_slice_of(text.ptr, text.len);
        size_t at = 0, units = 0;
        for (; at < text.len; units++)
            at = hpx_segment_next(slice, at);
        assert_int_equal(at, text.len);
        assert_true(units >= 1);
        hpx_segment_is_closed(slice);
        assert_true(hpx_segment_unclosed(slice) <= text.len);
        bytes_free(&text);
    }
}

static bool is_closed(const char *text) {
    return hpx_segment_is_closed(hpx_slice_of(text, strlen(text)));
}

static void closed_ends_are_told(void **state) {
    (void)state;
    assert_true(is_closed("渡口开放了。"));
    assert_true(is_closed("“渡口开放了。”  "));
    assert_true(is_closed("It ran.\")"));
    assert_true(is_closed("我不知道……"));
    assert_true(is_closed("真的?"));
    assert_true(is_closed("नाव आई।"));
    assert_false(is_closed("渡口开放了"));
    assert_false(is_closed("渡口开放了，"));
    assert_false(is_closed("渡口开放了："));
    assert_false(is_closed("。渡口"));
    assert_false(is_closed(""));
    assert_false(is_closed("”  "));
}

static size_t unclosed(const char *text) {
    return hpx_segment_unclosed(hpx_slice_of(text, strlen(text)));
}

static void the_first_mark_left_open_is_found(void **state) {
    (void)state;
    assert_int_equal(unclosed("渡口“开放”了"), strlen("渡口“开放”了"));
    assert_int_equal(unclosed("渡口“开放了"), strlen("渡口"));
    assert_int_equal(unclosed("“一”“二"), strlen("“一”"));
    assert_int_equal(unclosed("“一‘二”"), strlen("“一"));
    assert_int_equal(unclosed("（一(二）三"), 0);
    assert_int_equal(unclosed("（一)二"), strlen("（一)二"));
    assert_int_equal(unclosed("一”二“三"), strlen("一”二"));
    assert_int_equal(unclosed("don’t \"open"), strlen("don’t \"open"));
    assert_int_equal(unclosed("《一〈二〉"), 0);
    assert_int_equal(unclosed(""), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese_sentences_end_at_their_marks),
        cmocka_unit_test(half_width_marks_need_room),
        cmocka_unit_test(abbreviations_and_initials_go_on),
        cmocka_unit_test(ellipses_go_on_unless_something_closes_them),
        cmocka_unit_test(straight_quotes_close_or_open),
        cmocka_unit_test(other_scripts),
        cmocka_unit_test(nothing_and_nearly_nothing),
        cmocka_unit_test(units_partition_every_text),
        cmocka_unit_test(hostile_paragraphs_are_walked_in_linear_time),
        cmocka_unit_test(closed_ends_are_told),
        cmocka_unit_test(the_first_mark_left_open_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
