/* options: see options.h. Layer 7. */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
#define OPTION(id, short_name, long_name, argument, verbs, group, help, manual) OPTION_##id,
#include "options.def"
#undef OPTION
    OPTION_COUNT
};

typedef struct {
    int short_name;
    const char *long_name, *argument;
    unsigned verbs;
} option_row;

static const option_row rows[OPTION_COUNT] = {
#define C HPX_VERB_CLEAN
#define R HPX_VERB_RESTORE
#define OPTION(id, short_name, long_name, argument, verbs, group, help, manual)                              \
    {short_name, long_name, argument, verbs},
#include "options.def"
#undef OPTION
#undef C
#undef R
};
_Static_assert(OPTION_COUNT <= 64, "hpx_options.given has a bit for each");

#define MEMORY_LEAST ((uint64_t)16 << 20)
#define JOBS_MOST    256
/* getopt's value of a row is this + its number: past all short names. */
#define ROW_BASE 1000

static bool __attribute__((format(printf, 2, 3))) wrong(hpx_options *options, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options->wrong, sizeof options->wrong, format, arguments);
    va_end(arguments);
    return false;
}

/* A decimal number of digits only; false when it is none or larger than most. */
static bool to_uint(const char *text, uint64_t most, uint64_t *number) {
    uint64_t n = 0;
    if (!*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (n > (most - digit) / 10) return false;
        n = n * 10 + digit;
    }
    *number = n;
    return n <= most;
}

/* 512M, 2G, 4GiB, 100000000. */
static bool to_size(const char *text, uint64_t *nbytes) {
    char digits[24];
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n >= sizeof digits) return false;
    memcpy(digits, text, n);
    digits[n] = 0;
    const char *unit = text + n;
    static const char units[] = "KMGT";
    unsigned shift = 0;
    const char *found = *unit ? strchr(units, *unit & ~0x20) : NULL;
    if (found) {
        shift = 10 * (unsigned)(found - units + 1);
        unit++;
        if (strcmp(unit, "iB") == 0) unit += 2;
    }
    if (*unit == 'B') unit++;
    if (*unit) return false;
    if (!to_uint(digits, UINT64_MAX >> shift, nbytes)) return false;
    *nbytes <<= shift;
    return true;
}

/* 30%, 12.5 %, 0.3. */
static bool to_share(const char *text, double *share) {
    if (!strchr("0123456789.", *text) || strpbrk(text, "xXeEpPnN")) return false;
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text) return false;
    while (*end == ' ') end++;
    if (*end == '%') {
        value /= 100;
        end++;
    }
    *share = value;
    return !*end && value >= 0 && value <= 1;
}

/* One of the words; its number in *choice. */
static bool to_choice(hpx_options *options, const char *name, const char *text, const char *const *words, int *choice) {
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) return *choice = i, true;
    return wrong(options, "--%s: '%s' is not one of %s, %s%s%s", name, text, words[0], words[1], words[2] ? ", " : "",
                 words[2] ? words[2] : "");
}

static bool add(hpx_options *options, const char ***list, size_t *count, const char *text) {
    const char **grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (!grown) return wrong(options, "out of memory");
    *list = grown;
    grown[(*count)++] = text;
    return true;
}

static bool take_number(hpx_options *options, int row, const char *text) {
    uint64_t n = 0;
    switch (row) {
    case OPTION_MIN_LENGTH:
        if (!to_uint(text, 65536, &n) || n < 120) return wrong(options, "--min-length: '%s' is not a number from 120 to 65536", text);
        options->min_length = (size_t)n;
        return true;
    case OPTION_JOBS:
        if (!to_uint(text, JOBS_MOST, &n)) return wrong(options, "--jobs: '%s' is not a number from 0 to %d", text, JOBS_MOST);
        options->jobs = (unsigned)n;
        return true;
    case OPTION_MEMORY:
        if (!to_size(text, &n) || n < MEMORY_LEAST)
            return wrong(options, "--memory: '%s' is not a size of at least 16M, such as 500M or 4G", text);
        options->memory_nbytes = n;
        return true;
    default:
        if (!to_share(text, &options->max_removed))
            return wrong(options, "--max-removed: '%s' is not a share, such as 30%% or 0.3", text);
        return true;
    }
}

static bool take_choice(hpx_options *options, int row, const char *text) {
    static const char *const scopes[] = {"all", "within", "across", NULL};
    static const char *const fulls[] = {"stop", "freeze", NULL};
    static const char *const whens[] = {"auto", "always", "never", NULL};
    int choice = 0;
    if (!to_choice(options, rows[row].long_name, text,
                   row == OPTION_SCOPE ? scopes : row == OPTION_ON_FULL ? fulls : whens, &choice))
        return false;
    if (row == OPTION_SCOPE) options->scope = (hapax_scope)choice;
    else if (row == OPTION_ON_FULL) options->on_full = (hapax_on_full)choice;
    else options->color = (hpx_when)choice;
    return true;
}

/* An option without an argument. */
static void take_switch(hpx_options *options, int row) {
    switch (row) {
    case OPTION_PLAIN: options->format = HPX_FORMAT_PLAIN; break;
    case OPTION_GZIP: options->format = HPX_FORMAT_GZIP; break;
    case OPTION_NO_CLEAN: options->no_clean = true; break;
    case OPTION_NO_FIND: options->no_find = true; break;
    case OPTION_NO_REMOVE: options->no_remove = true; break;
    case OPTION_EXIT_CODE: options->exit_code = true; break;
    case OPTION_STRICT: options->strict = true; break;
    case OPTION_QUIET: options->quiet = true; break;
    case OPTION_VERBOSE: options->verbose = true; break;
    case OPTION_PROGRESS: options->progress = HPX_WHEN_ALWAYS; break;
    case OPTION_NO_PROGRESS: options->progress = HPX_WHEN_NEVER; break;
    case OPTION_HELP: options->help = true; break;
    default: options->version = true; break;
    }
}

static bool take(hpx_options *options, int row, const char *text) {
    if (!(rows[row].verbs & (unsigned)options->verb))
        return wrong(options, "restore has no option --%s", rows[row].long_name);
    if (rows[row].argument && !*text) return wrong(options, "--%s: the argument is empty", rows[row].long_name);
    options->given |= UINT64_C(1) << row;
    switch (row) {
    case OPTION_OUTPUT: options->output = strcmp(text, "-") == 0 ? NULL : text; return true;
    case OPTION_JOURNAL: options->journal = text; return true;
    case OPTION_STATS: options->stats = text; return true;
    case OPTION_STDIN_NAME: options->stdin_name = text; return true;
    case OPTION_TMPDIR: options->tmpdir = text; return true;
    case OPTION_AGAINST: return add(options, &options->against, &options->against_count, text);
    case OPTION_MIN_LENGTH:
    case OPTION_JOBS:
    case OPTION_MEMORY:
    case OPTION_MAX_REMOVED: return take_number(options, row, text);
    case OPTION_SCOPE:
    case OPTION_ON_FULL:
    case OPTION_COLOR: return take_choice(options, row, text);
    default: take_switch(options, row); return true;
    }
}

/* Options that say how repetitions are found, or what becomes of them. */
static bool check_no_find(hpx_options *options) {
    static const int idle[] = {OPTION_AGAINST, OPTION_NO_REMOVE, OPTION_JOURNAL, OPTION_EXIT_CODE, OPTION_MAX_REMOVED,
                               OPTION_MIN_LENGTH, OPTION_SCOPE, OPTION_ON_FULL, OPTION_MEMORY, OPTION_TMPDIR};
    if (!options->no_find) return true;
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (options->given >> idle[i] & 1)
            return wrong(options, "--no-find contradicts --%s: no repetitions are looked for", rows[idle[i]].long_name);
    return true;
}

/* What contradicts itself, found when all is read. */
static bool check(hpx_options *options) {
    if (options->help || options->version) return true;
    if (options->on_full == HAPAX_FULL_FREEZE && options->memory_nbytes == 0)
        return wrong(options, "--on-full=freeze needs an explicit --memory, or the result would depend on the machine");
    if (!check_no_find(options)) return false;
    size_t stdin_count = 0;
    for (size_t i = 0; i < options->file_count; i++) stdin_count += strcmp(options->files[i], "-") == 0;
    if (options->file_count == 0 && options->verb == HPX_VERB_CLEAN) stdin_count = 1;
    for (size_t i = 0; i < options->against_count; i++) stdin_count += strcmp(options->against[i], "-") == 0;
    if (stdin_count > 1) return wrong(options, "standard input can be read only once");
    if (options->journal && strcmp(options->journal, "-") == 0 && !options->output)
        return wrong(options, "text and journal cannot both go to standard output; -o names a file for the text");
    if (options->stats && strcmp(options->stats, "-") == 0)
        return wrong(options, "--stats cannot go to standard output, where the text goes; name a file");
    if (options->verb == HPX_VERB_RESTORE && options->file_count != 2)
        return wrong(options, "restore takes two operands: OUTPUT and JOURNAL");
    return true;
}

/* getopt_long's tables, made from the rows. */
typedef struct {
    char shorts[2 * OPTION_COUNT + 16];
    struct option longs[OPTION_COUNT + 1];
} getopt_tables;

static void make_tables(getopt_tables *tables) {
    size_t n = 0, longs = 0;
    /* '-': operands come in their order, and POSIXLY_CORRECT changes nothing; ':': messages are ours. */
    tables->shorts[n++] = '-';
    tables->shorts[n++] = ':';
    for (int i = 0; i < OPTION_COUNT; i++) {
        int last = rows[i].short_name == '1' ? '9' : rows[i].short_name;
        for (int c = rows[i].short_name; c && c <= last; c++) {
            tables->shorts[n++] = (char)c;
            if (rows[i].argument) tables->shorts[n++] = ':';
        }
        if (rows[i].long_name)
            tables->longs[longs++] = (struct option){rows[i].long_name, rows[i].argument ? required_argument : no_argument, NULL,
                                                     ROW_BASE + i};
    }
    tables->shorts[n] = 0;
    tables->longs[longs] = (struct option){NULL, 0, NULL, 0};
}

static int row_of(int value) {
    if (value >= ROW_BASE) return value - ROW_BASE;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (rows[i].short_name == value) return i;
    return -1;
}

/* What getopt_long did not understand. */
static bool not_understood(hpx_options *options, int value, char **argv) {
    const char *word = argv[optind - 1];
    if (value == ':') {
        int row = row_of(optopt);
        if (row >= 0 && rows[row].long_name)
            return wrong(options, "--%s needs an argument (%s)", rows[row].long_name, rows[row].argument);
    }
    if (optopt >= ROW_BASE) return wrong(options, "--%s takes no argument", rows[optopt - ROW_BASE].long_name);
    if (optopt) return wrong(options, "unknown option '-%c'", optopt);
    return wrong(options, "unknown or ambiguous option '%s'", word);
}

static bool read_all(hpx_options *options, int argc, char **argv) {
    getopt_tables tables = {0};
    make_tables(&tables);
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    for (;;) {
        int value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
        if (value == -1) break;
        bool fine = true;
        if (value == 1) fine = add(options, &options->files, &options->file_count, optarg);
        else if (value >= '1' && value <= '9') options->level = value - '0';
        else if (value == '?' || value == ':') return not_understood(options, value, argv);
        else fine = take(options, row_of(value), optarg ? optarg : "");
        if (!fine) return false;
    }
    for (; optind < argc; optind++)
        if (!add(options, &options->files, &options->file_count, argv[optind])) return false;
    return true;
}

/* Verbs that are not built. As a file's name such a word would be read, and what was meant would not be done. */
static bool is_verb_to_come(const char *word) {
    static const char *const words[] = {"check", "stats", "rules"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0) return true;
    return false;
}

bool hpx_options_parse(hpx_options *options, int argc, char **argv) {
    *options = (hpx_options){.verb = HPX_VERB_CLEAN,
                             .level = 6,
                             .min_length = 120,
                             .max_removed = -1,
                             .stdin_name = "-"};
    if (argc > 1 && is_verb_to_come(argv[1]))
        return wrong(options, "'%s' is not a verb of this version; a file of this name is ./%s", argv[1], argv[1]);
    if (argc > 1 && (strcmp(argv[1], "clean") == 0 || strcmp(argv[1], "restore") == 0)) {
        if (argv[1][0] == 'r') options->verb = HPX_VERB_RESTORE;
        options->verb_given = true;
        argv++;
        argc--;
    }
    return read_all(options, argc, argv) && check(options);
}

void hpx_options_release(hpx_options *options) {
    free(options->files);
    free(options->against);
    options->files = options->against = NULL;
}

typedef struct {
    char **list;
    size_t count, cap;
    bool failed;
} words;

static void __attribute__((format(printf, 2, 3))) put(words *w, const char *format, ...) {
    if (w->failed || w->count + 1 >= w->cap) return;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&w->list[w->count], format, arguments) < 0) {
        w->list[w->count] = NULL;
        w->failed = true;
    } else {
        w->count++;
    }
    va_end(arguments);
}

char **hpx_options_result(const hpx_options *options) {
    static const char *const scopes[] = {"all", "within", "across"};
    words w = {.cap = options->against_count + 10};
    w.list = calloc(w.cap, sizeof *w.list);
    if (!w.list) return NULL;
    put(&w, "--min-length=%zu", options->min_length);
    if (options->scope) put(&w, "--scope=%s", scopes[options->scope]);
    if (options->no_clean) put(&w, "--no-clean");
    if (options->no_find) put(&w, "--no-find");
    if (options->no_remove) put(&w, "--no-remove");
    for (size_t i = 0; i < options->against_count; i++) put(&w, "--against=%s", options->against[i]);
    if (options->on_full == HAPAX_FULL_FREEZE) {
        put(&w, "--on-full=freeze");
        put(&w, "--memory=%llu", (unsigned long long)options->memory_nbytes);
    }
    if (!w.failed) return w.list;
    hpx_options_result_release(w.list);
    return NULL;
}

void hpx_options_result_release(char **list) {
    if (!list) return;
    for (size_t i = 0; list[i]; i++) free(list[i]);
    free(list);
}
