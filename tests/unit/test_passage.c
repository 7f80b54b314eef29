/*
 * Unit tests of passage: what it finds are runs of equal letters, whole characters, as long as they can be; a fingerprint alone proves
 * nothing; scopes; what goes on when more arrives. Each is compared with the letters themselves.
 */
#include "choose.h"
#include "passage.h"
#include "bytes.h"
#include "prng.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

typedef struct {
    hpx_memory memory;
    hpx_index *index;
    hpx_log *letters;
    hpx_passages passages;
    bytes text; /* the same as letters */
} rig;

static void begin(rig *r, hapax_scope scope) {
    *r = (rig){0};
    assert_int_equal(hpx_index_create(&r->index, &r->memory, 1 << 20, 1), HAPAX_OK);
    assert_int_equal(hpx_log_create_sized(&r->letters, &r->memory, 0, 64, NULL, HPX_LOG_SPILL, NULL), HAPAX_OK);
    hpx_passages_init(&r->passages, r->index, r->letters, (hpx_passage_options){.min_length = 120, .reach = HPX_PASSAGE_REACH, .scope = scope}, &r->memory);
}

static void end(rig *r) {
    hpx_passages_release(&r->passages);
    hpx_index_destroy(r->index);
    hpx_log_destroy(r->letters);
    assert_int_equal(r->memory.now_nbytes, 0);
    bytes_free(&r->text);
}

static void put(rig *r, const void *letters, size_t n) {
    assert_int_equal(hpx_log_append(r->letters, letters, n), HAPAX_OK);
    bytes_add(&r->text, letters, n);
}

static void visit(rig *r, uint64_t fingerprint, uint64_t position, uint64_t left_limit) {
    uint64_t key = hpx_passages_key(&r->passages, fingerprint);
    assert_int_equal(hpx_passages_visit(&r->passages, key, position, left_limit, r->text.len), HAPAX_OK);
}

/* Random Han letters from a seed: the same seed gives the same. */
static void add_han(bytes *out, uint64_t seed, size_t count) {
    prng random = prng_seeded(seed, 8);
    for (size_t i = 0; i < count; i++) bytes_add_char(out, 0x4E00 + (uint32_t)prng_below(&random, 5000));
}

static const hpx_passage *found(const rig *r, size_t i) {
    return &r->passages.found[r->passages.found_begin + i];
}

static size_t found_count(const rig *r) {
    return r->passages.found_count - r->passages.found_begin;
}

static void assert_true_passage(const rig *r, const hpx_passage *p) {
    assert_true(p->distance > 0 && p->distance <= p->begin && p->begin < p->end && p->end <= r->text.len);
    assert_memory_equal(r->text.ptr + p->begin, r->text.ptr + p->begin - p->distance, p->end - p->begin);
    assert_false(hpx_utf8_is_continuation(r->text.ptr[p->begin]));
    if (p->end < r->text.len) assert_false(hpx_utf8_is_continuation(r->text.ptr[p->end]));
}

/* A passage of so many letters, twice, each time in other company. */
static void add_two(rig *r, size_t count, uint64_t *first, uint64_t *second) {
    bytes part = {0};
    add_han(&part, 1, 30);
    *first = part.len;
    add_han(&part, 100, count);
    add_han(&part, 2, 30);
    add_han(&part, 3, 20);
    *second = part.len;
    add_han(&part, 100, count);
    add_han(&part, 4, 30);
    put(r, part.ptr, part.len);
    bytes_free(&part);
}

static void it_reaches_from_the_first_equal_letter_to_the_last(void **state) {
    (void)state;
    for (size_t off = 0; off + HPX_K <= 300; off += 15) {
        rig r;
        uint64_t a, b;
        begin(&r, HAPAX_SCOPE_ALL);
        add_two(&r, 100, &a, &b);
        hpx_passages_begin(&r.passages, 0, 0);
        visit(&r, 77, a + off, 0);
        assert_int_equal(found_count(&r), 0);
        visit(&r, 77, b + off, 0);
        assert_int_equal(found_count(&r), 1);
        const hpx_passage *p = found(&r, 0);
        assert_true_passage(&r, p);
        assert_int_equal(p->begin, b);
        assert_int_equal(p->end, b + 300);
        assert_int_equal(p->distance, b - a);
        assert_int_equal(p->found_at, b + off);
        assert_false(p->open);
        end(&r);
    }
}

static void an_equal_fingerprint_of_other_letters_is_nothing(void **state) {
    (void)state;
    rig r;
    bytes part = {0};
    begin(&r, HAPAX_SCOPE_ALL);
    add_han(&part, 1, 100);
    add_han(&part, 2, 100);
    put(&r, part.ptr, part.len);
    hpx_passages_begin(&r.passages, 0, 0);
    for (uint64_t at = 0; at + HPX_K < part.len; at += 30) visit(&r, 5, at, 0); /* all collide */
    assert_int_equal(found_count(&r), 0);
    assert_int_equal(r.passages.live_count, 0);
    bytes_free(&part);
    end(&r);
}

static void a_run_that_is_too_short_is_not_told(void **state) {
    (void)state;
    for (size_t count = 39; count <= 40; count++) { /* 117 and 120 bytes */
        rig r;
        uint64_t a, b;
        begin(&r, HAPAX_SCOPE_ALL);
        add_two(&r, count, &a, &b);
        hpx_passages_begin(&r.passages, 0, 0);
        visit(&r, 9, a + 6, 0);
        visit(&r, 9, b + 6, 0);
        assert_int_equal(found_count(&r), count - 39);
        end(&r);
    }
}

/* Two characters that begin with the same bytes: neither end may lie inside one. */
static void ends_are_whole_characters(void **state) {
    (void)state;
    rig r;
    bytes part = {0};
    begin(&r, HAPAX_SCOPE_ALL);
    bytes_add_text(&part, "\xE4\xB8\x81"); /* ends in the same byte as the one below */
    add_han(&part, 100, 50);
    bytes_add_text(&part, "\xE4\xB8\x80");
    bytes_add_text(&part, "\xE5\xB9\x81");
    size_t b = part.len;
    add_han(&part, 100, 50);
    bytes_add_text(&part, "\xE4\xB8\x82\xE4\xB8\x83");
    put(&r, part.ptr, part.len);
    hpx_passages_begin(&r.passages, 0, 0);
    visit(&r, 9, 3, 0);
    visit(&r, 9, b, 0);
    assert_int_equal(found_count(&r), 1);
    assert_true_passage(&r, found(&r, 0));
    assert_int_equal(found(&r, 0)->begin, b);
    assert_int_equal(found(&r, 0)->end, b + 150);
    bytes_free(&part);
    end(&r);
}

static void it_stops_at_the_left_limit_and_at_documents(void **state) {
    (void)state;
    rig r;
    uint64_t a, b;
    begin(&r, HAPAX_SCOPE_ALL);
    add_two(&r, 100, &a, &b);
    hpx_passages_begin(&r.passages, 0, 0);
    visit(&r, 77, a + 120, 0);
    visit(&r, 77, b + 120, b + 30);
    assert_int_equal(found(&r, 0)->begin, b + 30);
    end(&r);

    begin(&r, HAPAX_SCOPE_ALL);
    bytes part = {0};
    uint8_t separator = 0xFF;
    add_han(&part, 100, 60);
    add_han(&part, 101, 60);
    put(&r, part.ptr, 180);
    put(&r, &separator, 1);
    put(&r, part.ptr + 180, 180); /* the source runs over the end of a document */
    put(&r, &separator, 1);
    uint64_t second = r.text.len;
    put(&r, part.ptr, 360);
    hpx_passages_begin(&r.passages, 0, 0);
    visit(&r, 1, 30, 0);
    hpx_passages_begin(&r.passages, 181, 1);
    visit(&r, 2, 181 + 30, 181);
    hpx_passages_begin(&r.passages, second, 2);
    visit(&r, 1, second + 30, second);
    visit(&r, 2, second + 180 + 30, second);
    assert_int_equal(found_count(&r), 2);
    assert_int_equal(found(&r, 0)->begin, second);
    assert_int_equal(found(&r, 0)->end, second + 180);
    assert_int_equal(found(&r, 1)->begin, second + 180);
    assert_int_equal(found(&r, 1)->end, second + 360);
    bytes_free(&part);
    end(&r);
}

/* Letters arrive one by one: the passage grows with them, and is told once it is long enough. */
static void it_grows_when_more_arrives(void **state) {
    (void)state;
    rig r;
    bytes part = {0};
    begin(&r, HAPAX_SCOPE_ALL);
    add_han(&part, 100, 80);
    put(&r, part.ptr, part.len);
    hpx_passages_begin(&r.passages, 0, 0);
    visit(&r, 3, 0, 0);
    uint64_t b = r.text.len;
    put(&r, part.ptr, HPX_K);
    visit(&r, 3, b, 0);
    assert_int_equal(found_count(&r), 0);
    for (size_t at = HPX_K; at < part.len; at++) {
        put(&r, part.ptr + at, 1);
        assert_int_equal(hpx_passages_extend(&r.passages, r.text.len), HAPAX_OK);
        assert_int_equal(found_count(&r), at + 1 >= 120);
        if (at + 1 >= 120) {
            assert_true(found(&r, 0)->open);
            assert_int_equal(found(&r, 0)->end, b + at + 1);
        }
    }
    put(&r, "\xE4\xB8\x81\xE4\xB8\x81", 6);
    assert_int_equal(hpx_passages_extend(&r.passages, r.text.len), HAPAX_OK);
    assert_false(found(&r, 0)->open);
    assert_int_equal(found(&r, 0)->end, b + part.len);
    bytes_free(&part);
    end(&r);
}

static void an_open_one_ends_with_its_document(void **state) {
    (void)state;
    rig r;
    bytes part = {0};
    begin(&r, HAPAX_SCOPE_ALL);
    add_han(&part, 100, 50);
    put(&r, part.ptr, part.len);
    put(&r, part.ptr, part.len);
    hpx_passages_begin(&r.passages, 0, 0);
    visit(&r, 3, 0, 0);
    visit(&r, 3, 150, 0);
    assert_true(found(&r, 0)->open);
    hpx_passages_end(&r.passages);
    assert_false(found(&r, 0)->open);
    assert_int_equal(r.passages.live_count, 0);
    hpx_passages_forget(&r.passages, 200);
    assert_int_equal(found_count(&r), 1);
    hpx_passages_forget(&r.passages, 301);
    assert_int_equal(found_count(&r), 0);
    bytes_free(&part);
    end(&r);
}

static void scopes(void **state) {
    (void)state;
    for (hapax_scope scope = HAPAX_SCOPE_ALL; scope <= HAPAX_SCOPE_ACROSS; scope++) {
        rig r;
        bytes part = {0};
        uint8_t separator = 0xFF;
        begin(&r, scope);
        add_han(&part, 100, 50);
        put(&r, part.ptr, part.len);
        put(&r, &separator, 1);
        put(&r, part.ptr, part.len);
        add_han(&part, 5, 1);
        put(&r, part.ptr + 150, 3);
        put(&r, part.ptr, 150);
        hpx_passages_begin(&r.passages, 0, 0);
        visit(&r, 3, 0, 0);
        hpx_passages_begin(&r.passages, 151, 1);
        visit(&r, 3, 151, 151);
        assert_int_equal(found_count(&r), scope == HAPAX_SCOPE_WITHIN ? 0 : 1);
        visit(&r, 3, 151 + 153, 151);
        size_t within = 0, across = 0;
        for (size_t i = 0; i < found_count(&r); i++) {
            assert_true_passage(&r, found(&r, i));
            if (found(&r, i)->begin - found(&r, i)->distance >= 151) within++;
            else across++;
        }
        assert_int_equal(within, scope == HAPAX_SCOPE_ACROSS ? 0 : 1);
        assert_int_equal(across, scope == HAPAX_SCOPE_WITHIN ? 0 : 2);
        bytes_free(&part);
        end(&r);
    }
}

/* Several sources are followed at once, and never more than a few. */
static void set_phrases_do_not_hide_the_long_source(void **state) {
    (void)state;
    rig r;
    bytes phrase = {0}, rest = {0};
    begin(&r, HAPAX_SCOPE_ALL);
    add_han(&phrase, 50, 40);
    add_han(&rest, 51, 100);
    hpx_passages_begin(&r.passages, 0, 0);
    for (uint64_t i = 0; i < 30; i++) { /* the phrase alone, and once with what comes again */
        bytes other = {0};
        uint64_t at = r.text.len;
        add_han(&other, 1000 + i, 50);
        put(&r, phrase.ptr, phrase.len);
        if (i == 27) put(&r, rest.ptr, rest.len);
        put(&r, other.ptr, other.len);
        visit(&r, 3, at, 0);
        bytes_free(&other);
        assert_true(r.passages.live_count <= HPX_PASSAGE_LIVE);
    }
    uint64_t at = r.text.len;
    put(&r, phrase.ptr, phrase.len);
    put(&r, rest.ptr, rest.len);
    visit(&r, 3, at, 0);
    uint64_t longest = 0;
    for (size_t i = 0; i < found_count(&r); i++) {
        assert_true_passage(&r, found(&r, i));
        if (found(&r, i)->begin == at) longest = HPX_MAX(longest, found(&r, i)->end - at);
    }
    assert_int_equal(longest, phrase.len + rest.len);
    bytes_free(&phrase);
    bytes_free(&rest);
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reaches_from_the_first_equal_letter_to_the_last),
        cmocka_unit_test(an_equal_fingerprint_of_other_letters_is_nothing),
        cmocka_unit_test(a_run_that_is_too_short_is_not_told),
        cmocka_unit_test(ends_are_whole_characters),
        cmocka_unit_test(it_stops_at_the_left_limit_and_at_documents),
        cmocka_unit_test(it_grows_when_more_arrives),
        cmocka_unit_test(an_open_one_ends_with_its_document),
        cmocka_unit_test(scopes),
        cmocka_unit_test(set_phrases_do_not_hide_the_long_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
