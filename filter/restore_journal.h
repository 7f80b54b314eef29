/*
 * restore_journal: a journal, read and checked whole: what was removed from which output, and what the output must be.
 * Layer 5. Knows the shape of the journal's lines; does not touch the output. One thread at a time.
 */
#ifndef HPX_RESTORE_JOURNAL_H
#define HPX_RESTORE_JOURNAL_H

#include "base.h"

#define HPX_XXH128_HEX_NBYTES 32

typedef struct hpx_restore_journal hpx_restore_journal;

/* error (owned by the caller, must outlive the object) tells what failed. output_name: see hapax_restorer_create. */
hapax_status hpx_restore_journal_create(hpx_restore_journal **out, hpx_memory *memory, const char *output_name,
                                        const char *tmpdir, uint64_t budget_nbytes, hapax_error *error) HAPAX_MUST_CHECK;
void hpx_restore_journal_destroy(hpx_restore_journal *journal);

/* Plain or gzip bytes, in pieces of any size. HAPAX_E_JOURNAL: not a journal, or a damaged one. */
hapax_status hpx_restore_journal_push(hpx_restore_journal *journal, const uint8_t *in, size_t in_nbytes) HAPAX_MUST_CHECK;
/* HAPAX_E_JOURNAL also when the last line is missing. */
hapax_status hpx_restore_journal_end(hpx_restore_journal *journal) HAPAX_MUST_CHECK;

/* What the journal says of the chosen output. */
typedef struct {
    uint64_t nbytes, restored_nbytes;
    char xxh[HPX_XXH128_HEX_NBYTES], restored_xxh[HPX_XXH128_HEX_NBYTES]; /* hexadecimal digits, as xxhsum -H2 prints them */
} hpx_restore_expected;
const hpx_restore_expected *hpx_restore_journal_expected(const hpx_restore_journal *journal);

/* A removed span: its text comes before output byte `byte` and replaces skip_nbytes output bytes. */
typedef struct {
    uint64_t byte, skip_nbytes, text_nbytes;
    uint64_t text_off; /* for hpx_restore_journal_text */
} hpx_restore_span;

/* The next span of the chosen output, in the order of the output. *found false: there is none left. */
hapax_status hpx_restore_journal_next(hpx_restore_journal *journal, hpx_restore_span *span, bool *found) HAPAX_MUST_CHECK;
hapax_status hpx_restore_journal_text(hpx_restore_journal *journal, uint64_t text_off, void *out, size_t nbytes) HAPAX_MUST_CHECK;

#endif
