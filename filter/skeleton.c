/*
 * skeleton: see skeleton.h. Layer 1, pure.
 *
 * No state is carried from character to character. Only a digit asks what stands before it, and it
 * looks back over the gap to the nearest letter or digit. Gaps do not overlap, so this is linear, and
 * all other text takes the fast ways: ASCII by a table without branches, three-byte characters by the
 * class table without branches.
 */
#include "skeleton.h"

#include "charclass.h"
#include "utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What a character is to the digit behind it. */
typedef enum {
    ROLE_IGNORABLE, /* is not there */
    ROLE_DIGIT,
    ROLE_WORD,  /* letter, mark, other number */
    ROLE_BLANK, /* space, quote, bracket: parts, but is no mark */
    ROLE_MARK,
    ROLE_SIGN,  /* plus and minus */
    ROLE_DASH,  /* a dash that is no minus */
    ROLE_POINT, /* may be a decimal point */
    ROLE_STOP,  /* an ellipsis: like a point, but never a decimal one */
} role;

static role role_of_class(unsigned class) {
    if (class & HPX_IGNORABLE) return ROLE_IGNORABLE;
    if (class & HPX_DIGIT) return ROLE_DIGIT;
    if (class & HPX_WORD) return ROLE_WORD;
    if (class & (HPX_SPACE | HPX_QUOTE | HPX_OPEN | HPX_CLOSE)) return ROLE_BLANK;
    return ROLE_MARK;
}

/* The role of c; *form becomes the one form for all marks that stand for each other. */
static role role_of(uint32_t c, uint32_t *form) {
    uint32_t folded = hpx_charclass_fold(c);
    *form = folded;
    switch (folded) {
    case '\n':
    case 0x2028:
    case 0x2029: return ROLE_BLANK;
    case '.': return ROLE_POINT;
    case 0x2026: return *form = '.', ROLE_STOP; /* ellipsis */
    case 0x3002: return *form = '.', ROLE_MARK; /* ideographic full stop */
    case '+':
    case 0xB1: return ROLE_SIGN; /* plus-minus too */
    case '-':
    case 0x2010:
    case 0x2011:
    case 0x2013:
    case 0x2212:
    case 0xFE63: return *form = '-', ROLE_SIGN;
    case 0x2012:
    case 0x2014:
    case 0x2015: return *form = '-', ROLE_DASH;
    case 0x301C: return *form = '~', ROLE_MARK; /* wave dash */
    case 0x2236: return *form = ':', ROLE_MARK; /* ratio */
    default: return role_of_class(hpx_charclass(c));
    }
}

/* What is written before a digit: up to two marks. */
typedef struct {
    size_t off, len;
    uint32_t form;
} gap_mark;

static bool is_sign_or_point(role r, uint32_t form, role before) {
    if (r == ROLE_SIGN) return form != '-' || (before != ROLE_SIGN && before != ROLE_DASH);
    return r == ROLE_POINT && before != ROLE_DIGIT && before != ROLE_POINT && before != ROLE_STOP;
}

/* Looks back from the digit at text.ptr[digit]: what of the gap before it belongs to the skeleton. */
static unsigned read_gap(hpx_slice text, size_t digit, gap_mark marks[2]) {
    gap_mark nearest = {0}, first = {0};
    role nearest_role = ROLE_IGNORABLE, stop = ROLE_BLANK;
    unsigned met = 0; /* characters of the gap that are not ignorable, capped at 2 */
    bool has_first = false, has_lead = false;
    size_t at = digit;
    while (at > 0) {
        size_t len;
        uint32_t form, c = hpx_utf8_decode_before(text.ptr, text.ptr + at, &len);
        role r = role_of(c, &form);
        at -= len;
        if (r == ROLE_IGNORABLE) continue;
        gap_mark here = {at, len, form};
        if (met == 0) nearest = here, nearest_role = r;
        if (met == 1) has_lead = is_sign_or_point(nearest_role, nearest.form, r);
        if (met < 2) met++;
        if (r == ROLE_WORD || r == ROLE_DIGIT) {
            stop = r;
            break;
        }
        if (r != ROLE_BLANK) first = here, has_first = true;
    }
    if (met == 1) has_lead = is_sign_or_point(nearest_role, nearest.form, ROLE_BLANK);
    unsigned count = 0;
    if (stop == ROLE_DIGIT && has_first) marks[count++] = first;
    if (has_lead && (count == 0 || first.off != nearest.off)) marks[count++] = nearest;
    return count;
}

/* The one place that says what a character is in the skeleton. 0: left out. Otherwise its folded form. */
static inline uint32_t skeleton_of(uint32_t c, unsigned class) {
    if ((class & HPX_WORD) == 0 || (class & HPX_IGNORABLE) != 0) return 0;
    return class & HPX_FOLD ? hpx_charclass_fold(c) : c;
}

/* Writes the (folded) digit at text.ptr[at] and before it the marks that belong to it. Returns the
 * bytes written, never more than the bytes of text that they stand for. */
static size_t write_digit(hpx_slice text, size_t at, uint32_t digit, uint8_t *out) {
    gap_mark marks[2];
    unsigned count = read_gap(text, at, marks);
    size_t n = 0;
    for (unsigned i = 0; i < count; i++)
        n += hpx_utf8_encode(marks[i].form, out + n);
    return n + hpx_utf8_encode(digit, out + n);
}

/* ASCII but digits from text.ptr[at] on. Whether a character stays moves the end of the output and is
 * no branch: spaces and punctuation come too irregularly to be predicted. */
static inline size_t copy_ascii_run(hpx_slice text, size_t at, uint8_t **out) {
    const uint8_t *p = text.ptr;
    uint8_t *o = *out;
#define PUT(s) (*o = (s), o += (s) != 0)
    while (text.len - at >=
           8) { /* written out eight times: gcc -O2 keeps the loop otherwise, at half the speed */
        const uint8_t *q = p + at;
        uint8_t a = hpx_charclass_ascii[q[0]], b = hpx_charclass_ascii[q[1]], c = hpx_charclass_ascii[q[2]],
                d = hpx_charclass_ascii[q[3]];
        uint8_t e = hpx_charclass_ascii[q[4]], f = hpx_charclass_ascii[q[5]], g = hpx_charclass_ascii[q[6]],
                h = hpx_charclass_ascii[q[7]];
        if ((a | b | c | d | e | f | g | h) & 0x80) break; /* HPX_ASCII_OTHER among them */
        PUT(a), PUT(b), PUT(c), PUT(d), PUT(e), PUT(f), PUT(g), PUT(h);
        at += 8;
    }
    while (at < text.len && hpx_charclass_ascii[p[at]] != HPX_ASCII_OTHER) {
        uint8_t s = hpx_charclass_ascii[p[at++]];
        PUT(s);
    }
#undef PUT
    *out = o;
    return at;
}

#ifdef __SSE2__
/* Copies 16 bytes and returns one bit for each that ends a run of Han characters: not a continuation
 * byte and not a lead byte E4 to E9, or the lead byte of U+4DC0 to U+4DFF (E4 B7), symbols amid the
 * Han blocks. Reads 17 bytes. */
static inline uint64_t copy_han_16(const uint8_t *p, uint8_t *o) {
    __m128i v = _mm_loadu_si128((const __m128i *)p), next = _mm_loadu_si128((const __m128i *)(p + 1));
    _mm_storeu_si128((__m128i *)o, v);
    /* As signed bytes: continuation is below -64 (C0), E4 to E9 is -28 to -23, B7 is -73. */
    __m128i continuation = _mm_cmplt_epi8(v, _mm_set1_epi8(-64));
    __m128i han_lead = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(-29)),
                                     _mm_cmplt_epi8(v, _mm_set1_epi8(-22)));
    __m128i symbol = _mm_and_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(-28)),
                                   _mm_cmpeq_epi8(next, _mm_set1_epi8(-73)));
    __m128i good = _mm_andnot_si128(symbol, _mm_or_si128(continuation, han_lead));
    return (uint64_t)(~(unsigned)_mm_movemask_epi8(good) & 0xFFFF);
}
#endif

/* Copies Han characters up to the first other one, 48 bytes at once: most runs end there, so that the
 * branch is mostly predicted. May do nothing. */
static inline size_t copy_han_run(hpx_slice text, size_t at, uint8_t **out) {
    const uint8_t *p = text.ptr;
    uint8_t *o = *out;
#ifdef __SSE2__
    while (text.len - at >= 49) {
        uint64_t ends = copy_han_16(p + at, o) | copy_han_16(p + at + 16, o + 16) << 16 |
                        copy_han_16(p + at + 32, o + 32) << 32;
        size_t n = (size_t)__builtin_ctzll(ends | (uint64_t)1 << 48); /* 48 is a multiple of 3 */
        at += n;
        o += n;
        if (n < 48) break;
    }
#else
    while (text.len - at >= 4 && p[at] >= 0xE5 && p[at] <= 0xE9) {
        memcpy(o, p + at, 4);
        at += 3;
        o += 3;
    }
#endif
    *out = o;
    return at;
}

/* Three-byte characters from text.ptr[at] on, as long as none needs folding or is a digit. */
static inline size_t copy_three_byte_run(hpx_slice text, size_t at, uint8_t **out) {
    const uint8_t *p = text.ptr;
    for (;;) {
        at = copy_han_run(text, at, out);
        if (text.len - at < 4 || (p[at] & 0xF0) != 0xE0) return at;
        uint32_t c = (p[at] & 0x0Fu) << 12 | (p[at + 1] & 0x3Fu) << 6 | (p[at + 2] & 0x3Fu);
        unsigned class = hpx_charclass(c);
        unsigned is_word = 0xFEu >> (class & HPX_WORD) & 1;
        if (is_word & (class / HPX_FOLD | class / HPX_DIGIT)) return at;
        memcpy(*out, p + at, 4);
        *out += 3 * (is_word & ~(class / HPX_IGNORABLE));
        at += 3;
    }
}

/* True when the character before text.ptr[at] is a letter, mark or number, so that there is no gap. */
static inline bool is_word_before(hpx_slice text, size_t at) {
    if (at == 0) return false;
    uint8_t before = text.ptr[at - 1];
    if (before < 0x80) return hpx_charclass_ascii[before] != 0;
    size_t n;
    unsigned class = hpx_charclass(hpx_utf8_decode_before(text.ptr, text.ptr + at, &n));
    return (class & HPX_WORD) != 0 && (class & HPX_IGNORABLE) == 0;
}

static inline bool is_ascii_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

hapax_status hpx_skeleton_append(hpx_slice text, hpx_buffer *out, uint64_t *letters) {
    const size_t old_len = out->len;
    const uint8_t *p = text.ptr;
    /* Room for the rest of the text and 8 more holds all the way: only a few case foldings make a
     * character longer. */
    HPX_TRY(hpx_buffer_reserve(out, text.len + 8));
    uint8_t *o = out->ptr + out->len;
    for (size_t at = 0; at < text.len;) {
        size_t n;
        uint32_t c = p[at];
        if (c < 0x80 && hpx_charclass_ascii[c] != HPX_ASCII_OTHER) {
            at = copy_ascii_run(text, at, &o);
            continue;
        }
        if (c < 0x80) {
            if (!is_word_before(text, at)) o += write_digit(text, at++, c, o);
            for (; at < text.len && is_ascii_digit(p[at]); at++)
                *o++ = p[at];
            continue;
        }
        if ((c & 0xF0) == 0xE0) {
            size_t behind = copy_three_byte_run(text, at, &o);
            if (behind > at) {
                at = behind;
                continue;
            }
        }
        c = hpx_utf8_decode(p + at, &n);
        unsigned class = hpx_charclass(c);
        uint32_t s = skeleton_of(c, class);
        if (s != 0 && (class & HPX_DIGIT) && !is_word_before(text, at)) {
            o += write_digit(text, at, s, o);
        } else if (s != 0) {
            size_t written = hpx_utf8_encode(s, o);
            o += written;
            if (HPX_UNLIKELY(written > n)) {
                out->len = (size_t)(o - out->ptr);
                hapax_status status = hpx_buffer_reserve(out, text.len - at + 8);
                if (status != HAPAX_OK) return out->len = old_len, status;
                o = out->ptr + out->len;
            }
        }
        at += n;
    }
    out->len = (size_t)(o - out->ptr);
    if (letters) *letters += hpx_utf8_count(hpx_slice_of(out->ptr + old_len, out->len - old_len));
    return HAPAX_OK;
}

void hpx_skeleton_walk_init(hpx_skeleton_walk *walk, hpx_slice text) {
    *walk = (hpx_skeleton_walk){.text = text};
}

static void set_char(hpx_skeleton_char *to, size_t off, size_t len, uint32_t c) {
    to->text_off = off;
    to->text_len = len;
    to->nbytes = hpx_utf8_encode(c, to->bytes);
}

bool hpx_skeleton_walk_next(hpx_skeleton_walk *walk, hpx_skeleton_char *c) {
    while (walk->waiting_next == walk->waiting_count && walk->at < walk->text.len) {
        size_t off = walk->at, n;
        uint32_t code = hpx_utf8_decode(walk->text.ptr + off, &n);
        unsigned class = hpx_charclass(code), count = 0;
        uint32_t s = skeleton_of(code, class);
        walk->at += n;
        if (s == 0) continue;
        if (class & HPX_DIGIT) {
            gap_mark marks[2];
            count = read_gap(walk->text, off, marks);
            for (unsigned i = 0; i < count; i++)
                set_char(&walk->waiting[i], marks[i].off, marks[i].len, marks[i].form);
        }
        set_char(&walk->waiting[count], off, n, s);
        walk->waiting_count = count + 1;
        walk->waiting_next = 0;
    }
    if (walk->waiting_next == walk->waiting_count) return false;
    *c = walk->waiting[walk->waiting_next++];
    return true;
}
