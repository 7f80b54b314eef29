/*
 * fuzz_json: any bytes as a string to write, and as a line to read. A string that was written must come back (repaired), and a line
 * must be walked without reading beyond it: it lies in memory of exactly its size.
 */
#include "fuzz.h"

#include "json.h"
#include "utf8.h"

static void write_and_read(const uint8_t *text, size_t nbytes, hpx_memory *memory) {
    hpx_buffer line = {.memory = memory}, back = {.memory = memory};
    hpx_slice value;
    need(hpx_buffer_append(&line, "{", 1) == HAPAX_OK, "append failed");
    need(hpx_json_key_string(&line, "text", hpx_slice_of(text, nbytes)) == HAPAX_OK, "writing failed");
    need(hpx_json_key_uint(&line, "number", nbytes) == HAPAX_OK, "writing failed");
    need(hpx_buffer_append(&line, "}", 1) == HAPAX_OK, "append failed");
    hpx_slice whole = {line.ptr, line.len};
    need(hpx_json_is_object(whole), "what was written is no object");
    need(hpx_utf8_first_ill(whole) == whole.len, "what was written is not UTF-8");
    for (size_t i = 0; i < line.len; i++) need(line.ptr[i] >= 0x20 && line.ptr[i] != 0x7F, "what was written holds a control");
    need(hpx_json_find(whole, "text", &value), "the string is lost");
    need(hpx_json_to_string(value, &back) == HAPAX_OK, "the string cannot be read back");
    if (hpx_utf8_first_ill(hpx_slice_of(text, nbytes)) == nbytes)
        need(back.len == nbytes && (nbytes == 0 || memcmp(back.ptr, text, nbytes) == 0), "the string came back changed");
    uint64_t number = 0;
    need(hpx_json_find(whole, "number", &value) && hpx_json_to_uint(value, &number) && number == nbytes, "the number is lost");
    hpx_buffer_release(&line);
    hpx_buffer_release(&back);
}

static void read_line(hpx_slice line, hpx_memory *memory) {
    static const char *const paths[] = {"type", "text", "out", "out.byte", "out.file", "source.line", "out.a.b", "", "."};
    bool object = hpx_json_is_object(line);
    for (size_t i = 0; i < HPX_ARRAY_LEN(paths); i++) {
        hpx_slice value, element;
        hpx_buffer string = {.memory = memory};
        uint64_t number;
        if (!hpx_json_find(line, paths[i], &value)) continue;
        need(object, "a member of what is no object");
        need(value.ptr >= line.ptr && value.ptr + value.len <= line.ptr + line.len, "a value outside its line");
        (void)hpx_json_to_uint(value, &number);
        if (hpx_json_to_string(value, &string) == HAPAX_OK)
            need(hpx_utf8_first_ill(hpx_slice_of(string.ptr, string.len)) == string.len || hpx_utf8_first_ill(line) < line.len,
                 "a string that is not UTF-8 from a line that is");
        for (size_t n = 0; hpx_json_next(&value, &element); n++)
            need(n <= line.len && element.ptr >= line.ptr && element.ptr + element.len <= line.ptr + line.len, "an element outside its line");
        hpx_buffer_release(&string);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < FUZZ_PREFIX) return 0;
    hpx_memory memory = {0};
    size_t n = nbytes - FUZZ_PREFIX;
    write_and_read(data + FUZZ_PREFIX, n, &memory);
    for (size_t at = 0; at < n;) {
        const uint8_t *begin = data + FUZZ_PREFIX + at, *lf = memchr(begin, '\n', n - at);
        size_t len = lf ? (size_t)(lf - begin) : n - at;
        uint8_t *line = malloc(len ? len : 1);
        need(line != NULL, "no memory");
        memcpy(line, begin, len);
        read_line(hpx_slice_of(line, len), &memory);
        free(line);
        at += len + 1;
    }
    need(memory.now_nbytes == 0, "memory is left");
    return 0;
}
