/*
 * fault_text: a text for the fault tests: everything happens in it once, and it is small, as it is read
 * thousands of times.
 *
 *     fault_text [large]     large: 20 MiB, the end of which repeats the beginning
 */
#include "news.h"
#include "variants.h"

int main(int argc, char **argv) {
    prng r = prng_seeded(5, 5);
    bytes text = {0};
    if (argc > 1 && !strcmp(argv[1], "large")) {
        news_add(&text, &r, LANG_ENGLISH, (size_t)20 << 20, NULL);
        bytes_reserve(&text, 4096);
        bytes_add(&text, text.ptr, 4096);
        fwrite(text.ptr, 1, text.len, stdout);
        bytes_free(&text);
        return fflush(stdout) != 0;
    }
    for (int i = 0; i < 8; i++)
        sentence_add(&text, &r, LANG_CHINESE);
    bytes copy = bytes_copy(text);
    bytes_add_text(&text, "\n\n“不成对的,e\xCC\x81");
    sentence_add(&text, &r, LANG_MIXED);
    bytes_add_text(&text, "\n\n");
    variant_add(&text, copy.ptr, copy.len, VARIANT_QUOTES | VARIANT_PUNCT, 300, &r);
    bytes_add_text(&text, "\n");
    fwrite(text.ptr, 1, text.len, stdout);
    bytes_free(&text);
    bytes_free(&copy);
    return fflush(stdout) != 0;
}
