/*
 * Unit tests of found: each passage is told once, in the order in which they begin, with its exact place and that of its source; one inside
 * another is not told; in the journal of a run that removes nothing each has its text and its byte in the output.
 */
#include "hapax.h"
#include "bytes.h"
#include "prng.h"
#include "removals.h"
#include "sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define A "渡口的木船每天清晨往返两岸，船工说：“这条水路已经走了四十多年”，沿途的浅滩和暗流他闭着眼也能数出来"
#define B "去年冬天河面结了冰，船队在码头停了整整两个月才重新开航，岸边的货栈里堆满了等着运走的木材和粮食"

typedef struct {
    size_t count;
    char messages[64][300];
    uint64_t lines[64], columns[64];
    bytes text, journal;
    hapax_stats stats;
} result;

static void on_event(void *context, const hapax_event *event) {
    result *r = context;
    if (event->severity != HAPAX_NOTE || strcmp(event->rule, "duplicate") != 0) return;
    assert_true(r->count < 64);
    snprintf(r->messages[r->count], sizeof r->messages[0], "%s", event->message);
    r->lines[r->count] = event->line;
    r->columns[r->count++] = event->column;
}

static void pull(hapax *h, hapax_stream stream, bytes *out) {
    uint8_t room[4096];
    size_t got = 1;
    while (got) {
        hapax_status status = hapax_pull(h, stream, room, sizeof room, &got);
        assert_true(status == HAPAX_OK || status == HAPAX_DONE);
        bytes_add(out, room, got);
    }
}

static void run(const bytes *documents, size_t count, bool no_remove, size_t batch_nbytes, result *r) {
    hapax_options o;
    hapax *h;
    *r = (result){0};
    hapax_options_init(&o);
    o.memory_nbytes = (uint64_t)16 << 20;
    o.tell_passages = o.journal = true;
    o.no_remove = no_remove;
    o.batch_nbytes = batch_nbytes;
    o.on_event = on_event;
    o.event_context = r;
    assert_int_equal(hapax_create(&h, &o, NULL), HAPAX_OK);
    for (size_t i = 0; i < count; i++) {
        char name[8] = {(char)('a' + i), 0};
        assert_int_equal(hapax_begin(h, name, 0), HAPAX_OK);
        for (size_t at = 0, taken; at < documents[i].len; at += taken) {
            assert_int_equal(hapax_push(h, documents[i].ptr + at, documents[i].len - at, &taken), HAPAX_OK);
            pull(h, HAPAX_TEXT, &r->text);
            pull(h, HAPAX_JOURNAL, &r->journal);
        }
        assert_int_equal(hapax_end(h), HAPAX_OK);
    }
    assert_int_equal(hapax_finish(h), HAPAX_OK);
    pull(h, HAPAX_TEXT, &r->text);
    pull(h, HAPAX_JOURNAL, &r->journal);
    hapax_get_stats(h, &r->stats);
    hapax_destroy(h);
}

static void release(result *r) {
    bytes_free(&r->text);
    bytes_free(&r->journal);
}

static bytes text_of(const char *string) {
    bytes b = {0};
    bytes_add_text(&b, string);
    return b;
}

static void places_are_those_of_the_letters(void **state) {
    (void)state;
    for (size_t batch_nbytes = 0; batch_nbytes < 2; batch_nbytes++) {
        bytes documents[2] = {text_of("开头。\n“" A "。”\n"), text_of("又一个开头。\n\n另外，" A "；后来的话。\n前面\t" B "。\n" B "！\n")};
        result r;
        run(documents, 2, false, batch_nbytes, &r);
        assert_int_equal(r.count, 2);
        assert_int_equal(r.lines[0], 3);
        assert_int_equal(r.columns[0], 4);
        assert_string_equal(r.messages[0], "45 letters stand at a:2:2 already");
        assert_int_equal(r.lines[1], 5);
        assert_int_equal(r.columns[1], 1);
        assert_string_equal(r.messages[1], "45 letters stand at 4:4 already");
        release(&r);
        for (int i = 0; i < 2; i++) bytes_free(&documents[i]);
    }
}

static void differences_are_named(void **state) {
    (void)state;
    static const char other[] = "渡口的木船每天清晨往返两岸；船工说：「这条水路已经走了四十多年」， 沿途的浅滩和暗流他闭着眼也能数出来。\n";
    bytes documents[2] = {text_of(A "。\n"), text_of(other)};
    result r;
    run(documents, 2, false, 0, &r);
    assert_int_equal(r.count, 1);
    assert_non_null(strstr(r.messages[0], "; punctuation and quotes differ"));
    release(&r);
    for (int i = 0; i < 2; i++) bytes_free(&documents[i]);
}

/* What is inside another passage is not told again; what reaches beyond it is. */
static void one_inside_another_is_not_told(void **state) {
    (void)state;
    bytes documents[4] = {text_of(A "。\n"), text_of("新的开头。" A "。" B "。\n"), text_of("再说的开头。" A "。" B "。后来。\n"), {0}};
    result r;
    run(documents, 3, false, 0, &r);
    assert_int_equal(r.count, 2);
    assert_non_null(strstr(r.messages[0], "a:1:1"));
    assert_non_null(strstr(r.messages[1], "b:1:2"));
    release(&r);
    for (int i = 0; i < 3; i++) bytes_free(&documents[i]);
}

/* Of a run that removes nothing the journal says of each passage where its letters stand in the output. */
static void the_journal_points_into_the_output(void **state) {
    (void)state;
    prng random = prng_seeded(41, 1);
    bytes documents[3] = {{0}};
    for (int i = 0; i < 60; i++) {
        sentence_add(&documents[0], &random, LANG_CHINESE);
        bytes_add_text(&documents[0], i % 4 == 3 ? "\n\n" : "");
    }
    bytes_add_text(&documents[1], "  一段新的话 , 前面没有过.\n\n\n");
    bytes_add(&documents[1], documents[0].ptr, documents[0].len);
    bytes_add_text(&documents[2], "另一段.\r\n");
    bytes_add(&documents[2], documents[0].ptr, documents[0].len / 3 * 3);
    result first = {0};
    for (size_t batch_nbytes = 0; batch_nbytes < 400; batch_nbytes += 133) {
        result r;
        removals list;
        run(documents, 3, true, batch_nbytes, &r);
        assert_int_equal(r.stats.removed_spans, 0);
        size_t lines = 0;
        for (const uint8_t *p = r.journal.ptr; (p = memmem(p, (size_t)(r.journal.ptr + r.journal.len - p), "{\"type\":\"found\"", 15)); p++) {
            const uint8_t *stop = memchr(p, '\n', (size_t)(r.journal.ptr + r.journal.len - p));
            const uint8_t *text = memmem(p, (size_t)(stop - p), "\"text\":\"", 8), *byte = memmem(p, (size_t)(stop - p), "\"out\":{\"file\":\"-\",\"byte\":", 25);
            assert_non_null(text);
            assert_non_null(byte);
            size_t off = strtoul((const char *)byte + 25, NULL, 10);
            assert_memory_equal(r.text.ptr + off, text + 8, 30); /* its first letters */
            lines++;
        }
        assert_int_equal(lines, r.count);
        assert_true(lines >= 2);
        removals_read(&list, r.journal);
        assert_true(list.has_head && list.has_end);
        removals_release(&list);
        if (batch_nbytes == 0) first = r;
        else {
            assert_true(bytes_equal(first.journal, r.journal));
            release(&r);
        }
    }
    release(&first);
    for (int i = 0; i < 3; i++) bytes_free(&documents[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_those_of_the_letters),
        cmocka_unit_test(differences_are_named),
        cmocka_unit_test(one_inside_another_is_not_told),
        cmocka_unit_test(the_journal_points_into_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
