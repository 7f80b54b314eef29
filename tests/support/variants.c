/* variants: see variants.h. */
#include "variants.h"

#include <zlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static size_t decode(const uint8_t *p, uint32_t *c) {
    if (p[0] < 0x80) return *c = p[0], 1;
    if (p[0] < 0xE0) return *c = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu), 2;
    if (p[0] < 0xF0) return *c = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3;
    *c = (p[0] & 7u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return 4;
}

static bool is_digit(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19);
}

static bool is_latin(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_han(uint32_t c) {
    return c >= 0x4E00 && c <= 0x9FFF;
}

static uint32_t other_mark(uint32_t c) {
    static const uint32_t pairs[][2] = {{',', 0xFF0C}, {';', 0xFF1B}, {'!', 0xFF01},
                                        {'?', 0xFF1F}, {'(', 0xFF08}, {')', 0xFF09}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        if (c == pairs[i][0]) return pairs[i][1];
        if (c == pairs[i][1]) return pairs[i][0];
    }
    return c;
}

static uint32_t other_quote(uint32_t c, prng *r) {
    static const uint32_t open[] = {0x201C, 0x2018, 0x300C, '"'}, close[] = {0x201D, 0x2019, 0x300D, '"'};
    for (size_t i = 0; i < 3; i++) {
        if (c == open[i]) return open[prng_below(r, COUNT(open))];
        if (c == close[i]) return close[prng_below(r, COUNT(close))];
    }
    return c;
}

static uint32_t other_letter(uint32_t c, prng *r) {
    uint32_t other = c;
    while (other == c)
        other = is_han(c) ? 0x4E00 + (uint32_t)prng_below(r, 0x1000) : 'a' + (uint32_t)prng_below(r, 26);
    return other;
}

static bool can_change(uint32_t c) {
    return is_han(c) || (c >= 'a' && c <= 'z');
}

size_t variant_add(bytes *out, const uint8_t *text, size_t text_nbytes, unsigned kinds, unsigned of_1000,
                   prng *r) {
    size_t changed = 0, letters = 0, chosen = (size_t)-1;
    uint32_t c, before = '\n', next;
    for (size_t i = 0; i < text_nbytes;) {
        i += decode(text + i, &c);
        letters += can_change(c);
    }
    if (letters && kinds & (VARIANT_LETTER | VARIANT_FIVE)) chosen = letters / 2;
    letters = 0;
    for (size_t i = 0; i < text_nbytes; before = c) {
        i += decode(text + i, &c);
        next = '\n';
        if (i < text_nbytes) decode(text + i, &next);
        uint32_t as = c;
        bool by_digit = is_digit(before) || is_digit(next);
        if (kinds & VARIANT_PUNCT && !by_digit && prng_chance(r, of_1000)) as = other_mark(c);
        if (as == c && kinds & VARIANT_QUOTES && prng_chance(r, of_1000)) as = other_quote(c, r);
        if (as == c && kinds & VARIANT_CASE && is_latin(c) && prng_chance(r, of_1000)) as = c ^ 0x20;
        if (kinds & VARIANT_WIDTH && (is_latin(as) || is_digit(as)) && as < 0x80 && prng_chance(r, of_1000))
            as += 0xFEE0;
        if (can_change(c)) {
            if (letters == chosen || (kinds & VARIANT_FIVE && prng_chance(r, 50))) as = other_letter(c, r);
            letters++;
        }
        bytes_add_char(out, as);
        changed += as != c;
        if (kinds & VARIANT_SPACES && is_han(c) && is_han(next) && prng_chance(r, of_1000 / 8)) {
            static const char *const spaces[] = {" ", "\xE3\x80\x80", "\xE2\x80\x8B", "  ", "\xC2\xA0"};
            bytes_add_text(out, spaces[prng_below(r, COUNT(spaces))]);
            changed++;
        }
        if (kinds & VARIANT_SPACES && c == ' ' && prng_chance(r, of_1000 / 4))
            bytes_add_text(out, " "), changed++;
    }
    return changed;
}

void damage_add(bytes *text, size_t places, prng *r) {
    static const char *const ill[] = {
        "\xFF",         "\x80", "\xC0\xAF", "\xE4\xB8", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF0\x9F\x98", "\xC3", "\xE0\x80", "\xF8\x88", "\xED\xBF\xBF", "\xBF\xBF\xBF",
        "\x01",         "\x7F", "\xC2\x85", "\x0B",     "\x0C"};
    for (size_t i = 0; i < places; i++) {
        bytes b = {0};
        size_t at = prng_below(r, text->len + 1);
        bytes_add(&b, text->ptr, at);
        if (prng_chance(r, 60))
            bytes_add(&b, "\0", 1);
        else
            bytes_add_text(&b, ill[prng_below(r, COUNT(ill))]);
        bytes_add(&b, text->ptr + at, text->len - at);
        bytes_free(text);
        *text = b;
    }
}

void gzip_add(bytes *out, const uint8_t *text, size_t text_nbytes, int level, size_t members) {
    if (!members) members = 1;
    for (size_t m = 0; m < members; m++) {
        size_t from = text_nbytes * m / members, to = text_nbytes * (m + 1) / members;
        z_stream z = {0};
        if (deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
        size_t bound = deflateBound(&z, to - from) + 64;
        bytes_reserve(out, bound + 1);
        z.next_in = (Bytef *)(uintptr_t)(text + from);
        z.avail_in = (uInt)(to - from);
        z.next_out = out->ptr + out->len;
        z.avail_out = (uInt)bound;
        if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
        out->len += bound - z.avail_out;
        deflateEnd(&z);
    }
}

bool gunzip_add(bytes *out, const uint8_t *gz, size_t gz_nbytes) {
    z_stream z = {0};
    bool whole = false;
    if (inflateInit2(&z, 31) != Z_OK) abort();
    z.next_in = (Bytef *)(uintptr_t)gz;
    z.avail_in = (uInt)gz_nbytes;
    for (;;) {
        bytes_reserve(out, 65536);
        z.next_out = out->ptr + out->len;
        z.avail_out = 65535;
        int got = inflate(&z, Z_NO_FLUSH);
        out->len += 65535 - z.avail_out;
        whole = got == Z_STREAM_END;
        if (whole && z.avail_in && inflateReset(&z) == Z_OK) continue;
        if (got != Z_OK) break;
    }
    inflateEnd(&z);
    return whole;
}
