/*
 * inflate: gzip (RFC 1952) and plain bytes in, plain bytes out, in pieces of any size. Layer 2.
 *
 * gzip is known by its magic (1f 8b) at the beginning. Any number of members. What follows the last member: zeros are passed
 * over silently; bytes that begin with the magic but are no member, and a member that is cut or corrupt, are damage;
 * other trailing bytes are a warning, or damage if a member follows them. What was sound before the damage comes out;
 * decompression goes on at the next member if one is found, also if it begins up to 32 KiB before the place where the
 * damage was noticed. A corrupt member is noticed where it stops making sense or
 * at its checksum, so wrong bytes may have been given by then, as by any streaming reader. One thread at a time.
 */
#ifndef HPX_INFLATE_H
#define HPX_INFLATE_H

#include "base.h"

typedef struct hpx_inflate hpx_inflate;

typedef struct {
    hapax_severity severity; /* HAPAX_DAMAGE or HAPAX_WARNING */
    uint64_t offset;         /* in the compressed bytes: where it was noticed */
    char message[160];
} hpx_inflate_event;

hapax_status hpx_inflate_create(hpx_inflate **out, hpx_memory *memory) HAPAX_MUST_CHECK;
void hpx_inflate_destroy(hpx_inflate *z);
void hpx_inflate_reset(hpx_inflate *z); /* for the next document */

/* Takes from in, gives to out; both counters say how much. at_end: no bytes come after these. When *in_taken == in_nbytes and
 * *out_given < out_nbytes and *event_count < event_cap, all that can be given was given and told: else call again.
 * event_cap is at least 1. Bytes and events do not depend on the pieces. */
hapax_status hpx_inflate_run(hpx_inflate *z, const uint8_t *in, size_t in_nbytes, size_t *in_taken,
                             uint8_t *out, size_t out_nbytes, size_t *out_given, bool at_end,
                             hpx_inflate_event *events, size_t event_cap,
                             size_t *event_count) HAPAX_MUST_CHECK;

/* True once the input is known to be plain and nothing of it is held back: it need not go through hpx_inflate_run any more. */
bool hpx_inflate_passes(const hpx_inflate *z);

#endif
