/*
 * properties: the nine promises over generated cases, in two processes; prints and asserts what the cases
 * were good for.
 *
 *     properties [--cases N] [--first NUMBER] [--jobs N] [--short] [--one NUMBER] [--print NUMBER]
 *
 * --short: for mutants: stops at the first failure, does not shrink, asserts no shares. --one: one case, in
 * this process.
 */
#include "promises.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORKERS  16
#define MAX_FAILURES 5

typedef struct {
    uint64_t done, removed, over_64k, crossed_batch, damaged, spilled, removed_units, must_units;
    uint64_t second_paragraphs, second_changed, second_removed;
    double compared, probes, moved;
    _Atomic uint64_t current; /* the case that is being checked */
    uint64_t failed_promise[10];
} tally;

typedef struct {
    tally of[MAX_WORKERS];
    _Atomic uint64_t next;
    _Atomic unsigned failures;
} shared;

typedef struct {
    uint64_t cases, first;
    unsigned jobs;
    bool brief;
} plan;

static double larger(double a, double b) {
    return a > b ? a : b;
}

static void tally_add(tally *t, const verdict *v, bool big) {
    t->done++;
    t->removed += v->removed;
    t->over_64k += v->over_64k;
    t->crossed_batch += v->crossed_batch;
    t->damaged += v->damaged;
    t->spilled += v->spilled;
    t->removed_units += v->removed_units;
    t->must_units += v->must_units;
    t->second_paragraphs += v->second_paragraphs;
    t->second_changed += v->second_changed;
    t->second_removed += v->second_removed;
    t->failed_promise[v->promise]++;
    if (!big) return; /* in small cases what is done once hides the rest */
    t->compared = larger(t->compared, v->compared);
    t->probes = larger(t->probes, v->probes);
    t->moved = larger(t->moved, v->moved);
}

static void report_failure(uint64_t number, const verdict *first, bool brief) {
    test_case c;
    verdict v = *first;
    test_case_make(&c, number);
    printf("FAILED case %llu: promise %u: %s\n", (unsigned long long)number, v.promise, v.text);
    if (!brief) {
        size_t nbytes = test_case_nbytes(&c);
        promises_shrink(&c, first, 40);
        promises_check_apart(&c, &v);
        printf("shrunk from %zu to %zu bytes: promise %u: %s\n", nbytes, test_case_nbytes(&c), v.promise,
               v.text);
        test_case_print(stdout, &c);
    }
    fflush(stdout);
    test_case_release(&c);
}

static void work(shared *s, unsigned number, const plan *p) {
    tally *t = &s->of[number];
    for (;;) {
        uint64_t next = atomic_fetch_add(&s->next, 1);
        if (next >= p->first + p->cases || atomic_load(&s->failures) >= (p->brief ? 1 : MAX_FAILURES)) break;
        atomic_store(&t->current, next);
        test_case c;
        verdict v;
        test_case_make(&c, next);
        alarm(120);
        promises_check(&c, &v);
        alarm(0);
        tally_add(t, &v, test_case_nbytes(&c) > 4096);
        test_case_release(&c);
        if (v.promise) {
            atomic_fetch_add(&s->failures, 1);
            report_failure(next, &v, p->brief);
        }
    }
    _exit(0);
}

static pid_t start(shared *s, unsigned number, const plan *p) {
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) work(s, number, p);
    return child;
}

/* A worker that crashed is a failure of the case it was at; another one takes its place. */
static void run_workers(shared *s, const plan *p) {
    pid_t workers[MAX_WORKERS];
    for (unsigned i = 0; i < p->jobs; i++)
        workers[i] = start(s, i, p);
    for (unsigned alive = p->jobs; alive > 0;) {
        int status = 0;
        pid_t ended = wait(&status);
        for (unsigned i = 0; i < p->jobs; i++) {
            if (workers[i] != ended) continue;
            alive--;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
            verdict v = {.promise = 9};
            snprintf(v.text, sizeof v.text, "crashed: wait status 0x%x", (unsigned)status);
            s->of[i].failed_promise[9]++;
            s->of[i].done++;
            atomic_fetch_add(&s->failures, 1);
            report_failure(atomic_load(&s->of[i].current), &v, p->brief);
            if (atomic_load(&s->failures) < MAX_FAILURES && !p->brief) workers[i] = start(s, i, p), alive++;
            break;
        }
    }
}

static unsigned share(const char *what, uint64_t got, uint64_t done, uint64_t least, const char *rule) {
    bool fine = got >= least;
    printf("  %-34s %8llu  (%.2f %%)  %s  %s\n", what, (unsigned long long)got,
           done ? 100.0 * (double)got / (double)done : 0, rule, fine ? "ok" : "TOO FEW");
    return !fine;
}

static int report(const shared *s, const plan *p, double seconds) {
    static const char *const promises[] = {"",
                                           "1 letters stay",
                                           "2 nothing is lost, all is found",
                                           "3 the first stays, no sentence cut",
                                           "4 the same bytes always",
                                           "5 twice is once",
                                           "6 bounded memory",
                                           "7 damage survived and named",
                                           "8 no silent loss",
                                           "9 text is data, work is linear"};
    tally t = {0};
    for (unsigned i = 0; i < p->jobs; i++) {
        const tally *w = &s->of[i];
        t.done += w->done, t.removed += w->removed, t.over_64k += w->over_64k,
            t.crossed_batch += w->crossed_batch;
        t.damaged += w->damaged, t.spilled += w->spilled, t.removed_units += w->removed_units,
            t.must_units += w->must_units;
        t.second_paragraphs += w->second_paragraphs, t.second_changed += w->second_changed,
            t.second_removed += w->second_removed;
        t.compared = larger(t.compared, w->compared), t.probes = larger(t.probes, w->probes),
        t.moved = larger(t.moved, w->moved);
        for (int i2 = 1; i2 <= 9; i2++)
            t.failed_promise[i2] += w->failed_promise[i2];
    }
    unsigned failed = 0;
    printf("property: %llu cases in %.0f s, %llu units removed, %llu of them had to go\n",
           (unsigned long long)t.done, seconds, (unsigned long long)t.removed_units,
           (unsigned long long)t.must_units);
    for (int i = 1; i <= 9; i++) {
        printf("  promise %-36s %s", promises[i], t.failed_promise[i] ? "BROKEN" : "holds");
        if (t.failed_promise[i]) printf(" in %llu", (unsigned long long)t.failed_promise[i]);
        putchar('\n');
        failed += t.failed_promise[i] > 0;
    }
    printf("  second run: of %llu paragraphs of outputs %.3f %% change when cleaned again (all beside a "
           "cut), %llu more cuts\n",
           (unsigned long long)t.second_paragraphs,
           t.second_paragraphs ? 100.0 * (double)t.second_changed / (double)t.second_paragraphs : 0,
           (unsigned long long)t.second_removed);
    printf(
        "  most work for a byte (cases over 4 KiB): %.1f letters compared, %.2f probes, %.1f bytes moved\n",
        t.compared, t.probes, t.moved);
    unsigned shares = 0;
    if (!p->brief) {
        shares = 5;
        failed += share("cases with a removal", t.removed, t.done, t.done * 30 / 100, "at least 30 %");
        failed += share("cases over 64 KiB", t.over_64k, t.done, t.done / 100, "at least 1 %");
        failed += share("cases that cross a batch boundary", t.crossed_batch, t.done,
                        t.done * 50 / 100000 + 1, "at least 50 of 10^5");
        failed += share("damaged cases", t.damaged, t.done, t.done * 5 / 100, "at least 5 %");
        failed += share("cases that spill the store", t.spilled, t.done, t.done / 100, "at least 1 %");
    }
    if (t.done < p->cases)
        printf("  only %llu of %llu cases were run\n", (unsigned long long)t.done,
               (unsigned long long)p->cases);
    printf("%u passed, %u failed\n", 9 + shares - failed, failed);
    return failed ? 1 : 0;
}

int main(int argc, char **argv) {
    plan p = {.cases = 100000, .jobs = 2};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (!strcmp(argv[i], "--cases"))
            p.cases = strtoull(value, NULL, 10), i++;
        else if (!strcmp(argv[i], "--first"))
            p.first = strtoull(value, NULL, 10), i++;
        else if (!strcmp(argv[i], "--jobs"))
            p.jobs = (unsigned)strtoul(value, NULL, 10), i++;
        else if (!strcmp(argv[i], "--short"))
            p.brief = true;
        else if (!strcmp(argv[i], "--one") || !strcmp(argv[i], "--print")) {
            test_case c;
            verdict v = {0};
            test_case_make(&c, strtoull(value, NULL, 10));
            if (!strcmp(argv[i], "--print"))
                test_case_print(stdout, &c);
            else
                promises_check(&c, &v);
            if (v.promise) printf("promise %u: %s\n", v.promise, v.text);
            test_case_release(&c);
            return v.promise != 0;
        } else {
            fprintf(stderr, "properties: unknown option %s\n", argv[i]);
            return 2;
        }
    }
    if (p.jobs < 1 || p.jobs > MAX_WORKERS) p.jobs = 2;
    shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) abort();
    atomic_store(&s->next, p.first);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    run_workers(s, &p);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return report(s, &p, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}
