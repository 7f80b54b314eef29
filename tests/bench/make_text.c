/*
 * make_text: writes text for the benchmarks: half Chinese, half English by bytes, nearly all of it new. Not part of the product.
 *
 *     make_text MEGABYTES [SEED]
 *
 * Words are drawn by rank with a heavy head, as in real text; 6 paragraphs of 100 are copies of earlier ones, 5 of 100 Chinese ones have half-width
 * marks, 3 of 100 English ones have doubled spaces. Articles of about 3 KB, with headings.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 30000, CHARACTERS = 3500, KEPT = 4096, PARAGRAPH = 1 << 14 };

static uint64_t state;

static uint64_t next(void) {
    state += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static unsigned below(unsigned n) {
    return (unsigned)(next() % n);
}

/* A rank below n; small ranks are far more frequent. */
static unsigned rank_below(unsigned n) {
    unsigned a = below(n), b = below(n), c = below(n);
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

typedef struct {
    char text[PARAGRAPH];
    size_t len;
} paragraph;

static void add(paragraph *p, const char *text, size_t len) {
    if (p->len + len >= sizeof p->text) return;
    memcpy(p->text + p->len, text, len);
    p->len += len;
}

static void add_text(paragraph *p, const char *text) {
    add(p, text, strlen(text));
}

static void add_character(paragraph *p, unsigned rank) {
    unsigned c = 0x4E00 + rank * 5 % 20000; /* spread over the block */
    char utf8[3] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F))};
    add(p, utf8, 3);
}

static void add_word(paragraph *p, unsigned rank, int capital) {
    static const char *const parts[] = {"ba", "ren", "to", "li", "sha", "mor", "e", "qui", "an", "ster", "o", "vin", "del", "ta", "ight", "un"};
    char word[64];
    size_t len = 0;
    unsigned number = rank + 3;
    while (number) {
        const char *part = parts[number % 16];
        memcpy(word + len, part, strlen(part));
        len += strlen(part);
        number /= 16;
    }
    if (capital) word[0] = (char)(word[0] - 'a' + 'A');
    add(p, word, len);
}

static void write_chinese(paragraph *p) {
    int half_width = below(100) < 5;
    for (unsigned sentences = 2 + below(5); sentences; sentences--) {
        int quoted = below(8) == 0;
        if (quoted) add_text(p, "“");
        for (unsigned clauses = 1 + below(4); clauses; clauses--) {
            for (unsigned n = 5 + below(12); n; n--) add_character(p, rank_below(CHARACTERS));
            if (clauses > 1) add_text(p, half_width ? "," : "，");
        }
        add_text(p, "。");
        if (quoted) add_text(p, "”");
    }
}

static void write_english(paragraph *p) {
    int doubled = below(100) < 3;
    for (unsigned sentences = 2 + below(6); sentences; sentences--) {
        unsigned words = 6 + below(20);
        for (unsigned i = 0; i < words; i++) {
            if (i) add_text(p, below(12) == 0 ? ", " : " ");
            add_word(p, rank_below(WORDS), i == 0);
        }
        add_text(p, sentences > 1 ? doubled ? ".  " : ". " : ".");
    }
}

int main(int argc, char **argv) {
    uint64_t want = strtoull(argc > 1 ? argv[1] : "100", NULL, 10) * 1000000, written = 0;
    state = strtoull(argc > 2 ? argv[2] : "1", NULL, 10);
    paragraph *kept = calloc(KEPT, sizeof *kept), *p = calloc(1, sizeof *p);
    if (!kept || !p) return 1;
    for (uint64_t n = 0; written < want; n++) {
        p->len = 0;
        int chinese = n / 12 % 2 == 0;
        if (n > KEPT && below(100) < 6) {
            *p = kept[below(KEPT)];
        } else if (n % 12 == 0) {
            if (chinese) for (unsigned i = 8 + below(8); i; i--) add_character(p, rank_below(CHARACTERS));
            else for (unsigned i = 3 + below(5); i; i--) add_word(p, rank_below(WORDS), 1), add_text(p, " of ");
            add_word(p, below(WORDS), 1);
        } else if (chinese) {
            write_chinese(p);
        } else {
            write_english(p);
        }
        if (below(16) == 0) kept[n % KEPT] = *p;
        else if (n < KEPT) kept[n] = *p;
        add_text(p, "\n\n");
        if (fwrite(p->text, 1, p->len, stdout) != p->len) return 1;
        written += p->len;
    }
    free(kept);
    free(p);
    return fflush(stdout) != 0;
}
