/* frame: see frame.h. Layer 3. */
#include "frame.h"

/* A batch never ends behind a blank line, so that blank lines belong to the paragraph behind them; a run longer than this is cut all
 * the same. */
#define BLANK_RUN_MAX_NBYTES HPX_PARAGRAPH_MAX_NBYTES
/* Lines that end in CR, VT, FF, U+2028 or U+2029 only would otherwise make one long stretch of very many paragraphs. */
#define OTHER_BREAKS_NBYTES ((size_t)128 << 10)

void hpx_frame_init(hpx_frame *frame, size_t batch_nbytes, bool no_clean, hpx_memory *memory) {
    *frame = (hpx_frame){.memory = memory, .no_clean = no_clean, .batch_nbytes = batch_nbytes ? batch_nbytes : HPX_BATCH_NBYTES};
    frame->batch_nbytes = HPX_MIN(frame->batch_nbytes, HPX_PARAGRAPH_MAX_NBYTES); /* so that lines that are too long are seen */
    frame->waiting.memory = memory;
}

void hpx_frame_release(hpx_frame *frame) {
    if (frame->memory) hpx_buffer_release(&frame->waiting);
}

void hpx_frame_begin(hpx_frame *frame, hpx_document *document) {
    frame->document = document;
    frame->begun = frame->head_decided = frame->ended = false;
    frame->byte_off = 0;
    frame->searched = 0;
    frame->mend = (hpx_mend_state){0, 0};
}

size_t hpx_frame_held(const hpx_frame *frame) {
    return frame->waiting.len - frame->waiting_begin;
}

hapax_status hpx_frame_push(hpx_frame *frame, const uint8_t *bytes, size_t nbytes) {
    if (frame->waiting_begin && frame->waiting.cap - frame->waiting.len < nbytes) {
        hpx_buffer_consume(&frame->waiting, frame->waiting_begin);
        frame->waiting_begin = 0;
    }
    return hpx_buffer_append(&frame->waiting, bytes, nbytes);
}

void hpx_frame_end(hpx_frame *frame) {
    frame->ended = true;
}

static hpx_slice held_text(const hpx_frame *frame) {
    if (frame->waiting.len == 0) return hpx_slice_of("", 0); /* there may be no memory yet */
    return hpx_slice_of(frame->waiting.ptr + frame->waiting_begin, hpx_frame_held(frame));
}

static bool decide_head(hpx_frame *frame) {
    if (frame->head_decided) return true;
    if (!frame->ended && hpx_frame_held(frame) < HPX_HEAD_NBYTES) return false;
    hpx_slice head = held_text(frame);
    head.len = HPX_MIN(head.len, HPX_HEAD_NBYTES);
    frame->document->other_cjk = hpx_clean_is_other_cjk(head);
    frame->document->front_nbytes = (uint32_t)hpx_mend_front_matter(head);
    return frame->head_decided = true;
}

typedef enum { NEED_MORE, WHOLE_REST, AT_LINE_END, INSIDE_LINE } end_kind;

static bool is_blank(hpx_slice line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != ' ' && line.ptr[i] != '\t' && (line.ptr[i] < '\v' || line.ptr[i] > '\r')) return false;
    return true;
}

/* Where the run of blank lines just before line_begin begins. */
static size_t blank_run_begin(hpx_slice text, size_t line_begin) {
    while (line_begin > 0) {
        const uint8_t *before = line_begin > 1 ? memrchr(text.ptr, '\n', line_begin - 1) : NULL;
        size_t begin = before ? (size_t)(before - text.ptr) + 1 : 0;
        if (!is_blank(hpx_slice_of(text.ptr + begin, line_begin - begin - 1))) break;
        line_begin = begin;
    }
    return line_begin;
}

/* A line that is too long: behind which byte it is cut. */
static end_kind cut_long_line(hpx_slice text, size_t line_begin, size_t *end) {
    bool at_break;
    hpx_slice line = {text.ptr + line_begin, text.len - line_begin};
    *end = line_begin + hpx_long_paragraph_cut(line, HPX_PARAGRAPH_MAX_NBYTES, &at_break);
    return at_break ? AT_LINE_END : INSIDE_LINE;
}

/* The last line break other than LF in text, as the offset behind it; 0: there is none. CR LF is not divided. */
static size_t last_other_break(hpx_slice text) {
    for (size_t at = text.len - 1; at > 0; at--) {
        const uint8_t *p = text.ptr + at;
        if (p[-1] >= '\v' && p[-1] <= '\r' && p[0] != '\n') return at;
        if (at >= 3 && p[-3] == 0xE2 && p[-2] == 0x80 && (p[-1] & 0xFE) == 0xA8) return at;
    }
    return 0;
}

/* Where the batch that still has room for `room` bytes ends in text: behind the first line that fills it and is not blank. What is known is
 * kept in the frame, so that text that comes byte by byte is read once. */
static end_kind find_end(hpx_frame *frame, hpx_slice text, size_t room, size_t *end) {
    if (text.len < room) return frame->ended ? WHOLE_REST : NEED_MORE;
    if (frame->searched == 0) {
        const uint8_t *before = memrchr(text.ptr, '\n', room - 1);
        frame->line_begin = before ? (size_t)(before - text.ptr) + 1 : 0;
        frame->blank_begin = blank_run_begin(text, frame->line_begin);
        frame->searched = room - 1;
        frame->breaks_sought = false;
    }
    for (;;) {
        const uint8_t *lf = memchr(text.ptr + frame->searched, '\n', text.len - frame->searched);
        size_t line_end = lf ? (size_t)(lf - text.ptr) : text.len;
        if (line_end - frame->line_begin > OTHER_BREAKS_NBYTES && !frame->no_clean && !frame->breaks_sought) {
            size_t at = last_other_break(hpx_slice_of(text.ptr + frame->line_begin, OTHER_BREAKS_NBYTES));
            frame->breaks_sought = true;
            if (at > 0) return *end = frame->line_begin + at, AT_LINE_END;
        }
        size_t beyond = lf || frame->ended ? 0 : 3; /* the character at the limit is seen whole before the line is cut */
        if (line_end - frame->line_begin > HPX_PARAGRAPH_MAX_NBYTES + beyond) return cut_long_line(text, frame->line_begin, end);
        frame->searched = line_end;
        if (!lf) return frame->ended ? WHOLE_REST : NEED_MORE;
        *end = line_end + 1;
        bool blank = is_blank(hpx_slice_of(text.ptr + frame->line_begin, line_end - frame->line_begin));
        if (!blank || *end - frame->blank_begin >= BLANK_RUN_MAX_NBYTES)
            return *end == text.len && frame->ended ? WHOLE_REST : AT_LINE_END;
        frame->searched = frame->line_begin = *end;
        frame->breaks_sought = false;
    }
}

static hapax_status move_stretch(hpx_frame *frame, hpx_batch *batch, hpx_slice text, bool ends, bool cut) {
    hpx_stretch stretch = {
        .document = frame->document, .raw_off = (uint32_t)batch->raw.len, .raw_len = (uint32_t)text.len,
        .byte_off = frame->byte_off, .begins = !frame->begun, .ends = ends, .cut = cut, .mend = frame->mend,
    };
    HPX_TRY(hpx_buffer_append(&batch->raw, text.ptr, text.len));
    HPX_TRY(hpx_batch_add_stretch(batch, &stretch));
    if (!ends) frame->mend = hpx_mend_after(frame->mend, text);
    frame->begun = true;
    frame->byte_off += text.len;
    frame->waiting_begin += text.len;
    frame->searched = 0;
    if (frame->waiting_begin == frame->waiting.len) frame->waiting_begin = frame->waiting.len = 0;
    return HAPAX_OK;
}

hapax_status hpx_frame_fill(hpx_frame *frame, hpx_batch *batch, bool *full) {
    *full = false;
    if (!frame->document || !decide_head(frame)) return HAPAX_OK;
    hpx_slice text = held_text(frame);
    size_t room = batch->raw.len < frame->batch_nbytes ? frame->batch_nbytes - batch->raw.len : 1;
    size_t end = text.len;
    end_kind kind = find_end(frame, text, room, &end);
    if (kind == NEED_MORE) return HAPAX_OK;
    if (kind == WHOLE_REST) end = text.len;
    HPX_TRY(move_stretch(frame, batch, hpx_slice_of(text.ptr, end), kind == WHOLE_REST, kind == INSIDE_LINE));
    if (kind == WHOLE_REST) frame->document = NULL;
    *full = kind != WHOLE_REST || batch->raw.len >= frame->batch_nbytes || batch->stretch_count >= HPX_BATCH_STRETCHES;
    return HAPAX_OK;
}
