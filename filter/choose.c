/*
 * choose: see choose.h. Layer 1, pure.
 *
 * The mod-minimizer, for UTF-8. Every character start has a key, a hash of the T bytes behind it. A
 * window of HPX_WINDOW bytes that begins at i holds keys at i to i + D; let x be the place of the
 * smallest (the leftmost of equals). The window chooses x, x - W, x - 2W ..., whichever is in i to i +
 * W - 1; when that is inside a character, the character's start, or the next one when its start is
 * before the window. As long as x stays the smallest, windows that follow each other choose the same
 * shingle, and D + 1 = 3 W makes each of the three equally long: that is why this chooses fewer
 * shingles than winnowing, and so can afford longer ones, which set phrases do not fill.
 *
 * Settled by tests/bench/recall.c on the first halves of 36 MB of Chinese news and 10 MB of English
 * licence texts, measured on the second halves. bytes: of index for each byte of text, 16 an entry. Then
 * the letters, in %, of those that brute force finds repeated in runs of M bytes: with the first and the
 * latest 1, 2, 5 sources (M = 120), and with the first and the latest 5 (M = 240).
 *
 *                          news: M = 120               M = 240   licences: M = 120           M = 240
 *                          bytes      1     2     5        5    bytes      1     2     5        5
 *     winnow K48 W72       0.379  96.44 97.82 98.90   99.99    0.327  99.59 99.69 99.80   99.83
 *     winnow K80 W40       0.673  99.37 99.65 99.85  100.00    0.592  99.80 99.85 99.90   99.94
 *     winnow K96 W24       1.060  99.70 99.87 99.97  100.00    0.956  99.91 99.92 99.95   99.95
 *     mod K66 W54 T12      0.419  97.75 98.78 99.41  100.00    0.331  99.60 99.68 99.82   99.85
 *     mod K84 W36 T8       0.744  98.85 99.35 99.69  100.00    0.519  99.72 99.79 99.85   99.89
 *     mod K84 W36 T12      0.583  99.05 99.48 99.87   99.99    0.437  99.83 99.88 99.91   99.91
 *     this file            0.590  99.42 99.73 99.92  100.00    0.434  99.75 99.80 99.87   99.91
 *     mod K90 W30 T12      0.740  99.47 99.78 99.92  100.00    0.547  99.81 99.85 99.90   99.95
 *     mod K96 W24 T12      0.901  99.68 99.82 99.95  100.00    0.656  99.83 99.86 99.91   99.93
 *
 * "This file" is the row above it with other keys, which move a figure by 0.3 with one source and by 0.1
 * with five. Wanted were at most 0.6 bytes, 99 % at M = 120, 99.8 % at M = 240.
 *
 * Text with a short period has equal keys at every period, and each would be chosen. So keys of T
 * bytes that have a period of up to MAX_PERIOD bytes are demoted: any other key is smaller. A window
 * with none but demoted keys is periodic from end to end (but for odd mixtures, which are treated as
 * ordinary text): it says nothing, would match itself at every offset, and chooses no shingle. What it
 * chose could only follow from where it stands, and then batches would matter.
 *
 * Work is done in blocks of window starts, so that keys stay in the first two caches.
 */
#include "choose.h"

#include "utf8.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define T             12u
#define D             (HPX_WINDOW - T)
#define MAX_PERIOD    6u
#define DEMOTED       ((int32_t)1 << 30) /* ordinary keys have 30 bits: signed compares are what SSE2 has */
#define BLOCK         4096u              /* window starts done at once */
#define PAD           8u                 /* so that whole vectors may be read behind the last key */

_Static_assert(D + 1 == 3 * HPX_W, "each residue of the smallest key's place is equally often chosen");

#define MAX_KEYS (BLOCK + HPX_WINDOW + PAD)

struct hpx_chooser {
    hpx_memory *memory;
    uint64_t seed, multiplier;
    int32_t identity[MAX_KEYS]; /* places of the keys of ASCII text: 0, 1, 2, ... */
    int32_t places[MAX_KEYS];
    int32_t keys[MAX_KEYS];
};

/* One block: windows start at bytes 0 to last_start of text. */
typedef struct {
    const uint8_t *text;
    int32_t last_start;
    const int32_t *places; /* of character starts */
    int32_t *keys;
    size_t count;
    int32_t run_begin, run_end; /* a stretch of text with period run_period, as far as it is known */
    int32_t run_period;
    uint64_t seed;
    uint32_t off; /* what to add to a place in text */
    size_t first; /* list->items from here on are of this call */
    hpx_chosen_list *list;
} block;

/* The output must be the same on every machine, so the order of bytes must not matter. */
static inline uint64_t load64_little(const uint8_t *p) {
    uint64_t v = hpx_load64(p);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

hapax_status hpx_chooser_create(hpx_chooser **out, uint64_t seed, hpx_memory *memory) {
    *out = NULL;
    hpx_chooser *c = hpx_alloc_zero(memory, sizeof *c);
    if (!c) return HAPAX_E_MEMORY;
    c->memory = memory;
    c->seed = seed;
    c->multiplier = XXH3_64bits_withSeed("order", 5, seed) | 1;
    for (size_t i = 0; i < MAX_KEYS; i++)
        c->identity[i] = (int32_t)i;
    *out = c;
    return HAPAX_OK;
}

void hpx_chooser_destroy(hpx_chooser *chooser) {
    if (chooser) hpx_free(chooser->memory, chooser, sizeof *chooser);
}

/* Writes the places of the character starts before end to places; returns their count. 48 bytes are 16
 * Han characters, in any phase, and these are written without a look at each. */
static size_t find_characters(const uint8_t *text, size_t end, int32_t *places) {
    size_t count = 0, i = 0;
#ifdef __SSE2__
    const uint64_t every_third = 0x249249249249u;
    const __m128i last_continuation = _mm_set1_epi8(-65); /* as signed bytes, 80 to BF are the smallest */
    for (; end - i >= 48; i += 48) {
        uint64_t starts = 0;
        for (size_t part = 0; part < 48; part += 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(text + i + part));
            starts |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, last_continuation)) << part;
        }
        uint64_t lowest = starts & (~starts + 1);
        if (lowest <= 4 && starts == every_third * lowest) {
            __m128i four = _mm_add_epi32(_mm_set1_epi32((int32_t)i + (int32_t)(lowest >> 1)),
                                         _mm_set_epi32(9, 6, 3, 0));
            for (size_t k = 0; k < 16; k += 4, four = _mm_add_epi32(four, _mm_set1_epi32(12)))
                _mm_storeu_si128((__m128i *)(places + count + k), four);
            count += 16;
            continue;
        }
        for (; starts; starts &= starts - 1)
            places[count++] = (int32_t)i + __builtin_ctzll(starts);
    }
#endif
    for (; i < end; i++) {
        places[count] = (int32_t)i;
        count += !hpx_utf8_is_continuation(text[i]);
    }
    return count;
}

/* One multiplication for T = 12 bytes: two of them made this the slowest part. 30 bits. */
static inline int32_t make_key(const uint8_t *p, uint64_t multiplier) {
    uint64_t a = load64_little(p), b = load64_little(p + 4);
    return (int32_t)(((a ^ (b >> 19 | b << 45)) * multiplier) >> 34);
}

/* Finds the characters up to place last and their keys; T bytes stand behind each. */
static void make_keys(hpx_chooser *c, block *b, int32_t last) {
    const uint64_t multiplier = c->multiplier;
    const uint8_t *text = b->text;
    int32_t *keys = c->keys;
    size_t end = (size_t)last + 1, count = end;
    if (hpx_utf8_is_ascii(hpx_slice_of(text, end))) {
        b->places = c->identity;
        for (size_t i = 0; i < end; i++)
            keys[i] = make_key(text + i, multiplier);
    } else {
        int32_t *places = c->places;
        count = find_characters(text, end, places);
        for (size_t i = 0; i < count; i++)
            keys[i] = make_key(text + places[i], multiplier);
        for (size_t i = count; i < count + PAD; i++)
            places[i] = INT32_MAX;
        b->places = places;
    }
    for (size_t i = count; i < count + PAD; i++)
        keys[i] = INT32_MAX;
    b->keys = keys;
    b->count = count;
}

/* The first index from i on with a key below limit or a place above last; count if there is none. */
static size_t find_below(const block *b, size_t i, int32_t limit, int32_t last) {
#ifdef __SSE2__
    const __m128i limits = _mm_set1_epi32(limit), lasts = _mm_set1_epi32(last);
    for (; i < b->count; i += 4) {
        __m128i keys = _mm_loadu_si128((const __m128i *)(b->keys + i));
        __m128i places = _mm_loadu_si128((const __m128i *)(b->places + i));
        __m128i hits = _mm_or_si128(_mm_cmplt_epi32(keys, limits), _mm_cmpgt_epi32(places, lasts));
        int mask = _mm_movemask_ps(_mm_castsi128_ps(hits));
        if (mask) return HPX_MIN(i + (size_t)__builtin_ctz((unsigned)mask), b->count);
    }
    return b->count;
#else
    while (i < b->count && b->keys[i] >= limit && b->places[i] <= last)
        i++;
    return i;
#endif
}

/* Index of the leftmost smallest key of begin to end - 1 (begin < end). */
static size_t find_smallest(const block *b, size_t begin, size_t end) {
    const int32_t *keys = b->keys;
    int32_t smallest = keys[begin];
    size_t i = begin;
#ifdef __SSE2__
    __m128i low = _mm_set1_epi32(smallest);
    for (; i + 4 <= end; i += 4) {
        __m128i k = _mm_loadu_si128((const __m128i *)(keys + i)), less = _mm_cmplt_epi32(k, low);
        low = _mm_or_si128(_mm_and_si128(less, k), _mm_andnot_si128(less, low));
    }
    int32_t lanes[4];
    _mm_storeu_si128((__m128i *)lanes, low);
    for (unsigned lane = 0; lane < 4; lane++)
        smallest = HPX_MIN(smallest, lanes[lane]);
#endif
    for (; i < end; i++)
        smallest = HPX_MIN(smallest, keys[i]);
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi32(smallest);
    for (i = begin;; i += 4) {
        __m128i k = _mm_loadu_si128((const __m128i *)(keys + i));
        int mask = _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(k, wanted)));
        if (mask) return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#else
    for (i = begin; keys[i] != smallest;)
        i++;
    return i;
#endif
}

/* The smallest period of the T bytes at p, 0 when it is above MAX_PERIOD. */
static int32_t period_of(const uint8_t *p) {
    for (unsigned q = 1; q <= MAX_PERIOD; q++)
        if (hpx_load32(p) == hpx_load32(p + q) && memcmp(p, p + q, T - q) == 0) return (int32_t)q;
    return 0;
}

/* True when the key at index i is what it should be. Otherwise it was periodic: it is demoted now,
 * with those that follow. Only keys that are about to be smallest are looked at; what is not demoted
 * yet is smaller than it should be, so none is missed. */
static bool check_key(const block *b, size_t i) {
    if (b->keys[i] & DEMOTED || period_of(b->text + b->places[i]) == 0) return true;
    for (; i < b->count && (b->keys[i] & DEMOTED) == 0 && period_of(b->text + b->places[i]) != 0; i++)
        b->keys[i] |= DEMOTED;
    return false;
}

/* Puts the shingle at place into the list, in order, once. Steps back over at most HPX_W items. */
static hapax_status choose_place(block *b, int32_t place) {
    hpx_chosen_list *list = b->list;
    uint32_t off = b->off + (uint32_t)place;
    size_t at = list->count;
    while (at > b->first && list->items[at - 1].off > off)
        at--;
    if (at > b->first && list->items[at - 1].off == off) return HAPAX_OK;
    if (list->count == list->cap)
        HPX_TRY(hpx_grow(list->memory, (void **)&list->items, &list->cap, list->count + 1,
                         sizeof list->items[0]));
    for (size_t i = list->count++; i > at; i--)
        list->items[i] = list->items[i - 1];
    list->items[at] = (hpx_chosen){XXH3_64bits_withSeed(b->text + place, HPX_K, b->seed), off};
    return HAPAX_OK;
}

/* Windows begin to end aim at place, which is none before begin. A stretch may begin inside a character. */
static hapax_status choose_character(block *b, int32_t place, int32_t begin, int32_t end) {
    int32_t down = place;
    while (down >= begin && hpx_utf8_is_continuation(b->text[down]))
        down--;
    if (begin <= down) HPX_TRY(choose_place(b, down));
    if (down == place || end <= down) return HAPAX_OK;
    begin = HPX_MAX(begin, down + 1);
    while (place < begin + (int32_t)HPX_W - 1 && hpx_utf8_is_continuation(b->text[place]))
        place++;
    return choose_place(b, place);
}

/* Learns how far the period at a demoted place goes. Runs overlap by less than T bytes, so this is
 * linear. */
static void learn_run(block *b, int32_t x) {
    if (x >= b->run_begin && x + (int32_t)T <= b->run_end) return;
    int32_t text_end = b->last_start + (int32_t)HPX_WINDOW, p = period_of(b->text + x), end = x + p;
    while (end < text_end && b->text[end] == b->text[end - p])
        end++;
    b->run_begin = x, b->run_end = end, b->run_period = p;
}

/* The windows that begin at begin to end, in ordinary text, have their smallest key at place x. */
static hapax_status choose_ordinary(block *b, int32_t x, int32_t begin, int32_t end) {
    while (begin <= end) {
        int32_t place = begin + (int32_t)((uint32_t)(x - begin) % HPX_W), stop = HPX_MIN(end, place);
        HPX_TRY(choose_character(b, place, begin, stop));
        begin = stop + 1;
    }
    return HAPAX_OK;
}

/* The windows that begin at begin to end have their smallest key at index i. */
static hapax_status choose_for(block *b, size_t i, int32_t begin, int32_t end) {
    int32_t x = b->places[i];
    end = HPX_MIN(end, b->last_start);
    if (HPX_UNLIKELY(b->keys[i] & DEMOTED)) {
        learn_run(b, x);
        /* Periodic throughout are the windows whose first period x is in, and that end in the run. */
        int32_t p = b->run_period, first = HPX_MAX(begin, x - p + 1),
                last = HPX_MIN(end, b->run_end - (int32_t)HPX_WINDOW);
        if (first <= last) {
            HPX_TRY(choose_ordinary(b, x, begin, first - 1));
            begin = last + 1;
        }
    }
    return choose_ordinary(b, x, begin, end);
}

/* The smallest key of those from begin to end - 1, when the one at begin - 1 has just left; in
 * periodic text the next equal one. */
static size_t find_next_smallest(const block *b, size_t begin, size_t end) {
    int32_t left = b->keys[begin - 1];
    for (size_t i = begin; i < HPX_MIN(begin + MAX_PERIOD, end); i++)
        if (b->keys[i] == left) return i;
    return find_smallest(b, begin, end);
}

/* All windows of one block, by what changes from one to the next: a key enters, or the smallest one
 * leaves. */
static hapax_status choose_block(block *b) {
    size_t entered = find_below(b, 0, INT32_MIN, (int32_t)D), smallest;
    if (entered == 0) return HAPAX_OK; /* no character starts: not text */
    do
        smallest = find_smallest(b, 0, entered);
    while (!check_key(b, smallest));
    int32_t begin = 0;
    for (;;) {
        int32_t x = b->places[smallest];
        size_t next = find_below(b, entered, b->keys[smallest], x + (int32_t)D);
        entered = next;
        if (next < b->count && b->places[next] <= x + (int32_t)D) {
            if (!check_key(b, next)) continue;
            int32_t enters = b->places[next] - (int32_t)D;
            HPX_TRY(choose_for(b, smallest, begin, enters - 1));
            begin = enters;
            smallest = next;
            entered = next + 1;
            continue;
        }
        HPX_TRY(choose_for(b, smallest, begin, x));
        begin = x + 1;
        if (begin > b->last_start) return HAPAX_OK;
        if (smallest + 1 == entered) { /* only in text that is not well-formed */
            if (entered == b->count) return HAPAX_OK;
            begin = HPX_MAX(begin, b->places[entered] - (int32_t)D);
            smallest = entered++;
            check_key(b, smallest);
            continue;
        }
        size_t after = smallest + 1;
        smallest = find_next_smallest(b, after, entered);
        while (!check_key(b, smallest))
            smallest = find_smallest(b, after, entered);
    }
}

hapax_status hpx_choose(hpx_chooser *chooser, hpx_slice skeleton, uint32_t base_off, hpx_chosen_list *list) {
    const size_t old_count = list->count;
    for (size_t at = 0; at + HPX_WINDOW <= skeleton.len; at += BLOCK) {
        size_t starts = HPX_MIN(skeleton.len - HPX_WINDOW - at + 1, (size_t)BLOCK);
        block b = {
            .text = skeleton.ptr + at,
            .last_start = (int32_t)starts - 1,
            .seed = chooser->seed,
            .off = base_off + (uint32_t)at,
            .first = old_count,
            .list = list,
        };
        make_keys(chooser, &b, b.last_start + (int32_t)D);
        hapax_status status = choose_block(&b);
        if (status != HAPAX_OK) return list->count = old_count, status;
    }
    return HAPAX_OK;
}
