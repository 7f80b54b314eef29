/*
 * places: from a position in the store back to file, line, column and text. Layer 4.
 *
 * Keeps the input's bytes (a log) and one landmark for about every 4 KiB of them. A place is found by preparing the few
 * paragraphs behind its landmark again: cleaning is pure, so the same text comes out, this time with its edits. Positions are
 * offsets in the stream of all skeletons. One thread at a time.
 */
#ifndef HPX_PLACES_H
#define HPX_PLACES_H

#include "batch.h"
#include "log.h"

typedef struct hpx_places hpx_places;

typedef struct {
    uint64_t text_budget_nbytes, landmark_budget_nbytes;
    size_t segment_nbytes; /* of the logs */
    const char *tmpdir;
    bool keep_all;  /* false: texts past the budget are forgotten, and places in them are not found */
    bool no_clean;
    uint64_t seed;
    hapax_error *error;
} hpx_places_options;

hapax_status hpx_places_create(hpx_places **out, const hpx_places_options *options, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_places_destroy(hpx_places *places);

/* Where a stretch begins; LFs and code points of the document before it, and code points of its line before it. */
typedef struct {
    uint64_t lines, chars, column;
} hpx_stretch_place;

/* Remembers a prepared stretch of the batch, whose skeleton_base is set. In order. */
hapax_status hpx_places_add(hpx_places *places, const hpx_batch *batch, const hpx_stretch *stretch, hpx_stretch_place at) HAPAX_MUST_CHECK;

/* A paragraph of the past with its text; borrowed until HPX_PLACES_VIEWS further calls of hpx_places_find. */
#define HPX_PLACES_VIEWS 4
typedef struct {
    const hpx_document *document;
    const hpx_paragraph *paragraph;
    hpx_slice raw, text;        /* as read; cleaned */
    uint64_t begin;             /* position of its first skeleton byte */
    void *group;                /* private */
} hpx_place_view;

/* Finds the paragraph that holds the letter at position. *found false: its text was forgotten. */
hapax_status hpx_places_find(hpx_places *places, uint64_t position, hpx_place_view *view, bool *found) HAPAX_MUST_CHECK;

/* Text offsets [*begin, *end) of the skeleton character that covers position in the view's cleaned text. */
void hpx_place_letter(const hpx_place_view *view, uint64_t position, size_t *begin, size_t *end);

/* A point of the input. */
typedef struct {
    uint64_t line, column;      /* 1-based */
    uint64_t chars, byte;       /* 0-based, from the document's beginning */
} hpx_place;

/* The point of the input for an offset of the view's cleaned text; at_end: it is the end of something. */
hpx_place hpx_place_at(const hpx_place_view *view, size_t text_off, bool at_end);

/* The same for a byte of a stretch that is still at hand. */
hpx_place hpx_place_in_stretch(const hpx_batch *batch, const hpx_stretch *stretch, hpx_stretch_place at, size_t raw_off);

uint64_t hpx_places_size(const hpx_places *places);    /* bytes of input remembered */
uint64_t hpx_places_spilled(const hpx_places *places); /* of these in temporary files */

#endif
