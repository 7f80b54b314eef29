/* raw: see raw.h. */
#include "raw.h"

#include "charclass.h"
#include "skeleton.h"
#include "utf8.h"

#include <uninorm.h>

size_t raw_character(const uint8_t *p, size_t n, size_t *ill) {
    size_t length = p[0] < 0x80                    ? 1
                    : p[0] >= 0xC2 && p[0] <= 0xDF ? 2
                    : (p[0] & 0xF0) == 0xE0        ? 3
                    : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                   : 0;
    *ill = 1;
    if (length <= 1) return length;
    uint8_t low = p[0] == 0xE0   ? 0xA0
                  : p[0] == 0xF0 ? 0x90
                                 : 0x80,
            high = p[0] == 0xED   ? 0x9F
                   : p[0] == 0xF4 ? 0x8F
                                  : 0xBF;
    for (size_t i = 1; i < length; i++) {
        if (i >= n || p[i] < low || p[i] > high) return *ill = i, 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

size_t raw_count_ill(bytes text, size_t *offsets, size_t cap) {
    size_t count = 0, ill;
    for (size_t i = 0; i < text.len;) {
        size_t n = raw_character(text.ptr + i, text.len - i, &ill);
        if (!n && count < cap) offsets[count] = i;
        count += !n;
        i += n ? n : ill;
    }
    return count;
}

/* Nothing but ASCII, Han, and the marks of Chinese text, which NFC leaves: libunistring is slow, and most
 * text is of this kind. */
static bool is_stable(const uint8_t *p, size_t nbytes) {
    size_t n;
    for (size_t i = 0; i < nbytes; i += n) {
        uint32_t c = hpx_utf8_decode(p + i, &n);
        bool stable = c < 0x80 || (c >= 0x4E00 && c < 0x9FFF) || (c >= 0x3000 && c < 0x302A) ||
                      (c >= 0xFF00 && c < 0xFF60) || (c >= 0x2010 && c < 0x2028);
        if (!stable) return false;
    }
    return true;
}

void raw_nfc(const uint8_t *text, size_t nbytes, bytes *out) {
    if (is_stable(text, nbytes)) {
        bytes_add(out, text, nbytes);
        return;
    }
    size_t got = 0;
    uint8_t *nfc = u8_normalize(UNINORM_NFC, text, nbytes, NULL, &got);
    if (!nfc && nbytes) abort();
    bytes_add(out, nfc, got);
    free(nfc);
}

static bool is_break(const uint8_t *p, size_t n) {
    return (n == 1 && p[0] >= 0x0B && p[0] <= 0x0D) ||
           (n == 3 && p[0] == 0xE2 && p[1] == 0x80 && (p[2] & 0xFE) == 0xA8);
}

void raw_lines(bytes text, bool breaks, bytes *out) {
    bytes line = {0};
    size_t ill;
    for (size_t i = 0; i <= text.len;) {
        size_t n = i < text.len ? raw_character(text.ptr + i, text.len - i, &ill) : 0;
        if (i == text.len || text.ptr[i] == '\n' || (n && breaks && is_break(text.ptr + i, n))) {
            raw_nfc(line.ptr, line.len, out);
            bytes_add_text(out, "\n");
            line.len = 0;
            i += n ? n : 1;
        } else if (n) {
            bytes_add(&line, text.ptr + i, n);
            i += n;
        } else {
            bytes_add_text(&line, "\xEF\xBF\xBD");
            i += ill;
        }
    }
    bytes_free(&line);
}

/* Without the characters that nobody sees: marks on both sides of one belong together. */
static void add_visible(const uint8_t *line, size_t nbytes, bytes *out) {
    bytes visible = {0};
    size_t n;
    for (size_t i = 0; i < nbytes; i += n) {
        uint32_t c = hpx_utf8_decode(line + i, &n);
        if (!(hpx_charclass(c) & HPX_IGNORABLE)) bytes_add(&visible, line + i, n);
    }
    raw_nfc(visible.ptr, visible.len, out);
    bytes_free(&visible);
}

void raw_letters(bytes lines, bytes *out) {
    hpx_memory memory = {0};
    hpx_buffer skeleton = {.memory = &memory};
    bytes visible = {0};
    for (size_t at = 0; at < lines.len;) {
        const uint8_t *lf = memchr(lines.ptr + at, '\n', lines.len - at);
        size_t end = lf ? (size_t)(lf - lines.ptr) : lines.len;
        visible.len = 0;
        add_visible(lines.ptr + at, end - at, &visible);
        if (hpx_skeleton_append(hpx_slice_of(visible.ptr, visible.len), &skeleton, NULL) != HAPAX_OK) abort();
        at = end + 1;
    }
    raw_nfc(skeleton.ptr, skeleton.len, out);
    bytes_free(&visible);
    hpx_buffer_release(&skeleton);
}

size_t raw_longest_combining_run(bytes text) {
    size_t run = 0, longest = 0, ill;
    for (size_t i = 0; i < text.len;) {
        size_t n = raw_character(text.ptr + i, text.len - i, &ill), length;
        run = n && hpx_charclass(hpx_utf8_decode(text.ptr + i, &length)) & HPX_MARK ? run + 1 : 0;
        if (run > longest) longest = run;
        i += n ? n : ill;
    }
    return longest;
}
