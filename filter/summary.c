/* summary: see summary.h. Layer 7. */
#include "summary.h"

#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHOWN   5
#define NAME_NBYTES  300
#define LINE_NBYTES  1200
#define EXCERPT_CHARACTERS 24

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

/* `line 13`, or `a.txt:13` when more than one file is spoken of. */
static void place(char *out, size_t out_nbytes, const char *document, uint64_t line, bool with_name) {
    char name[NAME_NBYTES];
    hpx_messages_name(document, name, sizeof name);
    if (!line) snprintf(out, out_nbytes, "%s", name);
    else if (with_name) snprintf(out, out_nbytes, "%s:%" PRIu64, name, line);
    else snprintf(out, out_nbytes, "line %" PRIu64, line);
}

/* `line 13 stands in line 3 already; quotes differ`. */
static void origin(char *out, size_t out_nbytes, const hapax_repeat *repeat, bool many_files) {
    char here[NAME_NBYTES + 40], source[NAME_NBYTES + 40];
    bool names = many_files || strcmp(repeat->document, repeat->source_document) != 0;
    place(here, sizeof here, repeat->document, repeat->line, names);
    place(source, sizeof source, repeat->source_document, repeat->source_line, names);
    snprintf(out, out_nbytes, "%s stands in %s already%s%s", here, source, *repeat->differs ? "; " : "", repeat->differs);
}

/* The beginning of a passage: EXCERPT_CHARACTERS of it, controls escaped. */
static const char *beginning(const char *excerpt, char *out, size_t out_nbytes) {
    char cut[4 * EXCERPT_CHARACTERS + 8];
    size_t n = 0, characters = 0;
    for (; n < sizeof cut - 4 && excerpt[n]; n++) {
        bool is_continuation = ((unsigned char)excerpt[n] & 0xC0) == 0x80;
        if (!is_continuation && characters++ == EXCERPT_CHARACTERS) break;
        cut[n] = excerpt[n];
    }
    snprintf(cut + n, sizeof cut - n, "%s", excerpt[n] ? "…" : "");
    return hpx_messages_name(cut, out, out_nbytes);
}

static void say_removed(hpx_messages *m, hapax *filter, const hapax_stats *stats, const hpx_options *options) {
    char share[24], from[LINE_NBYTES], excerpt[NAME_NBYTES];
    bool many_files = options->file_count + options->against_count > 1;
    hapax_repeat repeats[MOST_SHOWN];
    if (stats->removed_spans == 0) {
        if (options->no_find) return;
        if (stats->found_letters == 0) hpx_messages_say(m, "no passage stands twice");
        else
            hpx_messages_say(m, "removed nothing; %" PRIu64 " letters (%s) stand in repeated passages", stats->found_letters,
                             hpx_progress_share(stats->found_letters, stats->letters, share));
        return;
    }
    size_t count = hapax_most_removed(filter, repeats, MOST_SHOWN);
    hpx_progress_share(stats->removed_letters, stats->letters, share);
    if (stats->removed_spans == 1 && count == 1) {
        origin(from, sizeof from, &repeats[0], many_files);
        hpx_messages_say(m, "removed 1 passage, %" PRIu64 " letters (%s): %s", stats->removed_letters, share, from);
        return;
    }
    hpx_messages_say(m, "removed %" PRIu64 " passage%s, %" PRIu64 " letters (%s)%s", stats->removed_spans,
                     plural(stats->removed_spans), stats->removed_letters, share, count ? "; most often:" : "");
    for (size_t i = 0; i < count; i++) {
        origin(from, sizeof from, &repeats[i], many_files);
        hpx_messages_say(m, "%5" PRIu64 " x %" PRIu64 " letters, %s: %s", repeats[i].copies, repeats[i].letters, from,
                         beginning(repeats[i].excerpt, excerpt, sizeof excerpt));
    }
}

static void say_cleaned(hpx_messages *m, const hapax_stats *stats) {
    const struct {
        uint64_t count;
        const char *noun;
    } parts[] = {
        {stats->edits_punct + stats->edits_ellipsis, "mark"},     {stats->edits_width, "wide character"},
        {stats->edits_nfc, "unnormalised character"},             {stats->edits_space, "space"},
        {stats->edits_blank, "blank line"},
    };
    char text[LINE_NBYTES] = "";
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%" PRIu64 " %s%s", n ? ", " : "", parts[i].count, parts[i].noun,
                                  plural(parts[i].count));
    hpx_messages_say(m, "%s%s%" PRIu64 " -> %" PRIu64 " bytes of text", n ? text : "", n ? " changed; " : "", stats->in_nbytes,
                     stats->out_nbytes);
}

static void say_work(hpx_messages *m, const hapax_stats *stats) {
    char a[24], b[24], c[24];
    hpx_messages_say(m, "index: %" PRIu64 " entries, %s of %s%s; store: %s, %s of it on disk", stats->index_entries,
                     hpx_progress_size(stats->index_nbytes, a), hpx_progress_size(stats->index_budget_nbytes, b),
                     stats->index_full ? " (full)" : "", hpx_progress_size(stats->store_nbytes, c),
                     hpx_progress_size(stats->spilled_nbytes, (char[24]){0}));
    hpx_messages_say(m, "memory: %s at most, bound %s; text held back: %s at most, bound %s",
                     hpx_progress_size(stats->memory_peak_nbytes, a), hpx_progress_size(stats->memory_limit_nbytes, b),
                     hpx_progress_size(stats->held_peak_nbytes, c), hpx_progress_size(stats->held_limit_nbytes, (char[24]){0}));
    hpx_messages_say(m, "work: %" PRIu64 " letters' bytes compared, %" PRIu64 " probes; %" PRIu64 " ms cleaning, %" PRIu64
                     " ms finding, %" PRIu64 " ms writing", stats->letters_compared, stats->probes, stats->prepare_ns / 1000000,
                     stats->find_ns / 1000000, stats->write_ns / 1000000);
}

void hpx_summary_say(hpx_messages *messages, hapax *filter, const hpx_options *options) {
    hapax_stats stats;
    hapax_get_stats(filter, &stats);
    hpx_messages_left_out(messages);
    say_removed(messages, filter, &stats, options);
    say_cleaned(messages, &stats);
    if (options->verbose) say_work(messages, &stats);
}

char *hpx_summary_json(const hapax_stats *s, const hpx_messages *m) {
    char *text = NULL;
    size_t nbytes = 0;
    FILE *out = open_memstream(&text, &nbytes);
    if (!out) return NULL;
    fprintf(out, "{\"type\":\"stats\",\"schema\":1,\"documents\":%" PRIu64 ",\"paragraphs\":%" PRIu64 ",\"letters\":%" PRIu64
            ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 ",\"bytes_written\":%" PRIu64, s->documents, s->paragraphs,
            s->letters, s->in_nbytes, s->out_nbytes, s->written_nbytes);
    fprintf(out, ",\"removed\":{\"spans\":%" PRIu64 ",\"letters\":%" PRIu64 ",\"bytes\":%" PRIu64 "},\"found\":{\"letters\":%" PRIu64
            "}", s->removed_spans, s->removed_letters, s->removed_nbytes, s->found_letters);
    fprintf(out, ",\"edits\":{\"punct\":%" PRIu64 ",\"ellipsis\":%" PRIu64 ",\"space\":%" PRIu64 ",\"nfc\":%" PRIu64
            ",\"width-alnum\":%" PRIu64 ",\"blank\":%" PRIu64 "}", s->edits_punct, s->edits_ellipsis, s->edits_space, s->edits_nfc,
            s->edits_width, s->edits_blank);
    fputs(",\"findings\":{", out);
    // Rules are our own names, of letters and hyphens: nothing in them has to be escaped.
    for (size_t i = 0; i < m->rule_count; i++)
        fprintf(out, "%s\"%s\":%" PRIu64, i ? "," : "", m->rules[i].name, m->rules[i].count);
    fprintf(out, "},\"damage\":{\"utf8\":%" PRIu64 ",\"gzip\":%" PRIu64 "}", s->damage_utf8, s->damage_gzip);
    fprintf(out, ",\"index\":{\"entries\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"budget\":%" PRIu64 ",\"full\":%s}", s->index_entries,
            s->index_nbytes, s->index_budget_nbytes, s->index_full ? "true" : "false");
    fprintf(out, ",\"store\":{\"bytes\":%" PRIu64 ",\"spilled\":%" PRIu64 "}", s->store_nbytes, s->spilled_nbytes);
    fprintf(out, ",\"memory\":{\"peak\":%" PRIu64 ",\"limit\":%" PRIu64 "},\"held\":{\"peak\":%" PRIu64 ",\"limit\":%" PRIu64 "}",
            s->memory_peak_nbytes, s->memory_limit_nbytes, s->held_peak_nbytes, s->held_limit_nbytes);
    fprintf(out, ",\"ns\":{\"prepare\":%" PRIu64 ",\"find\":%" PRIu64 ",\"write\":%" PRIu64 "}}\n", s->prepare_ns, s->find_ns,
            s->write_ns);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
