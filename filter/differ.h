/*
 * differ: in what two copies of the same letters differ. Layer 1, pure.
 */
#ifndef HPX_DIFFER_H
#define HPX_DIFFER_H

#include "base.h"

enum {
    HPX_DIFFER_SPACE = 1 << 0,
    HPX_DIFFER_PUNCTUATION = 1 << 1,
    HPX_DIFFER_QUOTES = 1 << 2,
    HPX_DIFFER_WIDTH = 1 << 3,
    HPX_DIFFER_CASE = 1 << 4,
};
#define HPX_DIFFER_KINDS 5
const char *hpx_differ_name(unsigned bit_number);

/* Both texts have the same skeleton. Bits of what differs between their first and last letters. Linear. */
unsigned hpx_differ(hpx_slice a, hpx_slice b);

#endif
