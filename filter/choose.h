/*
 * choose: which shingles of a skeleton become fingerprints. Layer 1, pure.
 *
 * A shingle is a window of HPX_K skeleton bytes that starts on a character (it may end inside one). In
 * every window of HPX_K + HPX_W - 1 bytes that is not one short word over and over a shingle is chosen, by
 * what stands in the window and nothing else, so that two equal runs of that length share one fingerprint. Minimizers:
 * Schleimer, Wilkerson, Aiken 2003 (winnowing); Groot Koerkamp, Pibiri 2024 (mod-minimizer).
 */
#ifndef HPX_CHOOSE_H
#define HPX_CHOOSE_H

#include "base.h"

#define HPX_K      84 /* settled by measurement: see the table in choose.c */
#define HPX_W      36
#define HPX_WINDOW (HPX_K + HPX_W - 1) /* <= the smallest passage */

typedef struct {
    uint64_t fingerprint; /* XXH3 64, seeded, of the HPX_K bytes */
    uint32_t off;         /* skeleton offset where the shingle starts, base_off included */
} hpx_chosen;

typedef struct {
    hpx_chosen *items;
    size_t count, cap;
    hpx_memory *memory;
} hpx_chosen_list;

/* Scratch of one thread: about 50 KB. Equal seeds choose equally. */
typedef struct hpx_chooser hpx_chooser;
hapax_status hpx_chooser_create(hpx_chooser **out, uint64_t seed, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_chooser_destroy(hpx_chooser *chooser); /* takes NULL */

/*
 * Appends what all whole windows of skeleton choose, sorted by off, each once, with base_off added to
 * off. A skeleton that is shorter than one window chooses nothing. skeleton is one stretch of one
 * document (no 0xFF in it), well-formed UTF-8 that starts and ends on a character; stretches that are
 * cut elsewhere are safe, too. What stood in the list before is left as it is.
 *
 * Choosing over s1+s2 equals the union of choosing over s1, over s2 and over the windows that straddle
 * the seam: those of the last HPX_WINDOW - 1 bytes of s1 with the first HPX_WINDOW - 1 of s2. A window
 * of a period of up to 6 bytes (`哈哈哈哈`, `0000`) chooses nothing.
 *
 * HAPAX_E_MEMORY: the list is as before. Linear in skeleton.len.
 */
hapax_status hpx_choose(hpx_chooser *chooser, hpx_slice skeleton, uint32_t base_off,
                        hpx_chosen_list *list) HAPAX_MUST_CHECK;

#endif
