/* judge: see judge.h. Layer 7. */
#include "judge.h"

#include "found.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define PREFETCH 12         /* look-ups ahead of the one at hand: hides the memory's latency at 10^7 entries */
#define TEXT_FOR_ENTRY_NBYTES 32 /* a little more than is measured, so that the index is not made too large */
#define EVENTS_PER_KIND 20  /* told one by one for each document; the rest is counted */
#define SEAM_NBYTES (HPX_WINDOW + 3) /* a window less one byte, rounded up to a whole character */
#define EXCERPTS 8
#define EXCERPT_NBYTES 96

/* A shingle that waits to be looked up. */
typedef struct {
    uint64_t key, position;
} lookup;

typedef struct {
    lookup *items;
    size_t count, cap;
} lookups;

/* A paragraph among the held batches. */
typedef struct {
    hpx_batch *batch;
    size_t paragraph;
} cursor;

struct hpx_judge {
    hpx_memory *memory;
    hpx_judge_options options;
    hpx_index *index;
    hpx_log *letters;
    hpx_places *places;
    hpx_passages passages;
    hpx_cuts cuts;
    hpx_writer writer;
    hpx_found found;
    bool tells_found, full_told;
    hpx_workbench bench;            /* for the seams */
    hpx_chosen_list seam_chosen;
    lookups waiting, now;           /* behind the frontier; to be looked up at once */
    uint8_t tail[SEAM_NBYTES];      /* last skeleton bytes of the document at hand */
    size_t tail_len;
    uint64_t frontier;              /* every shingle before this position was looked up */
    const hpx_document *document;   /* whose stretch came last */
    uint64_t document_begin;
    hpx_stretch_place at;           /* end of the stretch that came last */
    hpx_batch *held, *held_last;    /* not wholly decided, in order */
    size_t held_count;
    uint64_t held_nbytes;
    cursor arrived;                 /* behind the last paragraph that may be looked at */
    cursor deciding;                /* the first one that is not decided */
    uint64_t arrived_byte, arrived_position; /* end of what has arrived: in the document, in the store */
    cursor horizon;                 /* see find_visible_end */
    cursor limit;                   /* see find_left_limit */
    bool blank_before;              /* blank lines stand between the last paragraph that came and the next stretch */
    uint64_t document_damage, told[4]; /* ill-formed sequences; events told of each kind, in this document */
    hapax_stats stats;
    char excerpts[EXCERPTS][EXCERPT_NBYTES], differs[EXCERPTS][64];
};

static hapax_status create_finder(hpx_judge *judge) {
    const hpx_judge_options *o = &judge->options;
    uint64_t placement_seed = (uint64_t)(uintptr_t)judge ^ hpx_now_ns(); /* secret enough: it changes nothing that is found */
    uint64_t letters_nbytes = o->memory_nbytes / 32 * 11, texts_nbytes = o->memory_nbytes / 8;
    size_t segment_nbytes = HPX_LOG_SEGMENT_NBYTES;
    if (o->store_memory_nbytes) {
        letters_nbytes = texts_nbytes = o->store_memory_nbytes / 2;
        segment_nbytes = 4096;
    }
    hpx_places_options places = {.text_budget_nbytes = texts_nbytes, .landmark_budget_nbytes = o->memory_nbytes / 32,
                                 .segment_nbytes = segment_nbytes, .tmpdir = o->tmpdir, .keep_all = o->journal, .no_clean = o->no_clean, .seed = o->seed, .error = o->error};
    HPX_TRY(hpx_index_create(&judge->index, judge->memory, o->memory_nbytes / 2, placement_seed));
    hpx_index_expect(judge->index, o->expected_nbytes / TEXT_FOR_ENTRY_NBYTES);
    HPX_TRY(hpx_log_create_sized(&judge->letters, judge->memory, letters_nbytes, segment_nbytes, o->tmpdir, HPX_LOG_SPILL, o->error));
    HPX_TRY(hpx_places_create(&judge->places, &places, judge->memory));
    hpx_passage_options passages = {.min_length = o->min_length, .scope = o->scope,
                                    .reach = HPX_MAX((uint64_t)HPX_PASSAGE_REACH, (uint64_t)o->min_length)};
    hpx_passages_init(&judge->passages, judge->index, judge->letters, passages, judge->memory);
    hpx_cuts_init(&judge->cuts, judge->memory);
    return hpx_workbench_init(&judge->bench, o->seed, judge->memory);
}

hapax_status hpx_judge_create(hpx_judge **out, const hpx_judge_options *options, hpx_memory *memory) {
    hpx_judge *judge = hpx_alloc_zero(memory, sizeof *judge);
    if (!judge) return HAPAX_E_MEMORY;
    judge->memory = judge->seam_chosen.memory = memory;
    judge->options = *options;
    hpx_writer_options writer = {.no_clean = options->no_clean, .no_remove = options->no_remove, .journal = options->journal,
                                 .journal_options = options->journal_options, .journal_inputs = options->journal_inputs,
                                 .on_event = options->on_event, .event_context = options->event_context};
    hapax_status status = options->no_find ? HAPAX_OK : create_finder(judge);
    if (!status) status = hpx_writer_init(&judge->writer, &writer, judge->places, memory);
    judge->tells_found = !options->no_find && (options->tell_passages || (options->journal && options->no_remove));
    hpx_found_init(&judge->found, &judge->writer, judge->letters, options->tell_passages, memory);
    if (status) {
        hpx_judge_destroy(judge);
        return status;
    }
    *out = judge;
    return HAPAX_OK;
}

void hpx_judge_destroy(hpx_judge *judge) {
    if (!judge) return;
    for (hpx_batch *batch = judge->held, *next; batch; batch = next) {
        next = batch->next;
        hpx_batch_destroy(batch);
    }
    hpx_writer_release(&judge->writer);
    hpx_found_release(&judge->found);
    hpx_passages_release(&judge->passages);
    hpx_cuts_release(&judge->cuts);
    hpx_workbench_release(&judge->bench);
    hpx_places_destroy(judge->places);
    hpx_log_destroy(judge->letters);
    hpx_index_destroy(judge->index);
    hpx_free(judge->memory, judge->seam_chosen.items, judge->seam_chosen.cap * sizeof *judge->seam_chosen.items);
    hpx_free(judge->memory, judge->waiting.items, judge->waiting.cap * sizeof *judge->waiting.items);
    hpx_free(judge->memory, judge->now.items, judge->now.cap * sizeof *judge->now.items);
    hpx_free(judge->memory, judge, sizeof *judge);
}

hpx_writer *hpx_judge_writer(hpx_judge *judge) {
    return &judge->writer;
}

size_t hpx_judge_held(const hpx_judge *judge, uint64_t *nbytes) {
    *nbytes = judge->held_nbytes;
    return judge->held_count;
}

static hapax_status add_lookup(hpx_judge *judge, lookups *list, uint64_t key, uint64_t position) {
    if (HPX_UNLIKELY(list->count == list->cap))
        HPX_TRY(hpx_grow(judge->memory, &list->items, &list->cap, list->count + 1, sizeof *list->items));
    list->items[list->count++] = (lookup){key, position};
    return HAPAX_OK;
}

static int by_position(const void *a, const void *b) {
    const lookup *p = a, *q = b;
    return p->position < q->position ? -1 : p->position > q->position;
}

/* Chooses for the windows that straddle the seam between the tail and this stretch; what it finds waits with the others. */
static hapax_status choose_at_seam(hpx_judge *judge, hpx_slice skeleton, uint64_t begin) {
    uint8_t seam[2 * SEAM_NBYTES];
    size_t head_len = HPX_MIN(skeleton.len, (size_t)HPX_WINDOW - 1);
    while (head_len < skeleton.len && hpx_utf8_is_continuation(skeleton.ptr[head_len])) head_len++;
    if (judge->tail_len == 0 || head_len == 0) return HAPAX_OK;
    memcpy(seam, judge->tail, judge->tail_len);
    memcpy(seam + judge->tail_len, skeleton.ptr, head_len);
    judge->seam_chosen.count = 0;
    HPX_TRY(hpx_choose(judge->bench.chooser, hpx_slice_of(seam, judge->tail_len + head_len), 0, &judge->seam_chosen));
    for (size_t i = 0; i < judge->seam_chosen.count; i++) {
        const hpx_chosen *chosen = &judge->seam_chosen.items[i];
        uint64_t position = begin - judge->tail_len + chosen->off;
        if (position < judge->frontier) continue; /* chosen by a whole window before, and looked up */
        HPX_TRY(add_lookup(judge, &judge->waiting, hpx_passages_key(&judge->passages, chosen->fingerprint), position));
    }
    return HAPAX_OK;
}

static void keep_tail(hpx_judge *judge, hpx_slice skeleton) {
    size_t from_new = HPX_MIN(skeleton.len, (size_t)HPX_WINDOW - 1);
    size_t from_old = HPX_MIN(judge->tail_len, (size_t)HPX_WINDOW - 1 - from_new);
    while (from_new && from_new < skeleton.len && hpx_utf8_is_continuation(skeleton.ptr[skeleton.len - from_new])) from_new++;
    while (from_old && from_old < judge->tail_len && hpx_utf8_is_continuation(judge->tail[judge->tail_len - from_old])) from_old++;
    memmove(judge->tail, judge->tail + judge->tail_len - from_old, from_old);
    if (from_new) memcpy(judge->tail + from_old, skeleton.ptr + skeleton.len - from_new, from_new);
    judge->tail_len = from_old + from_new;
}

/* Splits what is known by now into what can be looked up (before the new frontier) and what has to wait for the next seam. */
static hapax_status sort_lookups(hpx_judge *judge, const hpx_batch *batch, const hpx_stretch *stretch, uint64_t new_frontier) {
    const hpx_chosen *chosen = batch->chosen.items + stretch->first_chosen;
    judge->now.count = 0;
    size_t next = 0;
    for (; next < stretch->chosen_count; next++) { /* near the seam both sources may name one position */
        uint64_t position = batch->skeleton_base + chosen[next].off;
        if (judge->waiting.count == 0 || position > judge->frontier + 4 * HPX_WINDOW) break;
        HPX_TRY(add_lookup(judge, &judge->waiting, hpx_passages_key(&judge->passages, chosen[next].fingerprint), position));
    }
    if (judge->waiting.count) qsort(judge->waiting.items, judge->waiting.count, sizeof *judge->waiting.items, by_position);
    size_t kept = 0;
    for (size_t i = 0; i < judge->waiting.count; i++) {
        lookup item = judge->waiting.items[i];
        if (i && item.position == judge->waiting.items[i - 1].position) continue;
        if (item.position < new_frontier) HPX_TRY(add_lookup(judge, &judge->now, item.key, item.position));
        else judge->waiting.items[kept++] = item;
    }
    judge->waiting.count = kept;
    for (; next < stretch->chosen_count; next++) {
        uint64_t position = batch->skeleton_base + chosen[next].off;
        lookups *list = position < new_frontier ? &judge->now : &judge->waiting;
        HPX_TRY(add_lookup(judge, list, hpx_passages_key(&judge->passages, chosen[next].fingerprint), position));
    }
    return HAPAX_OK;
}

/* Where passages that are met at position may begin: at the paragraph that stands reach letters before. Positions ascend. */
static uint64_t find_left_limit(hpx_judge *judge, uint64_t position) {
    uint64_t reach = judge->passages.options.reach;
    if (position < judge->document_begin + reach) return judge->document_begin;
    uint64_t target = position - reach, limit = judge->document_begin;
    for (cursor c = judge->limit; c.batch; c = (cursor){c.batch->next, 0}) {
        for (; c.paragraph < c.batch->paragraph_count; c.paragraph++) {
            uint64_t begin = c.batch->skeleton_base + c.batch->paragraphs[c.paragraph].skeleton_off;
            if (begin > target) return HPX_MAX(limit, judge->document_begin);
            judge->limit = c;
            limit = begin;
        }
    }
    return HPX_MAX(limit, judge->document_begin);
}

/* The index takes up no more: said once, at the place from which on new text will not be recognised when it comes again. */
static hapax_status tell_full(hpx_judge *judge) {
    hpx_place_view view;
    bool found;
    judge->full_told = true;
    HPX_TRY(hpx_places_find(judge->places, judge->passages.full_at, &view, &found));
    hpx_place place = {0};
    size_t begin, end;
    if (found) {
        hpx_place_letter(&view, judge->passages.full_at, &begin, &end);
        place = hpx_place_at(&view, begin, false);
    }
    hpx_writer_tell(&judge->writer, HAPAX_WARNING, "index-full", judge->document, found ? &place : NULL,
                    "the index is full: what is new from here on will not be recognised when it comes again");
    return HAPAX_OK;
}

static hapax_status look_up(hpx_judge *judge, uint64_t available) {
    const lookups *now = &judge->now;
    for (size_t i = 0; i < HPX_MIN(now->count, (size_t)PREFETCH); i++) hpx_index_prefetch(judge->index, now->items[i].key);
    for (size_t i = 0; i < now->count; i++) {
        if (i + PREFETCH < now->count) hpx_index_prefetch(judge->index, now->items[i + PREFETCH].key);
        uint64_t position = now->items[i].position;
        HPX_TRY(hpx_passages_visit(&judge->passages, now->items[i].key, position, find_left_limit(judge, position), available));
    }
    if (!judge->passages.index_full || judge->full_told) return HAPAX_OK;
    if (judge->options.on_full == HAPAX_FULL_STOP)
        return hpx_fail(judge->options.error, HAPAX_E_FULL, 0, "the index has reached its budget");
    return tell_full(judge);
}

/* Brings the finder up to the end of the stretch. */
static hapax_status find_passages(hpx_judge *judge, const hpx_batch *batch, const hpx_stretch *stretch) {
    uint64_t begin = batch->skeleton_base + stretch->skeleton_off, available = begin + stretch->skeleton_len;
    hpx_slice skeleton = {batch->skeleton.ptr + stretch->skeleton_off, stretch->skeleton_len};
    uint64_t frontier = available;
    if (!stretch->ends) frontier = available - judge->document_begin >= HPX_WINDOW ? available - HPX_WINDOW + 1 : judge->document_begin;
    frontier = HPX_MAX(frontier, judge->frontier);
    HPX_TRY(hpx_passages_extend(&judge->passages, available));
    HPX_TRY(choose_at_seam(judge, skeleton, begin));
    HPX_TRY(sort_lookups(judge, batch, stretch, frontier));
    HPX_TRY(look_up(judge, available));
    judge->frontier = frontier;
    if (stretch->ends) hpx_passages_end(&judge->passages);
    else keep_tail(judge, skeleton);
    return HAPAX_OK;
}

/* One step over the paragraphs that have arrived; false: there is none. */
static bool step(const hpx_judge *judge, cursor *c) {
    while (c->batch) {
        bool last = c->batch == judge->arrived.batch;
        size_t end = last ? judge->arrived.paragraph : c->batch->paragraph_count;
        if (c->paragraph < end) return true;
        if (last) return false;
        c->batch = c->batch->next;
        c->paragraph = 0;
    }
    return false;
}

/* Position up to which evidence counts for a paragraph that ends at this byte of the document: what begins HPX_JUDGE_HOLD_NBYTES of input
 * behind it, or later, does not. UINT64_MAX: input has not come that far. Paragraphs come in order, so the horizon only goes forward. */
static uint64_t find_visible_end(hpx_judge *judge, uint64_t end_byte) {
    cursor *c = &judge->horizon;
    if (judge->arrived_byte < end_byte + HPX_JUDGE_HOLD_NBYTES) return UINT64_MAX;
    if (!c->batch) *c = judge->deciding;
    for (; step(judge, c); c->paragraph++) {
        const hpx_paragraph *p = &c->batch->paragraphs[c->paragraph];
        if (c->batch->byte_base + p->raw_off >= end_byte + HPX_JUDGE_HOLD_NBYTES) return c->batch->skeleton_base + p->skeleton_off;
    }
    return judge->arrived_position;
}

static hapax_status decide(hpx_judge *judge, const hpx_batch *batch, const hpx_paragraph *p, uint64_t document_end, uint64_t visible_end) {
    uint64_t position = batch->skeleton_base + p->skeleton_off;
    if (HPX_LIKELY(judge->passages.found_count == judge->passages.found_begin) || judge->document->against || p->is_fence)
        return hpx_writer_paragraph(&judge->writer, batch, p, NULL, position);
    hpx_cut_paragraph cut = {
        .text = hpx_batch_text(batch, p), .skeleton = hpx_slice_of(batch->skeleton.ptr + p->skeleton_off, p->skeleton_len),
        .begin = position, .document_begin = judge->document_begin, .document_end = document_end,
        .visible_end = visible_end, .previous_went = judge->writer.previous_went,
    };
    HPX_TRY(hpx_cuts_find(&judge->cuts, &judge->passages, &cut));
    judge->stats.found_letters += hpx_cuts_letters_found(&judge->cuts, &cut);
    HPX_TRY(hpx_writer_paragraph(&judge->writer, batch, p, &judge->cuts, position));
    if (judge->tells_found)
        HPX_TRY(hpx_found_add(&judge->found, &judge->passages, &cut, judge->options.no_clean ? p->eol_len : 1));
    hpx_found_refresh(&judge->found, &judge->passages);
    hpx_passages_forget(&judge->passages, position);
    return HAPAX_OK;
}

/* Decides what can be decided among the paragraphs that have arrived. document_end: UINT64_MAX unless the document has ended. */
static hapax_status decide_ready(hpx_judge *judge, uint64_t document_end) {
    bool all = document_end != UINT64_MAX || judge->options.no_find;
    while (step(judge, &judge->deciding)) {
        const hpx_batch *batch = judge->deciding.batch;
        const hpx_paragraph *p = &batch->paragraphs[judge->deciding.paragraph];
        uint64_t end = batch->skeleton_base + p->skeleton_off + p->skeleton_len;
        uint64_t end_byte = batch->byte_base + p->raw_off + p->raw_len;
        uint64_t visible_end = judge->options.no_find ? UINT64_MAX : find_visible_end(judge, end_byte);
        if (!all && visible_end == UINT64_MAX && end + judge->passages.options.reach > judge->frontier) break;
        HPX_TRY(decide(judge, batch, p, document_end, visible_end));
        judge->deciding.paragraph++;
    }
    return HAPAX_OK;
}

static void tell(hpx_judge *judge, const hpx_batch *batch, const hpx_stretch *stretch, const hpx_mark *mark) {
    static const struct {
        hapax_severity severity;
        const char *rule, *message;
    } kinds[] = {
        [HPX_MARK_UTF8] = {HAPAX_DAMAGE, "utf8", "bytes that are not UTF-8, replaced by U+FFFD"},
        [HPX_MARK_COMBINING] = {HAPAX_WARNING, "combining", "more than 30 combining marks on one character"},
        [HPX_MARK_BIDI] = {HAPAX_WARNING, "bidi", "a control for writing direction that is not balanced in its paragraph"},
        [HPX_MARK_CUT] = {HAPAX_WARNING, "long-paragraph", "paragraph longer than 1 MiB, cut here"},
    };
    if (judge->told[mark->kind]++ >= EVENTS_PER_KIND) return;
    hpx_place place = hpx_place_in_stretch(batch, stretch, judge->at, mark->raw_off);
    hpx_writer_tell(&judge->writer, kinds[mark->kind].severity, kinds[mark->kind].rule, stretch->document, &place, kinds[mark->kind].message);
}

static void tell_marks(hpx_judge *judge, const hpx_batch *batch, const hpx_stretch *stretch) {
    for (uint32_t i = 0; i < stretch->mark_count; i++) tell(judge, batch, stretch, &batch->marks[stretch->first_mark + i]);
    judge->document_damage += stretch->utf8_damage;
}

static void tell_rest(hpx_judge *judge) {
    if (judge->document_damage <= EVENTS_PER_KIND) return;
    char message[96];
    snprintf(message, sizeof message, "%llu places that are not UTF-8 in all; the first %d are listed",
             (unsigned long long)judge->document_damage, EVENTS_PER_KIND);
    hpx_writer_tell(&judge->writer, HAPAX_DAMAGE, "utf8", judge->document, NULL, message);
}

static hapax_status begin_document(hpx_judge *judge, hpx_batch *batch, const hpx_stretch *stretch) {
    judge->document = stretch->document;
    judge->document_begin = judge->frontier = batch->skeleton_base + stretch->skeleton_off;
    judge->at = (hpx_stretch_place){0};
    judge->tail_len = 0;
    judge->document_damage = 0;
    memset(judge->told, 0, sizeof judge->told);
    judge->limit = (cursor){batch, stretch->first_paragraph};
    judge->horizon = (cursor){NULL, 0};
    if (!judge->options.no_find) hpx_passages_begin(&judge->passages, judge->document_begin, stretch->document->number);
    judge->stats.documents += !stretch->document->against;
    return hpx_writer_begin_document(&judge->writer, stretch->document);
}

static hapax_status judge_stretch(hpx_judge *judge, hpx_batch *batch, const hpx_stretch *stretch) {
    if (stretch->begins) HPX_TRY(begin_document(judge, batch, stretch));
    if (!judge->options.no_find) {
        HPX_TRY(hpx_places_add(judge->places, batch, stretch, judge->at));
        HPX_TRY(find_passages(judge, batch, stretch));
    }
    tell_marks(judge, batch, stretch);
    if (judge->blank_before && !stretch->begins && stretch->paragraph_count)
        batch->paragraphs[stretch->first_paragraph].blank_before = true;
    judge->blank_before = stretch->blank_after || (judge->blank_before && !stretch->begins && !stretch->paragraph_count);
    uint64_t end = batch->skeleton_base + stretch->skeleton_off + stretch->skeleton_len;
    batch->byte_base = stretch->byte_off - stretch->raw_off; /* may wrap around: only sums with raw offsets are used */
    judge->arrived = (cursor){batch, stretch->first_paragraph + stretch->paragraph_count};
    judge->arrived_byte = stretch->byte_off + stretch->raw_len;
    judge->arrived_position = end;
    HPX_TRY(decide_ready(judge, stretch->ends ? end : UINT64_MAX));
    if (judge->tells_found) HPX_TRY(hpx_found_flush(&judge->found, &judge->passages));
    judge->at.lines += stretch->lines;
    judge->at.chars += stretch->chars;
    judge->at.column = stretch->tail_chars + (stretch->lines ? 0 : judge->at.column);
    if (!stretch->document->against) {
        judge->stats.letters += stretch->letters;
        judge->stats.in_nbytes += stretch->raw_len;
        judge->stats.paragraphs += stretch->paragraph_count;
    }
    if (!stretch->ends) return HAPAX_OK;
    tell_rest(judge);
    return hpx_writer_end_document(&judge->writer);
}

static void hold(hpx_judge *judge, hpx_batch *batch) {
    batch->next = NULL;
    if (judge->held_last) judge->held_last->next = batch;
    else judge->held = batch;
    judge->held_last = batch;
    judge->held_count++;
    judge->held_nbytes += batch->raw.len;
    if (!judge->deciding.batch) judge->deciding = (cursor){batch, 0};
    if (!judge->limit.batch) judge->limit = (cursor){batch, 0};
}

/* Lets go of the batches before the decision cursor; they come back as a list. */
static void let_go(hpx_judge *judge, hpx_batch **done) {
    *done = NULL;
    hpx_batch **end = done;
    bool all = !step(judge, &judge->deciding); /* moves the cursor to the batch of the next paragraph, if there is one */
    while (judge->held && (all || judge->held != judge->deciding.batch)) {
        hpx_batch *batch = judge->held;
        judge->held = batch->next;
        judge->held_count--;
        judge->held_nbytes -= batch->raw.len;
        if (judge->limit.batch == batch) judge->limit = (cursor){batch->next, 0};
        if (judge->horizon.batch == batch) judge->horizon = (cursor){batch->next, 0};
        *end = batch;
        end = &batch->next;
        batch->next = NULL;
    }
    if (judge->held) return;
    judge->held_last = NULL;
    judge->deciding = judge->limit = judge->horizon = judge->arrived = (cursor){NULL, 0};
}

hapax_status hpx_judge_batch(hpx_judge *judge, hpx_batch *batch, hpx_batch **done) {
    *done = NULL;
    hold(judge, batch);
    if (!judge->options.no_find) {
        batch->skeleton_base = hpx_log_size(judge->letters);
        if (batch->skeleton_base + batch->skeleton.len >= (uint64_t)1 << HPX_POSITION_BITS)
            return hpx_fail(judge->options.error, HAPAX_E_LIMIT, 0, "more letters than positions can name");
        HPX_TRY(hpx_log_append(judge->letters, batch->skeleton.ptr, batch->skeleton.len));
    }
    for (size_t i = 0; i < batch->stretch_count; i++) HPX_TRY(judge_stretch(judge, batch, &batch->stretches[i]));
    hapax_stats *stats = &judge->stats;
    stats->edits_punct += batch->edits[HPX_RULE_PUNCT] + batch->edits[HPX_RULE_REPEAT];
    stats->edits_ellipsis += batch->edits[HPX_RULE_ELLIPSIS];
    stats->edits_space += batch->edits[HPX_RULE_SPACE];
    stats->edits_nfc += batch->edits[HPX_RULE_NFC];
    stats->edits_width += batch->edits[HPX_RULE_WIDTH];
    stats->edits_blank += batch->blank_edits;
    stats->damage_utf8 += batch->utf8_damage;
    stats->moved_nbytes += 3 * batch->raw.len + batch->clean.len + 2 * batch->skeleton.len; /* frame, batch, texts; clean; skeleton, store */
    let_go(judge, done);
    stats->held_nbytes = judge->held_nbytes;
    return HAPAX_OK;
}

hapax_status hpx_judge_finish(hpx_judge *judge, bool damaged) {
    return hpx_writer_finish(&judge->writer, damaged || judge->writer.damages > 0);
}

void hpx_judge_get_stats(const hpx_judge *judge, hapax_stats *stats) {
    const hpx_writer *writer = &judge->writer;
    *stats = judge->stats;
    stats->out_nbytes = writer->total_out_nbytes;
    stats->removed_spans = writer->removed_spans;
    stats->removed_letters = writer->removed_letters;
    stats->removed_nbytes = writer->removed_nbytes;
    stats->warnings = writer->warnings;
    stats->moved_nbytes += writer->total_out_nbytes;
    if (judge->options.no_find) return;
    hpx_index_stats index;
    hpx_index_get_stats(judge->index, &index);
    stats->index_entries = index.entries;
    stats->index_nbytes = index.nbytes;
    stats->index_full = index.full;
    stats->index_budget_nbytes = judge->options.memory_nbytes / 2;
    stats->probes = index.groups_visited;
    stats->letters_compared = judge->passages.letters_compared;
    stats->store_nbytes = hpx_log_size(judge->letters) + hpx_places_size(judge->places);
    stats->spilled_nbytes = hpx_log_spilled(judge->letters) + hpx_places_spilled(judge->places);
}

/* The first characters of the removed text, as many as fit. */
static void take_excerpt(const hpx_place_view *view, uint64_t position, char out[EXCERPT_NBYTES]) {
    size_t begin, end, len = 0;
    hpx_place_letter(view, position, &begin, &end);
    while (begin + len < view->text.len) {
        size_t step_nbytes = hpx_utf8_length(view->text.ptr[begin + len]);
        if (len + step_nbytes >= EXCERPT_NBYTES - 1) break;
        len += step_nbytes;
    }
    memcpy(out, view->text.ptr + begin, len);
    out[len] = 0;
}

static hapax_status describe(hpx_judge *judge, const hpx_repeat_entry *entry, hapax_repeat *repeat, size_t number) {
    hpx_place_view view;
    bool found;
    *repeat = (hapax_repeat){.copies = entry->copies, .letters = entry->letters, .document = "", .source_document = "",
                             .differs = judge->differs[number], .excerpt = judge->excerpts[number]};
    judge->differs[number][0] = judge->excerpts[number][0] = 0;
    HPX_TRY(hpx_places_find(judge->places, entry->begin, &view, &found));
    if (!found) return HAPAX_OK;
    size_t begin, end;
    hpx_place_letter(&view, entry->begin, &begin, &end);
    repeat->document = view.document->name;
    repeat->line = hpx_place_at(&view, begin, false).line;
    take_excerpt(&view, entry->begin, judge->excerpts[number]);
    HPX_TRY(hpx_places_find(judge->places, entry->begin - entry->distance, &view, &found));
    if (!found) return HAPAX_OK;
    hpx_place_letter(&view, entry->begin - entry->distance, &begin, &end);
    repeat->source_document = view.document->name;
    repeat->source_line = hpx_place_at(&view, begin, false).line;
    unsigned differs;
    HPX_TRY(hpx_writer_differs(&judge->writer, entry->begin, entry->end, entry->distance, &differs, &found));
    if (found) hpx_writer_differs_text(differs, judge->differs[number], sizeof judge->differs[number]);
    return HAPAX_OK;
}

size_t hpx_judge_most_removed(hpx_judge *judge, hapax_repeat *repeats, size_t n) {
    hpx_repeat_entry entries[EXCERPTS];
    if (judge->options.no_find) return 0;
    size_t count = hpx_repeats_most(&judge->writer.repeats, entries, HPX_MIN(n, (size_t)EXCERPTS));
    for (size_t i = 0; i < count; i++)
        if (describe(judge, &entries[i], &repeats[i], i)) return i;
    return count;
}
