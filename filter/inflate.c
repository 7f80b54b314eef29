/*
 * inflate: see inflate.h. Layer 2. zlib reads a member, header and checksum included; here is what lies between members.
 */
#include "inflate.h"

#include "zmemory.h"

#include <inttypes.h>
#include <stdio.h>
#include <zlib.h>

#define PIECE_NBYTES     ((size_t)1 << 30) /* zlib counts what it is given in 32 bits */
#define HEADER_NBYTES    10u               /* the fixed part of a member's header */
#define TAIL_NBYTES      (32u << 10) /* zlib swallows the members behind a damaged one until it notices */
#define GZIP_WINDOW_BITS (15 + 16)

typedef enum {
    STATE_START,   /* the first bytes are not known yet */
    STATE_PLAIN,   /* bytes pass through */
    STATE_MEMBER,  /* inside a gzip member */
    STATE_BETWEEN, /* behind a member, or in the zeros behind it */
    STATE_STRANGE, /* behind a member, in bytes that are no member: looking for the next */
    STATE_DAMAGED, /* behind damage that was told: looking for the next member */
    STATE_ENDED
} inflate_state;

struct hpx_inflate {
    hpx_memory *memory;
    inflate_state state;
    bool ready; /* stream was initialised */
    z_stream stream;
    /* Bytes before offset that may be the beginning of a member. */
    uint8_t held[HEADER_NBYTES];
    size_t held_len;
    /* Bytes that come before the input: they were taken, looked at, and put back. */
    uint8_t again[TAIL_NBYTES + HEADER_NBYTES];
    size_t again_len, again_at;
    uint64_t offset;         /* bytes read, less those put back */
    uint64_t member_offset;  /* where the member begins */
    uint64_t strange_offset; /* where strange bytes begin */
    /* The last bytes of the member that zlib took: TAIL_NBYTES of them at least, if there were as many. Twice the room, so
     * that they are moved only once for so many bytes. */
    uint8_t tail[2 * TAIL_NBYTES];
    size_t tail_len;
};

/* What one call works on. */
typedef struct {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
    hpx_inflate_event *events;
    size_t event_count, event_cap;
} run;

hapax_status hpx_inflate_create(hpx_inflate **out, hpx_memory *memory) {
    *out = hpx_alloc_zero(memory, sizeof **out);
    if (!*out) return HAPAX_E_MEMORY;
    (*out)->memory = memory;
    return HAPAX_OK;
}

void hpx_inflate_destroy(hpx_inflate *z) {
    if (!z) return;
    if (z->ready) inflateEnd(&z->stream);
    hpx_free(z->memory, z, sizeof *z);
}

void hpx_inflate_reset(hpx_inflate *z) {
    z->state = STATE_START;
    z->held_len = z->again_len = z->again_at = z->tail_len = 0;
    z->offset = z->member_offset = z->strange_offset = 0;
}

/* The caller has seen to it that there is room. */
static void tell(run *r, hapax_severity severity, uint64_t offset, const char *message) {
    hpx_inflate_event *event = &r->events[r->event_count++];
    event->severity = severity;
    event->offset = offset;
    snprintf(event->message, sizeof event->message, "%s", message);
}

/* ---- the bytes that come next ---- */

static size_t next_bytes(const hpx_inflate *z, const run *r, const uint8_t **bytes) {
    bool again = z->again_at < z->again_len;
    *bytes = again ? z->again + z->again_at : r->in;
    return again ? z->again_len - z->again_at : (size_t)(r->in_end - r->in);
}

static void take(hpx_inflate *z, run *r, size_t n) {
    if (z->again_at < z->again_len)
        z->again_at += n;
    else
        r->in += n;
    z->offset += n;
}

/* There is always room: what is put back lies within TAIL_NBYTES + HEADER_NBYTES before the input. */
static void put_back(hpx_inflate *z, const uint8_t *bytes, size_t n) {
    size_t left = z->again_len - z->again_at;
    memmove(z->again + n, z->again + z->again_at, left);
    memcpy(z->again, bytes, n);
    z->again_at = 0;
    z->again_len = n + left;
    z->offset -= n;
}

/* ---- finding members ---- */

/* Could a member begin with these bytes? Only magic and method are asked for where a member may stand; where one is looked for
 * inside damaged bytes, every byte of its header must be one that a compressor writes, or compressed data would do. */
static bool begins_member(const uint8_t *p, size_t len, bool strict) {
    static const uint8_t magic[3] = {0x1f, 0x8b, 8};
    if (!strict) return memcmp(p, magic, HPX_MIN(len, (size_t)2)) == 0;
    if (memcmp(p, magic, HPX_MIN(len, sizeof magic)) != 0) return false;
    if (len > 3 && (p[3] & 0xe0) != 0) return false;
    if (len > 8 && p[8] != 0 && p[8] != 2 && p[8] != 4) return false;
    return len < HEADER_NBYTES || p[9] <= 13 || p[9] == 255;
}

static void drop_held(hpx_inflate *z, size_t n) {
    memmove(z->held, z->held + n, z->held_len - n);
    z->held_len -= n;
}

/* Adds a byte to what is held and drops from the front what no member begins with. True: held is a whole fixed header. */
static bool search_byte(hpx_inflate *z, uint8_t byte) {
    z->held[z->held_len++] = byte;
    while (z->held_len > 0 && !begins_member(z->held, z->held_len, true))
        drop_held(z, 1);
    return z->held_len == HEADER_NBYTES;
}

static hapax_status begin_member(hpx_inflate *z) {
    if (!z->ready) {
        z->stream = (z_stream){.zalloc = hpx_zmemory_alloc, .zfree = hpx_zmemory_free, .opaque = z->memory};
        int made = inflateInit2(&z->stream, GZIP_WINDOW_BITS);
        if (made != Z_OK) return made == Z_MEM_ERROR ? HAPAX_E_MEMORY : HAPAX_E_STATE;
        z->ready = true;
    } else if (inflateReset(&z->stream) != Z_OK) {
        return HAPAX_E_STATE;
    }
    put_back(z, z->held, z->held_len);
    z->held_len = z->tail_len = 0;
    z->member_offset = z->offset;
    z->state = STATE_MEMBER;
    return HAPAX_OK;
}

/* The member is damaged; the next one may begin in what zlib took for its bytes. */
static void begin_search(hpx_inflate *z) {
    size_t n = HPX_MIN(z->tail_len, (size_t)TAIL_NBYTES);
    if (z->offset - n == z->member_offset) n--; /* never the same member again */
    put_back(z, z->tail + z->tail_len - n, n);
    z->state = STATE_DAMAGED;
}

/* ---- states ---- */

static hapax_status run_start(hpx_inflate *z, run *r) {
    const uint8_t *from;
    while (next_bytes(z, r, &from) > 0) {
        z->held[z->held_len++] = *from;
        take(z, r, 1);
        if (!begins_member(z->held, z->held_len, false)) {
            put_back(z, z->held, z->held_len);
            z->held_len = 0;
            z->state = STATE_PLAIN;
            return HAPAX_OK;
        }
        if (z->held_len == 2) return begin_member(z);
    }
    return HAPAX_OK;
}

static void run_plain(hpx_inflate *z, run *r) {
    const uint8_t *from;
    for (;;) {
        size_t n = HPX_MIN(next_bytes(z, r, &from), (size_t)(r->out_end - r->out));
        if (n == 0) return;
        memcpy(r->out, from, n);
        r->out += n;
        take(z, r, n);
    }
}

static void keep_tail(hpx_inflate *z, const uint8_t *taken, size_t n) {
    if (n > TAIL_NBYTES) {
        taken += n - TAIL_NBYTES;
        n = TAIL_NBYTES;
    }
    if (z->tail_len + n > sizeof z->tail) {
        memmove(z->tail, z->tail + z->tail_len - TAIL_NBYTES, TAIL_NBYTES);
        z->tail_len = TAIL_NBYTES;
    }
    memcpy(z->tail + z->tail_len, taken, n);
    z->tail_len += n;
}

/* One call of zlib. *waits: it can do no more without input or room. */
static hapax_status run_member(hpx_inflate *z, run *r, bool *waits) {
    z_stream *stream = &z->stream;
    const uint8_t *from;
    size_t in_n = HPX_MIN(next_bytes(z, r, &from), PIECE_NBYTES),
           out_n = HPX_MIN((size_t)(r->out_end - r->out), PIECE_NBYTES);
    uint8_t no_room = 0;
    stream->next_in = (Bytef *)(uintptr_t)from; /* zlib only reads it */
    stream->avail_in = (uInt)in_n;
    stream->next_out = out_n ? r->out : &no_room; /* NULL is refused even for no bytes */
    stream->avail_out = (uInt)out_n;
    int result = inflate(stream, Z_NO_FLUSH);
    size_t taken = in_n - stream->avail_in, given = out_n - stream->avail_out;
    r->out += given;
    keep_tail(z, from, taken);
    take(z, r, taken);
    if (result == Z_MEM_ERROR) return HAPAX_E_MEMORY;
    if (result == Z_STREAM_END) {
        z->state = STATE_BETWEEN;
    } else if (result == Z_DATA_ERROR) {
        char text[160];
        snprintf(text, sizeof text, "the gzip member that begins at byte %" PRIu64 " is damaged: %s",
                 z->member_offset, stream->msg ? stream->msg : "unknown error");
        tell(r, HAPAX_DAMAGE, z->offset, text);
        begin_search(z);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return HAPAX_E_STATE;
    }
    *waits = z->state == STATE_MEMBER && taken == 0 && given == 0;
    return HAPAX_OK;
}

static hapax_status run_between(hpx_inflate *z, run *r) {
    const uint8_t *from;
    while (next_bytes(z, r, &from) > 0) {
        uint8_t byte = *from;
        take(z, r, 1);
        if (z->held_len == 0 && byte == 0) continue;
        z->held[z->held_len++] = byte;
        if (!begins_member(z->held, z->held_len, false)) {
            put_back(z, z->held, z->held_len);
            z->held_len = 0;
            z->strange_offset = z->offset;
            z->state = STATE_STRANGE;
            return HAPAX_OK;
        }
        if (z->held_len == 2) return begin_member(z);
    }
    return HAPAX_OK;
}

static hapax_status run_search(hpx_inflate *z, run *r) {
    const uint8_t *from;
    for (size_t n; (n = next_bytes(z, r, &from)) > 0;) {
        if (z->held_len == 0) {
            const uint8_t *next = memchr(from, 0x1f, n);
            take(z, r, next ? (size_t)(next - from) : n);
            if (!next) continue;
            from = next;
        }
        uint8_t byte = *from;
        take(z, r, 1);
        if (!search_byte(z, byte)) continue;
        if (z->state == STATE_STRANGE) {
            char text[160];
            snprintf(text, sizeof text, "%" PRIu64 " bytes between gzip members are no gzip",
                     z->offset - HEADER_NBYTES - z->strange_offset);
            tell(r, HAPAX_DAMAGE, z->strange_offset, text);
        }
        return begin_member(z);
    }
    return HAPAX_OK;
}

/* The input is over and everything that was taken has been given. */
static void run_end(hpx_inflate *z, run *r) {
    bool cut = z->state == STATE_MEMBER;
    char text[160];
    if (z->state == STATE_BETWEEN && z->held_len > 0) { /* one byte of the magic is not yet the magic */
        z->strange_offset = z->offset - z->held_len;
        z->state = STATE_STRANGE;
    }
    if (cut) {
        snprintf(text, sizeof text, "the gzip member that begins at byte %" PRIu64 " is cut short",
                 z->member_offset);
        tell(r, HAPAX_DAMAGE, z->offset, text);
    } else if (z->state == STATE_STRANGE) {
        snprintf(text, sizeof text, "%" PRIu64 " trailing bytes behind the last gzip member were passed over",
                 z->offset - z->strange_offset);
        tell(r, HAPAX_WARNING, z->strange_offset, text);
    }
    z->state = STATE_ENDED;
}

/* Works until nothing more can be done, or until there is no room for an event. */
static hapax_status run_states(hpx_inflate *z, run *r) {
    bool waits = false;
    while (!waits && r->event_count < r->event_cap) {
        switch (z->state) {
        case STATE_START:
            HPX_TRY(run_start(z, r));
            waits = z->state == STATE_START;
            break;
        case STATE_PLAIN: run_plain(z, r); return HAPAX_OK;
        case STATE_MEMBER: HPX_TRY(run_member(z, r, &waits)); break;
        case STATE_BETWEEN:
            HPX_TRY(run_between(z, r));
            waits = z->state == STATE_BETWEEN;
            break;
        case STATE_STRANGE:
        case STATE_DAMAGED:
            HPX_TRY(run_search(z, r));
            waits = z->state != STATE_MEMBER;
            break;
        case STATE_ENDED: return HAPAX_OK;
        }
    }
    return HAPAX_OK;
}

bool hpx_inflate_passes(const hpx_inflate *z) {
    return z->state == STATE_PLAIN && z->held_len == 0 && z->again_at == z->again_len;
}

hapax_status hpx_inflate_run(hpx_inflate *z, const uint8_t *in, size_t in_nbytes, size_t *in_taken,
                             uint8_t *out, size_t out_nbytes, size_t *out_given, bool at_end,
                             hpx_inflate_event *events, size_t event_cap, size_t *event_count) {
    static const uint8_t nothing[1];
    uint8_t no_room[1];
    if (in_nbytes == 0) in = nothing; /* NULL is allowed for no bytes */
    if (out_nbytes == 0) out = no_room;
    run r = {.in = in,
             .in_end = in + in_nbytes,
             .out = out,
             .out_end = out + out_nbytes,
             .events = events,
             .event_cap = event_cap};
    *in_taken = *out_given = *event_count = 0;
    if (event_cap == 0) return HAPAX_E_STATE;
    hapax_status status = run_states(z, &r);
    bool over = at_end && r.in == r.in_end && r.event_count < r.event_cap && z->state != STATE_ENDED;
    if (status == HAPAX_OK && over) {
        if (z->state == STATE_START) { /* nothing, or half a magic: plain */
            put_back(z, z->held, z->held_len);
            z->held_len = 0;
            z->state = STATE_PLAIN;
            run_plain(z, &r);
        }
        /* A member whose bytes just fill the room may have more. */
        if (z->again_at == z->again_len && (r.out < r.out_end || z->state != STATE_MEMBER)) run_end(z, &r);
    }
    *in_taken = (size_t)(r.in - in);
    *out_given = (size_t)(r.out - out);
    *event_count = r.event_count;
    return status;
}
