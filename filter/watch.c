/* watch: see watch.h. Layer 7. */
#include "watch.h"

#include "progress.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS         200000000L
#define COLUMNS_DEFAULT 80
#define LINE_PREFIX     7 /* "hapax: " */

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Removes the temporary files and ends the process as the signal would have. */
static void die_of(hpx_watch *watch, int signal_number) {
    hpx_messages_give_up_line(watch->messages);
    hpx_output_list_abandon(watch->outputs);
    signal(signal_number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}

/* What the terminal says; where it says nothing, what COLUMNS said. */
static size_t terminal_columns(const hpx_watch *watch) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
    return watch->columns ? watch->columns : COLUMNS_DEFAULT;
}

/* as_line: at the bottom of the terminal; else as a message of its own. */
static void show(hpx_watch *watch, bool as_line) {
    char text[200], line[220];
    pthread_mutex_lock(&watch->mutex);
    if (watch->filter) {
        size_t columns = terminal_columns(watch);
        hapax_stats stats;
        hapax_get_stats(watch->filter, &stats);
        hpx_progress progress = {.total_nbytes = watch->total_nbytes, .elapsed_ns = now_ns() - watch->start_ns};
        if (as_line) progress.columns = columns > LINE_PREFIX + 20 ? columns - LINE_PREFIX : 20;
        hpx_progress_line(&progress, &stats, text, sizeof text);
        snprintf(line, sizeof line, "hapax: %s", text);
        if (as_line) hpx_messages_line(watch->messages, line);
        else hpx_messages_error(watch->messages, "%s", text);
    }
    pthread_mutex_unlock(&watch->mutex);
}

static void watched_signals(sigset_t *set) {
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(set);
    sigaddset(set, SIGUSR1);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction action;
        // What nohup or a shell's & made the process ignore stays ignored.
        if (sigaction(deadly[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN) continue;
        sigaddset(set, deadly[i]);
    }
}

static void *run(void *context) {
    hpx_watch *watch = context;
    sigset_t set;
    watched_signals(&set);
    for (;;) {
        const struct timespec tick = {.tv_nsec = TICK_NS};
        int got = watch->show ? sigtimedwait(&set, NULL, &tick) : sigwaitinfo(&set, NULL);
        if (atomic_load(&watch->stop)) return NULL;
        if (got < 0) {
            if (errno == EAGAIN) show(watch, true);
        } else if (got == SIGUSR1) {
            show(watch, false);
        } else {
            die_of(watch, got);
        }
    }
}

bool hpx_watch_start(hpx_watch *watch, hpx_output_list *outputs, hpx_messages *messages, bool show_progress, size_t columns) {
    *watch = (hpx_watch){.outputs = outputs, .messages = messages, .show = show_progress, .columns = columns};
    pthread_mutex_init(&watch->mutex, NULL);
    // EPIPE and EFBIG come back from write, where there is something to say or to clean up.
    watch->pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGUSR1, SIG_DFL); // an ignored signal would never wake the thread
    sigset_t set;
    watched_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    watch->running = pthread_create(&watch->thread, NULL, run, watch) == 0;
    return watch->running;
}

void hpx_watch_set(hpx_watch *watch, hapax *filter, uint64_t total_nbytes) {
    pthread_mutex_lock(&watch->mutex);
    watch->filter = filter;
    watch->total_nbytes = total_nbytes;
    watch->start_ns = now_ns();
    pthread_mutex_unlock(&watch->mutex);
}

void hpx_watch_stop(hpx_watch *watch) {
    if (!watch->running) return;
    atomic_store(&watch->stop, true);
    pthread_kill(watch->thread, SIGUSR1);
    pthread_join(watch->thread, NULL);
    watch->running = false;
    // Nobody waits for them any more; SIGUSR1, which would kill, stays blocked.
    sigset_t set;
    watched_signals(&set);
    sigdelset(&set, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    hpx_messages_line(watch->messages, NULL);
}

void hpx_watch_broken_pipe(hpx_watch *watch) {
    if (!watch->pipe_ignored) die_of(watch, SIGPIPE);
}
