/*
 * Unit tests of batch: where paragraphs begin and end, what blank lines leave, what is code, what is counted and reported, and that
 * a stretch is prepared the same whatever stands in the batch beside it.
 */
#include "batch.h"
#include "bytes.h"
#include "prng.h"
#include "sentences.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

typedef struct {
    hpx_memory memory;
    hpx_workbench bench;
    hpx_batch *batch;
    hpx_document document;
} rig;

static void begin(rig *r) {
    *r = (rig){0};
    assert_int_equal(hpx_workbench_init(&r->bench, 0, &r->memory), HAPAX_OK);
    assert_int_equal(hpx_batch_create(&r->batch, &r->memory), HAPAX_OK);
}

static void end(rig *r) {
    hpx_batch_destroy(r->batch);
    hpx_workbench_release(&r->bench);
    assert_int_equal(r->memory.now_nbytes, 0);
}

static void add(rig *r, const void *text, size_t n, hpx_mend_state mend, bool cut) {
    hpx_stretch s = {.document = &r->document, .raw_off = (uint32_t)r->batch->raw.len, .raw_len = (uint32_t)n, .begins = true, .ends = true, .cut = cut, .mend = mend};
    assert_int_equal(hpx_buffer_append(&r->batch->raw, text, n), HAPAX_OK);
    assert_int_equal(hpx_batch_add_stretch(r->batch, &s), HAPAX_OK);
}

static void prepare(rig *r, bool no_clean) {
    assert_int_equal(hpx_batch_prepare(r->batch, &r->bench, (hpx_prepare_options){.no_clean = no_clean}), HAPAX_OK);
}

/* The cleaned paragraphs of a stretch, each with | behind it, and _ before it where blank lines stood. */
static void show(const rig *r, size_t stretch, bytes *out) {
    const hpx_stretch *s = &r->batch->stretches[stretch];
    out->len = 0;
    for (uint32_t i = 0; i < s->paragraph_count; i++) {
        const hpx_paragraph *p = &r->batch->paragraphs[s->first_paragraph + i];
        hpx_slice text = hpx_batch_text(r->batch, p);
        if (p->blank_before) bytes_add_text(out, "_");
        bytes_add(out, text.ptr, text.len);
        bytes_add_text(out, "|");
    }
    if (s->blank_after) bytes_add_text(out, "_");
    bytes_add(out, "", 0);
}

static void check(const char *text, size_t n, const char *want) {
    rig r;
    bytes got = {0};
    begin(&r);
    add(&r, text, n, (hpx_mend_state){0, 0}, false);
    prepare(&r, false);
    show(&r, 0, &got);
    if (strcmp((const char *)got.ptr, want) != 0) fail_msg("wanted %s\n       got    %s", want, (const char *)got.ptr);
    bytes_free(&got);
    end(&r);
}
#define CHECK(text, want) check(text, sizeof(text) - 1, want)

static void lines_become_paragraphs(void **state) {
    (void)state;
    CHECK("", "");
    CHECK("\n", "_");
    CHECK("a", "a|");
    CHECK("a\nb", "a|b|");
    CHECK("a\n\n\nb\n", "a|_b|");
    CHECK("\n \n\t\n a \n\n", "_a|_");
    CHECK("a\n\xE3\x80\x80\xE2\x80\x8B\nb", "a|_b|");
    CHECK("a\0b\n", "ab|");
}

static void all_line_breaks_count(void **state) {
    (void)state;
    CHECK("a\r\nb\r\n", "a|b|");
    CHECK("a\rb\rc", "a|b|c|");
    CHECK("a\r\rb\r", "a|_b|");
    CHECK("a\r\n\r\nb", "a|_b|");
    CHECK("a\vb\fc\xE2\x80\xA8" "d\xE2\x80\xA9" "e", "a|b|c|d|e|");
    CHECK("a\r\r\nb", "a|_b|");
    CHECK("a\xE2\x80\xA7" "b\xE2\x80", "a\xE2\x80\xA7" "b\xEF\xBF\xBD|");
}

static void code_and_front_matter_stay(void **state) {
    (void)state;
    CHECK("河  岸,人\n```\n x  =  1, 河,岸\n\n```\n河  岸,人\n", "河 岸，人|```| x  =  1, 河,岸||```|河 岸，人|");
    CHECK("~~~ c\n a\n```\n~~\n  b\n~~~~ \n  c\n", "~~~ c| a|```|~~|  b|~~~~ |c|");
    CHECK("``` inline ```\n  a\n", "``` inline ```|a|");
    static const char front[] = "---\ntitle:  河,岸\n\n---\n河  岸\n";
    rig r;
    bytes got = {0};
    begin(&r);
    add(&r, front, sizeof front - 1, (hpx_mend_state){0, 0}, false);
    r.document.front_nbytes = (uint32_t)hpx_mend_front_matter(hpx_slice_of(front, sizeof front - 1));
    assert_int_equal(r.document.front_nbytes, sizeof "---\ntitle:  河,岸\n\n---\n" - 1);
    prepare(&r, false);
    show(&r, 0, &got);
    assert_string_equal((const char *)got.ptr, "---|title:  河,岸||---|河 岸|");
    bytes_free(&got);
    end(&r);
}

static void front_matter_or_a_ruler(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t nbytes;
    } cases[] = {
        {"---\na: b\n---\n", 13}, {"---\r\na: b\r\n...\r\nx", 16}, {"\xEF\xBB\xBF---\na: b\n---\n", 16}, {"---\n---\n", 8}, {"---\na: b\n", 0},
        {"---\nprose\n---\n", 0}, {"----\na: b\n----\n", 0}, {"\n---\na: b\n---\n", 0}, {"", 0}, {"---", 0}, {"--- \n# c\n- i\n  j\n---\n", 21},
    };
    for (size_t i = 0; i < HPX_ARRAY_LEN(cases); i++)
        if (hpx_mend_front_matter(hpx_slice_of(cases[i].text, strlen(cases[i].text))) != cases[i].nbytes) fail_msg("case %zu", i);
    bytes text = {0};
    bytes_add_text(&text, "---\n");
    for (int i = 0; i < 100; i++) bytes_add_text(&text, "a: b\n");
    bytes_add_text(&text, "---\n");
    assert_int_equal(hpx_mend_front_matter(hpx_slice_of(text.ptr, text.len)), 0);
    bytes_free(&text);
}

/* The state behind lines does not depend on how many are looked at at once. */
static void fences_line_by_line(void **state) {
    (void)state;
    static const char *const lines[] = {"```\n", "````\n", "~~~\n", "~~~~ x\n", "`` a\n", "a\n", "\n", "  ~~~\r\n", "``` a `\n", "```\r", "\xEF\xBB\xBF```\n"};
    for (uint64_t seed = 0; seed < 500; seed++) {
        prng random = prng_seeded(seed, 5);
        bytes text = {0};
        hpx_mend_state each = {0, 0};
        for (int i = 0; i < 12; i++) {
            const char *line = lines[prng_below(&random, HPX_ARRAY_LEN(lines))];
            bytes_add_text(&text, line);
            each = hpx_mend_after(each, hpx_slice_of(line, strlen(line)));
            hpx_mend_state all = hpx_mend_after((hpx_mend_state){0, 0}, hpx_slice_of(text.ptr, text.len));
            assert_int_equal(all.fence, each.fence);
            assert_int_equal(all.fence_len, each.fence_len);
        }
        bytes_free(&text);
    }
}

static void left_as_it_is_every_byte_has_its_place(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        static const char *const pieces[] = {"\n", "\r\n", "\r", " ", "\t", "a", "河", "\v", "\xE2\x80\xA8", "\n\n"};
        prng random = prng_seeded(seed, 6);
        bytes text = {0}, back = {0};
        rig r;
        for (int i = 0; i < 30; i++) bytes_add_text(&text, pieces[prng_below(&random, HPX_ARRAY_LEN(pieces))]);
        begin(&r);
        add(&r, text.ptr, text.len, (hpx_mend_state){0, 0}, false);
        prepare(&r, true);
        for (size_t i = 0; i < r.batch->paragraph_count; i++) {
            const hpx_paragraph *p = &r.batch->paragraphs[i];
            hpx_slice t = hpx_batch_text(r.batch, p);
            bytes_add(&back, r.batch->raw.ptr + p->raw_off - p->lead_len, p->lead_len);
            bytes_add(&back, t.ptr, t.len);
            bytes_add(&back, r.batch->raw.ptr + p->raw_off + p->raw_len, p->eol_len);
        }
        assert_true(bytes_equal(text, back));
        bytes_free(&text);
        bytes_free(&back);
        end(&r);
    }
}

static void damage_is_counted_and_marked_where_it_is(void **state) {
    (void)state;
    static const char text[] = "河\xFF\n\xE6\xB2\n好\xC0\xAF";
    rig r;
    begin(&r);
    add(&r, "ok\n", 3, (hpx_mend_state){0, 0}, false);
    add(&r, text, sizeof text - 1, (hpx_mend_state){0, 0}, true);
    prepare(&r, false);
    const hpx_stretch *s = &r.batch->stretches[1];
    assert_int_equal(r.batch->stretches[0].utf8_damage, 0);
    assert_int_equal(s->utf8_damage, 4);
    assert_int_equal(r.batch->utf8_damage, 4);
    static const uint32_t offs[] = {3 + 3, 3 + 5, 3 + 11, 3 + 12, 3 + 13};
    assert_int_equal(s->mark_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(r.batch->marks[s->first_mark + i].raw_off, offs[i]);
        assert_int_equal(r.batch->marks[s->first_mark + i].kind, i < 4 ? HPX_MARK_UTF8 : HPX_MARK_CUT);
    }
    assert_int_equal(s->chars, 8);
    assert_int_equal(s->lines, 2);
    assert_int_equal(s->tail_chars, 3);
    end(&r);
}

/* A stretch alone, among others, and in a batch that was used before. */
static void a_stretch_does_not_see_the_others(void **state) {
    (void)state;
    prng random = prng_seeded(12, 1);
    bytes texts[6] = {{0}};
    rig all, alone;
    begin(&all);
    for (size_t i = 0; i < 6; i++) {
        for (size_t n = 0; n < 40 * i; n++) sentence_add(&texts[i], &random, (lang)prng_below(&random, LANG_COUNT)), bytes_add_text(&texts[i], n % 5 ? "\n" : "\n\n");
        if (i == 3) bytes_add_text(&texts[i], "\xFF\xFE\n");
        add(&all, texts[i].ptr, texts[i].len, (hpx_mend_state){0, 0}, false);
    }
    prepare(&all, false);
    begin(&alone);
    for (size_t i = 0; i < 6; i++) {
        hpx_batch_clear(alone.batch);
        add(&alone, texts[i].ptr, texts[i].len, (hpx_mend_state){0, 0}, false);
        prepare(&alone, false);
        const hpx_stretch *a = &all.batch->stretches[i], *b = &alone.batch->stretches[0];
        bytes p = {0}, q = {0};
        show(&all, i, &p);
        show(&alone, 0, &q);
        assert_true(bytes_equal(p, q));
        assert_int_equal(a->skeleton_len, b->skeleton_len);
        assert_memory_equal(all.batch->skeleton.ptr + a->skeleton_off, alone.batch->skeleton.ptr + b->skeleton_off, a->skeleton_len);
        assert_int_equal(all.batch->skeleton.ptr[a->skeleton_off + a->skeleton_len], HPX_DOCUMENT_SEPARATOR);
        assert_int_equal(a->chosen_count, b->chosen_count);
        for (uint32_t k = 0; k < a->chosen_count; k++) {
            const hpx_chosen *x = &all.batch->chosen.items[a->first_chosen + k], *y = &alone.batch->chosen.items[k];
            assert_int_equal(x->off - a->skeleton_off, y->off);
            assert_true(x->fingerprint == y->fingerprint);
        }
        assert_int_equal(a->letters, b->letters);
        assert_int_equal(a->chars, b->chars);
        assert_int_equal(a->utf8_damage, b->utf8_damage);
        assert_int_equal(a->group_count, b->group_count);
        bytes_free(&p);
        bytes_free(&q);
    }
    end(&alone);
    end(&all);
    for (size_t i = 0; i < 6; i++) bytes_free(&texts[i]);
}

/* Each stray byte becomes three: the cleaned text would be three times too long. */
static void a_paragraph_that_cleaning_makes_too_long_is_cut(void **state) {
    (void)state;
    rig r;
    bytes text = {0};
    bytes_reserve(&text, HPX_PARAGRAPH_MAX_NBYTES);
    memset(text.ptr, 0xFF, HPX_PARAGRAPH_MAX_NBYTES);
    begin(&r);
    add(&r, text.ptr, HPX_PARAGRAPH_MAX_NBYTES, (hpx_mend_state){0, 0}, false);
    prepare(&r, false);
    assert_int_equal(r.batch->utf8_damage, HPX_PARAGRAPH_MAX_NBYTES);
    assert_true(r.batch->cuts >= 2);
    assert_int_equal(r.batch->paragraph_count, r.batch->cuts + 1);
    size_t total = 0;
    for (size_t i = 0; i < r.batch->paragraph_count; i++) {
        assert_true(r.batch->paragraphs[i].text_len <= HPX_PARAGRAPH_MAX_NBYTES);
        total += r.batch->paragraphs[i].text_len;
    }
    assert_int_equal(total, 3 * HPX_PARAGRAPH_MAX_NBYTES);
    hpx_batch_clear(r.batch); /* one odd input does not stay in memory */
    assert_int_equal(r.batch->raw.cap + r.batch->clean.cap + r.batch->skeleton.cap + r.batch->paragraph_cap, 0);
    bytes_free(&text);
    end(&r);
}

static void characters_as_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t count;
    } cases[] = {{"", 0}, {"a河\xF0\x9F\x98\x80", 3}, {"\xFF\xFE", 2}, {"\xE6\xB2", 1}, {"\xE6\xB2\xE6\xB2\xB3", 2}, {"\xED\xA0\x80", 3}, {"\xC0\xAF", 2}, {"\xF4\x90\x80\x80", 4}, {"a\x80z", 3}};
    for (size_t i = 0; i < HPX_ARRAY_LEN(cases); i++)
        assert_int_equal(hpx_chars_as_read(hpx_slice_of(cases[i].text, strlen(cases[i].text))), cases[i].count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_paragraphs),
        cmocka_unit_test(all_line_breaks_count),
        cmocka_unit_test(code_and_front_matter_stay),
        cmocka_unit_test(front_matter_or_a_ruler),
        cmocka_unit_test(fences_line_by_line),
        cmocka_unit_test(left_as_it_is_every_byte_has_its_place),
        cmocka_unit_test(damage_is_counted_and_marked_where_it_is),
        cmocka_unit_test(a_stretch_does_not_see_the_others),
        cmocka_unit_test(a_paragraph_that_cleaning_makes_too_long_is_cut),
        cmocka_unit_test(characters_as_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
