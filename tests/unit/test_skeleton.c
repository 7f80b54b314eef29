/* test_skeleton: what is compared: numbers stay apart, layout and punctuation do not matter, walk and
 * append agree. */
#include "charclass.h"
#include "skeleton.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint32_t below(uint64_t *state, uint32_t n) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

static void append_char(hpx_buffer *b, uint32_t c) {
    uint8_t bytes[4];
    assert_int_equal(hpx_buffer_append(b, bytes, hpx_utf8_encode(c, bytes)), HAPAX_OK);
}

static hpx_slice slice_of(const hpx_buffer *b) {
    return hpx_slice_of(b->ptr, b->len);
}

static void skeleton_is(const char *text, const char *expected) {
    hpx_memory memory = {0};
    hpx_buffer out = {.memory = &memory};
    uint64_t letters = 0;
    assert_int_equal(hpx_skeleton_append(hpx_slice_of(text, strlen(text)), &out, &letters), HAPAX_OK);
    assert_int_equal(hpx_buffer_append(&out, "", 1), HAPAX_OK);
    assert_string_equal((const char *)out.ptr, expected);
    assert_int_equal(letters, hpx_utf8_count(hpx_slice_of(expected, strlen(expected))));
    hpx_buffer_release(&out);
    assert_int_equal(memory.now_nbytes, 0);
}

static void numbers_stay_apart(void **state) {
    (void)state;
    skeleton_is("1.5", "1.5");
    skeleton_is("15", "15");
    skeleton_is("1,000", "1,000");
    skeleton_is("1 000", "1000");
    skeleton_is("1, 2", "1,2");
    skeleton_is("10:30", "10:30");
    skeleton_is("3/2", "3/2");
    skeleton_is("-5", "-5");
    skeleton_is("+5", "+5");
    skeleton_is("±5", "±5");
    skeleton_is("x -5", "x-5");
    skeleton_is(".5", ".5");
    skeleton_is("rose .5 percent", "rose.5percent");
    skeleton_is("1, .5", "1,.5");
    skeleton_is("1, -5", "1,-5");
    skeleton_is("3 - 2", "3-2");
    skeleton_is("5%5", "5%5");
    skeleton_is("(1)(2)", "12");
    skeleton_is("1\u200B.\u200B5", "1.5");
    skeleton_is("-\u200B5", "-5");
}

static void points_that_are_full_stops(void **state) {
    (void)state;
    skeleton_is("The park. 5 people", "thepark5people");
    skeleton_is("end.5", "end.5");
    skeleton_is("只有.5个", "只有.5个");
    skeleton_is("党组织。5月", "党组织5月");
    skeleton_is("党组织 。5月", "党组织5月");
    skeleton_is("好……5月", "好5月");
    skeleton_is("好 …5月", "好5月");
    skeleton_is("wait ...5", "wait5");
    skeleton_is("wait.. .5", "wait.5");
    skeleton_is("word--5", "word5");
    skeleton_is("字——5", "字5");
    skeleton_is("5. ", "5");
    skeleton_is("1.", "1");
    skeleton_is("5.\n6", "5.6");
}

static void one_form_for_what_cleaning_exchanges(void **state) {
    (void)state;
    static const char *const groups[][8] = {
        {"1,2", "1，2", "1 ,2", "1， 2", "1,,2", "“1”，2"},
        {"1.2", "1．2", "1。2", "1…2", "1……2", "1...2", "1......2", "1.  2"},
        {"1-2", "1－2", "1—2", "1——2", "1--2", "1−2", "1–2"},
        {"1:2", "1：2", "1∶2"},
        {"1;2", "1；2"},
        {"1!2", "1！2"},
        {"1?2", "1？2"},
        {"1/2", "1／2"},
        {"1~2", "1～2", "1〜2"},
        {"12", "1（2", "1(2", "1\"2", "1“2", "1 2", "1\u30002", "1\u00AD2"},
        {"-5", "－5", "−5", "–5"},
        {"+5", "＋5"},
        {".5", "．5"},
        {"abc", "ABC", "ＡＢＣ", "ａｂｃ", "A b.C", "a-b-c", "“a”bc"},
        {"カナ", "ｶﾅ"},
    };
    for (size_t i = 0; i < HPX_ARRAY_LEN(groups); i++) {
        hpx_memory memory = {0};
        hpx_buffer first = {.memory = &memory};
        assert_int_equal(hpx_skeleton_append(hpx_slice_of(groups[i][0], strlen(groups[i][0])), &first, NULL),
                         HAPAX_OK);
        assert_int_equal(hpx_buffer_append(&first, "", 1), HAPAX_OK);
        for (size_t k = 1; k < HPX_ARRAY_LEN(groups[i]) && groups[i][k]; k++)
            skeleton_is(groups[i][k], (const char *)first.ptr);
        hpx_buffer_release(&first);
    }
}

static void letters_marks_and_the_rest(void **state) {
    (void)state;
    skeleton_is("", "");
    skeleton_is("  ,.;:!?\"'()[]{}<>@#$%^&*-+=_|~`\\/\t\n", "");
    skeleton_is("Straße ÀÉ İ", "straßeàé"
                               "i");
    skeleton_is("ΣΊΣΥΦΟΣ", "σίσυφοσ");
    skeleton_is("ภาษาไทย", "ภาษาไทย");
    skeleton_is("e\u0301", "e\u0301");
    skeleton_is("〇々〆", "〇々〆");
    skeleton_is("Ⅷ½²", "ⅷ½²");
    skeleton_is("😀👍🏽", "");
    skeleton_is("䷀中䷿", "中");
    skeleton_is("中\u200B文\uFEFF字\u3164", "中文字");
    skeleton_is("ȺȾ", "ⱥⱦ");
}

typedef struct {
    uint64_t random;
    hpx_memory memory;
    hpx_buffer text, skeleton, other, other_skeleton;
} fixture;

static int setup(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (!f) return -1;
    f->random = 11;
    f->text.memory = f->skeleton.memory = f->other.memory = f->other_skeleton.memory = &f->memory;
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;
    hpx_buffer_release(&f->text);
    hpx_buffer_release(&f->skeleton);
    hpx_buffer_release(&f->other);
    hpx_buffer_release(&f->other_skeleton);
    int leaked = f->memory.now_nbytes != 0;
    free(f);
    return leaked;
}

static const uint32_t number_marks[] = {
    '.',    ',',    ':',    '/',    '-',    '+',    ' ',    '"',    '(', ')',    0xFF0C, 0x3002, 0xFF0E,
    0x2026, 0x2014, 0x2212, 0xFF0D, 0x201C, 0x300D, 0x200B, 0xFE0F, '%', 0x3001, 0x2013, '\n',   0x85};

static uint32_t random_char(uint64_t *r, unsigned kind) {
    switch (kind) {
    case 0: return 'a' + below(r, 26);
    case 1: return 0x20 + below(r, 0x5F);
    case 2: return 0x4E00 + below(r, 0x5000);
    case 3: return below(r, 3) ? '0' + below(r, 10) : number_marks[below(r, HPX_ARRAY_LEN(number_marks))];
    case 4: return 0xFF00 + below(r, 0xF0);
    case 5: return below(r, 0x800);
    case 6: return 0x2000 + below(r, 0x1100);
    case 7: return 0x230 + below(r, 0x20); /* some grow by folding */
    default: {
        uint32_t c = below(r, 0x110000);
        return c >= 0xD800 && c < 0xE000 ? 0xFFFD : c;
    }
    }
}

static void make_random_text(fixture *f, hpx_buffer *b) {
    hpx_buffer_clear(b);
    for (unsigned parts = below(&f->random, 8); parts > 0; parts--) {
        unsigned kind = below(&f->random, 9);
        for (unsigned n = below(&f->random, 60); n > 0; n--)
            append_char(b, random_char(&f->random, kind));
    }
}

static void make_skeleton(const hpx_buffer *text, hpx_buffer *out) {
    hpx_buffer_clear(out);
    assert_int_equal(hpx_skeleton_append(slice_of(text), out, NULL), HAPAX_OK);
}

/* The character that a place in the walk says it came from must fold to what the walk gives, or be a
 * mark of that form. */
static void walk_and_append_agree(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 60000; round++) {
        make_random_text(f, &f->text);
        uint64_t letters = 0, walked = 0;
        hpx_buffer_clear(&f->skeleton);
        if (round % 7 == 0) hpx_buffer_release(&f->skeleton); /* so that it must grow while it is written */
        uint8_t *exact = malloc(f->text.len + 1); /* so that a sanitizer sees a byte read behind the end */
        assert_non_null(exact);
        memcpy(exact + 1, f->text.ptr ? f->text.ptr : exact, f->text.len);
        assert_int_equal(hpx_skeleton_append(hpx_slice_of(exact + 1, f->text.len), &f->skeleton, &letters),
                         HAPAX_OK);
        assert_true(f->skeleton.len <= f->skeleton.cap);
        free(exact);
        hpx_skeleton_walk walk;
        hpx_skeleton_char c;
        size_t at = 0, text_at = 0;
        hpx_skeleton_walk_init(&walk, slice_of(&f->text));
        while (hpx_skeleton_walk_next(&walk, &c)) {
            assert_true(at + c.nbytes <= f->skeleton.len);
            assert_memory_equal(f->skeleton.ptr + at, c.bytes, c.nbytes);
            assert_true(c.text_off >= text_at && c.text_off + c.text_len <= f->text.len);
            size_t n, m;
            uint32_t source = hpx_utf8_decode(f->text.ptr + c.text_off, &n),
                     form = hpx_utf8_decode(c.bytes, &m);
            assert_int_equal(n, c.text_len);
            assert_int_equal(m, c.nbytes);
            if (hpx_charclass(source) & HPX_WORD)
                assert_int_equal(form, hpx_charclass_fold(source));
            else
                assert_int_equal(hpx_charclass(source) &
                                     (HPX_SPACE | HPX_QUOTE | HPX_OPEN | HPX_CLOSE | HPX_IGNORABLE),
                                 0);
            at += c.nbytes;
            text_at = c.text_off + c.text_len;
            walked++;
        }
        assert_int_equal(at, f->skeleton.len);
        assert_int_equal(walked, letters);
        assert_int_equal(hpx_utf8_first_ill(slice_of(&f->skeleton)), f->skeleton.len);
        assert_false(hpx_skeleton_walk_next(&walk, &c));
        hpx_buffer_clear(&f->other_skeleton);
        assert_int_equal(hpx_skeleton_append(slice_of(&f->text), &f->other_skeleton, NULL), HAPAX_OK);
        assert_int_equal(f->other_skeleton.len, f->skeleton.len);
    }
}

/* Every letter, mark and number of the text is in the skeleton, folded, in order: nothing else decides
 * about them. */
static void no_letter_is_lost(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 30000; round++) {
        make_random_text(f, &f->text);
        make_skeleton(&f->text, &f->skeleton);
        size_t at = 0, n, m;
        for (size_t i = 0; i < f->text.len; i += n) {
            uint32_t c = hpx_utf8_decode(f->text.ptr + i, &n);
            if ((hpx_charclass(c) & HPX_WORD) == 0 || (hpx_charclass(c) & HPX_IGNORABLE)) continue;
            uint32_t want = hpx_charclass_fold(c), got;
            do {
                assert_true(at < f->skeleton.len);
                got = hpx_utf8_decode(f->skeleton.ptr + at, &m);
                at += m;
            } while (got != want && (hpx_charclass(got) & HPX_WORD) == 0);
            assert_int_equal(got, want);
        }
        assert_int_equal(at, f->skeleton.len);
    }
}

/* A pair of two marks that may stand for each other, in front of anything. */
static uint32_t exchange(uint64_t *r, uint32_t c) {
    static const uint32_t same[][2] = {{',', 0xFF0C}, {':', 0xFF1A},  {';', 0xFF1B}, {'!', 0xFF01},
                                       {'?', 0xFF1F}, {'(', 0xFF08},  {')', 0xFF09}, {'/', 0xFF0F},
                                       {'.', 0xFF0E}, {'-', 0x2212},  {'+', 0xFF0B}, {'-', 0xFF0D},
                                       {'"', 0x201C}, {'\'', 0x2019}, {'%', 0xFF05}};
    if (below(r, 2)) return c;
    for (size_t i = 0; i < HPX_ARRAY_LEN(same); i++)
        if (same[i][0] == c || same[i][1] == c) return same[i][same[i][0] == c];
    if (c >= 'a' && c <= 'z') return below(r, 2) ? c - 32 : 0xFF41 + c - 'a';
    if (c >= '0' && c <= '9') return 0xFF10 + c - '0';
    return c;
}

/* Spaces, quotes and brackets are not seen, but for those that a sign, a dash, a dot or a digit behind
 * them sees. */
static bool may_insert(uint32_t before, uint32_t after) {
    bool near = false;
    static const uint32_t seen[] = {'.', '-', '+', 0xB1, 0x2026, 0xFF0E, 0xFF0D, 0xFF0B, 0x2212, 0xFE63};
    for (size_t i = 0; i < HPX_ARRAY_LEN(seen); i++)
        near |= before == seen[i] || after == seen[i];
    near |= (before >= 0x2010 && before <= 0x2015) || (after >= 0x2010 && after <= 0x2015);
    return !near && (hpx_charclass(before) & HPX_IGNORABLE) == 0 &&
           (hpx_charclass(after) & HPX_IGNORABLE) == 0;
}

static void layout_and_width_do_not_matter(void **state) {
    fixture *f = *state;
    static const uint32_t blanks[] = {' ', 0x3000, 0xA0,   '"',  0x201C, 0x201D,
                                      '(', 0xFF09, 0x300C, '\'', '\t',   '\n'};
    static const uint32_t ignorables[] = {0x200B, 0xAD, 0xFEFF, 0x85, 1, 0x2060};
    uint64_t *r = &f->random;
    for (unsigned round = 0; round < 60000; round++) {
        make_random_text(f, &f->text);
        hpx_buffer_clear(&f->other);
        uint32_t before = ' ';
        size_t n;
        for (size_t i = 0; i < f->text.len; i += n) {
            uint32_t c = hpx_utf8_decode(f->text.ptr + i, &n);
            if (below(r, 4) == 0) append_char(&f->other, ignorables[below(r, HPX_ARRAY_LEN(ignorables))]);
            if (below(r, 4) == 0 && may_insert(before, c))
                append_char(&f->other, blanks[below(r, HPX_ARRAY_LEN(blanks))]);
            append_char(&f->other, exchange(r, c));
            before = c;
        }
        make_skeleton(&f->text, &f->skeleton);
        make_skeleton(&f->other, &f->other_skeleton);
        assert_int_equal(f->skeleton.len, f->other_skeleton.len);
        if (f->skeleton.len) assert_memory_equal(f->skeleton.ptr, f->other_skeleton.ptr, f->skeleton.len);
    }
}

/* `.` and the ideographic full stop, dots and ellipses, between whatever, but for a point directly
 * before a digit. */
static void full_stops_and_ellipses(void **state) {
    fixture *f = *state;
    static const char *const forms[][2] = {{".", "。"}, {"...", "……"}, {"......", "……"},
                                           {"…", "……"}, {"--", "——"},  {"—", "——"}};
    for (unsigned round = 0; round < 40000; round++) {
        uint64_t *r = &f->random;
        hpx_buffer_clear(&f->text);
        hpx_buffer_clear(&f->other);
        for (unsigned k = 0; k < 12; k++) {
            uint32_t word = below(r, 2) ? '0' + below(r, 10) : random_char(r, below(r, 2) * 2);
            append_char(&f->text, word);
            append_char(&f->other, word);
            size_t form = below(r, HPX_ARRAY_LEN(forms));
            for (unsigned side = 0; side < 2; side++)
                assert_int_equal(hpx_buffer_append_text(side ? &f->other : &f->text, forms[form][side]),
                                 HAPAX_OK);
            if (form == 0 || below(r, 3) == 0) append_char(&f->other, ' '), append_char(&f->text, ' ');
        }
        make_skeleton(&f->text, &f->skeleton);
        make_skeleton(&f->other, &f->other_skeleton);
        assert_int_equal(f->skeleton.len, f->other_skeleton.len);
        assert_memory_equal(f->skeleton.ptr, f->other_skeleton.ptr, f->skeleton.len);
    }
}

/* U+023A has two bytes and its small letter three. */
static void text_that_grows(void **state) {
    fixture *f = *state;
    hpx_buffer_clear(&f->text);
    hpx_buffer_release(&f->skeleton);
    for (unsigned i = 0; i < 5000; i++)
        append_char(&f->text, 0x23A);
    for (unsigned i = 0; i < 5000; i++)
        append_char(&f->text, 0x4E2D);
    make_skeleton(&f->text, &f->skeleton);
    assert_int_equal(f->skeleton.len, 30000);
    assert_true(f->skeleton.len <= f->skeleton.cap);
    for (size_t i = 0; i < 30000; i += 3)
        assert_memory_equal(f->skeleton.ptr + i, i < 15000 ? "\xE2\xB1\xA5" : "\xE4\xB8\xAD", 3);
}

/* A run of marks between digits is looked at once for each digit behind it, not once for each mark. */
static void long_gaps(void **state) {
    fixture *f = *state;
    hpx_buffer_clear(&f->text);
    append_char(&f->text, '7');
    for (unsigned i = 0; i < 1000000; i++)
        append_char(&f->text, i % 3 ? ' ' : 0x201C);
    append_char(&f->text, ',');
    for (unsigned i = 0; i < 1000000; i++)
        append_char(&f->text, 0x200B);
    append_char(&f->text, '8');
    make_skeleton(&f->text, &f->skeleton);
    assert_int_equal(f->skeleton.len, 3);
    assert_memory_equal(f->skeleton.ptr, "7,8", 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stay_apart),
        cmocka_unit_test(points_that_are_full_stops),
        cmocka_unit_test(one_form_for_what_cleaning_exchanges),
        cmocka_unit_test(letters_marks_and_the_rest),
        cmocka_unit_test(walk_and_append_agree),
        cmocka_unit_test(no_letter_is_lost),
        cmocka_unit_test(layout_and_width_do_not_matter),
        cmocka_unit_test(full_stops_and_ellipses),
        cmocka_unit_test(text_that_grows),
        cmocka_unit_test(long_gaps),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
