/* removals: see removals.h. */
#include "removals.h"

/* A member of a JSON object: flat path of at most two keys. */
typedef struct {
    const uint8_t *p, *end;
    bool bad;
} reader;

static uint32_t hex4(reader *r) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        if (r->p >= r->end) return r->bad = true, 0;
        int c = *r->p++;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return r->bad = true, 0;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

static void read_escape(reader *r, bytes *out) {
    int c = r->p < r->end ? *r->p++ : 0;
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        bytes_add_byte(out, (uint8_t)to[known - from]);
    } else if (c == 'u') {
        uint32_t u = hex4(r);
        if (u >= 0xD800 && u < 0xDC00 && r->end - r->p > 6 && r->p[0] == '\\' && r->p[1] == 'u') {
            r->p += 2;
            u = 0x10000 + ((u - 0xD800) << 10) + (hex4(r) - 0xDC00);
        }
        bytes_add_char(out, u);
    } else {
        r->bad = true;
    }
}

static void read_string(reader *r, bytes *out) {
    if (r->p >= r->end || *r->p != '"') {
        r->bad = true;
        return;
    }
    r->p++;
    while (!r->bad && r->p < r->end && *r->p != '"') {
        if (*r->p == '\\')
            r->p++, read_escape(r, out);
        else if (*r->p < 0x20)
            r->bad = true;
        else
            bytes_add_byte(out, *r->p++);
    }
    if (r->p < r->end)
        r->p++;
    else
        r->bad = true;
}

static uint64_t read_number(reader *r) {
    uint64_t n = 0;
    if (r->p >= r->end || *r->p < '0' || *r->p > '9') r->bad = true;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        n = n * 10 + (*r->p++ - '0');
    return n;
}

static bool take(reader *r, char c) {
    if (r->p >= r->end || *r->p != (uint8_t)c) return false;
    r->p++;
    return true;
}

static void skip_value(reader *r) {
    int depth = 0;
    bytes ignored = {0};
    do {
        if (r->p >= r->end) {
            r->bad = true;
        } else if (*r->p == '"') {
            ignored.len = 0;
            read_string(r, &ignored);
        } else {
            depth += *r->p == '{' || *r->p == '[';
            depth -= *r->p == '}' || *r->p == ']';
            if (depth >= 0) r->p++;
        }
    } while (!r->bad && r->p < r->end && (depth > 0 || (*r->p != ',' && *r->p != '}' && *r->p != ']')));
    bytes_free(&ignored);
}

static uint64_t *place_number(journal_place *place, const char *key) {
    if (!strcmp(key, "line")) return &place->line;
    if (!strcmp(key, "column")) return &place->column;
    if (!strcmp(key, "end_line")) return &place->end_line;
    if (!strcmp(key, "end_column")) return &place->end_column;
    if (!strcmp(key, "start")) return &place->start;
    if (!strcmp(key, "end")) return &place->end;
    if (!strcmp(key, "byte")) return &place->byte;
    if (!strcmp(key, "end_byte")) return &place->end_byte;
    return NULL;
}

static void copy_name(char to[24], bytes from) {
    snprintf(to, 24, "%.*s", (int)from.len, from.ptr ? (const char *)from.ptr : "");
}

typedef enum { IN_LINE, IN_OUT, IN_SOURCE } inside;

static void read_object(reader *r, removals *list, removal *one, char type[24], inside where) {
    bytes key = {0}, string = {0};
    if (!take(r, '{')) r->bad = true;
    while (!r->bad && !take(r, '}')) {
        key.len = string.len = 0;
        take(r, ',');
        read_string(r, &key);
        if (r->bad || !take(r, ':') || r->p >= r->end) {
            r->bad = true;
            break;
        }
        const char *name = (const char *)key.ptr;
        uint64_t *number = where == IN_OUT ? NULL
                                           : place_number(where == IN_SOURCE ? &one->source : &one->at, name);
        if (where == IN_OUT && !strcmp(name, "byte")) number = &one->out_byte;
        if (where == IN_OUT && !strcmp(name, "skip")) number = &one->skip;
        if (where == IN_LINE && !strcmp(name, "letters")) number = &one->letters;
        if (where == IN_LINE && !strcmp(name, "length")) number = &one->length;
        if (where == IN_LINE && !strcmp(name, "removed")) number = &list->end_removed;
        if (number) {
            *number = read_number(r);
        } else if (where == IN_LINE && !strcmp(name, "text")) {
            read_string(r, &one->text);
        } else if (where == IN_LINE && !strcmp(name, "out") && *r->p == '{') {
            read_object(r, list, one, type, IN_OUT);
        } else if (where == IN_LINE && !strcmp(name, "source") && *r->p == '{') {
            one->has_source = true;
            read_object(r, list, one, type, IN_SOURCE);
        } else if (!strcmp(name, "file") || !strcmp(name, "type")) {
            read_string(r, &string);
            copy_name(name[0] == 't'       ? type
                      : where == IN_OUT    ? one->out_file
                      : where == IN_SOURCE ? one->source.file
                                           : one->at.file,
                      string);
        } else {
            skip_value(r);
        }
    }
    bytes_free(&key);
    bytes_free(&string);
}

static void read_line(removals *list, const uint8_t *line, size_t nbytes) {
    reader r = {line, line + nbytes, false};
    removal one = {0};
    char type[24] = "";
    read_object(&r, list, &one, type, IN_LINE);
    if (r.bad || r.p != r.end)
        snprintf(list->problem, sizeof list->problem, "line %zu is not JSON at byte %zu", list->lines,
                 (size_t)(r.p - line));
    if (list->has_end) snprintf(list->problem, sizeof list->problem, "lines behind the end line");
    if (!strcmp(type, "removed")) {
        if (list->count == list->cap) {
            list->cap = list->cap * 2 + 16;
            list->items = test_grow(list->items, list->cap, sizeof *list->items);
        }
        list->items[list->count++] = one;
        return;
    }
    if (!strcmp(type, "head"))
        list->has_head = list->lines == 1;
    else if (!strcmp(type, "end"))
        list->has_end = true, list->end_letters = one.letters;
    else if (strcmp(type, "edit"))
        snprintf(list->problem, sizeof list->problem, "line %zu has type '%s'", list->lines, type);
    bytes_free(&one.text);
}

void removals_read(removals *list, bytes journal) {
    *list = (removals){0};
    for (size_t at = 0; at < journal.len;) {
        const uint8_t *lf = memchr(journal.ptr + at, '\n', journal.len - at);
        size_t len = lf ? (size_t)(lf - journal.ptr) - at : journal.len - at;
        list->lines++;
        if (!lf) snprintf(list->problem, sizeof list->problem, "the last line has no end");
        read_line(list, journal.ptr + at, len);
        at += len + (lf != NULL);
    }
    if (!list->problem[0] && (!list->has_head || !list->has_end))
        snprintf(list->problem, sizeof list->problem, "no head or no end");
}

void removals_release(removals *list) {
    for (size_t i = 0; i < list->count; i++)
        bytes_free(&list->items[i].text);
    free(list->items);
    *list = (removals){0};
}
