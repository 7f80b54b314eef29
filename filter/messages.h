/*
 * messages: what the command says on standard error: `hapax: FILE:LINE:COL: warning: ... [rule]`. Layer 6. Several threads may
 * speak; a progress line at the bottom of the terminal is taken away before a message and comes back after it.
 */
#ifndef HPX_MESSAGES_H
#define HPX_MESSAGES_H

#include "hapax.h"

#include <pthread.h>
#include <stdio.h>

#define HPX_MESSAGES_RULES 32

/* How often a rule was reported, so that ten thousand warnings of one kind are not ten thousand lines. */
typedef struct {
    char name[32];
    uint64_t count;
} hpx_messages_rule;

typedef struct {
    pthread_mutex_t mutex;
    bool quiet;   /* only errors */
    bool verbose; /* every event is shown */
    bool color;
    bool line_shown; /* a progress line stands on the terminal */
    hpx_messages_rule rules[HPX_MESSAGES_RULES];
    size_t rule_count;
    uint64_t damage_count, warning_count; /* events, shown or not */
} hpx_messages;

void hpx_messages_init(hpx_messages *m, bool quiet, bool verbose, bool color);
void hpx_messages_release(hpx_messages *m);

/* `hapax: ...`; errors are said even when quiet. */
void hpx_messages_error(hpx_messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `hapax: warning: ...` and `hapax: note: ...` and `hapax: ...`, unless quiet. */
void hpx_messages_warning(hpx_messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hpx_messages_note(hpx_messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hpx_messages_say(hpx_messages *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An event of the library; context is the hpx_messages. */
void hpx_messages_event(void *context, const hapax_event *event);
/* Says how many events were not shown. */
void hpx_messages_left_out(hpx_messages *m);

/* Shows text as the line at the bottom of the terminal; NULL takes it away. */
void hpx_messages_line(hpx_messages *m, const char *text);

/* Takes it away before the process dies, unless somebody is speaking, who may wait for a reader that never comes. */
void hpx_messages_give_up_line(hpx_messages *m);

/* A name for a terminal: control characters and what is no UTF-8 as \n or \x1b, so that a file's name cannot move the cursor. The
 * result is out. What is said goes through the same, once more. */
const char *hpx_messages_name(const char *name, char *out, size_t out_nbytes);

#endif
