/*
 * make_charclass: prints charclass_tables.c, the two-stage tables behind charclass.h, from
 * libunistring's properties. A program of the build, not of the filter: it writes to standard output
 * and exits 1 when it cannot.
 *
 * Typed in are only names of categories, scripts and properties. One property is not in libunistring
 * and is derived: NFC_Quick_Check is No for what NFC changes, and Maybe for what ends a primary
 * composite (UAX #15, section 9).
 */
#include "charclass.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unictype.h>
#include <unistring/version.h>

#define CODE_POINTS 0x110000u
#define BLOCK       128u
#define MAX_BLOCKS  4096u /* Unicode 14 needs 229: one byte of index would not last */

static uint16_t flags[CODE_POINTS];
static int32_t fold_delta[CODE_POINTS];
static bool ends_composite[CODE_POINTS];

static bool is_surrogate(uint32_t c) {
    return c >= 0xD800 && c < 0xE000;
}

static uint32_t fold_width(uint32_t c) {
    int tag = 0;
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    int n = uc_decomposition(c, &tag, parts);
    return n == 1 && (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW) ? parts[0] : c;
}

/* Simple case folding: the full one where it is one character; else (as for U+00DF) the lower-case
 * character. */
static uint32_t fold_case(uint32_t c) {
    uint32_t folded[16];
    size_t n = sizeof folded / sizeof folded[0];
    uint32_t *got = u32_casefold(&c, 1, NULL, NULL, folded, &n);
    if (!got) exit(1);
    uint32_t result = n == 1 ? got[0] : uc_tolower(c);
    if (got != folded) free(got);
    return result;
}

static uint32_t fold(uint32_t c) {
    for (;;) {
        uint32_t next = fold_case(fold_width(c));
        if (next == c) return c;
        c = next;
    }
}

/* Marks every character that canonical composition may join to one before it. */
static void find_composite_ends(void) {
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
        int n = is_surrogate(c) ? 0 : uc_canonical_decomposition(c, parts);
        if (n == 2 && uc_composition(parts[0], parts[1]) != c) continue;
        for (int i = 1; i < n; i++)
            ends_composite[parts[i]] = true;
    }
}

static bool nfc_matters(uint32_t c) {
    if (ends_composite[c] || uc_combining_class(c) != 0) return true;
    uint32_t normal[16];
    size_t n = sizeof normal / sizeof normal[0];
    uint32_t *got = u32_normalize(UNINORM_NFC, &c, 1, normal, &n);
    if (!got) exit(1);
    bool changed = n != 1 || got[0] != c;
    if (got != normal) free(got);
    return changed;
}

static bool is_script(uint32_t c, const char *name) {
    return uc_script(c) == uc_script_byname(name);
}

/* A control that cleaning removes, or a C1 control, which it leaves but which must not part two digits. */
static bool is_ignorable(uint32_t c) {
    return uc_is_property(c, UC_PROPERTY_DEFAULT_IGNORABLE_CODE_POINT) ||
           (uc_is_general_category(c, UC_CATEGORY_Cc) && c != '\t' && c != '\n');
}

static unsigned classify(uint32_t c) {
    bool letter = uc_is_general_category(c, UC_CATEGORY_L), number = uc_is_general_category(c, UC_CATEGORY_N);
    bool kana = is_script(c, "Hiragana") || is_script(c, "Katakana");
    unsigned f = 0;
    if (letter) f |= HPX_LETTER;
    if (uc_is_general_category(c, UC_CATEGORY_M)) f |= HPX_MARK;
    if (number) f |= HPX_NUMBER;
    if (uc_is_general_category(c, UC_CATEGORY_Nd)) f |= HPX_DIGIT;
    if ((is_script(c, "Han") && (letter || number)) || c == 0x3007) f |= HPX_HAN;
    if (kana && c != 0x30FB && c != 0x30FC) f |= HPX_KANA; /* Chinese names use U+30FB, brands U+30FC */
    if (is_script(c, "Hangul")) f |= HPX_HANGUL;
    if (is_script(c, "Latin") && letter) f |= HPX_LATIN;
    if (uc_is_general_category(c, UC_CATEGORY_Zs) || c == '\t') f |= HPX_SPACE;
    if (is_ignorable(c)) f |= HPX_IGNORABLE;
    if (uc_is_general_category(c, UC_CATEGORY_Ps) || uc_is_general_category(c, UC_CATEGORY_Pi)) f |= HPX_OPEN;
    if (uc_is_general_category(c, UC_CATEGORY_Pe) || uc_is_general_category(c, UC_CATEGORY_Pf))
        f |= HPX_CLOSE;
    if (uc_is_property(c, UC_PROPERTY_QUOTATION_MARK)) f |= HPX_QUOTE;
    if (uc_is_property(c, UC_PROPERTY_SENTENCE_TERMINAL)) f |= HPX_STERM;
    if (nfc_matters(c)) f |= HPX_NFC;
    if (fold_delta[c] != 0) f |= HPX_FOLD;
    return f;
}

/* Prints PREFIX_index and PREFIX_blocks: equal blocks of 128 elements are kept once. */
static void print_tables(const char *prefix, const char *type, const void *elements, size_t element_nbytes) {
    static uint16_t index[CODE_POINTS / BLOCK];
    static uint32_t first_of[MAX_BLOCKS]; /* number of the first block of code points with this content */
    const uint8_t *bytes = elements;
    size_t block_nbytes = BLOCK * element_nbytes;
    uint32_t blocks = 0;
    for (uint32_t b = 0; b < CODE_POINTS / BLOCK; b++) {
        uint32_t same = 0;
        while (same < blocks &&
               memcmp(bytes + b * block_nbytes, bytes + first_of[same] * block_nbytes, block_nbytes) != 0)
            same++;
        if (same == MAX_BLOCKS) {
            fprintf(stderr, "make_charclass: more than %u blocks in %s\n", MAX_BLOCKS, prefix);
            exit(1);
        }
        if (same == blocks) first_of[blocks++] = b;
        index[b] = (uint16_t)same;
    }
    printf("\nconst uint16_t %s_index[0x110000 >> 7] = {", prefix);
    for (uint32_t b = 0; b < CODE_POINTS / BLOCK; b++)
        printf("%s%u,", b % 32 ? "" : "\n    ", index[b]);
    printf("\n};\n\nconst %s %s_blocks[%u][128] = {\n", type, prefix, blocks);
    for (uint32_t b = 0; b < blocks; b++) {
        printf("    {");
        for (uint32_t i = 0; i < BLOCK; i++) {
            uint32_t c = first_of[b] * BLOCK + i;
            long value = element_nbytes == sizeof flags[0] ? (long)flags[c] : (long)fold_delta[c];
            printf("%s%ld,", i % 16 || i == 0 ? "" : "\n     ", value);
        }
        printf("},\n");
    }
    printf("};\n");
}

/* What the skeleton holds for an ASCII byte; see hpx_charclass_ascii. */
static void print_ascii(void) {
    printf("\nconst uint8_t hpx_charclass_ascii[256] = {");
    for (uint32_t c = 0; c < 256; c++) {
        bool word = c < 128 && flags[c] & HPX_WORD && !(flags[c] & HPX_IGNORABLE);
        bool other = c >= 128 || (word && flags[c] & HPX_DIGIT);
        printf("%s%u,", c % 16 ? "" : "\n    ", other ? HPX_ASCII_OTHER : word ? (unsigned)((int32_t)c + fold_delta[c]) : 0);
    }
    printf("\n};\n");
}

int main(void) {
    find_composite_ends();
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        if (is_surrogate(c)) continue; /* no text holds them: class 0 */
        fold_delta[c] = (int32_t)fold(c) - (int32_t)c;
        flags[c] = (uint16_t)classify(c);
    }
    printf("/* Made by make_charclass from libunistring %d.%d. Do not edit. */\n#include \"charclass.h\"\n",
           _libunistring_version >> 8, _libunistring_version & 0xFF);
    print_tables("hpx_charclass", "uint16_t", flags, sizeof flags[0]);
    print_tables("hpx_charclass_fold", "int32_t", fold_delta, sizeof fold_delta[0]);
    print_ascii();
    return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}
