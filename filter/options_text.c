/* options_text: see options_text.h. Layer 8. */
#include "options_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistring/version.h>
#include <xxhash.h>
#include <zlib.h>

enum { GROUP_OUTPUT, GROUP_FINDING, GROUP_RUNNING, GROUP_COUNT };

typedef struct {
    int short_name;
    const char *long_name, *argument;
    unsigned verbs;
    int group;
    const char *help;
} text_row;

static const text_row rows[] = {
#define C HPX_VERB_CLEAN
#define R HPX_VERB_RESTORE
#define OPTION(id, short_name, long_name, argument, verbs, group, help, manual)                              \
    {short_name, long_name, argument, verbs, group, help},
#include "options.def"
#undef OPTION
#undef C
#undef R
};

#define HELP_COLUMN 27 /* where the explanations begin */

static const char head_clean[] =
    "hapax: every passage once; the first copy stays.\n"
    "Cleans text, removes passages that were there before, writes gzip (text on a\n"
    "terminal, with -p, or with -o NAME without .gz).\n"
    "\n"
    "  hapax [clean] [OPTION]... [FILE]...       clean and remove\n"
    "  hapax restore [OPTION]... OUTPUT JOURNAL  put what was removed back\n"
    "\n"
    "  zcat crawl.gz | hapax -z > clean.gz\n"
    "  hapax -p --journal=removed.jsonl article.txt > article.clean.txt\n"
    "\n"
    "No FILE, or -: standard input. Input is text in UTF-8, plain or gzip.\n";

static const char head_restore[] =
    "hapax restore [OPTION]... OUTPUT JOURNAL\n"
    "Puts what was removed back: from an output and its journal, what --no-remove\n"
    "would have written. Both checksums of the journal are compared.\n"
    "\n"
    "  hapax -z --journal=removed.jsonl article.txt > article.gz\n"
    "  hapax restore -p article.gz removed.jsonl\n";

static const char foot_clean[] = "\n"
                                 "Status: 0 done, 1 --exit-code and something was removed, 2 failed, 3 done but\n"
                                 "input damaged. Manual: man hapax\n";
static const char foot_restore[] = "\nStatus: 0 done, 2 failed. Manual: man hapax\n";

/* `-o, --output=FILE` or `    --journal=FILE`; the column of long names is kept at a line's beginning. */
static void print_names(FILE *out, const text_row *row, bool at_line_start) {
    if (row->short_name == '1') {
        fputs("-1 .. -9", out);
        return;
    }
    if (row->short_name) fprintf(out, "-%c, ", row->short_name);
    else if (at_line_start) fputs("    ", out);
    fprintf(out, "--%s%s%s", row->long_name, row->argument ? "=" : "", row->argument ? row->argument : "");
}

static void print_help(FILE *out, const char *help, long column) {
    if (!*help) return;
    if (column >= HELP_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(HELP_COLUMN - column), "");
    for (; *help; help++) {
        fputc(*help, out);
        if (*help == '\n') fprintf(out, "%*s", HELP_COLUMN, "");
    }
}

static void print_group(FILE *out, unsigned verbs, int group) {
    static const char *const titles[GROUP_COUNT] = {"Output", "Finding", "Running"};
    bool titled = false, line_start = true;
    long start = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const text_row *row = &rows[i];
        if (row->group != group || !(row->verbs & verbs)) continue;
        if (!titled) fprintf(out, "%s\n", titles[group]);
        titled = true;
        if (line_start) start = ftell(out);
        fputs("  ", out);
        print_names(out, row, line_start);
        line_start = row->help != NULL;
        if (!row->help) continue;
        print_help(out, row->help, ftell(out) - start);
        fputc('\n', out);
    }
    if (!line_start) fputc('\n', out);
}

char *hpx_options_text_help(hpx_verb verb) {
    char *text = NULL;
    size_t nbytes = 0;
    FILE *out = open_memstream(&text, &nbytes);
    if (!out) return NULL;
    fputs(verb == HPX_VERB_RESTORE ? head_restore : head_clean, out);
    fputc('\n', out);
    for (int group = 0; group < GROUP_COUNT; group++) print_group(out, (unsigned)verb, group);
    fputs(verb == HPX_VERB_RESTORE ? foot_restore : foot_clean, out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

char *hpx_options_text_version(void) {
    char *text = NULL;
    unsigned xxhash = XXH_versionNumber();
    unsigned unistring = (unsigned)_libunistring_version;
    if (asprintf(&text, "hapax %s\nxxHash %u.%u.%u, libunistring %u.%u, zlib %s\n", HAPAX_VERSION, xxhash / 10000,
                 xxhash / 100 % 100, xxhash % 100, unistring >> 16 & 0xFF, unistring >> 8 & 0xFF, zlibVersion()) < 0)
        return NULL;
    return text;
}

const char *hpx_options_text_usage(hpx_verb verb) {
    if (verb == HPX_VERB_RESTORE) return "usage: hapax restore [OPTION]... OUTPUT JOURNAL\nhapax restore --help tells more\n";
    return "usage: hapax [clean] [OPTION]... [FILE]...\n"
           "       hapax restore [OPTION]... OUTPUT JOURNAL\n"
           "FILE may be -, standard input; hapax --help tells more\n";
}
