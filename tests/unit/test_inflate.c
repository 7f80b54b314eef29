/* Unit tests of inflate: members, pieces, damage at every byte. */
#include "inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#define EVENTS_MAX 32u

static uint64_t next_random(uint64_t *state) {
    uint64_t x = (*state += 0x9e3779b97f4a7c15u);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

typedef struct {
    uint8_t *bytes;
    size_t len;
    hpx_inflate_event events[EVENTS_MAX];
    size_t event_count;
} result;

/* How a document is cut into pieces: 0 is whole; n is pieces of up to n bytes, of random length if random is not NULL. */
static size_t piece_of(size_t most, uint64_t *random, size_t left) {
    size_t n = most ? most : left;
    if (random) n = (size_t)(next_random(random) % (n + 1));
    return n < left ? n : left;
}

static void run_document(hpx_inflate *z, hpx_slice in, size_t in_most, size_t out_most, size_t event_most,
                         uint64_t *random, result *r) {
    static const size_t out_cap = 1u << 17;
    size_t at = 0, idle = 0;
    *r = (result){.bytes = malloc(out_cap)};
    assert_non_null(r->bytes);
    for (;;) {
        size_t in_n = piece_of(in_most, random, in.len - at),
               out_n = piece_of(out_most, random, out_cap - r->len), taken, given, events;
        bool at_end = at + in_n == in.len;
        /* A copy of the exact size, so that a sanitizer sees a read behind it. */
        uint8_t *piece = malloc(in_n + 1), *room = malloc(out_n + 1);
        if (in_n) memcpy(piece, in.ptr + at, in_n);
        piece = realloc(piece, in_n ? in_n : 1);
        hpx_inflate_event told[EVENTS_MAX];
        assert_int_equal(
            hpx_inflate_run(z, piece, in_n, &taken, room, out_n, &given, at_end, told, event_most, &events),
            HAPAX_OK);
        assert_true(taken <= in_n && given <= out_n && events <= event_most);
        assert_true(r->event_count + events <= EVENTS_MAX && r->len + given <= out_cap);
        memcpy(r->bytes + r->len, room, given);
        memcpy(r->events + r->event_count, told, events * sizeof *told);
        r->event_count += events;
        r->len += given;
        at += taken;
        free(piece);
        free(room);
        if (at_end && taken == in_n && given < out_n && events < event_most) break; /* the header's rule */
        idle = taken || given || events ? 0 : idle + 1;
        assert_true(idle < 200); /* it does not hang */
    }
    assert_int_equal(at, in.len);
}

static void free_result(result *r) {
    free(r->bytes);
}

static void same_result(const result *a, const result *b) {
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->bytes, b->bytes, a->len);
    assert_int_equal(a->event_count, b->event_count);
    for (size_t i = 0; i < a->event_count; i++) {
        assert_int_equal(a->events[i].severity, b->events[i].severity);
        assert_int_equal(a->events[i].offset, b->events[i].offset);
        assert_string_equal(a->events[i].message, b->events[i].message);
    }
}

/* Whole, then in pieces of all kinds; all must be equal. The result is the caller's. */
static void run_all_ways(hpx_slice in, result *whole) {
    static const struct {
        size_t in_most, out_most, event_most;
        bool random;
    } ways[] = {{1, 0, 1, false}, {1, 1, 2, false}, {0, 1, 1, false},  {0, 300, 3, true},
                {7, 0, 1, true},  {3, 5, 2, true},  {40, 40, 32, true}};
    hpx_memory memory = {0};
    hpx_inflate *z;
    uint64_t random = in.len;
    assert_int_equal(hpx_inflate_create(&z, &memory), HAPAX_OK);
    run_document(z, in, 0, 0, EVENTS_MAX, NULL, whole);
    for (size_t k = 0; k < HPX_ARRAY_LEN(ways); k++) {
        result r;
        hpx_inflate_reset(z);
        run_document(z, in, ways[k].in_most, ways[k].out_most, ways[k].event_most,
                     ways[k].random ? &random : NULL, &r);
        same_result(whole, &r);
        free_result(&r);
    }
    hpx_inflate_destroy(z);
    assert_int_equal(memory.now_nbytes, 0);
}

/* Only in one piece: for what is done very often. */
static void run_whole(hpx_inflate *z, hpx_slice in, result *r) {
    hpx_inflate_reset(z);
    run_document(z, in, 0, 0, EVENTS_MAX, NULL, r);
}

typedef struct {
    uint8_t bytes[1u << 16];
    size_t len;
} document;

static void add(document *d, const void *bytes, size_t n) {
    assert_true(d->len + n <= sizeof d->bytes);
    memcpy(d->bytes + d->len, bytes, n);
    d->len += n;
}

/* A member made by zlib; full: with name, comment, extra field and checksum of the header. */
static void add_member(document *d, const void *text, size_t n, int level, bool full) {
    z_stream z = {0};
    gz_header header = {.extra = (Bytef *)"AB\3\0\x1f\x8b\x08",
                        .extra_len = 7,
                        .name = (Bytef *)"name.txt",
                        .comment = (Bytef *)"a comment",
                        .hcrc = 1,
                        .time = 123456789,
                        .os = 3};
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    if (full) assert_int_equal(deflateSetHeader(&z, &header), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)n;
    z.next_out = d->bytes + d->len;
    z.avail_out = (uInt)(sizeof d->bytes - d->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    d->len += z.total_out;
    deflateEnd(&z);
}

static void expect(const document *d, const char *text, size_t text_len, size_t event_count) {
    result r;
    run_all_ways(hpx_slice_of(d->bytes, d->len), &r);
    assert_int_equal(r.len, text_len);
    assert_memory_equal(r.bytes, text, text_len);
    assert_int_equal(r.event_count, event_count);
    free_result(&r);
}

static void expect_event(const document *d, const char *text, hapax_severity severity, uint64_t offset) {
    result r;
    run_all_ways(hpx_slice_of(d->bytes, d->len), &r);
    assert_int_equal(r.len, strlen(text));
    assert_memory_equal(r.bytes, text, strlen(text));
    assert_int_equal(r.event_count, 1);
    assert_int_equal(r.events[0].severity, severity);
    assert_int_equal(r.events[0].offset, offset);
    free_result(&r);
}

static void test_plain(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "a", "\x1f", "\x1f\x1f", "\x1fhello", "plain text\n", "a\x1f\x8b\x08"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(texts); i++) {
        document d = {0};
        add(&d, texts[i], strlen(texts[i]));
        expect(&d, texts[i], strlen(texts[i]), 0);
    }
    document nul = {0};
    add(&nul, "\0\0\x1f\x8b\0", 5);
    expect(&nul, "\0\0\x1f\x8b\0", 5, 0);
}

static void test_members(void **state) {
    (void)state;
    document d = {0};
    add_member(&d, "one ", 4, 6, false);
    expect(&d, "one ", 4, 0);
    add_member(&d, "", 0, 6, false);
    add_member(&d, "two ", 4, 0, true);
    add_member(&d, "three", 5, 9, true);
    expect(&d, "one two three", 13, 0);
    add(&d, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    expect(&d, "one two three", 13, 0);
    add_member(&d, " four", 5, 6, false);
    expect(&d, "one two three four", 18, 0);
}

static void test_trailing_bytes(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len, at; /* at: where the event is, behind the member */
        hapax_severity severity;
    } tails[] = {
        {"x", 1, 0, HAPAX_WARNING},
        {"\0\0garbage\0", 10, 2, HAPAX_WARNING},
        {"\x1f", 1, 0, HAPAX_WARNING},
        {"\x1fz", 2, 0, HAPAX_WARNING},
        {"\0\x1f\0\x1f\x8b\x08", 6, 1, HAPAX_WARNING},
        {"\x1f\x8b", 2, 2, HAPAX_DAMAGE},
        {"\0\x1f\x8b\x08", 4, 4, HAPAX_DAMAGE},
        {"\x1f\x8b\x08\0\0\0\0\0\0\3", 10, 10, HAPAX_DAMAGE},
        {"\x1f\x8b\x07\0\0\0\0\0\0\3", 10, 4, HAPAX_DAMAGE},
        {"\x1f\x8b\x08\xe0\0\0\0\0\0\3", 10, 4, HAPAX_DAMAGE},
    };
    for (size_t i = 0; i < HPX_ARRAY_LEN(tails); i++) {
        document d = {0};
        add_member(&d, "sound", 5, 6, false);
        size_t end = d.len;
        add(&d, tails[i].bytes, tails[i].len);
        expect_event(&d, "sound", tails[i].severity, end + tails[i].at);
    }
}

static void test_magic_alone_is_damage(void **state) {
    (void)state;
    document d = {0};
    add(&d, "\x1f\x8b", 2);
    expect_event(&d, "", HAPAX_DAMAGE, 2);
    add(&d, "\x1f\x8b\x08 and no member in sight", 27);
    expect_event(&d, "", HAPAX_DAMAGE, 4);
}

static void test_goes_on_at_the_next_member(void **state) {
    (void)state;
    document d = {0};
    add_member(&d, "one ", 4, 6, false);
    size_t strange = d.len;
    add(&d, "\x1e\x8b\x08 something else \x1f\x8b\x07\x1f", 23);
    add_member(&d, "two ", 4, 6, false);
    add_member(&d, "three", 5, 6, false);
    expect_event(&d, "one two three", HAPAX_DAMAGE,
                 strange); /* bytes are missing between members: no mere warning */

    document decoy = {0}; /* the beginning of a header that takes the real one for its own bytes */
    add_member(&decoy, "one ", 4, 6, false);
    add(&decoy, "?\x1f\x8b\x08\x1f\x8b", 6);
    add_member(&decoy, "two", 3, 6, false);
    expect(&decoy, "one two", 7, 2);

    document cut = {0}; /* three members, the one in the middle without its last bytes */
    for (size_t missing = 1; missing <= 23; missing++) { /* the whole of it has 24 */
        cut.len = 0;
        add_member(&cut, "one ", 4, 6, false);
        add_member(&cut, "two ", 4, 6, false);
        cut.len -= missing;
        add_member(&cut, "three", 5, 6, false);
        result r;
        run_all_ways(hpx_slice_of(cut.bytes, cut.len), &r);
        assert_true(r.event_count >= 1 && r.events[0].severity == HAPAX_DAMAGE);
        assert_true(r.len >= 9);
        assert_memory_equal(r.bytes, "one ", 4);
        assert_memory_equal(r.bytes + r.len - 5, "three", 5);
        if (missing <= 8) assert_memory_equal(r.bytes, "one two three", 13);
        free_result(&r);
    }
}

/* Two members of some length; text of the first is 200 bytes. */
static void make_two(document *d, char *text, size_t text_len, size_t first_len, size_t *first_end) {
    uint64_t random = 12;
    for (size_t i = 0; i < text_len; i++)
        text[i] = "etaoin shrdlu,."[next_random(&random) % 15];
    d->len = 0;
    add_member(d, text, first_len, 6, true);
    *first_end = d->len;
    add_member(d, text + first_len, text_len - first_len, 6, false);
}

static size_t common_prefix(const result *r, const char *text, size_t len) {
    size_t n = 0;
    while (n < r->len && n < len && r->bytes[n] == (uint8_t)text[n])
        n++;
    return n;
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    static document d;
    char text[500];
    size_t first_end, last_len = 0;
    make_two(&d, text, sizeof text, 200, &first_end);
    for (size_t len = 0; len < d.len; len++) {
        result r;
        run_all_ways(hpx_slice_of(d.bytes, len), &r);
        if (len >= 2) assert_int_equal(common_prefix(&r, text, sizeof text), r.len); /* only sound bytes */
        if (len >= 2) assert_true(r.len >= last_len);                                /* and all of them */
        if (len >= first_end) assert_true(r.len >= 200);
        bool sound = len < 2 || len == first_end;
        assert_int_equal(r.event_count, sound ? 0 : 1);
        if (!sound) assert_int_equal(r.events[0].offset, len == first_end + 1 ? first_end : len);
        if (!sound)
            assert_int_equal(r.events[0].severity, len == first_end + 1 ? HAPAX_WARNING : HAPAX_DAMAGE);
        if (len >= 2) last_len = r.len;
        free_result(&r);
    }
    assert_int_equal(last_len, sizeof text); /* all letters are there before the trailer is */
}

static void test_flip_at_every_byte(void **state) {
    (void)state;
    static document d;
    char text[500];
    size_t first_end, unnoticed = 0, second_lost = 0;
    hpx_memory memory = {0};
    hpx_inflate *z;
    assert_int_equal(hpx_inflate_create(&z, &memory), HAPAX_OK);
    make_two(&d, text, sizeof text, 200, &first_end);
    for (size_t at = 0; at < d.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            result r;
            d.bytes[at] ^= (uint8_t)(1u << bit);
            if (bit == at % 8)
                run_all_ways(hpx_slice_of(d.bytes, d.len), &r);
            else
                run_whole(z, hpx_slice_of(d.bytes, d.len), &r);
            d.bytes[at] ^= (uint8_t)(1u << bit);
            if (at < 2) { /* no longer gzip: passes through */
                assert_int_equal(r.len, d.len);
                free_result(&r);
                continue;
            }
            bool whole = r.len == sizeof text && common_prefix(&r, text, sizeof text) == r.len;
            bool told = r.event_count > 0;
            assert_true(whole || told);
            if (at >= first_end) assert_true(common_prefix(&r, text, sizeof text) >= 200);
            if (!told) unnoticed++;
            if (at < first_end && (r.len < 300 || memcmp(r.bytes + r.len - 300, text + 200, 300) != 0))
                second_lost++;
            free_result(&r);
        }
    }
    hpx_inflate_destroy(z);
    assert_true(unnoticed <= 8 * 10); /* time, XFL and system of the second header: no checksum covers them */
    assert_true(second_lost <
                first_end); /* of 8 * first_end: nearly always the second member is found again */
}

/* Members with rubbish, cuts and changed bytes between them: equal results however the bytes come in. */
static void test_random_damage(void **state) {
    (void)state;
    static document d;
    uint64_t random = 99;
    for (int round = 0; round < 40; round++) {
        d.len = 0;
        for (int k = 0; k < 5; k++) {
            char text[4000];
            size_t n = (size_t)(next_random(&random) % sizeof text), start = d.len;
            for (size_t i = 0; i < n; i++)
                text[i] = "etaoin shrdlu,."[next_random(&random) % (round % 2 ? 15 : 3)];
            add_member(&d, text, n, (int)(next_random(&random) % 10), next_random(&random) % 2);
            uint64_t what = next_random(&random) % 6;
            if (what == 0) d.len -= (size_t)(next_random(&random) % (d.len - start));
            if (what == 1) add(&d, text, n % 50);
            if (what == 2)
                d.bytes[start + next_random(&random) % (d.len - start)] ^=
                    (uint8_t)(1 + next_random(&random) % 255);
            if (what == 3) add(&d, "\0\0\0\0\0\0\0\x1f\x8b", (size_t)(next_random(&random) % 10));
        }
        result r;
        run_all_ways(hpx_slice_of(d.bytes, d.len), &r);
        free_result(&r);
    }
}

static void test_reset_and_room_for_events(void **state) {
    (void)state;
    hpx_memory memory = {0};
    hpx_inflate *z;
    size_t taken, given, events;
    uint8_t out[8];
    hpx_inflate_event event;
    assert_int_equal(hpx_inflate_create(&z, &memory), HAPAX_OK);
    assert_int_equal(
        hpx_inflate_run(z, (const uint8_t *)"a", 1, &taken, out, 8, &given, true, &event, 0, &events),
        HAPAX_E_STATE);
    assert_int_equal(hpx_inflate_run(z, NULL, 0, &taken, NULL, 0, &given, false, &event, 1, &events),
                     HAPAX_OK);
    hpx_inflate_destroy(z);
    hpx_inflate_destroy(NULL);
    assert_int_equal(memory.now_nbytes, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_trailing_bytes),
        cmocka_unit_test(test_magic_alone_is_damage),
        cmocka_unit_test(test_goes_on_at_the_next_member),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_flip_at_every_byte),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_reset_and_room_for_events),
    };
    return cmocka_run_group_tests_name("inflate", tests, NULL, NULL);
}
