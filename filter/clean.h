/*
 * clean: what a careful editor changes in one paragraph, as a list of edits over its bytes. Layer 1, pure.
 *
 * Rules (shared names): utf8 (ill-formed bytes), nfc, width-alnum, punct, ellipsis, repeat, space. Edits are the result; the cleaned text is the
 * paragraph with its edits applied, and places are mapped back through them. Letters stay: the skeleton of the
 * cleaned text is that of the repaired, NFC paragraph.
 */
#ifndef HPX_CLEAN_H
#define HPX_CLEAN_H

#include "base.h"

typedef enum {
    HPX_RULE_UTF8 = 0,
    HPX_RULE_NFC,
    HPX_RULE_SPACE,
    HPX_RULE_PUNCT,
    HPX_RULE_ELLIPSIS,
    HPX_RULE_WIDTH,  /* "width-alnum" */
    HPX_RULE_REPEAT,
    HPX_RULE_COUNT
} hpx_rule;
const char *hpx_rule_name(hpx_rule rule);

/* One change: raw_len bytes at raw_off become new_len bytes. Sorted by raw_off, not overlapping; may insert (raw_len 0)
 * or delete (new_len 0). */
typedef struct {
    uint32_t raw_off, raw_len;
    uint32_t new_off, new_len; /* where the new bytes stand in hpx_edits.bytes */
    uint32_t clean_off;        /* where they stand in the cleaned paragraph */
    uint8_t rule;              /* hpx_rule */
} hpx_edit;

/* Grows only; hpx_edits_clear keeps the memory. */
typedef struct {
    hpx_edit *edits;
    size_t count, cap;
    hpx_buffer bytes; /* the new bytes of all edits */
} hpx_edits;

void hpx_edits_init(hpx_edits *edits, hpx_memory *memory);
void hpx_edits_clear(hpx_edits *edits);
void hpx_edits_release(hpx_edits *edits);

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

/* Things met while cleaning that are reported, at a byte offset of the raw paragraph. */
typedef enum { HPX_MET_COMBINING_RUN, HPX_MET_BIDI } hpx_met_kind;
typedef struct {
    hpx_met_kind kind;
    uint32_t raw_off;
} hpx_met;

/* Finds the edits of one paragraph: raw is one line without its line end, any bytes, at most 1 MiB or a little more.
 * edits are *appended* to; first_edit = edits->count before the call. met (at most met_cap) gets what is only reported;
 * *met_count counts all, also those over met_cap. Linear in raw.len. */
hapax_status hpx_clean_paragraph(hpx_cleaner *cleaner, hpx_slice raw, hpx_clean_context context, hpx_edits *edits,
                                 hpx_met *met, size_t met_cap, size_t *met_count) HAPAX_MUST_CHECK;

/* Appends raw with the given edits applied to out. */
hapax_status hpx_edits_apply(const hpx_edits *edits, size_t first, size_t count, hpx_slice raw, hpx_buffer *out) HAPAX_MUST_CHECK;

/* The raw offset that stands for offset clean_off of the cleaned text. Inside replaced text: its raw begin, or its raw end
 * when at_end. At an edit's edge, at_end chooses the side before a deletion (true) or after it (false). */
size_t hpx_edits_raw_offset(const hpx_edits *edits, size_t first, size_t count, size_t clean_off, bool at_end);

/* True when the first bytes of a document (up to 64 KiB) say that it is Japanese or Korean: kana and hangul are at least
 * one letter for every 16 Han. */
bool hpx_clean_is_other_cjk(hpx_slice head);

#endif
