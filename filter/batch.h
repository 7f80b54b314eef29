/*
 * batch: a numbered piece of the input and everything that can be found out about it alone. Layer 3.
 *
 * A batch holds stretches: whole lines of one document each. hpx_batch_prepare splits them into paragraphs, cleans
 * these, makes the skeleton and chooses shingles. It is pure in the batch, so it runs in any thread; nothing here knows what stands
 * in other batches. A paragraph is one line here: joining torn ones is the work of a stage before cleaning.
 */
#ifndef HPX_BATCH_H
#define HPX_BATCH_H

#include "choose.h"
#include "clean.h"

/* Longest paragraph, of input and of cleaned text; longer ones are cut at a sentence end. */
#define HPX_PARAGRAPH_MAX_NBYTES ((size_t)1 << 20)
#define HPX_HEAD_NBYTES ((size_t)64 << 10)
/* One byte between the skeletons of two documents; equals nothing, as no skeleton holds it. */
#define HPX_DOCUMENT_SEPARATOR 0xFFu

/* What identity and places refer to; made by the pushing thread, kept until the filter is destroyed. */
typedef struct {
    char *name, *output_name; /* output_name: NULL unless new_output */
    size_t name_nbytes, output_name_nbytes;
    uint32_t number;          /* 0, 1, 2 ... in the order given */
    bool against, new_output;
    /* decided on the first HPX_HEAD_NBYTES, before the first batch leaves: */
    bool other_cjk;           /* Japanese or Korean: no Chinese rules */
    uint32_t front_nbytes;    /* front matter (between lines of `---` at the very beginning), or 0 */
} hpx_document;

/* Lines end here where they end for cleaning, so that a stretch may begin behind any line break. State before a stretch that cleaning needs: an open code fence (its character, or 0) and its length. */
typedef struct {
    uint8_t fence;
    uint8_t fence_len;
} hpx_mend_state;

/* Whole lines of one document. */
typedef struct {
    const hpx_document *document;
    uint32_t raw_off, raw_len;   /* in hpx_batch.raw */
    uint64_t byte_off;           /* in the document's decompressed bytes */
    bool begins, ends;           /* the document begins, ends with this stretch */
    bool cut;                    /* ends inside a line: the paragraph was longer than HPX_PARAGRAPH_MAX_NBYTES */
    hpx_mend_state mend;         /* before its first line */
    /* found by hpx_batch_prepare: */
    uint32_t skeleton_off, skeleton_len;
    uint32_t first_paragraph, paragraph_count;
    uint32_t first_group, group_count;
    uint32_t first_chosen, chosen_count;
    uint32_t first_mark, mark_count;
    uint64_t utf8_damage;        /* ill-formed sequences in it */
    uint64_t letters, chars, lines; /* code points of the skeleton; code points as read; LFs */
    uint64_t tail_chars;         /* code points behind the last LF (all, when there is none) */
    bool blank_after;            /* blank lines stand after the last paragraph (or nothing but blank lines stand here) */
} hpx_stretch;

typedef struct {
    uint32_t raw_off, raw_len;   /* the line without its end, in hpx_batch.raw */
    uint32_t text_off, text_len; /* cleaned: in hpx_batch.clean, or in raw when text_is_raw */
    uint32_t skeleton_off, skeleton_len; /* in hpx_batch.skeleton */
    uint32_t lead_len;           /* no_clean: bytes of blank lines before raw_off */
    uint32_t first_edit, edit_count; /* only when edits are kept */
    uint8_t eol_len;             /* no_clean: bytes of the line end behind raw_len */
    bool text_is_raw, blank_before;
    bool is_fence;               /* begins or ends a block of code: it stays, or what is code would change */
} hpx_paragraph;

/* Paragraphs that are looked up together when a place is named: at least HPX_GROUP_NBYTES of input. */
#define HPX_GROUP_NBYTES 4096u
typedef struct {
    uint32_t raw_off, skeleton_off;
    uint64_t line, chars;        /* LFs and code points of the stretch before raw_off */
    uint64_t column;             /* code points before raw_off on its line, as far as the stretch shows */
    bool line_begun_before;      /* the line of raw_off began before the stretch */
    hpx_mend_state mend;
} hpx_group;

typedef enum { HPX_MARK_UTF8, HPX_MARK_COMBINING, HPX_MARK_BIDI, HPX_MARK_CUT } hpx_mark_kind;
/* Something to report, at a byte of raw. */
typedef struct {
    hpx_mark_kind kind;
    uint32_t stretch, raw_off;
} hpx_mark;
#define HPX_MARK_KINDS 4
#define HPX_STRETCH_MARKS 20 /* of a kind and a stretch; more are only counted */

typedef struct hpx_batch {
    uint64_t number;
    hpx_memory *memory;
    hpx_buffer raw, clean, skeleton;
    hpx_stretch *stretches;
    size_t stretch_count, stretch_cap;
    hpx_paragraph *paragraphs;
    size_t paragraph_count, paragraph_cap;
    hpx_group *groups;
    size_t group_count, group_cap;
    hpx_chosen_list chosen;      /* off: in skeleton */
    hpx_mark *marks;
    size_t mark_count, mark_cap;
    uint64_t utf8_damage, combining_runs, bidi_controls, cuts;
    uint64_t edits[HPX_RULE_COUNT], blank_edits;
    /* places in the whole stream, set when the batch is judged: */
    uint64_t skeleton_base;
    uint64_t byte_base;          /* + raw_off = byte of the document, for the stretch that was judged last */
    struct hpx_batch *next;      /* in the list of its owner */
} hpx_batch;

/* Scratch memory of one thread. */
typedef struct {
    hpx_memory *memory;
    hpx_cleaner *cleaner;
    hpx_chooser *chooser;
    hpx_edits edits;
} hpx_workbench;

hapax_status hpx_workbench_init(hpx_workbench *bench, uint64_t seed, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_workbench_release(hpx_workbench *bench);

typedef struct {
    bool no_clean, no_find;
    hpx_edits *keep_edits; /* edits of all paragraphs are left here; NULL: they are forgotten */
} hpx_prepare_options;

hapax_status hpx_batch_create(hpx_batch **out, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_batch_clear(hpx_batch *batch);   /* for the next number; gives back memory that is larger than usual */
void hpx_batch_destroy(hpx_batch *batch);
hapax_status hpx_batch_add_stretch(hpx_batch *batch, const hpx_stretch *stretch) HAPAX_MUST_CHECK;

hapax_status hpx_batch_prepare(hpx_batch *batch, hpx_workbench *bench, hpx_prepare_options options) HAPAX_MUST_CHECK;

static inline hpx_slice hpx_batch_text(const hpx_batch *batch, const hpx_paragraph *p) {
    return hpx_slice_of((p->text_is_raw ? batch->raw.ptr : batch->clean.ptr) + p->text_off, p->text_len);
}

/* The state behind these lines, which begin at a line's start. */
hpx_mend_state hpx_mend_after(hpx_mend_state state, hpx_slice lines);
/* False: no line of these can begin or end a fence. Fast. */
bool hpx_mend_may_fence(hpx_slice lines);
/* Offset of the first line break of text at or behind from: LF, CR LF, CR, VT, FF, U+2028, U+2029; *break_len: its bytes. text.len and 0:
 * there is none. */
size_t hpx_mend_line_break(hpx_slice text, size_t from, size_t *break_len);
/* Bytes of front matter at the beginning of a document, from its first HPX_HEAD_NBYTES; 0: it has none. */
size_t hpx_mend_front_matter(hpx_slice head);
/* Code points of bytes as they were read: an ill-formed sequence counts 1. */
uint64_t hpx_chars_as_read(hpx_slice bytes);

/* Where to cut a paragraph that is too long: an offset in 1..limit of text (limit <= text.len), behind the last line break, sentence end, space or
 * whole character, in this order of preference, found in the last 64 KiB before limit. *at_break: it is a line break. */
size_t hpx_long_paragraph_cut(hpx_slice text, size_t limit, bool *at_break);

#endif
