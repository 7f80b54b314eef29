/*
 * recall: how many repeated letters a way of choosing shingles finds, against brute force: recall FILE
 * [half]
 *
 * half 1 is the first half of the file (for settling), 2 the second (for reporting); without it, all.
 * A line that begins with "# " begins a document, every line is a paragraph. Brute force is a suffix
 * array: a letter is repeated when it lies in a window of M bytes of its document's skeleton that
 * stands earlier. Found are letters of runs of at least M bytes that stand at the first or at one of
 * the latest earlier positions of a chosen shingle, compared byte by byte in both directions. The last
 * rows are those of hpx_choose itself. Needs libdivsufsort and libxxhash.
 */
#include "choose.h"
#include "skeleton.h"
#include "utf8.h"

#include <divsufsort.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#define MAX_LATEST 8
static const unsigned depths[] = {1, 2, 4, 5, 8};
static const size_t lengths[] = {120, 240};
#define DEPTHS  HPX_ARRAY_LEN(depths)
#define LENGTHS HPX_ARRAY_LEN(lengths)

typedef struct {
    hpx_memory memory;
    hpx_buffer store; /* all skeletons, 0xFF between documents */
    uint64_t text_nbytes;
    uint8_t *repeated[LENGTHS]; /* by brute force, for each byte of the store */
    uint64_t repeated_count[LENGTHS];
} corpus;

/* A way of choosing: W shingles of K bytes to a window, ordered by keys of t bytes that stand in the
 * window's first D + 1 places. t = K is winnowing. key_span >= t are the bytes of which a key is a
 * function. */
typedef struct {
    const char *name;
    size_t k, w, t, key_span;
} way;

static void *allocate(size_t nbytes) {
    void *ptr = calloc(1, nbytes ? nbytes : 1);
    if (!ptr) exit(2);
    return ptr;
}

static void read_corpus(corpus *c, const char *path, unsigned half) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(2);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file), from = half == 2 ? size / 2 : 0, to = half == 1 ? size / 2 : size;
    uint8_t *bytes = allocate(size);
    rewind(file);
    if (fread(bytes, 1, size, file) != size) exit(2);
    fclose(file);
    c->store.memory = &c->memory;
    for (size_t at = from; at < to;) {
        const uint8_t *newline = memchr(bytes + at, '\n', to - at);
        size_t end = newline ? (size_t)(newline - bytes) : to;
        hpx_slice line = hpx_slice_of(bytes + at, end - at);
        if (line.len > 2 && memcmp(line.ptr, "# ", 2) == 0 &&
            hpx_buffer_append(&c->store, "\xFF", 1) != HAPAX_OK)
            exit(2);
        if (hpx_utf8_first_ill(line) == line.len && hpx_skeleton_append(line, &c->store, NULL) != HAPAX_OK)
            exit(2);
        c->text_nbytes += line.len + 1;
        at = end + 1;
    }
    if (hpx_buffer_append(&c->store, "\xFF", 1) != HAPAX_OK) exit(2);
    free(bytes);
}

/* plcp[p]: how many bytes the suffix at p shares with the one before it in the suffix array
 * (Kärkkäinen, Manzini, Puglisi 2009). */
static void brute_force(corpus *c) {
    const uint8_t *s = c->store.ptr;
    int32_t n = (int32_t)c->store.len;
    int32_t *sa = allocate((size_t)n * 4), *plcp = allocate((size_t)n * 4);
    if (divsufsort(s, sa, n) != 0) exit(2);
    plcp[sa[0]] = -1;
    for (int32_t i = 1; i < n; i++)
        plcp[sa[i]] = sa[i - 1];
    for (int32_t p = 0, shared = 0; p < n; p++) {
        int32_t q = plcp[p];
        if (q < 0) {
            plcp[p] = shared = 0;
            continue;
        }
        while (p + shared < n && q + shared < n && s[p + shared] == s[q + shared] && s[p + shared] != 0xFF)
            shared++;
        plcp[p] = shared;
        if (shared > 0) shared--;
    }
    for (size_t m = 0; m < LENGTHS; m++) {
        uint8_t *starts = allocate((size_t)n);
        for (int32_t i = 0;
             i < n;) { /* a group of suffixes that share M bytes: all but the first position repeat */
            int32_t end = i + 1, first = sa[i];
            while (end < n && plcp[sa[end]] >= (int32_t)lengths[m])
                first = HPX_MIN(first, sa[end]), end++;
            for (; i < end; i++)
                starts[sa[i]] = sa[i] != first;
        }
        c->repeated[m] = allocate((size_t)n);
        for (int32_t p = 0, until = 0; p < n; p++) {
            if (starts[p] && !hpx_utf8_is_continuation(s[p])) until = p + (int32_t)lengths[m];
            c->repeated[m][p] = p < until;
            c->repeated_count[m] += p < until;
        }
        free(starts);
    }
    free(sa);
    free(plcp);
}

static uint32_t key_of(const uint8_t *p, size_t t) {
    return (uint32_t)(XXH3_64bits(p, t) >> 33);
}

/* Writes the positions that way chooses in s[0, n) to chosen; returns their count. Slow and plain: a
 * queue of minima over all byte windows. */
static size_t choose_plainly(const way *v, const uint8_t *s, size_t n, uint8_t *is_chosen) {
    size_t window = v->k + v->w - 1, last = window - v->key_span, count = 0;
    if (n < window) return 0;
    uint32_t *queue = allocate(4 * (n + 1)), *keys = allocate(4 * (n + 1));
    size_t head = 0, tail = 0, entered = 0;
    for (size_t i = 0; i + window <= n; i++) {
        for (; entered <= i + last; entered++) {
            if (hpx_utf8_is_continuation(s[entered])) continue;
            keys[entered] = key_of(s + entered, v->t);
            while (tail > head && keys[queue[tail - 1]] > keys[entered])
                tail--;
            queue[tail++] = (uint32_t)entered;
        }
        while (queue[head] < i)
            head++;
        size_t at = i + (queue[head] - i) % v->w, down = at;
        while (down > i && hpx_utf8_is_continuation(s[down]))
            down--;
        if (hpx_utf8_is_continuation(s[down]))
            for (down = at; hpx_utf8_is_continuation(s[down]);)
                down++;
        count += !is_chosen[down];
        is_chosen[down] = 1;
    }
    free(queue);
    free(keys);
    return count;
}

static size_t choose_really(const uint8_t *s, size_t n, uint8_t *is_chosen) {
    hpx_memory memory = {0};
    hpx_chosen_list list = {.memory = &memory};
    hpx_chooser *chooser;
    if (hpx_chooser_create(&chooser, 0, &memory) != HAPAX_OK) exit(2);
    if (hpx_choose(chooser, hpx_slice_of(s, n), 0, &list) != HAPAX_OK) exit(2);
    for (size_t i = 0; i < list.count; i++)
        is_chosen[list.items[i].off] = 1;
    size_t count = list.count;
    hpx_free(&memory, list.items, list.cap * sizeof list.items[0]);
    hpx_chooser_destroy(chooser);
    return count;
}

typedef struct {
    uint64_t fingerprint;
    uint32_t first, seen, latest[MAX_LATEST];
} entry;

/* Runs already extended, so that a passage is compared once for each diagonal and not for each
 * fingerprint. */
typedef struct {
    size_t diagonal, end;
    unsigned rank;
} extended;

typedef struct {
    const corpus *c;
    uint8_t *rank_of[LENGTHS]; /* smallest depth that finds the byte; 255 none */
    extended recent[64];
    unsigned next;
} finder;

/* p stands at q < p too: marks the run around them. rank 0 is the first position, r the r-th latest. */
static void extend(finder *f, size_t p, size_t q, size_t k, unsigned rank) {
    const uint8_t *s = f->c->store.ptr;
    for (unsigned i = 0; i < HPX_ARRAY_LEN(f->recent); i++)
        if (f->recent[i].diagonal == p - q && p < f->recent[i].end && f->recent[i].rank <= rank) return;
    if (memcmp(s + p, s + q, k) != 0) return;
    size_t left = 0, right = k;
    while (left < q && s[p - left - 1] == s[q - left - 1] && s[p - left - 1] != 0xFF)
        left++;
    while (s[p + right] == s[q + right] && s[p + right] != 0xFF)
        right++;
    f->recent[f->next++ % HPX_ARRAY_LEN(f->recent)] = (extended){p - q, p + right, rank};
    for (size_t m = 0; m < LENGTHS; m++) {
        if (left + right < lengths[m]) continue;
        for (size_t i = p - left; i < p + right; i++)
            if (f->rank_of[m][i] > rank) f->rank_of[m][i] = (uint8_t)rank;
    }
}

static void find_all(finder *f, const uint8_t *is_chosen, size_t k, size_t count) {
    const uint8_t *s = f->c->store.ptr;
    size_t mask = 1;
    while (mask < count * 2)
        mask *= 2;
    entry *table = allocate(mask * sizeof *table);
    mask--;
    for (size_t p = 0; p < f->c->store.len; p++) {
        if (!is_chosen[p]) continue;
        uint64_t fingerprint = XXH3_64bits(s + p, k) | 1;
        size_t at = (fingerprint * 0x9E3779B97F4A7C15u >> 20) & mask;
        while (table[at].fingerprint != 0 && table[at].fingerprint != fingerprint)
            at = (at + 1) & mask;
        entry *e = &table[at];
        if (e->fingerprint) {
            extend(f, p, e->first, k, 0);
            for (unsigned r = 1; r <= MAX_LATEST && r <= e->seen; r++)
                extend(f, p, e->latest[(e->seen - r) % MAX_LATEST], k, r);
            e->latest[e->seen++ % MAX_LATEST] = (uint32_t)p;
        } else {
            *e = (entry){.fingerprint = fingerprint, .first = (uint32_t)p};
        }
    }
    free(table);
}

static void report(corpus *c, const way *v) {
    size_t n = c->store.len, count = 0, k = v ? v->k : HPX_K;
    uint8_t *is_chosen = allocate(n);
    for (size_t at = 0; at < n;) {
        size_t end = at;
        while (c->store.ptr[end] != 0xFF)
            end++;
        count += v ? choose_plainly(v, c->store.ptr + at, end - at, is_chosen + at)
                   : choose_really(c->store.ptr + at, end - at, is_chosen + at);
        at = end + 1;
    }
    finder f = {.c = c};
    for (size_t m = 0; m < LENGTHS; m++)
        memset(f.rank_of[m] = allocate(n), 255, n);
    find_all(&f, is_chosen, k, count);
    printf("%-10s K%-3zu W%-3zu t%-3zu %5.1f %5.3f ", v ? v->name : "hpx_choose", k, v ? v->w : (size_t)HPX_W,
           v ? v->t : (size_t)0, (double)c->text_nbytes / (double)count,
           16.0 * (double)count / (double)c->text_nbytes);
    for (size_t m = 0; m < LENGTHS; m++) {
        uint64_t found[DEPTHS] = {0};
        for (size_t p = 0; p < n; p++)
            for (size_t d = 0; d < DEPTHS; d++)
                found[d] += c->repeated[m][p] && f.rank_of[m][p] <= depths[d];
        printf(" |");
        for (size_t d = 0; d < DEPTHS; d++)
            printf(" %6.2f", 100.0 * (double)found[d] / (double)HPX_MAX(c->repeated_count[m], (uint64_t)1));
        free(f.rank_of[m]);
    }
    printf("\n");
    fflush(stdout);
    free(is_chosen);
}

int main(int argc, char **argv) {
    static const way ways[] = {
        {"winnow", 48, 72, 48, 48},  {"winnow", 80, 40, 80, 80},  {"winnow", 96, 24, 96, 96},
        {"modmini", 66, 54, 12, 12}, {"modmini", 84, 36, 12, 12}, {"modmini", 84, 36, 8, 8},
        {"modmini", 90, 30, 12, 12}, {"modmini", 93, 27, 12, 12}, {"modmini", 96, 24, 12, 12},
    };
    if (argc < 2) return fprintf(stderr, "usage: recall FILE [1|2]\n"), 2;
    corpus c = {0};
    read_corpus(&c, argv[1], argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0);
    brute_force(&c);
    printf("%s: %llu bytes of text, %zu of skeleton; repeated letters: %.2f %% (M=120), %.2f %% (M=240)\n",
           argv[1], (unsigned long long)c.text_nbytes, c.store.len,
           100.0 * (double)c.repeated_count[0] / (double)c.store.len,
           100.0 * (double)c.repeated_count[1] / (double)c.store.len);
    printf("%-26s %5s %5s  | M=120: found %%, depth 1, 2, 4, 5, 8   | M=240\n", "bytes of text to an entry,",
           "", "index");
    for (size_t i = 0; i < HPX_ARRAY_LEN(ways); i++)
        report(&c, &ways[i]);
    report(&c, NULL);
    return 0;
}
