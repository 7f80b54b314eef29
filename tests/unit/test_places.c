/*
 * Unit tests of places: each letter of a document is found again with the text it stood in, and its line, column, character and byte are
 * those that counting from the document's beginning gives. Documents have tabs, CR LF, lone CR, a byte order mark, text that is
 * composed, ill-formed bytes and code fences.
 */
#include "places.h"

#include "bytes.h"
#include "frame.h"
#include "prng.h"
#include "sentences.h"
#include "skeleton.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    hpx_memory memory;
    hpx_places *places;
    hpx_workbench bench;
    uint64_t skeleton_nbytes;
    bool no_clean;
} rig;

/* What is known of a letter from the first preparation. */
typedef struct {
    uint64_t position;
    size_t raw_begin, raw_end;  /* in the document */
    uint64_t text_hash;         /* of the cleaned paragraph */
} letter;

typedef struct {
    letter *items;
    size_t count, cap;
} letters;

static void begin(rig *r, bool no_clean, size_t segment_nbytes, uint64_t budget, bool keep_all) {
    *r = (rig){.no_clean = no_clean};
    hpx_places_options o = {.text_budget_nbytes = budget, .landmark_budget_nbytes = budget, .segment_nbytes = segment_nbytes,
                            .keep_all = keep_all, .no_clean = no_clean};
    assert_int_equal(hpx_places_create(&r->places, &o, &r->memory), HAPAX_OK);
    assert_int_equal(hpx_workbench_init(&r->bench, 0, &r->memory), HAPAX_OK);
}

static void end(rig *r) {
    hpx_places_destroy(r->places);
    hpx_workbench_release(&r->bench);
    assert_int_equal(r->memory.now_nbytes, 0);
}

static uint64_t hash(hpx_slice text) {
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < text.len; i++) h = (h ^ text.ptr[i]) * 1099511628211u;
    return h;
}

static void keep_letters(const hpx_batch *batch, const hpx_stretch *s, const hpx_edits *edits, letters *list) {
    for (uint32_t i = 0; i < s->paragraph_count; i++) {
        const hpx_paragraph *p = &batch->paragraphs[s->first_paragraph + i];
        hpx_slice text = hpx_batch_text(batch, p);
        hpx_skeleton_walk walk;
        hpx_skeleton_char c;
        uint64_t position = batch->skeleton_base + p->skeleton_off, text_hash = hash(text);
        size_t raw_off = (size_t)(s->byte_off + p->raw_off - s->raw_off);
        hpx_skeleton_walk_init(&walk, text);
        for (; hpx_skeleton_walk_next(&walk, &c); position += c.nbytes) {
            list->items = list->count < list->cap ? list->items : test_grow(list->items, list->cap = 2 * list->cap + 64, sizeof *list->items);
            list->items[list->count++] = (letter){
                position, raw_off + hpx_edits_raw_offset(edits, p->first_edit, p->edit_count, c.text_off, false),
                raw_off + hpx_edits_raw_offset(edits, p->first_edit, p->edit_count, c.text_off + c.text_len, true), text_hash};
        }
    }
}

/* Frames and prepares a document as the filter does, and remembers it. */
static void add_document(rig *r, bytes text, size_t batch_nbytes, hpx_document *document, letters *list) {
    hpx_frame frame;
    hpx_batch *batch;
    hpx_stretch_place at = {0};
    bool full = true;
    hpx_frame_init(&frame, batch_nbytes, r->no_clean, &r->memory);
    assert_int_equal(hpx_batch_create(&batch, &r->memory), HAPAX_OK);
    hpx_frame_begin(&frame, document);
    assert_int_equal(hpx_frame_push(&frame, text.ptr, text.len), HAPAX_OK);
    hpx_frame_end(&frame);
    while (full || batch->stretch_count) {
        hpx_edits edits;
        hpx_edits_init(&edits, &r->memory);
        hpx_batch_clear(batch);
        assert_int_equal(hpx_frame_fill(&frame, batch, &full), HAPAX_OK);
        hpx_prepare_options o = {.no_clean = r->no_clean, .keep_edits = &edits};
        assert_int_equal(hpx_batch_prepare(batch, &r->bench, o), HAPAX_OK);
        batch->skeleton_base = r->skeleton_nbytes;
        r->skeleton_nbytes += batch->skeleton.len;
        for (size_t i = 0; i < batch->stretch_count; i++) {
            const hpx_stretch *s = &batch->stretches[i];
            assert_int_equal(hpx_places_add(r->places, batch, s, at), HAPAX_OK);
            keep_letters(batch, s, &edits, list);
            at.lines += s->lines;
            at.chars += s->chars;
            at.column = s->tail_chars + (s->lines ? 0 : at.column);
        }
        hpx_edits_release(&edits);
        if (!full && !frame.document) break;
    }
    hpx_batch_destroy(batch);
    hpx_frame_release(&frame);
}

/* Counting from the beginning. Called with growing offsets, as it would be slow otherwise. */
typedef struct {
    size_t at;
    uint64_t line, column, chars;
    bool bom;
} counter;

static hpx_place count_to(counter *c, bytes text, size_t off) {
    if (off < c->at) *c = (counter){0};
    while (c->at < off) {
        hpx_slice rest = {text.ptr + c->at, text.len - c->at};
        size_t well = hpx_utf8_first_ill(hpx_slice_of(rest.ptr, HPX_MIN(rest.len, hpx_utf8_length(rest.ptr[0]))));
        size_t len = well ? hpx_utf8_length(rest.ptr[0]) : hpx_utf8_ill_length(rest, 0);
        if (well < len && well) len = hpx_utf8_ill_length(rest, 0);
        bool bom = c->at == 0 && rest.len >= 3 && memcmp(rest.ptr, "\xEF\xBB\xBF", 3) == 0;
        c->column += !bom;
        c->chars++;
        if (rest.ptr[0] == '\n') c->line++, c->column = 0;
        c->at += len;
    }
    assert_int_equal(c->at, off);
    return (hpx_place){.line = c->line + 1, .column = c->column + 1, .chars = c->chars, .byte = off};
}

static void assert_place(hpx_place got, hpx_place want, const char *what) {
    if (got.line != want.line || got.column != want.column || got.chars != want.chars || got.byte != want.byte)
        fail_msg("%s: %llu:%llu, character %llu, byte %llu, but wanted %llu:%llu, %llu, %llu", what, (unsigned long long)got.line,
                 (unsigned long long)got.column, (unsigned long long)got.chars, (unsigned long long)got.byte,
                 (unsigned long long)want.line, (unsigned long long)want.column, (unsigned long long)want.chars,
                 (unsigned long long)want.byte);
}

static void check_letter(rig *r, bytes text, const hpx_document *document, const letter *l, counter *from, counter *to) {
    hpx_place_view view;
    bool found;
    size_t begin_off, end_off;
    assert_int_equal(hpx_places_find(r->places, l->position, &view, &found), HAPAX_OK);
    assert_true(found);
    assert_ptr_equal(view.document, document);
    if (hash(view.text) != l->text_hash) fail_msg("byte %zu: another text: %.*s", l->raw_begin, (int)HPX_MIN(view.text.len, (size_t)300), (const char *)view.text.ptr);
    hpx_place_letter(&view, l->position, &begin_off, &end_off);
    assert_place(hpx_place_at(&view, begin_off, false), count_to(from, text, l->raw_begin), "begin");
    assert_place(hpx_place_at(&view, end_off, true), count_to(to, text, l->raw_end), "end");
}

static void check_document(bytes text, bool no_clean, size_t batch_nbytes) {
    rig r;
    letters list = {0};
    hpx_document document = {0};
    begin(&r, no_clean, 4096, 0, true);
    add_document(&r, text, batch_nbytes, &document, &list);
    counter from = {0}, to = {0};
    for (size_t i = 0; i < list.count; i += 1 + i % 5) check_letter(&r, text, &document, &list.items[i], &from, &to);
    prng random = prng_seeded(text.len, 3);
    for (size_t n = 0; n < 40 && list.count; n++) { /* in any order, and not from the beginning */
        from = to = (counter){0};
        check_letter(&r, text, &document, &list.items[prng_below(&random, list.count)], &from, &to);
    }
    free(list.items);
    end(&r);
}

static void check_text(bytes text) {
    static const size_t batches[] = {0, 1, 700, 5000};
    for (size_t i = 0; i < HPX_ARRAY_LEN(batches); i++) {
        check_document(text, false, batches[i]);
        check_document(text, true, batches[i]);
    }
}

static void add_any(bytes *out, prng *random, const char *const *breaks, size_t break_count) {
    static const char *const pieces[] = {"\t", "  ", "e\xCC\x81", "\xE2\x84\xA6", "\xEF\xBC\xA1\xEF\xBC\x92", "\xFF", "\xE6\xB2", "\xED\xA0\x80", "。。", ",", "...", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xE3\x80\x80", "\xF0\x9F\x98\x80", "1.5", "-3", "\x01"};
    for (size_t n = prng_below(random, 12); n > 0; n--) {
        if (prng_chance(random, 500)) bytes_add_text(out, pieces[prng_below(random, HPX_ARRAY_LEN(pieces))]);
        else word_add(out, random, prng_chance(random, 500) ? LANG_CHINESE : LANG_ENGLISH);
    }
    bytes_add_text(out, breaks[prng_below(random, break_count)]);
}

static void every_letter_is_found_where_it_stood(void **state) {
    (void)state;
    static const char *const breaks[] = {"\n", "\n\n", "\r\n", "\r", "\v", "\f", "\xE2\x80\xA8", "\xE2\x80\xA9", "\r\r\n", " \n"};
    for (uint64_t seed = 0; seed < 12; seed++) {
        prng random = prng_seeded(seed, 9);
        bytes text = {0};
        if (seed % 3 == 0) bytes_add_text(&text, "\xEF\xBB\xBF");
        size_t first = seed % 4 == 0 ? 3 : 0, count = seed % 4 == 0 ? 6 : HPX_ARRAY_LEN(breaks); /* some have no LF for long */
        if (seed % 4 == 1) count = 2;
        size_t nbytes = seed % 2 ? 3000 : 12000;
        while (text.len < nbytes) add_any(&text, &random, breaks + first, count - (first ? first : 0) + (first ? 2 : 0));
        check_text(text);
        bytes_free(&text);
    }
}

/* A byte order mark has no column. The first line counted it from its second group or stretch on. */
static void a_byte_order_mark_has_no_column_however_long_its_line_is(void **state) {
    (void)state;
    bytes text = {0};
    bytes_add_text(&text, "\xEF\xBB\xBF");
    for (int i = 0; i < 300; i++) bytes_add_text(&text, "这一行只用回车结束，所以行号一直是一。\r");
    check_text(text);
    bytes_free(&text);
    bytes_add_text(&text, "\xEF\xBB\xBF");
    for (int i = 0; i < 28000; i++) bytes_add_text(&text, "这一行实在太长了，中间不换行。");
    rig r;
    letters list = {0};
    hpx_document document = {0};
    begin(&r, false, 1 << 20, 8 << 20, true);
    add_document(&r, text, 0, &document, &list);
    counter from = {0}, to = {0};
    for (size_t i = 0; i < list.count; i += 9973) check_letter(&r, text, &document, &list.items[i], &from, &to);
    check_letter(&r, text, &document, &list.items[list.count - 1], &from, &to);
    free(list.items);
    end(&r);
    bytes_free(&text);
}

static void code_is_code_again(void **state) {
    (void)state;
    static const char *const fences[] = {"```\n", "~~~~\n", "````\r\n", "```c\n", "   ```\n"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(fences); i++) {
        bytes text = {0};
        bytes_add_text(&text, "---\ntitle: 渡口  的,船\n---\n正文  开始,了.\n");
        for (int block = 0; block < 3; block++) {
            bytes_add_text(&text, fences[i]);
            for (int line = 0; line < 60; line++) bytes_add_text(&text, line % 7 ? "int  x = 1 ,  y;   // 河,岸\n" : "\n  \n");
            bytes_add_text(&text, i == 3 ? "```\n" : fences[i]);
            for (int line = 0; line < 60; line++) bytes_add_text(&text, "河岸  上,有人.\n");
        }
        check_text(text);
        bytes_free(&text);
    }
}

/* When a group began behind a lone CR, its first line was told apart from text before it differently than at first, and all that came
 * after it was taken for code, or was not. */
static void a_fence_behind_a_lone_return_means_the_same_again(void **state) {
    (void)state;
    for (size_t fill = 4070; fill < 4100; fill++) {
        bytes text = {0};
        bytes_add_text(&text, "开头\r");
        while (text.len < fill) bytes_add_byte(&text, 'a');
        bytes_add_text(&text, "\r```\n");
        for (int line = 0; line < 30; line++) bytes_add_text(&text, "河岸  上,有人.\n\n");
        check_document(text, false, 0);
        bytes_free(&text);
    }
}

static void what_was_forgotten_is_not_found(void **state) {
    (void)state;
    rig r;
    letters list = {0};
    hpx_document document = {0};
    bytes text = {0};
    prng random = prng_seeded(4, 4);
    while (text.len < 400000) sentence_add(&text, &random, LANG_CHINESE), bytes_add_text(&text, "\n");
    begin(&r, false, 4096, 32768, false);
    add_document(&r, text, 0, &document, &list);
    assert_int_equal(hpx_places_size(r.places), text.len);
    hpx_place_view view;
    bool found = true;
    assert_int_equal(hpx_places_find(r.places, list.items[0].position, &view, &found), HAPAX_OK);
    assert_false(found);
    counter from = {0}, to = {0};
    check_letter(&r, text, &document, &list.items[list.count - 1], &from, &to);
    free(list.items);
    end(&r);
    bytes_free(&text);
}

static void several_documents_and_none(void **state) {
    (void)state;
    rig r;
    hpx_place_view view;
    bool found = true;
    begin(&r, false, 4096, 0, true);
    assert_int_equal(hpx_places_find(r.places, 0, &view, &found), HAPAX_OK);
    assert_false(found);
    hpx_document documents[6] = {{0}};
    bytes texts[6] = {{0}};
    letters lists[6] = {{0}};
    for (size_t i = 0; i < 6; i++) {
        if (i % 3 == 1) bytes_add_text(&texts[i], i == 1 ? "" : "\n\n。。\n");
        else for (int line = 0; line < 400; line++) bytes_add_text(&texts[i], line % 2 ? "河岸,上的人。\n" : "……\n");
        add_document(&r, texts[i], 0, &documents[i], &lists[i]);
    }
    for (size_t n = 0; n < 6; n++) {
        size_t i = n * 5 % 6;
        counter from = {0}, to = {0};
        for (size_t k = 0; k < lists[i].count; k++) check_letter(&r, texts[i], &documents[i], &lists[i].items[k], &from, &to);
    }
    for (size_t i = 0; i < 6; i++) bytes_free(&texts[i]), free(lists[i].items);
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_found_where_it_stood),
        cmocka_unit_test(a_byte_order_mark_has_no_column_however_long_its_line_is),
        cmocka_unit_test(code_is_code_again),
        cmocka_unit_test(a_fence_behind_a_lone_return_means_the_same_again),
        cmocka_unit_test(what_was_forgotten_is_not_found),
        cmocka_unit_test(several_documents_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
