/* drive: see drive.h. */
#include "drive.h"

#include "variants.h"

#include <stdarg.h>

typedef struct {
    hapax *h;
    const run_setup *setup;
    run_result *result;
    prng r;
    bool text_done, journal_done;
    uint8_t room[65536];
} driver;

__attribute__((format(printf, 2, 3))) static void fail(run_result *result, const char *format, ...) {
    if (result->failure[0]) return; /* the first one says most */
    va_list args;
    va_start(args, format);
    vsnprintf(result->failure, sizeof result->failure, format, args);
    va_end(args);
}

static size_t piece(driver *d, pieces_kind kind, size_t most) {
    if (kind == PIECES_BYTE) return 1;
    if (kind == PIECES_WHOLE) return most;
    size_t n = prng_chance(&d->r, 500) ? prng_range(&d->r, 1, 16) : prng_range(&d->r, 1, 5000);
    return n < most ? n : most;
}

static void on_event(void *context, const hapax_event *event) {
    run_result *result = context;
    if (result->event_count < RUN_MAX_EVENTS) {
        run_event *e = &result->events[result->event_count];
        *e = (run_event){
            .severity = event->severity, .line = event->line, .column = event->column, .byte = event->byte};
        snprintf(e->rule, sizeof e->rule, "%s", event->rule ? event->rule : "(none)");
        if (event->document && event->document[0] == 'd')
            e->document = strtoul(event->document + 1, NULL, 10);
        else if (event->document)
            fail(result, "event names the document %s", event->document);
    }
    result->event_count++;
    if (!event->message || !event->message[0]) fail(result, "event without a message");
}

static void check_bounds(driver *d) {
    hapax_stats s;
    hapax_get_stats(d->h, &s);
    if (s.held_nbytes > s.held_limit_nbytes || s.held_peak_nbytes > s.held_limit_nbytes)
        fail(d->result, "promise 6: held %llu, peak %llu, limit %llu", (unsigned long long)s.held_nbytes,
             (unsigned long long)s.held_peak_nbytes, (unsigned long long)s.held_limit_nbytes);
    if (s.memory_peak_nbytes > s.memory_limit_nbytes || s.memory_nbytes > s.memory_limit_nbytes)
        fail(d->result, "promise 6: memory %llu, peak %llu, limit %llu", (unsigned long long)s.memory_nbytes,
             (unsigned long long)s.memory_peak_nbytes, (unsigned long long)s.memory_limit_nbytes);
}

/* Takes what is ready of one stream; returns the bytes got. */
static size_t pull(driver *d, hapax_stream stream) {
    size_t got = 0, room = piece(d, d->setup->pull, sizeof d->room);
    bool *done = stream == HAPAX_TEXT ? &d->text_done : &d->journal_done;
    hapax_status status = hapax_pull(d->h, stream, d->room, room, &got);
    if (*done && (status != HAPAX_DONE || got))
        fail(d->result, "promise 8: after DONE pull gave status %d and %zu bytes", (int)status, got);
    if (got > room) fail(d->result, "pull gave %zu bytes where %zu were asked for", got, room);
    if (stream == HAPAX_TEXT) {
        if (got) {
            bytes_add(&d->result->outputs[d->result->output_count - 1], d->room, got);
        }
        if (status == HAPAX_NEXT && d->result->output_count++ > CASE_MAX_DOCUMENTS) {
            d->result->output_count--;
            fail(d->result, "more outputs than documents");
        }
    } else {
        bytes_add(&d->result->journal, d->room, got);
        if (status == HAPAX_NEXT) fail(d->result, "NEXT from the journal");
    }
    if (status == HAPAX_DONE)
        *done = true;
    else if (status != HAPAX_OK && status != HAPAX_NEXT && d->result->status == HAPAX_OK)
        d->result->status = status;
    return got + (status == HAPAX_NEXT);
}

static bool is_fine(driver *d, hapax_status status) {
    if (d->result->status == HAPAX_OK && status != HAPAX_OK) d->result->status = status;
    return d->result->status == HAPAX_OK;
}

static bool push_all(driver *d, const uint8_t *in, size_t nbytes) {
    size_t at = 0;
    while (at < nbytes) {
        size_t n = piece(d, d->setup->push, nbytes - at), taken = 0;
        if (!is_fine(d, hapax_push(d->h, in + at, n, &taken))) return false;
        if (taken > n) return fail(d->result, "push took more than it was given"), false;
        at += taken;
        size_t got = 0;
        if (taken < n || d->setup->push != PIECES_BYTE || prng_chance(&d->r, 20)) {
            got = pull(d, HAPAX_TEXT) + pull(d, HAPAX_JOURNAL);
            check_bounds(d);
        }
        if (taken == 0 && got == 0 && !is_fine(d, hapax_wait(d->h, HAPAX_CAN_PUSH | HAPAX_CAN_PULL)))
            return false;
        if (d->result->failure[0] || d->result->status != HAPAX_OK) return false;
    }
    return true;
}

static bool push_document(driver *d, const test_case *c, size_t number) {
    char name[24], output[24];
    snprintf(name, sizeof name, "d%zu", number);
    snprintf(output, sizeof output, "o%zu", number);
    unsigned flags = c->flags[number];
    hapax_status status = flags & HAPAX_NEW_OUTPUT ? hapax_begin_output(d->h, name, output, flags)
                                                   : hapax_begin(d->h, name, flags);
    if (!is_fine(d, status)) return false;
    bytes text = c->documents[number], gz = {0};
    if (d->setup->gzip_in) {
        gzip_add(&gz, text.ptr, text.len, 1, 1 + number % 3);
        text = gz;
    }
    bool fine = push_all(d, text.ptr, text.len);
    bytes_free(&gz);
    return fine && is_fine(d, hapax_end(d->h));
}

static void drain(driver *d) {
    while (d->result->status == HAPAX_OK && !d->result->failure[0] && !(d->text_done && d->journal_done)) {
        size_t got = 0;
        if (!d->text_done) got += pull(d, HAPAX_TEXT);
        if (!d->journal_done) got += pull(d, HAPAX_JOURNAL);
        check_bounds(d);
        if (got == 0 && !(d->text_done && d->journal_done)) is_fine(d, hapax_wait(d->h, HAPAX_CAN_PULL));
    }
    if (d->result->status != HAPAX_OK) return;
    pull(d, HAPAX_TEXT), pull(d, HAPAX_JOURNAL); /* DONE stays */
    hapax_stats s;
    hapax_get_stats(d->h, &s);
    if (s.held_nbytes)
        fail(d->result, "promise 6: everything is put out, and %llu bytes are held",
             (unsigned long long)s.held_nbytes);
}

static void unzip_outputs(run_result *result) {
    for (size_t i = 0; i < result->output_count; i++) {
        bytes text = {0};
        if (!gunzip_add(&text, result->outputs[i].ptr, result->outputs[i].len))
            fail(result, "promise 8: output %zu is not whole gzip", i);
        bytes_free(&result->outputs[i]);
        result->outputs[i] = text;
    }
}

/* An output that never began leaves nothing; its gzip form would be 20 bytes. */
static void unzip_or_leave(run_result *result) {
    if (result->output_count == 1 && result->outputs[0].len == 0) return;
    unzip_outputs(result);
}

static hapax_options options_of(const test_case *c, const run_setup *setup, run_result *result) {
    hapax_options o;
    hapax_options_init(&o);
    o.min_length = c->min_length;
    o.scope = c->scope;
    o.no_clean = c->no_clean;
    o.no_find = setup->no_find;
    o.no_remove = setup->no_remove;
    o.journal = setup->journal;
    o.gzip_level = setup->gzip_level;
    o.jobs = setup->jobs ? setup->jobs : 1;
    o.memory_nbytes = setup->memory_nbytes ? setup->memory_nbytes : (uint64_t)16 << 20;
    o.batch_nbytes = setup->batch_nbytes;
    o.store_memory_nbytes = setup->store_memory_nbytes;
    o.on_event = on_event;
    o.event_context = result;
    return o;
}

void run_case(const test_case *c, const run_setup *setup, run_result *result) {
    hapax_error error = {0};
    *result = (run_result){0};
    driver *d = test_grow(NULL, 1, sizeof *d);
    d->h = NULL, d->setup = setup, d->result = result, d->r = prng_seeded(setup->pieces, 7);
    d->text_done = d->journal_done = false;
    result->output_count = 1;
    hapax_options o = options_of(c, setup, result);
    if (is_fine(d, hapax_create(&d->h, &o, &error))) {
        bool fine = true;
        for (size_t i = 0; i < c->count && fine; i++)
            fine = push_document(d, c, i);
        if (fine && is_fine(d, hapax_finish(d->h))) drain(d);
        if (result->status != HAPAX_OK) hapax_get_error(d->h, &error);
        hapax_get_stats(d->h, &result->stats);
        check_bounds(d);
    }
    if (result->status != HAPAX_OK)
        fail(result, "status %d: %s (%s)", (int)result->status, hapax_status_text(result->status),
             error.text);
    hapax_destroy(d->h);
    free(d);
    if (setup->gzip_level && !result->failure[0]) unzip_or_leave(result);
}

void run_result_release(run_result *result) {
    for (size_t i = 0; i < CASE_MAX_DOCUMENTS + 1; i++)
        bytes_free(&result->outputs[i]);
    bytes_free(&result->journal);
}

hapax_status run_restore(bytes journal, bytes output, const char *output_name, uint64_t pieces,
                         bytes *restored, hapax_error *error) {
    hapax_restorer *r = NULL;
    prng random = prng_seeded(pieces, 11);
    hapax_status status = hapax_restorer_create(&r, output_name, NULL, (uint64_t)16 << 20, error);
    for (size_t at = 0; status == HAPAX_OK && at < journal.len;) {
        size_t n = prng_range(&random, 1, 3000);
        if (n > journal.len - at) n = journal.len - at;
        status = hapax_restorer_journal(r, journal.ptr + at, n);
        at += n;
    }
    if (status == HAPAX_OK) status = hapax_restorer_journal_end(r);
    size_t at = 0, taken = 0, got = 0;
    uint8_t room[4096];
    while (status == HAPAX_OK && at < output.len) {
        size_t n = prng_range(&random, 1, 3000);
        if (n > output.len - at) n = output.len - at;
        status = hapax_restorer_push(r, output.ptr + at, n, &taken);
        at += taken;
        if (status == HAPAX_OK)
            status = hapax_restorer_pull(r, room, prng_range(&random, 1, sizeof room), &got);
        if (status == HAPAX_OK) bytes_add(restored, room, got);
    }
    if (status == HAPAX_OK) status = hapax_restorer_end(r);
    while (status == HAPAX_OK) {
        status = hapax_restorer_pull(r, room, sizeof room, &got);
        if (status == HAPAX_OK || status == HAPAX_DONE) bytes_add(restored, room, got);
    }
    if (status != HAPAX_DONE && r) hapax_restorer_get_error(r, error);
    hapax_restorer_destroy(r);
    return status == HAPAX_DONE ? HAPAX_OK : status;
}
