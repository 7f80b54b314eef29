/*
 * deflate: blocks of one gzip member that can be compressed in any thread. Layer 2.
 *
 * As pigz does: each block is primed with the last 32 KiB of the text before it and ends on a byte boundary (sync flush),
 * so that blocks, put one behind the other, are one raw deflate stream; CRC-32 of the parts are combined in order.
 */
#ifndef HPX_DEFLATE_H
#define HPX_DEFLATE_H

#include "base.h"

#define HPX_DEFLATE_BLOCK_NBYTES (128u << 10)
#define HPX_DEFLATE_DICTIONARY_NBYTES (32u << 10)

/* Scratch of one thread: zlib's state, made at first use. Zero-initialise; release at the end. */
typedef struct hpx_deflater hpx_deflater;
hapax_status hpx_deflater_create(hpx_deflater **out, hpx_memory *memory, int level) HAPAX_MUST_CHECK;
void hpx_deflater_destroy(hpx_deflater *deflater);

/* Appends text, compressed, to out; *crc becomes the CRC-32 of text. dictionary: the up to 32 KiB before text. last: this block
 * ends the deflate stream (text may be empty). */
hapax_status hpx_deflater_block(hpx_deflater *deflater, hpx_slice dictionary, hpx_slice text, bool last, hpx_buffer *out,
                                uint32_t *crc) HAPAX_MUST_CHECK;

/* The 10 bytes before and the 8 bytes behind the blocks (no name, no time). */
hapax_status hpx_gzip_header(hpx_buffer *out, int level) HAPAX_MUST_CHECK;
hapax_status hpx_gzip_trailer(hpx_buffer *out, uint32_t crc, uint64_t text_nbytes) HAPAX_MUST_CHECK;
uint32_t hpx_gzip_crc_combine(uint32_t crc, uint32_t crc_of_next, uint64_t next_nbytes);

#endif
