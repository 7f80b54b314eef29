/* promises: see promises.h. */
#include "promises.h"

#include "choose.h"
#include "clean.h"
#include "drive.h"
#include "model.h"
#include "raw.h"
#include "removals.h"

#include <stdarg.h>

/* Work allowed for each byte of input, and once. The hostile tests allow the same. */
#define COMPARED_FOR_EACH_BYTE 32.0
#define PROBES_FOR_EACH_BYTE   0.5
#define MOVED_FOR_EACH_BYTE    20.0
#define WORK_ONCE              (1u << 18)
/* More of them in one batch are only counted, and batches differ in these tests. */
#define EVENTS_ALWAYS_TOLD 8u

typedef struct {
    const test_case *c;
    verdict *v;
    bytes texts[CASE_MAX_DOCUMENTS];     /* each document, cleaned, nothing removed */
    bytes lines[CASE_MAX_DOCUMENTS];     /* as read, repaired, NFC */
    size_t text_off[CASE_MAX_DOCUMENTS]; /* in the expected output */
    size_t output_of[CASE_MAX_DOCUMENTS];
    char output_names[CASE_MAX_DOCUMENTS + 1][24];
    bytes expected[CASE_MAX_DOCUMENTS + 1]; /* outputs without removal */
    size_t output_count;
    bool same_letters[CASE_MAX_DOCUMENTS]; /* byte for byte, not only after NFC */
    bool against;
    model m;
    run_result plain; /* the run that all others are compared with */
    removals journal;
    bool *gone;       /* for each unit */
    size_t *distance; /* for each unit that is gone: how far before it its source stands */
} check;

__attribute__((format(printf, 3, 4))) static bool broken(verdict *v, unsigned promise, const char *format,
                                                         ...) {
    if (v->promise) return false;
    v->promise = promise;
    for (const char *p = format; *p; p++)
        v->kind = v->kind * 31 + (uint8_t)*p;
    va_list args;
    va_start(args, format);
    vsnprintf(v->text, sizeof v->text, format, args);
    va_end(args);
    return false;
}

/* A run that has to succeed. The failure text may name its promise. */
static bool run(check *k, const test_case *c, const run_setup *setup, run_result *result, unsigned promise) {
    run_case(c, setup, result);
    if (!result->failure[0]) return true;
    if (strncmp(result->failure, "promise ", 8) == 0) promise = (unsigned)(result->failure[8] - '0');
    return broken(k->v, promise, "%s", result->failure);
}

static size_t first_difference(bytes a, bytes b) {
    size_t n = a.len < b.len ? a.len : b.len, i = 0;
    while (i < n && a.ptr[i] == b.ptr[i])
        i++;
    return i;
}

static bool same_bytes(check *k, unsigned promise, const char *what, bytes got, bytes want) {
    if (bytes_equal(got, want)) return true;
    size_t at = first_difference(got, want), from = at > 30 ? at - 30 : 0;
    while (from && from < want.len && (want.ptr[from] & 0xC0) == 0x80)
        from--;
    return broken(k->v, promise,
                  "%s: %zu bytes, expected %zu; differ at %zu: got \"%.*s\", expected \"%.*s\"", what,
                  got.len, want.len, at, (int)(got.len - from < 80 ? got.len - from : 80),
                  got.len > from ? (const char *)got.ptr + from : "",
                  (int)(want.len - from < 80 ? want.len - from : 80),
                  want.len > from ? (const char *)want.ptr + from : "");
}

/* Each document by itself: an output of its own, nothing looked for. */
static bool clean_all(check *k, const bytes *documents, bytes *texts, unsigned promise) {
    test_case each = *k->c;
    run_setup setup = {.no_find = true};
    run_result result;
    for (size_t d = 0; d < each.count; d++) {
        each.flags[d] = HAPAX_NEW_OUTPUT;
        each.documents[d] = documents[d];
    }
    bool fine = run(k, &each, &setup, &result, promise);
    if (fine && result.output_count != each.count)
        fine = broken(k->v, 8, "%zu documents with outputs of their own gave %zu outputs", each.count,
                      result.output_count);
    for (size_t d = 0; d < each.count && fine; d++)
        bytes_add(&texts[d], result.outputs[d].ptr, result.outputs[d].len);
    run_result_release(&result);
    return fine;
}

/* Promise 1: the letters of the cleaned text are those of the text as read. Promise 7: it is well-formed. */
static bool letters_stay(check *k) {
    for (size_t d = 0; d < k->c->count; d++) {
        bytes want = {0}, got = {0};
        raw_lines(k->c->documents[d], !k->c->no_clean, &k->lines[d]);
        raw_letters(k->lines[d], &want);
        raw_letters(k->texts[d], &got);
        const model_document *doc = &k->m.documents[d];
        bytes skeleton = {k->m.skeleton.ptr + doc->sk_off, doc->sk_end - doc->sk_off, 0};
        k->same_letters[d] = bytes_equal(skeleton, want);
        char what[60];
        snprintf(what, sizeof what, "letters of document %zu", d);
        bool fine = same_bytes(k, 1, what, got, want);
        bytes_free(&want);
        bytes_free(&got);
        if (!fine) return false;
        bytes nfc = {0};
        raw_nfc(k->texts[d].ptr, k->texts[d].len, &nfc);
        if (!k->c->no_clean && raw_longest_combining_run(k->texts[d]) <= 30 &&
            !memmem(k->texts[d].ptr, k->texts[d].len, "```", 3))
            fine = same_bytes(k, 1, "cleaned text in NFC", k->texts[d], nfc);
        bytes_free(&nfc);
        if (!fine) return false;
        if (raw_count_ill(k->texts[d], NULL, 0))
            return broken(k->v, 7, "document %zu: the cleaned text is ill-formed UTF-8", d);
    }
    return true;
}

static void expect_outputs(check *k) {
    for (size_t d = 0; d < k->c->count; d++) {
        if (k->c->flags[d] & HAPAX_AGAINST) {
            k->against = true;
            continue;
        }
        bool begins = k->output_count == 0 || k->c->flags[d] & HAPAX_NEW_OUTPUT;
        if (begins) {
            k->output_count++;
            if (k->c->flags[d] & HAPAX_NEW_OUTPUT)
                snprintf(k->output_names[k->output_count - 1], 24, "o%zu", d);
            else
                snprintf(k->output_names[k->output_count - 1], 24, "-");
        }
        bytes *out = &k->expected[k->output_count - 1];
        if (out->len && k->texts[d].len)
            bytes_add_text(out,
                           out->ptr[out->len - 1] == '\n' ? "\n" : "\n\n"); /* without a line end: no_clean */
        k->text_off[d] = out->len;
        k->output_of[d] = k->output_count - 1;
        bytes_add(out, k->texts[d].ptr, k->texts[d].len);
    }
    if (!k->output_count) k->output_count = 1;
}

static bool same_outputs(check *k, unsigned promise, const char *what, const run_result *got,
                         const bytes *want, size_t want_count) {
    char name[100];
    if (got->output_count != want_count)
        return broken(k->v, promise, "%s: %zu outputs, expected %zu", what, got->output_count, want_count);
    for (size_t i = 0; i < want_count; i++) {
        snprintf(name, sizeof name, "%s, output %zu", what, i);
        if (!same_bytes(k, promise, name, got->outputs[i], want[i])) return false;
    }
    return true;
}

/* Promise 3, first half: without removal the documents come out one behind the other, whatever was found. */
static bool order_stays(check *k) {
    run_setup setup = {.no_remove = true};
    run_result result;
    bool fine = run(k, k->c, &setup, &result, 3) &&
                same_outputs(k, 3, "no_remove", &result, k->expected, k->output_count);
    run_result_release(&result);
    return fine;
}

/* Promise 5, first half. */
static bool cleaning_is_stable(check *k) {
    bytes again[CASE_MAX_DOCUMENTS] = {{0}};
    bool fine = clean_all(k, k->texts, again, 5);
    for (size_t d = 0; d < k->c->count; d++) {
        if (fine) fine = same_bytes(k, 5, "cleaned twice", again[d], k->texts[d]);
        bytes_free(&again[d]);
    }
    return fine;
}

/* Promise 7: each ill-formed sequence is counted, the first ones are named by byte. */
static bool damage_is_named(check *k) {
    size_t total = 0, offsets[16];
    if (k->against) return true;
    for (size_t d = 0; d < k->c->count; d++) {
        size_t ill = raw_count_ill(k->c->documents[d], offsets, 16), named = 0;
        total += ill;
        for (size_t i = 0; i < k->plain.event_count && i < RUN_MAX_EVENTS; i++) {
            const run_event *e = &k->plain.events[i];
            if (e->document != d || strcmp(e->rule, "utf8") != 0 || e->severity != HAPAX_DAMAGE || !e->line)
                continue;
            if (named < 16 && named < ill && e->byte != offsets[named])
                return broken(k->v, 7, "document %zu: ill-formed at byte %zu, reported at %llu", d,
                              offsets[named], (unsigned long long)e->byte);
            named++;
        }
        if ((ill > 0) != (named > 0) || named > ill)
            return broken(k->v, 7, "document %zu: %zu ill-formed, %zu named", d, ill, named);
    }
    if (k->plain.stats.damage_utf8 != total)
        return broken(k->v, 7, "%zu ill-formed sequences, %llu counted", total,
                      (unsigned long long)k->plain.stats.damage_utf8);
    return true;
}

/* Document by the name that drive gave it, or CASE_MAX_DOCUMENTS. */
static size_t document_number(const check *k, const char *name) {
    size_t d = name[0] == 'd' && name[1] ? strtoul(name + 1, NULL, 10) : CASE_MAX_DOCUMENTS;
    return d < k->c->count ? d : CASE_MAX_DOCUMENTS;
}

static size_t count_as_read(const uint8_t *p, size_t n) {
    size_t count = 0, ill;
    for (size_t i = 0; i < n; count++) {
        size_t length = raw_character(p + i, n - i, &ill);
        i += length ? length : ill;
    }
    return count;
}

/* Line, column, code points and bytes of a place say the same. */
static bool place_is_consistent(check *k, const char *what, const journal_place *p) {
    size_t d = document_number(k, p->file);
    if (d == CASE_MAX_DOCUMENTS) return broken(k->v, 2, "%s: no document is called '%s'", what, p->file);
    bytes raw = k->c->documents[d];
    if (p->byte >= p->end_byte || p->end_byte > raw.len)
        return broken(k->v, 2, "%s: bytes %llu to %llu of %zu", what, (unsigned long long)p->byte,
                      (unsigned long long)p->end_byte, raw.len);
    for (int end = 0; end < 2; end++) {
        size_t byte = end ? p->end_byte : p->byte, begin = byte, line = 1;
        while (begin > 0 && raw.ptr[begin - 1] != '\n')
            begin--;
        for (size_t i = 0; i < begin; i++)
            line += raw.ptr[i] == '\n';
        size_t bom = raw.len >= 3 && memcmp(raw.ptr, "\xEF\xBB\xBF", 3) == 0 && byte >= 3;
        size_t start = count_as_read(raw.ptr, byte);
        size_t column = count_as_read(raw.ptr + begin, byte - begin) + 1 - (begin == 0 ? bom : 0);
        uint64_t got_line = end ? p->end_line : p->line, got_column = end ? p->end_column : p->column,
                 got_start = end ? p->end : p->start;
        if (got_line != line || got_column != column || got_start != start)
            return broken(
                k->v, 2,
                "%s%s: byte %zu of document %zu is %zu:%zu, character %zu; the journal says %llu:%llu, %llu",
                what, end ? " (end)" : "", byte, d, line, column, start, (unsigned long long)got_line,
                (unsigned long long)got_column, (unsigned long long)got_start);
    }
    return true;
}

/* Letters before a byte of a document as read, in its skeleton; a mark between two digits may be missing at
 * the end. */
static size_t letters_before(const check *k, size_t d, size_t byte) {
    bytes prefix = {k->c->documents[d].ptr, byte, 0}, lines = {0}, letters = {0};
    raw_lines(prefix, !k->c->no_clean, &lines);
    raw_letters(lines, &letters);
    size_t n = letters.len;
    bytes_free(&lines);
    bytes_free(&letters);
    return n;
}

/* The letters cs .. ce stand at `at` too, and the run around them is a passage. */
static bool is_source(const check *k, const model_document *doc, size_t at, size_t cs, size_t ce) {
    size_t a, b;
    if (at < doc->sk_off || at + (ce - cs) > doc->sk_end || at >= cs) return false;
    return model_run(&k->m, cs, ce, cs - at, &a, &b) && b - a >= k->c->min_length;
}

/* Where in the skeleton the source of a cut lies; its letters are cs .. ce. (size_t)-1: the letters are not
 * there. */
static size_t source_of(const check *k, const removal *r, size_t cs, size_t ce) {
    size_t d = document_number(k, r->source.file);
    const model_document *doc = &k->m.documents[d];
    size_t about = doc->sk_off + letters_before(k, d, r->source.byte);
    /* a mark between digits may be missing at the end; where NFC moved things, the nearest place has to do */
    size_t reach = k->same_letters[d] ? 4 : doc->sk_end - doc->sk_off;
    for (size_t far = 0; far <= reach; far++) {
        if (is_source(k, doc, about + far, cs, ce)) return about + far;
        if (!k->same_letters[d] && about >= far && is_source(k, doc, about - far, cs, ce)) return about - far;
    }
    return (size_t)-1;
}

static size_t core_end(const bytes *text, const model_unit *u) {
    size_t end = u->end;
    while (end > u->off && (text->ptr[end - 1] == ' ' || text->ptr[end - 1] == '\t'))
        end--;
    return end;
}

/* Whether some passage goes on over the place sk, between two letters. */
static bool is_in_passage(const check *k, size_t sk, const model_document *doc) {
    const uint8_t *p = k->m.skeleton.ptr;
    size_t from = sk, to = sk + 1, a, b;
    while (from > doc->sk_off && (from == sk || (p[from] & 0xC0) == 0x80))
        from--;
    while (to < doc->sk_end && (p[to] & 0xC0) == 0x80)
        to++;
    for (size_t at = 0; at < from; at++) {
        if (memcmp(p + at, p + from, to - from) != 0) continue;
        if (model_run(&k->m, from, to, from - at, &a, &b) && b - a >= k->c->min_length) return true;
    }
    return false;
}

/* A cut without letters (a ruler, emoji) goes with the unit before it, when the passage of that one goes on
 * behind it, or the
 * document ends there. */
static bool follows_lawfully(check *k, const removal *r, size_t first, size_t last, size_t from) {
    size_t sk = k->m.units[first].sk_off, before = first;
    const model_document *doc = &k->m.documents[k->m.paragraphs[k->m.units[first].paragraph].document];
    while (before > from && k->m.units[before].sk_end == k->m.units[before].sk_off)
        before--;
    const model_unit *u = &k->m.units[before];
    if (first == from || !k->gone[first - 1] || u->sk_end == u->sk_off || r->letters || r->length)
        return broken(k->v, 3, "a cut without letters stands behind no removed unit");
    for (size_t i = first; i <= last; i++)
        k->distance[i] = k->distance[before];
    bool goes_on = sk == doc->sk_end || is_in_passage(k, sk, doc);
    return goes_on || broken(k->v, 3, "a cut without letters stands at its passage's end");
}

/* One cut: whole units of one document, whose letters stand at the source. off, end: in the document's
 * text. */
static bool cut_is_lawful(check *k, const removal *r, size_t d, size_t off, size_t end) {
    const bytes *text = &k->texts[d];
    const model_document *doc = &k->m.documents[d];
    size_t first = (size_t)-1, last = 0, cs = (size_t)-1, ce = 0;
    if (doc->paragraph_count == 0) return broken(k->v, 3, "cut in a document without a paragraph");
    size_t from = k->m.paragraphs[doc->first_paragraph].first_unit;
    const model_paragraph *last_paragraph = &k->m.paragraphs[doc->first_paragraph + doc->paragraph_count - 1];
    size_t to = last_paragraph->first_unit + last_paragraph->unit_count;
    for (size_t i = from; i < to; i++) {
        const model_unit *u = &k->m.units[i];
        size_t core = core_end(text, u);
        if (core <= off || u->off >= end) continue;
        if (u->off < off || core > end)
            return broken(k->v, 3, "a sentence is cut inside: unit %zu..%zu, cut %zu..%zu of document %zu",
                          u->off, core, off, end, d);
        if (k->gone[i])
            return broken(k->v, 3, "unit %zu..%zu of document %zu is removed twice", u->off, u->end, d);
        k->gone[i] = true;
        k->v->removed_units++;
        if (first == (size_t)-1) first = i;
        last = i;
        if (u->sk_end > u->sk_off) {
            if (cs == (size_t)-1) cs = u->sk_off;
            ce = u->sk_end;
        } else if (i == from || !k->gone[i - 1]) {
            return broken(
                k->v, 3,
                "a unit without letters is removed though the one before it stays: %zu..%zu of document %zu",
                u->off, u->end, d);
        }
    }
    if (first == (size_t)-1)
        return broken(k->v, 3, "cut %zu..%zu of document %zu removes no unit", off, end, d);
    if (cs == (size_t)-1) return follows_lawfully(k, r, first, last, from);
    if (r->length != ce - cs)
        return broken(k->v, 2, "cut at %zu of document %zu: length %llu, its letters have %zu bytes", off, d,
                      (unsigned long long)r->length, ce - cs);
    if (!r->has_source) return broken(k->v, 2, "cut without a source");
    if (!place_is_consistent(k, "cut", &r->at) || !place_is_consistent(k, "source", &r->source)) return false;
    if (document_number(k, r->at.file) != d)
        return broken(k->v, 2, "cut of document %zu says '%s'", d, r->at.file);
    size_t at = source_of(k, r, cs, ce);
    if (at == (size_t)-1)
        return broken(
            k->v, 2,
            "the letters of the cut at %llu:%llu of '%s' do not stand at its source %llu:%llu of '%s'",
            (unsigned long long)r->at.line, (unsigned long long)r->at.column, r->at.file,
            (unsigned long long)r->source.line, (unsigned long long)r->source.column, r->source.file);
    for (size_t i = first; i <= last; i++) {
        const model_unit *u = &k->m.units[i];
        k->distance[i] = cs - at;
        const char *why = u->sk_end > u->sk_off
                              ? model_forbids(&k->m, u, cs - at, k->c->min_length, k->c->scope)
                              : NULL;
        if (why)
            for (const char *w = why; *w; w++)
                k->v->kind = k->v->kind * 31 + (uint8_t)*w;
        if (why)
            return broken(k->v, 2,
                          "unit %zu..%zu of document %zu must not go: %s (skeleton %zu..%zu, source %zu)",
                          u->off, u->end, d, why, u->sk_off, u->sk_end, u->sk_off - (cs - at));
    }
    return true;
}

/* What is cut, neighbours taken together, is no more and no less than units with the space and the
 * separators that belong to
 * them: what is left are paragraphs of kept units, without an empty one, without a space at an end. */
static bool gap_is_exact(check *k, size_t d, size_t off, size_t end, bool with_separator) {
    const bytes *text = &k->texts[d];
    const char *wrong = NULL;
    /* Separators of any shape, and empty lines that are text. */
    if (k->c->no_clean || memmem(text->ptr, text->len, "```", 3) || memmem(text->ptr, text->len, "~~~", 3))
        return true;
    bool left = off > 0 && text->ptr[off - 1] != '\n', right = end < text->len && text->ptr[end] != '\n';
    bool line_begins = end < text->len && end > 0 && text->ptr[end - 1] == '\n';
    if (left && text->ptr[off - 1] == ' ' && !right)
        wrong = "leaves a space at a paragraph's end";
    else if (left && right && memchr(text->ptr + off, '\n', end - off))
        wrong = "makes one paragraph of two";
    else if (!left && off > 0 && end < text->len && text->ptr[end] == '\n' && !line_begins)
        wrong = "leaves an empty paragraph";
    else if (!left && off > 1 && end == text->len && text->ptr[off - 2] == '\n')
        wrong = "leaves an empty line at the document's end";
    else if (off == 0 && !with_separator && end + 1 < text->len && text->ptr[end] == '\n')
        wrong = "leaves an empty line at the document's begin";
    else if (left && end == text->len)
        wrong = "takes the last line's end";
    if (wrong) return broken(k->v, 3, "cut %zu..%zu of document %zu %s", off, end, d, wrong);
    return true;
}

/* Promise 2 and 3 on the journal: output + journal is the text without removal, and each cut is lawful. */
static bool nothing_is_lost(check *k) {
    removals *j = &k->journal;
    removals_read(j, k->plain.journal);
    if (j->problem[0]) return broken(k->v, 2, "journal: %s", j->problem);
    if (j->count != k->plain.stats.removed_spans || j->end_removed != j->count)
        return broken(k->v, 2, "journal: %zu cuts, the end line says %llu, stats %llu", j->count,
                      (unsigned long long)j->end_removed, (unsigned long long)k->plain.stats.removed_spans);
    size_t i = 0;
    for (size_t o = 0; o < k->output_count; o++) {
        bytes whole = {0}, out = k->plain.outputs[o];
        size_t copied = 0, gap_off = 0, gap_end = 0, gap_document = CASE_MAX_DOCUMENTS;
        bool fine = true, gap_before = false;
        for (; fine && i < j->count && strcmp(j->items[i].out_file, k->output_names[o]) == 0; i++) {
            const removal *r = &j->items[i];
            if (r->out_byte < copied || r->out_byte > out.len || r->skip)
                return bytes_free(&whole),
                       broken(k->v, 2, "journal: cut %zu stands at byte %llu of %zu, after %zu", i,
                              (unsigned long long)r->out_byte, out.len, copied);
            bytes_add(&whole, out.ptr + copied, (size_t)r->out_byte - copied);
            copied = (size_t)r->out_byte;
            size_t d = document_number(k, r->at.file), begin = whole.len;
            bytes_add(&whole, r->text.ptr, r->text.len);
            if (d == CASE_MAX_DOCUMENTS || k->output_of[d] != o)
                return bytes_free(&whole), broken(k->v, 2, "journal: cut %zu is in no document", i);
            /* the separator between two documents may go with the one that is gone */
            size_t off = begin > k->text_off[d] ? begin - k->text_off[d] : 0;
            size_t end = whole.len > k->text_off[d] ? whole.len - k->text_off[d] : 0;
            if (end > k->texts[d].len + (k->c->no_clean ? r->text.len : 1))
                return bytes_free(&whole), broken(k->v, 2, "journal: cut %zu leaves its document", i);
            if (end > k->texts[d].len) end = k->texts[d].len;
            fine = cut_is_lawful(k, r, d, off, end);
            bool follows = d == gap_document && off == gap_end;
            if (fine && !follows && gap_document < CASE_MAX_DOCUMENTS)
                fine = gap_is_exact(k, gap_document, gap_off, gap_end, gap_before);
            if (!follows) gap_document = d, gap_off = off, gap_before = begin < k->text_off[d];
            gap_end = end;
        }
        if (fine && gap_document < CASE_MAX_DOCUMENTS)
            fine = gap_is_exact(k, gap_document, gap_off, gap_end, gap_before);
        bytes_add(&whole, out.ptr + copied, out.len - copied);
        if (fine) fine = same_bytes(k, 2, "output with the journal's spans", whole, k->expected[o]);
        bytes_free(&whole);
        if (!fine) return false;
    }
    if (i < j->count)
        return broken(k->v, 2, "journal: cut %zu of output '%s' out of order", i, j->items[i].out_file);
    return true;
}

/* What any filter of this kind has to find. */
static bool all_is_found(check *k) {
    model_find_must(&k->m, k->c->min_length, HPX_WINDOW, k->c->scope);
    for (size_t i = 0; i < k->m.unit_count; i++) {
        const model_unit *u = &k->m.units[i];
        size_t d = k->m.paragraphs[u->paragraph].document;
        if (!u->must || k->c->flags[d] & HAPAX_AGAINST) continue;
        k->v->must_units++;
        if (!k->gone[i])
            return broken(
                k->v, 2, "unit %zu..%zu of document %zu is a copy and stays (skeleton %zu..%zu): \"%.*s\"",
                u->off, u->end, d, u->sk_off, u->sk_end, (int)(u->end - u->off < 60 ? u->end - u->off : 60),
                (const char *)k->texts[d].ptr + u->off);
    }
    return true;
}

/* Of what cleaning sees to, removal leaves nothing undone. */
static const char *untidiness(bytes b) {
    if (b.len == 0) return NULL;
    if (b.ptr[0] == '\n') return "begins with an empty line";
    if (b.ptr[b.len - 1] != '\n') return "does not end in a newline";
    if (b.len > 1 && b.ptr[b.len - 2] == '\n') return "ends in an empty line";
    if (memmem(b.ptr, b.len, "\n\n\n", 3)) return "has two empty lines";
    if (memmem(b.ptr, b.len, " \n", 2)) return "has a space at the end of a line";
    return NULL;
}

static bool is_tidy(check *k) {
    for (size_t o = 0; o < k->output_count && !k->c->no_clean; o++) {
        const char *wrong = untidiness(k->plain.outputs[o]);
        bool code = memmem(k->expected[o].ptr, k->expected[o].len, "```", 3); /* empty lines are text there */
        if (wrong && !code && !untidiness(k->expected[o]))
            return broken(k->v, 3, "after removal output %zu %s", o, wrong);
    }
    return true;
}

static bool restores(check *k) {
    for (size_t o = 0; o < k->output_count; o++) {
        bytes restored = {0};
        hapax_error error = {0};
        hapax_status status = run_restore(k->plain.journal, k->plain.outputs[o],
                                          k->output_count > 1 ? k->output_names[o] : NULL, k->c->pieces,
                                          &restored, &error);
        bool fine = status == HAPAX_OK ? same_bytes(k, 2, "restored", restored, k->expected[o])
                                       : broken(k->v, 2, "restore: status %d: %s, at %llu", (int)status,
                                                error.text, (unsigned long long)error.offset);
        bytes_free(&restored);
        if (!fine) return false;
    }
    return true;
}

/* Promise 4: other pieces, batches, threads, budgets, gzip at both ends. */
static bool always_the_same(check *k) {
    prng r = prng_seeded(k->c->pieces, 3);
    size_t nbytes = test_case_nbytes(k->c);
    for (int variant = 0; variant < 2; variant++) {
        run_setup setup = {.journal = true,
                           .jobs = k->c->jobs,
                           .batch_nbytes = k->c->batch_nbytes,
                           .store_memory_nbytes = k->c->store_memory_nbytes,
                           .push = PIECES_RANDOM,
                           .pull = prng_chance(&r, 500) ? PIECES_RANDOM : PIECES_WHOLE,
                           .pieces = prng_next(&r),
                           .gzip_in = prng_chance(&r, 100),
                           .gzip_level = prng_chance(&r, 100) ? 1 + (int)prng_below(&r, 9) : 0};
        if (prng_chance(&r, 100)) setup.memory_nbytes = (uint64_t)17 << 20 << prng_below(&r, 3);
        if (variant == 1) { /* byte by byte, only sometimes */
            if (nbytes > 4096 || !prng_chance(&r, 250)) break;
            setup.push = PIECES_BYTE;
            setup.pull = prng_chance(&r, 300) ? PIECES_BYTE : PIECES_RANDOM;
            setup.batch_nbytes = prng_range(&r, 64, 1024);
            setup.jobs = 1;
        }
        run_result result;
        bool fine = run(k, k->c, &setup, &result, 4);
        if (fine) {
            k->v->spilled |= result.stats.spilled_nbytes > 0;
            /* Half of the budget is for letters; a segment more, and the oldest has to be on disk. */
            if (setup.store_memory_nbytes && k->m.skeleton.len > setup.store_memory_nbytes &&
                result.stats.spilled_nbytes == 0)
                fine = broken(k->v, 6, "%zu bytes of letters in %zu of memory, and nothing was spilled",
                              k->m.skeleton.len, setup.store_memory_nbytes);
            k->v->crossed_batch |= setup.batch_nbytes && nbytes > setup.batch_nbytes;
            fine = fine &&
                   same_outputs(k, 4, "other pieces", &result, k->plain.outputs, k->plain.output_count) &&
                   same_bytes(k, 4, "other pieces, journal", result.journal, k->plain.journal);
            if (fine &&
                (result.stats.found_letters != k->plain.stats.found_letters ||
                 result.stats.letters != k->plain.stats.letters ||
                 result.stats.paragraphs != k->plain.stats.paragraphs ||
                 result.stats.damage_utf8 != k->plain.stats.damage_utf8 ||
                 (result.event_count != k->plain.event_count && k->plain.event_count <= EVENTS_ALWAYS_TOLD)))
                fine = broken(
                    k->v, 4,
                    "other pieces: counts differ: found %llu/%llu letters %llu/%llu paragraphs %llu/%llu "
                    "damage %llu/%llu events %zu/%zu",
                    (unsigned long long)result.stats.found_letters,
                    (unsigned long long)k->plain.stats.found_letters,
                    (unsigned long long)result.stats.letters, (unsigned long long)k->plain.stats.letters,
                    (unsigned long long)result.stats.paragraphs,
                    (unsigned long long)k->plain.stats.paragraphs,
                    (unsigned long long)result.stats.damage_utf8,
                    (unsigned long long)k->plain.stats.damage_utf8, result.event_count, k->plain.event_count);
        }
        run_result_release(&result);
        if (!fine) return false;
    }
    return true;
}

static bool line_is_in(bytes text, const uint8_t *line, size_t len) {
    const uint8_t *p = text.ptr, *end = text.ptr + text.len;
    while (p < end && (p = memmem(p, (size_t)(end - p), line, len)) != NULL) {
        if ((p == text.ptr || p[-1] == '\n') && (p + len == end || p[len] == '\n')) return true;
        p++;
    }
    return false;
}

/* Lines of a that are not lines of b, each at an offset; touched: offsets in a where something was removed.
 * */
static bool new_lines_are_touched(check *k, bytes a, bytes b) {
    const removals *j = &k->journal;
    for (size_t at = 0; at < a.len;) {
        const uint8_t *lf = memchr(a.ptr + at, '\n', a.len - at);
        size_t end = lf ? (size_t)(lf - a.ptr) : a.len;
        k->v->second_paragraphs += end > at;
        if (end > at && !line_is_in(b, a.ptr + at, end - at)) {
            bool touched = false;
            for (size_t i = 0; i < j->count && !touched; i++)
                touched = j->items[i].out_byte + 2 >= at && j->items[i].out_byte <= end + 2;
            k->v->second_changed++;
            if (!touched)
                return broken(
                    k->v, 5,
                    "cleaning the output changes a line that lost nothing and no neighbour: \"%.*s\"",
                    (int)(end - at < 100 ? end - at : 100), (const char *)a.ptr + at);
        }
        at = end + 1;
    }
    return true;
}

/* Promise 5, second half: the output again, as one document. */
static bool second_run_is_quiet(check *k) {
    if (k->c->count != 1 || !k->v->removed || k->plain.outputs[0].len > 20000) return true;
    /* A document may turn from Japanese to Chinese by what is left of it: then all of it is looked at anew.
     * */
    bytes in = k->c->documents[0], out = k->plain.outputs[0];
    if (hpx_clean_is_other_cjk(hpx_slice_of(in.ptr, in.len < 65536 ? in.len : 65536)) !=
        hpx_clean_is_other_cjk(hpx_slice_of(out.ptr, out.len)))
        return true;
    test_case again = *k->c;
    again.documents[0] = k->plain.outputs[0];
    run_setup clean = {.no_find = true}, whole = {0};
    run_result result;
    bool fine = run(k, &again, &clean, &result, 5) &&
                new_lines_are_touched(k, k->plain.outputs[0], result.outputs[0]);
    run_result_release(&result);
    if (!fine) return false;
    fine = run(k, &again, &whole, &result, 5);
    k->v->second_removed += result.stats.removed_spans;
    run_result_release(&result);
    return fine;
}

/* Promise 9. */
static bool work_is_linear(check *k) {
    const hapax_stats *s = &k->plain.stats;
    double nbytes = (double)test_case_nbytes(k->c) + 1;
    k->v->compared = (double)s->letters_compared / nbytes;
    k->v->probes = (double)s->probes / nbytes;
    k->v->moved = (double)s->moved_nbytes / nbytes;
    if ((double)s->letters_compared > COMPARED_FOR_EACH_BYTE * nbytes + WORK_ONCE ||
        (double)s->probes > PROBES_FOR_EACH_BYTE * nbytes + WORK_ONCE ||
        (double)s->moved_nbytes > MOVED_FOR_EACH_BYTE * nbytes + WORK_ONCE)
        return broken(k->v, 9, "for each byte %.1f letters compared, %.2f probes, %.1f bytes moved",
                      k->v->compared, k->v->probes, k->v->moved);
    return true;
}

static bool counts_are_true(check *k) {
    const hapax_stats *s = &k->plain.stats;
    uint64_t out = 0;
    for (size_t o = 0; o < k->output_count; o++)
        out += k->plain.outputs[o].len;
    if (s->out_nbytes != out)
        return broken(k->v, 8, "out_nbytes is %llu, %llu came out", (unsigned long long)s->out_nbytes,
                      (unsigned long long)out);
    size_t counted = 0; /* what is only compared with is not counted: shares would be too small */
    for (size_t d = 0; d < k->c->count; d++)
        counted += k->c->flags[d] & HAPAX_AGAINST ? 0 : k->c->documents[d].len;
    if (s->in_nbytes != counted)
        return broken(k->v, 8, "in_nbytes is %llu of %zu", (unsigned long long)s->in_nbytes, counted);
    if (s->index_full) return broken(k->v, 6, "the index is full after %zu bytes", test_case_nbytes(k->c));
    return true;
}

void promises_check(const test_case *c, verdict *v) {
    check k = {.c = c, .v = v};
    *v = (verdict){.over_64k = test_case_nbytes(c) > 65536, .damaged = c->damaged};
    run_setup plain = {.journal = true};
    bool fine = clean_all(&k, c->documents, k.texts, 1);
    if (fine) model_build(&k.m, k.texts, c->count);
    k.gone = test_grow(NULL, k.m.unit_count, sizeof *k.gone);
    k.distance = test_grow(NULL, k.m.unit_count, sizeof *k.distance);
    memset(k.gone, 0, k.m.unit_count * sizeof *k.gone);
    if (fine) expect_outputs(&k);
    fine = fine && letters_stay(&k) && order_stays(&k) && cleaning_is_stable(&k) &&
           run(&k, c, &plain, &k.plain, 2);
    if (fine && k.plain.output_count != k.output_count)
        fine = broken(v, 8, "%zu outputs, expected %zu", k.plain.output_count, k.output_count);
    v->removed = fine && k.plain.stats.removed_spans > 0;
    fine = fine && damage_is_named(&k) && nothing_is_lost(&k) && all_is_found(&k) && is_tidy(&k) &&
           restores(&k) && counts_are_true(&k);
    fine = fine && always_the_same(&k) && second_run_is_quiet(&k) && work_is_linear(&k);
    (void)fine;
    run_result_release(&k.plain);
    removals_release(&k.journal);
    free(k.gone);
    free(k.distance);
    if (k.m.documents) model_release(&k.m);
    for (size_t d = 0; d < CASE_MAX_DOCUMENTS; d++)
        bytes_free(&k.texts[d]), bytes_free(&k.lines[d]), bytes_free(&k.expected[d]);
    bytes_free(&k.expected[CASE_MAX_DOCUMENTS]);
}
