/*
 * Unit tests of frame: where batches end. The text must be the same whatever the pieces and the batches, lines stay whole, and a line
 * of more than 1 MiB is cut at one place only, never inside a character.
 */
#include "frame.h"
#include "bytes.h"
#include "prng.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MIB ((size_t)1 << 20)

/* All that a document became: its bytes, where it was cut, what the mend state was. */
typedef struct {
    bytes text;
    size_t stretches, batches;
    size_t cuts[64], cut_count;
    size_t ends[4096], end_count; /* offsets behind each stretch */
    bool begun, ended;
} framed;

typedef struct {
    hpx_memory memory;
    hpx_frame frame;
    hpx_batch *batch;
    framed *out;
} rig;

static void take(rig *r) {
    bool full = true;
    while (full) {
        assert_int_equal(hpx_frame_fill(&r->frame, r->batch, &full), HAPAX_OK);
        if (!full && r->frame.document) break;
        framed *f = r->out;
        for (size_t i = 0; i < r->batch->stretch_count; i++) {
            const hpx_stretch *s = &r->batch->stretches[i];
            assert_int_equal(s->byte_off, f->text.len);
            assert_int_equal(s->begins, !f->begun);
            assert_false(f->ended);
            bytes_add(&f->text, r->batch->raw.ptr ? r->batch->raw.ptr + s->raw_off : NULL, s->raw_len);
            f->begun = true;
            f->ended = s->ends;
            if (s->cut) f->cuts[f->cut_count++] = f->text.len;
            if (f->end_count < HPX_ARRAY_LEN(f->ends)) f->ends[f->end_count++] = f->text.len;
            f->stretches++;
        }
        f->batches++;
        hpx_batch_clear(r->batch);
    }
}

static void frame_document(bytes text, size_t batch_nbytes, size_t piece, uint64_t seed, framed *out) {
    rig r = {.out = out};
    hpx_document document = {0};
    prng random = prng_seeded(seed, 2);
    *out = (framed){0};
    hpx_frame_init(&r.frame, batch_nbytes, false, &r.memory);
    assert_int_equal(hpx_batch_create(&r.batch, &r.memory), HAPAX_OK);
    hpx_frame_begin(&r.frame, &document);
    for (size_t at = 0; at < text.len;) {
        size_t n = piece ? piece : prng_range(&random, 1, 70000);
        n = HPX_MIN(n, text.len - at);
        assert_int_equal(hpx_frame_push(&r.frame, text.ptr + at, n), HAPAX_OK);
        take(&r);
        at += n;
    }
    hpx_frame_end(&r.frame);
    take(&r);
    assert_true(out->ended);
    assert_null(r.frame.document);
    assert_int_equal(hpx_frame_held(&r.frame), 0);
    hpx_frame_release(&r.frame);
    hpx_batch_destroy(r.batch);
    assert_int_equal(r.memory.now_nbytes, 0);
}

/* Frames in many ways: text and forced cuts are always the same, and with one size of batches so is every boundary. */
static void frame_all_ways(bytes text, framed *first) {
    static const size_t sizes[] = {0, 1, 100, 5000, 300000, (size_t)1 << 20, (size_t)3 << 20};
    frame_document(text, 0, text.len + 1, 0, first);
    assert_true(bytes_equal(first->text, text));
    for (size_t i = 0; i < HPX_ARRAY_LEN(sizes); i++) {
        framed whole, pieces;
        frame_document(text, sizes[i], text.len + 1, 0, &whole);
        frame_document(text, sizes[i], 0, i, &pieces);
        assert_true(bytes_equal(whole.text, text) && bytes_equal(pieces.text, text));
        assert_int_equal(whole.stretches, pieces.stretches);
        assert_memory_equal(whole.ends, pieces.ends, whole.end_count * sizeof *whole.ends);
        assert_int_equal(whole.cut_count, first->cut_count);
        assert_int_equal(pieces.cut_count, first->cut_count);
        for (size_t k = 0; k < first->cut_count; k++) {
            if (whole.cuts[k] != first->cuts[k]) fail_msg("batches of %zu: cut at %zu, not %zu", sizes[i], whole.cuts[k], first->cuts[k]);
            assert_int_equal(pieces.cuts[k], first->cuts[k]);
        }
        bytes_free(&whole.text);
        bytes_free(&pieces.text);
    }
}

static void fill(bytes *out, const char *with, size_t nbytes) {
    for (size_t n = strlen(with), begin = out->len; out->len - begin + n <= nbytes;) bytes_add(out, with, n);
}

static void empty_and_small_documents(void **state) {
    (void)state;
    static const char *const texts[] = {"", "a", "\n", "a\n", "\n\n\n", "a\nb", "a\r\nb\r\n"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(texts); i++) {
        bytes text = {0};
        framed f;
        bytes_add_text(&text, texts[i]);
        frame_all_ways(text, &f);
        assert_int_equal(f.stretches, 1);
        bytes_free(&text);
        bytes_free(&f.text);
    }
}

static void many_empty_documents_fill_a_batch(void **state) {
    (void)state;
    rig r = {0};
    hpx_document document = {0};
    bool full = false;
    hpx_frame_init(&r.frame, 0, false, &r.memory);
    assert_int_equal(hpx_batch_create(&r.batch, &r.memory), HAPAX_OK);
    size_t count = 0;
    while (!full && count <= HPX_BATCH_STRETCHES) {
        hpx_frame_begin(&r.frame, &document);
        hpx_frame_end(&r.frame);
        assert_int_equal(hpx_frame_fill(&r.frame, r.batch, &full), HAPAX_OK);
        assert_null(r.frame.document);
        count++;
    }
    assert_int_equal(count, HPX_BATCH_STRETCHES);
    hpx_frame_release(&r.frame);
    hpx_batch_destroy(r.batch);
    assert_int_equal(r.memory.now_nbytes, 0);
}

/* Batches end behind a line that is not blank, and a document in many pieces waits for its head. */
static void batches_end_behind_whole_lines(void **state) {
    (void)state;
    prng random = prng_seeded(1, 1);
    bytes text = {0};
    framed f;
    while (text.len < 700000) {
        fill(&text, "河", prng_range(&random, 1, 300));
        bytes_add_text(&text, prng_chance(&random, 300) ? "\n \t\r\n\n" : "\n");
    }
    frame_all_ways(text, &f);
    assert_true(f.stretches > 1);
    bytes_free(&f.text);
    frame_document(text, 3000, 0, 5, &f);
    for (size_t i = 0; i + 1 < f.end_count; i++) {
        size_t begin = f.ends[i] - 1;
        assert_int_equal(text.ptr[begin], '\n');
        while (begin > 0 && text.ptr[begin - 1] != '\n') begin--;
        assert_int_equal(text.ptr[begin], 0xE6); /* of 河 */
    }
    bytes_free(&text);
    bytes_free(&f.text);
}

static void long_lines_are_cut_at_a_sentence_end(void **state) {
    (void)state;
    static const char *const ends[] = {"。", "！", "？", ". ", "! ", "? "};
    for (size_t i = 0; i < HPX_ARRAY_LEN(ends); i++) {
        bytes text = {0};
        framed f;
        fill(&text, "ab ", MIB - 4000);
        bytes_add_text(&text, ends[i]);
        size_t want = text.len;
        fill(&text, "cd ", 300000);
        frame_all_ways(text, &f);
        assert_int_equal(f.cut_count, 1);
        assert_int_equal(f.cuts[0], want);
        bytes_free(&text);
        bytes_free(&f.text);
    }
}

static void a_line_of_exactly_the_limit_stays_whole(void **state) {
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        for (int lf = 0; lf < 2; lf++) {
            bytes text = {0};
            framed f;
            bytes_add_text(&text, "一行。\n");
            fill(&text, "x", MIB + more);
            if (lf) bytes_add_text(&text, "\nend");
            frame_all_ways(text, &f);
            assert_int_equal(f.cut_count, more);
            bytes_free(&text);
            bytes_free(&f.text);
        }
    }
}

/* Without spaces it is cut between characters, and no mark is torn from its letter. How much was waiting when the limit was passed decided
 * whether the character at the limit was whole, and so where the cut was. */
static void a_character_at_the_limit_is_seen_whole_before_the_cut(void **state) {
    (void)state;
    static const char *const units[] = {"河", "é", "e\xCC\x81", "\xF0\x9F\x98\x80", "क\xE0\xA4\xBC", "x\xE2\x80\x8D", "a\xF3\xA0\x84\x80", "\xE6\xB2", "\xF0\x9F"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(units); i++) {
        for (size_t shift = 0; shift < 6; shift++) {
            bytes text = {0};
            framed f;
            fill(&text, "y", shift);
            fill(&text, units[i], MIB - shift + 40);
            frame_all_ways(text, &f);
            assert_int_equal(f.cut_count, 1);
            assert_true(f.cuts[0] <= MIB);
            assert_false(i < 7 && hpx_utf8_is_continuation(text.ptr[f.cuts[0]]));
            if (i >= 2 && i < 7 && i != 3) assert_int_equal((f.cuts[0] - shift) % strlen(units[i]), 0);
            framed slow; /* byte by byte over the limit */
            rig r = {.out = &slow};
            hpx_document document = {0};
            slow = (framed){0};
            hpx_frame_init(&r.frame, 0, false, &r.memory);
            assert_int_equal(hpx_batch_create(&r.batch, &r.memory), HAPAX_OK);
            hpx_frame_begin(&r.frame, &document);
            assert_int_equal(hpx_frame_push(&r.frame, text.ptr, MIB - 20), HAPAX_OK);
            take(&r);
            for (size_t at = MIB - 20; at < text.len; at++) {
                assert_int_equal(hpx_frame_push(&r.frame, text.ptr + at, 1), HAPAX_OK);
                take(&r);
            }
            hpx_frame_end(&r.frame);
            take(&r);
            if (slow.cuts[0] != f.cuts[0]) fail_msg("unit %zu, shift %zu: cut at %zu byte by byte, else at %zu", i, shift, slow.cuts[0], f.cuts[0]);
            hpx_frame_release(&r.frame);
            hpx_batch_destroy(r.batch);
            bytes_free(&slow.text);
            bytes_free(&text);
            bytes_free(&f.text);
        }
    }
}

static void other_line_breaks_are_not_divided(void **state) {
    (void)state;
    static const char *const breaks[] = {"\r", "\v", "\f", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(breaks); i++) {
        bytes text = {0};
        framed f;
        while (text.len < 3 * MIB) {
            fill(&text, "长", 900);
            bytes_add_text(&text, breaks[i]);
        }
        frame_all_ways(text, &f);
        assert_int_equal(f.cut_count, 0); /* every end is the end of a line */
        size_t n = strlen(breaks[i]);
        for (size_t k = 0; k + 1 < f.end_count; k++) assert_memory_equal(text.ptr + f.ends[k] - n, breaks[i], n);
        assert_true(f.stretches > 2);
        bytes_free(&text);
        bytes_free(&f.text);
    }
    bytes text = {0};
    framed f;
    fill(&text, "z", MIB - 1);
    bytes_add_text(&text, "\r\n");
    fill(&text, "z", 3000);
    frame_all_ways(text, &f);
    for (size_t k = 0; k + 1 < f.end_count; k++) assert_int_not_equal(text.ptr[f.ends[k]], '\n');
    bytes_free(&text);
    bytes_free(&f.text);
}

/* A run of blank lines is cut at 1 MiB from its beginning. It was counted from where the batch was full, so the place depended on
 * the size of the batches. */
static void long_runs_of_blank_lines(void **state) {
    (void)state;
    bytes text = {0};
    size_t first[3];
    fill(&text, "河岸。\n", 200000);
    size_t run = text.len;
    fill(&text, " \n", 3 * MIB);
    bytes_add_text(&text, "末尾。\n");
    static const size_t sizes[] = {0, 1000, 150000, (size_t)1 << 20};
    for (size_t i = 0; i < HPX_ARRAY_LEN(sizes); i++) {
        framed f;
        frame_document(text, sizes[i], 0, i, &f);
        assert_true(bytes_equal(f.text, text));
        size_t found = 0;
        for (size_t k = 0; k < f.end_count && found < 3; k++)
            if (f.ends[k] > run && f.ends[k] < text.len) {
                if (i == 0) first[found] = f.ends[k];
                assert_int_equal(f.ends[k], first[found]);
                found++;
            }
        assert_true(found >= 2);
        bytes_free(&f.text);
    }
    bytes_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_small_documents),
        cmocka_unit_test(many_empty_documents_fill_a_batch),
        cmocka_unit_test(batches_end_behind_whole_lines),
        cmocka_unit_test(long_lines_are_cut_at_a_sentence_end),
        cmocka_unit_test(a_line_of_exactly_the_limit_stays_whole),
        cmocka_unit_test(a_character_at_the_limit_is_seen_whole_before_the_cut),
        cmocka_unit_test(other_line_breaks_are_not_divided),
        cmocka_unit_test(long_runs_of_blank_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
