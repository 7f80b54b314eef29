/*
 * replay: runs a fuzz target over files, without a fuzzer, so that every build tests it. Each file is given as it
 * is, as a fuzzer's finding would be, and behind several first bytes, as these choose options and piece sizes.
 */
#include "fuzz.h"

#define MOST_NBYTES (1u << 20)

int main(int argc, char **argv) {
    static const uint8_t prefixes[][FUZZ_PREFIX] = {{0, 0, 0, 0},       {0xFF, 1, 0, 0},       {0x15, 7, 3, 9},
                                                   {0x2A, 200, 50, 1}, {0x40, 3, 255, 0},     {0x10, 0, 1, 2},
                                                   {0xA1, 255, 0, 16}, {0x04, 100, 128, 255}, {0x18, 31, 9, 1}};
    uint8_t *data = malloc(FUZZ_PREFIX + MOST_NBYTES);
    if (!data) return 2;
    size_t runs = 0;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) return perror(argv[i]), 2;
        size_t n = fread(data + FUZZ_PREFIX, 1, MOST_NBYTES, f);
        if (n == MOST_NBYTES) fprintf(stderr, "%s: only its first %zu bytes\n", argv[i], (size_t)MOST_NBYTES);
        fclose(f);
        LLVMFuzzerTestOneInput(data + FUZZ_PREFIX, n);
        for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++, runs++) {
            memcpy(data, prefixes[k], FUZZ_PREFIX);
            LLVMFuzzerTestOneInput(data, FUZZ_PREFIX + n);
        }
    }
    free(data);
    printf("%zu runs\n", runs);
    return runs == 0;
}
