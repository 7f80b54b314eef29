/* Unit tests of log: against a plain array, nearly everything spilled, with files that fail. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *state) {
    uint64_t x = (*state += 0x9e3779b97f4a7c15u);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Not HPX_MIN: it would draw twice. */
static size_t random_up_to(uint64_t *state, size_t below, size_t most) {
    size_t n = (size_t)(next_random(state) % below);
    return n < most ? n : most;
}

/* Text that repeats itself: pieces of what came before, or new letters from a small alphabet. */
static uint8_t *make_text(size_t nbytes, uint64_t seed) {
    uint8_t *text = malloc(nbytes + 1);
    assert_non_null(text);
    for (size_t at = 0; at < nbytes;) {
        uint64_t r = next_random(&seed);
        size_t n = HPX_MIN(1 + (size_t)(r >> 8) % 700, nbytes - at);
        if (at > 0 && r % 3) {
            size_t from = (size_t)(r >> 24) % at;
            for (size_t i = 0; i < n; i++)
                text[at + i] = text[from + i];
        } else {
            for (size_t i = 0; i < n; i++)
                text[at + i] = (uint8_t)("abc"[next_random(&seed) % 3]);
        }
        at += n;
    }
    return text;
}

typedef struct {
    hpx_memory memory;
    hapax_error error;
    hpx_log *log;
    uint8_t *text;
    size_t begin, size; /* readable part of text */
} fixture;

static void open_log(fixture *f, uint64_t budget, size_t segment, hpx_log_mode mode) {
    *f = (fixture){0};
    assert_int_equal(hpx_log_create_sized(&f->log, &f->memory, budget, segment, NULL, mode, &f->error),
                     HAPAX_OK);
}

static void close_log(fixture *f) {
    hpx_log_destroy(f->log);
    assert_int_equal(f->memory.now_nbytes, 0);
    free(f->text);
}

static void check_read(fixture *f, uint64_t *random) {
    uint8_t out[3000];
    size_t off = f->begin + (size_t)next_random(random) % (f->size - f->begin);
    size_t n = random_up_to(random, sizeof out, f->size - off);
    assert_int_equal(hpx_log_read(f->log, off, out, n), HAPAX_OK);
    assert_memory_equal(out, f->text + off, n);
}

static void check_two_views(fixture *f, uint64_t *random) {
    hpx_slice view[2];
    uint64_t view_off[2];
    for (int k = 0; k < 2; k++) {
        size_t off = f->begin + (size_t)next_random(random) % (f->size - f->begin);
        assert_int_equal(hpx_log_view(f->log, off, &view[k], &view_off[k]), HAPAX_OK);
        assert_true(view_off[k] >= f->begin && view_off[k] <= off && off < view_off[k] + view[k].len);
        assert_true(view_off[k] + view[k].len <= f->size);
    }
    for (int k = 0; k < 2; k++)
        assert_memory_equal(view[k].ptr, f->text + view_off[k], view[k].len);
}

static void check_common(fixture *f, uint64_t *random) {
    uint64_t a = f->begin + next_random(random) % (f->size - f->begin + 1),
             limit = next_random(random) % 4 ? UINT64_MAX : a % 500;
    uint64_t b = next_random(random) % 2 ? f->begin + next_random(random) % (f->size - f->begin + 1)
                                         : a + random_up_to(random, 40, f->size - (size_t)a);
    uint64_t common = 99, compared = 7, want = 0;
    while (want < limit && a + want < f->size && b + want < f->size && f->text[a + want] == f->text[b + want])
        want++;
    assert_int_equal(hpx_log_common_forward(f->log, a, b, limit, &common, &compared), HAPAX_OK);
    assert_int_equal(common, want);
    assert_true(compared == want + 7 || compared == want + 8);
    want = 0, compared = 0;
    while (want < limit && a - want > f->begin && b - want > f->begin &&
           f->text[a - want - 1] == f->text[b - want - 1])
        want++;
    assert_int_equal(hpx_log_common_backward(f->log, a, b, limit, &common, &compared), HAPAX_OK);
    assert_int_equal(common, want);
    assert_true(compared == want || compared == want + 1);
}

static void compare_with_array(uint64_t budget, size_t segment, hpx_log_mode mode, size_t nbytes,
                               uint64_t seed) {
    fixture f;
    open_log(&f, budget, segment, mode);
    f.text = make_text(nbytes, seed);
    while (f.size < nbytes) {
        size_t n = random_up_to(&seed, 6000, nbytes - f.size);
        assert_int_equal(hpx_log_append(f.log, f.text + f.size, n), HAPAX_OK);
        f.size += n;
        assert_int_equal(hpx_log_size(f.log), f.size);
        f.begin = (size_t)hpx_log_begin(f.log);
        if (mode == HPX_LOG_SPILL) assert_int_equal(f.begin, 0);
        if (f.begin == f.size) continue;
        for (int k = 0; k < 6; k++) {
            check_read(&f, &seed);
            check_two_views(&f, &seed);
            check_common(&f, &seed);
        }
    }
    uint64_t kept = HPX_MAX(budget, (uint64_t)2 * segment), spilled = hpx_log_spilled(f.log);
    if (mode == HPX_LOG_SPILL) assert_true(nbytes <= kept || spilled >= nbytes - kept);
    if (mode == HPX_LOG_DROP)
        assert_true(spilled == 0 && f.size - f.begin <= kept && f.size - f.begin >= HPX_MIN(nbytes, segment));
    close_log(&f);
}

static void test_nearly_all_spilled(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        compare_with_array(0, (size_t)16 << (seed % 8), HPX_LOG_SPILL, 60000 + seed * 1237, seed);
    compare_with_array(0, 32768, HPX_LOG_SPILL, 900000, 91); /* blocks smaller than segments, sets fight */
    compare_with_array(400000, 4096, HPX_LOG_SPILL, 900000, 92);
}

static void test_all_in_memory(void **state) {
    (void)state;
    compare_with_array(1u << 30, 1024, HPX_LOG_SPILL, 200000, 5);
    compare_with_array(1u << 30, HPX_LOG_SEGMENT_NBYTES, HPX_LOG_SPILL, 1500000, 6);
}

static void test_drop(void **state) {
    (void)state;
    compare_with_array(0, 16, HPX_LOG_DROP, 20000, 7);
    compare_with_array(10000, 1024, HPX_LOG_DROP, 90000, 8);
    compare_with_array(1u << 20, 4096, HPX_LOG_DROP, 90000, 9);
}

static void test_dropped_bytes_are_different(void **state) {
    (void)state;
    fixture f;
    open_log(&f, 64, 16, HPX_LOG_DROP);
    for (int i = 0; i < 200; i++)
        assert_int_equal(hpx_log_append(f.log, "a", 1), HAPAX_OK);
    uint64_t begin = hpx_log_begin(f.log), common, compared = 0;
    assert_true(begin > 0);
    assert_int_equal(hpx_log_common_forward(f.log, begin - 1, 199, UINT64_MAX, &common, &compared), HAPAX_OK);
    assert_int_equal(common, 0);
    assert_int_equal(hpx_log_common_backward(f.log, begin + 3, 200, UINT64_MAX, &common, &compared),
                     HAPAX_OK);
    assert_int_equal(common, 3);
    hpx_slice view;
    uint64_t off;
    assert_int_equal(hpx_log_view(f.log, begin - 1, &view, &off), HAPAX_E_STATE);
    assert_int_equal(hpx_log_view(f.log, 200, &view, &off), HAPAX_E_STATE);
    close_log(&f);
}

static void test_short_run_is_cheap(void **state) {
    (void)state;
    fixture f = {0};
    assert_int_equal(
        hpx_log_create(&f.log, &f.memory, (uint64_t)1 << 40, "/nonexistent", HPX_LOG_SPILL, NULL), HAPAX_OK);
    assert_int_equal(hpx_log_append(f.log, "short", 5), HAPAX_OK);
    assert_true(f.memory.peak_nbytes < 8192);
    close_log(&f);
    hpx_log_destroy(NULL);
}

static void test_memory_stays_within_budget(void **state) {
    (void)state;
    fixture f;
    uint64_t budget = 3u << 20, random = 4;
    open_log(&f, budget, 1u << 16, HPX_LOG_SPILL);
    f.text = make_text(1u << 20, 3);
    for (int i = 0; i < 12; i++)
        assert_int_equal(hpx_log_append(f.log, f.text, 1u << 20), HAPAX_OK);
    uint8_t byte;
    for (int i = 0; i < 5000; i++) {
        uint64_t off = next_random(&random) % (12u << 20);
        assert_int_equal(hpx_log_read(f.log, off, &byte, 1), HAPAX_OK);
        assert_int_equal(byte, f.text[off & 0xfffff]);
    }
    assert_true(f.memory.peak_nbytes <= budget + 16384);
    close_log(&f);
}

/* ---- failures ---- */

static void test_no_directory(void **state) {
    (void)state;
    fixture f = {0};
    assert_int_equal(
        hpx_log_create_sized(&f.log, &f.memory, 0, 16, "/nonexistent/dir", HPX_LOG_SPILL, &f.error),
        HAPAX_OK);
    assert_int_equal(hpx_log_append(f.log, "0123456789abcdef0123456789ABCDEF", 32), HAPAX_OK);
    assert_int_equal(hpx_log_append(f.log, "more", 4), HAPAX_E_IO);
    assert_int_equal(f.error.status, HAPAX_E_IO);
    assert_int_equal(f.error.sys_errno, ENOENT);
    assert_non_null(strstr(f.error.text, "/nonexistent/dir"));
    uint8_t out[32];
    assert_int_equal(hpx_log_size(f.log), 32);
    assert_int_equal(hpx_log_read(f.log, 0, out, 32), HAPAX_OK);
    assert_memory_equal(out, "0123456789abcdef0123456789ABCDEF", 32);
    close_log(&f);
    assert_int_equal(hpx_log_create_sized(&f.log, &f.memory, 0, 17, NULL, HPX_LOG_SPILL, NULL),
                     HAPAX_E_OPTION);
}

static void test_file_too_large(void **state) {
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){
        40000, old.rlim_max}; /* in the middle of a segment: first a short write, then an error */
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    fixture f;
    open_log(&f, 0, 16384, HPX_LOG_SPILL);
    f.text = make_text(200000, 2);
    hapax_status status = hpx_log_append(f.log, f.text, 200000);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, old_handler);
    assert_int_equal(status, HAPAX_E_IO);
    assert_int_equal(f.error.sys_errno, EFBIG);
    f.size = (size_t)hpx_log_size(f.log);
    assert_int_equal(f.size, 4 * 16384);
    uint8_t *out = malloc(f.size);
    assert_int_equal(hpx_log_read(f.log, 0, out, f.size), HAPAX_OK);
    assert_memory_equal(out, f.text, f.size);
    /* With room again it goes on as if nothing had been. */
    assert_int_equal(hpx_log_append(f.log, f.text + f.size, 200000 - f.size), HAPAX_OK);
    assert_int_equal(hpx_log_read(f.log, 100000, out, f.size), HAPAX_OK);
    assert_memory_equal(out, f.text + 100000, f.size);
    free(out);
    close_log(&f);
}

/* The log's file: nobody links to it and it has the size that the log says. */
static int find_file(uint64_t nbytes) {
    for (int fd = 3; fd < 256; fd++) {
        struct stat st;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0 && (uint64_t)st.st_size == nbytes)
            return fd;
    }
    return -1;
}

static void test_file_is_cut_by_somebody(void **state) {
    (void)state;
    fixture f;
    open_log(&f, 0, 4096, HPX_LOG_SPILL);
    f.text = make_text(100000, 2);
    assert_int_equal(hpx_log_append(f.log, f.text, 100000), HAPAX_OK);
    int fd = find_file(hpx_log_spilled(f.log));
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(ftruncate(fd, 10000), 0);
    uint8_t out[100];
    uint64_t common, compared = 0;
    assert_int_equal(hpx_log_read(f.log, 20000, out, sizeof out), HAPAX_E_IO);
    assert_int_equal(f.error.status, HAPAX_E_IO);
    assert_int_equal(f.error.sys_errno, EIO);
    assert_int_equal(hpx_log_common_forward(f.log, 20000, 1000, 50, &common, &compared), HAPAX_E_IO);
    assert_int_equal(hpx_log_common_backward(f.log, 20000, 1000, 50, &common, &compared), HAPAX_E_IO);
    assert_int_equal(hpx_log_read(f.log, 20000, out, sizeof out),
                     HAPAX_E_IO); /* rubbish is not kept as a block */
    assert_int_equal(hpx_log_read(f.log, 5000, out, sizeof out), HAPAX_OK);
    assert_memory_equal(out, f.text + 5000, sizeof out);
    close_log(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearly_all_spilled),
        cmocka_unit_test(test_all_in_memory),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_dropped_bytes_are_different),
        cmocka_unit_test(test_short_run_is_cheap),
        cmocka_unit_test(test_memory_stays_within_budget),
        cmocka_unit_test(test_no_directory),
        cmocka_unit_test(test_file_too_large),
        cmocka_unit_test(test_file_is_cut_by_somebody),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
