/* drain: see drain.h. Layer 7. */
#include "drain.h"

#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE_NBYTES (256u << 10)
#define NAME_NBYTES  1024
#define FAILED_TICK_NS 1000000L

/* Reports why an output failed; a reader that went away is no reason for words. */
static bool output_failed(hpx_drain *drain, const char *name, const hpx_output_error *error) {
    char shown[NAME_NBYTES];
    drain->failed = true;
    if (error->sys_errno == EPIPE) hpx_watch_broken_pipe(drain->watch);
    if (error->sys_errno != EPIPE)
        hpx_messages_error(drain->messages, "cannot %s %s: %s", error->doing,
                           strcmp(name, "-") == 0 ? "standard output" : hpx_messages_name(name, shown, sizeof shown),
                           hpx_io_reason(error->sys_errno));
    return false;
}

/* The name of the text output of this number, in the order in which they begin. */
static const char *text_name(const hpx_drain *drain, size_t number) {
    if (!drain->outputs->chosen->names) return drain->outputs->chosen->name;
    return drain->outputs->chosen->names[drain->outputs->begun[number]];
}

/* The name of the one that is open. */
static const char *open_name(const hpx_drain *drain) {
    return text_name(drain, drain->outputs_opened - 1);
}

static bool open_text(hpx_drain *drain) {
    hpx_output_error error;
    drain->outputs_opened++;
    const char *name = open_name(drain);
    drain->text = hpx_output_file_open(drain->list, name, hpx_outputs_is_gzip_name(name) ? drain->gzip_level : 0, &error);
    return drain->text || output_failed(drain, name, &error);
}

static bool open_other(hpx_drain *drain, const char *name, int gzip_level, hpx_output_file **file) {
    hpx_output_error error;
    if (name) *file = hpx_output_file_open(drain->list, name, gzip_level, &error);
    return !name || *file || output_failed(drain, name, &error);
}

bool hpx_drain_open(hpx_drain *drain) {
    const char *journal = drain->options->journal;
    drain->piece = malloc(PIECE_NBYTES);
    if (!drain->piece) return output_failed(drain, "-", &(hpx_output_error){ENOMEM, "write"});
    if (!drain->outputs->chosen->names && !open_text(drain)) return false;
    drain->journal_done = !journal;
    // The statistics are written last; that they cannot be is better known before.
    return open_other(drain, journal, journal && hpx_outputs_is_gzip_name(journal) ? drain->options->level : 0, &drain->journal) &&
           open_other(drain, drain->options->stats, 0, &drain->stats);
}

/* The open text is whole. Its name it gets with all the others. */
static bool end_text(hpx_drain *drain) {
    hpx_output_error error;
    if (drain->ended_count == drain->ended_cap) {
        size_t cap = drain->ended_cap ? 2 * drain->ended_cap : 16;
        hpx_output_file **grown = realloc(drain->ended, cap * sizeof *grown);
        if (!grown) return output_failed(drain, open_name(drain), &(hpx_output_error){ENOMEM, "write"});
        drain->ended = grown;
        drain->ended_cap = cap;
    }
    drain->ended[drain->ended_count++] = drain->text;
    drain->text = NULL;
    return hpx_output_file_finish(drain->ended[drain->ended_count - 1], &error) || output_failed(drain, open_name(drain), &error);
}

static bool write_text(hpx_drain *drain, size_t nbytes) {
    hpx_output_error error;
    if (!drain->text && !open_text(drain)) return false;
    return hpx_output_file_write(drain->text, drain->piece, nbytes, &error) || output_failed(drain, open_name(drain), &error);
}

/* An output has ended (also one without a byte), and another one begins. */
static bool next_text(hpx_drain *drain) {
    return (drain->text || open_text(drain)) && end_text(drain);
}

/* False when the writing failed; then the piece is thrown away. */
static bool take_text(hpx_drain *drain, hapax_status status, size_t nbytes) {
    if (drain->failed) return false;
    if (nbytes && !write_text(drain, nbytes)) return false;
    if (status == HAPAX_NEXT) return next_text(drain);
    if (status == HAPAX_DONE && drain->outputs->chosen->names) {
        // The last of several outputs; there may have been none at all.
        if (!drain->text && drain->outputs_opened == atomic_load(&drain->outputs->begun_count)) return true;
        return next_text(drain);
    }
    return true;
}

static bool take_journal(hpx_drain *drain, size_t nbytes) {
    hpx_output_error error;
    if (drain->failed || nbytes == 0) return !drain->failed;
    return hpx_output_file_write(drain->journal, drain->piece, nbytes, &error) ||
           output_failed(drain, drain->options->journal, &error);
}

static void pull_stream(hpx_drain *drain, hapax_stream stream, bool *done, bool *moved) {
    while (!*done) {
        size_t got = 0;
        hapax_status status = hapax_pull(drain->filter, stream, drain->piece, PIECE_NBYTES, &got);
        if (status > HAPAX_NEXT) {
            drain->status = status;
            return;
        }
        if (stream == HAPAX_TEXT) (void)take_text(drain, status, got);
        else (void)take_journal(drain, got);
        *done = status == HAPAX_DONE;
        if (status == HAPAX_OK && got == 0) return;
        *moved = true;
    }
}

bool hpx_drain_some(void *context, bool *moved) {
    hpx_drain *drain = context;
    pull_stream(drain, HAPAX_TEXT, &drain->text_done, moved);
    if (drain->status == HAPAX_OK) pull_stream(drain, HAPAX_JOURNAL, &drain->journal_done, moved);
    return drain->status == HAPAX_OK && !drain->failed;
}

/* The output has failed, and the reading side, which has been told, may still wait for room: it ends without finishing the
 * filter, as half a document would be reported as damaged. So the end to wait for is its, not the filter's. */
static void throw_away(hpx_drain *drain) {
    while (drain->status == HAPAX_OK && drain->feed_over && !atomic_load(drain->feed_over)) {
        bool moved = false;
        (void)hpx_drain_some(drain, &moved);
        if (!moved) nanosleep(&(struct timespec){.tv_nsec = FAILED_TICK_NS}, NULL);
    }
}

void hpx_drain_all(hpx_drain *drain) {
    while (drain->status == HAPAX_OK && !drain->failed && !(drain->text_done && drain->journal_done)) {
        bool moved = false;
        (void)hpx_drain_some(drain, &moved);
        if (!moved && drain->status == HAPAX_OK) drain->status = hapax_wait(drain->filter, HAPAX_CAN_PULL);
    }
    if (!drain->failed && drain->status == HAPAX_OK) return;
    // The reading side may be waiting for bytes that nobody wants any more.
    if (drain->on_failure) drain->on_failure(drain->failure_context);
    throw_away(drain);
}

bool hpx_drain_stats(hpx_drain *drain, const char *text) {
    hpx_output_error error = {ENOMEM, "write"};
    if (text && hpx_output_file_write(drain->stats, text, strlen(text), &error)) return true;
    return output_failed(drain, drain->options->stats, &error);
}

/* The texts get their names last: whoever sees one finds the journal that describes it. */
static bool commit(hpx_drain *drain, bool keep, bool keep_stats) {
    hpx_output_error error = {ENOMEM, "replace"};
    hpx_output_file **files = calloc(drain->ended_count + 3, sizeof *files);
    if (!files) return output_failed(drain, text_name(drain, 0), &error);
    const char *names[2];
    size_t count = 0;
    if (keep && drain->journal) names[count] = drain->options->journal, files[count++] = drain->journal;
    if (keep_stats && drain->stats) names[count] = drain->options->stats, files[count++] = drain->stats;
    size_t others = count;
    for (size_t i = 0; keep && i < drain->ended_count; i++) files[count++] = drain->ended[i];
    if (keep && drain->text) files[count++] = drain->text;
    if (keep) drain->journal = drain->text = NULL, drain->ended_count = 0;
    if (keep_stats) drain->stats = NULL;
    size_t done = hpx_output_files_commit(files, count, &error);
    free(files);
    if (done == count) return true;
    return output_failed(drain, done < others ? names[done] : text_name(drain, done - others), &error);
}

bool hpx_drain_close(hpx_drain *drain, bool keep, bool keep_stats) {
    if ((keep || keep_stats) && !drain->failed) (void)commit(drain, keep, keep_stats);
    hpx_output_file_discard(drain->text);
    for (size_t i = 0; i < drain->ended_count; i++) hpx_output_file_discard(drain->ended[i]);
    hpx_output_file_discard(drain->journal);
    hpx_output_file_discard(drain->stats);
    drain->text = drain->journal = drain->stats = NULL;
    drain->ended_count = 0;
    free(drain->ended);
    free(drain->piece);
    drain->ended = NULL;
    drain->piece = NULL;
    return !drain->failed;
}
