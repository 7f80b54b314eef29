/*
 * promises: the nine promises, each a checker of its own, over one case. For tests.
 *
 *   1 letters stay            4 the same bytes always        7 damage is survived and named
 *   2 nothing is lost         5 twice is once                8 no silent loss at the end
 *   3 the first stays         6 bounded memory               9 text is data: work is linear
 */
#ifndef TEST_PROMISES_H
#define TEST_PROMISES_H

#include "cases.h"

typedef struct {
    unsigned promise; /* 0: all hold; 1 .. 9: the first that does not */
    uint64_t kind;    /* the same for failures of the same check */
    char text[600];
    /* what the case was good for */
    bool removed, over_64k, crossed_batch, damaged, spilled;
    size_t removed_units, must_units;
    uint64_t second_paragraphs, second_changed,
        second_removed;             /* promise 5: a second run on the first one's output */
    double compared, probes, moved; /* for each byte of input, in this case */
} verdict;

void promises_check(const test_case *c, verdict *v);

/* Makes the case smaller as long as the same promise fails, in processes of their own, for about so many
 * seconds. */
void promises_shrink(test_case *c, const verdict *v, unsigned seconds);

/* Checks in a process of its own; a crash or more than 60 seconds fail as promise 9. */
void promises_check_apart(const test_case *c, verdict *v);

#endif
