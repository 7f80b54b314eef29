/*
 * charclass: what kind of character a code point is, in one look-up. Layer 1, pure.
 *
 * The tables are made at build time by filter/tools/make_charclass.c from libunistring's properties
 * (General_Category, Script, Default_Ignorable_Code_Point, Quotation_Mark, Sentence_Terminal,
 * NFC_Quick_Check, simple case folding, <wide> and <narrow> decompositions); none is typed in.
 */
#ifndef HPX_CHARCLASS_H
#define HPX_CHARCLASS_H

#include "base.h"

enum {
    HPX_LETTER = 1 << 0,    /* L* */
    HPX_MARK = 1 << 1,      /* M* */
    HPX_NUMBER = 1 << 2,    /* N* */
    HPX_DIGIT = 1 << 3,     /* Nd */
    HPX_HAN = 1 << 4,       /* script Han, letters and numbers (U+3007 too) */
    HPX_KANA = 1 << 5,      /* script Hiragana or Katakana, but not U+30FB and U+30FC */
    HPX_HANGUL = 1 << 6,    /* script Hangul */
    HPX_LATIN = 1 << 7,     /* script Latin, letters */
    HPX_SPACE = 1 << 8,     /* Zs, TAB */
    HPX_IGNORABLE = 1 << 9, /* Default_Ignorable_Code_Point, or a control (Cc) but TAB and LF. See below. */
    HPX_OPEN = 1 << 10,     /* Ps Pi */
    HPX_CLOSE = 1 << 11,    /* Pe Pf */
    HPX_QUOTE = 1 << 12,    /* Quotation_Mark */
    HPX_STERM = 1 << 13,    /* Sentence_Terminal */
    HPX_NFC = 1 << 14,      /* NFC_Quick_Check is not Yes, or combining class is not 0: NFC may matter here */
    HPX_FOLD = 1 << 15,     /* hpx_charclass_fold gives another character */
};
#define HPX_WORD (HPX_LETTER | HPX_MARK | HPX_NUMBER)

/*
 * HPX_IGNORABLE says one thing: the skeleton leaves the character out, and what asks for neighbours
 * looks through it. It does not say that cleaning removes it: C1 controls (U+0080 to U+009F) and
 * joiners stay in cleaned text. It may stand beside HPX_LETTER (U+3164) or HPX_MARK (U+FE0F), and then
 * it wins.
 *
 * Everywhere below, c is at most 0x10FFFF. Surrogates and unassigned code points that are not
 * ignorable have class 0.
 */
extern const uint16_t hpx_charclass_index[0x110000 >> 7];
extern const uint16_t hpx_charclass_blocks[][128];

static inline unsigned hpx_charclass(uint32_t c) {
    return hpx_charclass_blocks[hpx_charclass_index[c >> 7]][c & 127];
}

extern const uint16_t hpx_charclass_fold_index[0x110000 >> 7];
extern const int32_t hpx_charclass_fold_blocks[][128];

/* Width, then simple case folding, until neither changes anything: what the skeleton holds for c.
 * Full-width and half-width forms become ordinary ones (so U+FF0C becomes a comma). */
uint32_t hpx_charclass_fold(uint32_t c);

/* The skeleton of an ASCII byte: itself, its lower case, 0 (left out), or HPX_ASCII_OTHER where the byte is a digit or not ASCII and has to
 * be looked at with its neighbours. */
#define HPX_ASCII_OTHER 0xFFu
extern const uint8_t hpx_charclass_ascii[256];

#endif
