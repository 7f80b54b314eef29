/*
 * fuzz_restore: any bytes as a journal and as an output. The data is cut at the first NUL byte behind the first four: journal, then
 * output. Nothing may crash, and nothing may pass with sums that do not fit.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes) {
    if (nbytes < FUZZ_PREFIX) return 0;
    const uint8_t *journal = data + FUZZ_PREFIX, *end = data + nbytes;
    const uint8_t *nul = memchr(journal, 0, (size_t)(end - journal));
    const uint8_t *output = nul ? nul + 1 : end;
    size_t piece = 1 + data[1], got = 0;
    size_t journal_nbytes = (size_t)((nul ? nul : end) - journal);
    uint8_t buffer[4096];
    hapax_restorer *r = NULL;
    if (hapax_restorer_create(&r, data[0] & 1 ? "a/b.txt" : NULL, NULL, (uint64_t)16 << 20, NULL) != HAPAX_OK) return 0;
    hapax_status status = HAPAX_OK;
    for (size_t at = 0; at < journal_nbytes && status == HAPAX_OK; at += piece)
        status = hapax_restorer_journal(r, journal + at, journal_nbytes - at < piece ? journal_nbytes - at : piece);
    if (status == HAPAX_OK) status = hapax_restorer_journal_end(r);
    while (output < end && status == HAPAX_OK) {
        size_t taken = 0, left = (size_t)(end - output);
        status = hapax_restorer_push(r, output, left < piece ? left : piece, &taken);
        output += taken;
        if (status == HAPAX_OK) status = hapax_restorer_pull(r, buffer, sizeof buffer, &got);
    }
    if (status == HAPAX_OK) status = hapax_restorer_end(r);
    while (status == HAPAX_OK) status = hapax_restorer_pull(r, buffer, sizeof buffer, &got);
    hapax_restorer_destroy(r);
    return 0;
}
