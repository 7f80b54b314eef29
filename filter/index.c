/*
 * index: see index.h. Layer 4.
 *
 * Identity is 51 bits of the fingerprint. A secret permutation of it is its place: the top bits name the segment, the other 43
 * are kept in the entry and, scaled, name the group. So a segment of any size is in order of the places, and grows in order
 * without hashing anything again.
 *
 * A group of six entries is one cache line. An entry is a word (43 bits of place, the flag that says its position is a node's
 * number, the low 20 bits of the position) and 20 bits in the group's tail: 84 bits. What does not fit into its group
 * goes to the next one with room. So that a search that finds nothing need not follow, each group has a filter of 5 bits
 * of the entries that went past it. Nothing is ever taken out, so these bits stay true until the segment grows. Loads
 * near nine tenths are not worth it: an entry then goes past eight groups, and memory is slower than the bytes are dear.
 *
 * Segments grow by a quarter at 31 fortieths full. They would all do so at the same time, as the fingerprints are spread
 * evenly: so each was given a phase of its own, and bytes for each entry hardly vary. The table of a segment is an array of
 * chunks that come from slabs and go back to a list when it has grown: touching a new page costs more than the growth.
 */
#include "index.h"

#define XXH_INLINE_ALL
#include <sys/mman.h>
#include <xxhash.h>

#define SEGMENT_BITS    8u
#define SEGMENT_COUNT   (1u << SEGMENT_BITS)
#define GROUP_ENTRIES   6u
#define IDENTITY_BITS   51u
#define KEY_BITS        (IDENTITY_BITS - SEGMENT_BITS)
#define NODE_FLAG       ((uint64_t)1 << KEY_BITS)
#define LOW_SHIFT       (KEY_BITS + 1)
#define HIGH_BITS       20u /* of the position, in the tail */
#define HIGH_MASK       ((1u << HIGH_BITS) - 1)
#define META            15u /* byte of the tail: entries in the group, and above them the filter of what went past */
#define COUNT_BITS      3u
#define COUNT_MASK      ((1u << COUNT_BITS) - 1)

#define GROUPS_FIRST    2u
#define GROUPS_PHASE    64u /* the size past which a segment takes its phase */
#define LOAD_NUM        31u /* a segment grows when it is so full */
#define LOAD_DEN        40u

#define CHUNK_GROUPS    64u   /* 4 KiB */
#define CHUNKED_FROM    1024u /* groups: smaller tables are one allocation of their own size */
#define SLAB_NBYTES_MIN (64u << 10)
#define SLAB_NBYTES_MAX (8u << 20)
#define SLAB_SHARE      16u /* a slab is this part of what there is already */

/* Full: the budget less the reserve and these. An entry is counted as 18 bytes: 64 / 6 bytes at a load between 0.62
 * and 0.775 with even phases are 15.4; a slab is up to a 16th more, and a growing segment has both its tables. */
#define ENTRY_WEIGHT   18u
#define NODE_WEIGHT    33u
#define FIXED_NBYTES   (128u << 10)
#define RESERVE_SHARE  16u /* of the budget, for nodes after it is full */

#define NODES_IN_CHUNK 1024u
#define LARGE_NBYTES ((uintptr_t)2 << 20) /* a large page */
#define LINE_NBYTES    64u

typedef struct {
    uint64_t words[GROUP_ENTRIES];
    uint8_t tail[16]; /* 20 bits for each entry, then meta */
} group;

typedef struct {
    group **chunks; /* of a small table the groups follow in the same allocation */
    uint32_t group_count, entry_count;
} segment;

/* What chunks are cut from. */
typedef struct {
    uint8_t *ptr;
    size_t nbytes;
} slab;

/* A chunk that is not in use. */
typedef struct free_chunk {
    struct free_chunk *next;
} free_chunk;

typedef struct {
    uint8_t first[5];
    uint8_t latest[HPX_INDEX_LATEST][5];
    uint8_t newest, count; /* of the ring */
} node;

#define CHUNK_NBYTES (CHUNK_GROUPS * sizeof(group))

_Static_assert(sizeof(group) == LINE_NBYTES, "a group fills a cache line");
_Static_assert(sizeof(node) == 32, "a node is half a cache line");

struct hpx_index {
    segment segments[SEGMENT_COUNT];
    uint64_t secret_xor, secret_mul[2]; /* placement */
    uint64_t entries, nodes, groups_visited;
    uint64_t nbytes, budget_nbytes, full_nbytes;
    bool full;
    uint32_t expected_group_count; /* of a segment */
    node **node_chunks;
    size_t node_chunk_cap;
    uint8_t *reserved; /* addresses for all of the budget, of which the first arena_used from arena on are in use; or NULL */
    uint8_t *arena;
    size_t arena_used;
    slab *slabs;
    size_t slab_count, slab_cap;
    free_chunk *free_chunks;
    size_t free_count;
    hpx_memory *memory;
};

/* ---- placement ---- */

__extension__ typedef unsigned __int128 wide;

/* Each step can be undone, so two identities never have one place; the factors are secret, so which identities fall together
 * cannot be known from outside. */
static inline uint64_t place_of(const hpx_index *index, uint64_t fingerprint) {
    const uint64_t mask = ((uint64_t)1 << IDENTITY_BITS) - 1;
    uint64_t x = (fingerprint ^ index->secret_xor) & mask;
    x = x * index->secret_mul[0] & mask;
    x ^= x >> (IDENTITY_BITS / 2 + 1);
    x = x * index->secret_mul[1] & mask;
    return x ^ x >> (IDENTITY_BITS / 2);
}

static inline uint64_t key_of(uint64_t place_or_word) {
    return place_or_word & (((uint64_t)1 << KEY_BITS) - 1);
}

static inline uint32_t group_of(uint64_t key, uint32_t group_count) {
    return (uint32_t)((wide)(key << (64 - KEY_BITS)) * group_count >> 64);
}

/* By low bits of the key: its high ones name the group. */
static inline uint8_t passed_bit(uint64_t key) {
    return (uint8_t)(1u << (COUNT_BITS + (uint32_t)((key & 0xffff) * (8 - COUNT_BITS) >> 16)));
}

/* ---- making ---- */

static uintptr_t aligned_up(const void *ptr, uintptr_t to) {
    return ((uintptr_t)ptr + to - 1) & ~(to - 1);
}

/* Reserves addresses for the whole budget; memory comes as it is touched. So the tables lie in one piece that large pages can
 * hold: a visit misses the page table less, and with small ones that was the larger part of its time. Only an
 * attempt: where addresses are limited, slabs are allocated. The first LARGE_NBYTES stay in small pages, for short texts. */
static void reserve_arena(hpx_index *index) {
    size_t nbytes = (size_t)index->budget_nbytes + LARGE_NBYTES;
    void *ptr = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ptr == MAP_FAILED) return;
    index->reserved = ptr;
    index->arena = (uint8_t *)aligned_up(ptr, LARGE_NBYTES);
    if (index->budget_nbytes > LARGE_NBYTES)
        (void)madvise(index->arena + LARGE_NBYTES, (size_t)index->budget_nbytes - LARGE_NBYTES, MADV_HUGEPAGE);
}

hapax_status hpx_index_create(hpx_index **out, hpx_memory *memory, uint64_t budget_nbytes,
                              uint64_t placement_seed) {
    *out = NULL;
    if (budget_nbytes < HPX_INDEX_BUDGET_MIN) return HAPAX_E_OPTION;
    hpx_index *index = hpx_alloc_zero(memory, sizeof *index);
    if (!index) return HAPAX_E_MEMORY;
    index->memory = memory;
    index->nbytes = sizeof *index;
    index->budget_nbytes = budget_nbytes;
    reserve_arena(index);
    index->full_nbytes = budget_nbytes - budget_nbytes / RESERVE_SHARE;
    index->secret_xor = XXH3_64bits_withSeed("xor", 3, placement_seed);
    for (size_t i = 0; i < 2; i++)
        index->secret_mul[i] = XXH3_64bits_withSeed("times", 4 + i, placement_seed) | 1;
    *out = index;
    return HAPAX_OK;
}

static size_t chunk_count_of(uint32_t group_count) {
    return ((size_t)group_count + CHUNK_GROUPS - 1) / CHUNK_GROUPS;
}

/* Of the allocation that chunks points to. */
static size_t table_nbytes(uint32_t group_count) {
    size_t pointers = chunk_count_of(group_count) * sizeof(group *);
    return group_count < CHUNKED_FROM ? pointers + ((size_t)group_count + 1) * LINE_NBYTES
                                      : pointers; /* 1: to align */
}

void hpx_index_destroy(hpx_index *index) {
    if (!index) return;
    for (size_t i = 0; i < SEGMENT_COUNT; i++) {
        segment *s = &index->segments[i];
        if (s->chunks) hpx_free(index->memory, s->chunks, table_nbytes(s->group_count));
    }
    hpx_memory_count(index->memory, 0, index->arena_used);
    if (index->reserved) munmap(index->reserved, (size_t)index->budget_nbytes + LARGE_NBYTES);
    for (size_t i = 0; i < index->slab_count; i++)
        hpx_free(index->memory, index->slabs[i].ptr, index->slabs[i].nbytes);
    hpx_free(index->memory, index->slabs, index->slab_cap * sizeof *index->slabs);
    for (uint64_t n = 0; n < index->nodes; n += NODES_IN_CHUNK)
        hpx_free(index->memory, index->node_chunks[n / NODES_IN_CHUNK], NODES_IN_CHUNK * sizeof(node));
    hpx_free(index->memory, index->node_chunks, index->node_chunk_cap * sizeof *index->node_chunks);
    hpx_free(index->memory, index, sizeof *index);
}

void hpx_index_get_stats(const hpx_index *index, hpx_index_stats *stats) {
    *stats = (hpx_index_stats){.entries = index->entries,
                               .nodes = index->nodes,
                               .nbytes = index->nbytes,
                               .groups_visited = index->groups_visited,
                               .full = index->full};
}

/* ---- entries ---- */

/* The 20 bits of entry i begin at bit 20 i of the tail: three bytes hold them. */
static inline uint32_t load_high(const group *g, unsigned i) {
    const uint8_t *p = g->tail + 5 * i / 2;
    return (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) >> (i % 2 * 4) & HIGH_MASK;
}

static inline void store_high(group *g, unsigned i, uint32_t high) {
    uint8_t *p = g->tail + 5 * i / 2;
    uint32_t shift = i % 2 * 4, bytes = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    bytes = (bytes & ~(HIGH_MASK << shift)) | high << shift;
    for (unsigned k = 0; k < 3; k++)
        p[k] = (uint8_t)(bytes >> (8 * k));
}

/* A position, or a node's number. */
static inline uint64_t field_of(const group *g, unsigned i) {
    return g->words[i] >> LOW_SHIFT | (uint64_t)load_high(g, i) << (64 - LOW_SHIFT);
}

static inline void set_entry(group *g, unsigned i, uint64_t key_and_flag, uint64_t field) {
    g->words[i] = key_and_flag | field << LOW_SHIFT;
    store_high(g, i, (uint32_t)(field >> (64 - LOW_SHIFT)));
}

static inline unsigned count_of(const group *g) {
    return g->tail[META] & COUNT_MASK;
}

static inline group *group_at(const segment *s, uint32_t at) {
    return &s->chunks[at / CHUNK_GROUPS][at % CHUNK_GROUPS];
}

/* ---- tables ---- */

static bool within_budget(const hpx_index *index, size_t more_nbytes) {
    return index->nbytes + more_nbytes <= index->budget_nbytes;
}

static void give_chunk(hpx_index *index, void *chunk) {
    free_chunk *c = chunk;
    c->next = index->free_chunks;
    index->free_chunks = c;
    index->free_count++;
}

static bool take_from_arena(hpx_index *index, size_t nbytes) {
    if (!index->arena || index->arena_used + nbytes > index->budget_nbytes) return false;
    for (size_t at = 0; at + CHUNK_NBYTES <= nbytes; at += CHUNK_NBYTES)
        give_chunk(index, index->arena + index->arena_used + at);
    index->arena_used += nbytes;
    index->nbytes += nbytes;
    hpx_memory_count(index->memory, nbytes, 0);
    return true;
}

static hapax_status add_slab(hpx_index *index) {
    size_t old_cap = index->slab_cap;
    uint64_t share = HPX_MAX(index->nbytes / SLAB_SHARE, (uint64_t)SLAB_NBYTES_MIN);
    size_t nbytes = (size_t)HPX_MIN(share, (uint64_t)SLAB_NBYTES_MAX) / CHUNK_NBYTES * CHUNK_NBYTES;
    if (!within_budget(index, nbytes + LINE_NBYTES)) return HAPAX_E_MEMORY;
    if (take_from_arena(index, nbytes)) return HAPAX_OK;
    nbytes += LINE_NBYTES;
    HPX_TRY(hpx_grow(index->memory, &index->slabs, &index->slab_cap, index->slab_count + 1,
                     sizeof *index->slabs));
    index->nbytes += (index->slab_cap - old_cap) * sizeof *index->slabs;
    uint8_t *ptr = hpx_alloc(index->memory, nbytes);
    if (!ptr) return HAPAX_E_MEMORY;
    index->slabs[index->slab_count++] = (slab){ptr, nbytes};
    index->nbytes += nbytes;
    uint8_t *chunk = (uint8_t *)aligned_up(ptr, LINE_NBYTES);
    for (; (size_t)(ptr + nbytes - chunk) >= CHUNK_NBYTES; chunk += CHUNK_NBYTES)
        give_chunk(index, chunk);
    return HAPAX_OK;
}

/* There is one: make_table saw to it. */
static group *take_chunk(hpx_index *index) {
    group *chunk = (group *)index->free_chunks;
    index->free_chunks = index->free_chunks->next;
    index->free_count--;
    return memset(chunk, 0, CHUNK_NBYTES);
}

static void free_table(hpx_index *index, segment *s) {
    if (!s->chunks) return;
    index->nbytes -= table_nbytes(s->group_count);
    hpx_free(index->memory, s->chunks, table_nbytes(s->group_count));
    s->chunks = NULL;
}

/* Makes the table of s, which has group_count and nothing else. Of a large one only the pointers: that there are enough
 * chunks is made sure, but each is taken when the first entry comes, so that it may be one that was just read and given
 * back, which is still in the cache. */
static hapax_status make_table(hpx_index *index, segment *s) {
    size_t nbytes = table_nbytes(s->group_count), chunk_count = chunk_count_of(s->group_count);
    if (!within_budget(index, nbytes)) return HAPAX_E_MEMORY;
    s->chunks = hpx_alloc_zero(index->memory, nbytes);
    if (!s->chunks) return HAPAX_E_MEMORY;
    index->nbytes += nbytes;
    if (s->group_count < CHUNKED_FROM) {
        group *groups = (group *)aligned_up(s->chunks + chunk_count, LINE_NBYTES);
        for (size_t i = 0; i < chunk_count; i++)
            s->chunks[i] = groups + i * CHUNK_GROUPS;
        return HAPAX_OK;
    }
    hapax_status status = HAPAX_OK;
    while (index->free_count < chunk_count && status == HAPAX_OK)
        status = add_slab(index);
    if (status != HAPAX_OK) free_table(index, s);
    return status;
}

static inline group *group_or_new(hpx_index *index, const segment *s, uint32_t at) {
    group **chunk = &s->chunks[at / CHUNK_GROUPS];
    if (HPX_UNLIKELY(!*chunk)) *chunk = take_chunk(index);
    return *chunk + at % CHUNK_GROUPS;
}

/* The table is never full when this is called. */
static void insert(hpx_index *index, const segment *s, uint64_t word, uint32_t high) {
    uint64_t key = key_of(word);
    uint32_t at = group_of(key, s->group_count);
    group *g = group_or_new(index, s, at);
    while (count_of(g) == GROUP_ENTRIES) {
        g->tail[META] |= passed_bit(key);
        if (++at == s->group_count) at = 0;
        g = group_or_new(index, s, at);
    }
    unsigned i = count_of(g);
    g->words[i] = word;
    store_high(g, i, high);
    g->tail[META]++;
}

void hpx_index_expect(hpx_index *index, uint64_t entries) {
    uint64_t most = index->budget_nbytes / 2 / LINE_NBYTES, groups = HPX_MIN(entries / (GROUP_ENTRIES - 2), most);
    index->expected_group_count = (uint32_t)HPX_MIN(groups / SEGMENT_COUNT, (uint64_t)UINT32_MAX / 4);
}

/* Of the first table: what is expected, with the segment's phase; about 0.7 full when all has come. */
static uint32_t first_group_count(const hpx_index *index, size_t number) {
    uint64_t expected = index->expected_group_count;
    if (expected < CHUNKED_FROM) return GROUPS_FIRST; /* growing is cheap as long as all of it fits into the cache */
    uint64_t with_phase = expected * 7 / 8 + expected * number / (4 * SEGMENT_COUNT);
    return (uint32_t)(with_phase / CHUNK_GROUPS + 1) * CHUNK_GROUPS;
}

static uint32_t next_group_count(size_t number, uint32_t group_count) {
    uint32_t quarter = HPX_MAX(group_count / 4, 1u), next = group_count + quarter;
    if (group_count < GROUPS_PHASE && next >= GROUPS_PHASE)
        next += (uint32_t)((uint64_t)next * number / (4 * SEGMENT_COUNT));
    return next < CHUNKED_FROM ? next : (next + CHUNK_GROUPS / 2) / CHUNK_GROUPS * CHUNK_GROUPS;
}

static hapax_status grow(hpx_index *index, segment *s) {
    if (s->group_count > UINT32_MAX / 2) return HAPAX_E_MEMORY;
    size_t number = (size_t)(s - index->segments);
    segment grown = {.group_count = s->group_count ? next_group_count(number, s->group_count) : first_group_count(index, number),
                     .entry_count = s->entry_count};
    HPX_TRY(make_table(index, &grown));
    bool chunked = s->group_count >= CHUNKED_FROM;
    for (size_t c = 0; c < chunk_count_of(s->group_count); c++) {
        const group *chunk = s->chunks[c];
        size_t n = HPX_MIN((size_t)CHUNK_GROUPS, s->group_count - c * CHUNK_GROUPS);
        for (size_t k = 0; k < n; k++) {
            const group *g = &chunk[k];
            for (unsigned i = 0, count = count_of(g); i < count; i++)
                insert(index, &grown, g->words[i], load_high(g, i));
        }
        if (chunked) give_chunk(index, s->chunks[c]);
    }
    for (uint32_t at = 0; at < grown.group_count; at += CHUNK_GROUPS)
        group_or_new(index, &grown, at); /* the empty ones */
    free_table(index, s);
    *s = grown;
    return HAPAX_OK;
}

/* ---- nodes ---- */

static inline uint64_t load40(const uint8_t *p) {
    return hpx_load32(p) | (uint64_t)p[4] << 32;
}

static inline void store40(uint8_t *p, uint64_t value) {
    uint32_t low = (uint32_t)value;
    memcpy(p, &low, sizeof low);
    p[4] = (uint8_t)(value >> 32);
}

static inline node *node_at(const hpx_index *index, uint64_t number) {
    return &index->node_chunks[number / NODES_IN_CHUNK][number % NODES_IN_CHUNK];
}

static bool counted_full(const hpx_index *index, uint64_t limit_nbytes) {
    return index->entries * ENTRY_WEIGHT + index->nodes * NODE_WEIGHT + FIXED_NBYTES >= limit_nbytes;
}

static hapax_status add_chunk(hpx_index *index) {
    size_t old_cap = index->node_chunk_cap, want = (size_t)(index->nodes / NODES_IN_CHUNK) + 1;
    HPX_TRY(hpx_grow(index->memory, &index->node_chunks, &index->node_chunk_cap, want,
                     sizeof *index->node_chunks));
    index->nbytes += (index->node_chunk_cap - old_cap) * sizeof *index->node_chunks;
    if (!within_budget(index, NODES_IN_CHUNK * sizeof(node))) return HAPAX_E_MEMORY;
    node *chunk = hpx_alloc(index->memory, NODES_IN_CHUNK * sizeof *chunk);
    if (!chunk) return HAPAX_E_MEMORY;
    index->node_chunks[want - 1] = chunk;
    index->nbytes += NODES_IN_CHUNK * sizeof *chunk;
    return HAPAX_OK;
}

/* A fingerprint came back for the first time: its entry gets a node, while there is room for nodes. */
static hapax_status make_node(hpx_index *index, group *g, unsigned i, uint64_t first, uint64_t position) {
    if (counted_full(index, index->budget_nbytes)) return HAPAX_OK;
    if (index->nodes % NODES_IN_CHUNK == 0) HPX_TRY(add_chunk(index));
    node *n = node_at(index, index->nodes);
    *n = (node){.count = 1};
    store40(n->first, first);
    store40(n->latest[0], position);
    set_entry(g, i, key_of(g->words[i]) | NODE_FLAG, index->nodes++);
    return HAPAX_OK;
}

static void visit_node(node *n, uint64_t position, uint64_t *sources, size_t *count) {
    size_t found = 0;
    sources[found++] = load40(n->first);
    for (unsigned k = 0, at = n->newest; k < n->count; k++, at = at ? at - 1 : HPX_INDEX_LATEST - 1)
        sources[found++] = load40(n->latest[at]);
    *count = found;
    n->newest = (uint8_t)(n->newest + 1 == HPX_INDEX_LATEST ? 0 : n->newest + 1);
    if (n->count < HPX_INDEX_LATEST) n->count++;
    store40(n->latest[n->newest], position);
}

/* ---- visiting ---- */

void hpx_index_prefetch(const hpx_index *index, uint64_t fingerprint) {
    uint64_t place = place_of(index, fingerprint);
    const segment *s = &index->segments[place >> KEY_BITS];
    if (s->group_count == 0) return;
    const group *g = group_at(s, group_of(key_of(place), s->group_count));
    __builtin_prefetch(g, 1);
    __asm__ volatile(""
                     :
                     : "r"(g)); /* gcc takes a function that only prefetches for pure and drops its calls */
}

static hapax_status add_entry(hpx_index *index, segment *s, uint64_t key, uint64_t position) {
    if (counted_full(index, index->full_nbytes)) {
        index->full = true;
        return HAPAX_E_FULL;
    }
    uint64_t room = (uint64_t)s->group_count * GROUP_ENTRIES;
    if (((uint64_t)s->entry_count + 1) * LOAD_DEN > room * LOAD_NUM) {
        hapax_status status = grow(index, s);
        if (status != HAPAX_OK && s->entry_count + 1 >= room)
            return status; /* a place stays free: searches end there */
    }
    insert(index, s, key | position << LOW_SHIFT, (uint32_t)(position >> (64 - LOW_SHIFT)));
    s->entry_count++;
    index->entries++;
    return HAPAX_OK;
}

static hapax_status visit_entry(hpx_index *index, group *g, unsigned i, uint64_t position, uint64_t *sources,
                                size_t *count) {
    uint64_t field = field_of(g, i);
    if (g->words[i] & NODE_FLAG) {
        visit_node(node_at(index, field), position, sources, count);
        return HAPAX_OK;
    }
    sources[0] = field;
    *count = 1;
    return make_node(index, g, i, field, position);
}

hapax_status hpx_index_visit(hpx_index *index, uint64_t fingerprint, uint64_t position,
                             uint64_t sources[1 + HPX_INDEX_LATEST], size_t *count) {
    *count = 0;
    if (HPX_UNLIKELY(position >> HPX_POSITION_BITS)) return HAPAX_E_LIMIT;
    uint64_t place = place_of(index, fingerprint), key = key_of(place);
    segment *s = &index->segments[place >> KEY_BITS];
    if (s->group_count == 0) return add_entry(index, s, key, position);
    uint32_t at = group_of(key, s->group_count);
    uint8_t passed = passed_bit(key);
    for (uint32_t visited = 0; visited < s->group_count; visited++) {
        group *g = group_at(s, at);
        index->groups_visited++;
        for (unsigned i = 0, n = count_of(g); i < n; i++)
            if (key_of(g->words[i]) == key) return visit_entry(index, g, i, position, sources, count);
        if (!(g->tail[META] & passed)) break;
        if (++at == s->group_count) at = 0;
    }
    return add_entry(index, s, key, position);
}
