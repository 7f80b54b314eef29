/* verb_clean: see verb_clean.h. Layer 8. */
#include "verb_clean.h"

#include "collide.h"
#include "drain.h"
#include "feed.h"
#include "io.h"
#include "machine.h"
#include "outputs.h"
#include "progress.h"
#include "summary.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_DEFAULT ((uint64_t)2 << 30)
#define MEMORY_LEAST   ((uint64_t)16 << 20)
#define MANY_REMOVED   0.5

/* All that one run needs. */
typedef struct {
    const hpx_options *options;
    hpx_messages *messages;
    hpx_output_list *list;
    hpx_watch *watch;
    hpx_outputs chosen;
    hpx_feed_outputs outputs;
    char **journal_options;
    const char **journal_inputs;
    hapax *filter;
    int stop_fd;
    atomic_bool stop;
    unsigned jobs;
    hpx_feed feed;
    hpx_drain drain;
} clean_run;

/* The default budget, lowered where it would be more than half of what there is. */
static uint64_t memory_budget(const clean_run *run) {
    if (run->options->memory_nbytes) return run->options->memory_nbytes;
    if (run->options->no_find) return MEMORY_DEFAULT; // nothing is remembered
    uint64_t there = hpx_machine_memory(), budget = MEMORY_DEFAULT;
    if (there / 2 >= budget) return budget;
    budget = there / 2 > MEMORY_LEAST ? there / 2 : MEMORY_LEAST;
    char a[24], b[24];
    hpx_messages_note(run->messages, "--memory is %s, as this process may use %s", hpx_progress_size(budget, a),
                      hpx_progress_size(there, b));
    return budget;
}

/* Bytes of all inputs on disk; 0 when one of them has no size. */
static uint64_t total_size(const hpx_options *options) {
    uint64_t total = 0;
    for (size_t i = 0; i < options->against_count + options->file_count; i++) {
        const char *name = i < options->against_count ? options->against[i] : options->files[i - options->against_count];
        struct stat st;
        if ((strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(name, &st)) != 0) continue;
        if (S_ISDIR(st.st_mode)) continue;
        if (!S_ISREG(st.st_mode)) return 0;
        total += (uint64_t)st.st_size;
    }
    return options->file_count ? total : total + hpx_io_size(STDIN_FILENO);
}

static hapax_status make_filter(clean_run *run, hapax_error *error) {
    const hpx_options *options = run->options;
    hapax_options o;
    hapax_options_init(&o);
    o.min_length = options->min_length;
    o.scope = options->scope;
    o.no_clean = options->no_clean;
    o.no_find = options->no_find;
    o.no_remove = options->no_remove;
    o.gzip_level = run->chosen.all_gzip ? options->level : 0;
    o.journal = options->journal != NULL;
    o.journal_options = (const char *const *)run->journal_options;
    o.journal_inputs = run->journal_inputs;
    o.jobs = run->jobs;
    o.memory_nbytes = memory_budget(run);
    o.expected_nbytes = total_size(options);
    o.on_full = options->on_full;
    o.tell_passages = options->verbose;
    o.tmpdir = options->tmpdir;
    o.on_event = hpx_messages_event;
    o.event_context = run->messages;
    return hapax_create(&run->filter, &o, error);
}

static bool prepare(clean_run *run) {
    const hpx_options *options = run->options;
    static const char *const standard_input = "-";
    size_t count = options->file_count ? options->file_count : 1;
    if (!hpx_outputs_choose(&run->chosen, options, run->messages)) return false;
    if (!hpx_collide_check(options, &run->chosen, run->messages)) return false;
    run->jobs = options->jobs ? options->jobs : hpx_machine_cores();
    run->outputs.chosen = &run->chosen;
    run->outputs.begun = calloc(count, sizeof *run->outputs.begun);
    run->journal_options = hpx_options_result(options);
    run->journal_inputs = calloc(count + 1, sizeof *run->journal_inputs);
    run->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (!run->outputs.begun || !run->journal_options || !run->journal_inputs || run->stop_fd < 0)
        return hpx_messages_error(run->messages, "out of memory"), false;
    for (size_t i = 0; i < count; i++) {
        const char *name = options->file_count ? options->files[i] : standard_input;
        run->journal_inputs[i] = strcmp(name, "-") == 0 ? options->stdin_name : name;
    }
    hapax_error error;
    if (make_filter(run, &error) == HAPAX_OK) return true;
    hpx_messages_error(run->messages, "%s", error.text);
    return false;
}

/* Called by the writing side when it has failed. */
static void stop_feed(void *context) {
    clean_run *run = context;
    if (atomic_exchange(&run->stop, true)) return;
    const uint64_t one = 1;
    (void)hpx_io_write(run->stop_fd, &one, sizeof one);
}

static void *feed_thread(void *context) {
    hpx_feed_run(context);
    return NULL;
}

/* Reads, filters and writes; with more than one job reading has a thread of its own. */
static bool pump(clean_run *run) {
    run->drain = (hpx_drain){.filter = run->filter,
                             .options = run->options,
                             .messages = run->messages,
                             .list = run->list,
                             .watch = run->watch,
                             .outputs = &run->outputs,
                             .gzip_level = run->chosen.all_gzip ? 0 : run->chosen.some_gzip ? run->options->level : 0,
                             .on_failure = stop_feed,
                             .failure_context = run};
    run->feed = (hpx_feed){.filter = run->filter,
                           .options = run->options,
                           .messages = run->messages,
                           .outputs = &run->outputs,
                           .stop_fd = run->stop_fd,
                           .stop = &run->stop};
    if (!hpx_drain_open(&run->drain)) return false;
    pthread_t thread;
    if (run->jobs > 1) {
        run->drain.feed_over = &run->feed.over;
        if (pthread_create(&thread, NULL, feed_thread, &run->feed) != 0)
            return hpx_messages_error(run->messages, "cannot make a thread"), false;
        hpx_drain_all(&run->drain);
        pthread_join(thread, NULL);
    } else {
        run->feed.pull = hpx_drain_some;
        run->feed.pull_context = &run->drain;
        hpx_feed_run(&run->feed);
        if (run->feed.status == HAPAX_OK && !run->feed.stopped) hpx_drain_all(&run->drain);
    }
    return true;
}

/* Reports what the library said; false when the run has failed. */
static bool library_is_fine(clean_run *run) {
    hapax_status status = run->drain.status != HAPAX_OK ? run->drain.status : run->feed.status;
    if (run->drain.failed) return false;
    if (status == HAPAX_OK) return !run->feed.failed;
    hapax_error error = {.status = status};
    hapax_get_error(run->filter, &error);
    const char *hint = status == HAPAX_E_FULL ? "; a larger --memory, or --on-full=freeze with it, goes on" : "";
    if (error.sys_errno)
        hpx_messages_error(run->messages, "%s: %s", error.text, hpx_io_reason(error.sys_errno));
    else hpx_messages_error(run->messages, "%s%s", *error.text ? error.text : hapax_status_text(status), hint);
    return false;
}

/* False when more was removed than was allowed. */
static bool share_is_fine(const clean_run *run, const hapax_stats *stats) {
    double limit = run->options->max_removed, share = 0;
    char shown[24], most[24];
    if (stats->letters) share = (double)stats->removed_letters / (double)stats->letters;
    if (share <= (limit < 0 ? MANY_REMOVED : limit)) return true;
    hpx_progress_share(stats->removed_letters, stats->letters, shown);
    if (limit < 0) {
        hpx_messages_warning(run->messages, "%s of all letters were removed (--max-removed=50%% makes this an error)", shown);
        run->messages->warning_count++;
        return true;
    }
    hpx_progress_share((uint64_t)(limit * 1000000), 1000000, most);
    hpx_messages_error(run->messages, "%s of all letters were removed, more than the %s of --max-removed", shown, most);
    return false;
}

static bool write_stats(clean_run *run, const hapax_stats *stats) {
    char *text = hpx_summary_json(stats, run->messages);
    bool fine = hpx_drain_stats(&run->drain, text);
    free(text);
    return fine;
}

/* Closes everything and says what happened. */
static int conclude(clean_run *run) {
    const hpx_options *options = run->options;
    hapax_stats stats;
    hapax_get_stats(run->filter, &stats);
    bool fine = library_is_fine(run) && share_is_fine(run, &stats);
    if (fine && options->stats) fine = write_stats(run, &stats);
    // A file is not replaced by nothing because a name was mistyped.
    bool keep = fine && (run->feed.opened_count > 0 || !options->output);
    fine = hpx_drain_close(&run->drain, keep, fine) && fine;
    // Signals are still waited for: giving back what a large run holds takes its time.
    hpx_watch_set(run->watch, NULL, 0);
    if (!fine) return HPX_EXIT_FAILED;
    if (run->feed.opened_count) hpx_summary_say(run->messages, run->filter, options);
    if (run->feed.unreadable_count || run->messages->damage_count || stats.damage_utf8 || stats.damage_gzip)
        return HPX_EXIT_DAMAGED;
    if (options->strict && run->messages->warning_count) return HPX_EXIT_DAMAGED;
    bool found = stats.removed_spans > 0 || (options->no_remove && stats.found_letters > 0);
    return options->exit_code && found ? HPX_EXIT_FOUND : HPX_EXIT_DONE;
}

int hpx_verb_clean(const hpx_options *options, hpx_messages *messages, hpx_output_list *list, hpx_watch *watch) {
    clean_run run = {.options = options, .messages = messages, .list = list, .watch = watch, .stop_fd = -1};
    int status = HPX_EXIT_FAILED;
    if (prepare(&run)) {
        hpx_watch_set(watch, run.filter, total_size(options));
        if (pump(&run)) status = conclude(&run);
        else (void)hpx_drain_close(&run.drain, false, false);
        hpx_watch_set(watch, NULL, 0);
    }
    hapax_destroy(run.filter);
    if (run.stop_fd >= 0) close(run.stop_fd);
    free(run.outputs.begun);
    free(run.journal_inputs);
    hpx_options_result_release(run.journal_options);
    hpx_outputs_release(&run.chosen);
    return status;
}
