/*
 * removals: reads a journal with code of its own, so that a fault of the library's reader cannot hide one
 * of its writer. For tests.
 */
#ifndef TEST_REMOVALS_H
#define TEST_REMOVALS_H

#include "bytes.h"

#include <stdbool.h>

typedef struct {
    char file[24];
    uint64_t line, column, end_line, end_column, start, end, byte, end_byte;
} journal_place;

typedef struct {
    journal_place at, source;
    bool has_source;
    uint64_t letters, length, out_byte, skip;
    char out_file[24];
    bytes text;
} removal;

typedef struct {
    removal *items;
    size_t count, cap;
    size_t lines;
    bool has_head, has_end;
    uint64_t end_removed, end_letters;
    char problem[200]; /* empty: every line was read */
} removals;

void removals_read(removals *list, bytes journal);
void removals_release(removals *list);

#endif
