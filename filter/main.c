/*
 * main: the command. Layer 9. Reads the environment and the command line, picks the verb, is the only one to end the process.
 */
#include "messages.h"
#include "options.h"
#include "options_text.h"
#include "output_file.h"
#include "verb_clean.h"
#include "verb_restore.h"
#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A closed descriptor below 3 would be given to the first file that is opened, and messages would go into it. What stands in for
 * it cannot be read or written, so that using it still fails. */
static void fill_closed_descriptors(void) {
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int print_and_free(char *text) {
    int status = text && fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? HPX_EXIT_DONE : HPX_EXIT_FAILED;
    free(text);
    if (status != HPX_EXIT_DONE) fputs("hapax: cannot write standard output\n", stderr);
    return status;
}

/* It may repeat a word of the command line. */
static void say_wrong(const char *wrong) {
    char shown[1024];
    fprintf(stderr, "hapax: %s\nhapax --help tells more\n", hpx_messages_name(wrong, shown, sizeof shown));
}

static bool is_dumb_terminal(void) {
    const char *term = getenv("TERM");
    return !isatty(STDERR_FILENO) || !term || strcmp(term, "dumb") == 0;
}

static int run(hpx_options *options) {
    const char *columns = getenv("COLUMNS"), *no_color = getenv("NO_COLOR"), *tmpdir = getenv("TMPDIR");
    if (!options->tmpdir && tmpdir && *tmpdir) options->tmpdir = tmpdir;
    bool dumb = is_dumb_terminal();
    bool color = options->color == HPX_WHEN_AUTO ? !dumb && !(no_color && *no_color) : options->color == HPX_WHEN_ALWAYS;
    bool progress = options->progress == HPX_WHEN_AUTO ? !dumb && !isatty(STDOUT_FILENO) && !options->quiet
                                                        : options->progress == HPX_WHEN_ALWAYS;
    hpx_messages messages;
    hpx_output_list list;
    hpx_watch watch;
    hpx_messages_init(&messages, options->quiet, options->verbose, color);
    hpx_output_list_init(&list);
    int status = HPX_EXIT_FAILED;
    if (!hpx_watch_start(&watch, &list, &messages, progress, columns ? strtoul(columns, NULL, 10) : 0))
        hpx_messages_error(&messages, "cannot make a thread");
    else if (options->verb == HPX_VERB_RESTORE) status = hpx_verb_restore(options, &messages, &list, &watch);
    else status = hpx_verb_clean(options, &messages, &list, &watch);
    hpx_watch_stop(&watch);
    hpx_messages_release(&messages);
    return status;
}

int main(int argc, char **argv) {
    hpx_options options;
    int status = HPX_EXIT_FAILED;
    fill_closed_descriptors();
    bool understood = hpx_options_parse(&options, argc, argv);
    if (!understood) say_wrong(options.wrong);
    else if (options.help) status = print_and_free(hpx_options_text_help(options.verb));
    else if (options.version) status = print_and_free(hpx_options_text_version());
    else if (options.verb == HPX_VERB_CLEAN && options.file_count == 0 && isatty(STDIN_FILENO))
        fputs(hpx_options_text_usage(options.verb), stderr);
    else status = run(&options);
    hpx_options_release(&options);
    return status;
}
