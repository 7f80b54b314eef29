/* news: see news.h. */
#include "news.h"

#include "variants.h"

/* Of 1000: paragraphs with a set phrase, articles that quote, articles that are reprints, quotations in
 * another dress. */
enum { PHRASE = 350, QUOTES = 160, REPRINT = 25, DRESSED = 500, FOOTER = 120 };

/* A place in text at which a paragraph begins (or 0). */
static size_t paragraph_at(const bytes *text, prng *r) {
    size_t at = prng_below(r, text->len);
    while (at > 0 && text->ptr[at - 1] != '\n')
        at--;
    while (at < text->len && text->ptr[at] == '\n')
        at++;
    return at;
}

/* From a sentence's begin in the first paragraphs at `at`, to a sentence's end, at most nbytes further. */
static void quote(bytes *out, const bytes *text, size_t at, size_t nbytes, unsigned kinds, prng *r) {
    size_t end = at + nbytes < text->len ? at + nbytes : text->len;
    if (prng_chance(r, 600)) { /* up to an end mark, most of the time */
        const uint8_t *p = text->ptr + end;
        while (p > text->ptr + at + 3 && memcmp(p - 3, "\xE3\x80\x82", 3) != 0 &&
               !(p[-1] == '.' && p[0] == ' '))
            p--;
        if (p > text->ptr + at + 3) end = (size_t)(p - text->ptr);
    }
    while (end < text->len && (text->ptr[end] & 0xC0) == 0x80)
        end++;
    bytes copy = {0};
    bytes_add(&copy, text->ptr + at, end - at); /* out may be text */
    variant_add(out, copy.ptr, copy.len, kinds, 250, r);
    bytes_free(&copy);
}

static void paragraph(bytes *out, prng *r, lang l) {
    size_t sentences = prng_range(r, 1, 6),
           phrase = prng_chance(r, PHRASE) ? prng_below(r, sentences) : sentences;
    for (size_t i = 0; i < sentences; i++) {
        if (i) bytes_add_text(out, lang_gap(l));
        if (i == phrase) {
            phrase_add(out, l, prng_below(r, 48));
            bytes_add_text(out, l == LANG_CHINESE ? "，" : ", ");
        }
        sentence_add(out, r, l);
    }
    bytes_add_text(out, "\n\n");
}

static void article(bytes *out, prng *r, lang l, const bytes *past) {
    size_t paragraphs = prng_range(r, 2, 9),
           quoting = prng_chance(r, QUOTES) ? prng_below(r, paragraphs) : paragraphs;
    const bytes *from = past && past->len && prng_chance(r, 500) ? past : out;
    for (size_t i = 0; i < 1 + prng_below(r, 2); i++)
        word_add(out, r, l);
    bytes_add_text(out, "\n\n");
    if (from->len > 8192 && prng_chance(r, REPRINT)) {
        quote(out, from, paragraph_at(from, r), prng_range(r, 600, 6000),
              prng_chance(r, DRESSED) ? VARIANT_QUOTES | VARIANT_PUNCT : 0, r);
        bytes_add_text(out, "\n\n");
        return;
    }
    for (size_t i = 0; i < paragraphs; i++) {
        if (i == quoting && from->len > 8192) {
            if (prng_chance(r, 500)) sentence_add(out, r, l), bytes_add_text(out, lang_gap(l));
            quote(out, from, paragraph_at(from, r), prng_range(r, 120, 1500),
                  prng_chance(r, DRESSED) ? VARIANT_QUOTES | VARIANT_SPACES : 0, r);
            bytes_add_text(out, prng_chance(r, 500) ? "\n\n" : lang_gap(l));
        }
        paragraph(out, r, l);
    }
    if (prng_chance(r, FOOTER)) { /* set phrases that together are longer than the smallest passage */
        for (size_t i = 0; i < 3; i++) {
            phrase_add(out, l, 6 + i * 8);
            bytes_add_text(out, l == LANG_CHINESE ? "。" : ". ");
        }
        bytes_add_text(out, "\n\n");
    }
}

void news_add(bytes *out, prng *r, lang l, size_t nbytes, const bytes *past) {
    size_t until = out->len + nbytes;
    while (out->len < until)
        article(out, r, l, past);
}
