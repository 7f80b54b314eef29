/*
 * hostile: inputs that make careless filters slow, large or wrong, through the library. Each runs in a
 * process of its own at one
 * size and at ten times that; work is counted, never timed.
 *
 *     hostile [--scale PERCENT] [--only NAME]
 *
 * Asserted for each: done, memory within the stated bound (also that of the process), text held within its
 * bound, letters
 * compared, probes and bytes moved for each input byte under a constant, ten times the input at most 12
 * times the work.
 */
#include "bytes.h"
#include "hapax.h"
#include "prng.h"
#include "sentences.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB                    ((size_t)1 << 20)
#define MEMORY_NBYTES          (64 * MIB)
#define COMPARED_FOR_EACH_BYTE 32.0
#define PROBES_FOR_EACH_BYTE   0.5
#define MOVED_FOR_EACH_BYTE    20.0
#define WORK_ONCE              ((double)(MIB / 4))
/* What a process has besides: program, libraries, malloc's own, the test's buffers. */
#define PROCESS_NBYTES (64 * MIB)

typedef struct {
    prng r;
    uint64_t at; /* bytes written before this piece */
    bytes stock; /* of generated text */
    size_t stock_at;
} source;

typedef void (*fill_fn)(source *s, uint8_t *to, size_t n);

static void repeat_text(source *s, uint8_t *to, size_t n, const char *text, size_t len) {
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)text[(s->at + i) % len];
}
#define REPEAT(text) repeat_text(s, to, n, text, sizeof(text) - 1)

static void fill_no_newline(source *s, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n;) {
        if (s->stock_at == s->stock.len) {
            s->stock.len = s->stock_at = 0;
            sentence_add(&s->stock, &s->r, LANG_CHINESE);
        }
        to[i++] = s->stock.ptr[s->stock_at++];
    }
}
static void fill_same_lines(source *s, uint8_t *to, size_t n) {
    REPEAT("一模一样的一行字。\n");
}
static void fill_same_long_lines(source *s, uint8_t *to, size_t n) {
    REPEAT("The same line again, with enough letters in it to be longer than the smallest passage, and then "
           "a few more, so that each is a copy.\n");
}
static void fill_nul(source *s, uint8_t *to, size_t n) {
    (void)s, memset(to, 0, n);
}
static void fill_random(source *s, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)prng_below(&s->r, 256);
    if (s->at == 0 && n) to[0] = 'r'; /* not gzip by accident */
}
static void fill_overlong(source *s, uint8_t *to, size_t n) {
    REPEAT("\xC0\xAF\xE0\x80\xAF\xED\xA0\x80\xED\xBF\xBF\xF8\x88\x80\x80\x80 a\xF4\x90\x80\x80\xFE\n");
}
static void fill_combining(source *s, uint8_t *to, size_t n) {
    static const char marks[] = "\xCC\x81\xCC\xA3\xCC\x80\xCC\x88";
    for (size_t i = 0; i < n; i++)
        to[i] = s->at + i == 0 ? 'e' : (uint8_t)marks[(s->at + i - 1) % 8];
}
static void fill_one_letter(source *s, uint8_t *to, size_t n) {
    (void)s, memset(to, 'a', n);
}
static void fill_one_han(source *s, uint8_t *to, size_t n) {
    REPEAT("哈");
}
static void fill_rulers(source *s, uint8_t *to, size_t n) {
    REPEAT("========================================\n");
}
static void fill_quotes(source *s, uint8_t *to, size_t n) {
    REPEAT("“‘「（《");
}
static void fill_straight_quotes(source *s, uint8_t *to, size_t n) {
    REPEAT("\"他说\"'好'");
}
static void fill_ends(source *s, uint8_t *to, size_t n) {
    REPEAT("字。");
}
static void fill_spaces(source *s, uint8_t *to, size_t n) {
    (void)s, memset(to, ' ', n);
}
static void fill_newlines(source *s, uint8_t *to, size_t n) {
    (void)s, memset(to, '\n', n);
}
static void fill_crs(source *s, uint8_t *to, size_t n) {
    REPEAT("a\r");
}
static void fill_dots(source *s, uint8_t *to, size_t n) {
    (void)s, memset(to, '.', n);
}
static void fill_commas(source *s, uint8_t *to, size_t n) {
    REPEAT("字,");
}
static void fill_digits(source *s, uint8_t *to, size_t n) {
    REPEAT("1\xE2\x80\x8B.\xE2\x80\x8B,");
}
static void fill_hangul(source *s, uint8_t *to, size_t n) {
    REPEAT("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8");
}

/* A table of numbers: each line differs, all look alike. */
static void fill_table(source *s, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n;) {
        if (s->stock_at == s->stock.len) {
            char line[64];
            s->stock.len = s->stock_at = 0;
            snprintf(line, sizeof line, "%06llu\t0.00\t0.00\t0.00\t100.00\n",
                     (unsigned long long)(s->at + i) % 1000000);
            bytes_add_text(&s->stock, line);
        }
        to[i++] = s->stock.ptr[s->stock_at++];
    }
}

/* A set phrase that is as long as a passage, again and again, each time between other words: every place
 * has every other
 * one for its source. */
static void fill_phrase(source *s, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n;) {
        if (s->stock_at == s->stock.len) {
            s->stock.len = s->stock_at = 0;
            word_add(&s->stock, &s->r, LANG_CHINESE);
            word_add(&s->stock, &s->r, LANG_CHINESE);
            bytes_add_text(
                &s->stock,
                "按照统一部署和要求,"
                "这项工作将在今后一个时期里按照既定的步骤和方法继续推进下去并且及时向大家公布进展情况,");
            word_add(&s->stock, &s->r, LANG_CHINESE);
            bytes_add_text(&s->stock, "。");
        }
        to[i++] = s->stock.ptr[s->stock_at++];
    }
}

/* Fibonacci words: as repetitive as text can be without a period. */
static void fill_fibonacci(source *s, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n; i++) {
        /* letter k of the infinite word is b when the golden ratio's multiples skip: exact in integers for
         * k < 2^40 */
        unsigned __int128 phi = ((unsigned __int128)1 << 64) | 0x9E3779B97F4A7C15u;
        uint64_t k = s->at + i + 1;
        uint64_t a = (uint64_t)(phi * k >> 64), b = (uint64_t)(phi * (k + 1) >> 64);
        to[i] = b - a == 2 ? 'a' : 'b';
    }
}

/* One text of 64 KiB over and over: passages of any length, each overlapping its source's copy. */
static void fill_long_period(source *s, uint8_t *to, size_t n) {
    while (s->stock.len < 65536)
        sentence_add(&s->stock, &s->r, LANG_ENGLISH), bytes_add_text(&s->stock, " ");
    for (size_t i = 0; i < n; i++)
        to[i] = s->stock.ptr[(s->at + i) % 65536];
}

/* The same with a letter changed now and then, so that each passage ends soon and begins again. */
static void fill_nearly_same(source *s, uint8_t *to, size_t n) {
    fill_long_period(s, to, n);
    for (size_t i = 0; i < n; i++)
        if ((s->at + i) % 131 == 0) to[i] = (uint8_t)('a' + (s->at + i) / 131 % 26);
}

static const struct {
    const char *name;
    fill_fn fill;
    size_t nbytes;
} inputs[] = {
    {"empty", fill_spaces, 0},
    {"one byte", fill_one_letter, 1},
    {"no newline at the end", fill_no_newline, 1000},
    {"200 MB without newline", fill_no_newline, 200 * MIB},
    {"identical lines", fill_same_lines, 28 * MIB}, /* 10^6 of them */
    {"identical long lines", fill_same_long_lines, 20 * MIB},
    {"all NUL", fill_nul, 20 * MIB},
    {"random bytes", fill_random, 20 * MIB},
    {"overlong and surrogates", fill_overlong, 20 * MIB},
    {"10^7 combining marks", fill_combining, 20 * MIB},
    {"one letter", fill_one_letter, 20 * MIB},
    {"one Han character", fill_one_han, 20 * MIB},
    {"rulers", fill_rulers, 20 * MIB},
    {"deep quotes", fill_quotes, 20 * MIB},
    {"straight quotes", fill_straight_quotes, 20 * MIB},
    {"a sentence a character", fill_ends, 20 * MIB},
    {"spaces", fill_spaces, 20 * MIB},
    {"newlines", fill_newlines, 20 * MIB},
    {"carriage returns", fill_crs, 20 * MIB},
    {"dots", fill_dots, 20 * MIB},
    {"commas", fill_commas, 20 * MIB},
    {"marks between digits", fill_digits, 20 * MIB},
    {"conjoining hangul", fill_hangul, 20 * MIB},
    {"table of numbers", fill_table, 20 * MIB},
    {"one phrase everywhere", fill_phrase, 20 * MIB},
    {"Fibonacci words", fill_fibonacci, 20 * MIB},
    {"period of 64 KiB", fill_long_period, 20 * MIB},
    {"nearly the same", fill_nearly_same, 20 * MIB},
};

typedef struct {
    hapax_status status;
    hapax_stats stats;
    uint64_t out_nbytes, journal_nbytes, process_nbytes;
    bool whole; /* the process came to its end */
} outcome;

/* Pulls both streams dry; true when both are done. */
static bool pull_all(hapax *h, uint8_t *room, size_t room_nbytes, outcome *o) {
    bool done = true;
    for (int stream = 0; stream < 2; stream++) {
        size_t got = 1;
        hapax_status status = HAPAX_OK;
        while (got && status == HAPAX_OK) {
            status = hapax_pull(h, (hapax_stream)stream, room, room_nbytes, &got);
            *(stream ? &o->journal_nbytes : &o->out_nbytes) += got;
        }
        done &= status == HAPAX_DONE;
        if (status != HAPAX_OK && status != HAPAX_DONE && status != HAPAX_NEXT) o->status = status;
    }
    return done;
}

static void run_input(fill_fn fill, size_t nbytes, outcome *o, hapax_on_full on_full,
                      uint64_t memory_nbytes) {
    source s = {.r = prng_seeded(4711, nbytes)};
    hapax_options options;
    hapax_options_init(&options);
    options.memory_nbytes = memory_nbytes;
    options.journal = true;
    options.on_full = on_full;
    hapax *h = NULL;
    hapax_error error = {0};
    size_t room_nbytes = 65536, taken;
    uint8_t *room = test_grow(NULL, room_nbytes, 2), *in = room + room_nbytes;
    o->status = hapax_create(&h, &options, &error);
    if (o->status == HAPAX_OK) o->status = hapax_begin(h, "hostile", 0);
    while (s.at < nbytes && o->status == HAPAX_OK) {
        size_t n = nbytes - s.at < room_nbytes ? nbytes - (size_t)s.at : room_nbytes;
        fill(&s, in, n);
        for (size_t at = 0; at < n && o->status == HAPAX_OK; at += taken) {
            taken = 0;
            o->status = hapax_push(h, in + at, n - at, &taken);
            if (o->status == HAPAX_OK) pull_all(h, room, room_nbytes, o);
            if (taken == 0 && o->status == HAPAX_OK)
                o->status = hapax_wait(h, HAPAX_CAN_PUSH | HAPAX_CAN_PULL);
        }
        s.at += n;
    }
    if (o->status == HAPAX_OK) o->status = hapax_end(h);
    if (o->status == HAPAX_OK) o->status = hapax_finish(h);
    while (o->status == HAPAX_OK && !pull_all(h, room, room_nbytes, o))
        if (o->status == HAPAX_OK) o->status = hapax_wait(h, HAPAX_CAN_PULL);
    hapax_get_stats(h, &o->stats);
    hapax_destroy(h);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    o->process_nbytes = (uint64_t)usage.ru_maxrss * 1024;
    o->whole = true;
    bytes_free(&s.stock);
    free(room);
}

static void run_apart(fill_fn fill, size_t nbytes, outcome *o, hapax_on_full on_full,
                      uint64_t memory_nbytes) {
    memset(o, 0, sizeof *o);
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
        alarm(300);
        run_input(fill, nbytes, o, on_full, memory_nbytes);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf("  killed by signal %d\n", WTERMSIG(status)), o->whole = false;
    else if (WEXITSTATUS(status))
        o->whole = false;
}

static bool is_over(const char *what, double got, double most) {
    if (got <= most) return false;
    printf("    %s: %.2f, at most %.2f\n", what, got, most);
    return true;
}

static bool check_one(const outcome *o, size_t nbytes) {
    double n = (double)nbytes;
    bool bad = !o->whole || o->status != HAPAX_OK;
    if (bad)
        printf("    %s, status %d: %s\n", o->whole ? "ended" : "crashed", (int)o->status,
               hapax_status_text(o->status));
    bad |= is_over("letters compared", (double)o->stats.letters_compared,
                   COMPARED_FOR_EACH_BYTE * n + WORK_ONCE);
    bad |= is_over("probes", (double)o->stats.probes, PROBES_FOR_EACH_BYTE * n + WORK_ONCE);
    bad |= is_over("bytes moved", (double)o->stats.moved_nbytes, MOVED_FOR_EACH_BYTE * n + WORK_ONCE);
    bad |= is_over("memory", (double)o->stats.memory_peak_nbytes, (double)o->stats.memory_limit_nbytes);
    bad |= is_over("text held", (double)o->stats.held_peak_nbytes, (double)o->stats.held_limit_nbytes);
#ifndef __SANITIZE_ADDRESS__
    bad |= is_over("memory of the process", (double)o->process_nbytes,
                   (double)o->stats.memory_limit_nbytes + (double)PROCESS_NBYTES);
#endif
    bad |= is_over("output", (double)o->out_nbytes, 3 * n + 16);
    /* The journal is at most the removed text, escaped (6 bytes for a control), and 600 for each cut. */
    bad |= is_over("journal", (double)o->journal_nbytes,
                   6.0 * (double)o->stats.removed_nbytes + 600.0 * (double)o->stats.removed_spans + 2000);
    return bad;
}

/* Ten times the input is at most twelve times the work, unless there is so little of it that chains of
 * sources are still
 * filling up: then at most an eighth of what each byte may cost. */
static bool grows(const char *what, uint64_t small, uint64_t large, double for_each_byte, size_t nbytes) {
    double allowed = 12 * (double)small + WORK_ONCE, few = for_each_byte / 8 * (double)nbytes;
    return is_over(what, (double)large, allowed > few ? allowed : few);
}

static bool check_growth(const outcome *small, const outcome *large, size_t nbytes) {
    const hapax_stats *a = &small->stats, *b = &large->stats;
    bool bad = grows("letters compared, ten times the input", a->letters_compared, b->letters_compared,
                     COMPARED_FOR_EACH_BYTE, nbytes);
    bad |= grows("probes, ten times the input", a->probes, b->probes, PROBES_FOR_EACH_BYTE, nbytes);
    bad |= grows("bytes moved, ten times the input", a->moved_nbytes, b->moved_nbytes, MOVED_FOR_EACH_BYTE,
                 nbytes);
    return bad;
}

/* More new text than a small budget can know. */
static unsigned check_full(outcome *o, size_t nbytes) {
    run_apart(fill_no_newline, nbytes, o, HAPAX_FULL_FREEZE, 16 * MIB);
    bool frozen = o->whole && o->status == HAPAX_OK && o->stats.index_full &&
                  o->stats.memory_peak_nbytes <= o->stats.memory_limit_nbytes;
    printf("  %-26s %s: full %d, memory %llu of %llu MiB, spilled %llu MiB\n", "index full, freeze",
           frozen ? "ok" : "FAILED", o->stats.index_full,
           (unsigned long long)(o->stats.memory_peak_nbytes / MIB),
           (unsigned long long)(o->stats.memory_limit_nbytes / MIB),
           (unsigned long long)(o->stats.spilled_nbytes / MIB));
    run_apart(fill_no_newline, nbytes, o, HAPAX_FULL_STOP, 16 * MIB);
    bool stopped = o->whole && o->status == HAPAX_E_FULL;
    printf("  %-26s %s: status %d: %s\n", "index full, stop", stopped ? "ok" : "FAILED", (int)o->status,
           hapax_status_text(o->status));
    return (unsigned)!frozen + (unsigned)!stopped;
}

int main(int argc, char **argv) {
    size_t percent = 100;
    const char *only = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--scale")) percent = strtoul(argv[i + 1], NULL, 10);
        if (!strcmp(argv[i], "--only")) only = argv[i + 1];
    }
    outcome *o = mmap(NULL, 2 * sizeof *o, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o == MAP_FAILED) abort();
    unsigned failed = 0, asserted = 0, count = sizeof inputs / sizeof *inputs;
    printf("hostile: for each byte at most %.0f letters compared, %.1f probes, %.0f bytes moved\n",
           COMPARED_FOR_EACH_BYTE, PROBES_FOR_EACH_BYTE, MOVED_FOR_EACH_BYTE);
    printf("  %-26s %9s  %8s %7s %7s  %6s %6s  %s\n", "input", "bytes", "compared", "probes", "moved",
           "memory", "bound", "removed");
    for (size_t i = 0; i < count; i++) {
        if (only && strcmp(only, inputs[i].name) != 0) continue;
        size_t nbytes = inputs[i].nbytes > 10000 ? inputs[i].nbytes / 100 * percent : inputs[i].nbytes;
        run_apart(inputs[i].fill, nbytes / 10, &o[0], HAPAX_FULL_FREEZE, MEMORY_NBYTES);
        run_apart(inputs[i].fill, nbytes, &o[1], HAPAX_FULL_FREEZE, MEMORY_NBYTES);
        const hapax_stats *s = &o[1].stats;
        double n = nbytes ? (double)nbytes : 1;
        printf("  %-26s %9zu  %8.2f %7.3f %7.2f  %4lluMi %4lluMi  %llu\n", inputs[i].name, nbytes,
               (double)s->letters_compared / n, (double)s->probes / n, (double)s->moved_nbytes / n,
               (unsigned long long)(s->memory_peak_nbytes / MIB),
               (unsigned long long)(s->memory_limit_nbytes / MIB), (unsigned long long)s->removed_spans);
        bool bad = check_one(&o[0], nbytes / 10);
        bad |= check_one(&o[1], nbytes);
        bad |= check_growth(&o[0], &o[1], nbytes);
        if (bad) printf("    FAILED: %s\n", inputs[i].name);
        failed += bad;
        asserted++;
    }
    if (!only || !strcmp(only, "index full")) {
        failed += check_full(o, 80 * MIB / 100 * (percent < 40 ? 40 : percent));
        asserted += 2;
    }
    printf("%u passed, %u failed\n", asserted - failed, failed);
    return failed != 0;
}
