/*
 * deflate: see deflate.h. Layer 2. Compression itself is zlib's.
 */
#include "deflate.h"

#include "zmemory.h"

#include <zlib.h>

#define PIECE_NBYTES    ((size_t)1 << 30) /* zlib counts what it is given in 32 bits */
#define RAW_WINDOW_BITS (-15)
#define MEMORY_LEVEL    8

struct hpx_deflater {
    hpx_memory *memory;
    int level;
    bool ready; /* stream was initialised */
    z_stream stream;
};

hapax_status hpx_deflater_create(hpx_deflater **out, hpx_memory *memory, int level) {
    *out = NULL;
    if (level < 1 || level > 9) return HAPAX_E_OPTION;
    hpx_deflater *deflater = hpx_alloc_zero(memory, sizeof *deflater);
    if (!deflater) return HAPAX_E_MEMORY;
    deflater->memory = memory;
    deflater->level = level;
    *out = deflater;
    return HAPAX_OK;
}

void hpx_deflater_destroy(hpx_deflater *deflater) {
    if (!deflater) return;
    if (deflater->ready) deflateEnd(&deflater->stream); /* says only that a block was left half done */
    hpx_free(deflater->memory, deflater, sizeof *deflater);
}

static hapax_status begin_block(hpx_deflater *deflater, hpx_slice dictionary) {
    z_stream *stream = &deflater->stream;
    if (!deflater->ready) {
        *stream = (z_stream){
            .zalloc = hpx_zmemory_alloc, .zfree = hpx_zmemory_free, .opaque = deflater->memory};
        int made = deflateInit2(stream, deflater->level, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL,
                                Z_DEFAULT_STRATEGY);
        if (made != Z_OK) return made == Z_MEM_ERROR ? HAPAX_E_MEMORY : HAPAX_E_STATE;
        deflater->ready = true;
    } else if (deflateReset(stream) != Z_OK) {
        return HAPAX_E_STATE;
    }
    if (dictionary.len == 0) return HAPAX_OK;
    size_t used = HPX_MIN(dictionary.len, (size_t)HPX_DEFLATE_DICTIONARY_NBYTES);
    int primed = deflateSetDictionary(stream, dictionary.ptr + dictionary.len - used, (uInt)used);
    return primed == Z_OK ? HAPAX_OK : HAPAX_E_STATE;
}

/* Runs zlib on what the stream was given until it wants nothing more. */
static hapax_status run_stream(z_stream *stream, int flush, hpx_buffer *out) {
    int result;
    do {
        HPX_TRY(hpx_buffer_reserve(out, deflateBound(stream, stream->avail_in) + 64));
        size_t room = HPX_MIN(out->cap - out->len, PIECE_NBYTES);
        stream->next_out = out->ptr + out->len;
        stream->avail_out = (uInt)room;
        result = deflate(stream, flush);
        out->len += room - stream->avail_out;
        if (result == Z_STREAM_ERROR) return HAPAX_E_STATE;
    } while (stream->avail_out == 0 || (flush == Z_FINISH && result != Z_STREAM_END));
    return HAPAX_OK;
}

hapax_status hpx_deflater_block(hpx_deflater *deflater, hpx_slice dictionary, hpx_slice text, bool last,
                                hpx_buffer *out, uint32_t *crc) {
    *crc = (uint32_t)crc32_z(0, text.ptr, text.ptr ? text.len : 0);
    if (text.len == 0 && !last) return HAPAX_OK; /* an empty flush would only cost bytes */
    HPX_TRY(begin_block(deflater, dictionary));
    z_stream *stream = &deflater->stream;
    static const uint8_t nothing[1];
    size_t at = 0;
    do {
        size_t piece = HPX_MIN(text.len - at, PIECE_NBYTES);
        bool final_piece = at + piece == text.len;
        /* zlib does not write through next_in; its type has no const unless ZLIB_CONST is defined. */
        stream->next_in = (Bytef *)(uintptr_t)(text.len ? text.ptr + at : nothing);
        stream->avail_in = (uInt)piece;
        HPX_TRY(run_stream(stream, !final_piece ? Z_NO_FLUSH : last ? Z_FINISH : Z_SYNC_FLUSH, out));
        at += piece;
    } while (at < text.len);
    return HAPAX_OK;
}

hapax_status hpx_gzip_header(hpx_buffer *out, int level) {
    uint8_t extra = level == 1 ? 4 : level == 9 ? 2 : 0; /* fastest, slowest: RFC 1952, section 2.3.1 */
    const uint8_t header[10] = {0x1f, 0x8b, 8, 0,     0,
                                0,    0,    0, extra, 255 /* any system: the same bytes everywhere */};
    return hpx_buffer_append(out, header, sizeof header);
}

static void put32(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

hapax_status hpx_gzip_trailer(hpx_buffer *out, uint32_t crc, uint64_t text_nbytes) {
    uint8_t trailer[8];
    put32(trailer, crc);
    put32(trailer + 4, (uint32_t)text_nbytes);
    return hpx_buffer_append(out, trailer, sizeof trailer);
}

uint32_t hpx_gzip_crc_combine(uint32_t crc, uint32_t crc_of_next, uint64_t next_nbytes) {
    return (uint32_t)crc32_combine(crc, crc_of_next, (z_off_t)next_nbytes);
}
