/*
 * options: the command line as one struct. Layer 7. Reads no environment, prints nothing: what is wrong comes back as
 * a sentence. The table is options.def.
 */
#ifndef HPX_OPTIONS_H
#define HPX_OPTIONS_H

#include "hapax.h"

typedef enum { HPX_VERB_CLEAN = 1, HPX_VERB_RESTORE = 2 } hpx_verb;
typedef enum { HPX_FORMAT_AUTO = 0, HPX_FORMAT_PLAIN, HPX_FORMAT_GZIP } hpx_format;
typedef enum { HPX_WHEN_AUTO = 0, HPX_WHEN_ALWAYS, HPX_WHEN_NEVER } hpx_when;

typedef struct {
    uint64_t given;              /* options that were given, a bit for each row of options.def */
    hpx_verb verb;               /* clean unless the first argument says restore */
    bool verb_given;
    bool help, version;
    const char *output;          /* -o; NULL: standard output, also for -o - */
    hpx_format format;           /* -p, -z: the last one counts */
    int level;                   /* 1 .. 9 */
    const char *journal, *stats; /* files, or NULL */
    size_t min_length;
    hapax_scope scope;
    const char **against;
    size_t against_count;
    bool no_clean, no_find, no_remove;
    double max_removed; /* share, 0 .. 1; negative: not given */
    const char *stdin_name;
    unsigned jobs;          /* 0: as many as there are */
    uint64_t memory_nbytes; /* 0: not given */
    hapax_on_full on_full;
    const char *tmpdir; /* NULL: not given */
    bool exit_code, strict, quiet, verbose;
    hpx_when color, progress;
    const char **files; /* operands */
    size_t file_count;
    char wrong[400]; /* what is wrong, when parse says false */
} hpx_options;

/* Reads argv. False: options->wrong says why, for status 2. Strings are borrowed from argv. */
bool hpx_options_parse(hpx_options *options, int argc, char **argv) HAPAX_MUST_CHECK;
void hpx_options_release(hpx_options *options);

/* The options that the result depends on, as the journal's head names them: NULL-terminated, freed by
 * hpx_options_result_release. NULL: no memory. */
char **hpx_options_result(const hpx_options *options);
void hpx_options_result_release(char **list);

#endif
