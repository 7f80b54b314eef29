/*
 * Runs the rule specifications: tests/spec/NAME.txt, or the folder given as first argument. Each file is a
 * rule's manual and its test: prose, and examples, which are lines that begin with "= ". Everything else is
 * for people.
 *
 *     = input -> expected      this becomes that
 *     = input ->               nothing is left
 *     = input .                this must not change (the line ends in " .")
 *     @ japanese | code | chinese | plain     the examples below stand in such a document
 *
 * Both sides are taken from the line byte by byte, after these escapes: \xHH a byte, \u{HHHH} a character, \t
 * TAB, \s space (for spaces that would not be seen), \\ a backslash. The arrow is the last " -> " of the
 * line. An example is also cleaned a second time, and that must change nothing.
 */
#include "clean.h"
#include "utf8.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const files[] = {"space.txt", "punct.txt",       "ellipsis.txt", "nfc.txt",
                                    "utf8.txt",  "width-alnum.txt", "repeat.txt"};
static const size_t least_examples[] = {25, 25, 10, 8, 8, 8, 8};
static const char *folder = "tests/spec";

typedef struct {
    hpx_memory memory;
    hpx_cleaner *cleaner;
    hpx_edits edits;
    hpx_clean_context context;
    const char *file;
    size_t line, examples, unchanged, failed;
} runner;

static unsigned hex(const char *from, size_t digits) {
    char text[9] = "";
    memcpy(text, from, digits < 8 ? digits : 8);
    return (unsigned)strtoul(text, NULL, 16);
}

static void unescape(const char *from, size_t len, hpx_buffer *out) {
    hapax_status status = HAPAX_OK;
    for (size_t i = 0; i < len && status == HAPAX_OK; i++) {
        uint8_t bytes[4] = {(uint8_t)from[i]};
        size_t n = 1;
        if (from[i] == '\\' && i + 1 < len) {
            char kind = from[++i];
            const char *close = kind == 'u' ? memchr(from + i, '}', len - i) : NULL;
            if (kind == 'x' && i + 2 < len)
                bytes[0] = (uint8_t)hex(from + i + 1, 2), i += 2;
            else if (close)
                n = hpx_utf8_encode(hex(from + i + 2, (size_t)(close - from) - i - 2), bytes),
                i = (size_t)(close - from);
            else
                bytes[0] = kind == 't' ? '\t' : kind == 's' ? ' ' : (uint8_t)kind;
        }
        status = hpx_buffer_append(out, bytes, n);
    }
    assert_int_equal(status, HAPAX_OK);
}

static void clean(runner *r, const hpx_buffer *in, hpx_buffer *out) {
    size_t met_count;
    hpx_slice raw = hpx_slice_of(in->ptr, in->len);
    hpx_edits_clear(&r->edits);
    out->len = 0;
    assert_int_equal(hpx_clean_paragraph(r->cleaner, raw, r->context, &r->edits, NULL, 0, &met_count),
                     HAPAX_OK);
    assert_int_equal(hpx_edits_apply(&r->edits, 0, r->edits.count, raw, out), HAPAX_OK);
}

static void print(const char *what, const hpx_buffer *text) {
    fprintf(stderr, "  %s \"", what);
    for (size_t i = 0; i < text->len; i++)
        fprintf(stderr, text->ptr[i] < 0x20 || text->ptr[i] == 0x7F ? "\\x%02X" : "%c", text->ptr[i]);
    fprintf(stderr, "\"\n");
}

static bool is_same(const hpx_buffer *a, const hpx_buffer *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static void run_example(runner *r, const char *line, size_t len) {
    hpx_buffer in = {.memory = &r->memory}, want = {.memory = &r->memory}, got = {.memory = &r->memory},
               twice = {.memory = &r->memory};
    size_t arrow = len, in_len = len;
    for (size_t i = 0; i + 3 <= len; i++)
        if (memcmp(line + i, " ->", 3) == 0 && (i + 3 == len || line[i + 3] == ' ')) arrow = i;
    bool stays = arrow == len;
    if (stays)
        in_len = len >= 2 && memcmp(line + len - 2, " .", 2) == 0 ? len - 2 : SIZE_MAX;
    else
        in_len = arrow;
    if (in_len == SIZE_MAX) fail_msg("%s:%zu: neither \" -> \" nor \" .\"", r->file, r->line);
    unescape(line, in_len, &in);
    if (stays)
        unescape(line, in_len, &want);
    else if (arrow + 4 <= len)
        unescape(line + arrow + 4, len - arrow - 4, &want);
    clean(r, &in, &got);
    bool needless = stays && r->edits.count;
    clean(r, &got, &twice);
    r->examples++;
    r->unchanged += stays;
    if (!is_same(&want, &got) || needless || r->edits.count) {
        r->failed++;
        fprintf(stderr, "%s:%zu:\n", r->file, r->line);
        print("input ", &in);
        print("wanted", &want);
        print("got   ", &got);
        if (r->edits.count) print("again ", &twice);
    }
    hpx_buffer_release(&in);
    hpx_buffer_release(&want);
    hpx_buffer_release(&got);
    hpx_buffer_release(&twice);
}

static void set_context(runner *r, const char *name, size_t len) {
    while (len && name[len - 1] == ' ')
        len--;
    r->context = (hpx_clean_context){0};
    if (len == 8 && memcmp(name, "japanese", 8) == 0)
        r->context.other_cjk = true;
    else if (len == 4 && memcmp(name, "code", 4) == 0)
        r->context.code = true;
    else if (len == 5 && memcmp(name, "plain", 5) == 0)
        r->context.no_clean = true;
    else if (len != 7 || memcmp(name, "chinese", 7) != 0)
        fail_msg("%s:%zu: no such context", r->file, r->line);
}

static void run_file(runner *r, const char *name) {
    char path[4096], *line = NULL;
    size_t cap = 0;
    ssize_t len;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s cannot be read", path);
    r->file = path;
    while ((len = getline(&line, &cap, file)) >= 0) {
        r->line++;
        if (len > 0 && line[len - 1] == '\n') len--;
        if (len >= 2 && line[0] == '=' && line[1] == ' ') run_example(r, line + 2, (size_t)len - 2);
        if (len >= 2 && line[0] == '@' && line[1] == ' ') set_context(r, line + 2, (size_t)len - 2);
    }
    free(line);
    fclose(file);
}

static void examples_come_out_as_written(void **state) {
    size_t i = (size_t)((const char *const *)*state - files);
    runner r = {0};
    assert_int_equal(hpx_cleaner_create(&r.cleaner, &r.memory), HAPAX_OK);
    hpx_edits_init(&r.edits, &r.memory);
    run_file(&r, files[i]);
    hpx_cleaner_destroy(r.cleaner);
    hpx_edits_release(&r.edits);
    printf("%-16s %3zu examples, %3zu of them must not change\n", files[i], r.examples, r.unchanged);
    assert_int_equal(r.failed, 0);
    assert_true(r.examples >= least_examples[i]);
    assert_true(r.unchanged * 3 >= r.examples);
    assert_int_equal(r.memory.now_nbytes, 0);
}

/* A file that nobody runs would be a manual without a test. */
static void every_file_is_run(void **state) {
    (void)state;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t len = strlen(entry->d_name), i = 0;
        if (len < 4 || strcmp(entry->d_name + len - 4, ".txt") != 0) continue;
        while (i < HPX_ARRAY_LEN(files) && strcmp(files[i], entry->d_name) != 0)
            i++;
        if (i == HPX_ARRAY_LEN(files))
            fail_msg("%s/%s is not in the list of this program", folder, entry->d_name);
    }
    closedir(dir);
}

int main(int argc, char **argv) {
    if (argc > 1) folder = argv[1];
    struct CMUnitTest tests[HPX_ARRAY_LEN(files) + 1];
    for (size_t i = 0; i < HPX_ARRAY_LEN(files); i++)
        tests[i] = (struct CMUnitTest){files[i], examples_come_out_as_written, NULL, NULL,
                                       (void *)(uintptr_t)&files[i]};
    tests[HPX_ARRAY_LEN(files)] = (struct CMUnitTest)cmocka_unit_test(every_file_is_run);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
