/* feed: see feed.h. Layer 7. */
#include "feed.h"

#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_NBYTES (256u << 10)
#define NAME_NBYTES  1024

static bool is_stopped(hpx_feed *feed) {
    if (atomic_load(feed->stop)) feed->stopped = true;
    return feed->stopped;
}

/* Lets the writing side run, or waits for it. False: the output failed. */
static bool make_room(hpx_feed *feed, bool must_wait) {
    bool moved = false;
    if (feed->pull && !feed->pull(feed->pull_context, &moved)) return feed->stopped = true, false;
    if (must_wait && !moved) feed->status = hapax_wait(feed->filter, HAPAX_CAN_PUSH);
    return feed->status == HAPAX_OK && !is_stopped(feed);
}

static bool push(hpx_feed *feed, const uint8_t *p, size_t nbytes) {
    while (nbytes) {
        size_t taken = 0;
        feed->status = hapax_push(feed->filter, p, nbytes, &taken);
        if (feed->status != HAPAX_OK || !make_room(feed, taken == 0)) return false;
        p += taken;
        nbytes -= taken;
    }
    return true;
}

/* What cannot be read is named and passed over. */
static void unreadable(hpx_feed *feed, const char *name, const char *why) {
    char shown[NAME_NBYTES];
    hpx_messages_error(feed->messages, "%s: %s", hpx_messages_name(name, shown, sizeof shown), why);
    feed->unreadable_count++;
    hapax_mark_damaged(feed->filter);
}

/* All bytes of fd; a read that fails ends the document there. */
static bool push_file(hpx_feed *feed, int fd, const char *name, uint8_t *piece) {
    bool waits = !feed->pull && hpx_io_size(fd) == 0;
    for (;;) {
        if (waits && !hpx_io_wait(fd, feed->stop_fd)) return feed->stopped = true, false;
        if (is_stopped(feed)) return false;
        ssize_t n = hpx_io_read(fd, piece, PIECE_NBYTES);
        if (n < 0) unreadable(feed, name, hpx_io_reason(errno));
        if (n <= 0) return true;
        if (!push(feed, piece, (size_t)n)) return false;
    }
}

static int open_input(hpx_feed *feed, const char *name, const char *shown) {
    const char *why = NULL;
    int fd = hpx_io_open_or_stop(name, feed->stop_fd, &why);
    if (fd >= 0 && !feed->options->output && hpx_io_is_same_file(fd, STDOUT_FILENO)) {
        hpx_io_close(fd);
        fd = -1;
        why = "is also the output";
    }
    if (fd < 0 && why) unreadable(feed, shown, why);
    if (fd < 0 && !why) feed->stopped = true;
    return fd;
}

/* One document from begin to end. operand: its number, or SIZE_MAX for --against. False: stop. */
static bool feed_file(hpx_feed *feed, const char *name, size_t operand, uint8_t *piece) {
    const char *shown = strcmp(name, "-") == 0 ? feed->options->stdin_name : name;
    bool against = operand == SIZE_MAX;
    int fd = open_input(feed, name, shown);
    if (fd < 0) return !against && !feed->stopped;
    const char *output = !against && feed->outputs->chosen->names ? feed->outputs->chosen->names[operand] : NULL;
    if (!against && (output || feed->opened_count == 0)) {
        size_t count = atomic_load(&feed->outputs->begun_count);
        feed->outputs->begun[count] = operand;
        atomic_store(&feed->outputs->begun_count, count + 1);
    }
    if (!against) feed->opened_count++;
    unsigned flags = against ? HAPAX_AGAINST : output ? HAPAX_NEW_OUTPUT : 0;
    feed->status = hapax_begin_output(feed->filter, shown, output, flags);
    bool going_on = feed->status == HAPAX_OK && push_file(feed, fd, shown, piece);
    hpx_io_close(fd);
    if (feed->status == HAPAX_OK && !feed->stopped) feed->status = hapax_end(feed->filter);
    return going_on && feed->status == HAPAX_OK && make_room(feed, false);
}

static void feed_all(hpx_feed *feed, uint8_t *piece) {
    static const char *const standard_input[] = {"-"};
    const hpx_options *options = feed->options;
    for (size_t i = 0; i < options->against_count; i++) {
        if (feed_file(feed, options->against[i], SIZE_MAX, piece)) continue;
        // Without it repetitions would stay that were asked to go.
        feed->failed = !feed->stopped && feed->status == HAPAX_OK;
        return;
    }
    const char *const *files = options->file_count ? options->files : standard_input;
    size_t count = options->file_count ? options->file_count : 1;
    for (size_t i = 0; i < count; i++)
        if (!feed_file(feed, files[i], i, piece)) return;
}

void hpx_feed_run(hpx_feed *feed) {
    uint8_t *piece = malloc(PIECE_NBYTES);
    feed->failed = !piece;
    if (piece) feed_all(feed, piece);
    else hpx_messages_error(feed->messages, "out of memory");
    free(piece);
    // Also when it has failed: the writing side waits for the end.
    if (feed->status == HAPAX_OK && !feed->stopped) feed->status = hapax_finish(feed->filter);
    atomic_store(&feed->over, true);
}
