/* test_charclass: the generated tables against the library that they were made from, and the few
 * exceptions. */
#include "charclass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <uninorm.h>
#include <unictype.h>

static void has(uint32_t c, unsigned want, unsigned never) {
    assert_int_equal(hpx_charclass(c) & want, want);
    assert_int_equal(hpx_charclass(c) & never, 0);
}

static void known_characters(void **state) {
    (void)state;
    has('a', HPX_LETTER | HPX_LATIN, HPX_FOLD | HPX_DIGIT | HPX_HAN | HPX_NFC);
    has('A', HPX_LETTER | HPX_LATIN | HPX_FOLD, HPX_SPACE);
    has('7', HPX_NUMBER | HPX_DIGIT, HPX_LETTER);
    has(' ', HPX_SPACE, HPX_WORD | HPX_IGNORABLE);
    has('\t', HPX_SPACE, HPX_IGNORABLE);
    has('\n', 0, 0xFFFF);
    has('\r', HPX_IGNORABLE, HPX_SPACE);
    has(0, HPX_IGNORABLE, HPX_WORD);
    has(0x85, HPX_IGNORABLE, HPX_WORD);
    has('"', HPX_QUOTE, HPX_OPEN | HPX_CLOSE);
    has(0x201C, HPX_QUOTE | HPX_OPEN, HPX_CLOSE);
    has(0x300D, HPX_QUOTE | HPX_CLOSE, HPX_OPEN);
    has('(', HPX_OPEN, HPX_QUOTE);
    has('.', HPX_STERM, HPX_WORD);
    has(0x3002, HPX_STERM, HPX_FOLD);
    has(0xFF0C, HPX_FOLD, HPX_STERM | HPX_WORD);
    has(0x3000, HPX_SPACE | HPX_FOLD, HPX_WORD);
    has(0x4E2D, HPX_LETTER | HPX_HAN, HPX_FOLD | HPX_NFC);
    has(0x3007, HPX_NUMBER | HPX_HAN, HPX_DIGIT);
    has(0x2E80, 0, HPX_HAN); /* a radical is a symbol */
    has(0x3042, HPX_LETTER | HPX_KANA, HPX_HAN);
    has(0x30FB, 0, HPX_KANA);
    has(0x30FC, HPX_LETTER, HPX_KANA);
    has(0xAC00, HPX_LETTER | HPX_HANGUL, HPX_NFC);
    has(0x1161, HPX_HANGUL | HPX_NFC, 0); /* a vowel joins the consonant before it */
    has(0x301, HPX_MARK | HPX_NFC, HPX_LETTER);
    has(0x9BE, HPX_MARK | HPX_NFC, 0);  /* class 0, but the end of a composite */
    has(0x212B, HPX_NFC | HPX_FOLD, 0); /* Angstrom sign */
    has(0xE9, HPX_LETTER, HPX_NFC);
    has(0x200B, HPX_IGNORABLE, HPX_SPACE);
    has(0xFE0F, HPX_IGNORABLE | HPX_MARK, 0);
    has(0x3164, HPX_IGNORABLE | HPX_LETTER, 0);
    has(0xD800, 0, 0xFFFF);
    has(0x10FFFF, 0, HPX_WORD);
}

static void folding(void **state) {
    (void)state;
    static const uint32_t pairs[][2] = {
        {'A', 'a'},       {'a', 'a'},           {'-', '-'},       {0xFF21, 'a'},      {0xFF41, 'a'},
        {0xFF15, '5'},    {0xFF0C, ','},        {0xFF0E, '.'},    {0x3000, ' '},      {0xC4, 0xE4},
        {0x416, 0x436},   {0x3A3, 0x3C3},       {0x3C2, 0x3C3},   {0xDF, 0xDF},       {0x1E9E, 0xDF},
        {0x17F, 's'},     {0x212A, 'k'},        {0x23A, 0x2C65},  {0xFF71, 0x30A2},   {0xFF61, 0x3002},
        {0xFB01, 0xFB01}, {0x13A0, 0x13A0},     {0xAB70, 0x13A0}, {0x10400, 0x10428}, {0x4E2D, 0x4E2D},
        {0x2122, 0x2122}, {0x10FFFF, 0x10FFFF},
    };
    for (size_t i = 0; i < HPX_ARRAY_LEN(pairs); i++)
        assert_int_equal(hpx_charclass_fold(pairs[i][0]), pairs[i][1]);
}

static void folding_is_stable(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        uint32_t f = hpx_charclass_fold(c);
        assert_true(f < 0x110000 && (f < 0xD800 || f > 0xDFFF || f == c));
        assert_int_equal(hpx_charclass_fold(f), f);
        assert_int_equal((hpx_charclass(c) & HPX_FOLD) != 0, f != c);
        unsigned kinds = HPX_DIGIT | HPX_IGNORABLE; /* what the skeleton asks must not change by folding */
        assert_int_equal(hpx_charclass(c) & kinds, hpx_charclass(f) & kinds);
        assert_int_equal((hpx_charclass(c) & HPX_WORD) != 0, (hpx_charclass(f) & HPX_WORD) != 0);
    }
}

static void categories_agree_everywhere(void **state) {
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        unsigned k = hpx_charclass(c);
        assert_int_equal((k & HPX_LETTER) != 0, uc_is_general_category(c, UC_CATEGORY_L));
        assert_int_equal((k & HPX_MARK) != 0, uc_is_general_category(c, UC_CATEGORY_M));
        assert_int_equal((k & HPX_NUMBER) != 0, uc_is_general_category(c, UC_CATEGORY_N));
        assert_int_equal((k & HPX_QUOTE) != 0, uc_is_property_quotation_mark(c));
    }
}

/* A text without the flag is its own NFC: every pair of characters without it, sampled, and every one
 * alone. */
static void unflagged_text_is_nfc(void **state) {
    (void)state;
    uint32_t previous = 'x';
    for (uint32_t i = 0; i < 0x110000; i++) {
        uint32_t c = (uint32_t)((uint64_t)i * 7919 % 0x110000), pair[2] = {previous, c}, normal[16];
        if ((c >= 0xD800 && c < 0xE000) || (hpx_charclass(c) & HPX_NFC)) continue;
        size_t n = HPX_ARRAY_LEN(normal);
        uint32_t *got = u32_normalize(UNINORM_NFC, pair, 2, normal, &n);
        assert_non_null(got);
        assert_int_equal(n, 2);
        assert_memory_equal(got, pair, sizeof pair);
        if (got != normal) free(got);
        previous = c;
    }
}

/* The skeleton copies these unseen. */
static void han_blocks_are_plain_letters(void **state) {
    (void)state;
    for (uint32_t c = 0x4000; c < 0xA000; c++) {
        if (c >= 0x4DC0 && c < 0x4E00)
            has(c, 0, HPX_WORD);
        else
            has(c, HPX_LETTER | HPX_HAN, HPX_FOLD | HPX_IGNORABLE | HPX_DIGIT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_characters),      cmocka_unit_test(folding),
        cmocka_unit_test(folding_is_stable),     cmocka_unit_test(categories_agree_everywhere),
        cmocka_unit_test(unflagged_text_is_nfc), cmocka_unit_test(han_blocks_are_plain_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
