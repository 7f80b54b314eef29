/*
 * oracle: every window of the smallest passage's length, looked up among all earlier ones, against what the
 * filter finds
 * and removes: share of repeated letters found, share of removable units removed, and nothing removed
 * without a copy.
 *
 *     oracle [--min-length N] [FILE]...     files (plain or gzip), each a document; without: generated news
 * with set phrases
 *
 * The windows are whole characters; equal hashes are compared letter by letter. Nothing here is shared with
 * the filter but
 * skeleton and segment.
 */
#include "drive.h"
#include "model.h"
#include "news.h"
#include "removals.h"
#include "variants.h"

#include <time.h>

typedef struct {
    model m;
    bytes *texts; /* cleaned documents */
    size_t count, min_length;
    uint32_t *prev,
        *first; /* for each window's begin: latest and first earlier place of the same letters, + 1 */
    size_t windows_nbytes;
} oracle;

typedef struct {
    uint64_t repeated, found, letters;                 /* code points */
    uint64_t removable, removable_gone, gone, unknown; /* units */
    char first_unknown[400];
} outcome;

static bool is_inside(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

static size_t window_end(const oracle *o, size_t i) {
    const uint8_t *p = o->m.skeleton.ptr;
    size_t end = i + o->min_length;
    while (is_inside(p[end]))
        end++;
    return end;
}

static size_t slot_find(const oracle *o, const uint32_t *table, size_t mask, uint64_t hash, size_t i,
                        size_t len) {
    const uint8_t *p = o->m.skeleton.ptr;
    size_t slot = (size_t)(hash >> 20) & mask;
    while (table[slot]) {
        size_t j = table[slot] - 1;
        if (window_end(o, j) - j == len && memcmp(p + j, p + i, len) == 0) break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* A polynomial hash that rolls over bytes; windows have min_length to min_length + 3 of them. */
static void windows_find(oracle *o) {
    const uint64_t base = 0x9E3779B97F4A7C15u;
    size_t n = o->m.skeleton.len, slots = 1024;
    const uint8_t *p = o->m.skeleton.ptr;
    size_t characters = 0;
    for (size_t i = 0; i < n; i++)
        characters += !is_inside(p[i]);
    while (slots < characters * 3 / 2)
        slots *= 2;
    uint32_t *table = calloc(slots, sizeof *table);
    o->prev = calloc(n + 1, sizeof *o->prev);
    o->first = calloc(n + 1, sizeof *o->first);
    if (!table || !o->prev || !o->first) abort();
    for (size_t d = 0; d < o->m.document_count; d++) {
        size_t end = o->m.documents[d].sk_end, from = o->m.documents[d].sk_off, to = from;
        uint64_t hash = 0, power = 1;
        for (size_t i = from; i + o->min_length <= end; i++) {
            size_t stop = is_inside(p[i]) ? to : window_end(o, i);
            for (; to < stop; to++)
                hash = hash * base + p[to] + 1, power *= base;
            if (!is_inside(p[i])) {
                size_t slot = slot_find(o, table, slots - 1, hash * 0xD6E8FEB86659FD93u, i, to - i);
                if (table[slot]) {
                    o->prev[i] = table[slot];
                    o->first[i] = o->first[table[slot] - 1] ? o->first[table[slot] - 1] : table[slot];
                }
                table[slot] = (uint32_t)i + 1;
            }
            /* drop byte i: power is base^(to - i); its inverse is 0xF1DE83E19937733D (base is odd) */
            power *= 0xF1DE83E19937733Du;
            hash -= power * (p[i] + 1u);
        }
    }
    free(table);
}

/* Where the run that begins with the windows at i and j ends, as far as the next window would not show it:
 * whole windows end at
 * some character, runs at any. */
static size_t run_end(const oracle *o, size_t i, size_t j) {
    const uint8_t *p = o->m.skeleton.ptr;
    size_t end = window_end(o, i), d = i - j;
    for (;;) {
        size_t next = end + 1;
        while (is_inside(p[next]))
            next++;
        if (next > i + o->min_length + 4 || p[end] == 0xFF || p[end - d] == 0xFF) return end;
        if (memcmp(p + end, p + end - d, next - end) != 0 || is_inside(p[next - d])) return end;
        end = next;
    }
}

static size_t farthest_end(const oracle *o, size_t i) {
    size_t farthest = window_end(o, i),
           tries = 64; /* a text that stands oftener is as good as any of these */
    for (size_t j = o->prev[i]; j && tries--; j = o->prev[j - 1]) {
        size_t end = run_end(o, i, j - 1);
        if (end > farthest) farthest = end;
    }
    return farthest;
}

/* Whether some earlier run holds L .. R and ends, for the unit s .. e, at or before s. */
static bool has_copy(const oracle *o, size_t L, size_t R, size_t s, size_t e) {
    const uint8_t *p = o->m.skeleton.ptr;
    if (R - L <= o->min_length) {
        size_t low = o->m.documents[model_document_of(&o->m, s)].sk_off;
        size_t from = R > o->min_length + 3 + low ? R - o->min_length - 3 : low;
        for (size_t i = from; i <= L; i++)
            if (o->first[i] && farthest_end(o, i) >= R && i - (o->first[i] - 1) >= e - s) return true;
        return false;
    }
    while (is_inside(p[L]))
        L--;
    for (size_t j = o->prev[L]; j; j = o->prev[j - 1])
        if (L - (j - 1) >= e - s && memcmp(p + j - 1, p + L, R - L) == 0) return true;
    return false;
}

/* For a removed unit that is_removable does not know: any earlier run, edges of the source's document
 * included. */
static bool may_go(const oracle *o, const model_unit *u) {
    size_t doc_off = o->m.documents[o->m.paragraphs[u->paragraph].document].sk_off;
    size_t from = u->sk_end > doc_off + o->min_length + 3 ? u->sk_end - o->min_length - 3 : doc_off;
    if (from > u->sk_off) from = u->sk_off;
    for (size_t i = from; i <= u->sk_off; i++)
        for (size_t j = o->prev[i]; j; j = o->prev[j - 1])
            if (!model_forbids(&o->m, u, i - (j - 1), o->min_length, HAPAX_SCOPE_ALL)) return true;
    return false;
}

static bool is_removable(const oracle *o, const model_unit *u) {
    const model_paragraph *para = &o->m.paragraphs[u->paragraph];
    const model_document *doc = &o->m.documents[para->document];
    size_t L = u->sk_off, R = u->sk_end;
    if (R == L || u->end - u->off > MODEL_UNIT_MAX_NBYTES) return false;
    if (para->sk_end - para->sk_off < o->min_length) {
        L = para->sk_off, R = para->sk_end;
        if (L > doc->sk_off) L -= MODEL_BEYOND;
        if (R < doc->sk_end) R += MODEL_BEYOND;
        if (L < doc->sk_off || L > para->sk_off || R > doc->sk_end) return false;
    }
    return has_copy(o, L, R, u->sk_off, u->sk_end) && (!model_is_number_edge(&o->m, u) || may_go(o, u));
}

static void count_repeated(const oracle *o, outcome *r) {
    const uint8_t *p = o->m.skeleton.ptr;
    size_t covered = 0;
    for (size_t i = 0; i < o->m.skeleton.len; i++) {
        if (o->prev[i]) {
            size_t end = farthest_end(o, i);
            if (end > covered) covered = end;
        }
        bool letter = !is_inside(p[i]) && p[i] != 0xFF;
        r->letters += letter;
        r->repeated += letter && i < covered;
    }
}

/* Marks the units that the journal's cuts hold. Documents stand one blank line apart in the text without
 * removal. */
static void mark_gone(const oracle *o, const removals *j, bool *gone) {
    size_t shift = 0, *text_off = test_grow(NULL, o->count, sizeof *text_off), at = 0, unit = 0;
    for (size_t d = 0; d < o->count; d++) {
        if (at && o->texts[d].len) at++;
        text_off[d] = at;
        at += o->texts[d].len;
    }
    for (size_t i = 0; i < j->count; i++) {
        size_t from = (size_t)j->items[i].out_byte + shift, to = from + j->items[i].text.len;
        shift += j->items[i].text.len;
        for (; unit < o->m.unit_count; unit++) {
            const model_unit *u = &o->m.units[unit];
            size_t base = text_off[o->m.paragraphs[u->paragraph].document];
            if (base + u->off >= to) break;
            gone[unit] = base + u->off >= from;
        }
    }
    free(text_off);
}

static void judge(const oracle *o, const bool *gone, outcome *r) {
    for (size_t i = 0; i < o->m.unit_count; i++) {
        const model_unit *u = &o->m.units[i];
        if (u->sk_end == u->sk_off) continue;
        bool can = is_removable(o, u);
        r->removable += can;
        r->removable_gone += can && gone[i];
        r->gone += gone[i];
        if (gone[i] && !can && !may_go(o, u)) {
            const model_paragraph *para = &o->m.paragraphs[u->paragraph];
            if (!r->unknown)
                snprintf(r->first_unknown, sizeof r->first_unknown, "document %zu, %zu..%zu: %.*s",
                         para->document, u->off, u->end, (int)(u->end - u->off < 200 ? u->end - u->off : 200),
                         (const char *)o->texts[para->document].ptr + u->off);
            r->unknown++;
        }
    }
}

/* Runs the library over the documents; false when it failed. */
static bool run_documents(const bytes *documents, size_t count, size_t min_length, bool only_clean,
                          bytes *texts, removals *j, hapax_stats *stats) {
    hapax_options options;
    hapax_options_init(&options);
    options.min_length = min_length;
    options.no_find = only_clean;
    options.journal = !only_clean;
    hapax *h = NULL;
    hapax_error error = {0};
    bytes journal = {0};
    size_t output = 0, got, taken;
    uint8_t *room = test_grow(NULL, 1, 1 << 20);
    hapax_status status = hapax_create(&h, &options, &error);
    for (size_t d = 0; d <= count && status == HAPAX_OK; d++) {
        size_t at = 0;
        if (d < count)
            status = hapax_begin(h, "document", only_clean ? HAPAX_NEW_OUTPUT : 0);
        else
            status = hapax_finish(h);
        bool text_done = d < count,
             journal_done = d < count; /* only after finish is there something to wait for */
        while (status == HAPAX_OK && ((d < count && at < documents[d].len) || !text_done || !journal_done)) {
            if (d < count)
                status = hapax_push(h, documents[d].ptr + at, documents[d].len - at, &taken), at += taken;
            for (int stream = HAPAX_TEXT; stream <= HAPAX_JOURNAL && status == HAPAX_OK; stream++) {
                status = hapax_pull(h, (hapax_stream)stream, room, 1 << 20, &got);
                if (stream == HAPAX_JOURNAL)
                    bytes_add(&journal, room, got);
                else if (only_clean)
                    bytes_add(&texts[output], room, got);
                if (status == HAPAX_NEXT && output + 1 < count) output++;
                if (status == HAPAX_DONE) *(stream == HAPAX_TEXT ? &text_done : &journal_done) = true;
                if (status == HAPAX_DONE || status == HAPAX_NEXT) status = HAPAX_OK;
            }
            if (status == HAPAX_OK) status = hapax_wait(h, HAPAX_CAN_PULL | (d < count ? HAPAX_CAN_PUSH : 0));
        }
        if (d < count && status == HAPAX_OK) status = hapax_end(h);
    }
    if (status != HAPAX_OK) printf("oracle: status %d: %s\n", (int)status, hapax_status_text(status));
    hapax_get_stats(h, stats);
    hapax_destroy(h);
    free(room);
    if (!only_clean) removals_read(j, journal);
    bytes_free(&journal);
    return status == HAPAX_OK;
}

static double ratio(uint64_t a, uint64_t b) {
    return b ? (double)a / (double)b : 1.0;
}

/* Returns failed assertions; *asserted grows. */
static unsigned examine(const char *name, const bytes *documents, size_t count, size_t min_length,
                        double least, unsigned *asserted) {
    oracle o = {.count = count, .min_length = min_length};
    outcome r = {0};
    removals j = {0};
    hapax_stats stats = {0};
    o.texts = calloc(count, sizeof *o.texts);
    bool fine = run_documents(documents, count, min_length, true, o.texts, NULL, &stats) &&
                run_documents(documents, count, min_length, false, NULL, &j, &stats) && !j.problem[0];
    unsigned failed = 0;
    *asserted += 4;
    if (fine) {
        model_build(&o.m, o.texts, count);
        bytes_reserve(&o.m.skeleton, min_length + 8);
        memset(o.m.skeleton.ptr + o.m.skeleton.len, 0, min_length + 8);
        bool *gone = calloc(o.m.unit_count + 1, 1);
        windows_find(&o);
        count_repeated(&o, &r);
        mark_gone(&o, &j, gone);
        judge(&o, gone, &r);
        free(gone);
        double letters = ratio(stats.found_letters, r.repeated), units = ratio(r.removable_gone, r.removable);
        printf("%-22s M=%-3zu %9llu letters %6.2f %% repeated, found %.4f of them (at least %.3f); %7llu "
               "removable units, %.4f removed (at least 0.990); %llu unknown to the oracle\n",
               name, min_length, (unsigned long long)r.letters, 100 * ratio(r.repeated, r.letters), letters,
               least, (unsigned long long)r.removable, units, (unsigned long long)r.unknown);
        if (r.unknown) printf("  removed without a copy: %s\n", r.first_unknown);
        failed += letters < least;
        failed += units < 0.99;
        failed += r.unknown > 0;
        if (stats.found_letters > r.repeated)
            printf("  %llu letters found, only %llu are repeated\n", (unsigned long long)stats.found_letters,
                   (unsigned long long)r.repeated),
                failed++;
        model_release(&o.m);
    } else {
        printf("%-22s M=%zu: %s\n", name, min_length, j.problem[0] ? j.problem : "the run failed");
        failed += 4;
    }
    removals_release(&j);
    free(o.prev);
    free(o.first);
    for (size_t d = 0; d < count; d++)
        bytes_free(&o.texts[d]);
    free(o.texts);
    return failed;
}

static bool read_file(const char *name, bytes *out) {
    FILE *f = fopen(name, "rb");
    bytes raw = {0};
    uint8_t room[65536];
    size_t got;
    if (!f) return false;
    while ((got = fread(room, 1, sizeof room, f)) > 0)
        bytes_add(&raw, room, got);
    fclose(f);
    if (raw.len > 2 && raw.ptr[0] == 0x1F && raw.ptr[1] == 0x8B) {
        gunzip_add(out, raw.ptr, raw.len);
        bytes_free(&raw);
    } else {
        *out = raw;
    }
    return true;
}

static unsigned examine_all(const char *name, const bytes *documents, size_t count, size_t only,
                            unsigned *asserted) {
    if (only) return examine(name, documents, count, only, only >= 240 ? 0.998 : 0.99, asserted);
    return examine(name, documents, count, 120, 0.99, asserted) +
           examine(name, documents, count, 240, 0.998, asserted);
}

int main(int argc, char **argv) {
    size_t only = 0;
    unsigned failed = 0, asserted = 0;
    int i = 1;
    if (i + 1 < argc && !strcmp(argv[i], "--min-length")) only = strtoul(argv[i + 1], NULL, 10), i += 2;
    size_t generated = (size_t)6 << 20;
    if (i + 1 < argc && !strcmp(argv[i], "--nbytes")) generated = strtoul(argv[i + 1], NULL, 10), i += 2;
    if (i < argc) {
        for (; i < argc; i++) {
            bytes b = {0};
            if (!read_file(argv[i], &b)) {
                fprintf(stderr, "oracle: %s cannot be read\n", argv[i]);
                return 2;
            }
            const char *slash = strrchr(argv[i], '/');
            failed += examine_all(slash ? slash + 1 : argv[i], &b, 1, only, &asserted);
            bytes_free(&b);
        }
    } else {
        static const lang langs[] = {LANG_CHINESE, LANG_ENGLISH};
        for (size_t l = 0; l < 2; l++) {
            prng r = prng_seeded(20261120, l);
            bytes documents[4] = {{0}};
            for (size_t d = 0; d < 4; d++)
                news_add(&documents[d], &r, langs[l], generated / 4, d ? &documents[d - 1] : NULL);
            failed += examine_all(langs[l] == LANG_CHINESE ? "generated Chinese news"
                                                           : "generated English news",
                                  documents, 4, only, &asserted);
            for (size_t d = 0; d < 4; d++)
                bytes_free(&documents[d]);
        }
    }
    printf("%u passed, %u failed\n", asserted - failed, failed);
    return failed != 0;
}
