/*
 * Unit tests of pipeline, through the public calls: what options are refused, calls in the wrong order, outputs one after another, pieces
 * of every size, two threads at the two ends, an end in the middle, and that nothing is held without bound. What is
 * found and removed is tested elsewhere.
 */
#include "hapax.h"
#include "bytes.h"
#include "prng.h"
#include "sentences.h"
#include "variants.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    hapax *h;
    bytes text, journal;
    size_t next_count;
} run;

static hapax_options small_options(void) {
    hapax_options o;
    hapax_options_init(&o);
    o.memory_nbytes = (uint64_t)16 << 20;
    return o;
}

static void begin(run *r, const hapax_options *o) {
    hapax_error error = {0};
    *r = (run){0};
    if (hapax_create(&r->h, o, &error) != HAPAX_OK) fail_msg("create: %s", error.text);
}

static void end(run *r) {
    hapax_destroy(r->h);
    bytes_free(&r->text);
    bytes_free(&r->journal);
}

/* Pulls once; DONE is true. */
static bool pull(run *r, hapax_stream stream, size_t most, size_t *got) {
    uint8_t room[65536];
    hapax_status status = hapax_pull(r->h, stream, room, most < sizeof room ? most : sizeof room, got);
    bytes_add(stream == HAPAX_TEXT ? &r->text : &r->journal, room, *got);
    assert_true(*got <= most);
    if (status != HAPAX_OK) assert_int_equal(*got, 0);
    if (status == HAPAX_NEXT) {
        assert_int_equal(stream, HAPAX_TEXT);
        bytes_add_text(&r->text, "<next>");
        r->next_count++;
    } else if (status != HAPAX_DONE) {
        assert_int_equal(status, HAPAX_OK);
    }
    return status == HAPAX_DONE;
}

static void pull_ready(run *r, size_t most) {
    size_t got, next;
    do {
        next = r->next_count;
        pull(r, HAPAX_TEXT, most, &got);
    } while (got || next != r->next_count);
    do pull(r, HAPAX_JOURNAL, most, &got);
    while (got);
}

static void push(run *r, const void *p, size_t n, size_t piece) {
    for (size_t at = 0, taken; at < n; at += taken) {
        assert_int_equal(hapax_push(r->h, (const uint8_t *)p + at, n - at < piece ? n - at : piece, &taken), HAPAX_OK);
        if (taken == 0) {
            pull_ready(r, 65536);
            assert_int_equal(hapax_wait(r->h, HAPAX_CAN_PUSH | HAPAX_CAN_PULL), HAPAX_OK);
        }
    }
}

static void put(run *r, const char *name, bytes text, unsigned flags, size_t piece) {
    assert_int_equal(hapax_begin(r->h, name, flags), HAPAX_OK);
    push(r, text.ptr, text.len, piece);
    assert_int_equal(hapax_end(r->h), HAPAX_OK);
}

static void drain(run *r, size_t most) {
    bool text_done = false, journal_done = false;
    while (!text_done || !journal_done) {
        size_t text_got = 0, journal_got = 0;
        if (!text_done) text_done = pull(r, HAPAX_TEXT, most, &text_got);
        if (!journal_done) journal_done = pull(r, HAPAX_JOURNAL, most, &journal_got);
        if (!text_got && !journal_got) assert_int_equal(hapax_wait(r->h, HAPAX_CAN_PULL), HAPAX_OK);
    }
}

static void finish(run *r, size_t most) {
    assert_int_equal(hapax_finish(r->h), HAPAX_OK);
    drain(r, most);
}

static void add_article(bytes *out, prng *r, size_t nbytes) {
    size_t begin = out->len;
    while (out->len - begin < nbytes) {
        for (int i = 0; i < 6; i++) sentence_add(out, r, LANG_CHINESE);
        bytes_add_text(out, "\n\n");
    }
}

static bytes text_of(const char *string) {
    bytes b = {0};
    bytes_add_text(&b, string);
    return b;
}

/* Options. */

static void assert_refused(const hapax_options *o, int line) {
    hapax *h = (hapax *)&h;
    hapax_error error = {0};
    hapax_status status = hapax_create(&h, o, &error);
    if (status != HAPAX_E_OPTION || h || error.status != HAPAX_E_OPTION || !error.text[0]) fail_msg("line %d: status %d", line, (int)status);
    assert_int_equal(hapax_create(&h, o, NULL), HAPAX_E_OPTION);
    assert_null(h);
}

#define REFUSED(change)                       \
    do {                                      \
        hapax_options o = small_options();    \
        change;                               \
        assert_refused(&o, __LINE__);         \
    } while (0)
#define TAKEN(change)                         \
    do {                                      \
        hapax_options o = small_options();    \
        run r;                                \
        change;                               \
        begin(&r, &o);                        \
        end(&r);                              \
    } while (0)

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    REFUSED(o.min_length = 0);
    REFUSED(o.min_length = 118);
    REFUSED(o.min_length = 65537);
    REFUSED(o.min_length = SIZE_MAX);
    REFUSED(o.gzip_level = -1);
    REFUSED(o.gzip_level = 10);
    REFUSED(o.jobs = 0);
    REFUSED(o.jobs = 513);
    REFUSED(o.memory_nbytes = 0);
    REFUSED(o.memory_nbytes = ((uint64_t)16 << 20) - 1);
    REFUSED((o.no_find = true, o.no_remove = true));
    REFUSED((o.no_find = true, o.journal = true));
    REFUSED(o.scope = (hapax_scope)3);
    REFUSED(o.on_full = (hapax_on_full)2);
    TAKEN(o.min_length = 120);
    TAKEN(o.min_length = 65536);
    TAKEN(o.gzip_level = 9);
    TAKEN(o.memory_nbytes = (uint64_t)16 << 20);
    TAKEN(o.jobs = 5);
    TAKEN(o.batch_nbytes = 1);
    TAKEN(o.store_memory_nbytes = 1);
    TAKEN(o.tmpdir = "/nowhere/at/all"); /* a temporary file may never be needed */
}

static void every_status_has_a_sentence(void **state) {
    (void)state;
    for (int i = HAPAX_OK; i <= HAPAX_E_LIMIT; i++) {
        const char *text = hapax_status_text((hapax_status)i);
        assert_non_null(text);
        assert_true(text[0] && text[strlen(text) - 1] != '.');
    }
    assert_non_null(hapax_status_text((hapax_status)999));
    assert_non_null(hapax_status_text((hapax_status)-1));
}

/* Calls in the wrong order. */

typedef hapax_status (*call)(hapax *h);
static hapax_status call_begin(hapax *h) { return hapax_begin(h, "x", 0); }
static hapax_status call_end(hapax *h) { return hapax_end(h); }
static hapax_status call_finish(hapax *h) { return hapax_finish(h); }
static hapax_status call_push(hapax *h) {
    size_t taken = 7;
    hapax_status status = hapax_push(h, "abc", 3, &taken);
    if (status != HAPAX_OK) assert_int_equal(taken, 0);
    return status;
}

/* All calls but the last are right. After the wrong one every other says the same, and the counts can be read. */
static void assert_misuse(const call *calls, size_t count) {
    hapax_options o = small_options();
    run r;
    begin(&r, &o);
    for (size_t i = 0; i + 1 < count; i++) assert_int_equal(calls[i](r.h), HAPAX_OK);
    assert_int_equal(calls[count - 1](r.h), HAPAX_E_STATE);
    hapax_error error = {0};
    hapax_get_error(r.h, &error);
    assert_int_equal(error.status, HAPAX_E_STATE);
    assert_true(error.text[0] != 0);
    size_t got = 7;
    uint8_t byte;
    assert_int_equal(hapax_pull(r.h, HAPAX_TEXT, &byte, 1, &got), HAPAX_E_STATE);
    assert_int_equal(got, 0);
    assert_int_equal(hapax_wait(r.h, HAPAX_CAN_PUSH | HAPAX_CAN_PULL), HAPAX_E_STATE);
    assert_int_equal(call_push(r.h), HAPAX_E_STATE);
    assert_int_equal(call_begin(r.h), HAPAX_E_STATE);
    hapax_stats stats;
    hapax_get_stats(r.h, &stats);
    hapax_repeat repeat;
    assert_int_equal(hapax_most_removed(r.h, &repeat, 1), 0);
    end(&r);
}

static void calls_in_the_wrong_order_are_told(void **state) {
    (void)state;
    assert_misuse((const call[]){call_push}, 1);
    assert_misuse((const call[]){call_end}, 1);
    assert_misuse((const call[]){call_begin, call_begin}, 2);
    assert_misuse((const call[]){call_begin, call_push, call_begin}, 3);
    assert_misuse((const call[]){call_begin, call_push, call_finish}, 3);
    assert_misuse((const call[]){call_begin, call_end, call_end}, 3);
    assert_misuse((const call[]){call_begin, call_end, call_push}, 3);
    assert_misuse((const call[]){call_finish, call_finish}, 2);
    assert_misuse((const call[]){call_finish, call_begin}, 2);
    assert_misuse((const call[]){call_begin, call_end, call_finish, call_push}, 4);
    hapax_destroy(NULL);
}

/* Outputs. */

static void expect_text(run *r, const char *text) {
    bytes_add(&r->text, "", 0);
    assert_string_equal((const char *)r->text.ptr, text);
}

static void outputs_end_with_next_and_done_stays(void **state) {
    (void)state;
    for (size_t most = 1; most < 9; most++) {
        hapax_options o = small_options();
        run r;
        begin(&r, &o);
        bytes a = text_of("甲。\n"), b = text_of("乙。"), nothing = {0};
        put(&r, "a", a, 0, 1);
        put(&r, "b", b, 0, 1);
        put(&r, "c", a, HAPAX_NEW_OUTPUT, 1);
        put(&r, "d", b, HAPAX_AGAINST, 1);
        put(&r, "e", nothing, HAPAX_NEW_OUTPUT, 1);
        put(&r, "f", b, HAPAX_NEW_OUTPUT, 1);
        finish(&r, most);
        expect_text(&r, "甲。\n\n乙。\n<next>甲。\n<next><next>乙。\n");
        for (int i = 0; i < 3; i++) {
            size_t got;
            assert_true(pull(&r, HAPAX_TEXT, 10, &got));
            assert_true(pull(&r, HAPAX_JOURNAL, 10, &got));
            assert_int_equal(hapax_wait(r.h, HAPAX_CAN_PULL), HAPAX_OK);
        }
        bytes_free(&a);
        bytes_free(&b);
        end(&r);
    }
}

static void the_first_document_begins_an_output_with_and_without_the_flag(void **state) {
    (void)state;
    for (unsigned flags = 0; flags <= HAPAX_NEW_OUTPUT; flags += HAPAX_NEW_OUTPUT) {
        hapax_options o = small_options();
        run r;
        begin(&r, &o);
        bytes a = text_of("甲。\n");
        put(&r, "before", a, HAPAX_AGAINST, 9);
        put(&r, "a", a, flags, 9);
        finish(&r, 9);
        expect_text(&r, "甲。\n");
        bytes_free(&a);
        end(&r);
    }
}

static void nothing_in_nothing_out(void **state) {
    (void)state;
    hapax_options o = small_options();
    run r;
    begin(&r, &o);
    finish(&r, 9);
    assert_int_equal(r.text.len, 0);
    end(&r);
    o.gzip_level = 6;
    begin(&r, &o);
    finish(&r, 1);
    bytes text = {0};
    assert_true(gunzip_add(&text, r.text.ptr, r.text.len)); /* an empty member, not an empty file */
    assert_int_equal(text.len, 0);
    end(&r);
    o.journal = true;
    begin(&r, &o);
    bytes nothing = {0};
    put(&r, "empty", nothing, 0, 1);
    put(&r, "against", nothing, HAPAX_AGAINST, 1);
    finish(&r, 1);
    assert_non_null(memmem(r.journal.ptr, r.journal.len, "{\"type\":\"end\"", 13));
    end(&r);
    bytes_free(&text);
}

static void every_size_of_piece_gives_the_same(void **state) {
    (void)state;
    prng random = prng_seeded(3, 1);
    bytes text = {0}, want = {0}, want_journal = {0};
    add_article(&text, &random, 9000);
    bytes_reserve(&text, 4000);
    bytes_add(&text, text.ptr, 3000);
    for (size_t i = 0; i < 12; i++) {
        hapax_options o = small_options();
        o.journal = true;
        o.jobs = i % 4 == 3 ? 3 : 1;
        o.batch_nbytes = i % 3 ? 1 + 777 * (i - 1) : 0;
        run r;
        begin(&r, &o);
        put(&r, "a", text, 0, i ? prng_range(&random, 1, 4000) : text.len);
        put(&r, "b", text, HAPAX_NEW_OUTPUT, i ? 1 + i : text.len);
        finish(&r, i ? prng_range(&random, 1, 3000) : 65536);
        if (i == 0) want = bytes_copy(r.text), want_journal = bytes_copy(r.journal);
        assert_true(bytes_equal(r.text, want));
        assert_true(bytes_equal(r.journal, want_journal));
        end(&r);
    }
    assert_non_null(memmem(want_journal.ptr, want_journal.len, "\"removed\"", 9));
    bytes_free(&text);
    bytes_free(&want);
    bytes_free(&want_journal);
}

/* Nobody pulls: push stops taking, tells so, and goes on when there is room. */
static void push_stops_while_nobody_pulls(void **state) {
    (void)state;
    prng random = prng_seeded(5, 1);
    bytes text = {0};
    add_article(&text, &random, (size_t)1 << 20);
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        hapax_options o = small_options();
        o.no_find = true;
        o.jobs = jobs;
        run r;
        begin(&r, &o);
        assert_int_equal(hapax_begin(r.h, "long", 0), HAPAX_OK);
        size_t pushed = 0, taken = 1, idle = 0;
        while (pushed < (size_t)64 << 20 && idle < 3) {
            size_t at = pushed % text.len;
            assert_int_equal(hapax_push(r.h, text.ptr + at, text.len - at, &taken), HAPAX_OK);
            pushed += taken;
            hapax_stats stats;
            hapax_get_stats(r.h, &stats);
            assert_true(stats.held_nbytes <= stats.held_limit_nbytes);
            if (taken) idle = 0;
            else if (jobs == 1) idle = 3;
            else if (stats.held_nbytes >= (uint64_t)2 << 20) idle++, assert_int_equal(hapax_wait(r.h, HAPAX_CAN_PULL), HAPAX_OK);
        }
        assert_true(pushed < (size_t)64 << 20);
        pull_ready(&r, 65536);
        assert_int_equal(hapax_wait(r.h, HAPAX_CAN_PUSH), HAPAX_OK);
        assert_int_equal(hapax_push(r.h, text.ptr, 1000, &taken), HAPAX_OK);
        assert_true(taken > 0);
        end(&r); /* in the middle of a document, with much in every stage */
    }
    bytes_free(&text);
}

static void wait_with_one_job_does_the_work(void **state) {
    (void)state;
    hapax_options o = small_options();
    run r;
    begin(&r, &o);
    bytes a = text_of("甲。\n");
    put(&r, "a", a, 0, 9);
    assert_int_equal(hapax_finish(r.h), HAPAX_OK);
    assert_int_equal(hapax_wait(r.h, HAPAX_CAN_PULL), HAPAX_OK);
    size_t got;
    assert_false(pull(&r, HAPAX_TEXT, 100, &got));
    assert_int_equal(got, a.len);
    bytes_free(&a);
    end(&r);
}

/* An end in the middle, at every stage. */

static void destroy_in_the_middle(void **state) {
    (void)state;
    prng random = prng_seeded(11, 1);
    bytes text = {0};
    add_article(&text, &random, 300000);
    for (unsigned i = 0; i < 24; i++) {
        hapax_options o = small_options();
        o.jobs = 1 + i % 4;
        o.gzip_level = i % 3 ? 1 : 0;
        o.journal = i % 2;
        o.batch_nbytes = i % 5 ? 4096 : 0;
        run r;
        begin(&r, &o);
        if (i % 6) {
            assert_int_equal(hapax_begin(r.h, "a", 0), HAPAX_OK);
            push(&r, text.ptr, prng_below(&random, text.len), 30000);
            if (i % 6 > 2) assert_int_equal(hapax_end(r.h), HAPAX_OK);
            if (i % 6 > 3) assert_int_equal(hapax_finish(r.h), HAPAX_OK);
            size_t got;
            if (i % 6 > 4) pull(&r, HAPAX_TEXT, 10, &got);
        }
        end(&r);
    }
    bytes_free(&text);
}

/* Two threads. */

typedef struct {
    run *r;
    bytes text;
    size_t piece;
} pusher;

static void *push_all(void *context) {
    pusher *p = context;
    hapax *h = p->r->h;
    for (int document = 0; document < 3; document++) {
        if (hapax_begin(h, "a", document ? HAPAX_NEW_OUTPUT : 0)) return "begin";
        for (size_t at = 0, taken; at < p->text.len; at += taken) {
            size_t left = p->text.len - at;
            if (hapax_push(h, p->text.ptr + at, left < p->piece ? left : p->piece, &taken)) return "push";
            if (taken == 0 && hapax_wait(h, HAPAX_CAN_PUSH)) return "wait";
        }
        if (hapax_end(h)) return "end";
    }
    return hapax_finish(h) ? "finish" : NULL;
}

/* While one thread compressed or cleaned inside a call, the other could take the next job of the only worker, and both wrote to the same
 * scratch memory. */
static void two_threads_push_and_pull(void **state) {
    (void)state;
    prng random = prng_seeded(17, 1);
    bytes text = {0}, want = {0}, want_journal = {0};
    add_article(&text, &random, 500000);
    for (unsigned i = 0; i < 9; i++) {
        hapax_options o = small_options();
        o.journal = true;
        o.gzip_level = i % 2 ? 1 : 0;
        o.jobs = i < 7 ? 1 : 2;
        o.batch_nbytes = i < 3 ? 0 : 5000;
        run r;
        begin(&r, &o);
        pusher p = {&r, text, i % 2 ? 3000 : 100000};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, push_all, &p), 0);
        drain(&r, 50000);
        void *problem;
        assert_int_equal(pthread_join(thread, &problem), 0);
        assert_null(problem);
        if (o.gzip_level == 0 && want.len == 0) want = bytes_copy(r.text);
        if (want_journal.len == 0) want_journal = bytes_copy(r.journal);
        assert_true(bytes_equal(r.journal, want_journal));
        assert_int_equal(r.next_count, 2);
        if (o.gzip_level == 0) assert_true(bytes_equal(r.text, want));
        end(&r);
    }
    bytes_free(&text);
    bytes_free(&want);
    bytes_free(&want_journal);
}

/* Bounds. */

static void add_as_json(bytes *out, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] < 0x20 || p[i] == 0x7F || p[i] == '"' || p[i] == '\\') bytes_add_text(out, p[i] == '\n' || p[i] == '"' || p[i] == '\\' ? "xx" : "xxxxxx");
        else bytes_add(out, p + i, 1);
    }
}

/* The journal is at most the removed text, as escaped, and 600 bytes for each cut. */
static void the_journal_is_not_much_larger_than_what_it_keeps(void **state) {
    (void)state;
    prng random = prng_seeded(23, 1);
    bytes text = {0};
    for (int i = 0; i < 60; i++) { /* one sentence of each paragraph is new, so there are many small cuts */
        size_t from = text.len;
        add_article(&text, &random, 400);
        if (i % 2 == 0) continue;
        text.len = from;
        for (int part = 0; part < 3; part++) {
            sentence_add(&text, &random, LANG_ENGLISH);
            sentence_add(&text, &random, LANG_CHINESE);
        }
        bytes_add_text(&text, "\n\n");
    }
    hapax_options o = small_options();
    o.journal = true;
    run r;
    begin(&r, &o);
    put(&r, "articles-of-the-first-week.txt", text, 0, 1 << 20);
    put(&r, "articles-of-the-second-week.txt", text, 0, 1 << 20);
    finish(&r, 65536);
    size_t cuts = 0;
    bytes removed = {0};
    for (const uint8_t *p = r.journal.ptr, *stop = p + r.journal.len; p < stop;) {
        const uint8_t *lf = memchr(p, '\n', (size_t)(stop - p));
        assert_non_null(lf);
        const char *key = memmem(p, (size_t)(lf - p), "\"text\":\"", 8);
        if (memmem(p, (size_t)(lf - p), "{\"type\":\"removed\"", 17)) {
            const char *value_end = memmem(key, (size_t)((const char *)lf - key), "\",\"new\"", 7);
            size_t text_nbytes = (size_t)(value_end - key) - 8, line_nbytes = (size_t)(lf + 1 - p);
            if (line_nbytes > text_nbytes + 600) fail_msg("a line of %zu bytes for %zu bytes of text: %.*s", line_nbytes, text_nbytes, (int)line_nbytes, (const char *)p);
            cuts++;
        }
        p = lf + 1;
    }
    hapax_stats stats;
    hapax_get_stats(r.h, &stats);
    assert_int_equal(stats.removed_spans, cuts);
    assert_true(cuts > 20);
    add_as_json(&removed, text.ptr, text.len);
    assert_true(r.journal.len <= removed.len + 600 * cuts + 600);
    bytes_free(&removed);
    bytes_free(&text);
    end(&r);
}

/* A reader that never quite catches up: what it has already taken stayed in memory until it had taken all. */
static void a_slow_reader_of_the_journal_does_not_fill_the_memory(void **state) {
    (void)state;
    prng random = prng_seeded(29, 1);
    bytes text = {0};
    add_article(&text, &random, 300000);
    hapax_options o = small_options();
    o.journal = true;
    o.store_memory_nbytes = (size_t)1 << 20; /* so that it does not grow either */
    o.batch_nbytes = 1; /* so that no part of a document waits for the next one */
    run r;
    begin(&r, &o);
    uint64_t early = 0;
    size_t each = 0; /* bytes of journal for each document; grows a little with the digits of its numbers */
    for (int i = 0; i < 30; i++) {
        put(&r, "again", text, 0, 1 << 20);
        size_t got;
        do pull(&r, HAPAX_TEXT, 65536, &got);
        while (got);
        if (i < 4) {
            each = r.journal.len;
            do pull(&r, HAPAX_JOURNAL, 65536, &got);
            while (got);
            each = r.journal.len - each;
        } else if (i > 4) { /* what the document before left there, and not a byte more */
            for (size_t left = each; left; left -= got) {
                pull(&r, HAPAX_JOURNAL, left, &got);
                assert_true(got > 0);
            }
        }
        hapax_stats stats;
        hapax_get_stats(r.h, &stats);
        if (i == 8) early = stats.memory_peak_nbytes;
        if (i > 8) assert_in_range(stats.memory_peak_nbytes, 0, early + ((uint64_t)2 << 20));
    }
    assert_true(each > 300000);
    bytes_free(&text);
    end(&r);
}

/* More documents than the ring of batches had places for, while nothing could be judged: a batch was lost, and DONE never came. */
static void many_empty_documents_while_nobody_pulls(void **state) {
    (void)state;
    prng random = prng_seeded(31, 1);
    bytes text = {0};
    add_article(&text, &random, (size_t)3 << 20);
    hapax_options o = small_options();
    o.no_find = true;
    run r;
    begin(&r, &o);
    assert_int_equal(hapax_begin(r.h, "long", 0), HAPAX_OK);
    size_t taken;
    assert_int_equal(hapax_push(r.h, text.ptr, text.len, &taken), HAPAX_OK);
    assert_int_equal(hapax_end(r.h), HAPAX_OK);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(hapax_begin(r.h, "empty", 0), HAPAX_OK);
        assert_int_equal(hapax_end(r.h), HAPAX_OK);
    }
    bytes last = text_of("末尾。\n");
    assert_int_equal(hapax_begin(r.h, "last", 0), HAPAX_OK);
    push(&r, last.ptr, last.len, 99);
    assert_int_equal(hapax_end(r.h), HAPAX_OK);
    finish(&r, 65536);
    hapax_stats stats;
    hapax_get_stats(r.h, &stats);
    assert_int_equal(stats.documents, 100002);
    assert_memory_equal(r.text.ptr + r.text.len - last.len, last.ptr, last.len);
    bytes_free(&text);
    bytes_free(&last);
    end(&r);
}

/* Events. */

typedef struct {
    size_t damages, warnings, notes;
} counts;

static void count_event(void *context, const hapax_event *event) {
    counts *c = context;
    assert_true(event->rule[0] && event->message[0] && event->message[strlen(event->message) - 1] != '.');
    if (event->severity == HAPAX_DAMAGE) c->damages++;
    else if (event->severity == HAPAX_WARNING) c->warnings++;
    else c->notes++;
}

/* Four events at most come out of one look into the bytes: the rest has to be asked for. */
static void every_damaged_member_is_told(void **state) {
    (void)state;
    for (size_t members = 1; members < 40; members += 3) {
        bytes gz = {0};
        for (size_t i = 0; i < members; i++) {
            size_t from = gz.len;
            gzip_add(&gz, (const uint8_t *)"甲。\n", 7, 6, 1);
            gz.ptr[gz.len - 8] ^= 0xFF; /* the checksum */
            assert_true(gz.len - from < 40);
        }
        counts c = {0};
        hapax_options o = small_options();
        o.on_event = count_event;
        o.event_context = &c;
        run r;
        begin(&r, &o);
        put(&r, "gz", gz, 0, gz.len);
        finish(&r, 65536);
        hapax_stats stats;
        hapax_get_stats(r.h, &stats);
        assert_int_equal(c.damages, members);
        assert_int_equal(stats.damage_gzip, members);
        bytes_free(&gz);
        end(&r);
    }
}

static void what_was_removed_most_is_told_with_its_places(void **state) {
    (void)state;
    bytes text = text_of("渡口的木船每天清晨往返两岸，船工说这条水路已经走了四十多年，沿途的浅滩和暗流他闭着眼也能数出来，只是如今坐船的人越来越少了。"), other = {0};
    bytes_add_text(&other, "后来的一段话。\n");
    bytes_add(&other, text.ptr, text.len);
    hapax_options o = small_options();
    run r;
    begin(&r, &o);
    put(&r, "first", text, 0, 99);
    put(&r, "second", other, 0, 99);
    put(&r, "third", text, 0, 99);
    hapax_repeat repeats[4];
    assert_int_equal(hapax_most_removed(r.h, repeats, 4), 0); /* not before DONE */
    finish(&r, 65536);
    assert_int_equal(hapax_most_removed(r.h, repeats, 0), 0);
    assert_int_equal(hapax_most_removed(r.h, repeats, 4), 1);
    assert_int_equal(repeats[0].copies, 2);
    assert_string_equal(repeats[0].document, "second");
    assert_int_equal(repeats[0].line, 2);
    assert_string_equal(repeats[0].source_document, "first");
    assert_int_equal(repeats[0].source_line, 1);
    assert_string_equal(repeats[0].differs, "");
    assert_memory_equal(repeats[0].excerpt, text.ptr, strlen(repeats[0].excerpt));
    bytes_free(&text);
    bytes_free(&other);
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(every_status_has_a_sentence),
        cmocka_unit_test(calls_in_the_wrong_order_are_told),
        cmocka_unit_test(outputs_end_with_next_and_done_stays),
        cmocka_unit_test(the_first_document_begins_an_output_with_and_without_the_flag),
        cmocka_unit_test(nothing_in_nothing_out),
        cmocka_unit_test(every_size_of_piece_gives_the_same),
        cmocka_unit_test(push_stops_while_nobody_pulls),
        cmocka_unit_test(wait_with_one_job_does_the_work),
        cmocka_unit_test(destroy_in_the_middle),
        cmocka_unit_test(two_threads_push_and_pull),
        cmocka_unit_test(the_journal_is_not_much_larger_than_what_it_keeps),
        cmocka_unit_test(a_slow_reader_of_the_journal_does_not_fill_the_memory),
        cmocka_unit_test(many_empty_documents_while_nobody_pulls),
        cmocka_unit_test(every_damaged_member_is_told),
        cmocka_unit_test(what_was_removed_most_is_told_with_its_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
