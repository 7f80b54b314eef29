/* repeats: see repeats.h. Layer 5. */
#include "repeats.h"

#define MAX_CAP ((size_t)1 << 14)

void hpx_repeats_init(hpx_repeats *repeats, hpx_memory *memory) {
    *repeats = (hpx_repeats){.memory = memory, .placement = hpx_now_ns() | 1};
}

void hpx_repeats_release(hpx_repeats *repeats) {
    if (!repeats->memory) return;
    hpx_free(repeats->memory, repeats->entries, repeats->cap * sizeof *repeats->entries);
    *repeats = (hpx_repeats){0};
}

static hpx_repeat_entry *find(hpx_repeat_entry *entries, size_t cap, uint64_t hash, uint64_t placement) {
    uint64_t mixed = (hash ^ hash >> 32) * (placement * 0x9E3779B97F4A7C15u); /* golden ratio; the factor stays odd */
    size_t at = (mixed >> 32) & (cap - 1);
    while (entries[at].hash && entries[at].hash != hash) at = (at + 1) & (cap - 1);
    return &entries[at];
}

/* Moves entries with at least min_copies to a table of new_cap. */
static hapax_status rebuild(hpx_repeats *repeats, size_t new_cap, uint64_t min_copies) {
    hpx_repeat_entry *entries = hpx_alloc_zero(repeats->memory, new_cap * sizeof *entries);
    if (!entries) return HAPAX_E_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < repeats->cap; i++) {
        const hpx_repeat_entry *old = &repeats->entries[i];
        if (old->hash == 0 || old->copies < min_copies) continue;
        *find(entries, new_cap, old->hash, repeats->placement) = *old;
        count++;
    }
    hpx_free(repeats->memory, repeats->entries, repeats->cap * sizeof *repeats->entries);
    repeats->entries = entries;
    repeats->cap = new_cap;
    repeats->count = count;
    return HAPAX_OK;
}

static hapax_status make_room(hpx_repeats *repeats) {
    if (repeats->count * 4 < repeats->cap * 3) return HAPAX_OK;
    if (repeats->cap < MAX_CAP) return rebuild(repeats, repeats->cap ? repeats->cap * 2 : 64, 0);
    for (uint64_t min_copies = 2; repeats->count * 2 > repeats->cap; min_copies *= 2)
        HPX_TRY(rebuild(repeats, repeats->cap, min_copies));
    return HAPAX_OK;
}

hapax_status hpx_repeats_add(hpx_repeats *repeats, const hpx_repeat_entry *entry) {
    HPX_TRY(make_room(repeats));
    uint64_t hash = entry->hash ? entry->hash : 1;
    hpx_repeat_entry *slot = find(repeats->entries, repeats->cap, hash, repeats->placement);
    if (slot->hash == 0) {
        *slot = *entry;
        slot->hash = hash;
        slot->copies = 0;
        slot->order = ++repeats->orders;
        repeats->count++;
    }
    slot->copies++;
    return HAPAX_OK;
}

static bool comes_before(const hpx_repeat_entry *a, const hpx_repeat_entry *b) {
    return a->copies != b->copies ? a->copies > b->copies : a->order < b->order;
}

size_t hpx_repeats_most(const hpx_repeats *repeats, hpx_repeat_entry *entries, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < repeats->cap; i++) {
        const hpx_repeat_entry *entry = &repeats->entries[i];
        if (entry->hash == 0) continue;
        size_t at = count;
        while (at > 0 && comes_before(entry, &entries[at - 1])) at--;
        if (at >= n) continue;
        count = HPX_MIN(count + 1, n);
        memmove(entries + at + 1, entries + at, (count - at - 1) * sizeof *entries);
        entries[at] = *entry;
    }
    return count;
}
