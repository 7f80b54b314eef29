/*
 * Unit tests of judge: what it decides does not depend on where batches end, even where it has to decide before all is known; what it
 * holds is bounded; a full index stops or freezes; events are counted and only the first ones told. What is written then is tested
 * with the writer.
 */
#include "bytes.h"
#include "choose.h"
#include "frame.h"
#include "judge.h"
#include "prng.h"
#include "sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    hpx_memory memory;
    hpx_judge *judge;
    hpx_workbench bench;
    hpx_judge_options options;
    hapax_status status;
    hapax_error error;
    bytes out, journal;
    uint64_t held_peak;
    size_t event_count, damage_count;
    char last_event[200];
} rig;

static void on_event(void *context, const hapax_event *event) {
    rig *r = context;
    r->event_count++;
    r->damage_count += event->severity == HAPAX_DAMAGE;
    snprintf(r->last_event, sizeof r->last_event, "%s", event->message);
}

static void begin(rig *r, hpx_judge_options options) {
    *r = (rig){.options = options};
    r->options.min_length = options.min_length ? options.min_length : 120;
    r->options.memory_nbytes = options.memory_nbytes ? options.memory_nbytes : (uint64_t)16 << 20;
    r->options.on_event = on_event;
    r->options.event_context = r;
    r->options.error = &r->error;
    assert_int_equal(hpx_judge_create(&r->judge, &r->options, &r->memory), HAPAX_OK);
    assert_int_equal(hpx_workbench_init(&r->bench, 0, &r->memory), HAPAX_OK);
}

static void take_written(rig *r) {
    hpx_writer *writer = hpx_judge_writer(r->judge);
    bytes_add(&r->out, writer->out.ptr, writer->out.len);
    bytes_add(&r->journal, writer->journal.ptr, writer->journal.len);
    hpx_buffer_clear(&writer->out);
    hpx_buffer_clear(&writer->journal);
    writer->output_end_count = 0;
}

static void judge_batch(rig *r, hpx_batch *batch) {
    hpx_batch *done = NULL;
    uint64_t held;
    hpx_prepare_options o = {.no_clean = r->options.no_clean, .no_find = r->options.no_find};
    assert_int_equal(hpx_batch_prepare(batch, &r->bench, o), HAPAX_OK);
    if (r->status == HAPAX_OK) r->status = hpx_judge_batch(r->judge, batch, &done);
    else hpx_batch_destroy(batch);
    for (hpx_batch *next; done; done = next) {
        next = done->next;
        hpx_batch_destroy(done);
    }
    hpx_judge_held(r->judge, &held);
    r->held_peak = HPX_MAX(r->held_peak, held);
    take_written(r);
}

static void put(rig *r, const bytes *texts, hpx_document *documents, size_t count, size_t batch_nbytes) {
    hpx_frame frame;
    hpx_batch *batch;
    hpx_frame_init(&frame, batch_nbytes, r->options.no_clean, &r->memory);
    assert_int_equal(hpx_batch_create(&batch, &r->memory), HAPAX_OK);
    for (size_t i = 0; i < count; i++) {
        bool full = true;
        documents[i].name = documents[i].name ? documents[i].name : (char *)(uintptr_t)"d";
        documents[i].number = (uint32_t)i;
        hpx_frame_begin(&frame, &documents[i]);
        assert_int_equal(hpx_frame_push(&frame, texts[i].ptr, texts[i].len), HAPAX_OK);
        hpx_frame_end(&frame);
        while (full) {
            assert_int_equal(hpx_frame_fill(&frame, batch, &full), HAPAX_OK);
            if (!full) break;
            judge_batch(r, batch);
            assert_int_equal(hpx_batch_create(&batch, &r->memory), HAPAX_OK);
        }
    }
    if (batch->stretch_count) judge_batch(r, batch);
    else hpx_batch_destroy(batch);
    hpx_frame_release(&frame);
    if (r->status == HAPAX_OK) r->status = hpx_judge_finish(r->judge, false);
    take_written(r);
}

static void end(rig *r) {
    hpx_judge_destroy(r->judge);
    hpx_workbench_release(&r->bench);
    assert_int_equal(r->memory.now_nbytes, 0);
    bytes_free(&r->out);
    bytes_free(&r->journal);
}

static void assert_same_for_all_batches(const bytes *texts, size_t count, hpx_judge_options options, uint64_t least_spans, uint64_t held_limit) {
    static const size_t sizes[] = {0, 1, 333, 50000, (size_t)1 << 20};
    bytes out = {0}, journal = {0};
    hapax_stats first = {0}, stats;
    for (size_t i = 0; i < HPX_ARRAY_LEN(sizes); i++) {
        rig r;
        hpx_document documents[8] = {{0}};
        begin(&r, options);
        put(&r, texts, documents, count, sizes[i]);
        assert_int_equal(r.status, HAPAX_OK);
        hpx_judge_get_stats(r.judge, &stats);
        if (i == 0) {
            out = bytes_copy(r.out);
            journal = bytes_copy(r.journal);
            first = stats;
            assert_true(stats.removed_spans >= least_spans);
        }
        if (!bytes_equal(out, r.out)) fail_msg("batches of %zu: another output, %zu and %zu bytes", sizes[i], out.len, r.out.len);
        if (!bytes_equal(journal, r.journal)) fail_msg("batches of %zu: another journal", sizes[i]);
        assert_int_equal(stats.letters, first.letters);
        assert_int_equal(stats.found_letters, first.found_letters);
        assert_int_equal(stats.paragraphs, first.paragraphs);
        assert_int_equal(stats.documents, count);
        if (held_limit && sizes[i] < 100000 && r.held_peak > held_limit) fail_msg("batches of %zu: held %llu bytes", sizes[i], (unsigned long long)r.held_peak);
        end(&r);
    }
    bytes_free(&out);
    bytes_free(&journal);
}

static void add_lines(bytes *out, uint64_t seed, lang l, size_t nbytes) {
    prng random = prng_seeded(seed, 21);
    for (size_t from = out->len; out->len - from < nbytes;) {
        for (size_t n = prng_range(&random, 1, 5); n; n--) {
            sentence_add(out, &random, l);
            bytes_add_text(out, lang_gap(l));
        }
        bytes_add_text(out, prng_chance(&random, 200) ? "\n\n" : "\n");
    }
}

/* Passages of all lengths over batch ends: letters come in lines of a few bytes, so that windows straddle many seams. */
static void passages_over_many_seams(void **state) {
    (void)state;
    bytes texts[3] = {{0}};
    prng random = prng_seeded(3, 3);
    for (int i = 0; i < 2500; i++) {
        word_add(&texts[0], &random, i % 3 ? LANG_CHINESE : LANG_ENGLISH);
        bytes_add_text(&texts[0], prng_chance(&random, 300) ? "。\n" : " ");
    }
    for (size_t from = 0; from + 3000 < texts[0].len; from += 2111) {
        while ((texts[0].ptr[from] & 0xC0) == 0x80) from++;
        size_t n = prng_range(&random, 100, 1500);
        while ((texts[0].ptr[from + n] & 0xC0) == 0x80) n++;
        add_lines(&texts[1], from, LANG_CHINESE, 100);
        bytes_add(&texts[1], texts[0].ptr + from, n);
    }
    add_lines(&texts[2], 5, LANG_ENGLISH, 500);
    bytes_add(&texts[2], texts[1].ptr, texts[1].len);
    assert_same_for_all_batches(texts, 3, (hpx_judge_options){.journal = true}, 5, 0);
    assert_same_for_all_batches(texts, 3, (hpx_judge_options){.journal = true, .no_clean = true}, 5, 0);
    assert_same_for_all_batches(texts, 3, (hpx_judge_options){.journal = true, .scope = HAPAX_SCOPE_WITHIN, .min_length = 300}, 0, 0);
    assert_same_for_all_batches(texts, 3, (hpx_judge_options){.journal = true, .no_remove = true, .tell_passages = true}, 0, 0);
    for (int i = 0; i < 3; i++) bytes_free(&texts[i]);
}

/* A copy goes on behind more than 1 MiB without a letter: the paragraph before it was decided without what comes. */
static void a_decision_before_all_is_known(void **state) {
    (void)state;
    for (int gap = 0; gap < 3; gap++) {
        bytes texts[2] = {{0}};
        bytes head = {0}, short_line = {0}, tail = {0};
        add_lines(&head, 1, LANG_CHINESE, 600);
        bytes_add_text(&short_line, "记者在河边报道。\n");
        add_lines(&tail, 2, LANG_CHINESE, 600);
        bytes_add(&texts[0], head.ptr, head.len);
        bytes_add(&texts[0], short_line.ptr, short_line.len);
        bytes_add(&texts[0], tail.ptr, tail.len);
        bytes_add_text(&texts[1], "一段新的话，前面没有过。\n");
        bytes_add(&texts[1], head.ptr, head.len);
        bytes_add(&texts[1], short_line.ptr, short_line.len);
        size_t begin_off = texts[1].len, want = gap == 0 ? 1000 : gap == 1 ? HPX_JUDGE_HOLD_NBYTES - 30 : HPX_JUDGE_HOLD_NBYTES + 5000;
        while (texts[1].len - begin_off < want) bytes_add_text(&texts[1], "= = = = = = = = = =\n");
        bytes_add(&texts[1], tail.ptr, tail.len);
        assert_same_for_all_batches(texts, 2, (hpx_judge_options){.journal = true}, 1, HPX_JUDGE_HOLD_NBYTES + (size_t)600000);
        rig r;
        hpx_document documents[2] = {{0}};
        begin(&r, (hpx_judge_options){0});
        put(&r, texts, documents, 2, 0);
        size_t lines = 0;
        for (const uint8_t *p = r.out.ptr; (p = memmem(p, (size_t)(r.out.ptr + r.out.len - p), short_line.ptr, short_line.len)); p++) lines++;
        assert_int_equal(lines, gap < 2 ? 1 : 2); /* letters that are too far away do not help a short paragraph */
        end(&r);
        bytes_free(&head);
        bytes_free(&short_line);
        bytes_free(&tail);
        bytes_free(&texts[0]);
        bytes_free(&texts[1]);
    }
}

static void much_text_without_letters_is_not_held(void **state) {
    (void)state;
    bytes texts[1] = {{0}};
    while (texts[0].len < (size_t)4 << 20) bytes_add_text(&texts[0], "= = = = = = = = = = = = = = = = = = = = = = = = = = = = = =\n");
    rig r;
    hpx_document documents[1] = {{0}};
    begin(&r, (hpx_judge_options){0});
    put(&r, texts, documents, 1, 20000);
    assert_true(r.held_peak <= HPX_JUDGE_HOLD_NBYTES + 60000);
    assert_true(bytes_equal(r.out, texts[0]));
    end(&r);
    bytes_free(&texts[0]);
}

static void a_full_index_stops_or_freezes(void **state) {
    (void)state;
    bytes texts[2] = {{0}};
    add_lines(&texts[0], 1, LANG_CHINESE, 4000000);
    bytes_add(&texts[1], texts[0].ptr, 30000);
    while (texts[1].ptr[texts[1].len - 1] != '\n') texts[1].len--;
    for (hapax_on_full on_full = HAPAX_FULL_STOP; on_full <= HAPAX_FULL_FREEZE; on_full++) {
        uint64_t entries[2];
        for (int way = 0; way < 2; way++) {
            rig r;
            hpx_document documents[2] = {{0}};
            hapax_stats stats;
            begin(&r, (hpx_judge_options){.memory_nbytes = 1 << 20, .on_full = on_full});
            put(&r, texts, documents, 2, way ? 7000 : 0);
            hpx_judge_get_stats(r.judge, &stats);
            assert_true(stats.index_full);
            assert_true(stats.index_nbytes <= stats.index_budget_nbytes);
            entries[way] = stats.index_entries;
            if (on_full == HAPAX_FULL_STOP) {
                assert_int_equal(r.status, HAPAX_E_FULL);
                assert_int_equal(r.error.status, HAPAX_E_FULL);
            } else {
                assert_int_equal(r.status, HAPAX_OK);
                assert_true(stats.removed_nbytes > 20000); /* what was known stays known */
            }
            end(&r);
        }
        assert_int_equal(entries[0], entries[1]);
    }
    bytes_free(&texts[0]);
    bytes_free(&texts[1]);
}

static void damage_is_told_twenty_times_and_then_counted(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 20, 21, 500};
    for (size_t i = 0; i < HPX_ARRAY_LEN(counts); i++) {
        for (size_t batch_nbytes = 0; batch_nbytes < 100; batch_nbytes += 50) {
            bytes texts[1] = {{0}};
            for (size_t k = 0; k < counts[i]; k++) bytes_add_text(&texts[0], "河\xFF岸\n");
            rig r;
            hpx_document documents[1] = {{0}};
            begin(&r, (hpx_judge_options){0});
            put(&r, texts, documents, 1, batch_nbytes);
            hapax_stats stats;
            hpx_judge_get_stats(r.judge, &stats);
            assert_int_equal(stats.damage_utf8, counts[i]);
            assert_int_equal(r.damage_count, HPX_MIN(counts[i], (size_t)20) + (counts[i] > 20));
            if (counts[i] > 20) assert_non_null(strstr(r.last_event, counts[i] == 21 ? "21 places" : "500 places"));
            end(&r);
            bytes_free(&texts[0]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passages_over_many_seams),
        cmocka_unit_test(a_decision_before_all_is_known),
        cmocka_unit_test(much_text_without_letters_is_not_held),
        cmocka_unit_test(a_full_index_stops_or_freezes),
        cmocka_unit_test(damage_is_told_twenty_times_and_then_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
