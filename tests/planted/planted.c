/*
 * planted: recall and wrongly removed letters on 20 MB of text without set phrases in which copies were
 * planted, by kind.
 *
 *     planted [--nbytes N]
 *
 * The generator was fixed before K, W and the chain's depth were chosen. Asserted: exact copies and those
 * in which only punctuation was
 * exchanged are removed to the last letter, nothing else is removed, and numbers that differ only in a
 * point or a sign are no copies.
 * The other kinds are only shown.
 */
#include "charclass.h"
#include "hapax.h"
#include "raw.h"
#include "removals.h"
#include "sentences.h"
#include "utf8.h"
#include "variants.h"

#define MIN_LENGTH 120

typedef enum {
    EXACT,
    OTHER_DOCUMENT,
    TORN,
    PUNCT,
    QUOTES,
    SPACES,
    WIDTH,
    CASE,
    ONE_LETTER,
    FIVE_PERCENT,
    NUMBERS,
    KIND_COUNT
} kind;

static const struct {
    const char *name;
    unsigned change;
    bool must_go, must_stay;
} kinds[KIND_COUNT] = {
    [EXACT] = {"exact, same document", 0, true, false},
    [OTHER_DOCUMENT] = {"exact, other document", 0, true, false},
    [TORN] = {"torn over two paragraphs", 0, true, false},
    [PUNCT] = {"other punctuation", VARIANT_PUNCT, true, false},
    [QUOTES] = {"other quotation marks", VARIANT_QUOTES, false, false},
    [SPACES] = {"other spaces", VARIANT_SPACES, false, false},
    [WIDTH] = {"full-width letters, digits", VARIANT_WIDTH, false, false},
    [CASE] = {"other case", VARIANT_CASE, false, false},
    [ONE_LETTER] = {"one changed letter", VARIANT_LETTER, false, false},
    [FIVE_PERCENT] = {"5 % changed letters", VARIANT_FIVE, false, false},
    [NUMBERS] = {"point or sign of a number", 0, false, true},
};

typedef struct {
    size_t document, off, end; /* bytes of the document as given */
    kind kind;
} plant;

#define DOCUMENTS 4
typedef struct {
    prng r;
    bytes documents[DOCUMENTS];
    size_t *sources; /* begins of paragraphs of document that can be copied */
    size_t *source_ends;
    size_t source_count[DOCUMENTS];
    plant *plants;
    size_t plant_count, plant_cap;
} corpus;

#define MAX_SOURCES 65536

/* The last one does not end in an ellipsis, behind which a sentence may go on. */
static void fresh(corpus *k, bytes *out, lang l, size_t sentences) {
    for (size_t i = 0; i < sentences; i++) {
        if (i) bytes_add_text(out, lang_gap(l));
        size_t from = out->len;
        do {
            out->len = from;
            sentence_add(out, &k->r, l);
        } while (i + 1 == sentences && memcmp(out->ptr + out->len - 3, "\xE2\x80\xA6", 3) == 0);
    }
}

static void plant_add(corpus *k, size_t document, size_t off, size_t end, kind what) {
    if (k->plant_count == k->plant_cap) {
        k->plant_cap = k->plant_cap * 2 + 64;
        k->plants = test_grow(k->plants, k->plant_cap, sizeof *k->plants);
    }
    k->plants[k->plant_count++] = (plant){document, off, end, what};
}

/* Fresh sentences of at least twice the smallest passage, kept as something to copy. The second half alone
 * is long enough
 * too, so that a torn copy's parts are. */
static void source_paragraph(corpus *k, size_t document, lang l) {
    bytes *out = &k->documents[document];
    size_t off = out->len;
    fresh(k, out, l, prng_range(&k->r, 8, 14));
    size_t n = k->source_count[document];
    if (n < MAX_SOURCES) {
        k->sources[document * MAX_SOURCES + n] = off;
        k->source_ends[document * MAX_SOURCES + n] = out->len;
        k->source_count[document]++;
    }
    bytes_add_text(out, "\n\n");
}

/* A place between two sentences in the middle of text, both parts longer than the smallest passage, or 0. */
static size_t middle_of(bytes text) {
    for (size_t i = text.len / 2; i + 2 * MIN_LENGTH < text.len; i++) {
        if (i >= 3 && memcmp(text.ptr + i - 3, "\xE3\x80\x82", 3) == 0 && text.ptr[i] >= 0xE4) return i;
        if (text.ptr[i - 1] == '.' && text.ptr[i] == ' ') return i;
    }
    return 0;
}

static void copy_paragraph(corpus *k, size_t document, kind what, lang l) {
    size_t from = document;
    if (what == OTHER_DOCUMENT) from = document - 2; /* in the same language */
    size_t n = prng_below(&k->r, k->source_count[from] - (from == document));
    size_t begin = k->sources[from * MAX_SOURCES + n], end = k->source_ends[from * MAX_SOURCES + n];
    bytes copy = {0}, *out = &k->documents[document];
    variant_add(&copy, k->documents[from].ptr + begin, end - begin, kinds[what].change, 400, &k->r);
    size_t torn = what == TORN ? middle_of(copy) : 0;
    bool alone = prng_chance(&k->r, 500);
    if (!alone) fresh(k, out, l, 1), bytes_add_text(out, lang_gap(l));
    size_t off = out->len;
    bytes_add(out, copy.ptr, torn ? torn : copy.len);
    if (torn) {
        bytes_add_text(out, "\n\n");
        bytes_add(out, copy.ptr + torn + (copy.ptr[torn] == ' '), copy.len - torn - (copy.ptr[torn] == ' '));
    }
    plant_add(k, document, off, out->len, what);
    if (!alone) bytes_add_text(out, lang_gap(l)), fresh(k, out, l, 1);
    bytes_add_text(out, "\n\n");
    bytes_free(&copy);
}

/* A sentence whose halves are shorter than the smallest passage, around a number; then again with another
 * one. */
static void numbers_paragraph(corpus *k, size_t document, lang l) {
    static const char *const pairs[][2] = {{"1.5%", "15%"}, {"-3", "3"}, {"0.25", "025"}, {"3:2", "32"},
                                           {"12,5", "125"}, {"+7", "7"}, {"6-8", "68"},   {".5", "5"}};
    bytes *out = &k->documents[document], half[2] = {{0}};
    size_t pair = prng_below(&k->r, 8);
    for (int h = 0; h < 2; h++)
        while (half[h].len < 70) {
            word_add(&half[h], &k->r, l);
            if (l == LANG_ENGLISH) bytes_add_text(&half[h], " ");
        }
    for (int again = 0; again < 2; again++) {
        if (again) fresh(k, out, l, 2), bytes_add_text(out, "\n\n");
        size_t off = out->len;
        bytes_add(out, half[0].ptr, half[0].len);
        bytes_add_text(out, l == LANG_ENGLISH ? "of " : "为");
        bytes_add_text(out, pairs[pair][again]);
        bytes_add_text(out, l == LANG_ENGLISH ? " " : "个");
        bytes_add(out, half[1].ptr, half[1].len);
        bytes_add_text(out, l == LANG_ENGLISH ? "indeed." : "。");
        if (again) plant_add(k, document, off, out->len, NUMBERS);
        bytes_add_text(out, "\n\n");
    }
    bytes_free(&half[0]);
    bytes_free(&half[1]);
}

static void corpus_make(corpus *k, size_t nbytes) {
    k->r = prng_seeded(1709, 0);
    k->sources = test_grow(NULL, DOCUMENTS * MAX_SOURCES, sizeof *k->sources);
    k->source_ends = test_grow(NULL, DOCUMENTS * MAX_SOURCES, sizeof *k->source_ends);
    for (size_t d = 0; d < DOCUMENTS; d++) {
        lang l = d % 2 ? LANG_ENGLISH : LANG_CHINESE;
        while (k->documents[d].len < nbytes / DOCUMENTS) {
            source_paragraph(k, d, l);
            fresh(k, &k->documents[d], l, prng_range(&k->r, 1, 5));
            bytes_add_text(&k->documents[d], "\n\n");
            if (k->source_count[d] < 2 || !prng_chance(&k->r, 250)) continue;
            kind what = (kind)prng_below(&k->r, KIND_COUNT);
            if (what == OTHER_DOCUMENT && d < 2) what = EXACT;
            if (what == NUMBERS)
                numbers_paragraph(k, d, l);
            else
                copy_paragraph(k, d, what, l);
        }
    }
}

static bool run_corpus(const corpus *k, bytes *journal, hapax_stats *stats) {
    hapax_options o;
    hapax_options_init(&o);
    o.journal = true;
    o.min_length = MIN_LENGTH;
    hapax *h = NULL;
    hapax_error error = {0};
    size_t room_nbytes = 1 << 20, got, taken;
    uint8_t *room = test_grow(NULL, room_nbytes, 1);
    hapax_status status = hapax_create(&h, &o, &error);
    bool text_done = false, journal_done = false;
    for (size_t d = 0; d <= DOCUMENTS && status == HAPAX_OK; d++) {
        char name[8];
        snprintf(name, sizeof name, "d%zu", d);
        status = d < DOCUMENTS ? hapax_begin(h, name, 0) : hapax_finish(h);
        for (size_t at = 0; status == HAPAX_OK &&
                            (d < DOCUMENTS ? at < k->documents[d].len : !text_done || !journal_done);) {
            if (d < DOCUMENTS)
                status = hapax_push(h, k->documents[d].ptr + at, k->documents[d].len - at, &taken),
                at += taken;
            for (int stream = 0; stream < 2 && status == HAPAX_OK; stream++) {
                status = hapax_pull(h, (hapax_stream)stream, room, room_nbytes, &got);
                if (stream == HAPAX_JOURNAL) bytes_add(journal, room, got);
                if (status == HAPAX_DONE) *(stream ? &journal_done : &text_done) = true, status = HAPAX_OK;
            }
        }
        if (d < DOCUMENTS && status == HAPAX_OK) status = hapax_end(h);
    }
    hapax_get_stats(h, stats);
    if (status != HAPAX_OK) printf("planted: status %d: %s\n", (int)status, hapax_status_text(status));
    hapax_destroy(h);
    free(room);
    return status == HAPAX_OK;
}

typedef struct {
    uint64_t copies, letters, removed, whole;
} row;

static uint64_t count_letters(const corpus *k, const uint8_t *cut, size_t d, size_t off, size_t end,
                              bool only_cut) {
    const uint8_t *p = k->documents[d].ptr;
    uint64_t letters = 0;
    size_t n;
    for (size_t i = off; i < end; i += n) {
        uint32_t c = hpx_utf8_decode(p + i, &n);
        letters += hpx_charclass(c) & HPX_WORD && (!only_cut || cut[i]);
    }
    return letters;
}

static unsigned judge(const corpus *k, const removals *j) {
    uint8_t *cut[DOCUMENTS], *inside[DOCUMENTS];
    row rows[KIND_COUNT] = {{0}};
    for (size_t d = 0; d < DOCUMENTS; d++) {
        cut[d] = calloc(k->documents[d].len + 1, 1);
        inside[d] = calloc(k->documents[d].len + 1, 1);
    }
    for (size_t i = 0; i < j->count; i++) {
        const journal_place *p = &j->items[i].at;
        size_t d = strtoul(p->file + 1, NULL, 10);
        if (d < DOCUMENTS && p->end_byte <= k->documents[d].len)
            memset(cut[d] + p->byte, 1, (size_t)(p->end_byte - p->byte));
    }
    for (size_t i = 0; i < k->plant_count; i++) {
        const plant *p = &k->plants[i];
        row *r = &rows[p->kind];
        uint64_t letters = count_letters(k, cut[p->document], p->document, p->off, p->end, false);
        uint64_t removed = count_letters(k, cut[p->document], p->document, p->off, p->end, true);
        memset(inside[p->document] + p->off, 1, p->end - p->off);
        r->copies++, r->letters += letters, r->removed += removed, r->whole += letters == removed;
        if (removed < letters && kinds[p->kind].must_go && r->copies - r->whole < 3)
            printf("  missed (%s): document %zu, %zu..%zu: %.*s\n", kinds[p->kind].name, p->document, p->off,
                   p->end, (int)(p->end - p->off < 150 ? p->end - p->off : 150),
                   (const char *)k->documents[p->document].ptr + p->off);
        if (removed && kinds[p->kind].must_stay)
            printf("  wrongly removed: %.*s\n", (int)(p->end - p->off),
                   (const char *)k->documents[p->document].ptr + p->off);
    }
    unsigned failed = 0;
    uint64_t wrong = 0;
    printf("  %-28s %7s %9s %8s %7s\n", "kind", "copies", "letters", "recall", "whole");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        double recall = rows[i].letters ? (double)rows[i].removed / (double)rows[i].letters : 0;
        bool bad = rows[i].copies == 0 || (kinds[i].must_go && rows[i].removed != rows[i].letters) ||
                   (kinds[i].must_stay && rows[i].removed);
        printf("  %-28s %7llu %9llu %8.4f %7llu  %s\n", kinds[i].name, (unsigned long long)rows[i].copies,
               (unsigned long long)rows[i].letters, recall, (unsigned long long)rows[i].whole,
               kinds[i].must_go     ? (bad ? "MUST BE 1" : "= 1")
               : kinds[i].must_stay ? (bad ? "MUST BE 0" : "= 0")
                                    : "");
        failed += bad;
    }
    for (size_t d = 0; d < DOCUMENTS; d++) {
        size_t n;
        for (size_t i = 0; i < k->documents[d].len; i += n) {
            uint32_t c = hpx_utf8_decode(k->documents[d].ptr + i, &n);
            wrong += cut[d][i] && !inside[d][i] && hpx_charclass(c) & HPX_WORD;
        }
        free(cut[d]);
        free(inside[d]);
    }
    printf("  letters removed outside of copies: %llu  %s\n", (unsigned long long)wrong,
           wrong ? "MUST BE 0" : "= 0");
    return failed + (wrong > 0);
}

int main(int argc, char **argv) {
    corpus k = {.plants = NULL};
    bytes journal = {0};
    removals j;
    hapax_stats stats = {0};
    size_t nbytes = argc > 2 && !strcmp(argv[1], "--nbytes") ? strtoul(argv[2], NULL, 10) : (size_t)24 << 20,
           total = 0;
    corpus_make(&k, nbytes);
    for (size_t d = 0; d < DOCUMENTS; d++)
        total += k.documents[d].len;
    printf("planted: %zu bytes in %d documents, %zu copies, smallest passage %d\n", total, DOCUMENTS,
           k.plant_count, MIN_LENGTH);
    unsigned failed = KIND_COUNT + 1;
    if (run_corpus(&k, &journal, &stats)) {
        removals_read(&j, journal);
        if (j.problem[0])
            printf("journal: %s\n", j.problem);
        else
            failed = judge(&k, &j);
        removals_release(&j);
    }
    printf("%u passed, %u failed\n", KIND_COUNT + 1 - failed, failed);
    for (size_t d = 0; d < DOCUMENTS; d++)
        bytes_free(&k.documents[d]);
    bytes_free(&journal);
    free(k.plants);
    free(k.sources);
    free(k.source_ends);
    return failed != 0;
}
