/*
 * pipeline: the order of the stages, the threads that run them, and the public calls around them. Layer 8.
 *
 *     push: inflate, frame -> [ prepare ] -> judge -> [ compress ] -> pull
 *                             any thread    serial    any thread
 *
 * A batch has a number and goes through these states: filled by the pushing thread, prepared in any thread, judged in the order of numbers.
 * Jobs are taken under one lock and run outside it: first blocks to compress (they are what the reader waits for), then the
 * next batch to judge if no thread is judging, then a batch to prepare. At most 2n + 3 batches are between filling and judging, and
 * judging stops while much text waits to be pulled; so memory is bounded whatever the speed of either end. With one job there are no
 * threads: push, pull, wait and finish run the same jobs themselves. Nothing of this can change a byte of the output: preparing is pure, judging is in
 * order, blocks are cut by size.
 */
#include "frame.h"
#include "inflate.h"
#include "judge.h"
#include "outlet.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define INFLATED_NBYTES ((size_t)64 << 10)
#define QUEUED_MAX_NBYTES ((uint64_t)2 << 20)   /* text or journal that may wait to be pulled before judging stops */
#define MIN_LENGTH ((size_t)120) /* a passage of this length holds a whole window */
#define BATCH_MAX_NBYTES HPX_PARAGRAPH_MAX_NBYTES /* larger ones would hold long lines that nobody looked at */
#define JOBS_MAX 512u
#define MEMORY_MIN_NBYTES ((uint64_t)16 << 20)
/* What one batch can hold at worst: input of a batch and one paragraph, its cleaned text (three times as long when every byte
 * was ill-formed), skeleton, paragraphs of one letter each, chosen shingles. */
#define BATCH_WORST_NBYTES ((uint64_t)24 << 20)
/* zlib's and our scratch of one thread: edits of a paragraph of commas only. */
#define THREAD_WORST_NBYTES ((uint64_t)64 << 20)

/* Memory of one thread. */
typedef struct {
    hpx_workbench bench;
    hpx_deflater *deflater;
    bool ready;
} worker;

typedef struct {
    struct hapax *filter;
    pthread_t thread;
    worker worker;
} hired;

struct hapax {
    hapax_options options;
    char *tmpdir;
    size_t tmpdir_nbytes;
    char **strings;                  /* copies for the journal's head */
    size_t string_count, string_cap, journal_option_count;
    hpx_memory memory;
    hapax_error error, store_error;

    /* the pushing thread's */
    hpx_frame frame;
    hpx_inflate *inflate;
    uint8_t *inflated;
    hpx_document **documents;
    size_t document_count, document_cap;
    hpx_document *document;          /* being pushed */
    hpx_batch *filling;
    bool finish_called;
    uint64_t gzip_events;

    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool lock_made, changed_made;
    hapax_status failed;
    hpx_batch *spare;                /* empty ones */
    hpx_batch *to_prepare, *to_prepare_last;
    hpx_batch **prepared;            /* ring by number */
    size_t ring;                     /* its size: at least the batches between filling and judging */
    uint64_t filled_number, judged_number; /* next ones */
    size_t room;                     /* batches that may be between filling and judging */
    bool judging, finished, damaged, judge_finished, stop;
    bool text_next;                  /* the output ended with the block that was dropped last, and another follows */
    bool text_done;
    hpx_outlet outlet;
    hpx_buffer journal;
    size_t journal_given;
    hapax_stats stats;
    uint64_t framed_nbytes, released_nbytes; /* decompressed bytes taken; of these in batches that are done with */

    hpx_judge *judge;                /* whoever set judging */
    worker own;                      /* for the one job case, by the thread that runs it: */
    bool own_busy;                   /* the pushing or the pulling thread is at work; the other one leaves all jobs to it */
    hired *hired;
    size_t hired_count, hired_cap;
};

void hapax_options_init(hapax_options *options) {
    *options = (hapax_options){.min_length = 120, .jobs = 1, .memory_nbytes = (uint64_t)2 << 30};
}

static hapax_status check_options(const hapax_options *o, hapax_error *error) {
    if (o->min_length < MIN_LENGTH || o->min_length > 65536)
        return hpx_fail(error, HAPAX_E_OPTION, 0, "the smallest passage has to be 120 to 65536 bytes");
    if (o->gzip_level < 0 || o->gzip_level > 9) return hpx_fail(error, HAPAX_E_OPTION, 0, "the compression level has to be 1 to 9");
    if (o->jobs < 1 || o->jobs > JOBS_MAX) return hpx_fail(error, HAPAX_E_OPTION, 0, "jobs have to be 1 to 512");
    if (o->memory_nbytes < MEMORY_MIN_NBYTES) return hpx_fail(error, HAPAX_E_OPTION, 0, "memory has to be at least 16 MiB");
    if (o->scope < HAPAX_SCOPE_ALL || o->scope > HAPAX_SCOPE_ACROSS) return hpx_fail(error, HAPAX_E_OPTION, 0, "no such scope");
    if (o->on_full < HAPAX_FULL_STOP || o->on_full > HAPAX_FULL_FREEZE)
        return hpx_fail(error, HAPAX_E_OPTION, 0, "a full index can stop or freeze");
    if (o->batch_nbytes > BATCH_MAX_NBYTES) return hpx_fail(error, HAPAX_E_OPTION, 0, "a batch has at most 1 MiB");
    if (o->no_find && o->no_remove) return hpx_fail(error, HAPAX_E_OPTION, 0, "no_find leaves nothing that no_remove could keep");
    if (o->no_find && o->journal) return hpx_fail(error, HAPAX_E_OPTION, 0, "a journal needs repetitions to be looked for");
    return HAPAX_OK;
}

static hapax_status copy_string(hapax *h, const char *string) {
    HPX_TRY(hpx_grow(&h->memory, &h->strings, &h->string_cap, h->string_count + 1, sizeof *h->strings));
    h->strings[h->string_count] = NULL;
    if (string) {
        h->strings[h->string_count] = hpx_alloc(&h->memory, strlen(string) + 1);
        if (!h->strings[h->string_count]) return HAPAX_E_MEMORY;
        memcpy(h->strings[h->string_count], string, strlen(string) + 1);
    }
    h->string_count++;
    return HAPAX_OK;
}

/* Options, NULL, inputs, NULL: one array for both. */
static hapax_status copy_strings(hapax *h) {
    const char *const *lists[2] = {h->options.journal_options, h->options.journal_inputs};
    for (int list = 0; list < 2; list++) {
        for (size_t i = 0; lists[list] && lists[list][i]; i++) HPX_TRY(copy_string(h, lists[list][i]));
        HPX_TRY(copy_string(h, NULL));
        if (list == 0) h->journal_option_count = h->string_count;
    }
    const char *tmpdir = h->options.tmpdir ? h->options.tmpdir : "/tmp";
    h->tmpdir_nbytes = strlen(tmpdir) + 1;
    h->tmpdir = hpx_alloc(&h->memory, h->tmpdir_nbytes);
    if (!h->tmpdir) return HAPAX_E_MEMORY;
    memcpy(h->tmpdir, tmpdir, h->tmpdir_nbytes);
    return HAPAX_OK;
}

static hapax_status prepare_worker(hapax *h, worker *w) {
    HPX_TRY(hpx_workbench_init(&w->bench, h->options.seed, &h->memory));
    w->ready = true;
    if (h->options.gzip_level) HPX_TRY(hpx_deflater_create(&w->deflater, &h->memory, h->options.gzip_level));
    return HAPAX_OK;
}

static void release_worker(worker *w) {
    hpx_workbench_release(&w->bench);
    hpx_deflater_destroy(w->deflater);
    w->deflater = NULL;
}

static hapax_status fail(hapax *h, hapax_status status) {
    if (h->failed || status == HAPAX_OK) return h->failed;
    h->failed = status;
    if (h->store_error.status == status) h->error = h->store_error;
    else hpx_fail(&h->error, status, 0, hapax_status_text(status));
    pthread_cond_broadcast(&h->changed);
    return status;
}

/* Jobs. Each is taken under the lock, run outside it, and put back under it. */

static hapax_status run_prepare(hapax *h, worker *w, hpx_batch *batch) {
    hpx_prepare_options options = {.no_clean = h->options.no_clean, .no_find = h->options.no_find};
    return hpx_batch_prepare(batch, &w->bench, options);
}

static uint64_t held_now(const hapax *h) {
    return h->framed_nbytes - h->released_nbytes + h->outlet.queued_nbytes;
}

static void count_held(hapax *h) {
    h->stats.held_nbytes = held_now(h);
    h->stats.held_peak_nbytes = HPX_MAX(h->stats.held_peak_nbytes, h->stats.held_nbytes);
}

/* What the judge has put out goes to where it can be pulled. */
static hapax_status take_from_writer(hapax *h, bool final) {
    hpx_writer *writer = hpx_judge_writer(h->judge);
    HPX_TRY(hpx_outlet_take(&h->outlet, &writer->out, writer->output_ends, writer->output_end_count, final));
    writer->output_end_count = 0;
    if (h->journal_given > h->journal.len / 2) { /* a reader that never has all of it: what it has goes, at constant cost for each byte */
        hpx_buffer_consume(&h->journal, h->journal_given);
        h->journal_given = 0;
    }
    if (writer->journal.len) HPX_TRY(hpx_buffer_append(&h->journal, writer->journal.ptr, writer->journal.len));
    hpx_buffer_clear(&writer->journal);
    return HAPAX_OK;
}

static void keep_stats(hapax *h) {
    hapax_stats old = h->stats;
    hpx_judge_get_stats(h->judge, &h->stats);
    h->stats.written_nbytes = old.written_nbytes;
    h->stats.pushed_nbytes = old.pushed_nbytes;
    h->stats.damage_gzip = old.damage_gzip;
    h->stats.held_peak_nbytes = old.held_peak_nbytes;
    h->stats.held_limit_nbytes = old.held_limit_nbytes;
    h->stats.memory_limit_nbytes = old.memory_limit_nbytes;
    h->stats.prepare_ns = old.prepare_ns;
    h->stats.find_ns = old.find_ns;
    h->stats.write_ns = old.write_ns;
    count_held(h);
}

static void put_back(hapax *h, hpx_batch *list) {
    while (list) {
        hpx_batch *batch = list;
        list = batch->next;
        h->released_nbytes += batch->raw.len;
        hpx_batch_clear(batch);
        batch->next = h->spare;
        h->spare = batch;
    }
}

/* Judges one batch, or finishes; called with the lock held and judging set, returns so. */
static hapax_status run_judge(hapax *h, hpx_batch *batch) {
    bool damaged = h->damaged || h->stats.damage_gzip > 0;
    pthread_mutex_unlock(&h->lock);
    uint64_t begin = hpx_now_ns();
    hpx_batch *done = NULL;
    hapax_status status = batch ? hpx_judge_batch(h->judge, batch, &done) : hpx_judge_finish(h->judge, damaged);
    uint64_t ns = hpx_now_ns() - begin;
    pthread_mutex_lock(&h->lock);
    put_back(h, done);
    if (!status) status = take_from_writer(h, batch == NULL);
    keep_stats(h);
    h->stats.find_ns += ns;
    if (!batch) h->judge_finished = true;
    return status;
}

static bool may_judge(const hapax *h) {
    return !h->judging && !h->judge_finished && h->outlet.queued_nbytes < QUEUED_MAX_NBYTES &&
           h->journal.len - h->journal_given < QUEUED_MAX_NBYTES;
}

/* Runs one job if there is one; the lock is held before and after. */
static bool run_job(hapax *h, worker *w) {
    if (h->failed) return false;
    hpx_block *block = hpx_outlet_next_job(&h->outlet);
    hapax_status status = HAPAX_OK;
    if (block) {
        pthread_mutex_unlock(&h->lock);
        uint64_t begin = hpx_now_ns();
        status = hpx_block_compress(block, w->deflater, h->options.gzip_level);
        uint64_t ns = hpx_now_ns() - begin;
        pthread_mutex_lock(&h->lock);
        block->state = HPX_BLOCK_READY;
        h->stats.write_ns += ns;
    } else if (may_judge(h) && h->prepared[h->judged_number % h->ring]) {
        hpx_batch *batch = h->prepared[h->judged_number % h->ring];
        h->prepared[h->judged_number++ % h->ring] = NULL;
        h->judging = true;
        status = run_judge(h, batch);
        h->judging = false;
    } else if (may_judge(h) && h->finished && h->judged_number == h->filled_number) {
        h->judging = true;
        status = run_judge(h, NULL);
        h->judging = false;
    } else if (h->to_prepare) {
        hpx_batch *batch = h->to_prepare;
        h->to_prepare = batch->next;
        batch->next = NULL;
        pthread_mutex_unlock(&h->lock);
        uint64_t begin = hpx_now_ns();
        status = run_prepare(h, w, batch);
        uint64_t ns = hpx_now_ns() - begin;
        pthread_mutex_lock(&h->lock);
        h->prepared[batch->number % h->ring] = batch;
        h->stats.prepare_ns += ns;
    } else {
        return false;
    }
    fail(h, status);
    pthread_cond_broadcast(&h->changed);
    return true;
}

static void *work(void *context) {
    hired *self = context;
    hapax *h = self->filter;
    pthread_mutex_lock(&h->lock);
    while (!h->stop)
        if (!run_job(h, &self->worker)) pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static void run_own_jobs(hapax *h) {
    if (h->options.jobs > 1 || h->own_busy) return;
    h->own_busy = true;
    while (run_job(h, &h->own)) {
    }
    h->own_busy = false;
    pthread_cond_broadcast(&h->changed);
}

static hapax_status hire(hapax *h) {
    if (h->options.jobs == 1) return prepare_worker(h, &h->own);
    h->hired_cap = h->options.jobs;
    h->hired = hpx_alloc_zero(&h->memory, h->hired_cap * sizeof *h->hired);
    if (!h->hired) return HAPAX_E_MEMORY;
    for (size_t i = 0; i < h->hired_cap; i++) {
        h->hired[i].filter = h;
        HPX_TRY(prepare_worker(h, &h->hired[i].worker));
    }
    for (; h->hired_count < h->hired_cap; h->hired_count++)
        if (pthread_create(&h->hired[h->hired_count].thread, NULL, work, &h->hired[h->hired_count]))
            return hpx_fail(&h->store_error, HAPAX_E_MEMORY, 0, "a thread could not be made");
    return HAPAX_OK;
}

static hapax_status build(hapax *h) {
    h->room = 2 * h->options.jobs + 3;
    size_t batch = h->options.batch_nbytes ? h->options.batch_nbytes : HPX_BATCH_NBYTES;
    h->ring = 2 * h->room;
    h->lock_made = pthread_mutex_init(&h->lock, NULL) == 0;
    h->changed_made = pthread_cond_init(&h->changed, NULL) == 0;
    if (!h->lock_made || !h->changed_made) return HAPAX_E_MEMORY;
    HPX_TRY(copy_strings(h));
    h->prepared = hpx_alloc_zero(&h->memory, h->ring * sizeof *h->prepared);
    h->inflated = hpx_alloc(&h->memory, INFLATED_NBYTES);
    if (!h->prepared || !h->inflated) return HAPAX_E_MEMORY;
    h->journal.memory = &h->memory;
    hpx_frame_init(&h->frame, h->options.batch_nbytes, h->options.no_clean, &h->memory);
    hpx_outlet_init(&h->outlet, h->options.gzip_level, &h->memory);
    HPX_TRY(hpx_inflate_create(&h->inflate, &h->memory));
    HPX_TRY(hpx_batch_create(&h->filling, &h->memory));
    const hapax_options *o = &h->options;
    hpx_judge_options judge = {
        .min_length = o->min_length, .scope = o->scope, .no_clean = o->no_clean, .no_find = o->no_find, .no_remove = o->no_remove,
        .journal = o->journal, .on_full = o->on_full, .seed = o->seed, .memory_nbytes = o->memory_nbytes, .store_memory_nbytes = o->store_memory_nbytes,
        .expected_nbytes = o->expected_nbytes,
        .tell_passages = o->tell_passages, .tmpdir = h->tmpdir,
        .journal_options = (const char *const *)h->strings,
        .journal_inputs = (const char *const *)h->strings + h->journal_option_count,
        .on_event = o->on_event, .event_context = o->event_context, .error = &h->store_error,
    };
    HPX_TRY(hpx_judge_create(&h->judge, &judge, &h->memory));
    HPX_TRY(take_from_writer(h, false)); /* the journal's head */
    uint64_t longest = batch + 2 * HPX_PARAGRAPH_MAX_NBYTES;
    h->stats.held_limit_nbytes = (h->room + 2) * longest + HPX_JUDGE_HOLD_NBYTES + 2 * longest + QUEUED_MAX_NBYTES + 4 * longest;
    h->stats.memory_limit_nbytes = o->memory_nbytes + (h->room + 4) * BATCH_WORST_NBYTES + o->jobs * THREAD_WORST_NBYTES + THREAD_WORST_NBYTES;
    return hire(h);
}

hapax_status hapax_create(hapax **out, const hapax_options *options, hapax_error *error) {
    *out = NULL;
    hapax_status status = check_options(options, error);
    if (status) return status;
    hapax *h = calloc(1, sizeof *h);
    if (!h) return hpx_fail(error, HAPAX_E_MEMORY, 0, hapax_status_text(HAPAX_E_MEMORY));
    h->options = *options;
    status = build(h);
    if (status) {
        hpx_fail(error, status, h->store_error.sys_errno,
                 h->store_error.status == status ? h->store_error.text : hapax_status_text(status));
        hapax_destroy(h);
        return status;
    }
    *out = h;
    return HAPAX_OK;
}

static void destroy_batches(hpx_batch *batch) {
    while (batch) {
        hpx_batch *next = batch->next;
        hpx_batch_destroy(batch);
        batch = next;
    }
}

static void stop_threads(hapax *h) {
    if (!h->lock_made || !h->changed_made) return;
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    for (size_t i = 0; i < h->hired_count; i++) pthread_join(h->hired[i].thread, NULL);
}

static void release_input_side(hapax *h) {
    hpx_frame_release(&h->frame);
    hpx_inflate_destroy(h->inflate);
    hpx_free(&h->memory, h->inflated, INFLATED_NBYTES);
    for (size_t i = 0; i < h->document_count; i++) {
        hpx_document *document = h->documents[i];
        hpx_free(&h->memory, document->name, document->name_nbytes);
        hpx_free(&h->memory, document->output_name, document->output_name_nbytes);
        hpx_free(&h->memory, document, sizeof *document);
    }
    hpx_free(&h->memory, h->documents, h->document_cap * sizeof *h->documents);
    for (size_t i = 0; i < h->string_count; i++)
        if (h->strings[i]) hpx_free(&h->memory, h->strings[i], strlen(h->strings[i]) + 1);
    hpx_free(&h->memory, h->strings, h->string_cap * sizeof *h->strings);
    hpx_free(&h->memory, h->tmpdir, h->tmpdir_nbytes);
}

void hapax_destroy(hapax *h) {
    if (!h) return;
    stop_threads(h);
    for (size_t i = 0; i < h->hired_cap && h->hired; i++) release_worker(&h->hired[i].worker);
    hpx_free(&h->memory, h->hired, h->hired_cap * sizeof *h->hired);
    release_worker(&h->own);
    hpx_judge_destroy(h->judge);
    destroy_batches(h->filling);
    destroy_batches(h->spare);
    destroy_batches(h->to_prepare);
    for (size_t i = 0; i < h->ring && h->prepared; i++) destroy_batches(h->prepared[i]);
    hpx_free(&h->memory, h->prepared, h->ring * sizeof *h->prepared);
    hpx_outlet_release(&h->outlet);
    if (h->journal.memory) hpx_buffer_release(&h->journal);
    release_input_side(h);
    if (h->lock_made) pthread_mutex_destroy(&h->lock);
    if (h->changed_made) pthread_cond_destroy(&h->changed);
    free(h);
}

/* The pushing side. */

static hapax_status misuse(hapax *h, const char *what) {
    pthread_mutex_lock(&h->lock);
    hapax_status status = h->failed;
    if (!status) {
        status = fail(h, HAPAX_E_STATE);
        hpx_fail(&h->error, HAPAX_E_STATE, 0, what);
    }
    pthread_mutex_unlock(&h->lock);
    return status;
}

static hapax_status failed(hapax *h, hapax_status status) {
    pthread_mutex_lock(&h->lock);
    status = fail(h, status);
    pthread_mutex_unlock(&h->lock);
    return status;
}

static char *copy_name(hapax *h, const char *name, size_t *nbytes) {
    *nbytes = strlen(name) + 1;
    char *copy = hpx_alloc(&h->memory, *nbytes);
    if (copy) memcpy(copy, name, *nbytes);
    return copy;
}

static hapax_status add_document(hapax *h, const char *name, const char *output_name, unsigned flags) {
    HPX_TRY(hpx_grow(&h->memory, &h->documents, &h->document_cap, h->document_count + 1, sizeof *h->documents));
    hpx_document *document = hpx_alloc_zero(&h->memory, sizeof *document);
    if (!document) return HAPAX_E_MEMORY;
    document->number = (uint32_t)h->document_count;
    h->documents[h->document_count++] = document;
    document->against = flags & HAPAX_AGAINST;
    document->new_output = flags & HAPAX_NEW_OUTPUT;
    document->name = copy_name(h, name, &document->name_nbytes);
    if (output_name) document->output_name = copy_name(h, output_name, &document->output_name_nbytes);
    if (!document->name || (output_name && !document->output_name)) return HAPAX_E_MEMORY;
    h->document = document;
    hpx_frame_begin(&h->frame, document);
    hpx_inflate_reset(h->inflate);
    return HAPAX_OK;
}

hapax_status hapax_begin_output(hapax *h, const char *name, const char *output_name, unsigned flags) {
    if (h->document || h->finish_called) return misuse(h, "a document begins before the last one has ended");
    return failed(h, add_document(h, name, output_name, flags));
}

hapax_status hapax_begin(hapax *h, const char *name, unsigned flags) {
    return hapax_begin_output(h, name, NULL, flags);
}

/* hapax_end goes over the room by what waits in the frame, and documents without bytes never ask for room. */
static hapax_status widen_ring(hapax *h) {
    if (h->filled_number - h->judged_number < h->ring) return HAPAX_OK;
    size_t ring = 2 * h->ring;
    hpx_batch **prepared = hpx_alloc_zero(&h->memory, ring * sizeof *prepared);
    if (!prepared) return HAPAX_E_MEMORY;
    for (uint64_t number = h->judged_number; number < h->filled_number; number++)
        prepared[number % ring] = h->prepared[number % h->ring];
    hpx_free(&h->memory, h->prepared, h->ring * sizeof *h->prepared);
    h->prepared = prepared;
    h->ring = ring;
    return HAPAX_OK;
}

/* Sends the batch that is being filled on its way; another empty one takes its place. */
static hapax_status send_batch(hapax *h) {
    hpx_batch *next = NULL;
    pthread_mutex_lock(&h->lock);
    hpx_batch *batch = h->filling;
    if (h->spare) {
        next = h->spare;
        h->spare = next->next;
        next->next = NULL;
    }
    pthread_mutex_unlock(&h->lock);
    if (!next) HPX_TRY(hpx_batch_create(&next, &h->memory));
    h->filling = next;
    pthread_mutex_lock(&h->lock);
    hapax_status status = widen_ring(h);
    if (status) {
        batch->next = h->spare;
        h->spare = batch;
        pthread_mutex_unlock(&h->lock);
        return status;
    }
    batch->number = h->filled_number++;
    batch->next = NULL;
    if (h->to_prepare) h->to_prepare_last->next = batch;
    else h->to_prepare = batch;
    h->to_prepare_last = batch;
    pthread_cond_broadcast(&h->changed);
    run_own_jobs(h);
    pthread_mutex_unlock(&h->lock);
    return HAPAX_OK;
}

static bool has_room(hapax *h) {
    pthread_mutex_lock(&h->lock);
    bool room = h->filled_number - h->judged_number < h->room;
    pthread_mutex_unlock(&h->lock);
    return room;
}

/* Moves what is in the frame to batches; *stalled: there is no room for another batch (never with over_room). */
static hapax_status drain_frame(hapax *h, bool over_room, bool *stalled) {
    bool full = true;
    *stalled = false;
    while (full) {
        if (!over_room && !has_room(h)) return *stalled = true, HAPAX_OK;
        HPX_TRY(hpx_frame_fill(&h->frame, h->filling, &full));
        if (full) HPX_TRY(send_batch(h));
    }
    return HAPAX_OK;
}

static void tell_gzip(hapax *h, const hpx_inflate_event *found) {
    pthread_mutex_lock(&h->lock);
    if (found->severity == HAPAX_DAMAGE) h->stats.damage_gzip++;
    /* events are told one at a time: the judge tells its own while it runs */
    while (h->judging) pthread_cond_wait(&h->changed, &h->lock);
    if (h->options.on_event) {
        hapax_event event = {.severity = found->severity, .rule = "gzip", .document = h->document->name, .byte = found->offset,
                             .message = found->message};
        h->options.on_event(h->options.event_context, &event);
    }
    pthread_mutex_unlock(&h->lock);
}

/* Puts decompressed bytes into the frame until in is taken, or there is no room. */
static hapax_status feed(hapax *h, hpx_slice in, bool at_end, size_t *taken) {
    *taken = 0;
    for (;;) {
        bool stalled;
        HPX_TRY(drain_frame(h, at_end, &stalled));
        if (stalled) return HAPAX_OK;
        size_t used = 0, given = 0, event_count = 0;
        hpx_inflate_event events[4];
        const uint8_t *bytes = h->inflated;
        if (hpx_inflate_passes(h->inflate)) {
            bytes = in.ptr + *taken;
            used = given = HPX_MIN(in.len - *taken, INFLATED_NBYTES);
        } else HPX_TRY(hpx_inflate_run(h->inflate, in.ptr + *taken, in.len - *taken, &used, h->inflated, INFLATED_NBYTES, &given, at_end,
                                events, HPX_ARRAY_LEN(events), &event_count));
        *taken += used;
        for (size_t i = 0; i < event_count; i++) tell_gzip(h, &events[i]);
        HPX_TRY(hpx_frame_push(&h->frame, bytes, given));
        pthread_mutex_lock(&h->lock);
        h->framed_nbytes += given;
        h->stats.pushed_nbytes += used;
        count_held(h);
        pthread_mutex_unlock(&h->lock);
        bool more = given == INFLATED_NBYTES || event_count == HPX_ARRAY_LEN(events); /* see hpx_inflate_run */
        if (*taken == in.len && !more) return drain_frame(h, at_end, &stalled);
    }
}

hapax_status hapax_push(hapax *h, const void *in, size_t in_nbytes, size_t *taken_nbytes) {
    *taken_nbytes = 0;
    if (!h->document) return misuse(h, "bytes are pushed outside a document");
    hapax_status status = failed(h, HAPAX_OK);
    if (status || in_nbytes == 0) return status;
    return failed(h, feed(h, hpx_slice_of(in, in_nbytes), false, taken_nbytes));
}

static hapax_status end_document(hapax *h) {
    size_t taken;
    bool stalled;
    HPX_TRY(feed(h, hpx_slice_of("", 0), true, &taken));
    hpx_frame_end(&h->frame);
    h->document = NULL;
    return drain_frame(h, true, &stalled);
}

hapax_status hapax_end(hapax *h) {
    if (!h->document) return misuse(h, "a document ends that has not begun");
    hapax_status status = failed(h, HAPAX_OK);
    return status ? status : failed(h, end_document(h));
}

void hapax_mark_damaged(hapax *h) {
    pthread_mutex_lock(&h->lock);
    h->damaged = true;
    pthread_mutex_unlock(&h->lock);
}

hapax_status hapax_finish(hapax *h) {
    if (h->document || h->finish_called) return misuse(h, "finished inside a document, or twice");
    h->finish_called = true;
    hapax_status status = failed(h, h->filling->stretch_count ? send_batch(h) : HAPAX_OK);
    if (status) return status;
    pthread_mutex_lock(&h->lock);
    h->finished = true;
    pthread_cond_broadcast(&h->changed);
    run_own_jobs(h);
    status = h->failed;
    pthread_mutex_unlock(&h->lock);
    return status;
}

/* The pulling side. */

static hapax_status pull_journal(hapax *h, uint8_t *out, size_t out_nbytes, size_t *got) {
    size_t ready = h->journal.len - h->journal_given;
    *got = HPX_MIN(ready, out_nbytes);
    if (*got) memcpy(out, h->journal.ptr + h->journal_given, *got);
    h->journal_given += *got;
    if (h->journal_given == h->journal.len) h->journal.len = h->journal_given = 0;
    return *got == 0 && h->judge_finished ? HAPAX_DONE : HAPAX_OK;
}

static hapax_status pull_text(hapax *h, uint8_t *out, size_t out_nbytes, size_t *got) {
    while (*got < out_nbytes && !h->text_next && !h->text_done) {
        hpx_block *block;
        HPX_TRY(hpx_outlet_head(&h->outlet, &block));
        if (!block) break;
        hpx_slice bytes = hpx_outlet_bytes(&h->outlet, block);
        size_t part = HPX_MIN(bytes.len - block->given_nbytes, out_nbytes - *got);
        if (part) memcpy(out + *got, bytes.ptr + block->given_nbytes, part);
        *got += part;
        block->given_nbytes += part;
        if (block->given_nbytes < bytes.len) break;
        h->text_next = block->last && !block->final;
        h->text_done = block->final;
        hpx_outlet_drop_head(&h->outlet);
    }
    h->stats.written_nbytes += *got;
    if (*got) return HAPAX_OK;
    if (h->text_next) return h->text_next = false, HAPAX_NEXT;
    return h->text_done ? HAPAX_DONE : HAPAX_OK;
}

hapax_status hapax_pull(hapax *h, hapax_stream stream, void *out, size_t out_nbytes, size_t *got_nbytes) {
    *got_nbytes = 0;
    pthread_mutex_lock(&h->lock);
    run_own_jobs(h);
    hapax_status status = h->failed;
    if (!status && out_nbytes) {
        status = stream == HAPAX_TEXT ? pull_text(h, out, out_nbytes, got_nbytes) : pull_journal(h, out, out_nbytes, got_nbytes);
        if (status != HAPAX_OK && status != HAPAX_DONE && status != HAPAX_NEXT) status = fail(h, status);
        if (*got_nbytes) pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
    return status;
}

static bool can_pull(const hapax *h) {
    if (h->outlet.head) return h->outlet.head->state == HPX_BLOCK_READY || h->journal.len > h->journal_given;
    return h->journal.len > h->journal_given || h->text_next || h->judge_finished;
}

hapax_status hapax_wait(hapax *h, unsigned what) {
    pthread_mutex_lock(&h->lock);
    run_own_jobs(h);
    while ((h->options.jobs > 1 || h->own_busy) && !h->failed) {
        if (what & HAPAX_CAN_PUSH && h->filled_number - h->judged_number < h->room) break;
        if (what & HAPAX_CAN_PULL && can_pull(h)) break;
        pthread_cond_wait(&h->changed, &h->lock);
    }
    hapax_status status = h->failed;
    pthread_mutex_unlock(&h->lock);
    return status;
}

void hapax_get_stats(hapax *h, hapax_stats *stats) {
    pthread_mutex_lock(&h->lock);
    count_held(h);
    *stats = h->stats;
    stats->memory_nbytes = atomic_load(&h->memory.now_nbytes);
    stats->memory_peak_nbytes = atomic_load(&h->memory.peak_nbytes);
    pthread_mutex_unlock(&h->lock);
}

size_t hapax_most_removed(hapax *h, hapax_repeat *repeats, size_t n) {
    pthread_mutex_lock(&h->lock);
    size_t count = h->judge_finished && !h->failed ? hpx_judge_most_removed(h->judge, repeats, n) : 0;
    pthread_mutex_unlock(&h->lock);
    return count;
}

void hapax_get_error(hapax *h, hapax_error *error) {
    pthread_mutex_lock(&h->lock);
    *error = h->error;
    pthread_mutex_unlock(&h->lock);
}
