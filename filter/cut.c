/* cut: see cut.h. Layer 5. */
#include "cut.h"

#include "charclass.h"
#include "choose.h"
#include "segment.h"
#include "skeleton.h"
#include "utf8.h"

#include <stdlib.h>

void hpx_cuts_init(hpx_cuts *cuts, hpx_memory *memory) {
    *cuts = (hpx_cuts){.memory = memory};
}

void hpx_cuts_release(hpx_cuts *cuts) {
    if (!cuts->memory) return;
    hpx_free(cuts->memory, cuts->items, cuts->cap * sizeof *cuts->items);
    hpx_free(cuts->memory, cuts->active, cuts->active_cap * sizeof *cuts->active);
    hpx_free(cuts->memory, cuts->sorted, cuts->sorted_cap * sizeof *cuts->sorted);
    *cuts = (hpx_cuts){0};
}

static int by_begin(const void *a, const void *b) {
    const hpx_passage *p = a, *q = b;
    if (p->begin != q->begin) return p->begin < q->begin ? -1 : 1;
    return p->order < q->order ? -1 : p->order > q->order;
}

/* Copies the passages that touch the paragraph to cuts->sorted, by their begin. */
static hapax_status collect(hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *p) {
    uint64_t end = p->begin + p->skeleton.len;
    for (size_t i = passages->found_begin; i < passages->found_count; i++) {
        hpx_passage passage = passages->found[i];
        if (passage.found_at > end + passages->options.reach) break; /* sorted: none of these can begin here */
        bool touches = passage.end >= p->begin && passage.begin <= end;
        if (!touches || passage.found_at + HPX_WINDOW > p->visible_end) continue;
        passage.end = HPX_MIN(passage.end, p->visible_end);
        if (passage.end - passage.begin < passages->options.min_length) continue;
        HPX_TRY(hpx_grow(cuts->memory, &cuts->sorted, &cuts->sorted_cap, cuts->sorted_count + 1, sizeof passage));
        cuts->sorted[cuts->sorted_count++] = passage;
    }
    if (cuts->sorted_count) qsort(cuts->sorted, cuts->sorted_count, sizeof *cuts->sorted, by_begin);
    return HAPAX_OK;
}

/* A paragraph shorter than the smallest passage needs letters on both sides, or the document's edge there. */
static bool has_sides(const hpx_cut_paragraph *p, const hpx_passage *passage, uint64_t min_length) {
    uint64_t end = p->begin + p->skeleton.len;
    if (p->skeleton.len >= min_length) return true;
    bool left = passage->begin == p->document_begin ||
                (passage->begin <= p->begin && p->begin - passage->begin >= HPX_CUT_SIDE_NBYTES);
    bool right = passage->end == p->document_end || (passage->end >= end && passage->end - end >= HPX_CUT_SIDE_NBYTES);
    return left && right;
}

typedef enum { KIND_OTHER, KIND_DIGIT, KIND_NUMBER_MARK } byte_kind;

/* What the skeleton character that holds (or begins at) this position is, as far as numbers are concerned. */
static hapax_status kind_at(const hpx_passages *passages, uint64_t position, byte_kind *kind) {
    uint8_t bytes[4];
    size_t length;
    while (position > 0) {
        HPX_TRY(hpx_log_read(passages->letters, position, bytes, 1));
        if (!hpx_utf8_is_continuation(bytes[0])) break;
        position--;
    }
    HPX_TRY(hpx_log_read(passages->letters, position, bytes, 1));
    *kind = KIND_OTHER;
    if (bytes[0] == 0xFF) return HAPAX_OK;
    length = hpx_utf8_length(bytes[0]);
    if (position + length > hpx_log_size(passages->letters)) return HAPAX_OK;
    HPX_TRY(hpx_log_read(passages->letters, position, bytes, length));
    unsigned class = hpx_charclass(hpx_utf8_decode(bytes, &length));
    *kind = class & HPX_DIGIT ? KIND_DIGIT : class & HPX_WORD ? KIND_OTHER : KIND_NUMBER_MARK;
    return HAPAX_OK;
}

/* A number at the edge of a unit must end at the source where it ends here: `3.5` is no copy of the `3.5` in `3.57`. Inside the passage
 * the letters on both sides are equal, so only edges of the passage are looked at. */
static hapax_status cuts_number(const hpx_passages *passages, const hpx_passage *passage, uint64_t begin, uint64_t end, bool *cut) {
    byte_kind here, beyond;
    *cut = false;
    if (begin == passage->begin && begin > passage->distance) {
        HPX_TRY(kind_at(passages, begin, &here));
        HPX_TRY(kind_at(passages, begin - passage->distance - 1, &beyond));
        *cut = (here == KIND_DIGIT && beyond != KIND_OTHER) || (here == KIND_NUMBER_MARK && beyond == KIND_DIGIT);
    }
    if (!*cut && end == passage->end) {
        HPX_TRY(kind_at(passages, end - 1, &here));
        HPX_TRY(kind_at(passages, end - passage->distance, &beyond));
        *cut = here == KIND_DIGIT && beyond == KIND_NUMBER_MARK;
        *cut |= here != KIND_OTHER && beyond == KIND_DIGIT;
    }
    return HAPAX_OK;
}

/* The first found of the active passages that allow the unit [begin, end) to go; NULL: none. */
static hapax_status choose_passage(const hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *p, size_t active_count,
                                   uint64_t begin, uint64_t end, const hpx_passage **chosen) {
    *chosen = NULL;
    for (size_t i = 0; i < active_count; i++) {
        const hpx_passage *passage = &cuts->sorted[cuts->active[i]];
        if (*chosen && passage->order > (*chosen)->order) continue;
        if (passage->begin > begin || passage->end < end || passage->distance < end - begin) continue;
        if (!has_sides(p, passage, passages->options.min_length)) continue;
        bool cut;
        HPX_TRY(cuts_number(passages, passage, begin, end, &cut));
        if (!cut) *chosen = passage;
    }
    return HAPAX_OK;
}

/* The cut grows by the unit, or a new one begins with it. */
static hapax_status add_unit(hpx_cuts *cuts, const hpx_cut *unit, bool joins_last) {
    if (joins_last) {
        hpx_cut *last = &cuts->items[cuts->count - 1];
        last->text_end = unit->text_end;
        last->units_end = unit->units_end;
        last->end = HPX_MAX(last->end, unit->end);
        return HAPAX_OK;
    }
    HPX_TRY(hpx_grow(cuts->memory, &cuts->items, &cuts->cap, cuts->count + 1, sizeof *unit));
    cuts->items[cuts->count++] = *unit;
    return HAPAX_OK;
}

static size_t without_spaces(hpx_slice text, size_t begin, size_t end) {
    while (end > begin && (text.ptr[end - 1] == ' ' || text.ptr[end - 1] == '\t')) end--;
    return end;
}

/* Brings the active passages up to the unit [begin, end): in come those that begin by then, out go those that end before. Ends ascend, so
 * what goes out is needed no more. */
static hapax_status update_active(hpx_cuts *cuts, size_t *next, size_t *active_count, uint64_t begin, uint64_t end) {
    for (; *next < cuts->sorted_count && cuts->sorted[*next].begin <= begin; ++*next) {
        HPX_TRY(hpx_grow(cuts->memory, &cuts->active, &cuts->active_cap, *active_count + 1, sizeof *cuts->active));
        cuts->active[(*active_count)++] = *next;
    }
    size_t kept = 0;
    for (size_t i = 0; i < *active_count; i++)
        if (cuts->sorted[cuts->active[i]].end >= end) cuts->active[kept++] = cuts->active[i];
    *active_count = kept;
    return HAPAX_OK;
}

static hapax_status find_units(hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *p,
                               size_t *kept_count) {
    hpx_skeleton_walk walk;
    hpx_skeleton_char c;
    size_t next = 0, active_count = 0;
    uint64_t position = p->begin, last_end = 0;
    bool went = false;
    for (size_t i = 0; i < cuts->sorted_count; i++) last_end = HPX_MAX(last_end, cuts->sorted[i].end);
    hpx_skeleton_walk_init(&walk, p->text);
    bool more = hpx_skeleton_walk_next(&walk, &c);
    for (size_t at = 0; at < p->text.len;) {
        size_t stop = hpx_segment_next(p->text, at);
        uint64_t begin = position;
        for (; more && c.text_off < stop; more = hpx_skeleton_walk_next(&walk, &c)) position += c.nbytes;
        hpx_cut unit = {.text_begin = at, .text_end = stop, .units_begin = at, .units_end = without_spaces(p->text, at, stop),
                        .begin = begin, .end = position};
        const hpx_passage *chosen = NULL;
        if (position > begin && stop - at <= HPX_CUT_UNIT_MAX_NBYTES) {
            HPX_TRY(update_active(cuts, &next, &active_count, begin, position));
            HPX_TRY(choose_passage(cuts, passages, p, active_count, begin, position, &chosen));
        }
        bool rides = position == begin && went; /* no letters: it goes with the unit before it */
        if (chosen) unit.distance = chosen->distance, unit.order = chosen->order;
        if (chosen || rides)
            HPX_TRY(add_unit(cuts, &unit, went && (rides || cuts->items[cuts->count - 1].order == unit.order)));
        went = chosen || rides;
        *kept_count += !went;
        if (position > last_end && stop < p->text.len) { /* no passage reaches what is left */
            ++*kept_count;
            break;
        }
        at = stop;
    }
    return HAPAX_OK;
}

/* At the end of a paragraph the space before the cut goes too. */
static void take_space_before_end(hpx_cuts *cuts, hpx_slice text) {
    if (cuts->count == 0 || cuts->whole) return;
    size_t last = cuts->count - 1;
    if (cuts->items[last].text_end != text.len) return;
    while (last > 0 && cuts->items[last - 1].text_end == cuts->items[last].text_begin) last--;
    cuts->items[last].text_begin = without_spaces(text, 0, cuts->items[last].text_begin);
}

/* A paragraph without letters goes when it stands inside a passage, behind a unit that went. */
static hapax_status ride_whole(hpx_cuts *cuts, const hpx_cut_paragraph *p) {
    if (!p->previous_went || p->text.len == 0 || p->text.len > HPX_CUT_UNIT_MAX_NBYTES) return HAPAX_OK;
    for (size_t i = 0; i < cuts->sorted_count; i++) {
        const hpx_passage *passage = &cuts->sorted[i];
        bool inside = passage->begin < p->begin && (passage->end > p->begin || passage->end == p->document_end);
        if (!inside) continue;
        hpx_cut unit = {.text_end = p->text.len, .units_end = p->text.len, .begin = p->begin, .end = p->begin,
                        .distance = passage->distance, .order = passage->order};
        cuts->whole = true;
        return add_unit(cuts, &unit, false);
    }
    return HAPAX_OK;
}

/* The usual copy: one passage covers the whole paragraph, and no other was found before it. All units go, and where they end need not be
 * known. Says *found false when it is not so simple. */
static hapax_status find_covered(hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *p, bool *found) {
    uint64_t end = p->begin + p->skeleton.len;
    const hpx_passage *covering = &cuts->sorted[0];
    *found = false;
    for (size_t i = 1; i < cuts->sorted_count; i++)
        if (cuts->sorted[i].order < covering->order) covering = &cuts->sorted[i];
    if (covering->begin > p->begin || covering->end < end || covering->distance < p->skeleton.len) return HAPAX_OK;
    if (p->text.len > HPX_CUT_UNIT_MAX_NBYTES || !has_sides(p, covering, passages->options.min_length)) return HAPAX_OK;
    bool cut;
    HPX_TRY(cuts_number(passages, covering, p->begin, end, &cut));
    hpx_skeleton_walk walk;
    hpx_skeleton_char first;
    hpx_skeleton_walk_init(&walk, p->text);
    bool begins = hpx_skeleton_walk_next(&walk, &first) && first.text_off < hpx_segment_next(p->text, 0);
    if (cut || !begins) return HAPAX_OK; /* a first unit without letters stays */
    hpx_cut whole = {.text_end = p->text.len, .units_end = without_spaces(p->text, 0, p->text.len), .begin = p->begin, .end = end,
                     .distance = covering->distance, .order = covering->order};
    *found = cuts->whole = true;
    return add_unit(cuts, &whole, false);
}

hapax_status hpx_cuts_find(hpx_cuts *cuts, const hpx_passages *passages, const hpx_cut_paragraph *p) {
    size_t kept_count = 0;
    cuts->count = cuts->sorted_count = 0;
    cuts->whole = false;
    HPX_TRY(collect(cuts, passages, p));
    if (cuts->sorted_count == 0) return HAPAX_OK;
    if (p->skeleton.len == 0) return ride_whole(cuts, p);
    bool covered;
    HPX_TRY(find_covered(cuts, passages, p, &covered));
    if (covered) return HAPAX_OK;
    HPX_TRY(find_units(cuts, passages, p, &kept_count));
    cuts->whole = cuts->count > 0 && kept_count == 0;
    take_space_before_end(cuts, p->text);
    return HAPAX_OK;
}

uint64_t hpx_cuts_letters_found(const hpx_cuts *cuts, const hpx_cut_paragraph *p) {
    uint64_t letters = 0, counted_to = p->begin, end = p->begin + p->skeleton.len;
    for (size_t i = 0; i < cuts->sorted_count; i++) {
        uint64_t from = HPX_MAX(cuts->sorted[i].begin, counted_to), to = HPX_MIN(cuts->sorted[i].end, end);
        if (from >= to) continue;
        letters += hpx_utf8_count(hpx_slice_of(p->skeleton.ptr + (from - p->begin), to - from));
        counted_to = to;
    }
    return letters;
}
