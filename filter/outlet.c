/* outlet: see outlet.h. Layer 7. */
#include "outlet.h"

/* A larger block's memory is not kept for the next one. */
#define SPARE_MAX_NBYTES ((size_t)1 << 20)

void hpx_outlet_init(hpx_outlet *outlet, int gzip_level, hpx_memory *memory) {
    *outlet = (hpx_outlet){.memory = memory, .gzip_level = gzip_level, .begins_output = true};
    outlet->dictionary.memory = outlet->spare.memory = memory;
}

static void destroy_block(hpx_outlet *outlet, hpx_block *block) {
    if (!block) return;
    hpx_buffer_release(&block->text);
    hpx_buffer_release(&block->packed);
    hpx_buffer_release(&block->dictionary);
    hpx_free(outlet->memory, block, sizeof *block);
}

void hpx_outlet_release(hpx_outlet *outlet) {
    if (!outlet->memory) return;
    while (outlet->head) hpx_outlet_drop_head(outlet);
    destroy_block(outlet, outlet->filling);
    hpx_buffer_release(&outlet->dictionary);
    hpx_buffer_release(&outlet->spare);
    *outlet = (hpx_outlet){0};
}

static hapax_status create_block(hpx_outlet *outlet, hpx_block **out) {
    hpx_block *block = hpx_alloc_zero(outlet->memory, sizeof *block);
    if (!block) return HAPAX_E_MEMORY;
    block->text.memory = block->packed.memory = block->dictionary.memory = outlet->memory;
    block->first = outlet->begins_output;
    *out = block;
    return HAPAX_OK;
}

static void queue(hpx_outlet *outlet, hpx_block *block) {
    block->text_nbytes = block->text.len;
    outlet->queued_nbytes += block->text_nbytes;
    outlet->begins_output = block->last;
    if (outlet->tail) outlet->tail->next = block;
    else outlet->head = block;
    outlet->tail = block;
}

/* Remembers the end of what was queued as the next block's dictionary. */
static hapax_status keep_dictionary(hpx_outlet *outlet, const hpx_block *block) {
    hpx_buffer_clear(&outlet->dictionary);
    if (block->last) return HAPAX_OK;
    size_t keep = HPX_MIN(block->text.len, (size_t)HPX_DEFLATE_DICTIONARY_NBYTES);
    return hpx_buffer_append(&outlet->dictionary, block->text.ptr + block->text.len - keep, keep);
}

static hapax_status queue_filling(hpx_outlet *outlet, bool last, bool final) {
    if (!outlet->filling) HPX_TRY(create_block(outlet, &outlet->filling));
    hpx_block *block = outlet->filling;
    HPX_TRY(hpx_buffer_append(&block->dictionary, outlet->dictionary.ptr, outlet->dictionary.len));
    block->last = last;
    block->final = final;
    HPX_TRY(keep_dictionary(outlet, block));
    outlet->filling = NULL;
    queue(outlet, block);
    return HAPAX_OK;
}

static hapax_status take_gzip(hpx_outlet *outlet, hpx_slice text) {
    while (text.len) {
        if (!outlet->filling) HPX_TRY(create_block(outlet, &outlet->filling));
        size_t room = HPX_DEFLATE_BLOCK_NBYTES - outlet->filling->text.len;
        size_t part = HPX_MIN(room, text.len);
        HPX_TRY(hpx_buffer_append(&outlet->filling->text, text.ptr, part));
        text.ptr += part;
        text.len -= part;
        if (part == room) HPX_TRY(queue_filling(outlet, false, false));
    }
    return HAPAX_OK;
}

/* Plain output is ready as it is. When it is all of buffer, the block takes over its memory. */
static hapax_status take_plain(hpx_outlet *outlet, hpx_buffer *buffer, hpx_slice text, bool last, bool final) {
    hpx_block *block;
    if (text.len == 0 && !last) return HAPAX_OK;
    HPX_TRY(create_block(outlet, &block));
    if (text.len == buffer->len) {
        hpx_buffer spare = outlet->spare;
        block->text = *buffer;
        *buffer = spare;
        outlet->spare = (hpx_buffer){.memory = outlet->memory};
    } else {
        hapax_status status = hpx_buffer_append(&block->text, text.ptr, text.len);
        if (status) {
            destroy_block(outlet, block);
            return status;
        }
    }
    block->last = last;
    block->final = final;
    block->state = HPX_BLOCK_READY;
    queue(outlet, block);
    return HAPAX_OK;
}

hapax_status hpx_outlet_take(hpx_outlet *outlet, hpx_buffer *text, const size_t *ends, size_t end_count, bool final) {
    size_t at = 0, total = text->len;
    for (size_t i = 0; i <= end_count; i++) {
        bool last = i < end_count;
        size_t end = last ? ends[i] : total;
        hpx_slice part = {end > at ? text->ptr + at : NULL, end - at};
        bool ends_all = final && i + 1 == end_count;
        if (outlet->gzip_level == 0) {
            HPX_TRY(take_plain(outlet, text, part, last, ends_all));
        } else {
            HPX_TRY(take_gzip(outlet, part));
            if (last) HPX_TRY(queue_filling(outlet, true, ends_all));
        }
        at = end;
    }
    hpx_buffer_clear(text);
    return HAPAX_OK;
}

hpx_block *hpx_outlet_next_job(hpx_outlet *outlet) {
    for (hpx_block *block = outlet->head; block; block = block->next) {
        if (block->state != HPX_BLOCK_WAITS) continue;
        block->state = HPX_BLOCK_RUNS;
        return block;
    }
    return NULL;
}

hapax_status hpx_block_compress(hpx_block *block, hpx_deflater *deflater, int level) {
    if (block->first) HPX_TRY(hpx_gzip_header(&block->packed, level));
    hpx_slice dictionary = {block->dictionary.ptr, block->dictionary.len}, text = {block->text.ptr, block->text.len};
    HPX_TRY(hpx_deflater_block(deflater, dictionary, text, block->last, &block->packed, &block->crc));
    hpx_buffer_release(&block->text);
    hpx_buffer_release(&block->dictionary);
    return HAPAX_OK;
}

hapax_status hpx_outlet_head(hpx_outlet *outlet, hpx_block **out) {
    hpx_block *block = outlet->head;
    *out = NULL;
    if (!block || block->state != HPX_BLOCK_READY) return HAPAX_OK;
    if (outlet->gzip_level && block->text_nbytes != SIZE_MAX) { /* the first time that it is looked at */
        if (block->first) outlet->crc = 0, outlet->crc_nbytes = 0;
        outlet->crc = hpx_gzip_crc_combine(outlet->crc, block->crc, block->text_nbytes);
        outlet->crc_nbytes += block->text_nbytes;
        if (block->last) HPX_TRY(hpx_gzip_trailer(&block->packed, outlet->crc, outlet->crc_nbytes));
        outlet->queued_nbytes -= block->text_nbytes;
        block->text_nbytes = SIZE_MAX;
    }
    *out = block;
    return HAPAX_OK;
}

hpx_slice hpx_outlet_bytes(const hpx_outlet *outlet, const hpx_block *block) {
    const hpx_buffer *bytes = outlet->gzip_level ? &block->packed : &block->text;
    return hpx_slice_of(bytes->ptr, bytes->len);
}

void hpx_outlet_drop_head(hpx_outlet *outlet) {
    hpx_block *block = outlet->head;
    outlet->head = block->next;
    if (!outlet->head) outlet->tail = NULL;
    if (block->text_nbytes != SIZE_MAX) outlet->queued_nbytes -= block->text_nbytes;
    if (!outlet->gzip_level && outlet->spare.cap == 0 && block->text.cap <= SPARE_MAX_NBYTES) {
        outlet->spare = block->text;
        outlet->spare.len = 0;
        block->text = (hpx_buffer){.memory = outlet->memory};
    }
    destroy_block(outlet, block);
}
