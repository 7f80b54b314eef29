/*
 * replay: runs a fuzz target over files, without a fuzzer, so that every build tests it. Each file is also given with its
 * first bytes changed, as these choose options and piece sizes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t nbytes);

#define PREFIX 4
#define MOST_NBYTES (1u << 20)

int main(int argc, char **argv) {
    static const uint8_t prefixes[][PREFIX] = {{0, 0, 0, 0}, {0xFF, 1, 0, 0}, {0x15, 7, 3, 9}, {0x2A, 200, 50, 1}, {0x40, 3, 255, 0}};
    uint8_t *data = malloc(PREFIX + MOST_NBYTES);
    if (!data) return 2;
    size_t runs = 0;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) return perror(argv[i]), 2;
        size_t n = fread(data + PREFIX, 1, MOST_NBYTES, f);
        fclose(f);
        for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++, runs++) {
            memcpy(data, prefixes[k], PREFIX);
            LLVMFuzzerTestOneInput(data, PREFIX + n);
        }
    }
    free(data);
    printf("%zu runs\n", runs);
    return runs == 0;
}
