/*
 * feed: the reading side of the clean verb: opens the inputs one after another and pushes their bytes. Layer 7.
 *
 * In a thread of its own, or, when `pull` is set, in the same thread as the writing side, which is then called after each push.
 */
#ifndef HPX_FEED_H
#define HPX_FEED_H

#include "messages.h"
#include "options.h"
#include "outputs.h"

#include <stdatomic.h>

/* Which outputs there are, told by the reading side to the writing side; -o DIR/ has one for each input that can be opened. */
typedef struct {
    const hpx_outputs *chosen;
    size_t *begun; /* operands whose outputs have begun, in order */
    atomic_size_t begun_count;
} hpx_feed_outputs;

typedef struct {
    hapax *filter;
    const hpx_options *options;
    hpx_messages *messages;
    hpx_feed_outputs *outputs;
    bool (*pull)(void *context, bool *moved); /* false: the output failed */
    void *pull_context;
    int stop_fd;       /* readable when the feed is to stop */
    atomic_bool *stop; /* the same, for when it does not wait for bytes */
    atomic_bool over;  /* it has ended; the document that it stopped in has not */
    /* results */
    size_t opened_count, unreadable_count;
    bool stopped;        /* before the end, because the output failed */
    bool failed;         /* and reported: the output would not be what was asked for */
    hapax_status status; /* of the library */
} hpx_feed;

/* Feeds everything and finishes the filter. When it is stopped it neither ends the document nor finishes: what is cut there would be
 * reported as damage of the input. */
void hpx_feed_run(hpx_feed *feed);

#endif
