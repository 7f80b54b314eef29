/*
 * dedupe: the smallest useful program with libhapax: plain text from standard input, every passage once to standard output.
 *
 *     cc dedupe.c $(pkg-config --cflags --libs hapax) -o dedupe
 *
 * One thread: push what was read, pull what is ready, until both are at their end.
 */
#include <hapax.h>

#include <stdio.h>

/* Writes what is ready. HAPAX_OK: more may come; HAPAX_DONE: that was all. */
static hapax_status pull_all(hapax *h) {
    static unsigned char out[65536];
    for (;;) {
        size_t got = 0;
        hapax_status status = hapax_pull(h, HAPAX_TEXT, out, sizeof out, &got);
        if (status != HAPAX_OK || got == 0) return status;
        if (fwrite(out, 1, got, stdout) != got) return HAPAX_E_IO;
    }
}

static hapax_status filter(hapax *h) {
    static unsigned char in[65536];
    hapax_status status = hapax_begin(h, "-", 0);
    size_t nbytes = 0;
    while (status == HAPAX_OK && (nbytes = fread(in, 1, sizeof in, stdin)) > 0) {
        for (size_t at = 0; at < nbytes && status == HAPAX_OK;) {
            size_t taken = 0;
            status = hapax_push(h, in + at, nbytes - at, &taken);
            at += taken;
            if (status == HAPAX_OK) status = pull_all(h);
            // With one job this does the work that has to be done before more is taken.
            if (status == HAPAX_OK && taken == 0) status = hapax_wait(h, HAPAX_CAN_PUSH);
        }
    }
    if (status == HAPAX_OK) status = hapax_end(h);
    if (status == HAPAX_OK) status = hapax_finish(h);
    while (status == HAPAX_OK) status = pull_all(h);
    return status;
}

int main(void) {
    hapax_options options;
    hapax_error error;
    hapax *h = NULL;
    hapax_options_init(&options);
    if (hapax_create(&h, &options, &error) != HAPAX_OK) {
        fprintf(stderr, "dedupe: %s\n", error.text);
        return 2;
    }
    hapax_status status = filter(h);
    if (status != HAPAX_DONE) fprintf(stderr, "dedupe: %s\n", hapax_status_text(status));
    hapax_stats stats;
    hapax_get_stats(h, &stats);
    if (status == HAPAX_DONE) fprintf(stderr, "dedupe: removed %llu letters\n", (unsigned long long)stats.removed_letters);
    hapax_destroy(h);
    return status == HAPAX_DONE && fflush(stdout) == 0 ? 0 : 2;
}
