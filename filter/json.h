/*
 * json: strings and numbers of RFC 8259, written and read, for our own JSON lines. Layer 1, pure.
 */
#ifndef HPX_JSON_H
#define HPX_JSON_H

#include "base.h"

/* Appends text as a JSON string with its quotes. Only what must be escaped is: quote, backslash, controls below U+0020 and U+007F.
 * text that is not UTF-8: each ill-formed sequence becomes U+FFFD. */
hapax_status hpx_json_string(hpx_buffer *out, hpx_slice text) HAPAX_MUST_CHECK;

/* Appends `"key":` (with a comma before it unless the last byte is `{` or `[`). */
hapax_status hpx_json_key(hpx_buffer *out, const char *key) HAPAX_MUST_CHECK;
hapax_status hpx_json_key_string(hpx_buffer *out, const char *key, hpx_slice value) HAPAX_MUST_CHECK;
hapax_status hpx_json_key_uint(hpx_buffer *out, const char *key, uint64_t value) HAPAX_MUST_CHECK;
/* A file name under "file"; when it is not UTF-8, also its bytes in base64 under "file_base64". */
hapax_status hpx_json_key_file(hpx_buffer *out, const char *name) HAPAX_MUST_CHECK;

/* Finds the value of a member of the object `line` (one whole JSON object); path like "out.byte" goes into objects. *value is its
 * raw JSON, without spaces around it. Checks the whole line: false when it is not a JSON object or has no such member. */
bool hpx_json_is_object(hpx_slice line);
bool hpx_json_find(hpx_slice line, const char *path, hpx_slice *value);
/* Takes the next element off the front of *array (the raw value of a JSON array at first). False when there is none. */
bool hpx_json_next(hpx_slice *array, hpx_slice *element);
bool hpx_json_to_uint(hpx_slice value, uint64_t *number);
/* Appends the decoded string to out. HAPAX_E_JOURNAL when value is not a JSON string or holds a lone surrogate. */
hapax_status hpx_json_to_string(hpx_slice value, hpx_buffer *out) HAPAX_MUST_CHECK;

#endif
