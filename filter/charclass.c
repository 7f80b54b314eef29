/* charclass: see charclass.h. The tables themselves are in the generated charclass_tables.c. Layer 1. */
#include "charclass.h"

uint32_t hpx_charclass_fold(uint32_t c) {
    return c + (uint32_t)hpx_charclass_fold_blocks[hpx_charclass_fold_index[c >> 7]][c & 127];
}
