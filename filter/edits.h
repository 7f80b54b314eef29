/*
 * edits: what cleaning changes in a paragraph, as a list; applied to it, and used to find the way back from
 * cleaned text to raw bytes. Knows no rule but by name. Layer 1, pure.
 */
#ifndef HPX_EDITS_H
#define HPX_EDITS_H

#include "base.h"

typedef enum {
    HPX_RULE_UTF8 = 0,
    HPX_RULE_NFC,
    HPX_RULE_SPACE,
    HPX_RULE_PUNCT,
    HPX_RULE_ELLIPSIS,
    HPX_RULE_WIDTH, /* "width-alnum" */
    HPX_RULE_REPEAT,
    HPX_RULE_COUNT
} hpx_rule;
const char *hpx_rule_name(hpx_rule rule);

/* One change: raw_len bytes at raw_off become new_len bytes. Sorted by raw_off, not overlapping; may
 * insert (raw_len 0) or delete (new_len 0). */
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

/* Appends raw with the given edits applied to out. */
hapax_status hpx_edits_apply(const hpx_edits *edits, size_t first, size_t count, hpx_slice raw,
                             hpx_buffer *out) HAPAX_MUST_CHECK;

/* The raw offset that stands for offset clean_off of the cleaned text. Inside replaced text: its raw
 * begin, or its raw end when at_end. At an edit's edge, at_end chooses the side before a deletion (true)
 * or after it (false). */
size_t hpx_edits_raw_offset(const hpx_edits *edits, size_t first, size_t count, size_t clean_off,
                            bool at_end);

/* Things met while cleaning that are reported, at a byte offset of the raw paragraph. */
typedef enum { HPX_MET_COMBINING_RUN, HPX_MET_BIDI } hpx_met_kind;
typedef struct {
    hpx_met_kind kind;
    uint32_t raw_off;
} hpx_met;

#endif
