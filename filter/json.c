/* json: see json.h. Layer 1, pure. */
#include "json.h"
#include "utf8.h"

// Deeper than anything that we write; a bound keeps crafted lines from using up the stack.
#define MOST_DEPTH 64

/* Appends well-formed UTF-8, escaped. */
static hapax_status escape(hpx_buffer *out, const uint8_t *p, size_t nbytes) {
    static const char digits[] = "0123456789abcdef";
    size_t from = 0;
    for (size_t i = 0; i < nbytes; i++) {
        uint8_t c = p[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) continue;
        HPX_TRY(hpx_buffer_append(out, p + from, i - from));
        from = i + 1;
        char text[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";
        size_t nbytes_escape = 6;
        for (size_t k = 0; k < sizeof named - 1; k += 2)
            if ((uint8_t)named[k] == c) text[1] = named[k + 1], nbytes_escape = 2;
        HPX_TRY(hpx_buffer_append(out, text, nbytes_escape));
    }
    return hpx_buffer_append(out, p + from, nbytes - from);
}

hapax_status hpx_json_string(hpx_buffer *out, hpx_slice text) {
    HPX_TRY(hpx_buffer_append(out, "\"", 1));
    while (text.len) {
        size_t good = hpx_utf8_first_ill(text);
        HPX_TRY(escape(out, text.ptr, good));
        if (good == text.len) break;
        HPX_TRY(hpx_buffer_append(out, "\xEF\xBF\xBD", 3));
        size_t passed = good + hpx_utf8_ill_length(text, good);
        text = hpx_slice_of(text.ptr + passed, text.len - passed);
    }
    return hpx_buffer_append(out, "\"", 1);
}

hapax_status hpx_json_key(hpx_buffer *out, const char *key) {
    uint8_t last = out->len ? out->ptr[out->len - 1] : '{';
    if (last != '{' && last != '[') HPX_TRY(hpx_buffer_append(out, ",", 1));
    HPX_TRY(hpx_buffer_append(out, "\"", 1));
    HPX_TRY(hpx_buffer_append_text(out, key));
    return hpx_buffer_append(out, "\":", 2);
}

hapax_status hpx_json_key_string(hpx_buffer *out, const char *key, hpx_slice value) {
    HPX_TRY(hpx_json_key(out, key));
    return hpx_json_string(out, value);
}

hapax_status hpx_json_key_uint(hpx_buffer *out, const char *key, uint64_t value) {
    HPX_TRY(hpx_json_key(out, key));
    return hpx_buffer_append_uint(out, value);
}

static hapax_status base64(hpx_buffer *out, const uint8_t *p, size_t nbytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < nbytes; i += 3) {
        size_t n = HPX_MIN(nbytes - i, (size_t)3);
        uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0u);
        char text[4] = {digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=', n > 2 ? digits[v & 63] : '='};
        HPX_TRY(hpx_buffer_append(out, text, 4));
    }
    return HAPAX_OK;
}

hapax_status hpx_json_key_file(hpx_buffer *out, const char *name) {
    hpx_slice bytes = hpx_slice_of(name, strlen(name));
    HPX_TRY(hpx_json_key_string(out, "file", bytes));
    if (hpx_utf8_first_ill(bytes) == bytes.len) return HAPAX_OK;
    HPX_TRY(hpx_json_key(out, "file_base64"));
    HPX_TRY(hpx_buffer_append(out, "\"", 1));
    HPX_TRY(base64(out, bytes.ptr, bytes.len));
    return hpx_buffer_append(out, "\"", 1);
}

/* Reading. A cursor over one line; each reader returns false at what RFC 8259 does not allow. */
typedef struct {
    const uint8_t *p, *end;
} cursor;

static void pass_space(cursor *c) {
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r')) c->p++;
}

static bool pass_byte(cursor *c, uint8_t byte) {
    if (c->p == c->end || *c->p != byte) return false;
    c->p++;
    return true;
}

static int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool pass_escape(cursor *c) {
    if (c->p == c->end) return false;
    uint8_t kind = *c->p++;
    if (kind != 'u') return kind && strchr("\"\\/bfnrt", kind) != NULL;
    if (c->end - c->p < 4) return false;
    for (int i = 0; i < 4; i++)
        if (hex_value(*c->p++) < 0) return false;
    return true;
}

static bool pass_string(cursor *c) {
    if (!pass_byte(c, '"')) return false;
    const uint8_t *start = c->p;
    while (c->p < c->end && *c->p != '"') {
        if (*c->p < 0x20) return false;
        if (*c->p++ == '\\' && !pass_escape(c)) return false;
    }
    hpx_slice inside = hpx_slice_of(start, (size_t)(c->p - start));
    return pass_byte(c, '"') && hpx_utf8_first_ill(inside) == inside.len;
}

static bool pass_digits(cursor *c) {
    const uint8_t *start = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9') c->p++;
    return c->p > start;
}

static bool pass_number(cursor *c) {
    (void)pass_byte(c, '-');
    if (!pass_byte(c, '0') && !pass_digits(c)) return false;
    if (pass_byte(c, '.') && !pass_digits(c)) return false;
    if (c->p < c->end && (*c->p | 0x20) == 'e') {
        c->p++;
        if (!pass_byte(c, '+')) (void)pass_byte(c, '-');
        return pass_digits(c);
    }
    return true;
}

static bool pass_word(cursor *c, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0) return false;
    c->p += n;
    return true;
}

static bool pass_value(cursor *c, int depth);

/* `[...]` or `{...}`. */
static bool pass_members(cursor *c, int depth, bool object) {
    uint8_t close = object ? '}' : ']';
    c->p++;
    pass_space(c);
    if (pass_byte(c, close)) return true;
    for (;;) {
        if (object) {
            pass_space(c);
            if (!pass_string(c)) return false;
            pass_space(c);
            if (!pass_byte(c, ':')) return false;
        }
        if (!pass_value(c, depth + 1)) return false;
        pass_space(c);
        if (pass_byte(c, close)) return true;
        if (!pass_byte(c, ',')) return false;
    }
}

static bool pass_value(cursor *c, int depth) {
    pass_space(c);
    if (c->p == c->end || depth > MOST_DEPTH) return false;
    switch (*c->p) {
    case '{': return pass_members(c, depth, true);
    case '[': return pass_members(c, depth, false);
    case '"': return pass_string(c);
    case 't': return pass_word(c, "true");
    case 'f': return pass_word(c, "false");
    case 'n': return pass_word(c, "null");
    default: return pass_number(c);
    }
}

bool hpx_json_is_object(hpx_slice line) {
    cursor c = {line.ptr, line.ptr + line.len};
    pass_space(&c);
    if (c.p == c.end || *c.p != '{' || !pass_value(&c, 0)) return false;
    pass_space(&c);
    return c.p == c.end;
}

/* The member `key` of the sound object that begins at value; the first one counts. */
static bool find_member(hpx_slice object, const char *key, size_t key_nbytes, hpx_slice *value) {
    cursor c = {object.ptr, object.ptr + object.len};
    pass_space(&c);
    if (!pass_byte(&c, '{')) return false;
    for (;;) {
        pass_space(&c);
        const uint8_t *name = c.p;
        if (!pass_string(&c)) return false; // also at the end of an empty object
        bool same = (size_t)(c.p - name) == key_nbytes + 2 && memcmp(name + 1, key, key_nbytes) == 0;
        pass_space(&c);
        c.p++; // the colon
        pass_space(&c);
        const uint8_t *start = c.p;
        if (!pass_value(&c, 0)) return false;
        if (same) {
            *value = hpx_slice_of(start, (size_t)(c.p - start));
            return true;
        }
        pass_space(&c);
        if (!pass_byte(&c, ',')) return false;
    }
}

bool hpx_json_find(hpx_slice line, const char *path, hpx_slice *value) {
    if (!hpx_json_is_object(line)) return false;
    for (;;) {
        size_t n = strcspn(path, ".");
        if (!find_member(line, path, n, &line)) return false;
        if (!path[n]) break;
        path += n + 1;
    }
    *value = line;
    return true;
}

bool hpx_json_next(hpx_slice *array, hpx_slice *element) {
    cursor c = {array->ptr, array->ptr + array->len};
    pass_space(&c);
    if (!pass_byte(&c, '[') && !pass_byte(&c, ',')) return false;
    pass_space(&c);
    const uint8_t *start = c.p;
    if (!pass_value(&c, 0)) return false; // also at the end of an empty array
    *element = hpx_slice_of(start, (size_t)(c.p - start));
    pass_space(&c);
    *array = hpx_slice_of(c.p, (size_t)(c.end - c.p));
    return true;
}

bool hpx_json_to_uint(hpx_slice value, uint64_t *number) {
    uint64_t n = 0;
    if (value.len == 0 || value.len > 20) return false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        if (c < '0' || c > '9') return false;
        uint64_t digit = c - (uint64_t)'0';
        if (n > (UINT64_MAX - digit) / 10) return false;
        n = n * 10 + digit;
    }
    *number = n;
    return true;
}

static uint32_t four_digits(const uint8_t *p) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) v = v << 4 | (uint32_t)hex_value(p[i]);
    return v;
}

/* The escape behind the backslash at p[-1] of a sound string; *length_nbytes is what it takes from p on. UINT32_MAX: lone surrogate. */
static uint32_t unescape(const uint8_t *p, const uint8_t *end, size_t *length_nbytes) {
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    *length_nbytes = 1;
    const char *found = strchr(from, *p);
    if (*p != 'u') return found ? (uint32_t)to[found - from] : *p;
    uint32_t v = four_digits(p + 1);
    *length_nbytes = 5;
    if (v < 0xD800 || v > 0xDFFF) return v;
    if (v > 0xDBFF || end - p < 11 || p[5] != '\\' || p[6] != 'u') return UINT32_MAX;
    uint32_t low = four_digits(p + 7);
    *length_nbytes = 11;
    return low < 0xDC00 || low > 0xDFFF ? UINT32_MAX : 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00);
}

hapax_status hpx_json_to_string(hpx_slice value, hpx_buffer *out) {
    cursor c = {value.ptr, value.ptr + value.len};
    if (!pass_string(&c) || c.p != c.end) return HAPAX_E_JOURNAL;
    const uint8_t *p = value.ptr + 1, *end = value.ptr + value.len - 1;
    while (p < end) {
        const uint8_t *escape_at = memchr(p, '\\', (size_t)(end - p));
        HPX_TRY(hpx_buffer_append(out, p, (size_t)((escape_at ? escape_at : end) - p)));
        if (!escape_at) break;
        size_t nbytes = 0;
        uint32_t character = unescape(escape_at + 1, end, &nbytes);
        if (character == UINT32_MAX) return HAPAX_E_JOURNAL;
        uint8_t encoded[4];
        HPX_TRY(hpx_buffer_append(out, encoded, hpx_utf8_encode(character, encoded)));
        p = escape_at + 1 + nbytes;
    }
    return HAPAX_OK;
}
