/* model: see model.h. */
#include "model.h"

#include "charclass.h"
#include "segment.h"
#include "skeleton.h"
#include "utf8.h"

static void *room(void *array, size_t *cap, size_t count, size_t element_nbytes) {
    if (count < *cap) return array;
    *cap = *cap * 2 + 16;
    return test_grow(array, *cap, element_nbytes);
}

static void add_units(model *m, hpx_slice text, model_paragraph *p) {
    p->first_unit = m->unit_count;
    for (size_t at = 0; at < text.len;) {
        size_t next = hpx_segment_next(text, at);
        if (next <= at || next > text.len) {
            fputs("test: units do not partition the paragraph\n", stderr);
            abort();
        }
        m->units = room(m->units, &m->unit_cap, m->unit_count, sizeof *m->units);
        m->units[m->unit_count++] = (model_unit){
            .paragraph = m->paragraph_count, .off = p->off + at, .end = p->off + next};
        at = next;
    }
    p->unit_count = m->unit_count - p->first_unit;
}

static void add_paragraph(model *m, size_t document, const bytes *text, size_t off, size_t end) {
    hpx_slice line = hpx_slice_of(text->ptr + off, end - off);
    model_paragraph p = {.document = document, .off = off, .end = end, .sk_off = m->skeleton.len};
    add_units(m, line, &p);
    hpx_skeleton_walk walk;
    hpx_skeleton_char c;
    size_t unit = p.first_unit;
    hpx_skeleton_walk_init(&walk, line);
    for (size_t i = 0; i < p.unit_count; i++)
        m->units[p.first_unit + i].sk_off = (size_t)-1;
    while (hpx_skeleton_walk_next(&walk, &c)) {
        while (unit + 1 < m->unit_count && off + c.text_off >= m->units[unit].end)
            unit++;
        if (m->units[unit].sk_off == (size_t)-1) m->units[unit].sk_off = m->skeleton.len;
        bytes_add(&m->skeleton, c.bytes, c.nbytes);
        m->units[unit].sk_end = m->skeleton.len;
    }
    for (size_t i = 0, at = p.sk_off; i < p.unit_count; i++) { /* units without letters */
        model_unit *u = &m->units[p.first_unit + i];
        if (u->sk_off == (size_t)-1) u->sk_off = u->sk_end = at;
        at = u->sk_end;
    }
    p.sk_end = m->skeleton.len;
    m->paragraphs = room(m->paragraphs, &m->paragraph_cap, m->paragraph_count, sizeof *m->paragraphs);
    m->paragraphs[m->paragraph_count++] = p;
}

static bool is_blank(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && (p[i] < '\v' || p[i] > '\r')) return false;
    return true;
}

void model_build(model *m, const bytes *texts, size_t count) {
    *m = (model){.document_count = count};
    m->documents = test_grow(NULL, count, sizeof *m->documents);
    for (size_t d = 0; d < count; d++) {
        m->documents[d] = (model_document){.sk_off = m->skeleton.len, .first_paragraph = m->paragraph_count};
        for (size_t at = 0; at < texts[d].len;) {
            const uint8_t *lf = memchr(texts[d].ptr + at, '\n', texts[d].len - at);
            size_t end = lf ? (size_t)(lf - texts[d].ptr) : texts[d].len;
            if (!is_blank(texts[d].ptr + at, end - at)) add_paragraph(m, d, &texts[d], at, end);
            at = end + 1;
        }
        m->documents[d].sk_end = m->skeleton.len;
        m->documents[d].paragraph_count = m->paragraph_count - m->documents[d].first_paragraph;
        bytes_add_byte(&m->skeleton, 0xFF);
    }
}

void model_release(model *m) {
    bytes_free(&m->skeleton);
    free(m->documents);
    free(m->paragraphs);
    free(m->units);
    *m = (model){0};
}

size_t model_document_of(const model *m, size_t at) {
    size_t low = 0, high = m->document_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (m->documents[middle].sk_off <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool is_inside_character(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

bool model_run(const model *m, size_t s, size_t e, size_t d, size_t *a, size_t *b) {
    const uint8_t *p = m->skeleton.ptr;
    if (d == 0 || d > s || e <= s || memcmp(p + s, p + s - d, e - s) != 0) return false;
    const model_document *here = &m->documents[model_document_of(m, s)];
    const model_document *there = &m->documents[model_document_of(m, s - d)];
    if (e > here->sk_end || e - d > there->sk_end) return false;
    while (s > here->sk_off && s - d > there->sk_off && p[s - 1] == p[s - 1 - d])
        s--;
    while (e < here->sk_end && e - d < there->sk_end && p[e] == p[e - d])
        e++;
    while (is_inside_character(p[s]))
        s++;
    while (e > s && (is_inside_character(p[e]) || is_inside_character(p[e - d])))
        e--;
    *a = s;
    *b = e;
    return true;
}

static bool is_in_scope(const model *m, size_t at, size_t d, hapax_scope scope) {
    bool same = model_document_of(m, at) == model_document_of(m, at - d);
    return scope == HAPAX_SCOPE_ALL || same == (scope == HAPAX_SCOPE_WITHIN);
}

/* The edge rule of paragraphs that are shorter than the smallest passage. strict: only edges of the copy's
 * own document count. */
static bool is_beyond(const model *m, const model_paragraph *p, size_t a, size_t b, size_t d, bool strict) {
    const model_document *here = &m->documents[p->document],
                         *there = &m->documents[model_document_of(m, a - d)];
    bool left = a + MODEL_BEYOND <= p->sk_off || (strict ? p->sk_off == here->sk_off : a == here->sk_off);
    bool right = b >= p->sk_end + MODEL_BEYOND || (strict ? p->sk_end == here->sk_end : b == here->sk_end);
    if (!strict) left |= a - d == there->sk_off, right |= b - d == there->sk_end;
    return left && right && a <= p->sk_off && b >= p->sk_end;
}

enum { OTHER, DIGIT, MARK };

/* What the skeleton's character at or around `at` is: a digit, a mark of a number, or anything else
 * (documents' ends too). */
static int kind_at(const model *m, size_t at) {
    const uint8_t *p = m->skeleton.ptr;
    size_t n;
    while (at > 0 && is_inside_character(p[at]))
        at--;
    if (p[at] == 0xFF) return OTHER;
    unsigned class = hpx_charclass(hpx_utf8_decode(p + at, &n));
    return class & HPX_DIGIT ? DIGIT : class & HPX_WORD ? OTHER : MARK;
}

/* A number at a unit's edge must not go on at the source: 3.5 is no copy of the beginning of 3.57. */
static bool is_number_cut(const model *m, const model_unit *u, size_t a, size_t b, size_t d) {
    if (u->sk_off == a && a > d) {
        int here = kind_at(m, a), before = kind_at(m, a - d - 1);
        if ((here == DIGIT && before != OTHER) || (here == MARK && before == DIGIT)) return true;
    }
    if (u->sk_end != b) return false;
    int here = kind_at(m, b - 1), behind = kind_at(m, b - d);
    return (here == DIGIT && behind == MARK) || (here != OTHER && behind == DIGIT);
}

bool model_is_number_edge(const model *m, const model_unit *u) {
    return u->sk_end > u->sk_off && (kind_at(m, u->sk_off) != OTHER || kind_at(m, u->sk_end - 1) != OTHER);
}

const char *model_forbids(const model *m, const model_unit *unit, size_t d, size_t min_length,
                          hapax_scope scope) {
    size_t a, b;
    const model_paragraph *p = &m->paragraphs[unit->paragraph];
    if (unit->end - unit->off > MODEL_UNIT_MAX_NBYTES) return "the unit is longer than 64 KiB";
    if (!model_run(m, unit->sk_off, unit->sk_end, d, &a, &b)) return "its letters do not stand at the source";
    if (unit->sk_end - d > unit->sk_off) return "the source ends behind the unit's begin";
    if (b - a < min_length) return "the passage is shorter than the smallest one";
    if (!is_in_scope(m, a, d, scope)) return "the source is out of scope";
    if (p->sk_end - p->sk_off < min_length && !is_beyond(m, p, a, b, d, false))
        return "the short paragraph stands at the passage's edge";
    if (is_number_cut(m, unit, a, b, d)) return "a number at its edge goes on at the source";
    return NULL;
}

/* Marks the units inside the run that have to go. */
static void mark_run(model *m, size_t a, size_t b, size_t d, size_t min_length) {
    size_t low = 0, high = m->unit_count;
    while (low < high) { /* first unit that begins at a or later */
        size_t middle = (low + high) / 2;
        if (m->units[middle].sk_off < a)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < m->unit_count && m->units[i].sk_end <= b; i++) {
        model_unit *u = &m->units[i];
        const model_paragraph *p = &m->paragraphs[u->paragraph];
        if (u->sk_end == u->sk_off || u->sk_end - d > u->sk_off || u->end - u->off > MODEL_UNIT_MAX_NBYTES)
            continue;
        if (p->sk_end - p->sk_off < min_length && !is_beyond(m, p, a, b, d, true)) continue;
        if (!is_number_cut(m, u, a, b, d)) u->must = true;
    }
}

#define SHINGLE \
    32u /* shorter than any shingle that is chosen: who has no such run of letters has no such shingle */
#define KNOWN 2u /* places of a shingle that every filter knows: the first and the latest */

typedef struct {
    size_t *before; /* place of the same shingle before this one, + 1; 0: none */
    uint8_t *count; /* earlier places, at most KNOWN + 1 */
} shingles;

static uint64_t shingle_hash(const uint8_t *p) {
    uint64_t h = 0, word;
    for (size_t i = 0; i < SHINGLE; i += 8) {
        memcpy(&word, p + i, 8);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    return h;
}

static shingles shingles_find(const model *m) {
    size_t n = m->skeleton.len, slots = 64;
    while (slots < n * 2)
        slots *= 2;
    shingles s = {calloc(n + 1, sizeof *s.before), calloc(n + 1, 1)};
    size_t *table = calloc(slots, sizeof *table);
    if (!s.before || !s.count || !table) abort();
    const uint8_t *p = m->skeleton.ptr;
    for (size_t i = 0, clean = 0; i + SHINGLE <= n; i++) {
        while (clean < i + SHINGLE && p[clean] != 0xFF)
            clean++;
        if (clean < i + SHINGLE) { /* a document ends here */
            i = clean++;
            continue;
        }
        if (is_inside_character(p[i])) continue;
        size_t slot = shingle_hash(p + i) & (slots - 1);
        while (table[slot] && memcmp(p + table[slot] - 1, p + i, SHINGLE) != 0)
            slot = (slot + 1) & (slots - 1);
        if (table[slot]) {
            size_t j = table[slot] - 1;
            s.before[i] = table[slot];
            s.count[i] = s.count[j] <= KNOWN ? s.count[j] + 1 : s.count[j];
        }
        table[slot] = i + 1;
    }
    free(table);
    return s;
}

/* Whether the character before i stands d bytes earlier too, inside both documents. */
static bool goes_on_before(const model *m, size_t i, size_t d) {
    const uint8_t *p = m->skeleton.ptr;
    size_t q = i;
    if (q == 0) return false;
    do
        q--;
    while (q > 0 && is_inside_character(p[q]));
    return p[q] != 0xFF && q >= d && memcmp(p + q, p + q - d, i - q) == 0;
}

void model_find_must(model *m, size_t min_length, size_t window, hapax_scope scope) {
    shingles s = shingles_find(m);
    size_t least = window > min_length ? window : min_length;
    for (size_t i = 0; i < m->skeleton.len; i++) {
        if (!s.count[i] || s.count[i] > KNOWN) continue;
        for (size_t j = s.before[i]; j; j = s.before[j - 1]) {
            size_t a, b, d = i - (j - 1);
            if (goes_on_before(m, i, d)) continue; /* each run once, from its begin */
            if (!model_run(m, i, i + SHINGLE, d, &a, &b) || a != i || b - a < least ||
                !is_in_scope(m, a, d, scope))
                continue;
            bool alone = true;
            for (size_t k = a; k + SHINGLE <= a + window && alone; k++)
                alone = s.count[k] <= KNOWN;
            if (alone) mark_run(m, a, b, d, min_length);
        }
    }
    free(s.before);
    free(s.count);
}
