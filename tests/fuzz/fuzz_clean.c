/*
 * fuzz_clean: one line of any bytes through the cleaner. Edits must be in order and change something, the cleaned text must be UTF-8 and
 * stay as it is when it is cleaned again, its letters must be those of the line, repaired and composed; and places must not run backwards.
 */
#include "fuzz.h"

#include "clean.h"
#include "skeleton.h"
#include "utf8.h"

#include <uninorm.h>

typedef struct {
    hpx_memory memory;
    hpx_cleaner *cleaner;
    hpx_edits edits;
} bench;

static hpx_slice slice(const hpx_buffer *buffer) {
    return buffer->len ? hpx_slice_of(buffer->ptr, buffer->len) : hpx_slice_of("", 0);
}

static void clean(bench *b, hpx_slice raw, hpx_clean_context context, hpx_buffer *out) {
    hpx_met met[2];
    size_t met_count = 0;
    hpx_edits_clear(&b->edits);
    need(hpx_clean_paragraph(b->cleaner, raw, context, &b->edits, met, HPX_ARRAY_LEN(met), &met_count) == HAPAX_OK, "cleaning failed");
    need(hpx_edits_apply(&b->edits, 0, b->edits.count, raw, out) == HAPAX_OK, "applying edits failed");
}

static void check_edits(const bench *b, hpx_slice raw, hpx_slice cleaned) {
    size_t raw_at = 0, clean_at = 0;
    for (size_t i = 0; i < b->edits.count; i++) {
        const hpx_edit *e = &b->edits.edits[i];
        const uint8_t *fresh = b->edits.bytes.ptr + e->new_off;
        need(e->raw_off >= raw_at && (size_t)e->raw_off + e->raw_len <= raw.len, "edits out of order or range");
        need(e->rule < HPX_RULE_COUNT, "an edit of no rule");
        need(e->raw_len != e->new_len || memcmp(raw.ptr + e->raw_off, fresh, e->new_len) != 0, "an edit changes nothing");
        clean_at += e->raw_off - raw_at;
        need(e->clean_off == clean_at, "an edit stands elsewhere in the cleaned text");
        clean_at += e->new_len;
        raw_at = (size_t)e->raw_off + e->raw_len;
    }
    need(clean_at + (raw.len - raw_at) == cleaned.len, "the cleaned text has another length");
    for (size_t off = 0, last_begin = 0, last_end = 0; off <= cleaned.len; off++) {
        size_t begin = hpx_edits_raw_offset(&b->edits, 0, b->edits.count, off, false);
        size_t end = hpx_edits_raw_offset(&b->edits, 0, b->edits.count, off, true);
        need(begin >= last_begin && begin <= raw.len && end >= last_end && end <= raw.len, "places run backwards");
        last_begin = begin;
        last_end = end;
    }
}

/* The skeleton of the NFC of text, composed once more, for what cleaning takes out between a letter and its mark. */
static void letters(hpx_slice text, fuzz_bytes *out, hpx_memory *memory) {
    hpx_buffer skeleton = {.memory = memory};
    size_t n = 0;
    uint8_t *nfc = text.len ? u8_normalize(UNINORM_NFC, text.ptr, text.len, NULL, &n) : NULL;
    need(hpx_skeleton_append(hpx_slice_of(nfc, n), &skeleton, NULL) == HAPAX_OK, "no skeleton");
    uint8_t *composed = skeleton.len ? u8_normalize(UNINORM_NFC, skeleton.ptr, skeleton.len, NULL, &n) : NULL;
    if (composed) fuzz_add(out, composed, n);
    free(nfc);
    free(composed);
    hpx_buffer_release(&skeleton);
}

static void check_letters(bench *b, hpx_slice raw, hpx_slice cleaned) {
    hpx_buffer repaired = {.memory = &b->memory};
    fuzz_bytes want = {0}, got = {0};
    clean(b, raw, (hpx_clean_context){.no_clean = true}, &repaired);
    letters(slice(&repaired), &want, &b->memory);
    letters(cleaned, &got, &b->memory);
    need(fuzz_is_same(&want, &got), "a letter changed");
    hpx_buffer_release(&repaired);
    free(want.ptr);
    free(got.ptr);
}

/* A line as the filter makes them: no line end in it. */
static size_t first_line(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= '\n' && p[i] <= '\r') return i;
        if (i + 2 < n && p[i] == 0xE2 && p[i + 1] == 0x80 && (p[i + 2] & 0xFE) == 0xA8) return i;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < FUZZ_PREFIX) return 0;
    hpx_clean_context context = {.other_cjk = data[0] & 1, .code = data[0] & 2, .no_clean = data[0] & 4};
    bench b = {0};
    need(hpx_cleaner_create(&b.cleaner, &b.memory) == HAPAX_OK, "no cleaner");
    hpx_edits_init(&b.edits, &b.memory);
    for (size_t at = FUZZ_PREFIX; at < nbytes;) {
        hpx_slice raw = {data + at, first_line(data + at, nbytes - at)};
        hpx_buffer cleaned = {.memory = &b.memory}, again = {.memory = &b.memory};
        clean(&b, raw, context, &cleaned);
        check_edits(&b, raw, slice(&cleaned));
        need(hpx_utf8_first_ill(slice(&cleaned)) == cleaned.len, "the cleaned text is not UTF-8");
        clean(&b, slice(&cleaned), context, &again);
        need(b.edits.count == 0, "cleaning cleaned text changes it");
        if (!context.no_clean) check_letters(&b, raw, slice(&cleaned));
        hpx_buffer_release(&cleaned);
        hpx_buffer_release(&again);
        at += raw.len + 1;
    }
    hpx_cleaner_destroy(b.cleaner);
    hpx_edits_release(&b.edits);
    need(b.memory.now_nbytes == 0, "memory is left");
    return 0;
}
