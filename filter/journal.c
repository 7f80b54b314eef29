/* journal: see journal.h. Layer 5. */
#include "journal.h"

#include "differ.h"
#include "json.h"

static hapax_status text(hpx_buffer *out, const char *plain) {
    return hpx_buffer_append_text(out, plain);
}

static hapax_status key_text(hpx_buffer *out, const char *key, const char *value) {
    return hpx_json_key_string(out, key, hpx_slice_of(value, strlen(value)));
}

static hapax_status string_array(hpx_buffer *out, const char *key, const char *const *strings) {
    HPX_TRY(hpx_json_key(out, key));
    HPX_TRY(text(out, "["));
    for (size_t i = 0; strings && strings[i]; i++) {
        if (i) HPX_TRY(text(out, ","));
        HPX_TRY(hpx_json_string(out, hpx_slice_of(strings[i], strlen(strings[i]))));
    }
    return text(out, "]");
}

hapax_status hpx_journal_head(hpx_buffer *out, const char *const *options, const char *const *inputs) {
    HPX_TRY(text(out, "{"));
    HPX_TRY(key_text(out, "type", "head"));
    HPX_TRY(hpx_json_key_uint(out, "schema", 1));
    HPX_TRY(key_text(out, "hapax", HAPAX_VERSION));
    HPX_TRY(string_array(out, "options", options));
    HPX_TRY(string_array(out, "inputs", inputs));
    return text(out, "}\n");
}

static hapax_status place(hpx_buffer *out, const char *file, const hpx_place *begin, const hpx_place *end) {
    HPX_TRY(hpx_json_key_file(out, file));
    HPX_TRY(hpx_json_key_uint(out, "line", begin->line));
    HPX_TRY(hpx_json_key_uint(out, "column", begin->column));
    HPX_TRY(hpx_json_key_uint(out, "end_line", end->line));
    HPX_TRY(hpx_json_key_uint(out, "end_column", end->column));
    HPX_TRY(hpx_json_key_uint(out, "start", begin->chars));
    HPX_TRY(hpx_json_key_uint(out, "end", end->chars));
    HPX_TRY(hpx_json_key_uint(out, "byte", begin->byte));
    return hpx_json_key_uint(out, "end_byte", end->byte);
}

static hapax_status differs(hpx_buffer *out, unsigned bits) {
    const char *names[HPX_DIFFER_KINDS + 1] = {0};
    size_t count = 0;
    for (unsigned i = 0; i < HPX_DIFFER_KINDS; i++)
        if (bits >> i & 1) names[count++] = hpx_differ_name(i);
    return string_array(out, "differs", names);
}

hapax_status hpx_journal_line(hpx_buffer *out, const hpx_journal_span *span) {
    HPX_TRY(text(out, "{"));
    HPX_TRY(key_text(out, "type", span->removed ? "removed" : "found"));
    HPX_TRY(key_text(out, "rule", "duplicate"));
    HPX_TRY(place(out, span->file, &span->begin, &span->end));
    HPX_TRY(hpx_json_key_uint(out, "letters", span->letters));
    HPX_TRY(hpx_json_key_uint(out, "length", span->length));
    HPX_TRY(hpx_json_key_string(out, "text", span->text));
    HPX_TRY(key_text(out, "new", ""));
    HPX_TRY(hpx_json_key(out, "out"));
    HPX_TRY(text(out, "{"));
    HPX_TRY(hpx_json_key_file(out, span->out_file));
    HPX_TRY(hpx_json_key_uint(out, "byte", span->out_byte));
    HPX_TRY(hpx_json_key_uint(out, "skip", 0));
    HPX_TRY(text(out, "}"));
    HPX_TRY(hpx_json_key(out, "source"));
    HPX_TRY(text(out, "{"));
    HPX_TRY(place(out, span->source_file, &span->source_begin, &span->source_end));
    HPX_TRY(text(out, "}"));
    HPX_TRY(hpx_json_key_uint(out, "similarity", 1));
    HPX_TRY(differs(out, span->differs));
    if (span->removed) HPX_TRY(hpx_json_key_uint(out, "group", span->group));
    return text(out, "}\n");
}

hapax_status hpx_journal_end(hpx_buffer *out, uint64_t removed, uint64_t letters, const hpx_journal_output *outputs,
                             size_t output_count, int status) {
    HPX_TRY(text(out, "{"));
    HPX_TRY(key_text(out, "type", "end"));
    HPX_TRY(hpx_json_key_uint(out, "edits", 0));
    HPX_TRY(hpx_json_key_uint(out, "removed", removed));
    HPX_TRY(hpx_json_key_uint(out, "letters", letters));
    HPX_TRY(hpx_json_key(out, "out"));
    HPX_TRY(text(out, "["));
    for (size_t i = 0; i < output_count; i++) {
        HPX_TRY(text(out, i ? ",{" : "{"));
        HPX_TRY(hpx_json_key_file(out, outputs[i].name));
        HPX_TRY(hpx_json_key_uint(out, "bytes", outputs[i].nbytes));
        HPX_TRY(key_text(out, "xxh3_128", outputs[i].xxh3_128));
        HPX_TRY(hpx_json_key_uint(out, "restored_bytes", outputs[i].restored_nbytes));
        HPX_TRY(key_text(out, "restored_xxh3_128", outputs[i].restored_xxh3_128));
        HPX_TRY(text(out, "}"));
    }
    HPX_TRY(text(out, "]"));
    HPX_TRY(hpx_json_key_uint(out, "status", (uint64_t)status));
    return text(out, "}\n");
}
