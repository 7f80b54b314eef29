/* edits: see edits.h. Layer 1. */
#include "edits.h"

const char *hpx_rule_name(hpx_rule rule) {
    switch (rule) {
    case HPX_RULE_UTF8: return "utf8";
    case HPX_RULE_NFC: return "nfc";
    case HPX_RULE_SPACE: return "space";
    case HPX_RULE_PUNCT: return "punct";
    case HPX_RULE_ELLIPSIS: return "ellipsis";
    case HPX_RULE_WIDTH: return "width-alnum";
    case HPX_RULE_REPEAT: return "repeat";
    case HPX_RULE_COUNT: break;
    }
    return "unknown";
}

void hpx_edits_init(hpx_edits *edits, hpx_memory *memory) {
    *edits = (hpx_edits){.bytes = {.memory = memory}};
}

void hpx_edits_clear(hpx_edits *edits) {
    edits->count = 0;
    hpx_buffer_clear(&edits->bytes);
}

void hpx_edits_release(hpx_edits *edits) {
    hpx_free(edits->bytes.memory, edits->edits, edits->cap * sizeof edits->edits[0]);
    hpx_buffer_release(&edits->bytes);
    hpx_edits_init(edits, edits->bytes.memory);
}

hapax_status hpx_edits_apply(const hpx_edits *edits, size_t first, size_t count, hpx_slice raw,
                             hpx_buffer *out) {
    size_t at = 0;
    for (size_t i = first; i < first + count; i++) {
        const hpx_edit *edit = &edits->edits[i];
        HPX_TRY(hpx_buffer_append(out, raw.ptr + at, edit->raw_off - at));
        HPX_TRY(hpx_buffer_append(out, edits->bytes.ptr + edit->new_off, edit->new_len));
        at = (size_t)edit->raw_off + edit->raw_len;
    }
    return hpx_buffer_append(out, raw.ptr + at, raw.len - at);
}

size_t hpx_edits_raw_offset(const hpx_edits *edits, size_t first, size_t count, size_t clean_off,
                            bool at_end) {
    /* How many edits begin before clean_off; an edit just at it counts when what stands behind it is asked
     * for. */
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t begin = edits->edits[first + middle].clean_off;
        if (begin < clean_off || (begin == clean_off && !at_end))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return clean_off;
    const hpx_edit *edit = &edits->edits[first + low - 1];
    size_t raw_end = (size_t)edit->raw_off + edit->raw_len,
           clean_end = (size_t)edit->clean_off + edit->new_len;
    if (clean_off < clean_end) return at_end ? raw_end : edit->raw_off;
    return raw_end + (clean_off - clean_end);
}
