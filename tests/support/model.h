/*
 * model: cleaned documents as one stream of letters, with their paragraphs and units, and what may and must
 * be removed, found by
 * comparing letters one by one. Slow and meant to be obviously right. For tests.
 *
 * It believes the pure rooms (skeleton, segment), nothing behind them.
 */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include "bytes.h"
#include "hapax.h"

/* Letters that a passage must have beyond a paragraph shorter than the smallest passage, on each side. */
#define MODEL_BEYOND          32u
#define MODEL_UNIT_MAX_NBYTES ((size_t)64 << 10)

typedef struct {
    size_t sk_off, sk_end; /* in model.skeleton */
    size_t first_paragraph, paragraph_count;
} model_document;

typedef struct {
    size_t document, off, end; /* in the document's text, without the line end */
    size_t sk_off, sk_end;
    size_t first_unit, unit_count;
} model_paragraph;

typedef struct {
    size_t paragraph, off, end; /* in the document's text */
    size_t sk_off, sk_end;
    bool must; /* found by model_find_must */
} model_unit;

typedef struct {
    bytes skeleton; /* of all documents, 0xFF behind each */
    model_document *documents;
    size_t document_count;
    model_paragraph *paragraphs;
    size_t paragraph_count, paragraph_cap;
    model_unit *units;
    size_t unit_count, unit_cap;
} model;

void model_build(model *m, const bytes *texts, size_t count);
void model_release(model *m);

/* Document that holds letter `at`. */
size_t model_document_of(const model *m, size_t at);

/* The longest run *a .. *b around s .. e that stands, letter for letter, d bytes earlier, inside one
 * document each; whole
 * characters. False when s .. e itself does not. */
bool model_run(const model *m, size_t s, size_t e, size_t d, size_t *a, size_t *b);

/* Whether the unit begins or ends with a number: then it depends on the source whether it may go. */
bool model_is_number_edge(const model *m, const model_unit *u);

/* NULL when the unit may be removed because its letters stand d bytes earlier; otherwise why not. */
const char *model_forbids(const model *m, const model_unit *unit, size_t d, size_t min_length,
                          hapax_scope scope);

/* Sets must in units that any filter has to remove that knows the first and the latest place of each
 * shingle: those in a run whose
 * first window nobody else has. window: bytes in which one shingle is chosen. */
void model_find_must(model *m, size_t min_length, size_t window, hapax_scope scope);

#endif
