/*
 * bench_text: MB/s of the stages that are pure in the text, on a file, one thread: bench_text FILE
 * [ROUNDS]
 *
 * Every line is a paragraph, as in the filter. The skeletons of a few hundred KB are chosen over at
 * once, as batches are. The best of ROUNDS (9) is printed, because a shared machine can only be slower
 * than itself. At most 32 MB of the file are used.
 */
#include "choose.h"
#include "skeleton.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_NBYTES   ((size_t)32 << 20)
#define BATCH_NBYTES ((size_t)256 << 10)

typedef struct {
    hpx_slice text;
    hpx_slice *lines;
    size_t line_count;
    hpx_buffer skeleton; /* of the whole text */
    hpx_chooser *chooser;
    hpx_chosen_list chosen;
    uint64_t letters;
} subject;

static size_t run_utf8(subject *s) {
    return hpx_utf8_first_ill(s->text);
}

static size_t run_skeleton(subject *s) {
    hpx_buffer_clear(&s->skeleton);
    for (size_t i = 0; i < s->line_count; i++)
        if (hpx_skeleton_append(s->lines[i], &s->skeleton, &s->letters) != HAPAX_OK) exit(2);
    return s->skeleton.len;
}

static size_t run_walk(subject *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->line_count; i++) {
        hpx_skeleton_walk walk;
        hpx_skeleton_char c;
        hpx_skeleton_walk_init(&walk, s->lines[i]);
        while (hpx_skeleton_walk_next(&walk, &c))
            n += c.nbytes;
    }
    return n;
}

static size_t run_choose(subject *s) {
    size_t total = 0;
    for (size_t at = 0; at < s->skeleton.len;) {
        size_t end = HPX_MIN(at + BATCH_NBYTES, s->skeleton.len);
        while (end < s->skeleton.len && hpx_utf8_is_continuation(s->skeleton.ptr[end]))
            end++;
        s->chosen.count = 0;
        if (hpx_choose(s->chooser, hpx_slice_of(s->skeleton.ptr + at, end - at), 0, &s->chosen) != HAPAX_OK)
            exit(2);
        total += s->chosen.count;
        at = end;
    }
    return total;
}

static size_t report(const char *name, subject *s, size_t (*run)(subject *), unsigned rounds) {
    uint64_t best = UINT64_MAX;
    size_t result = 0;
    for (unsigned i = 0; i < rounds; i++) {
        uint64_t start = hpx_now_ns();
        result = run(s);
        best = HPX_MIN(best, hpx_now_ns() - start);
    }
    printf("%-10s %8.0f MB/s   %zu\n", name, (double)s->text.len * 1e3 / (double)best, result);
    return result;
}

static void split_lines(subject *s, hpx_memory *memory) {
    size_t cap = 0;
    const uint8_t *p = s->text.ptr, *end = p + s->text.len;
    while (p < end) {
        const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
        const uint8_t *stop = newline ? newline : end;
        if (hpx_grow(memory, (void **)&s->lines, &cap, s->line_count + 1, sizeof s->lines[0]) != HAPAX_OK)
            exit(2);
        s->lines[s->line_count++] = hpx_slice_of(p, (size_t)(stop - p));
        p = stop + 1;
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: bench_text FILE [ROUNDS]\n"), 2;
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 9;
    FILE *file = fopen(argv[1], "rb");
    uint8_t *bytes = malloc(MAX_NBYTES);
    if (!file || !bytes) return fprintf(stderr, "bench_text: cannot read %s\n", argv[1]), 2;
    size_t len = fread(bytes, 1, MAX_NBYTES, file);
    fclose(file);
    hpx_memory memory = {0};
    subject s = {.text = hpx_slice_of(bytes, len), .skeleton.memory = &memory, .chosen.memory = &memory};
    s.text.len = hpx_utf8_first_ill(s.text);
    split_lines(&s, &memory);
    if (hpx_chooser_create(&s.chooser, 0, &memory) != HAPAX_OK) return 2;
    printf("%s: %zu bytes, %zu lines, best of %u rounds; MB of text\n", argv[1], s.text.len, s.line_count,
           rounds);
    report("utf8", &s, run_utf8, rounds);
    report("skeleton", &s, run_skeleton, rounds);
    report("walk", &s, run_walk, rounds > 3 ? 3 : rounds);
    size_t chosen = report("choose", &s, run_choose, rounds);
    printf("skeleton %.3f of the text, one entry in %.1f bytes of text\n",
           (double)s.skeleton.len / (double)s.text.len,
           (double)s.text.len / (double)HPX_MAX(chosen, (size_t)1));
    return 0;
}
