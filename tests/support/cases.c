/* cases: see cases.h. */
#include "cases.h"

#include "sentences.h"
#include "variants.h"

/* Sentences written so far, in order, so that a run of them can be written again. */
typedef struct {
    bytes text;
    size_t *ends; /* of each sentence in text */
    lang *langs;
    size_t count, cap;
} history;

typedef struct {
    prng r;
    history past;
    lang main_lang;
    unsigned repeat_of_1000; /* chance that a paragraph begins with a repetition */
    unsigned single_newline_of_1000;
} maker;

static void history_add(history *h, const uint8_t *text, size_t nbytes, lang l) {
    if (h->count == h->cap) {
        h->cap = h->cap * 2 + 16;
        h->ends = test_grow(h->ends, h->cap, sizeof *h->ends);
        h->langs = test_grow(h->langs, h->cap, sizeof *h->langs);
    }
    bytes_add(&h->text, text, nbytes);
    h->ends[h->count] = h->text.len;
    h->langs[h->count++] = l;
}

static void new_sentence(maker *m, bytes *out, bool first) {
    lang l = prng_chance(&m->r, 850) ? m->main_lang : (lang)prng_below(&m->r, LANG_COUNT);
    if (!first) bytes_add_text(out, lang_gap(l));
    size_t from = out->len;
    if (prng_chance(&m->r, 60)) {
        phrase_add(out, l, prng_below(&m->r, 48));
        bytes_add_text(out, l == LANG_ENGLISH ? ". " : "。");
    } else {
        sentence_add(out, &m->r, l);
    }
    history_add(&m->past, out->ptr + from, out->len - from, l);
}

static void paragraph_end(maker *m, bytes *out) {
    if (prng_chance(&m->r, m->single_newline_of_1000))
        bytes_add_text(out, "\n");
    else
        bytes_add_text(out, "\n\n");
    if (prng_chance(&m->r, 40)) bytes_add_text(out, prng_chance(&m->r, 500) ? "\n \n" : "\n\n\n");
    if (prng_chance(&m->r, 40)) bytes_add_text(out, "　　");
    if (prng_chance(&m->r, 20)) bytes_add_text(out, "\r\n");
}

/* Writes a run of earlier sentences again, in another dress or not, torn over paragraphs or not. */
static void repeat(maker *m, bytes *out, bool first) {
    if (!m->past.count) return;
    size_t count = prng_range(&m->r, 1, prng_chance(&m->r, 100) ? 40 : 8);
    size_t from = prng_below(&m->r, m->past.count);
    if (count > m->past.count - from) count = m->past.count - from;
    unsigned kinds = prng_chance(&m->r, 400) ? 0 : (unsigned)prng_below(&m->r, 32);
    if (prng_chance(&m->r, 60)) kinds |= VARIANT_LETTER;
    if (prng_chance(&m->r, 30)) kinds |= VARIANT_FIVE;
    unsigned of_1000 = (unsigned)prng_below(&m->r, 700), tear = prng_chance(&m->r, 300) ? 300 : 30;
    for (size_t i = from; i < from + count; i++) {
        size_t begin = i ? m->past.ends[i - 1] : 0;
        if (i > from && prng_chance(&m->r, tear)) paragraph_end(m, out), first = true;
        if (!first) bytes_add_text(out, lang_gap(m->past.langs[i]));
        first = false;
        /* Sometimes only a part of the last sentence: a passage that ends inside a unit. */
        size_t nbytes = m->past.ends[i] - begin;
        if (i + 1 == from + count && prng_chance(&m->r, 200)) {
            nbytes = prng_below(&m->r, nbytes + 1);
            while (nbytes && (m->past.text.ptr[begin + nbytes] & 0xC0) == 0x80)
                nbytes--;
        }
        variant_add(out, m->past.text.ptr + begin, nbytes, kinds, of_1000, &m->r);
    }
}

/* Lines that cleaning has to leave alone. */
static void code_block(maker *m, bytes *out) {
    bytes_add_text(out, "```\n");
    for (size_t i = prng_below(&m->r, 12); i > 0; i--) {
        bytes_add_text(out, prng_chance(&m->r, 500) ? "    if (a,b)  return  " : "\tprint( ");
        word_add(out, &m->r, m->main_lang);
        bytes_add_text(out, prng_chance(&m->r, 200) ? "\n\n\n" : ");  \n");
    }
    bytes_add_text(out, prng_chance(&m->r, 900) ? "```\n" : "\n");
}

/* Two sentences of one clause over and over, the second one longer: what is repeated overlaps where it
 * stood before. */
static void stutter(maker *m, bytes *out) {
    bytes clause = {0};
    for (size_t i = prng_range(&m->r, 2, 6); i > 0; i--) {
        word_add(&clause, &m->r, m->main_lang);
        if (m->main_lang == LANG_ENGLISH) bytes_add_text(&clause, " ");
    }
    for (int sentence = 0; sentence < 2; sentence++) {
        for (size_t i = prng_range(&m->r, sentence ? 6 : 2, sentence ? 12 : 5); i > 0; i--)
            bytes_add(out, clause.ptr, clause.len);
        bytes_add_text(out, m->main_lang == LANG_ENGLISH ? ". " : "。");
    }
    bytes_free(&clause);
}

static void paragraph(maker *m, bytes *out) {
    if (prng_chance(&m->r, 10)) stutter(m, out);
    if (prng_chance(&m->r, 10)) {
        code_block(m, out);
        return;
    }
    bool first = true, repeats = prng_chance(&m->r, m->repeat_of_1000);
    size_t before = prng_below(&m->r, repeats ? 3 : 7), after = prng_below(&m->r, 3);
    if (!repeats && !before) before = 1;
    if (repeats && prng_chance(&m->r, 400)) before = after = 0;
    for (size_t i = 0; i < before; i++, first = false)
        new_sentence(m, out, first);
    if (repeats) repeat(m, out, first), first = false;
    for (size_t i = 0; i < after; i++, first = false)
        new_sentence(m, out, first);
}

static size_t case_size(prng *r) {
    size_t kind = prng_below(r, 1000);
    if (kind < 14) return prng_range(r, 66 << 10, 90 << 10);
    if (kind < 60) return prng_range(r, 8 << 10, 24 << 10);
    if (kind < 300) return prng_range(r, 2 << 10, 8 << 10);
    if (kind < 970) return prng_range(r, 200, 2 << 10);
    return prng_below(r, 200);
}

static void documents_make(test_case *c, maker *m) {
    prng *r = &m->r;
    size_t nbytes = case_size(r);
    c->count = prng_chance(r, 450) ? 1 : prng_range(r, 1, CASE_MAX_DOCUMENTS);
    for (size_t d = 0; d < c->count; d++) {
        bytes *out = &c->documents[d];
        if (d && prng_chance(r, 60)) { /* the same document again, perhaps in another dress */
            bytes from = c->documents[prng_below(r, d)];
            variant_add(out, from.ptr, from.len, prng_chance(r, 500) ? 0 : (unsigned)prng_below(r, 32), 300,
                        r);
            continue;
        }
        if (prng_chance(r, 20)) bytes_add_text(out, "\xEF\xBB\xBF");
        while (out->len < nbytes / c->count) {
            paragraph(m, out);
            if (out->len < nbytes / c->count || prng_chance(r, 800)) paragraph_end(m, out);
        }
    }
}

static void options_make(test_case *c, prng *r) {
    static const size_t lengths[] = {120, 120, 120, 120, 120, 120, 121, 150, 200, 240, 300};
    static const size_t batches[] = {256, 300, 512, 1024, 2048, 4096, 0};
    c->min_length = lengths[prng_below(r, sizeof lengths / sizeof *lengths)];
    c->scope = prng_chance(r, 850)   ? HAPAX_SCOPE_ALL
               : prng_chance(r, 500) ? HAPAX_SCOPE_WITHIN
                                     : HAPAX_SCOPE_ACROSS;
    c->no_clean = prng_chance(r, 80);
    c->batch_nbytes = batches[prng_below(r, sizeof batches / sizeof *batches)];
    c->store_memory_nbytes = prng_chance(r, 300) ? (size_t)8192 << prng_below(r, 4) : 0;
    c->jobs = prng_chance(r, 900) ? 1 : prng_chance(r, 700) ? 2 : 7;
    c->pieces = prng_next(r);
    bool outputs = prng_chance(r, 100), against = prng_chance(r, 80);
    for (size_t d = 0; d < c->count; d++) {
        if (outputs && !against && prng_chance(r, 700)) c->flags[d] |= HAPAX_NEW_OUTPUT;
        if (against && d < c->count / 2) c->flags[d] = HAPAX_AGAINST;
    }
}

void test_case_make(test_case *c, uint64_t number) {
    static const lang mains[] = {LANG_CHINESE, LANG_CHINESE, LANG_CHINESE, LANG_ENGLISH, LANG_ENGLISH,
                                 LANG_MIXED,   LANG_THAI,    LANG_ARABIC,  LANG_EMOJI,   LANG_NOISE};
    maker m = {.r = prng_seeded(0x6861706178u, number)};
    *c = (test_case){.number = number};
    m.main_lang = mains[prng_below(&m.r, sizeof mains / sizeof *mains)];
    m.repeat_of_1000 = prng_chance(&m.r, 150) ? 0 : (unsigned)prng_range(&m.r, 100, 500);
    m.single_newline_of_1000 = prng_chance(&m.r, 300) ? 1000 : prng_chance(&m.r, 500) ? 100 : 500;
    documents_make(c, &m);
    options_make(c, &m.r);
    if (prng_chance(&m.r, 80)) {
        c->damaged = true;
        for (size_t d = 0; d < c->count; d++)
            damage_add(&c->documents[d], prng_range(&m.r, d == 0, 6), &m.r);
    }
    bytes_free(&m.past.text);
    free(m.past.ends);
    free(m.past.langs);
}

void test_case_release(test_case *c) {
    for (size_t d = 0; d < CASE_MAX_DOCUMENTS; d++)
        bytes_free(&c->documents[d]);
}

size_t test_case_nbytes(const test_case *c) {
    size_t nbytes = 0;
    for (size_t d = 0; d < c->count; d++)
        nbytes += c->documents[d].len;
    return nbytes;
}

test_case test_case_copy(const test_case *c) {
    test_case copy = *c;
    for (size_t d = 0; d < CASE_MAX_DOCUMENTS; d++)
        copy.documents[d] = bytes_copy(c->documents[d]);
    return copy;
}

static void c_string_print(FILE *to, bytes b) {
    fputs("    \"", to);
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.ptr[i];
        if (c == '\n')
            fputs(i + 1 < b.len ? "\\n\"\n    \"" : "\\n", to);
        else if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            fprintf(to, "\\%03o", c);
        else
            fputc(c, to);
    }
    fputs("\"\n", to);
}

static bool is_ascii_or_sound(bytes b) {
    for (size_t i = 0; i < b.len; i++)
        if (b.ptr[i] >= 0xF5 || b.ptr[i] == 0xC0 || b.ptr[i] == 0xC1) return false;
    return true;
}

void test_case_print(FILE *to, const test_case *c) {
    fprintf(to,
            "case %llu: min_length=%zu scope=%d no_clean=%d batch_nbytes=%zu store_memory_nbytes=%zu jobs=%u "
            "pieces=0x%llx\n",
            (unsigned long long)c->number, c->min_length, (int)c->scope, c->no_clean, c->batch_nbytes,
            c->store_memory_nbytes, c->jobs, (unsigned long long)c->pieces);
    for (size_t d = 0; d < c->count; d++) {
        fprintf(to, "  document %zu, flags %u, %zu bytes:\n", d, c->flags[d], c->documents[d].len);
        c_string_print(to, c->documents[d]);
        if (c->documents[d].len <= 200 && (c->damaged || !is_ascii_or_sound(c->documents[d]))) {
            fputs("    hex ", to);
            for (size_t i = 0; i < c->documents[d].len; i++)
                fprintf(to, "%02x", c->documents[d].ptr[i]);
            fputc('\n', to);
        }
    }
}
