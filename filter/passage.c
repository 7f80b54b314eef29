/* passage: see passage.h. Layer 5. */
#include "passage.h"

#include "choose.h"
#include "utf8.h"

void hpx_passages_init(hpx_passages *passages, hpx_index *index, hpx_log *letters, hpx_passage_options options, hpx_memory *memory) {
    *passages = (hpx_passages){.memory = memory, .index = index, .letters = letters, .options = options};
}

void hpx_passages_release(hpx_passages *passages) {
    if (passages->memory) hpx_free(passages->memory, passages->found, passages->found_cap * sizeof *passages->found);
    *passages = (hpx_passages){0};
}

void hpx_passages_begin(hpx_passages *passages, uint64_t position, uint64_t document_number) {
    passages->document_begin = position;
    passages->document_number = document_number;
    passages->live_count = 0;
}

uint64_t hpx_passages_key(const hpx_passages *passages, uint64_t fingerprint) {
    if (passages->options.scope != HAPAX_SCOPE_WITHIN) return fingerprint;
    return fingerprint ^ (passages->document_number + 1) * 0x9E3779B97F4A7C15u; /* golden ratio: spreads small numbers */
}

/* Whether the byte at position continues a character. */
static hapax_status is_inside_character(hpx_passages *passages, uint64_t position, bool *inside) {
    uint8_t byte;
    HPX_TRY(hpx_log_read(passages->letters, position, &byte, 1));
    *inside = hpx_utf8_is_continuation(byte);
    return HAPAX_OK;
}

/* Follows the passage to the right as far as letters have arrived. */
static hapax_status grow_right(hpx_passages *passages, hpx_passage *p, uint64_t available) {
    uint64_t common = 0;
    HPX_TRY(hpx_log_common_forward(passages->letters, p->end - p->distance, p->end, available - p->end, &common,
                                   &passages->letters_compared));
    p->end += common;
    p->open = p->end == available;
    while (!p->open && p->end > p->begin) { /* a character may differ in its last byte only */
        bool inside;
        HPX_TRY(is_inside_character(passages, p->end, &inside));
        if (!inside) break;
        p->end--;
    }
    return HAPAX_OK;
}

static hapax_status grow_left(hpx_passages *passages, hpx_passage *p, uint64_t left_limit) {
    uint64_t common = 0;
    uint64_t limit = HPX_MIN(p->begin - left_limit, p->begin - p->distance);
    HPX_TRY(hpx_log_common_backward(passages->letters, p->begin - p->distance, p->begin, limit, &common,
                                    &passages->letters_compared));
    p->begin -= common;
    for (;;) {
        bool inside;
        HPX_TRY(is_inside_character(passages, p->begin, &inside));
        if (!inside) return HAPAX_OK;
        p->begin++;
    }
}

/* Puts the passage among the found ones once it is long enough, or brings its entry there up to date. */
static hapax_status note(hpx_passages *passages, hpx_passage *p) {
    if (p->end - p->begin < passages->options.min_length) return HAPAX_OK;
    size_t i = passages->found_count;
    while (i > passages->found_begin && passages->found[i - 1].order > p->order) i--;
    if (p->noted) {
        if (i > passages->found_begin && passages->found[i - 1].order == p->order) passages->found[i - 1] = *p;
        return HAPAX_OK;
    }
    p->noted = true;
    HPX_TRY(hpx_grow(passages->memory, &passages->found, &passages->found_cap, passages->found_count + 1, sizeof *p));
    memmove(passages->found + i + 1, passages->found + i, (passages->found_count - i) * sizeof *p);
    passages->found[i] = *p;
    passages->found_count++;
    return HAPAX_OK;
}

hapax_status hpx_passages_extend(hpx_passages *passages, uint64_t available) {
    for (size_t i = 0; i < passages->live_count; i++) {
        hpx_passage *p = &passages->live[i];
        if (!p->open) continue;
        HPX_TRY(grow_right(passages, p, available));
        HPX_TRY(note(passages, p));
    }
    return HAPAX_OK;
}

static bool is_followed(const hpx_passages *passages, uint64_t position, uint64_t distance) {
    for (size_t i = 0; i < passages->live_count; i++)
        if (passages->live[i].distance == distance && passages->live[i].end > position) return true;
    return false;
}

static void drop_ended(hpx_passages *passages, uint64_t position) {
    size_t kept = 0;
    for (size_t i = 0; i < passages->live_count; i++)
        if (passages->live[i].end > position) passages->live[kept++] = passages->live[i];
    passages->live_count = kept;
}

static hapax_status follow(hpx_passages *passages, uint64_t position, uint64_t source, uint64_t left_limit, uint64_t available) {
    hpx_passage p = {.begin = position, .end = position, .distance = position - source, .found_at = position};
    HPX_TRY(grow_right(passages, &p, available));
    if (p.end - position < HPX_K) return HAPAX_OK; /* another shingle of the same fingerprint */
    HPX_TRY(grow_left(passages, &p, left_limit));
    p.order = passages->next_order++;
    hpx_passage *live = &passages->live[passages->live_count++];
    *live = p;
    return note(passages, live);
}

hapax_status hpx_passages_visit(hpx_passages *passages, uint64_t key, uint64_t position, uint64_t left_limit, uint64_t available) {
    uint64_t sources[1 + HPX_INDEX_LATEST];
    size_t count = 0;
    hapax_status status = hpx_index_visit(passages->index, key, position, sources, &count);
    if (status == HAPAX_E_FULL) {
        if (!passages->index_full) passages->full_at = position;
        passages->index_full = true;
    } else if (status) return status;
    if (HPX_LIKELY(count == 0)) return HAPAX_OK;
    drop_ended(passages, position);
    for (size_t i = 0; i < count && passages->live_count < HPX_PASSAGE_LIVE; i++) {
        if (passages->options.scope == HAPAX_SCOPE_ACROSS && sources[i] >= passages->document_begin) continue;
        if (is_followed(passages, position, position - sources[i])) continue;
        HPX_TRY(follow(passages, position, sources[i], left_limit, available));
    }
    return HAPAX_OK;
}

void hpx_passages_end(hpx_passages *passages) {
    for (size_t i = passages->found_begin; i < passages->found_count; i++) passages->found[i].open = false;
    passages->live_count = 0;
}

void hpx_passages_forget(hpx_passages *passages, uint64_t position) {
    size_t stop = passages->found_begin; /* those from here on begin later, so they do not end yet */
    while (stop < passages->found_count && passages->found[stop].found_at <= position + passages->options.reach) stop++;
    size_t kept = stop;
    for (size_t i = stop; i-- > passages->found_begin;)
        if (passages->found[i].end >= position) passages->found[--kept] = passages->found[i];
    passages->found_begin = kept;
    if (kept < 64 || kept * 2 < passages->found_count) return;
    passages->found_count -= kept;
    memmove(passages->found, passages->found + kept, passages->found_count * sizeof *passages->found);
    passages->found_begin = 0;
}
