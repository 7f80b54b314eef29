/*
 * Unit tests of clean: what holds for every line (edits are in order and can be undone, cleaning twice is
 * cleaning once, letters stay), on generated lines of all scripts and noise; places mapped back; what is only
 * reported; long and hostile lines; failing allocations. What each rule does stands in tests/spec.
 */
#include "clean.h"
#include "bytes.h"
#include "prng.h"
#include "skeleton.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <uninorm.h>
#include <cmocka.h>

enum { CASES = 100000, MAX_PIECES = 24 };

typedef struct {
    hpx_memory memory;
    hpx_cleaner *cleaner;
    hpx_edits edits;
    hpx_met met[4];
    size_t met_count;
} bench;

static void bench_init(bench *b) {
    *b = (bench){0};
    assert_int_equal(hpx_cleaner_create(&b->cleaner, &b->memory), HAPAX_OK);
    hpx_edits_init(&b->edits, &b->memory);
}

static void bench_release(bench *b) {
    hpx_cleaner_destroy(b->cleaner);
    hpx_edits_release(&b->edits);
    assert_int_equal(b->memory.now_nbytes, 0);
}

static size_t clean(bench *b, hpx_slice raw, hpx_clean_context context) {
    hpx_edits_clear(&b->edits);
    assert_int_equal(hpx_clean_paragraph(b->cleaner, raw, context, &b->edits, b->met, HPX_ARRAY_LEN(b->met),
                                         &b->met_count),
                     HAPAX_OK);
    return b->edits.count;
}

static hpx_slice slice(const hpx_buffer *buffer) {
    return hpx_slice_of(buffer->ptr, buffer->len);
}

/* Pieces. */

static const char *const pieces[] = {
    "河岸",
    "的",
    "七",
    "步道很长",
    "本报记者说",
    "增长",
    "〇",
    "㐀",
    "𠀀",
    "豈",
    "龜",
    "第",
    "十八条",
    "完成",
    "年",
    "注",
    "river",
    "A",
    "b",
    "Dr",
    "etc",
    "www",
    "http",
    "naïve",
    "don't",
    "K",
    "ﬁ",
    "e\xCC\x81",
    "Å",
    "A\xCC\x8A",
    "x\xCC\x81\xCC\xA3",
    "1",
    "20",
    "3.14",
    "1,000",
    "10:30",
    "0",
    "２０",
    "Ａ",
    "ｚ",
    "３．５",
    "．",
    "Ａ\xCC\x81",
    ",",
    ";",
    ":",
    "!",
    "?",
    ".",
    "，",
    "。",
    "、",
    "；",
    "：",
    "！",
    "？",
    ",,",
    "。。",
    "，，",
    "。。。",
    "...",
    "......",
    "..",
    "....",
    "…",
    "……",
    "………",
    "............",
    "!!",
    "??",
    "!?",
    "(",
    ")",
    "（",
    "）",
    "()",
    "( )",
    "“",
    "”",
    "‘",
    "’",
    "\"",
    "'",
    "《",
    "》",
    "「",
    "」",
    "[",
    "]",
    "{",
    "}",
    "【",
    "】",
    "<",
    ">",
    "(a)",
    "(1)",
    "(河)",
    "f(a,b)",
    " ",
    "  ",
    "   ",
    "    ",
    "\t",
    "\t\t",
    "\xC2\xA0",
    "\xE3\x80\x80",
    "\xE2\x80\x80",
    "\xE2\x80\x83",
    "\xE2\x80\xAF",
    "\xE2\x81\x9F",
    "\xE1\x9A\x80",
    "\xE2\x80\x8B",
    "\xE2\x81\xA0",
    "\xEF\xBB\xBF",
    "\xC2\xAD",
    "\xE2\x80\x8C",
    "\xE2\x80\x8D",
    "\xE2\x80\x8E",
    "\xE2\x80\xAA",
    "\xE2\x80\xAC",
    "\xE2\x81\xA6",
    "\xE2\x81\xA9",
    "\x01",
    "\x1F",
    "\x7F",
    "\xC2\x85",
    "\0",
    "%",
    "‰",
    "℃",
    "+",
    "-",
    "--",
    "—",
    "——",
    "/",
    "//",
    "=",
    "*",
    "**",
    "_",
    "~",
    "#",
    "# ",
    "- ",
    "1. ",
    "> ",
    "|",
    "| ",
    "||",
    "|:-:|",
    "`",
    "``",
    "`a,b`",
    "$",
    "$$",
    "\\",
    "&",
    "&nbsp;",
    "@",
    "a@b.cn",
    "http://a.cn/x?a=1,b",
    "://",
    "::",
    ":::",
    ":ok:",
    ":)",
    ":-(",
    ";)",
    " :D",
    "![",
    "](",
    "[x]:",
    "[J].",
    "<b>",
    "</b>",
    "<!--",
    "C:\\",
    "^_^",
    "a=1",
    "\"k\": ",
    "x = ",
    "ไทย",
    "ก\xE0\xB8\xB4",
    "ລາວ",
    "សួ",
    "မြန်",
    "عربي",
    "نمی‌خواهم",
    "؟",
    "۔",
    "हिन्दी",
    "क\xE0\xA4\xBC",
    "क्\xE2\x80\x8D",
    "।",
    "ᠮᠣᠩ",
    "한국",
    "\xE1\x84\x80\xE1\x85\xA1",
    "\xE1\x85\xA1",
    "\xE1\x86\xA8",
    "가\xE1\x86\xA8",
    "かな",
    "カ\xE3\x82\x99",
    "ー",
    "・",
    "שלום",
    "שׁ",
    "\xEF\xAC\xAA",
    "Москва",
    "Ελ",
    ";",
    "·",
    "‧",
    "•",
    "😀",
    "👩\xE2\x80\x8D🚀",
    "❤\xEF\xB8\x8F",
    "🇨🇳",
    "1\xEF\xB8\x8F\xE2\x83\xA3",
    "\xCC\x81",
    "\xCC\xA3",
    "\xCC\xB8",
    "\xE0\xBD\xB3",
    "\xE2\xAB\x9C",
    "\xE2\x84\xA6",
    "\xE2\x8C\xA9",
    "\xE1\xBF\xAF",
    "\xFF",
    "\xC3",
    "\xE4\xBD",
    "\xF0\x9F\x98",
    "\xED\xA0\x80",
    "\xC0\xAF",
    "\xF4\x90\x80\x80",
};

/* A NUL stands in the table as an empty string. */
static void add_piece(bytes *out, size_t i) {
    if (pieces[i][0])
        bytes_add_text(out, pieces[i]);
    else
        bytes_add_byte(out, 0);
}

/* Half of all pieces of a line come from a window of the table: lines of one script with a little of the
 * others. */
static void generate(bytes *out, prng *r) {
    size_t count = HPX_ARRAY_LEN(pieces), n = prng_range(r, 1, MAX_PIECES), window = prng_below(r, count);
    unsigned in_window = (unsigned)prng_below(r, 700);
    out->len = 0;
    for (size_t i = 0; i < n; i++)
        add_piece(out,
                  prng_chance(r, in_window) ? (window + prng_below(r, 24)) % count : prng_below(r, count));
}

/* Properties. NULL: holds; else which one does not. */

static const char *check_edits(const bench *b, hpx_slice raw, const hpx_buffer *cleaned) {
    size_t raw_at = 0, clean_at = 0;
    for (size_t i = 0; i < b->edits.count; i++) {
        const hpx_edit *e = &b->edits.edits[i];
        const uint8_t *fresh = b->edits.bytes.ptr + e->new_off;
        if (e->raw_off < raw_at || (size_t)e->raw_off + e->raw_len > raw.len)
            return "edits out of order or range";
        if (e->rule >= HPX_RULE_COUNT) return "no such rule";
        if (e->raw_len == e->new_len && memcmp(raw.ptr + e->raw_off, fresh, e->new_len) == 0)
            return "an edit changes nothing";
        clean_at += e->raw_off - raw_at;
        if (e->clean_off != clean_at) return "clean_off is wrong";
        if (clean_at + e->new_len > cleaned->len ||
            (e->new_len && memcmp(cleaned->ptr + clean_at, fresh, e->new_len) != 0))
            return "the new bytes are not in the cleaned text";
        clean_at += e->new_len;
        raw_at = (size_t)e->raw_off + e->raw_len;
    }
    return clean_at + (raw.len - raw_at) == cleaned->len ? NULL : "the cleaned text has another length";
}

/* Slow and obvious: both directions of every place between two characters. */
static const char *check_places(const bench *b, hpx_slice raw, const hpx_buffer *cleaned) {
    size_t count = b->edits.count, last = 0;
    for (size_t off = 0; off <= cleaned->len; off++) {
        size_t begin = 0, end = 0, shift_raw = 0, shift_clean = 0;
        bool begin_found = false, end_found = false;
        for (size_t i = 0; i <= count; i++) {
            const hpx_edit *e = i < count ? &b->edits.edits[i] : NULL;
            size_t gap_end = e ? e->clean_off : cleaned->len;
            /* between the edit before and this one the text is the same */
            if (!end_found && off <= gap_end && off >= shift_clean)
                end = shift_raw + (off - shift_clean), end_found = true;
            if (off < gap_end && off >= shift_clean)
                begin = shift_raw + (off - shift_clean), begin_found = true;
            if (!e) break;
            if (!end_found && off > e->clean_off && off < e->clean_off + e->new_len)
                end = e->raw_off + e->raw_len, end_found = true;
            if (off >= e->clean_off && off < e->clean_off + e->new_len)
                begin = e->raw_off, begin_found = true;
            shift_raw = (size_t)e->raw_off + e->raw_len;
            shift_clean = (size_t)e->clean_off + e->new_len;
        }
        if (!begin_found) begin = raw.len;
        if (hpx_edits_raw_offset(&b->edits, 0, count, off, false) != begin)
            return "place of a begin is wrong";
        if (hpx_edits_raw_offset(&b->edits, 0, count, off, true) != end) return "place of an end is wrong";
        if (begin < last) return "places run backwards";
        last = begin;
    }
    return NULL;
}

static void append_nfc(hpx_slice text, hpx_buffer *out) {
    if (text.len == 0) return;
    size_t n = 0;
    uint8_t *nfc = u8_normalize(UNINORM_NFC, text.ptr, text.len, NULL, &n);
    assert_non_null(nfc);
    assert_int_equal(hpx_buffer_append(out, nfc, n), HAPAX_OK);
    free(nfc);
}

/* The skeleton of the NFC of text, composed once more, for what cleaning takes out between a letter and
 * its mark. */
static void append_letters(hpx_slice text, hpx_buffer *out, hpx_memory *memory) {
    hpx_buffer nfc = {.memory = memory}, skeleton = {.memory = memory};
    append_nfc(text, &nfc);
    assert_int_equal(hpx_skeleton_append(slice(&nfc), &skeleton, NULL), HAPAX_OK);
    append_nfc(slice(&skeleton), out);
    hpx_buffer_release(&nfc);
    hpx_buffer_release(&skeleton);
}

static const char *check_letters(bench *b, hpx_slice raw, const hpx_buffer *cleaned) {
    hpx_buffer repaired = {.memory = &b->memory}, want = {.memory = &b->memory}, got = {.memory = &b->memory};
    clean(b, raw, (hpx_clean_context){.no_clean = true});
    assert_int_equal(hpx_edits_apply(&b->edits, 0, b->edits.count, raw, &repaired), HAPAX_OK);
    append_letters(slice(&repaired), &want, &b->memory);
    append_letters(slice(cleaned), &got, &b->memory);
    bool same = want.len == got.len && (want.len == 0 || memcmp(want.ptr, got.ptr, want.len) == 0);
    hpx_buffer_release(&repaired);
    hpx_buffer_release(&want);
    hpx_buffer_release(&got);
    return same ? NULL : "a letter changed";
}

/* A control at the end is removed and says nothing to any rule, but no quick look can pass it: what is
 * found with it, the quick look must not miss without it. */
static const char *check_quick_look(bench *b, hpx_slice raw, hpx_clean_context context,
                                    const hpx_buffer *cleaned) {
    hpx_buffer longer = {.memory = &b->memory}, slowly = {.memory = &b->memory};
    size_t met_count = b->met_count;
    assert_int_equal(hpx_buffer_append(&longer, raw.ptr, raw.len), HAPAX_OK);
    assert_int_equal(hpx_buffer_append(&longer, "\x01", 1), HAPAX_OK);
    clean(b, slice(&longer), context);
    assert_int_equal(hpx_edits_apply(&b->edits, 0, b->edits.count, slice(&longer), &slowly), HAPAX_OK);
    bool same = met_count == b->met_count && slowly.len == cleaned->len &&
                (slowly.len == 0 || memcmp(slowly.ptr, cleaned->ptr, slowly.len) == 0);
    hpx_buffer_release(&longer);
    hpx_buffer_release(&slowly);
    return same ? NULL : "the quick look misses something";
}

static const char *check(bench *b, hpx_slice raw, hpx_clean_context context) {
    hpx_buffer cleaned = {.memory = &b->memory};
    clean(b, raw, context);
    assert_int_equal(hpx_edits_apply(&b->edits, 0, b->edits.count, raw, &cleaned), HAPAX_OK);
    const char *fault = check_edits(b, raw, &cleaned);
    if (!fault && hpx_utf8_first_ill(slice(&cleaned)) != cleaned.len)
        fault = "the cleaned text is ill-formed";
    if (!fault) fault = check_places(b, raw, &cleaned);
    if (!fault && !context.no_clean) fault = check_quick_look(b, raw, context, &cleaned);
    if (!fault && clean(b, slice(&cleaned), context) != 0) fault = "cleaning cleaned text changes it";
    if (!fault && !context.no_clean) fault = check_letters(b, raw, &cleaned);
    hpx_buffer_release(&cleaned);
    return fault;
}

/* Takes bytes away as long as something stays wrong. */
static void shrink(bench *b, bytes *line, hpx_clean_context context) {
    bytes smaller = {0};
    for (size_t width = line->len / 2; width > 0; width = width > 8 ? width / 2 : width - 1)
        for (size_t at = 0; at + width <= line->len;) {
            smaller.len = 0;
            bytes_add(&smaller, line->ptr, at);
            bytes_add(&smaller, line->ptr + at + width, line->len - at - width);
            if (check(b, hpx_slice_of(smaller.ptr, smaller.len), context)) {
                line->len = 0;
                bytes_add(line, smaller.ptr, smaller.len);
            } else {
                at++;
            }
        }
    bytes_free(&smaller);
}

static void fail_with_line(bench *b, bytes *line, hpx_clean_context context, size_t number) {
    shrink(b, line, context);
    const char *fault = check(b, hpx_slice_of(line->ptr, line->len), context);
    fprintf(stderr, "case %zu: %s; smallest line: \"", number, fault ? fault : "?");
    for (size_t i = 0; i < line->len; i++)
        fprintf(stderr, line->ptr[i] < 0x20 || line->ptr[i] >= 0x7F ? "\\x%02X" : "%c", line->ptr[i]);
    fprintf(stderr, "\" (%.*s)\n", (int)line->len, (const char *)line->ptr);
    fail();
}

static void check_generated(hpx_clean_context context, uint64_t seed, size_t cases) {
    bench b;
    bench_init(&b);
    bytes line = {0};
    size_t changed = 0;
    for (size_t i = 0; i < cases; i++) {
        prng r = prng_seeded(seed, i);
        generate(&line, &r);
        hpx_slice raw = hpx_slice_of(line.ptr, line.len);
        changed += clean(&b, raw, context) != 0;
        if (check(&b, raw, context)) fail_with_line(&b, &line, context, i);
    }
    assert_true(changed > cases / 10 && changed < cases);
    bytes_free(&line);
    bench_release(&b);
}

static void generated_lines_keep_every_promise(void **state) {
    (void)state;
    check_generated((hpx_clean_context){0}, 1, CASES);
}

static void generated_lines_of_japanese_documents_too(void **state) {
    (void)state;
    check_generated((hpx_clean_context){.other_cjk = true}, 2, CASES / 5);
}

static void code_is_only_repaired(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    bytes line = {0};
    for (size_t i = 0; i < CASES / 20; i++) {
        prng r = prng_seeded(3, i);
        generate(&line, &r);
        hpx_slice raw = hpx_slice_of(line.ptr, line.len);
        clean(&b, raw, (hpx_clean_context){.code = i & 1, .no_clean = !(i & 1)});
        for (size_t e = 0; e < b.edits.count; e++) {
            const hpx_edit *edit = &b.edits.edits[e];
            assert_int_equal(edit->rule, HPX_RULE_UTF8);
            assert_memory_equal(b.edits.bytes.ptr + edit->new_off, "\xEF\xBF\xBD", 3);
        }
        if (check(&b, raw, (hpx_clean_context){.no_clean = true}))
            fail_with_line(&b, &line, (hpx_clean_context){.no_clean = true}, i);
    }
    bytes_free(&line);
    bench_release(&b);
}

/* Edits of several paragraphs stand in one list. */
static void edits_are_appended(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    hpx_slice first = hpx_slice_of("河水,清", 10), second = hpx_slice_of("  山路;长", 12);
    hpx_buffer out = {.memory = &b.memory};
    clean(&b, first, (hpx_clean_context){0});
    assert_int_equal(b.edits.count, 1);
    assert_int_equal(
        hpx_clean_paragraph(b.cleaner, second, (hpx_clean_context){0}, &b.edits, b.met, 4, &b.met_count),
        HAPAX_OK);
    assert_int_equal(b.edits.count, 3);
    assert_int_equal(hpx_edits_apply(&b.edits, 1, 2, second, &out), HAPAX_OK);
    assert_int_equal(out.len, 12);
    assert_memory_equal(out.ptr, "山路；长", 12);
    assert_int_equal(hpx_edits_raw_offset(&b.edits, 1, 2, 0, false), 2);
    assert_int_equal(hpx_edits_raw_offset(&b.edits, 1, 2, 0, true), 0);
    assert_int_equal(hpx_edits_raw_offset(&b.edits, 1, 2, 9, false), 9);
    assert_int_equal(hpx_edits_raw_offset(&b.edits, 1, 2, 12, true), 12);
    hpx_buffer_release(&out);
    bench_release(&b);
}

static void assert_met(bench *b, const char *line, size_t count, hpx_met_kind kind, size_t raw_off) {
    clean(b, hpx_slice_of(line, strlen(line)), (hpx_clean_context){0});
    assert_int_equal(b->met_count, count);
    if (count == 0) return;
    assert_int_equal(b->met[0].kind, kind);
    assert_int_equal(b->met[0].raw_off, raw_off);
}

static void unbalanced_bidi_controls_are_reported(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    assert_met(&b,
               "a \xE2\x80\xAA"
               "b\xE2\x80\xAC c",
               0, HPX_MET_BIDI, 0);
    assert_met(&b,
               "a \xE2\x81\xA6"
               "b\xE2\x81\xA9 c",
               0, HPX_MET_BIDI, 0);
    assert_met(&b,
               "a \xE2\x80\xAE"
               "b",
               1, HPX_MET_BIDI, 2);
    assert_met(&b, "ab\xE2\x80\xAC", 1, HPX_MET_BIDI, 2);
    assert_met(&b,
               "a\xE2\x81\xA7\xE2\x81\xA8"
               "b\xE2\x81\xA9",
               1, HPX_MET_BIDI, 1);
    bench_release(&b);
}

static void add_marks(bytes *line, size_t count) {
    for (size_t i = 0; i < count; i++)
        bytes_add_text(line, i & 1 ? "\xCC\x81" : "\xCC\xA3");
}

static void long_combining_runs_are_reported_and_left(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    for (size_t marks = 29; marks < 33; marks++) {
        bytes line = {0};
        bytes_add_text(&line, "xyz");
        add_marks(&line, marks);
        bytes_add_text(&line, "w");
        size_t edits = clean(&b, hpx_slice_of(line.ptr, line.len), (hpx_clean_context){0});
        assert_int_equal(edits, marks <= 30); /* NFC sorts them */
        assert_int_equal(b.met_count, marks > 30);
        if (marks > 30) assert_int_equal(b.met[0].raw_off, 2);
        if (marks > 30) assert_int_equal(b.met[0].kind, HPX_MET_COMBINING_RUN);
        bytes_free(&line);
    }
    /* marks that NFC has nothing to do with are counted too */
    bytes thai = {0};
    bytes_add_text(&thai, "ก");
    for (size_t i = 0; i < 31; i++)
        bytes_add_text(&thai, "\xE0\xB8\xB4");
    assert_int_equal(clean(&b, hpx_slice_of(thai.ptr, thai.len), (hpx_clean_context){0}), 0);
    assert_int_equal(b.met_count, 1);
    bytes_free(&thai);
    bench_release(&b);
}

static void more_is_met_than_there_is_room_for(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    bytes line = {0};
    for (size_t i = 0; i < 9; i++)
        bytes_add_text(&line, "\xE2\x80\xAC");
    clean(&b, hpx_slice_of(line.ptr, line.len), (hpx_clean_context){0});
    assert_int_equal(b.met_count, 9);
    assert_int_equal(b.met[3].raw_off, 9);
    bytes_free(&line);
    bench_release(&b);
}

/* A line of a million of the same piece: hours if anything is not linear, and the promises hold all the
 * same. */
static void long_lines_of_one_piece(void **state) {
    (void)state;
    static const char *const repeated[] = {
        "\xCC\x81",
        "(",
        ")",
        "((河",
        ",",
        "河,",
        "1 , ",
        "。",
        ".",
        "…",
        "`",
        "``x`",
        "$",
        "$x ",
        "<",
        "<b ",
        "&a",
        "@",
        "a@",
        "a:",
        ":a",
        "[",
        "](",
        "![",
        "\"",
        "\"河",
        "：)",
        ":)",
        " ",
        "\xE3\x80\x80",
        "\xE2\x80\x8D",
        "😀\xE2\x80\x8D",
        "\xE2\x80\x8B",
        "\xE1\x85\xA1",
        "豈",
        "가",
        "\xE0\xBD\xB3",
        "http://",
        "://",
        "\xFF",
        "Ａ",
        "(^",
        "河.",
        "河)",
        "a.",
        "*",
        "|",
        "\t",
        "\x01",
        "\xE2\x80\xAA",
        "河 ,",
        "\xE2\x80\xA6 ",
    };
    bench b;
    bench_init(&b);
    for (size_t i = 0; i < HPX_ARRAY_LEN(repeated); i++) {
        bytes line = {0};
        bytes_add_text(&line, i & 1 ? "河河河" : "");
        while (line.len < 300000)
            bytes_add_text(&line, repeated[i]);
        hpx_slice raw = hpx_slice_of(line.ptr, line.len);
        hpx_buffer cleaned = {.memory = &b.memory};
        clean(&b, raw, (hpx_clean_context){0});
        assert_int_equal(hpx_edits_apply(&b.edits, 0, b.edits.count, raw, &cleaned), HAPAX_OK);
        assert_null(check_edits(&b, raw, &cleaned));
        if (clean(&b, slice(&cleaned), (hpx_clean_context){0}) != 0)
            fail_msg("cleaned twice: %s", repeated[i]);
        hpx_buffer_release(&cleaned);
        bytes_free(&line);
    }
    bench_release(&b);
}

static void ten_million_marks_on_one_letter(void **state) {
    (void)state;
    bench b;
    bench_init(&b);
    bytes line = {0};
    bytes_add_text(&line, "x");
    add_marks(&line, 10000000);
    assert_int_equal(clean(&b, hpx_slice_of(line.ptr, line.len), (hpx_clean_context){0}), 0);
    assert_int_equal(b.met_count, 1);
    assert_int_equal(b.met[0].raw_off, 0);
    bytes_free(&line);
    bench_release(&b);
}

static void other_cjk_is_told_from_chinese(void **state) {
    (void)state;
    const char *chinese = "江边的步道修好了，一直通到旧码头，全长三公里。",
               *japanese = "川辺の歩道が完成した。全長は三キロである。";
    const char *korean = "강변 산책로가 개통되었다.",
               *brand = "这款カメラ很受欢迎，江边到处有人拿着它拍照，一直拍到日落以后才肯回家，路上还要谈论照"
                        "片里的光影与船只的倒影，谁也不觉得累。";
    assert_false(hpx_clean_is_other_cjk(hpx_slice_of(chinese, strlen(chinese))));
    assert_true(hpx_clean_is_other_cjk(hpx_slice_of(japanese, strlen(japanese))));
    assert_true(hpx_clean_is_other_cjk(hpx_slice_of(korean, strlen(korean))));
    assert_false(hpx_clean_is_other_cjk(hpx_slice_of("人・人ー人", strlen("人・人ー人"))));
    assert_false(hpx_clean_is_other_cjk(hpx_slice_of("", 0)));
    assert_false(hpx_clean_is_other_cjk(hpx_slice_of("\xE3\x81", 2)));
    assert_false(hpx_clean_is_other_cjk(hpx_slice_of(brand, strlen(brand))));
}

static void rules_have_names(void **state) {
    (void)state;
    static const char *const names[] = {"utf8", "nfc", "space", "punct", "ellipsis", "width-alnum", "repeat"};
    assert_int_equal(HPX_ARRAY_LEN(names), HPX_RULE_COUNT);
    for (unsigned i = 0; i < HPX_RULE_COUNT; i++)
        assert_string_equal(hpx_rule_name((hpx_rule)i), names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_lines_keep_every_promise),
        cmocka_unit_test(generated_lines_of_japanese_documents_too),
        cmocka_unit_test(code_is_only_repaired),
        cmocka_unit_test(edits_are_appended),
        cmocka_unit_test(unbalanced_bidi_controls_are_reported),
        cmocka_unit_test(long_combining_runs_are_reported_and_left),
        cmocka_unit_test(more_is_met_than_there_is_room_for),
        cmocka_unit_test(long_lines_of_one_piece),
        cmocka_unit_test(ten_million_marks_on_one_letter),
        cmocka_unit_test(other_cjk_is_told_from_chinese),
        cmocka_unit_test(rules_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
