/*
 * bench_index: processor nanoseconds for a visit and bytes for an entry, while the index grows. Nothing here is a test.
 *
 * Fingerprints are new but for one in sixteen, which came before. Usage: bench_index [ENTRIES]...
 */
#include "base.h"
#include "index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define AHEAD  12u
#define WINDOW (1u << 16) /* visits that are timed together */

/* Of this process: other work on the machine counts less. */
static uint64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t fingerprint_at(uint64_t i) {
    return i % 16 == 15 ? mix(mix(i) % i) : mix(i);
}

typedef struct {
    double ns_all, ns_last; /* for a visit: over the whole run, over its last tenth */
    double bytes_last, bytes_worst, bytes_mean, groups;
    uint64_t found;
} result;

static int run(uint64_t count, bool prefetch, result *r) {
    hpx_memory memory = {0};
    hpx_index *index;
    uint64_t sources[1 + HPX_INDEX_LATEST], in_window[WINDOW + AHEAD], ns = 0, ns_last = 0, visits_last = 0,
                                                                       samples = 0;
    if (hpx_index_create(&index, &memory, UINT64_C(1) << 36, 42) != HAPAX_OK) return 1;
    *r = (result){0};
    for (uint64_t base = 0; base < count; base += WINDOW) {
        for (uint64_t i = 0; i < WINDOW + AHEAD; i++)
            in_window[i] = fingerprint_at(base + i);
        uint64_t start = cpu_ns();
        for (uint64_t i = 0; i < WINDOW; i++) {
            size_t n;
            if (prefetch) hpx_index_prefetch(index, in_window[i + AHEAD]);
            if (hpx_index_visit(index, in_window[i], base + i, sources, &n) != HAPAX_OK) return 1;
            r->found += n;
        }
        uint64_t took = cpu_ns() - start;
        ns += took;
        if (base >= count - count / 10) ns_last += took, visits_last += WINDOW;
        hpx_index_stats stats;
        hpx_index_get_stats(index, &stats);
        r->bytes_last = (double)(stats.nbytes - stats.nodes * 32) / (double)stats.entries;
        r->groups = (double)stats.groups_visited / (double)(base + WINDOW);
        if (stats.entries < 500000) continue; /* the phases are even by then */
        r->bytes_worst = HPX_MAX(r->bytes_worst, r->bytes_last);
        r->bytes_mean += r->bytes_last;
        samples++;
    }
    r->ns_all = (double)ns / (double)count;
    r->ns_last = visits_last ? (double)ns_last / (double)visits_last : 0;
    r->bytes_mean /= samples ? (double)samples : 1;
    hpx_index_destroy(index);
    return 0;
}

int main(int argc, char **argv) {
    static const uint64_t built_in[] = {1000000, 10000000, 30000000};
    size_t runs = argc > 1 ? (size_t)argc - 1 : HPX_ARRAY_LEN(built_in);
    printf("%10s %9s %9s %9s %9s %9s %9s %9s\n", "visits", "prefetch", "ns", "ns, last", "B/entry", "worst",
           "mean", "groups");
    for (size_t k = 0; k < runs; k++) {
        uint64_t count = argc > 1 ? strtoull(argv[k + 1], NULL, 10) : built_in[k];
        for (int prefetch = 1; prefetch >= 0; prefetch--) {
            result r;
            if (run(count, prefetch, &r) != 0) {
                fprintf(stderr, "bench_index: a visit failed\n");
                return 1;
            }
            printf("%10" PRIu64 " %9s %9.1f %9.1f %9.2f %9.2f %9.2f %9.3f\n", count, prefetch ? "yes" : "no",
                   r.ns_all, r.ns_last, r.bytes_last, r.bytes_worst, r.bytes_mean, r.groups);
        }
    }
    return 0;
}
