/*
 * mend: what a line stands in: code fences and front matter; and where a line that is too long is cut. Layer 3.
 *
 * Serial and cheap: it reads only the beginnings of lines, so batch boundaries cannot matter.
 */
#include "batch.h"
#include "charclass.h"
#include "utf8.h"

/* The character at *at of a line, past what cleaning takes out; 0 at its end. Ill-formed bytes are characters of their own. */
static uint32_t next_char(hpx_slice line, size_t *at) {
    while (*at < line.len) {
        size_t len = hpx_utf8_length(line.ptr[*at]);
        bool well = *at + len <= line.len && hpx_utf8_first_ill(hpx_slice_of(line.ptr + *at, len)) == len;
        if (!well) return ++*at, HPX_REPLACEMENT;
        uint32_t c = hpx_utf8_decode(line.ptr + *at, &len);
        *at += len;
        if (c == 0x1FEF) return '`'; /* which is what NFC makes of it */
        if (!(hpx_charclass(c) & HPX_IGNORABLE)) return c;
    }
    return 0;
}

static bool is_space(uint32_t c) {
    return c && hpx_charclass(c) & HPX_SPACE;
}

/* The state behind one line (CommonMark 0.31, section 4.5). Any indent will do, as cleaning takes it away; the line has to mean the same
 * before and after. */
static hpx_mend_state after_line(hpx_mend_state state, hpx_slice line) {
    size_t at = 0, run = 1;
    uint32_t mark = next_char(line, &at), c;
    while (is_space(mark)) mark = next_char(line, &at);
    if (mark != '`' && mark != '~') return state;
    while ((c = next_char(line, &at)) == mark) run++;
    if (run < 3) return state;
    bool blank = true, again = false;
    for (; c; c = next_char(line, &at)) {
        blank = blank && is_space(c);
        again = again || c == mark;
    }
    if (state.fence == 0) {
        if (mark == '`' && again) return state; /* inline code */
        return (hpx_mend_state){(uint8_t)mark, (uint8_t)HPX_MIN(run, (size_t)255)};
    }
    return mark == state.fence && run >= state.fence_len && blank ? (hpx_mend_state){0, 0} : state;
}

size_t hpx_mend_line_break(hpx_slice text, size_t from, size_t *break_len) {
    for (size_t i = from; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n') return *break_len = 2, i;
        if (c >= '\n' && c <= '\r') return *break_len = 1, i;
        if (c == 0xE2 && i + 2 < text.len && text.ptr[i + 1] == 0x80 && (text.ptr[i + 2] & 0xFE) == 0xA8) return *break_len = 3, i;
    }
    *break_len = 0;
    return text.len;
}

static hpx_slice take_line(hpx_slice *rest) {
    size_t break_len, len = hpx_mend_line_break(*rest, 0, &break_len);
    hpx_slice line = {rest->ptr, len};
    rest->ptr += len + break_len;
    rest->len -= len + break_len;
    return line;
}

bool hpx_mend_may_fence(hpx_slice lines) {
    if (lines.len == 0) return false;
    if (memchr(lines.ptr, '`', lines.len) || memchr(lines.ptr, '~', lines.len)) return true;
    const uint8_t *p = lines.ptr, *end = lines.ptr + lines.len;
    for (; (p = memchr(p, 0xE1, (size_t)(end - p))); p++) /* memmem reads a byte at a time for needles this short */
        if (end - p >= 3 && p[1] == 0xBF && p[2] == 0xAF) return true;
    return false;
}

hpx_mend_state hpx_mend_after(hpx_mend_state state, hpx_slice lines) {
    if (lines.len == 0) return state;
    if (!hpx_mend_may_fence(lines)) return state;
    while (lines.len) state = after_line(state, take_line(&lines));
    return state;
}

static bool is_rule(hpx_slice line, const char *mark) {
    while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\r')) line.len--;
    return line.len == 3 && memcmp(line.ptr, mark, 3) == 0;
}

size_t hpx_mend_front_matter(hpx_slice head) {
    enum { MAX_LINES = 64 }; /* longer ones are text between two rulers */
    hpx_slice rest = head;
    bool bom = head.len >= 3 && memcmp(head.ptr, "\xEF\xBB\xBF", 3) == 0;
    if (bom) rest.ptr += 3, rest.len -= 3;
    if (rest.len == 0 || !is_rule(take_line(&rest), "---")) return 0;
    for (int n = 0; n < MAX_LINES && rest.len; n++) {
        hpx_slice line = take_line(&rest);
        if (is_rule(line, "---") || is_rule(line, "...")) return head.len - rest.len;
        /* YAML: a member, a list item, a continuation, a comment; anything else is prose below a ruler */
        bool yaml = line.len == 0 || line.ptr[0] == ' ' || line.ptr[0] == '-' || line.ptr[0] == '#' ||
                    memchr(line.ptr, ':', line.len);
        if (!yaml) return 0;
    }
    return 0;
}

uint64_t hpx_chars_as_read(hpx_slice bytes) {
    uint64_t chars = 0;
    while (bytes.len) {
        size_t well = hpx_utf8_first_ill(bytes);
        chars += hpx_utf8_count(hpx_slice_of(bytes.ptr, well));
        if (well == bytes.len) break;
        size_t step = well + hpx_utf8_ill_length(bytes, well);
        chars++;
        bytes.ptr += step;
        bytes.len -= step;
    }
    return chars;
}

/* Where a cut just before at is allowed, by what stands before it. */
typedef enum { CUT_BREAK, CUT_SENTENCE, CUT_SPACE, CUT_CHARACTER, CUT_CLUSTER, CUT_NOWHERE } cut_kind;

static cut_kind cut_before(hpx_slice text, size_t at) {
    const uint8_t *p = text.ptr + at;
    if (at < text.len && hpx_utf8_is_continuation(p[0])) return CUT_NOWHERE;
    if (p[-1] == '\r' || p[-1] == '\v' || p[-1] == '\f')
        return at < text.len && p[0] != '\n' ? CUT_BREAK : CUT_NOWHERE;
    if (at >= 3 && p[-3] == 0xE2 && p[-2] == 0x80 && (p[-1] & 0xFE) == 0xA8) return CUT_BREAK;
    if (at >= 3 && ((p[-3] == 0xE3 && p[-2] == 0x80 && p[-1] == 0x82) ||
                    (p[-3] == 0xEF && p[-2] == 0xBC && (p[-1] == 0x81 || p[-1] == 0x9F))))
        return CUT_SENTENCE; /* 。！？ */
    if (at >= 2 && p[-1] == ' ' && (p[-2] == '.' || p[-2] == '!' || p[-2] == '?')) return CUT_SENTENCE;
    if (p[-1] == ' ') return CUT_SPACE;
    if (at == text.len || p[0] < 0x80) return CUT_CHARACTER;
    size_t len = hpx_utf8_length(p[0]);
    if (at + len > text.len || hpx_utf8_first_ill(hpx_slice_of(p, len)) != len) return CUT_CHARACTER;
    return hpx_charclass(hpx_utf8_decode(p, &len)) & (HPX_MARK | HPX_IGNORABLE) ? CUT_CLUSTER : CUT_CHARACTER;
}

size_t hpx_long_paragraph_cut(hpx_slice text, size_t limit, bool *at_break) {
    size_t lowest = limit > HPX_HEAD_NBYTES ? limit - HPX_HEAD_NBYTES : 1;
    size_t best_at = limit;
    cut_kind best = CUT_NOWHERE;
    for (size_t at = limit; at >= lowest; at--) {
        cut_kind kind = cut_before(text, at);
        if (kind < best) {
            best = kind;
            best_at = at;
            if (kind == CUT_BREAK) break;
        }
    }
    *at_break = best == CUT_BREAK;
    return best_at;
}
