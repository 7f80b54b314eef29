/*
 * shrink: a failing case made smaller: documents, then lines, then bytes are left out, then options, as
 * long as the same
 * promise fails (delta debugging: Zeller, Hildebrandt 2002). See promises.h.
 */
#include "promises.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define APART_SECONDS 60

void promises_check_apart(const test_case *c, verdict *v) {
    int ends[2];
    *v = (verdict){0};
    if (pipe(ends) != 0) abort();
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
        close(ends[0]);
        alarm(APART_SECONDS);
        promises_check(c, v);
        ssize_t put = write(ends[1], v, sizeof *v);
        _exit(put == (ssize_t)sizeof *v ? 0 : 99);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], v, sizeof *v);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (got == (ssize_t)sizeof *v && WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    *v = (verdict){.promise = 9};
    if (WIFSIGNALED(status))
        snprintf(v->text, sizeof v->text, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(v->text, sizeof v->text, "ended with status %d", WEXITSTATUS(status));
}

typedef struct {
    test_case *best;
    unsigned promise;
    uint64_t kind;
    time_t until;
} shrinker;

static bool is_over(const shrinker *s) {
    return time(NULL) >= s->until;
}

/* Takes candidate in place of the best one if it fails in the same way; otherwise releases it. */
static bool adopt(shrinker *s, test_case *candidate) {
    verdict v;
    promises_check_apart(candidate, &v);
    if (v.promise == s->promise && v.kind == s->kind) {
        test_case_release(s->best);
        *s->best = *candidate;
        return true;
    }
    test_case_release(candidate);
    return false;
}

static void drop_documents(shrinker *s) {
    for (size_t d = 0; d < s->best->count && s->best->count > 1 && !is_over(s);) {
        test_case t = test_case_copy(s->best);
        bytes_free(&t.documents[d]);
        for (size_t i = d + 1; i < t.count; i++)
            t.documents[i - 1] = t.documents[i], t.flags[i - 1] = t.flags[i];
        t.documents[--t.count] = (bytes){0};
        if (!adopt(s, &t)) d++;
    }
}

/* The end of the piece that begins at `at` and has so many lines (of lines) or bytes (whole characters). */
static size_t piece_end(bytes b, size_t at, size_t n, bool lines) {
    if (!lines) {
        at = at + n < b.len ? at + n : b.len;
        while (at < b.len && (b.ptr[at] & 0xC0) == 0x80)
            at++;
        return at;
    }
    while (n-- && at < b.len) {
        const uint8_t *lf = memchr(b.ptr + at, '\n', b.len - at);
        at = lf ? (size_t)(lf - b.ptr) + 1 : b.len;
    }
    return at;
}

static bool drop_pieces(shrinker *s, size_t d, size_t n, bool lines) {
    bool any = false;
    for (size_t at = 0; at < s->best->documents[d].len && !is_over(s);) {
        bytes b = s->best->documents[d];
        size_t end = piece_end(b, at, n, lines);
        test_case t = test_case_copy(s->best);
        t.documents[d].len = at;
        bytes_add(&t.documents[d], b.ptr + end, b.len - end);
        if (adopt(s, &t))
            any = true;
        else
            at = end;
    }
    return any;
}

static void simplify_options(shrinker *s) {
    for (int i = 0; i < 7 && !is_over(s); i++) {
        test_case t = test_case_copy(s->best);
        if (i == 0) t.jobs = 1;
        if (i == 1) t.batch_nbytes = 0;
        if (i == 2) t.store_memory_nbytes = 0;
        if (i == 3) t.scope = HAPAX_SCOPE_ALL;
        if (i == 4) t.min_length = 120;
        if (i == 5) t.no_clean = false;
        if (i == 6)
            for (size_t d = 0; d < t.count; d++)
                t.flags[d] = 0;
        adopt(s, &t);
    }
}

void promises_shrink(test_case *c, const verdict *v, unsigned seconds) {
    shrinker s = {.best = c, .promise = v->promise, .kind = v->kind, .until = time(NULL) + seconds};
    drop_documents(&s);
    simplify_options(&s);
    bool any = true;
    while (any && !is_over(&s)) {
        any = false;
        for (size_t d = 0; d < c->count; d++) {
            for (size_t n = 256; n >= 1; n /= 4)
                any |= drop_pieces(&s, d, n, true);
            for (size_t n = 4096; n >= 1; n /= 4)
                any |= drop_pieces(&s, d, n, false);
        }
        drop_documents(&s);
    }
}
