/*
 * fuzz_inflate: any bytes as a document, plain or gzip, whole and in pieces. Bytes and events must be the same, nothing may hang, and a
 * second document through the same object must come out like the first.
 *
 * The first byte may put sound members before and behind the data, so that the fuzzer begins deep inside.
 */
#include "fuzz.h"

#include "inflate.h"

#include <zlib.h>

#define MOST_NBYTES ((size_t)32 << 20) /* a small bomb is fine, a large one only costs time */

typedef struct {
    fuzz_bytes out, events;
} result;

static void add_member(fuzz_bytes *out, const uint8_t *text, size_t nbytes, int level) {
    z_stream z = {0};
    uint8_t packed[4096];
    need(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib failed");
    z.next_in = (uint8_t *)(uintptr_t)text;
    z.avail_in = (unsigned)nbytes;
    int status;
    do {
        z.next_out = packed;
        z.avail_out = sizeof packed;
        status = deflate(&z, Z_FINISH);
        fuzz_add(out, packed, sizeof packed - z.avail_out);
    } while (status == Z_OK);
    deflateEnd(&z);
}

static void run(hpx_inflate *z, const uint8_t *in, size_t nbytes, size_t in_piece, size_t out_piece, size_t event_cap, result *r) {
    uint8_t *out = malloc(out_piece);
    hpx_inflate_event events[4];
    need(out != NULL, "no memory");
    for (size_t at = 0, calls = 0; r->out.len < MOST_NBYTES; calls++) {
        size_t piece = nbytes - at < in_piece ? nbytes - at : in_piece, taken = 0, given = 0, count = 0;
        bool at_end = at + piece == nbytes;
        need(hpx_inflate_run(z, in + at, piece, &taken, out, out_piece, &given, at_end, events, event_cap, &count) == HAPAX_OK,
             "inflate failed");
        need(taken <= piece && given <= out_piece && count <= event_cap, "inflate counts wrongly");
        fuzz_add(&r->out, out, given);
        for (size_t i = 0; i < count; i++) {
            fuzz_add(&r->events, &events[i].severity, sizeof events[i].severity);
            fuzz_add(&r->events, &events[i].offset, sizeof events[i].offset);
            fuzz_add(&r->events, events[i].message, strlen(events[i].message) + 1);
        }
        at += taken;
        need(taken || given || count || piece == 0 || at_end || calls < 2 * nbytes + 64, "inflate does not go on");
        if (at == nbytes && at_end && given < out_piece && count < event_cap) break;
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < FUZZ_PREFIX) return 0;
    const uint8_t *text = data + FUZZ_PREFIX;
    size_t text_nbytes = nbytes - FUZZ_PREFIX;
    fuzz_bytes in = {0};
    fuzz_add(&in, "", 1); /* so that there is memory */
    in.len = 0;
    if (data[0] & 1) add_member(&in, text, text_nbytes / 2, data[0] >> 4 & 7);
    size_t sound = in.len;
    if (!(data[0] & 8)) fuzz_add(&in, text, text_nbytes);
    if (data[0] & 2) add_member(&in, text, text_nbytes / 3, 6);
    if (data[0] & 4 && in.len) in.ptr[data[1] * (in.len - 1) / 255] ^= (uint8_t)(1 + data[2] % 255); /* damage inside a member */
    hpx_memory memory = {0};
    hpx_inflate *z = NULL;
    result whole = {0}, pieces = {0}, again = {0};
    need(hpx_inflate_create(&z, &memory) == HAPAX_OK, "no inflate");
    run(z, in.ptr, in.len, in.len + 1, 65536, 4, &whole);
    if (whole.out.len < MOST_NBYTES) {
        hpx_inflate_reset(z);
        run(z, in.ptr, in.len, 1 + data[1], 1 + data[2] * 7u, 1, &pieces);
        need(fuzz_is_same(&whole.out, &pieces.out), "the bytes depend on the pieces");
        need(fuzz_is_same(&whole.events, &pieces.events), "the events depend on the pieces");
        hpx_inflate_reset(z);
        run(z, in.ptr, in.len, in.len + 1, 1 + data[3] * 257u, 2, &again);
        need(fuzz_is_same(&whole.out, &again.out) && fuzz_is_same(&whole.events, &again.events), "the second document comes out differently");
    }
    if (sound && !(data[0] & 4)) {
        need(whole.out.len >= text_nbytes / 2, "sound bytes before the damage are missing");
        need(text_nbytes < 2 || memcmp(whole.out.ptr, text, text_nbytes / 2) == 0, "sound bytes before the damage are wrong");
    }
    hpx_inflate_destroy(z);
    need(memory.now_nbytes == 0, "memory is left");
    free(in.ptr);
    free(whole.out.ptr), free(whole.events.ptr), free(pieces.out.ptr), free(pieces.events.ptr), free(again.out.ptr), free(again.events.ptr);
    return 0;
}
