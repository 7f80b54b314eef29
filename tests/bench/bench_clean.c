/*
 * bench_clean: speed of the cleaner on a file, line by line: MB/s (of processor time, so that a busy machine
 * hurts less) of the best of some rounds, and how much was changed. bench_clean FILE [ROUNDS]
 */
#include "clean.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    uint64_t lines, changed, edits[HPX_RULE_COUNT], ns;
} result;

static uint64_t processor_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool read_file(const char *name, hpx_buffer *out) {
    FILE *file = fopen(name, "rb");
    if (!file) return false;
    size_t n = 1;
    while (n > 0 && hpx_buffer_reserve(out, 1 << 20) == HAPAX_OK) {
        n = fread(out->ptr + out->len, 1, 1 << 20, file);
        out->len += n;
    }
    bool whole = !ferror(file) && n == 0;
    return fclose(file) == 0 && whole;
}

static hapax_status clean_all(hpx_cleaner *cleaner, hpx_slice text, hpx_edits *edits, result *r) {
    uint64_t begin = processor_ns();
    *r = (result){0};
    while (text.len) {
        const uint8_t *lf = memchr(text.ptr, '\n', text.len);
        size_t len = lf ? (size_t)(lf - text.ptr) : text.len, met_count;
        hpx_edits_clear(edits);
        HPX_TRY(hpx_clean_paragraph(cleaner, hpx_slice_of(text.ptr, len), (hpx_clean_context){0}, edits, NULL,
                                    0, &met_count));
        r->lines++;
        r->changed += edits->count != 0;
        for (size_t i = 0; i < edits->count; i++)
            r->edits[edits->edits[i].rule]++;
        text.ptr += len + (lf != NULL);
        text.len -= len + (lf != NULL);
    }
    r->ns = processor_ns() - begin;
    return HAPAX_OK;
}

int main(int argc, char **argv) {
    hpx_memory memory = {0};
    hpx_buffer text = {.memory = &memory};
    hpx_cleaner *cleaner = NULL;
    hpx_edits edits;
    result best = {.ns = UINT64_MAX}, now;
    hpx_edits_init(&edits, &memory);
    if (argc < 2 || !read_file(argv[1], &text) || hpx_cleaner_create(&cleaner, &memory) != HAPAX_OK) {
        fprintf(stderr, "use: bench_clean FILE [ROUNDS]\n");
        return 2;
    }
    for (long i = argc > 2 ? strtol(argv[2], NULL, 10) : 5; i > 0; i--) {
        if (clean_all(cleaner, hpx_slice_of(text.ptr, text.len), &edits, &now) != HAPAX_OK) return 2;
        if (now.ns < best.ns) best = now;
    }
    printf("clean     %s: %.0f MB/s, %.1f MB, %.1f %% of %llu lines changed;", argv[1],
           (double)text.len * 1e3 / (double)best.ns, (double)text.len / 1e6,
           best.lines ? 100.0 * (double)best.changed / (double)best.lines : 0.0,
           (unsigned long long)best.lines);
    for (unsigned i = 0; i < HPX_RULE_COUNT; i++)
        printf(" %s %llu", hpx_rule_name((hpx_rule)i), (unsigned long long)best.edits[i]);
    printf("\n");
    hpx_cleaner_destroy(cleaner);
    hpx_edits_release(&edits);
    hpx_buffer_release(&text);
    return 0;
}
