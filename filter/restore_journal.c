/*
 * restore_journal: see restore_journal.h. Layer 5.
 *
 * The journal's spans go into a log as records of fixed shape, each with its text behind it, because a journal may be larger
 * than memory, and because nothing may be put back before its last line has been seen.
 */
#include "restore_journal.h"

#include "inflate.h"
#include "json.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>

#define PIECE_NBYTES (64u << 10)
#define MOST_EVENTS  4 /* of one call: any but the first damage is of no interest */
/* A span's line: a paragraph of 1 MiB, each byte of which is \u0000, and names. Head and end name all inputs and outputs; these lines may
 * take a quarter of the budget. */
#define LINE_MAX_NBYTES ((uint64_t)8 << 20)

/* What stands in the log before each text. */
typedef struct {
    uint64_t group; /* which output, counted in the order of the journal */
    uint64_t byte, skip_nbytes, text_nbytes;
} span_record;

struct hpx_restore_journal {
    hpx_memory *memory;
    hapax_error *error;
    hpx_inflate *inflate;
    hpx_log *log;
    hpx_buffer piece, line, text, output_name, group_name;
    uint64_t line_count, line_off, plain_nbytes; /* of the decompressed journal */
    uint64_t removed_count, found_count, edit_count;
    uint64_t list_max_nbytes; /* of the head and of the last line */
    uint64_t group, next_byte; /* of the latest removed line: its output, and where the next one may begin */
    uint64_t chosen_group;
    bool has_head, has_end, has_group, has_chosen_group;
    hpx_restore_expected expected;
    uint64_t read_off; /* in the log */
};

static hapax_status refuse(hpx_restore_journal *j, const char *what) {
    char text[200];
    snprintf(text, sizeof text, "journal line %" PRIu64 ": %s", j->line_count, what);
    hapax_status status = hpx_fail(j->error, HAPAX_E_JOURNAL, 0, text);
    j->error->offset = j->line_off;
    return status;
}

hapax_status hpx_restore_journal_create(hpx_restore_journal **out, hpx_memory *memory, const char *output_name,
                                        const char *tmpdir, uint64_t budget_nbytes, hapax_error *error) {
    hpx_restore_journal *j = hpx_alloc_zero(memory, sizeof *j);
    if (!j) return HAPAX_E_MEMORY;
    *j = (hpx_restore_journal){.memory = memory,
                               .error = error,
                               .list_max_nbytes = HPX_MAX(budget_nbytes / 4, LINE_MAX_NBYTES),
                               .piece = {.memory = memory},
                               .line = {.memory = memory},
                               .text = {.memory = memory},
                               .output_name = {.memory = memory},
                               .group_name = {.memory = memory}};
    hapax_status status = hpx_inflate_create(&j->inflate, memory);
    if (status == HAPAX_OK) status = hpx_log_create(&j->log, memory, budget_nbytes, tmpdir, HPX_LOG_SPILL, error);
    if (status == HAPAX_OK) status = hpx_buffer_reserve(&j->piece, PIECE_NBYTES);
    // Names are compared as the journal writes them, so that bytes that are no UTF-8 need not be decoded.
    if (status == HAPAX_OK && output_name) status = hpx_buffer_append(&j->output_name, "{", 1);
    if (status == HAPAX_OK && output_name) status = hpx_json_key_file(&j->output_name, output_name);
    if (status == HAPAX_OK && output_name) status = hpx_buffer_append(&j->output_name, "}", 1);
    if (status != HAPAX_OK) {
        hpx_restore_journal_destroy(j);
        return status;
    }
    *out = j;
    return HAPAX_OK;
}

void hpx_restore_journal_destroy(hpx_restore_journal *j) {
    if (!j) return;
    hpx_inflate_destroy(j->inflate);
    hpx_log_destroy(j->log);
    hpx_buffer_release(&j->piece);
    hpx_buffer_release(&j->line);
    hpx_buffer_release(&j->text);
    hpx_buffer_release(&j->output_name);
    hpx_buffer_release(&j->group_name);
    hpx_free(j->memory, j, sizeof *j);
}

static bool is_string(hpx_slice value, const char *text) {
    size_t n = strlen(text);
    return value.len == n + 2 && value.ptr[0] == '"' && memcmp(value.ptr + 1, text, n) == 0;
}

static bool is_same(hpx_slice a, hpx_slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool find_uint(hpx_slice line, const char *path, uint64_t *number) {
    hpx_slice value = {0};
    return hpx_json_find(line, path, &value) && hpx_json_to_uint(value, number);
}

/* The name in {"file":...,"file_base64":...}, raw; the second one says more where it is there. */
static hpx_slice raw_name(hpx_slice object) {
    hpx_slice value = {0};
    if (!hpx_json_find(object, "file_base64", &value)) (void)hpx_json_find(object, "file", &value);
    return value;
}

/* What stands behind the last slash of a raw name, with its closing quote. */
static hpx_slice raw_base_name(hpx_slice raw) {
    size_t at = raw.len;
    while (at > 0 && raw.ptr[at - 1] != '/') at--;
    return at > 0 ? hpx_slice_of(raw.ptr + at, raw.len - at) : hpx_slice_of(raw.ptr + 1, raw.len - 1);
}

static hapax_status take_head(hpx_restore_journal *j, hpx_slice line) {
    uint64_t schema = 0;
    if (!find_uint(line, "schema", &schema)) return refuse(j, "the head names no schema");
    if (schema != 1) return refuse(j, "this schema is not known to this version");
    j->has_head = true;
    return HAPAX_OK;
}

static hapax_status take_removed(hpx_restore_journal *j, hpx_slice line) {
    hpx_slice out = {0}, text = {0};
    span_record record = {0};
    if (!hpx_json_find(line, "out", &out) || !find_uint(out, "byte", &record.byte) ||
        !find_uint(out, "skip", &record.skip_nbytes) || !hpx_json_find(line, "text", &text))
        return refuse(j, "a removed span without its place or its text");
    hpx_slice name = raw_name(out);
    if (!j->has_group || !is_same(name, hpx_slice_of(j->group_name.ptr, j->group_name.len))) {
        j->group += j->has_group;
        j->has_group = true;
        j->next_byte = 0;
        hpx_buffer_clear(&j->group_name);
        HPX_TRY(hpx_buffer_append(&j->group_name, name.ptr, name.len));
        if (j->output_name.len) {
            hpx_slice wanted = raw_name(hpx_slice_of(j->output_name.ptr, j->output_name.len));
            if (is_same(raw_base_name(wanted), raw_base_name(name))) {
                j->chosen_group = j->group;
                j->has_chosen_group = true;
            }
        }
    }
    if (record.byte < j->next_byte) return refuse(j, "removed spans are not in the order of the output");
    if (record.skip_nbytes > UINT64_MAX - record.byte) return refuse(j, "a place past the end of everything");
    j->next_byte = record.byte + record.skip_nbytes;
    hpx_buffer_clear(&j->text);
    hapax_status status = hpx_json_to_string(text, &j->text);
    if (status == HAPAX_E_JOURNAL) return refuse(j, "the text of a removed span is no sound string");
    HPX_TRY(status);
    record.group = j->group;
    record.text_nbytes = j->text.len;
    j->removed_count++;
    HPX_TRY(hpx_log_append(j->log, &record, sizeof record));
    return hpx_log_append(j->log, j->text.ptr, j->text.len);
}

static bool take_digest(hpx_slice element, const char *key, char digits[HPX_XXH128_HEX_NBYTES]) {
    hpx_slice value = {0};
    if (!hpx_json_find(element, key, &value) || value.len != HPX_XXH128_HEX_NBYTES + 2) return false;
    memcpy(digits, value.ptr + 1, HPX_XXH128_HEX_NBYTES);
    return true;
}

/* Finds the chosen output among those of the last line: the only one, or the one with the same name. */
static hapax_status choose_output(hpx_restore_journal *j, hpx_slice outs) {
    hpx_slice rest = outs, element = {0}, chosen = {0};
    size_t count = 0;
    while (hpx_json_next(&rest, &element)) {
        count++;
        if (!j->output_name.len) continue;
        hpx_slice wanted = raw_name(hpx_slice_of(j->output_name.ptr, j->output_name.len)), name = raw_name(element);
        if (name.len && is_same(raw_base_name(wanted), raw_base_name(name))) chosen = element;
    }
    if (count == 0) return refuse(j, "the journal describes no output");
    if (count == 1) {
        rest = outs;
        (void)hpx_json_next(&rest, &chosen);
        if (j->has_group && j->group > 0) return refuse(j, "spans of more outputs than the last line names");
        j->chosen_group = 0;
        j->has_chosen_group = j->has_group;
    }
    if (!chosen.len) return refuse(j, "the journal describes several outputs, and none of this name");
    if (!find_uint(chosen, "bytes", &j->expected.nbytes) || !find_uint(chosen, "restored_bytes", &j->expected.restored_nbytes) ||
        !take_digest(chosen, "xxh3_128", j->expected.xxh) ||
        !take_digest(chosen, "restored_xxh3_128", j->expected.restored_xxh))
        return refuse(j, "the last line does not say what the output is");
    return HAPAX_OK;
}

static hapax_status take_end(hpx_restore_journal *j, hpx_slice line) {
    uint64_t removed = 0, edits = 0;
    hpx_slice outs = {0};
    if (!find_uint(line, "removed", &removed) || !hpx_json_find(line, "out", &outs))
        return refuse(j, "the last line lacks its counts");
    if (removed != j->removed_count) return refuse(j, "spans are missing: the last line counts other ones");
    if (j->edit_count && (!find_uint(line, "edits", &edits) || edits != j->edit_count))
        return refuse(j, "edits are missing: the last line counts other ones");
    HPX_TRY(choose_output(j, outs));
    j->has_end = true;
    return HAPAX_OK;
}

static hapax_status take_line(hpx_restore_journal *j, hpx_slice line) {
    j->line_count++;
    hpx_slice type = {0};
    if (j->has_end) return refuse(j, "something follows the last line");
    if (!hpx_json_find(line, "type", &type)) return refuse(j, "not a JSON object with a type");
    if (!j->has_head) return is_string(type, "head") ? take_head(j, line) : refuse(j, "the first line is no head");
    if (is_string(type, "removed")) return take_removed(j, line);
    if (is_string(type, "end")) return take_end(j, line);
    // What was found and, with --no-remove, left: it stands in the output already.
    if (is_string(type, "found")) return j->found_count++, HAPAX_OK;
    if (is_string(type, "edit")) return j->edit_count++, HAPAX_OK;
    return refuse(j, "a line of an unknown type");
}

/* So that a journal that is one endless line cannot take all memory. */
static hapax_status check_length(hpx_restore_journal *j, size_t more_nbytes) {
    static const char end[] = "{\"type\":\"end\"";
    uint64_t length = (uint64_t)j->line.len + more_nbytes;
    bool is_list = !j->has_head || (j->line.len >= sizeof end - 1 && memcmp(j->line.ptr, end, sizeof end - 1) == 0);
    if (length <= (is_list ? j->list_max_nbytes : LINE_MAX_NBYTES)) return HAPAX_OK;
    j->line_count++;
    return refuse(j, "it is longer than any line of a journal");
}

/* Cuts plain bytes into lines; a line that is whole in them is not copied. */
static hapax_status take_plain(hpx_restore_journal *j, hpx_slice plain) {
    while (plain.len) {
        const uint8_t *newline = memchr(plain.ptr, '\n', plain.len);
        size_t n = newline ? (size_t)(newline - plain.ptr) : plain.len;
        if (j->line.len || !newline) {
            HPX_TRY(check_length(j, n));
            HPX_TRY(hpx_buffer_append(&j->line, plain.ptr, n));
        }
        if (!newline) {
            j->plain_nbytes += n;
            return HAPAX_OK;
        }
        HPX_TRY(take_line(j, j->line.len ? hpx_slice_of(j->line.ptr, j->line.len) : hpx_slice_of(plain.ptr, n)));
        hpx_buffer_clear(&j->line);
        j->plain_nbytes += n + 1;
        j->line_off = j->plain_nbytes;
        plain = hpx_slice_of(plain.ptr + n + 1, plain.len - n - 1);
    }
    return HAPAX_OK;
}

static hapax_status inflate_all(hpx_restore_journal *j, const uint8_t *in, size_t in_nbytes, bool at_end) {
    size_t given = 0, taken = 0, event_count = 0;
    do {
        hpx_inflate_event events[MOST_EVENTS];
        HPX_TRY(hpx_inflate_run(j->inflate, in, in_nbytes, &taken, j->piece.ptr, PIECE_NBYTES, &given, at_end, events, MOST_EVENTS,
                                &event_count));
        for (size_t i = 0; i < event_count; i++) {
            if (events[i].severity != HAPAX_DAMAGE) continue;
            hapax_status status = hpx_fail(j->error, HAPAX_E_JOURNAL, 0, events[i].message);
            j->error->offset = events[i].offset;
            return status;
        }
        HPX_TRY(take_plain(j, hpx_slice_of(j->piece.ptr, given)));
        in += taken;
        in_nbytes -= taken;
    } while (in_nbytes || given == PIECE_NBYTES || event_count);
    return HAPAX_OK;
}

hapax_status hpx_restore_journal_push(hpx_restore_journal *j, const uint8_t *in, size_t in_nbytes) {
    return in_nbytes ? inflate_all(j, in, in_nbytes, false) : HAPAX_OK;
}

hapax_status hpx_restore_journal_end(hpx_restore_journal *j) {
    static const uint8_t nothing[1] = {0};
    HPX_TRY(inflate_all(j, nothing, 0, true));
    if (j->line.len) j->line_count++;
    if (j->line.len) return refuse(j, "the journal is incomplete: it ends inside a line");
    j->line_count++;
    if (!j->has_end) return refuse(j, "the journal is incomplete: its last line is missing");
    return HAPAX_OK;
}

const hpx_restore_expected *hpx_restore_journal_expected(const hpx_restore_journal *j) {
    return &j->expected;
}

hapax_status hpx_restore_journal_next(hpx_restore_journal *j, hpx_restore_span *span, bool *found) {
    *found = false;
    while (j->has_chosen_group && j->read_off < hpx_log_size(j->log)) {
        span_record record;
        HPX_TRY(hpx_log_read(j->log, j->read_off, &record, sizeof record));
        uint64_t text_off = j->read_off + sizeof record;
        j->read_off = text_off + record.text_nbytes;
        if (record.group != j->chosen_group) continue;
        *span = (hpx_restore_span){record.byte, record.skip_nbytes, record.text_nbytes, text_off};
        *found = true;
        return HAPAX_OK;
    }
    return HAPAX_OK;
}

hapax_status hpx_restore_journal_text(hpx_restore_journal *j, uint64_t text_off, void *out, size_t nbytes) {
    return hpx_log_read(j->log, text_off, out, nbytes);
}
