/*
 * clean: what a careful editor changes in one paragraph, as a list of edits over its bytes. Layer 1, pure.
 *
 * Rules (shared names): utf8 (ill-formed bytes), nfc, width-alnum, punct, ellipsis, repeat, space. Edits are
 * the result; the cleaned text is the paragraph with its edits applied, and places are mapped back through
 * them. Letters stay: the skeleton of the cleaned text is that of the repaired, NFC paragraph.
 */
#ifndef HPX_CLEAN_H
#define HPX_CLEAN_H

#include "edits.h"

/* What a paragraph stands in; decided before cleaning, so that clean stays pure in (paragraph, context). */
typedef struct {
    bool other_cjk; /* the document is Japanese or Korean: no Chinese rules */
    bool code;      /* fenced code, front matter: only utf8 and line ends; spaces stay */
    bool no_clean;  /* only rule utf8 */
} hpx_clean_context;

/* Scratch memory of one thread. */
typedef struct hpx_cleaner hpx_cleaner;
hapax_status hpx_cleaner_create(hpx_cleaner **out, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_cleaner_destroy(hpx_cleaner *cleaner);

/* Finds the edits of one paragraph: raw is one line without its line end, any bytes, at most 1 MiB or a
 * little more. edits are *appended* to; first_edit = edits->count before the call. met (at most met_cap)
 * gets what is only reported; *met_count counts all, also those over met_cap. Linear in raw.len. */
hapax_status hpx_clean_paragraph(hpx_cleaner *cleaner, hpx_slice raw, hpx_clean_context context,
                                 hpx_edits *edits, hpx_met *met, size_t met_cap,
                                 size_t *met_count) HAPAX_MUST_CHECK;

/* True when the first bytes of a document (up to 64 KiB) say that it is Japanese or Korean: kana and
 * hangul are at least one letter for every 16 Han. */
bool hpx_clean_is_other_cjk(hpx_slice head);

#endif
