/*
 * sentences: invented sentences in several scripts, as many as one likes, hardly ever twice the same. For
 * tests.
 */
#ifndef TEST_SENTENCES_H
#define TEST_SENTENCES_H

#include "bytes.h"
#include "prng.h"

typedef enum {
    LANG_CHINESE = 0,
    LANG_ENGLISH,
    LANG_MIXED,
    LANG_THAI,
    LANG_ARABIC,
    LANG_EMOJI,
    LANG_NOISE,
    LANG_COUNT
} lang;

const char *lang_name(lang l);

/* Appends one sentence with its end mark (Thai has none), without a space behind it. */
void sentence_add(bytes *out, prng *r, lang l);

/* Appends one word of the language. */
void word_add(bytes *out, prng *r, lang l);

/* Appends a set phrase: one of 48 of 10 to 36 Han characters, or of 24 English ones, always the same for
 * the same number. */
void phrase_add(bytes *out, lang l, size_t number);

/* What stands between two sentences of one paragraph. */
const char *lang_gap(lang l);

#endif
