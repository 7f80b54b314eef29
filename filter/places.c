/* places: see places.h. Layer 4. */
#include "places.h"

#include "skeleton.h"
#include "utf8.h"

typedef struct {
    uint64_t position;          /* of the group's first skeleton byte */
    uint64_t text_off;          /* in the log of texts */
    uint64_t byte_off, chars, lines, column; /* of its first byte in the document */
    const hpx_document *document;
    uint32_t raw_len;
    hpx_mend_state mend;
} landmark;

/* What was counted up to a byte of the group; one is kept for about every STEP_NBYTES, so that many places in one long paragraph do not
 * mean reading it many times. */
typedef struct {
    size_t raw_off;
    uint64_t lines, chars, line_chars; /* line_chars: chars up to the line's begin */
} counted;

/* The same for the letters of one paragraph. */
typedef struct {
    hpx_skeleton_walk walk;
    uint64_t skeleton_off;      /* of the character that the walk gives next */
} walked;

#define STEP_NBYTES 256u

/* A group prepared again. */
typedef struct {
    landmark mark;
    hpx_batch *batch;
    hpx_edits edits;
    uint64_t used;              /* when last; 0: never */
    uint64_t number;            /* which landmark */
    counted *counts;
    size_t count_count, count_cap;
    const hpx_paragraph *walked_paragraph;
    walked *walks;
    size_t walk_count, walk_cap;
} group_view;

struct hpx_places {
    hpx_memory *memory;
    hpx_log *texts, *landmarks;
    hpx_workbench bench;
    group_view views[HPX_PLACES_VIEWS];
    uint64_t clock;
    bool no_clean;
};

hapax_status hpx_places_create(hpx_places **out, const hpx_places_options *options, hpx_memory *memory) {
    hpx_places *places = hpx_alloc_zero(memory, sizeof *places);
    if (!places) return HAPAX_E_MEMORY;
    places->memory = memory;
    places->no_clean = options->no_clean;
    hpx_log_mode mode = options->keep_all ? HPX_LOG_SPILL : HPX_LOG_DROP;
    hapax_status status = hpx_workbench_init(&places->bench, options->seed, memory);
    for (size_t i = 0; i < HPX_PLACES_VIEWS; i++) hpx_edits_init(&places->views[i].edits, memory);
    for (size_t i = 0; i < HPX_PLACES_VIEWS && !status; i++) status = hpx_batch_create(&places->views[i].batch, memory);
    if (!status)
        status = hpx_log_create_sized(&places->texts, memory, options->text_budget_nbytes, options->segment_nbytes, options->tmpdir,
                                      mode, options->error);
    if (!status)
        status = hpx_log_create_sized(&places->landmarks, memory, options->landmark_budget_nbytes, options->segment_nbytes,
                                      options->tmpdir, HPX_LOG_SPILL, options->error);
    if (status) {
        hpx_places_destroy(places);
        return status;
    }
    *out = places;
    return HAPAX_OK;
}

void hpx_places_destroy(hpx_places *places) {
    if (!places) return;
    for (size_t i = 0; i < HPX_PLACES_VIEWS; i++) {
        hpx_batch_destroy(places->views[i].batch);
        hpx_edits_release(&places->views[i].edits);
        hpx_free(places->memory, places->views[i].counts, places->views[i].count_cap * sizeof(counted));
        hpx_free(places->memory, places->views[i].walks, places->views[i].walk_cap * sizeof(walked));
    }
    hpx_log_destroy(places->texts);
    hpx_log_destroy(places->landmarks);
    hpx_workbench_release(&places->bench);
    hpx_free(places->memory, places, sizeof *places);
}

uint64_t hpx_places_size(const hpx_places *places) {
    return hpx_log_size(places->texts);
}

uint64_t hpx_places_spilled(const hpx_places *places) {
    return hpx_log_spilled(places->texts) + hpx_log_spilled(places->landmarks);
}

hapax_status hpx_places_add(hpx_places *places, const hpx_batch *batch, const hpx_stretch *stretch, hpx_stretch_place at) {
    uint64_t text_base = hpx_log_size(places->texts);
    for (uint32_t i = 0; i < stretch->group_count; i++) {
        const hpx_group *group = &batch->groups[stretch->first_group + i];
        uint32_t end = i + 1 < stretch->group_count ? group[1].raw_off : stretch->raw_off + stretch->raw_len;
        landmark mark = {
            .position = batch->skeleton_base + group->skeleton_off,
            .text_off = text_base + (group->raw_off - stretch->raw_off),
            .byte_off = stretch->byte_off + (group->raw_off - stretch->raw_off),
            .chars = at.chars + group->chars,
            .lines = at.lines + group->line,
            .column = group->column + (group->line_begun_before ? at.column : 0),
            .document = stretch->document,
            .raw_len = end - group->raw_off,
            .mend = group->mend,
        };
        HPX_TRY(hpx_log_append(places->landmarks, &mark, sizeof mark));
    }
    return hpx_log_append(places->texts, batch->raw.ptr + stretch->raw_off, stretch->raw_len);
}

/* The last landmark at or before position. */
static hapax_status find_landmark(hpx_places *places, uint64_t position, uint64_t *number, landmark *mark) {
    uint64_t low = 0, high = hpx_log_size(places->landmarks) / sizeof *mark;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        HPX_TRY(hpx_log_read(places->landmarks, middle * sizeof *mark, mark, sizeof *mark));
        if (mark->position <= position) low = middle;
        else high = middle;
    }
    *number = low;
    return hpx_log_read(places->landmarks, low * sizeof *mark, mark, sizeof *mark);
}

static hapax_status prepare_view(hpx_places *places, group_view *view) {
    const landmark *mark = &view->mark;
    hpx_batch *batch = view->batch;
    hpx_batch_clear(batch);
    hpx_edits_clear(&view->edits);
    view->count_count = view->walk_count = 0;
    view->walked_paragraph = NULL;
    HPX_TRY(hpx_buffer_reserve(&batch->raw, mark->raw_len));
    HPX_TRY(hpx_log_read(places->texts, mark->text_off, batch->raw.ptr, mark->raw_len));
    batch->raw.len = mark->raw_len;
    hpx_stretch stretch = {
        .document = mark->document, .raw_len = mark->raw_len, .byte_off = mark->byte_off, .mend = mark->mend};
    HPX_TRY(hpx_batch_add_stretch(batch, &stretch));
    batch->skeleton_base = mark->position;
    hpx_prepare_options options = {.no_clean = places->no_clean, .keep_edits = &view->edits};
    return hpx_batch_prepare(batch, &places->bench, options);
}

static hapax_status open_view(hpx_places *places, uint64_t position, group_view **out) {
    group_view *oldest = &places->views[0];
    for (size_t i = 0; i < HPX_PLACES_VIEWS; i++) {
        group_view *view = &places->views[i];
        const hpx_batch *batch = view->batch;
        if (view->used && position >= batch->skeleton_base && position < batch->skeleton_base + batch->skeleton.len) {
            view->used = ++places->clock;
            return *out = view, HAPAX_OK;
        }
        if (view->used < oldest->used) oldest = view;
    }
    *out = NULL;
    if (hpx_log_size(places->landmarks) == 0) return HAPAX_OK;
    oldest->used = 0;
    HPX_TRY(find_landmark(places, position, &oldest->number, &oldest->mark));
    if (oldest->mark.text_off < hpx_log_begin(places->texts)) return HAPAX_OK;
    HPX_TRY(prepare_view(places, oldest));
    oldest->used = ++places->clock;
    *out = oldest;
    return HAPAX_OK;
}

hapax_status hpx_places_find(hpx_places *places, uint64_t position, hpx_place_view *view, bool *found) {
    group_view *group;
    *found = false;
    HPX_TRY(open_view(places, position, &group));
    if (!group) return HAPAX_OK;
    const hpx_batch *batch = group->batch;
    size_t low = 0, high = batch->paragraph_count;
    while (high - low > 1) { /* the last paragraph that begins at or before position */
        size_t middle = low + (high - low) / 2;
        if (batch->skeleton_base + batch->paragraphs[middle].skeleton_off <= position) low = middle;
        else high = middle;
    }
    if (high == 0) return HAPAX_OK;
    const hpx_paragraph *p = &batch->paragraphs[low];
    *view = (hpx_place_view){
        .document = group->mark.document, .paragraph = p, .text = hpx_batch_text(batch, p),
        .raw = hpx_slice_of(batch->raw.ptr + p->raw_off, p->raw_len), .begin = batch->skeleton_base + p->skeleton_off,
        .group = group,
    };
    *found = position < view->begin + p->skeleton_len;
    return HAPAX_OK;
}

/* Keeps a state of counting or walking if there is memory for it; without, it is only slower. */
static bool make_room(const group_view *view, void *array_ptr, size_t *cap, size_t count, size_t element_nbytes) {
    return hpx_grow(view->batch->memory, array_ptr, cap, count + 1, element_nbytes) == HAPAX_OK;
}

void hpx_place_letter(const hpx_place_view *place, uint64_t position, size_t *begin, size_t *end) {
    group_view *view = place->group;
    if (view->walked_paragraph != place->paragraph) view->walk_count = 0;
    view->walked_paragraph = place->paragraph;
    uint64_t wanted = position - place->begin;
    size_t low = 0, high = view->walk_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (view->walks[middle].skeleton_off <= wanted) low = middle;
        else high = middle;
    }
    walked state = {.skeleton_off = 0};
    if (view->walk_count) state = view->walks[low];
    else hpx_skeleton_walk_init(&state.walk, place->text);
    uint64_t known = view->walk_count ? view->walks[view->walk_count - 1].skeleton_off : 0;
    hpx_skeleton_char c = {0};
    for (;;) {
        bool due = view->walk_count == 0 || state.skeleton_off >= known + STEP_NBYTES;
        if (due && make_room(view, &view->walks, &view->walk_cap, view->walk_count, sizeof state)) {
            view->walks[view->walk_count++] = state;
            known = state.skeleton_off;
        }
        if (!hpx_skeleton_walk_next(&state.walk, &c) || wanted < state.skeleton_off + c.nbytes) break;
        state.skeleton_off += c.nbytes;
    }
    *begin = c.text_off;
    *end = c.text_off + c.text_len;
}

static void count_to(counted *c, const uint8_t *bytes, size_t raw_off) {
    while (c->raw_off < raw_off) {
        const uint8_t *lf = memchr(bytes + c->raw_off, '\n', raw_off - c->raw_off);
        size_t stop = lf ? (size_t)(lf - bytes) + 1 : raw_off;
        c->chars += hpx_chars_as_read(hpx_slice_of(bytes + c->raw_off, stop - c->raw_off));
        c->raw_off = stop;
        if (!lf) continue;
        c->lines++;
        c->line_chars = c->chars;
    }
}

/* The first byte at or behind from that begins a character whatever stands before it; limit if there is none. */
static size_t next_character(const uint8_t *bytes, size_t from, size_t limit) {
    while (from < limit && hpx_utf8_is_continuation(bytes[from])) from++;
    return from;
}

static hpx_place place_of(const counted *c, const uint8_t *bytes, hpx_stretch_place at, uint64_t byte_off) {
    /* a byte order mark is read, but has no column */
    bool bom = byte_off == 0 && c->lines == 0 && c->raw_off >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    return (hpx_place){
        .line = at.lines + c->lines + 1,
        .column = (c->lines ? 0 : at.column) + (c->chars - c->line_chars) + 1 - bom,
        .chars = at.chars + c->chars,
        .byte = byte_off + c->raw_off,
    };
}

hpx_place hpx_place_at(const hpx_place_view *place, size_t text_off, bool at_end) {
    group_view *view = place->group;
    const hpx_paragraph *p = place->paragraph;
    const uint8_t *bytes = view->batch->raw.ptr;
    size_t raw_off = p->raw_off + hpx_edits_raw_offset(&view->edits, p->first_edit, p->edit_count, text_off, at_end);
    size_t low = 0, high = view->count_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (view->counts[middle].raw_off <= raw_off) low = middle;
        else high = middle;
    }
    counted c = {0};
    if (view->count_count) c = view->counts[low];
    for (;;) {
        bool beyond = view->count_count == 0 || c.raw_off > view->counts[view->count_count - 1].raw_off;
        if (beyond && make_room(view, &view->counts, &view->count_cap, view->count_count, sizeof c))
            view->counts[view->count_count++] = c;
        size_t next = next_character(bytes, c.raw_off + STEP_NBYTES, raw_off);
        if (next >= raw_off) break;
        count_to(&c, bytes, next);
    }
    count_to(&c, bytes, raw_off);
    hpx_stretch_place at = {view->mark.lines, view->mark.chars, view->mark.column};
    return place_of(&c, bytes, at, view->mark.byte_off);
}

hpx_place hpx_place_in_stretch(const hpx_batch *batch, const hpx_stretch *stretch, hpx_stretch_place at, size_t raw_off) {
    const uint8_t *bytes = batch->raw.ptr + stretch->raw_off;
    counted c = {0};
    count_to(&c, bytes, raw_off - stretch->raw_off);
    return place_of(&c, bytes, at, stretch->byte_off);
}
