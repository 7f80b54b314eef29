/*
 * Unit tests of cut: which units of a paragraph go. A case is a source, and a paragraph with the letters before and behind it in its document;
 * the passages are all runs of equal letters, found by comparing each with each. What has to go stands in [ ].
 */
#include "cut.h"
#include "choose.h"
#include "bytes.h"
#include "prng.h"
#include "skeleton.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MIN_LENGTH 60u

/* 60 bytes of letters and more. */
#define S1 "渡口的木船每天清晨往返两岸，船工说这条水路已经走了四十多年。"
#define S2 "沿途的浅滩和暗流他闭着眼也能数出来，只是坐船的人越来越少了。"
#define S3 "去年冬天河面结了冰，船队在码头停了整整两个月才重新开航。"
#define OTHER "镇上新开的书店把旧报纸按年份装订成册，供来往的客人随意翻看。"

typedef struct {
    const char *source, *before, *text, *behind; /* text: with [ and ] */
    bool previous_went, whole;
    uint64_t visible; /* letters of the document that count, or 0: all */
} cut_case;

typedef struct {
    hpx_memory memory;
    hpx_log *letters;
    hpx_passages passages;
    hpx_cuts cuts;
    bytes skeleton;
} rig;

static size_t add_letters(rig *r, hpx_slice text) {
    hpx_buffer skeleton = {.memory = &r->memory};
    assert_int_equal(hpx_skeleton_append(text, &skeleton, NULL), HAPAX_OK);
    size_t n = skeleton.len;
    bytes_add(&r->skeleton, skeleton.ptr, n);
    hpx_buffer_release(&skeleton);
    return n;
}

static void add_passage(rig *r, uint64_t begin, uint64_t end, uint64_t distance) {
    hpx_passages *p = &r->passages;
    assert_int_equal(hpx_grow(&r->memory, &p->found, &p->found_cap, p->found_count + 1, sizeof *p->found), HAPAX_OK);
    p->found[p->found_count++] =
        (hpx_passage){.begin = begin, .end = end, .distance = distance, .order = p->found_count, .found_at = begin, .noted = true};
}

static bool is_begin(const bytes *skeleton, size_t at) {
    return at >= skeleton->len || !hpx_utf8_is_continuation(skeleton->ptr[at]);
}

/* Every maximal run of at least MIN_LENGTH bytes that begins at or behind document, and its earlier place. */
static void find_all(rig *r, size_t document) {
    const bytes *s = &r->skeleton;
    for (size_t distance = 1; distance < s->len; distance++) {
        size_t at = HPX_MAX(document, distance);
        while (at < s->len) {
            size_t end = at;
            while (end < s->len && s->ptr[end] != 0xFF && s->ptr[end] == s->ptr[end - distance]) end++;
            size_t stop = end;
            while (at < end && !is_begin(s, at)) at++;
            while (end > at && !is_begin(s, end)) end--;
            if (end - at >= MIN_LENGTH) add_passage(r, at, end, distance);
            at = stop + 1;
        }
    }
}

static void begin(rig *r, const char *source) {
    *r = (rig){0};
    hpx_passage_options options = {.min_length = MIN_LENGTH, .reach = HPX_PASSAGE_REACH};
    hpx_passages_init(&r->passages, NULL, NULL, options, &r->memory);
    hpx_cuts_init(&r->cuts, &r->memory);
    add_letters(r, hpx_slice_of(source, strlen(source)));
    bytes_add_byte(&r->skeleton, 0xFF);
}

static void finish(rig *r) {
    assert_int_equal(hpx_log_create(&r->letters, &r->memory, 1 << 20, NULL, HPX_LOG_SPILL, NULL), HAPAX_OK);
    assert_int_equal(hpx_log_append(r->letters, r->skeleton.ptr, r->skeleton.len), HAPAX_OK);
    r->passages.letters = r->letters;
}

static void end(rig *r) {
    hpx_cuts_release(&r->cuts);
    hpx_passages_release(&r->passages);
    hpx_log_destroy(r->letters);
    bytes_free(&r->skeleton);
    assert_int_equal(r->memory.now_nbytes, 0);
}

/* What all cuts have in common, and the text with brackets around what goes. */
static void show(const rig *r, const hpx_cut_paragraph *p, bytes *out) {
    size_t at = 0;
    uint64_t letters_at = p->begin;
    out->len = 0;
    for (size_t i = 0; i < r->cuts.count; i++) {
        const hpx_cut *c = &r->cuts.items[i];
        assert_true(c->text_begin >= at && c->text_end > c->text_begin && c->text_end <= p->text.len);
        assert_true(c->units_end <= c->text_end && c->units_begin >= c->text_begin && c->units_begin <= c->units_end);
        assert_true(c->begin >= letters_at && c->end >= c->begin && c->end <= p->begin + p->skeleton.len);
        assert_true(c->distance >= 1 && c->distance <= c->begin);
        assert_memory_equal(r->skeleton.ptr + c->begin, r->skeleton.ptr + c->begin - c->distance, c->end - c->begin);
        bytes_add(out, p->text.ptr + at, c->text_begin - at);
        if (i && c->text_begin == at && out->len && out->ptr[out->len - 1] == ']') out->len--; /* two cuts that touch look like one */
        else bytes_add_text(out, "[");
        bytes_add(out, p->text.ptr + c->text_begin, c->text_end - c->text_begin);
        bytes_add_text(out, "]");
        at = c->text_end;
        letters_at = c->end;
    }
    bytes_add(out, p->text.ptr + at, p->text.len - at);
    bytes_add(out, "", 0);
}

static void check(cut_case c) {
    rig r;
    bytes text = {0}, got = {0};
    for (const char *q = c.text; *q; q++)
        if (*q != '[' && *q != ']') bytes_add_byte(&text, (uint8_t)*q);
    begin(&r, c.source ? c.source : "");
    size_t document = r.skeleton.len;
    if (c.before) add_letters(&r, hpx_slice_of(c.before, strlen(c.before)));
    hpx_cut_paragraph p = {.text = {text.ptr, text.len}, .begin = r.skeleton.len, .document_begin = document,
                           .visible_end = UINT64_MAX, .previous_went = c.previous_went};
    size_t n = add_letters(&r, p.text);
    if (c.behind) add_letters(&r, hpx_slice_of(c.behind, strlen(c.behind)));
    p.skeleton = hpx_slice_of(r.skeleton.ptr + p.begin, n);
    p.document_end = r.skeleton.len;
    if (c.visible) p.visible_end = document + c.visible;
    bytes_add_byte(&r.skeleton, 0xFF);
    p.skeleton = hpx_slice_of(r.skeleton.ptr + p.begin, n);
    find_all(&r, document);
    finish(&r);
    assert_int_equal(hpx_cuts_find(&r.cuts, &r.passages, &p), HAPAX_OK);
    show(&r, &p, &got);
    if (strcmp((const char *)got.ptr, c.text) != 0) fail_msg("wanted %s\n       got    %s", c.text, (const char *)got.ptr);
    assert_int_equal(r.cuts.whole, c.whole);
    uint64_t found = hpx_cuts_letters_found(&r.cuts, &p);
    assert_true(found <= hpx_utf8_count(p.skeleton));
    bytes_free(&text);
    bytes_free(&got);
    end(&r);
}

/* source, before, text, behind, and what else is not zero */
#define CHECK(s, b, t, h, ...) check((cut_case){.source = s, .before = b, .text = t, .behind = h, ##__VA_ARGS__})

static void whole_units_go(void **state) {
    (void)state;
    CHECK(S1 S2, "", "[" S1 S2 "]", "", .whole = true);
    CHECK(S1 S2, "", OTHER "[" S1 S2 "]" S3, "");
    CHECK(OTHER S1, "", S3 "[" S1 "]" S2, "");
    CHECK("", "", S1 S2, "");
    /* a passage that begins and ends inside units takes only those between */
    CHECK("四十多年。" S2 "去年冬天河面结了冰，", "", S1 "[" S2 "]" S3, "");
    /* a unit that is only nearly there stays whole */
    CHECK(S1 "沿途的浅滩和暗流他闭着眼也能数出来，只是坐船的人越来越多了。" S3, "", "[" S1 "]" S2 "[" S3 "]", "");
    /* marks may differ, and go with their unit */
    CHECK("渡口的木船每天清晨往返两岸；船工说：“这条水路已经走了四十多年”。", "", OTHER "[" S1 "”]" S3, "");
}

static void a_passage_that_is_too_short_takes_nothing(void **state) {
    (void)state;
    CHECK("河水慢慢流过石桥下面。", "", OTHER "河水慢慢流过石桥下面。" S3, "");
    CHECK("", "", "", "");
}

static void spaces_at_the_seam(void **state) {
    (void)state;
    static const char e1[] = "The ferry crosses every morning before the market on the other bank has opened its gates.";
    static const char e2[] = "Nobody alive remembers a winter in which it stayed tied up for longer than a week or so.";
    char source[512], text[1024];
    snprintf(source, sizeof source, "%s %s", e1, e2);
    snprintf(text, sizeof text, "%s%s%s%s%s", "Old song. [", e1, " ", e2, " ]New song.");
    CHECK(source, "", text, "");
    snprintf(text, sizeof text, "%s%s%s%s%s", "Old song.[ ", e1, " ", e2, "]"); /* at the end the space before it goes */
    CHECK(source, "", text, "");
    snprintf(text, sizeof text, "%s%s%s%s%s", "Old song.[ \t ", e1, " ", e2, "  ]");
    CHECK(source, "", text, "");
    snprintf(text, sizeof text, "%s%s%s%s%s", "[", e1, " ", e2, " ]New song.");
    CHECK(source, "", text, "");
}

/* Two cuts that touch at the paragraph's end: the space before both goes. */
static void cuts_of_two_sources_that_touch(void **state) {
    (void)state;
    CHECK(S1 OTHER S2, "", S3 "[" S1 S2 "]", "");
    CHECK(S2 OTHER S1, "", "[" S1 S2 "]", "", .whole = true);
    CHECK(S2 "后来呢。" S1, "", "他说。[ " S1 " " S2 "]", "");
}

static void short_paragraphs_need_letters_on_both_sides(void **state) {
    (void)state;
    static const char byline[] = "记者在河边报道。"; /* 21 bytes of letters: shorter than the smallest passage */
    char source[1024];
    snprintf(source, sizeof source, "%s%s%s", S1, byline, S2);
    CHECK(source, S1, "[记者在河边报道。]", S2, .whole = true);
    CHECK(source, OTHER S1, "[记者在河边报道。]", S2 OTHER, .whole = true);
    /* 32 bytes beyond it are enough, 30 are not (three for each Han character) */
    snprintf(source, sizeof source, "%s%s%s", S1, byline, "一二三四五六七八九十甲。");
    CHECK(source, OTHER S1, "[记者在河边报道。]", "一二三四五六七八九十甲。" OTHER, .whole = true);
    snprintf(source, sizeof source, "%s%s%s", S1, byline, "一二三四五六七八九十。");
    CHECK(source, OTHER S1, "记者在河边报道。", "一二三四五六七八九十。" OTHER);
    snprintf(source, sizeof source, "%s%s%s", "一二三四五六七八九十。", byline, S1);
    CHECK(source, OTHER "一二三四五六七八九十。", "记者在河边报道。", S1 OTHER);
    /* the document's edge is as good as letters */
    CHECK(source, "一二三四五六七八九十。", "[记者在河边报道。]", S1 OTHER, .whole = true);
    snprintf(source, sizeof source, "%s%s", byline, S1);
    CHECK(source, "", "[记者在河边报道。]", S1 OTHER, .whole = true);
    CHECK(source, OTHER, "记者在河边报道。", S1 OTHER);
    snprintf(source, sizeof source, "%s%s", S1, byline);
    CHECK(source, OTHER S1, "[记者在河边报道。]", "", .whole = true);
    CHECK(source, OTHER S1, "记者在河边报道。", OTHER);
}

static void numbers_at_the_edge_of_a_unit(void **state) {
    (void)state;
    /* the source goes on with a digit, a point or a sign where the unit ends or begins */
    static const char *const ends[][3] = {{"3.5", "3.57", ""}, {"3", "35", ""}, {"3", "3.5", ""}, {"3.5", "3.5", "[]"}, {"3", "3，但是", "[]"}, {"12", "12个", "[]"}};
    for (size_t i = 0; i < HPX_ARRAY_LEN(ends); i++) {
        char source[512], text[512];
        snprintf(source, sizeof source, "%s去年冬天河面的水位上升了整整%s米", S2, ends[i][1]);
        bool goes = ends[i][2][0];
        snprintf(text, sizeof text, "[%s%s去年冬天河面的水位上升了整整%s%s]%s", S2, goes ? "" : "]", ends[i][0], goes ? "" : "", goes ? "" : "");
        if (!goes) text[strlen(text) - 1] = 0;
        CHECK(source, "", text, "", .whole = goes);
    }
    static const char *const begins[][2] = {{"5", "-5"}, {"5", "15"}, {"5", "1.5"}, {"5", ".5"}, {"-5", "3-5"}};
    for (size_t i = 0; i < HPX_ARRAY_LEN(begins); i++) {
        char source[512], text[512];
        snprintf(source, sizeof source, "他说气温是%s度的那个早晨河面第一次结了冰。%s", begins[i][1], S2);
        snprintf(text, sizeof text, "%s度的那个早晨河面第一次结了冰。[%s]", begins[i][0], S2);
        CHECK(source, "", text, "");
        snprintf(source, sizeof source, "他说气温是%s度的那个早晨河面第一次结了冰。%s", begins[i][0], S2);
        snprintf(text, sizeof text, "[%s度的那个早晨河面第一次结了冰。%s]", begins[i][0], S2);
        CHECK(source, "", text, "", .whole = true);
    }
}

static void a_source_that_overlaps_the_unit_is_no_source(void **state) {
    (void)state;
    /* the letters repeat with a period that is shorter than the unit */
    CHECK("", "", "啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦啊呀哦。", "");
    /* the second sentence stands exactly one length before itself; the first one has no source */
    CHECK("", "", S1 "[" S1 "]", "");
    CHECK("", "", S1 "[" S1 S1 "]", "");
}

static void units_without_letters(void **state) {
    (void)state;
    /* they go with the unit before them, and never begin a cut */
    CHECK(S1 S2, "", "。。[ " S1 "……。 " S2 "]", "");
    CHECK(S1, "", S3 "！？[ " S1 "]", "");
    /* a paragraph without letters goes when it stands inside a passage, behind a unit that went */
    CHECK(S1 S2, S1, "[* * *]", S2, .previous_went = true, .whole = true);
    CHECK(S1 S2, S1, "* * *", S2);
    CHECK(S1 OTHER, S1, "* * *", S2, .previous_went = true);
    CHECK(S1, S1, "[* * *]", "", .previous_went = true, .whole = true); /* the document ends with the passage */
}

/* Evidence behind the horizon does not count, whether it has arrived or not. */
static void what_lies_behind_the_horizon_does_not_count(void **state) {
    (void)state;
    size_t n1 = 28 * 3; /* letters of S1 in bytes, at least */
    CHECK(S1 S2, "", "[" S1 "]", S2, .whole = true, .visible = n1 + HPX_WINDOW);
    CHECK(S1 S2, "", S1, S2, .visible = 30);
}

static void add_long_unit(bytes *out, size_t nbytes) {
    prng random = prng_seeded(77, 1);
    while (out->len + 6 <= nbytes) bytes_add_char(out, 0x4E00 + (uint32_t)prng_below(&random, 5000));
    while (out->len + 3 < nbytes) bytes_add_byte(out, 'q');
    bytes_add_text(out, "。");
}

static void units_of_more_than_64_kib_stay(void **state) {
    (void)state;
    for (int more = 0; more < 2; more++) {
        rig r;
        bytes text = {0};
        add_long_unit(&text, HPX_CUT_UNIT_MAX_NBYTES + (size_t)more);
        assert_int_equal(text.len, HPX_CUT_UNIT_MAX_NBYTES + (size_t)more);
        bytes source = bytes_copy(text);
        begin(&r, (const char *)source.ptr);
        hpx_cut_paragraph p = {.text = {text.ptr, text.len}, .begin = r.skeleton.len, .document_begin = r.skeleton.len, .visible_end = UINT64_MAX};
        size_t n = add_letters(&r, p.text);
        p.skeleton = hpx_slice_of(r.skeleton.ptr + p.begin, n);
        p.document_end = r.skeleton.len;
        add_passage(&r, p.begin, p.begin + n, p.begin);
        finish(&r);
        assert_int_equal(hpx_cuts_find(&r.cuts, &r.passages, &p), HAPAX_OK);
        assert_int_equal(r.cuts.count, more ? 0 : 1);
        assert_int_equal(hpx_cuts_letters_found(&r.cuts, &p), hpx_utf8_count(p.skeleton));
        bytes_free(&text);
        bytes_free(&source);
        end(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_units_go),
        cmocka_unit_test(a_passage_that_is_too_short_takes_nothing),
        cmocka_unit_test(spaces_at_the_seam),
        cmocka_unit_test(cuts_of_two_sources_that_touch),
        cmocka_unit_test(short_paragraphs_need_letters_on_both_sides),
        cmocka_unit_test(numbers_at_the_edge_of_a_unit),
        cmocka_unit_test(a_source_that_overlaps_the_unit_is_no_source),
        cmocka_unit_test(units_without_letters),
        cmocka_unit_test(what_lies_behind_the_horizon_does_not_count),
        cmocka_unit_test(units_of_more_than_64_kib_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
