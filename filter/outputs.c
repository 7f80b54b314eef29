/* outputs: see outputs.h. Layer 7. */
#include "outputs.h"

#include "io.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_NBYTES 1024

bool hpx_outputs_is_gzip_name(const char *name) {
    size_t n = strlen(name);
    return n >= 3 && strcmp(name + n - 3, ".gz") == 0;
}

static bool is_folder(const char *name) {
    struct stat st;
    size_t n = strlen(name);
    return (n && name[n - 1] == '/') || (stat(name, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Somebody who redirects to a file and says nothing may expect text in it. */
static void note_gzip_in_file(hpx_messages *messages) {
    struct stat st;
    char path[PATH_MAX], shown[NAME_NBYTES];
    if (fstat(STDOUT_FILENO, &st) != 0 || !S_ISREG(st.st_mode)) return;
    ssize_t n = readlink("/proc/self/fd/1", path, sizeof path - 1);
    if (n <= 0) return;
    path[n] = 0;
    if (!hpx_outputs_is_gzip_name(path))
        hpx_messages_note(messages, "%s will be gzip; -p writes text, -z or a name in .gz says that gzip is meant",
                          hpx_messages_name(path, shown, sizeof shown));
}

/* Somebody who names a file so means zstd, and would get something else. */
static bool is_not_zstd(const char *name, hpx_messages *messages) {
    char shown[NAME_NBYTES];
    size_t n = name ? strlen(name) : 0;
    if (n < 4 || strcmp(name + n - 4, ".zst") != 0) return true;
    hpx_messages_error(messages, "%s: this version does not write zstd; a name in .gz is compressed",
                       hpx_messages_name(name, shown, sizeof shown));
    return false;
}

static bool choose_single(hpx_outputs *outputs, const hpx_options *options, hpx_messages *messages) {
    outputs->name = options->output ? options->output : "-";
    if (options->format != HPX_FORMAT_AUTO) {
        outputs->all_gzip = options->format == HPX_FORMAT_GZIP;
    } else if (strcmp(outputs->name, "-") != 0) {
        outputs->all_gzip = hpx_outputs_is_gzip_name(outputs->name);
    } else {
        outputs->all_gzip = !isatty(STDOUT_FILENO);
        if (outputs->all_gzip) note_gzip_in_file(messages);
    }
    return true;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool choose_folder(hpx_outputs *outputs, const hpx_options *options, hpx_messages *messages) {
    const char *folder = options->output;
    size_t n = strlen(folder), gzip_count = 0;
    char shown[NAME_NBYTES];
    // restore has one output and a journal as its second operand.
    outputs->count = options->verb == HPX_VERB_RESTORE ? 1 : options->file_count ? options->file_count : 1;
    outputs->names = calloc(outputs->count, sizeof *outputs->names);
    if (!outputs->names) return hpx_messages_error(messages, "out of memory"), false;
    for (size_t i = 0; i < outputs->count; i++) {
        const char *input = i < options->file_count ? options->files[i] : "-";
        const char *name = base_name(strcmp(input, "-") == 0 ? options->stdin_name : input);
        if (strcmp(name, "-") == 0 || !*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            return hpx_messages_error(messages, "-o %s: '%s' gives no file name; --stdin-name names standard input",
                                      folder, input), false;
        if (asprintf(&outputs->names[i], "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name) < 0) {
            outputs->names[i] = NULL;
            return hpx_messages_error(messages, "out of memory"), false;
        }
        if (!is_not_zstd(outputs->names[i], messages)) return false;
        gzip_count += hpx_outputs_is_gzip_name(name);
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return hpx_messages_error(messages, "cannot make %s: %s", hpx_messages_name(folder, shown, sizeof shown),
                                  hpx_io_reason(errno)), false;
    outputs->all_gzip = options->format == HPX_FORMAT_AUTO ? gzip_count == outputs->count : options->format == HPX_FORMAT_GZIP;
    outputs->some_gzip = options->format == HPX_FORMAT_AUTO && gzip_count > 0;
    return true;
}

bool hpx_outputs_choose(hpx_outputs *outputs, const hpx_options *options, hpx_messages *messages) {
    *outputs = (hpx_outputs){0};
    bool folder = options->output && is_folder(options->output);
    if (!is_not_zstd(options->journal, messages)) return false;
    if (folder) return choose_folder(outputs, options, messages);
    return is_not_zstd(options->output, messages) && choose_single(outputs, options, messages);
}

void hpx_outputs_release(hpx_outputs *outputs) {
    for (size_t i = 0; outputs->names && i < outputs->count; i++) free(outputs->names[i]);
    free(outputs->names);
    outputs->names = NULL;
}
