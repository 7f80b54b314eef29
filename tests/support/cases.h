/*
 * cases: case number -> documents and options, with planted repetitions and damage. The same on every
 * machine. For tests.
 */
#ifndef TEST_CASES_H
#define TEST_CASES_H

#include "bytes.h"
#include "hapax.h"
#include "prng.h"

#define CASE_MAX_DOCUMENTS 5

/* Everything that a run depends on, so that a case can be printed, shrunk and run again. */
typedef struct {
    uint64_t number;
    size_t count;
    bytes documents[CASE_MAX_DOCUMENTS];
    unsigned flags[CASE_MAX_DOCUMENTS]; /* HAPAX_AGAINST, HAPAX_NEW_OUTPUT */
    size_t min_length;
    hapax_scope scope;
    bool no_clean;
    size_t batch_nbytes, store_memory_nbytes; /* of the runs that are compared with the first one */
    unsigned jobs;
    uint64_t pieces; /* seed of the sizes of pieces pushed and pulled */
    bool damaged;    /* ill-formed UTF-8 or controls were put in */
} test_case;

void test_case_make(test_case *c, uint64_t number);
void test_case_release(test_case *c);
size_t test_case_nbytes(const test_case *c);
test_case test_case_copy(const test_case *c);

/* One line of options and each document as a C string. */
void test_case_print(FILE *to, const test_case *c);

#endif
