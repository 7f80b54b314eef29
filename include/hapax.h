/*
 * hapax.h: every passage once; the first copy stays.
 *
 * The public face of libhapax: bytes in, bytes out. The library opens no file but the unlinked temporary one of
 * its store (see hapax_options.tmpdir); names are only repeated in messages and in the journal.
 *
 * A filter takes documents one after another. Bytes are pushed (plain or gzip, found by magic), cleaned text is pulled,
 * plain or as one gzip member for each output. Repeated passages are found by winnowed fingerprints (Schleimer,
 * Wilkerson, Aiken 2003), compared letter by letter, and removed by whole sentences.
 *
 *     hapax_options o;                 hapax_options_init(&o);
 *     hapax *h = NULL;                 hapax_create(&h, &o, &error);
 *     hapax_begin(h, "a.txt", 0);      one document, from here to hapax_end
 *     hapax_push(h, p, n, &taken);     as often as there are bytes; taken < n: pull first
 *     hapax_pull(h, HAPAX_TEXT, buf, sizeof buf, &got);
 *     hapax_end(h);                    ... more documents ...
 *     hapax_finish(h);                 then pull until HAPAX_DONE
 *     hapax_destroy(h);
 *
 * Threads: push, begin, end and finish belong to one thread at a time, pull to one thread at a time; these two may
 * be different threads and run at the same time. Everything else is stated at its declaration. The bytes that are pulled
 * depend on the bytes pushed and on the options, never on threads, timing or the sizes of the pieces.
 */
#ifndef HAPAX_H
#define HAPAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAPAX_VERSION "0.1.0"

#if defined(__GNUC__)
#define HAPAX_MUST_CHECK __attribute__((warn_unused_result))
#else
#define HAPAX_MUST_CHECK
#endif

/* What every call that can fail returns. Only HAPAX_OK, HAPAX_DONE and HAPAX_NEXT leave the object as usable as before;
 * after any E_ status (but HAPAX_E_OPTION from hapax_create, which makes no object) only hapax_get_stats and
 * hapax_destroy may be called. */
typedef enum {
    HAPAX_OK = 0,       /* done */
    HAPAX_DONE,         /* hapax_pull: finished and everything was handed out */
    HAPAX_NEXT,         /* hapax_pull: this output has ended, the next call gives the next output's bytes */
    HAPAX_E_MEMORY,     /* an allocation failed */
    HAPAX_E_OPTION,     /* options that contradict each other or are out of range */
    HAPAX_E_FULL,       /* the index reached its budget and on_full is HAPAX_FULL_STOP */
    HAPAX_E_IO,         /* the temporary file of the store could not be written or read */
    HAPAX_E_STATE,      /* calls in an order that this header does not allow */
    HAPAX_E_JOURNAL,    /* restore: the journal is incomplete or is not a journal */
    HAPAX_E_CHECKSUM,   /* restore: the output, or what was restored from it, is not what the journal describes */
    HAPAX_E_LIMIT       /* more input than positions can name (2^40 bytes of letters) */
} hapax_status;

/* One sentence for a status, in English, without a full stop. Never NULL. */
const char *hapax_status_text(hapax_status status);

/* Filled in when a call fails; the caller owns it. */
typedef struct {
    hapax_status status;
    int sys_errno;      /* errno of the failed system call, or 0 */
    uint64_t offset;    /* byte offset in the journal or output for E_JOURNAL and E_CHECKSUM, else 0 */
    char text[240];     /* what was being done, NUL-terminated UTF-8 */
} hapax_error;

typedef enum { HAPAX_SCOPE_ALL = 0, HAPAX_SCOPE_WITHIN, HAPAX_SCOPE_ACROSS } hapax_scope;
typedef enum { HAPAX_FULL_STOP = 0, HAPAX_FULL_FREEZE } hapax_on_full;

/* What happened to the text, told while it goes through. Bad text is an event, never an error. */
typedef enum {
    HAPAX_NOTE = 0,     /* worth knowing */
    HAPAX_WARNING,      /* an editor should look */
    HAPAX_DAMAGE        /* something is missing from the output or had to be replaced: status 3 of the command */
} hapax_severity;

typedef struct {
    hapax_severity severity;
    const char *rule;      /* stable name: "utf8", "gzip", "unmatched-quote", "open-end", "long-paragraph", ... */
    const char *document;  /* the name given to hapax_begin */
    uint64_t line, column; /* 1-based, columns in code points; 0, 0: not at a place in the text */
    uint64_t byte;         /* 0-based offset in the document's decompressed bytes (for "gzip": in the bytes pushed) */
    const char *message;   /* one sentence, English, UTF-8, without a full stop */
} hapax_event;

/* Called in the order of the text (events "gzip" when the bytes are pushed, which is earlier), never twice at the same time, possibly
 * in a thread of the library. The strings live until it returns.
 * It must not call the library for the same object. */
typedef void (*hapax_event_fn)(void *context, const hapax_event *event);

typedef struct {
    size_t min_length;       /* smallest passage, in bytes of its letters: 120 .. 65536; default 120 */
    hapax_scope scope;       /* where a source may stand */
    bool no_clean;           /* leave the text (ill-formed UTF-8 is replaced all the same) */
    bool no_find;            /* do not look for repetitions */
    bool no_remove;          /* find and count, remove nothing: the text that restore gives back */
    int gzip_level;          /* 1 .. 9: HAPAX_TEXT is gzip; 0: plain text; default 0 */
    bool journal;            /* HAPAX_JOURNAL is written, and texts are kept so that it can name every source */
    const char *const *journal_options; /* strings for the journal's head, NULL-terminated; NULL: none */
    const char *const *journal_inputs;  /* names for the journal's head, NULL-terminated; NULL: none */
    unsigned jobs;           /* 1: all work is done inside push, pull and finish; n: n threads are made; default 1 */
    uint64_t memory_nbytes;  /* budget of index and store; default 2 GiB; at least 16 MiB */
    uint64_t expected_nbytes; /* about how many bytes of text will come, if known; 0: unknown. Saves time, changes no byte */
    hapax_on_full on_full;   /* what to do when the index is full */
    uint64_t seed;           /* of fingerprints; 0 unless runs must not be foreseeable */
    const char *tmpdir;      /* where the store goes past its budget; NULL: "/tmp" */
    hapax_event_fn on_event; /* may be NULL */
    void *event_context;
    bool tell_passages;      /* a note for every passage found, with its exact place and source */
    size_t store_memory_nbytes; /* for tests: memory for letters and texts before they go to the temporary file; 0: a share of
                              * memory_nbytes. Never changes the output */
    size_t batch_nbytes;     /* for tests: input bytes of a batch; 0: the built-in size. Never changes the output */
} hapax_options;

void hapax_options_init(hapax_options *options);

typedef struct hapax hapax;

/* Flags of hapax_begin. */
#define HAPAX_AGAINST 1u    /* counts as seen before: it is not written, and repetitions in it are not reported; damage is */
#define HAPAX_NEW_OUTPUT 2u /* an output of its own begins with this document; the first document always begins one */

/* Makes a filter. Copies the options and what they point to. On failure *out is NULL and error (may be NULL) says why. */
hapax_status hapax_create(hapax **out, const hapax_options *options, hapax_error *error) HAPAX_MUST_CHECK;

/* Begins a document. name (UTF-8 or any bytes, NUL-terminated, copied) is what messages and the journal call it. */
hapax_status hapax_begin(hapax *h, const char *name, unsigned flags) HAPAX_MUST_CHECK;
/* The same; output_name is what the journal calls the output when HAPAX_NEW_OUTPUT is given (NULL: "-"). */
hapax_status hapax_begin_output(hapax *h, const char *name, const char *output_name, unsigned flags) HAPAX_MUST_CHECK;

/* Gives up to in_nbytes bytes of the document; *taken_nbytes says how many were taken. Fewer than given: the output has
 * to be pulled before more is taken (or, with jobs > 1, time has to pass: hapax_wait). */
hapax_status hapax_push(hapax *h, const void *in, size_t in_nbytes, size_t *taken_nbytes) HAPAX_MUST_CHECK;

/* Ends the document. A gzip document that is cut short is reported as an event. */
hapax_status hapax_end(hapax *h) HAPAX_MUST_CHECK;
/* Says that some input could not be read at all, or not to its end. The journal's last line has status 3 when this was said or an event
 * of severity HAPAX_DAMAGE was told, else 0: it tells what became of the input, not with which status a program ends. */
void hapax_mark_damaged(hapax *h);

/* No document comes any more. What is left can be pulled, until HAPAX_DONE. */
hapax_status hapax_finish(hapax *h) HAPAX_MUST_CHECK;

typedef enum { HAPAX_TEXT = 0, HAPAX_JOURNAL = 1 } hapax_stream;

/* Copies up to out_nbytes bytes that are ready into out; *got_nbytes says how many, 0 if none are ready yet. Never waits
 * for input. HAPAX_NEXT (text only, no bytes): the output has ended and another one follows. HAPAX_DONE (no bytes) after hapax_finish
 * when the stream is at its end. Work stops while a few MiB wait to be pulled, so with a journal both streams have to be pulled. */
hapax_status hapax_pull(hapax *h, hapax_stream stream, void *out, size_t out_nbytes, size_t *got_nbytes) HAPAX_MUST_CHECK;

#define HAPAX_CAN_PUSH 1u
#define HAPAX_CAN_PULL 2u
/* Waits until push would take a byte, or pull would give one (or DONE, NEXT, or an error), as asked by the bits of what.
 * With jobs = 1 it does the work that is left instead of waiting. May be called from the pushing and the pulling thread. */
hapax_status hapax_wait(hapax *h, unsigned what) HAPAX_MUST_CHECK;

/* Counts so far; may be called from any thread at any time. Documents with HAPAX_AGAINST count in pushed_nbytes, damage_, index_, store_,
 * memory and work only. */
typedef struct {
    uint64_t documents, paragraphs, letters;      /* letters: code points of the skeleton */
    uint64_t in_nbytes, out_nbytes, written_nbytes; /* decompressed input, text put out, bytes put out (compressed) */
    uint64_t pushed_nbytes;                       /* bytes given to hapax_push */
    uint64_t removed_spans, removed_letters, removed_nbytes;
    uint64_t found_letters;                       /* letters inside repeated passages, removed or not */
    uint64_t edits_punct, edits_ellipsis, edits_space, edits_nfc, edits_width, edits_blank;
    uint64_t damage_utf8, damage_gzip, warnings;
    uint64_t index_entries, index_nbytes, index_budget_nbytes;
    bool index_full;
    uint64_t store_nbytes, spilled_nbytes;        /* letters and texts kept; of these in the temporary file */
    uint64_t held_nbytes, held_peak_nbytes, held_limit_nbytes; /* text taken and not yet put out: now, most, bound */
    uint64_t memory_nbytes, memory_peak_nbytes, memory_limit_nbytes;   /* all memory of the object: now, most, bound; to the
                                                   * bound add the names and 200 bytes for each document */
    uint64_t letters_compared, probes, moved_nbytes; /* work: skeleton bytes compared, index groups visited, bytes copied */
    uint64_t prepare_ns, find_ns, write_ns;       /* time in cleaning and choosing; probing and deciding; compressing */
} hapax_stats;
void hapax_get_stats(hapax *h, hapax_stats *stats);

/* The most removed passages, most first: up to n, returns how many. Call after HAPAX_DONE. */
typedef struct {
    uint64_t copies, letters;    /* how often it was removed; letters of one copy */
    const char *document;        /* of the first removal */
    uint64_t line;
    const char *source_document;
    uint64_t source_line;        /* 0: no longer known */
    const char *differs;         /* "quotes differ", "quotes and punctuation differ", or "" */
    const char *excerpt;         /* its beginning, UTF-8 */
} hapax_repeat;
size_t hapax_most_removed(hapax *h, hapax_repeat *repeats, size_t n);

/* Details of the failure of the last call that failed. */
void hapax_get_error(hapax *h, hapax_error *error);

void hapax_destroy(hapax *h);  /* NULL is allowed; waits for its threads */

/* Putting removed spans back: the journal first and whole, then the output that it describes.
 * Result: byte for byte what no_remove would have written. Both checksums of the journal are compared. */
typedef struct hapax_restorer hapax_restorer;
/* output_name: which of the journal's outputs, by its last part, when there are several; an only one may have any name. tmpdir and memory as in hapax_options. */
hapax_status hapax_restorer_create(hapax_restorer **out, const char *output_name, const char *tmpdir,
                                   uint64_t memory_nbytes, hapax_error *error) HAPAX_MUST_CHECK;
/* The journal's bytes, plain or gzip. */
hapax_status hapax_restorer_journal(hapax_restorer *r, const void *in, size_t in_nbytes) HAPAX_MUST_CHECK;
hapax_status hapax_restorer_journal_end(hapax_restorer *r) HAPAX_MUST_CHECK;
/* The output's bytes, plain or gzip. Everything that is taken can be pulled. */
hapax_status hapax_restorer_push(hapax_restorer *r, const void *in, size_t in_nbytes, size_t *taken_nbytes) HAPAX_MUST_CHECK;
hapax_status hapax_restorer_end(hapax_restorer *r) HAPAX_MUST_CHECK;
/* As hapax_pull; HAPAX_DONE only when both checksums were right. */
hapax_status hapax_restorer_pull(hapax_restorer *r, void *out, size_t out_nbytes, size_t *got_nbytes) HAPAX_MUST_CHECK;
void hapax_restorer_get_error(hapax_restorer *r, hapax_error *error);
void hapax_restorer_destroy(hapax_restorer *r);

#ifdef __cplusplus
}
#endif
#endif
