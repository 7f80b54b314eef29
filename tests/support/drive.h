/*
 * drive: a case through the library, with pieces of any size, and what came out. For tests.
 *
 * It checks on the way what must hold for every run: text and bytes held stay within the stated bounds,
 * DONE comes once everything was
 * handed out and stays.
 */
#ifndef TEST_DRIVE_H
#define TEST_DRIVE_H

#include "cases.h"

typedef enum { PIECES_WHOLE, PIECES_BYTE, PIECES_RANDOM } pieces_kind;

typedef struct {
    bool no_find, no_remove, journal, gzip_in;
    int gzip_level;
    unsigned jobs; /* 0: 1 */
    size_t batch_nbytes, store_memory_nbytes;
    uint64_t memory_nbytes; /* 0: 16 MiB */
    pieces_kind push, pull;
    uint64_t pieces; /* seed of random pieces */
} run_setup;

#define RUN_MAX_EVENTS 512
typedef struct {
    size_t document; /* number in its name */
    hapax_severity severity;
    char rule[32];
    uint64_t line, column, byte;
} run_event;

typedef struct {
    hapax_status status; /* HAPAX_OK, or what a call returned */
    char failure[400];   /* empty: nothing that must hold was broken */
    bytes outputs[CASE_MAX_DOCUMENTS + 1];
    size_t output_count;
    bytes journal;
    hapax_stats stats;
    run_event events[RUN_MAX_EVENTS];
    size_t event_count; /* may be more than RUN_MAX_EVENTS */
} run_result;

void run_case(const test_case *c, const run_setup *setup, run_result *result);
void run_result_release(run_result *result);

/* journal + output -> restored, in random pieces. */
hapax_status run_restore(bytes journal, bytes output, const char *output_name, uint64_t pieces,
                         bytes *restored, hapax_error *error);

#endif
