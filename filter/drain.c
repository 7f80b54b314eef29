/* drain: see drain.h. Layer 7. */
#include "drain.h"

#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_NBYTES (256u << 10)
#define NAME_NBYTES  1024

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

/* The name of the text output that is open, or comes next. */
static const char *text_name(const hpx_drain *drain) {
    if (!drain->outputs->chosen->names) return drain->outputs->chosen->name;
    return drain->outputs->chosen->names[drain->outputs->begun[drain->outputs_opened - 1]];
}

static bool open_text(hpx_drain *drain) {
    hpx_output_error error;
    drain->outputs_opened++;
    const char *name = text_name(drain);
    drain->text = hpx_output_file_open(drain->list, name, hpx_outputs_is_gzip_name(name) ? drain->gzip_level : 0, &error);
    return drain->text || output_failed(drain, name, &error);
}

bool hpx_drain_open(hpx_drain *drain) {
    hpx_output_error error;
    const char *journal = drain->options->journal;
    drain->piece = malloc(PIECE_NBYTES);
    if (!drain->piece) return output_failed(drain, "-", &(hpx_output_error){ENOMEM, "write"});
    if (!drain->outputs->chosen->names && !open_text(drain)) return false;
    drain->journal_done = !journal;
    if (!journal) return true;
    drain->journal = hpx_output_file_open(drain->list, journal, hpx_outputs_is_gzip_name(journal) ? drain->options->level : 0, &error);
    return drain->journal || output_failed(drain, journal, &error);
}

static bool close_text(hpx_drain *drain) {
    hpx_output_error error;
    hpx_output_file *text = drain->text;
    drain->text = NULL;
    return hpx_output_file_commit(text, &error) || output_failed(drain, text_name(drain), &error);
}

static bool write_text(hpx_drain *drain, size_t nbytes) {
    hpx_output_error error;
    if (!drain->text && !open_text(drain)) return false;
    return hpx_output_file_write(drain->text, drain->piece, nbytes, &error) || output_failed(drain, text_name(drain), &error);
}

/* An output has ended (also one without a byte), and another one begins. */
static bool next_text(hpx_drain *drain) {
    return (drain->text || open_text(drain)) && close_text(drain);
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

void hpx_drain_all(hpx_drain *drain) {
    while (drain->status == HAPAX_OK && !(drain->text_done && drain->journal_done)) {
        bool moved = false;
        (void)hpx_drain_some(drain, &moved);
        if (drain->failed && drain->on_failure) drain->on_failure(drain->failure_context);
        if (!moved && drain->status == HAPAX_OK) drain->status = hapax_wait(drain->filter, HAPAX_CAN_PULL);
    }
    // The reading side may be waiting for bytes that nobody wants any more.
    if (drain->status != HAPAX_OK && drain->on_failure) drain->on_failure(drain->failure_context);
}

/* The text gets its name last: whoever sees it finds the journal that describes it. */
static bool commit(hpx_drain *drain) {
    hpx_output_error error;
    hpx_output_file *files[2];
    size_t count = 0;
    const char *names[2];
    if (drain->journal) names[count] = drain->options->journal, files[count++] = drain->journal;
    if (drain->text) names[count] = text_name(drain), files[count++] = drain->text;
    drain->journal = drain->text = NULL;
    size_t done = hpx_output_files_commit(files, count, &error);
    return done == count || output_failed(drain, names[done], &error);
}

bool hpx_drain_close(hpx_drain *drain, bool keep) {
    if (keep && !drain->failed) (void)commit(drain);
    hpx_output_file_discard(drain->text);
    hpx_output_file_discard(drain->journal);
    drain->text = drain->journal = NULL;
    free(drain->piece);
    drain->piece = NULL;
    return !drain->failed;
}
