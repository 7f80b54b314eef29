/*
 * watch: a thread that waits for signals and shows progress. Layer 7.
 *
 * The signals are blocked in all other threads, so that no work is done in a handler and nothing needs a global: SIGINT, SIGTERM and
 * SIGHUP remove the temporary files and kill the process as they would have; SIGUSR1 prints the progress once.
 */
#ifndef HPX_WATCH_H
#define HPX_WATCH_H

#include "messages.h"
#include "output_file.h"

#include <signal.h>
#include <stdatomic.h>

typedef struct {
    hpx_output_list *outputs;
    hpx_messages *messages;
    bool pipe_ignored; /* SIGPIPE was ignored when the process began */
    bool show;         /* progress, several times a second */
    size_t columns;    /* of the terminal, where it does not say; 0: not known */
    bool running;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the next two */
    hapax *filter;
    uint64_t total_nbytes, start_ns;
    atomic_bool stop;
} hpx_watch;

/* Before any other thread is made. False: no thread could be made. */
bool hpx_watch_start(hpx_watch *watch, hpx_output_list *outputs, hpx_messages *messages, bool show, size_t columns) HAPAX_MUST_CHECK;
/* Whose progress it is; NULL: nobody's any more. */
void hpx_watch_set(hpx_watch *watch, hapax *filter, uint64_t total_nbytes);
/* From here signals do what they do to any process. */
void hpx_watch_stop(hpx_watch *watch);

/* A write said EPIPE: dies of SIGPIPE, or returns when that signal was ignored. */
void hpx_watch_broken_pipe(hpx_watch *watch);

#endif
