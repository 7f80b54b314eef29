/* test_choose: what is chosen depends on the window alone; common runs share a shingle; periodic text
 * is thin. */
#include "choose.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <xxhash.h>

typedef struct {
    hpx_memory memory;
    hpx_chooser *chooser;
    uint64_t random;
} fixture;

static uint64_t next_random(uint64_t *state) {
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t n) {
    return (uint32_t)(next_random(state) % n);
}

static int setup(void **state) {
    fixture *f = calloc(1, sizeof *f);
    f->random = 7;
    *state = f;
    return f && hpx_chooser_create(&f->chooser, 0, &f->memory) == HAPAX_OK ? 0 : -1;
}

static int teardown(void **state) {
    fixture *f = *state;
    hpx_chooser_destroy(f->chooser);
    int leaked = f->memory.now_nbytes != 0;
    free(f);
    return leaked;
}

static void append_char(hpx_buffer *b, uint32_t c) {
    uint8_t bytes[4];
    assert_int_equal(hpx_buffer_append(b, bytes, hpx_utf8_encode(c, bytes)), HAPAX_OK);
}

static uint32_t random_char(uint64_t *r, unsigned script) {
    switch (script) {
    case 0: return 'a' + below(r, 26);
    case 1: return 'a' + below(r, 2);
    case 2: return 0x4E00 + below(r, 0x5000);
    case 3: return 0x4E00 + below(r, 2);
    case 4: return 0xE01 + below(r, 40);
    case 5: return 0x20000 + below(r, 1000);
    case 6: return 0x430 + below(r, 30);
    default: return random_char(r, below(r, 7));
    }
}

/* Stretches of one script or mixed, some of them periodic. At least nbytes bytes. */
static void append_random_text(hpx_buffer *b, uint64_t *r, size_t nbytes) {
    size_t end = b->len + nbytes;
    while (b->len < end) {
        unsigned script = below(r, 9), count = 1 + below(r, 150), period = below(r, 3) ? 0 : 1 + below(r, 8);
        uint32_t unit[8];
        for (unsigned i = 0; i < 8; i++)
            unit[i] = random_char(r, script);
        for (unsigned i = 0; i < count && b->len < end; i++)
            append_char(b, period ? unit[i % period] : random_char(r, script));
    }
}

static void choose(fixture *f, const uint8_t *p, size_t n, uint32_t base, hpx_chosen_list *list) {
    assert_int_equal(hpx_choose(f->chooser, hpx_slice_of(p, n), base, list), HAPAX_OK);
}

static void release(hpx_chosen_list *list) {
    hpx_free(list->memory, list->items, list->cap * sizeof list->items[0]);
}

static void assert_sorted(const hpx_chosen_list *list, size_t first) {
    for (size_t i = first + 1; i < list->count; i++)
        assert_true(list->items[i - 1].off < list->items[i].off);
}

/* From its first character on the text is a word of up to 6 bytes, over and over. */
static bool is_periodic(const uint8_t *text, size_t nbytes) {
    while (nbytes && hpx_utf8_is_continuation(*text))
        text++, nbytes--;
    for (size_t period = 1; period <= 6; period++)
        if (memcmp(text, text + period, nbytes - period) == 0) return true;
    return false;
}

/* The contract itself, slowly: each window by itself, and the union of that. */
static void is_union_of_windows(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 150; round++) {
        hpx_buffer text = {.memory = &f->memory};
        hpx_chosen_list whole = {.memory = &f->memory}, one = {.memory = &f->memory};
        append_random_text(&text, &f->random, round < 140 ? below(&f->random, 1200) : 20000);
        uint32_t base = below(&f->random, 1000);
        choose(f, text.ptr, text.len, base, &whole);
        assert_sorted(&whole, 0);
        uint8_t *expected = calloc(text.len + 1, 1);
        for (size_t i = 0; i + HPX_WINDOW <= text.len; i++) {
            one.count = 0;
            choose(f, text.ptr + i, HPX_WINDOW, base + (uint32_t)i, &one);
            bool periodic = is_periodic(text.ptr + i, HPX_WINDOW), whole_start = !hpx_utf8_is_continuation(text.ptr[i]);
            if (!periodic || whole_start) assert_int_equal(one.count, periodic ? 0 : 1);
            if (one.count == 0) continue;
            size_t at = one.items[0].off - base;
            assert_in_range(at, i, i + HPX_W - 1);
            assert_false(hpx_utf8_is_continuation(text.ptr[at]));
            assert_true(one.items[0].fingerprint == XXH3_64bits_withSeed(text.ptr + at, HPX_K, 0));
            expected[at] = 1;
        }
        size_t found = 0;
        for (size_t at = 0; at < text.len; at++)
            found += expected[at];
        assert_int_equal(found, whole.count);
        for (size_t i = 0; i < whole.count; i++) {
            assert_true(expected[whole.items[i].off - base]);
            assert_true(whole.items[i].fingerprint ==
                        XXH3_64bits_withSeed(text.ptr + whole.items[i].off - base, HPX_K, 0));
        }
        free(expected);
        release(&whole);
        release(&one);
        hpx_buffer_release(&text);
    }
}

static int compare_off(const void *a, const void *b) {
    const hpx_chosen *x = a, *y = b;
    return x->off < y->off ? -1 : x->off > y->off;
}

static void seams_make_no_difference(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 30; round++) {
        hpx_buffer text = {.memory = &f->memory};
        hpx_chosen_list whole = {.memory = &f->memory}, parts = {.memory = &f->memory};
        append_random_text(&text, &f->random, 300 + below(&f->random, 900));
        choose(f, text.ptr, text.len, 5, &whole);
        for (size_t cut = 0; cut <= text.len; cut++) {
            if (cut < text.len && hpx_utf8_is_continuation(text.ptr[cut])) continue;
            size_t from = cut > HPX_WINDOW - 1 ? cut - (HPX_WINDOW - 1) : 0;
            size_t to = HPX_MIN(text.len, cut + HPX_WINDOW - 1);
            parts.count = 0;
            choose(f, text.ptr, cut, 5, &parts);
            choose(f, text.ptr + from, to - from, 5 + (uint32_t)from, &parts);
            choose(f, text.ptr + cut, text.len - cut, 5 + (uint32_t)cut, &parts);
            if (parts.count) qsort(parts.items, parts.count, sizeof parts.items[0], compare_off);
            size_t unique = 0;
            for (size_t i = 0; i < parts.count; i++)
                if (i == 0 || parts.items[i].off != parts.items[i - 1].off)
                    parts.items[unique++] = parts.items[i];
            assert_int_equal(unique, whole.count);
            for (size_t i = 0; i < unique; i++) {
                assert_int_equal(parts.items[i].off, whole.items[i].off);
                assert_true(parts.items[i].fingerprint == whole.items[i].fingerprint);
            }
        }
        release(&whole);
        release(&parts);
        hpx_buffer_release(&text);
    }
}

/* A character of the same length that differs in its lead byte only, so that a common run may begin
 * inside it. */
static void change_lead(uint8_t *p) {
    if (*p < 0x80)
        *p = *p == 'q' ? 'z' : 'q';
    else
        *p = *p == 0xE6 ? 0xE7 : 0xE6;
}

static void common_runs_share_a_fingerprint(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 4000; round++) {
        hpx_buffer common = {.memory = &f->memory}, a = {.memory = &f->memory}, b = {.memory = &f->memory};
        unsigned kind = below(&f->random, 4);
        while (common.len < HPX_WINDOW + 12) {
            unsigned unit = 1 + below(&f->random, 5);
            append_char(&common, kind == 0   ? 'a' + (uint32_t)common.len % unit
                                 : kind == 1 ? 0x5000 + below(&f->random, 2)
                                 : kind == 2 ? random_char(&f->random, below(&f->random, 2) * 2)
                                             : 0x5000);
        }
        append_random_text(&a, &f->random, below(&f->random, 300));
        append_random_text(&b, &f->random, below(&f->random, 300));
        size_t begin = 3 + below(&f->random, 4), end = begin + HPX_WINDOW, at_a = a.len, at_b = b.len;
        assert_int_equal(hpx_buffer_append(&a, common.ptr, common.len), HAPAX_OK);
        assert_int_equal(hpx_buffer_append(&b, common.ptr, common.len), HAPAX_OK);
        /* b gets other bytes directly before begin and from end on. */
        size_t before = begin - 1;
        while (hpx_utf8_is_continuation(common.ptr[before]))
            before--;
        change_lead(b.ptr + at_b + before);
        if (hpx_utf8_is_continuation(common.ptr[end]))
            b.ptr[at_b + end] = common.ptr[end] == 0x80 ? 0x81 : 0x80;
        else
            change_lead(b.ptr + at_b + end);
        append_random_text(&a, &f->random, below(&f->random, 300));
        append_random_text(&b, &f->random, below(&f->random, 300));
        hpx_chosen_list in_a = {.memory = &f->memory}, in_b = {.memory = &f->memory};
        choose(f, a.ptr, a.len, 0, &in_a);
        uint32_t base_b = below(&f->random, 50);
        choose(f, b.ptr, b.len, base_b, &in_b);
        bool shared = false;
        for (size_t i = 0; i < in_a.count && !shared; i++) {
            size_t x = in_a.items[i].off;
            if (x < at_a + begin || x + HPX_K > at_a + end) continue;
            for (size_t j = 0; j < in_b.count; j++) {
                size_t y = in_b.items[j].off - base_b;
                shared |= y >= at_b + begin && y + HPX_K <= at_b + end &&
                          in_a.items[i].fingerprint == in_b.items[j].fingerprint;
            }
        }
        assert_true(shared || is_periodic(common.ptr + begin, HPX_WINDOW));
        release(&in_a);
        release(&in_b);
        hpx_buffer_release(&a);
        hpx_buffer_release(&b);
        hpx_buffer_release(&common);
    }
}

static void periodic_text_is_thin(void **state) {
    fixture *f = *state;
    for (unsigned period = 1; period <= 12; period++) {
        for (unsigned script = 0; script <= 2; script += 2) {
            hpx_buffer text = {.memory = &f->memory};
            hpx_chosen_list list = {.memory = &f->memory};
            uint32_t unit[12];
            for (unsigned i = 0; i < period; i++)
                unit[i] = random_char(&f->random, script);
            for (unsigned i = 0; text.len < 60000; i++)
                append_char(&text, unit[i % period]);
            choose(f, text.ptr, text.len, 0, &list);
            if (is_periodic(text.ptr, text.len)) assert_int_equal(list.count, 0);
            else assert_in_range(list.count, text.len / 40, text.len / 7 + 2);
            release(&list);
            hpx_buffer_release(&text);
        }
    }
}

static void ordinary_text_is_thin(void **state) {
    fixture *f = *state;
    for (unsigned script = 0; script <= 7; script++) {
        hpx_buffer text = {.memory = &f->memory};
        hpx_chosen_list list = {.memory = &f->memory};
        while (text.len < 200000)
            append_char(&text, random_char(&f->random, script));
        choose(f, text.ptr, text.len, 0, &list);
        assert_in_range(list.count, text.len / 40, text.len / (script == 7 ? 16 : 22));
        release(&list);
        hpx_buffer_release(&text);
    }
}

static void short_text_chooses_nothing(void **state) {
    fixture *f = *state;
    uint8_t text[HPX_WINDOW];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)('a' + i * i % 23);
    hpx_chosen_list list = {.memory = &f->memory};
    choose(f, NULL, 0, 0, &list);
    choose(f, text, HPX_WINDOW - 1, 0, &list);
    assert_int_equal(list.count, 0);
    choose(f, text, HPX_WINDOW, 0, &list);
    assert_int_equal(list.count, 1);
    hpx_chosen kept = list.items[0];
    choose(f, text, HPX_WINDOW, 1000, &list); /* what stood there stays */
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].off, kept.off);
    release(&list);
}

static void seeds_matter(void **state) {
    fixture *f = *state;
    hpx_chooser *other;
    assert_int_equal(hpx_chooser_create(&other, 1, &f->memory), HAPAX_OK);
    hpx_buffer text = {.memory = &f->memory};
    append_random_text(&text, &f->random, 2000);
    hpx_chosen_list a = {.memory = &f->memory}, b = {.memory = &f->memory};
    choose(f, text.ptr, text.len, 0, &a);
    assert_int_equal(hpx_choose(other, hpx_slice_of(text.ptr, text.len), 0, &b), HAPAX_OK);
    bool differ = a.count != b.count;
    for (size_t i = 0; i < HPX_MIN(a.count, b.count); i++) {
        assert_true(a.items[i].fingerprint != b.items[i].fingerprint);
        differ |= a.items[i].off != b.items[i].off;
    }
    assert_true(differ);
    release(&a);
    release(&b);
    hpx_buffer_release(&text);
    hpx_chooser_destroy(other);
}

/* Bytes that are no text must not read or write out of bounds, and stay linear. */
static void noise_is_safe(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 300; round++) {
        size_t n = below(&f->random, 10000);
        uint8_t *noise = malloc(n + 1);
        for (size_t i = 0; i < n; i++)
            noise[i] = (uint8_t)(round % 3 == 0          ? 0x80
                                 : round % 3 == 1        ? next_random(&f->random)
                                 : below(&f->random, 40) ? 0x85
                                                         : 'a');
        hpx_chosen_list list = {.memory = &f->memory};
        choose(f, noise, n, 0, &list);
        assert_sorted(&list, 0);
        for (size_t i = 0; i < list.count; i++)
            assert_true(list.items[i].off + HPX_K <= n);
        release(&list);
        free(noise);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_union_of_windows),
        cmocka_unit_test(seams_make_no_difference),
        cmocka_unit_test(common_runs_share_a_fingerprint),
        cmocka_unit_test(periodic_text_is_thin),
        cmocka_unit_test(ordinary_text_is_thin),
        cmocka_unit_test(short_text_chooses_nothing),
        cmocka_unit_test(seeds_matter),
        cmocka_unit_test(noise_is_safe),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
