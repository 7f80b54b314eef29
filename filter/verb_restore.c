/* verb_restore: see verb_restore.h. Layer 8. */
#include "verb_restore.h"

#include "io.h"
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_NBYTES (256u << 10)
#define NAME_NBYTES  1024

enum { RESTORE_DONE = 0, RESTORE_FAILED = 2 };

typedef struct {
    const hpx_options *options;
    hpx_messages *messages;
    hpx_watch *watch;
    hapax_restorer *restorer;
    hpx_output_file *file;
    const char *file_name;
    uint8_t *in, *out; /* one piece each */
} restore_run;

static bool input_failed(restore_run *run, const char *name, const char *why) {
    char shown[NAME_NBYTES];
    hpx_messages_error(run->messages, "%s: %s", hpx_messages_name(name, shown, sizeof shown), why);
    return false;
}

static bool output_failed(restore_run *run, const hpx_output_error *error) {
    char shown[NAME_NBYTES];
    if (error->sys_errno == EPIPE) {
        hpx_watch_broken_pipe(run->watch);
        return false;
    }
    hpx_messages_error(run->messages, "cannot %s %s: %s", error->doing,
                       strcmp(run->file_name, "-") == 0 ? "standard output"
                                                        : hpx_messages_name(run->file_name, shown, sizeof shown),
                       hpx_io_reason(error->sys_errno));
    return false;
}

/* name is the file that was being read. */
static bool restorer_failed(restore_run *run, const char *name) {
    char shown[NAME_NBYTES];
    hapax_error error = {0};
    hapax_restorer_get_error(run->restorer, &error);
    hpx_messages_name(name, shown, sizeof shown);
    if (error.sys_errno) hpx_messages_error(run->messages, "%s: %s: %s", shown, error.text, hpx_io_reason(error.sys_errno));
    else if (error.status == HAPAX_E_JOURNAL || error.status == HAPAX_E_CHECKSUM)
        hpx_messages_error(run->messages, "%s: %s (byte %llu)", shown, error.text, (unsigned long long)error.offset);
    else hpx_messages_error(run->messages, "%s: %s", shown, error.text);
    return false;
}

/* What is written to standard output must not be read again. */
static int open_input(const restore_run *run, const char *name, const char **why) {
    int fd = hpx_io_open(name, why);
    if (fd < 0 || run->options->output || !hpx_io_is_same_file(fd, STDOUT_FILENO)) return fd;
    hpx_io_close(fd);
    *why = "is also the output";
    return -1;
}

static bool read_journal(restore_run *run, const char *name) {
    const char *why = NULL;
    int fd = open_input(run, name, &why);
    if (fd < 0) return input_failed(run, name, why);
    hapax_status status = HAPAX_OK;
    ssize_t n = 0;
    while (status == HAPAX_OK && (n = hpx_io_read(fd, run->in, PIECE_NBYTES)) > 0)
        status = hapax_restorer_journal(run->restorer, run->in, (size_t)n);
    int sys_errno = errno;
    hpx_io_close(fd);
    if (n < 0) return input_failed(run, name, hpx_io_reason(sys_errno));
    if (status == HAPAX_OK) status = hapax_restorer_journal_end(run->restorer);
    return status == HAPAX_OK || restorer_failed(run, name);
}

/* Writes what is ready. False: failed and reported. *done: both checksums were right. */
static bool pull(restore_run *run, const char *name, bool *done) {
    hpx_output_error error;
    for (;;) {
        size_t got = 0;
        hapax_status status = hapax_restorer_pull(run->restorer, run->out, PIECE_NBYTES, &got);
        *done = status == HAPAX_DONE;
        if (status != HAPAX_OK && !*done) return restorer_failed(run, name);
        if (got == 0) return true;
        if (!hpx_output_file_write(run->file, run->out, got, &error)) return output_failed(run, &error);
    }
}

static bool read_output(restore_run *run, const char *name, int fd) {
    bool done = false;
    for (;;) {
        ssize_t n = hpx_io_read(fd, run->in, PIECE_NBYTES);
        if (n < 0) return input_failed(run, name, hpx_io_reason(errno));
        if (n == 0) break;
        for (size_t at = 0; at < (size_t)n;) {
            size_t taken = 0;
            hapax_status status = hapax_restorer_push(run->restorer, run->in + at, (size_t)n - at, &taken);
            if (status != HAPAX_OK) return restorer_failed(run, name);
            if (!pull(run, name, &done)) return false;
            at += taken;
        }
    }
    if (hapax_restorer_end(run->restorer) != HAPAX_OK) return restorer_failed(run, name);
    return pull(run, name, &done) && done;
}

static bool restore(restore_run *run, hpx_output_list *list, const hpx_outputs *chosen) {
    const char *output = run->options->files[0], *journal = run->options->files[1], *why = NULL;
    hapax_error failure = {0};
    hpx_output_error error;
    run->file_name = chosen->names ? chosen->names[0] : chosen->name;
    run->in = malloc(PIECE_NBYTES);
    run->out = malloc(PIECE_NBYTES);
    if (!run->in || !run->out) return hpx_messages_error(run->messages, "out of memory"), false;
    if (hapax_restorer_create(&run->restorer, output, run->options->tmpdir, run->options->memory_nbytes, &failure) != HAPAX_OK)
        return hpx_messages_error(run->messages, "%s", failure.text), false;
    if (!read_journal(run, journal)) return false;
    int fd = open_input(run, output, &why);
    if (fd < 0) return input_failed(run, output, why);
    run->file = hpx_output_file_open(list, run->file_name, chosen->all_gzip ? run->options->level : 0, &error);
    bool fine = run->file ? read_output(run, output, fd) : output_failed(run, &error);
    hpx_io_close(fd);
    if (!fine) return false;
    hpx_output_file *file = run->file;
    run->file = NULL;
    return hpx_output_file_commit(file, &error) || output_failed(run, &error);
}

int hpx_verb_restore(const hpx_options *options, hpx_messages *messages, hpx_output_list *list, hpx_watch *watch) {
    restore_run run = {.options = options, .messages = messages, .watch = watch};
    hpx_outputs chosen;
    bool fine = hpx_outputs_choose(&chosen, options, messages) && restore(&run, list, &chosen);
    hpx_output_file_discard(run.file);
    hapax_restorer_destroy(run.restorer);
    free(run.in);
    free(run.out);
    hpx_outputs_release(&chosen);
    return fine ? RESTORE_DONE : RESTORE_FAILED;
}
