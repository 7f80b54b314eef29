/*
 * skeleton: what is compared and never written: the letters, marks and digits of a text, folded. Layer
 * 1, pure.
 *
 * In: L*, M*, N* after width folding and simple case folding, as UTF-8. Left out: spaces, punctuation,
 * symbols, default-ignorable characters, controls. So that numbers stay apart, a digit (Nd) is written
 * with what tells it from its neighbour, if that is not a letter or digit directly before it:
 *
 *  - Between two digits with nothing but spaces, marks and ignorable characters between them, the
 *    first mark that is neither quote nor bracket (`1.5` is not `15`, `1, 2` is not `12`, `1 000` is
 *    `1000`).
 *  - A sign directly before the digit: + - or one that is written for them (`-5` is not `5`). A second
 *    dash before it makes it a dash (`--5` is `5`).
 *  - A point directly before the digit, `.` or its full-width form, with neither digit nor point
 *    directly before the point (`.5` is not `5`). Therefore cleaning must not make such a point a full
 *    stop.
 *
 * A mark is written in one form for all that cleaning exchanges: width folded, dashes of all lengths
 * as `-`, full stops and ellipses as `.`, wave dashes as `~`, ratio as `:`. A run of marks is written
 * once. "Directly" looks through ignorable characters and nothing else.
 *
 * Pure in the paragraph: nothing is carried from one to the next.
 */
#ifndef HPX_SKELETON_H
#define HPX_SKELETON_H

#include "base.h"

/* Appends the skeleton of text (well-formed UTF-8) to out. *letters (NULL allowed) grows by its code
 * points. HAPAX_E_MEMORY: out and *letters are as before. */
hapax_status hpx_skeleton_append(hpx_slice text, hpx_buffer *out, uint64_t *letters) HAPAX_MUST_CHECK;

/* One character of the skeleton, with the place in the text where it came from. */
typedef struct {
    size_t text_off, text_len; /* where the character stands in text */
    size_t nbytes;             /* bytes it has in the skeleton: 1 to 4 */
    uint8_t bytes[4];
} hpx_skeleton_char;

/* Walks the skeleton character by character. All fields are private. */
typedef struct {
    hpx_slice text;
    size_t at;                    /* text offset behind the last character read */
    hpx_skeleton_char waiting[3]; /* marks and the digit behind them, still to be handed out */
    unsigned waiting_count, waiting_next;
} hpx_skeleton_walk;

void hpx_skeleton_walk_init(hpx_skeleton_walk *walk, hpx_slice text);
/* False at the end of text. The characters are exactly those that hpx_skeleton_append writes. */
bool hpx_skeleton_walk_next(hpx_skeleton_walk *walk, hpx_skeleton_char *c);

#endif
