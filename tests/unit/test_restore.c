/* Unit tests of restore: journals made by hand, cut, changed and mixed up; nothing but the right pair may pass. */
#include "base.h"
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <xxhash.h>
#include <zlib.h>

typedef struct {
    char *ptr;
    size_t len;
} bytes;

static void add(bytes *b, const void *p, size_t n) {
    b->ptr = realloc(b->ptr, b->len + n + 1);
    assert_non_null(b->ptr);
    memcpy(b->ptr + b->len, p, n);
    b->len += n;
    b->ptr[b->len] = 0;
}

static void add_text(bytes *b, const char *text) {
    add(b, text, strlen(text));
}

static bytes gzip(bytes in) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t cap = deflateBound(&z, in.len) + 32;
    bytes out = {malloc(cap), 0};
    z.next_in = (Bytef *)in.ptr, z.avail_in = (uInt)in.len;
    z.next_out = (Bytef *)out.ptr, z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.len = z.total_out;
    deflateEnd(&z);
    return out;
}

static void digest(const bytes *b, char hex[33]) {
    XXH128_canonical_t c;
    XXH128_canonicalFromHash(&c, XXH3_128bits(b->ptr ? b->ptr : "", b->len));
    for (int i = 0; i < 16; i++) snprintf(hex + 2 * i, 3, "%02x", c.digest[i]);
}

/* One output with what was removed from it. A span: text goes in at byte, over skip bytes. */
typedef struct {
    uint64_t byte, skip;
    const char *text;
} span;

typedef struct {
    const char *name, *output;
    span spans[4];
    size_t span_count;
} output;

static bytes restored(const output *o) {
    bytes out = {0};
    size_t at = 0;
    for (size_t i = 0; i < o->span_count; i++) {
        add(&out, o->output + at, o->spans[i].byte - at);
        add_text(&out, o->spans[i].text);
        at = o->spans[i].byte + o->spans[i].skip;
    }
    add_text(&out, o->output + at);
    return out;
}

static bytes journal_of(const output *outputs, size_t count) {
    bytes j = {0};
    char line[400], a[33], b[33];
    size_t removed = 0;
    add_text(&j, "{\"type\":\"head\",\"schema\":1,\"hapax\":\"0.1.0\",\"options\":[],\"inputs\":[\"a\"]}\n");
    for (size_t o = 0; o < count; o++) {
        for (size_t i = 0; i < outputs[o].span_count; i++, removed++) {
            const span *s = &outputs[o].spans[i];
            hpx_memory memory = {0};
            hpx_buffer text = {.memory = &memory};
            assert_int_equal(hpx_json_string(&text, hpx_slice_of(s->text, strlen(s->text))), HAPAX_OK);
            add_text(&j, "{\"type\":\"removed\",\"text\":");
            add(&j, text.ptr, text.len);
            hpx_buffer_release(&text);
            snprintf(line, sizeof line, ",\"out\":{\"file\":\"%s\",\"byte\":%llu,\"skip\":%llu},\"group\":1}\n", outputs[o].name,
                     (unsigned long long)s->byte, (unsigned long long)s->skip);
            add_text(&j, line);
        }
    }
    snprintf(line, sizeof line, "{\"type\":\"end\",\"removed\":%zu,\"out\":[", removed);
    add_text(&j, line);
    for (size_t o = 0; o < count; o++) {
        bytes plain = {(char *)(uintptr_t)outputs[o].output, strlen(outputs[o].output)}, whole = restored(&outputs[o]);
        digest(&plain, a);
        digest(&whole, b);
        snprintf(line, sizeof line,
                 "%s{\"file\":\"%s\",\"bytes\":%zu,\"xxh3_128\":\"%s\",\"restored_bytes\":%zu,\"restored_xxh3_128\":\"%s\"}",
                 o ? "," : "", outputs[o].name, plain.len, a, whole.len, b);
        add_text(&j, line);
        free(whole.ptr);
    }
    add_text(&j, "],\"status\":0}\n");
    return j;
}

static hapax_status pull_all(hapax_restorer *r, bytes *out, size_t piece) {
    char buffer[8192];
    for (;;) {
        size_t got = 0;
        hapax_status status = hapax_restorer_pull(r, buffer, HPX_MIN(piece, sizeof buffer), &got);
        if (status != HAPAX_OK || got == 0) return status;
        add(out, buffer, got);
    }
}

/* The whole way, in pieces; *out is what came out. */
static hapax_status restore_memory(bytes journal, bytes from, const char *name, size_t piece, bytes *out, uint64_t memory,
                                   hapax_error *error) {
    hapax_restorer *r = NULL;
    *error = (hapax_error){0};
    hapax_status status = hapax_restorer_create(&r, name, NULL, memory, error);
    if (status != HAPAX_OK) return status;
    for (size_t at = 0; at < journal.len && status == HAPAX_OK; at += piece)
        status = hapax_restorer_journal(r, journal.ptr + at, HPX_MIN(piece, journal.len - at));
    if (status == HAPAX_OK) status = hapax_restorer_journal_end(r);
    for (size_t at = 0; at < from.len && status == HAPAX_OK;) {
        size_t taken = 0;
        status = hapax_restorer_push(r, from.ptr + at, HPX_MIN(piece, from.len - at), &taken);
        at += taken;
        if (status == HAPAX_OK) status = pull_all(r, out, piece);
    }
    if (status == HAPAX_OK) status = hapax_restorer_end(r);
    if (status == HAPAX_OK) status = pull_all(r, out, piece);
    hapax_restorer_get_error(r, error);
    hapax_restorer_destroy(r);
    return status;
}

static hapax_status restore(bytes journal, bytes from, const char *name, size_t piece, bytes *out) {
    hapax_error error;
    hapax_status status = restore_memory(journal, from, name, piece, out, 0, &error);
    if (status > HAPAX_NEXT) assert_true(strlen(error.text) > 10 && error.status == status);
    return status;
}

static hapax_status status_of(bytes journal, bytes from, const char *name) {
    bytes out = {0};
    hapax_status status = restore(journal, from, name, 4096, &out);
    free(out.ptr);
    return status;
}

static const output river = {.name = "-",
                             .output = "one\n\nthree\n\nfive\n",
                             .spans = {{0, 0, "zero\n\n"}, {3, 0, " 又一\t\"\\\x01"}, {5, 5, "drei!"}, {17, 0, "\nsix\n"}},
                             .span_count = 4};

static bytes plain_of(const output *o) {
    return (bytes){(char *)(uintptr_t)o->output, strlen(o->output)};
}

static void all_pieces_give_the_same(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1), whole = restored(&river), plain = plain_of(&river);
    bytes journal_gz = gzip(journal), plain_gz = gzip(plain);
    for (size_t piece = 1; piece < 300; piece = piece * 3 / 2 + 1) {
        for (int gz = 0; gz < 4; gz++) {
            bytes out = {0};
            assert_int_equal(restore(gz & 1 ? journal_gz : journal, gz & 2 ? plain_gz : plain, NULL, piece, &out), HAPAX_DONE);
            assert_int_equal(out.len, whole.len);
            assert_memory_equal(out.ptr, whole.ptr, whole.len);
            free(out.ptr);
        }
    }
    free(journal.ptr), free(whole.ptr), free(journal_gz.ptr), free(plain_gz.ptr);
}

static void a_journal_cut_anywhere_is_refused(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1);
    for (size_t n = 0; n < journal.len; n++)
        if (status_of((bytes){journal.ptr, n}, plain_of(&river), NULL) != HAPAX_E_JOURNAL) fail_msg("cut at %zu passed", n);
    bytes packed = gzip(journal);
    for (size_t n = 0; n < packed.len; n++)
        if (status_of((bytes){packed.ptr, n}, plain_of(&river), NULL) != HAPAX_E_JOURNAL) fail_msg("gzip cut at %zu passed", n);
    free(journal.ptr), free(packed.ptr);
}

static void a_journal_without_one_of_its_lines_is_refused(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1);
    size_t lines = 0;
    for (size_t start = 0; start < journal.len; lines++) {
        size_t end = (size_t)(strchr(journal.ptr + start, '\n') - journal.ptr) + 1;
        bytes less = {0};
        add(&less, journal.ptr, start);
        add(&less, journal.ptr + end, journal.len - end);
        assert_int_equal(status_of(less, plain_of(&river), NULL), HAPAX_E_JOURNAL);
        free(less.ptr);
        start = end;
    }
    assert_int_equal(lines, 6);
    free(journal.ptr);
}

static void a_changed_output_is_refused(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1), copy = {0};
    add_text(&copy, river.output);
    for (size_t i = 0; i < copy.len; i++) {
        copy.ptr[i] ^= 1;
        assert_int_equal(status_of(journal, copy, NULL), HAPAX_E_CHECKSUM);
        copy.ptr[i] ^= 1;
        assert_int_equal(status_of(journal, (bytes){copy.ptr, i}, NULL), HAPAX_E_CHECKSUM);
    }
    add_text(&copy, "x");
    assert_int_equal(status_of(journal, copy, NULL), HAPAX_E_CHECKSUM);
    bytes packed = gzip(plain_of(&river));
    for (size_t n = 3; n < packed.len; n++)
        if (status_of(journal, (bytes){packed.ptr, n}, NULL) != HAPAX_E_CHECKSUM) fail_msg("gzip cut at %zu passed", n);
    packed.ptr[packed.len - 6] ^= 1; // CRC
    assert_int_equal(status_of(journal, packed, NULL), HAPAX_E_CHECKSUM);
    free(journal.ptr), free(copy.ptr), free(packed.ptr);
}

static void a_changed_text_is_refused(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1);
    char *drei = strstr(journal.ptr, "drei");
    *drei = 'D';
    assert_int_equal(status_of(journal, plain_of(&river), NULL), HAPAX_E_CHECKSUM);
    free(journal.ptr);
}

static void spans_out_of_order_are_refused(void **state) {
    (void)state;
    output mixed = river;
    mixed.spans[1] = (span){6, 0, "x"};
    mixed.spans[2] = (span){6, 5, "y"};
    mixed.spans[3] = (span){10, 0, "inside of what is replaced"};
    bytes journal = {0};
    { // restored() cannot make it: take the lines of a good one and move a place back
        output good = mixed;
        good.spans[3].byte = 11;
        journal = journal_of(&good, 1);
        char *eleven = strstr(journal.ptr, "\"byte\":11,");
        memcpy(eleven, "\"byte\":10,", 10);
    }
    assert_int_equal(status_of(journal, plain_of(&river), NULL), HAPAX_E_JOURNAL);
    free(journal.ptr);
}

static void what_is_no_journal_is_refused(void **state) {
    (void)state;
    static const char *const lines[] = {"", "\n", "hello\n", "{}\n", "{\"type\":\"end\",\"removed\":0,\"out\":[]}\n",
                                        "{\"type\":\"head\"}\n", "{\"type\":\"head\",\"schema\":2}\n",
                                        "{\"type\":\"head\",\"schema\":1}\n{\"type\":\"surprise\"}\n",
                                        "{\"type\":\"head\",\"schema\":1}\n{\"type\":\"end\",\"removed\":0,\"out\":[]}\n",
                                        "{\"type\":\"head\",\"schema\":1}\n{\"type\":\"end\",\"removed\":0,\"out\":[{\"file\":\"-\"}]}\n"};
    for (size_t i = 0; i < HPX_ARRAY_LEN(lines); i++) {
        bytes journal = {(char *)(uintptr_t)lines[i], strlen(lines[i])};
        assert_int_equal(status_of(journal, plain_of(&river), NULL), HAPAX_E_JOURNAL);
    }
    bytes twice = journal_of(&river, 1), once = journal_of(&river, 1);
    add(&twice, once.ptr, once.len);
    assert_int_equal(status_of(twice, plain_of(&river), NULL), HAPAX_E_JOURNAL);
    free(twice.ptr), free(once.ptr);
}

static void outputs_are_told_apart_by_name(void **state) {
    (void)state;
    const output three[] = {{.name = "out/a.txt", .output = "A", .spans = {{1, 0, "aa"}}, .span_count = 1},
                            {.name = "out/b.txt", .output = "B", .span_count = 0},
                            {.name = "out/c.txt", .output = "CC", .spans = {{0, 0, "c"}, {1, 0, "c"}}, .span_count = 2}};
    static const char *const names[] = {"out/a.txt", "./out/b.txt", "c.txt"};
    bytes journal = journal_of(three, 3);
    for (size_t i = 0; i < 3; i++) {
        bytes out = {0}, whole = restored(&three[i]);
        assert_int_equal(restore(journal, plain_of(&three[i]), names[i], 7, &out), HAPAX_DONE);
        assert_int_equal(out.len, whole.len);
        assert_memory_equal(out.ptr, whole.ptr, whole.len);
        free(out.ptr), free(whole.ptr);
    }
    assert_int_equal(status_of(journal, plain_of(&three[0]), NULL), HAPAX_E_JOURNAL);
    assert_int_equal(status_of(journal, plain_of(&three[0]), "d.txt"), HAPAX_E_JOURNAL);
    assert_int_equal(status_of(journal, plain_of(&three[0]), "out/c.txt"), HAPAX_E_CHECKSUM);
    free(journal.ptr);
}

static void an_only_output_may_be_renamed(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1);
    assert_int_equal(status_of(journal, plain_of(&river), "elsewhere/moved.txt"), HAPAX_DONE);
    free(journal.ptr);
}

static void empty_output_comes_back(void **state) {
    (void)state;
    const output nothing = {.name = "-", .output = "", .span_count = 0};
    bytes journal = journal_of(&nothing, 1);
    assert_int_equal(status_of(journal, (bytes){0}, NULL), HAPAX_DONE);
    assert_int_equal(status_of(journal, (bytes){(char *)(uintptr_t)"x", 1}, NULL), HAPAX_E_CHECKSUM);
    bytes packed = gzip((bytes){(char *)(uintptr_t)"", 0});
    assert_int_equal(status_of(journal, packed, NULL), HAPAX_DONE);
    free(journal.ptr), free(packed.ptr);
}

static void long_texts_pass_through_small_buffers(void **state) {
    (void)state;
    size_t n = 3u << 20;
    char *text = malloc(n + 1);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++) text[i] = (char)('a' + i * 7 % 26);
    text[n] = 0;
    const output o = {.name = "-", .output = "[]", .spans = {{1, 0, text}, {1, 0, text + n / 2}}, .span_count = 2};
    bytes journal = journal_of(&o, 1), whole = restored(&o), out = {0};
    assert_int_equal(restore(journal, plain_of(&o), NULL, 5000, &out), HAPAX_DONE);
    assert_int_equal(out.len, whole.len);
    assert_memory_equal(out.ptr, whole.ptr, whole.len);
    free(out.ptr);
    // The same with a budget that the texts do not fit into.
    hapax_error error;
    out = (bytes){0};
    assert_int_equal(restore_memory(journal, plain_of(&o), NULL, 5000, &out, 1, &error), HAPAX_DONE);
    assert_memory_equal(out.ptr, whole.ptr, whole.len);
    free(out.ptr), free(journal.ptr), free(whole.ptr), free(text);
}

/* A journal of no_remove was refused as one with lines of an unknown type. */
static void found_lines_are_passed_over(void **state) {
    (void)state;
    bytes journal = journal_of(&river, 1), longer = {0}, whole = restored(&river), out = {0};
    char *second = strchr(journal.ptr, '\n') + 1;
    add(&longer, journal.ptr, (size_t)(second - journal.ptr));
    add_text(&longer, "{\"type\":\"found\",\"text\":\"one\",\"out\":{\"file\":\"-\",\"byte\":9,\"skip\":3}}\n");
    add_text(&longer, second);
    assert_int_equal(restore(longer, plain_of(&river), NULL, 11, &out), HAPAX_DONE);
    assert_int_equal(out.len, whole.len);
    assert_memory_equal(out.ptr, whole.ptr, whole.len);
    free(journal.ptr), free(longer.ptr), free(whole.ptr), free(out.ptr);
}

/* A line of any length was kept whole: a small gzip file could take all memory. */
static void an_endless_line_is_refused_early(void **state) {
    (void)state;
    static const char head[] = "{\"type\":\"head\",\"schema\":1}\n";
    static const char *const begins[] = {"", "{\"type\":\"removed\",\"text\":\"", "{\"type\":\"found\",\"text\":\"", "{\"type\":\"end\",\"x\":\""};
    enum { PIECE = 64 << 10 };
    char *piece = malloc(PIECE);
    assert_non_null(piece);
    memset(piece, 'a', PIECE);
    for (size_t i = 0; i < HPX_ARRAY_LEN(begins); i++) {
        hapax_restorer *r = NULL;
        hapax_error error = {0};
        assert_int_equal(hapax_restorer_create(&r, NULL, NULL, (uint64_t)64 << 20, NULL), HAPAX_OK);
        hapax_status status = i ? hapax_restorer_journal(r, head, sizeof head - 1) : HAPAX_OK;
        size_t given = strlen(begins[i]);
        if (status == HAPAX_OK && given) status = hapax_restorer_journal(r, begins[i], given);
        for (; status == HAPAX_OK && given < (size_t)64 << 20; given += PIECE) status = hapax_restorer_journal(r, piece, PIECE);
        assert_int_equal(status, HAPAX_E_JOURNAL);
        // Head and end name all inputs and outputs and may be longer: a quarter of the budget.
        size_t most = (size_t)(i == 0 || i == 3 ? 16 : 8) << 20;
        assert_in_range(given, most, most + 2 * PIECE);
        hapax_restorer_get_error(r, &error);
        assert_non_null(strstr(error.text, "longer than any line"));
        hapax_restorer_destroy(r);
    }
    free(piece);
}

static void calls_in_the_wrong_order_are_refused(void **state) {
    (void)state;
    hapax_restorer *r = NULL;
    assert_int_equal(hapax_restorer_create(&r, NULL, NULL, 0, NULL), HAPAX_OK);
    size_t n = 0;
    char byte = 0;
    assert_int_equal(hapax_restorer_push(r, "x", 1, &n), HAPAX_E_STATE);
    assert_int_equal(hapax_restorer_pull(r, &byte, 1, &n), HAPAX_E_STATE);
    assert_int_equal(hapax_restorer_end(r), HAPAX_E_STATE);
    bytes journal = journal_of(&river, 1);
    assert_int_equal(hapax_restorer_journal(r, journal.ptr, journal.len), HAPAX_OK);
    assert_int_equal(hapax_restorer_journal_end(r), HAPAX_OK);
    assert_int_equal(hapax_restorer_journal(r, "x", 1), HAPAX_E_STATE);
    free(journal.ptr);
    hapax_restorer_destroy(r);
    hapax_restorer_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pieces_give_the_same),
        cmocka_unit_test(a_journal_cut_anywhere_is_refused),
        cmocka_unit_test(a_journal_without_one_of_its_lines_is_refused),
        cmocka_unit_test(a_changed_output_is_refused),
        cmocka_unit_test(a_changed_text_is_refused),
        cmocka_unit_test(spans_out_of_order_are_refused),
        cmocka_unit_test(what_is_no_journal_is_refused),
        cmocka_unit_test(outputs_are_told_apart_by_name),
        cmocka_unit_test(an_only_output_may_be_renamed),
        cmocka_unit_test(empty_output_comes_back),
        cmocka_unit_test(long_texts_pass_through_small_buffers),
        cmocka_unit_test(found_lines_are_passed_over),
        cmocka_unit_test(an_endless_line_is_refused_early),
        cmocka_unit_test(calls_in_the_wrong_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
