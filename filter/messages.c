/* messages: see messages.h. Layer 6. */
#include "messages.h"

#include <stdarg.h>
#include <string.h>

// Of one rule, before the rest is only counted (-v shows all).
#define SHOWN_OF_A_RULE 10
#define NAME_NBYTES     1024
#define TEXT_NBYTES     6000 /* of a message: a few names */

void hpx_messages_init(hpx_messages *m, bool quiet, bool verbose, bool color) {
    *m = (hpx_messages){.quiet = quiet, .verbose = verbose, .color = color};
    pthread_mutex_init(&m->mutex, NULL);
}

void hpx_messages_release(hpx_messages *m) {
    pthread_mutex_destroy(&m->mutex);
}

static const char *paint(const hpx_messages *m, const char *code) {
    return m->color ? code : "";
}

/* With the mutex held. */
static void take_line_away(hpx_messages *m) {
    if (m->line_shown) fputs("\r\033[K", stderr);
    m->line_shown = false;
}

#define ESCAPED_NBYTES 12

/* Bytes of the character at p, or 0 when it is not UTF-8. */
static size_t character_length(const unsigned char *p) {
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90) ? 0 : n;
}

/* The character at *p as it may be shown: controls, and bytes that are no character, as \n or \x1b. Moves *p behind it. */
static size_t escape(const unsigned char **p, char out[ESCAPED_NBYTES]) {
    const unsigned char *at = *p;
    size_t n = character_length(at);
    *p += n ? n : 1;
    if (*at == '\n' || *at == '\t') return (size_t)snprintf(out, ESCAPED_NBYTES, *at == '\n' ? "\\n" : "\\t");
    if (n == 0 || *at < 0x20 || *at == 0x7F) return (size_t)snprintf(out, ESCAPED_NBYTES, "\\x%02x", *at);
    // U+0080 to U+009F are controls too.
    if (at[0] == 0xC2 && at[1] < 0xA0) return (size_t)snprintf(out, ESCAPED_NBYTES, "\\x%02x\\x%02x", at[0], at[1]);
    memcpy(out, at, n);
    return n;
}

/* Whatever names and texts stand in a message, it is one line and cannot move the cursor. With the mutex held. */
static void put_text(const char *text) {
    char out[ESCAPED_NBYTES] = "";
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = escape(&p, out);
        fwrite(out, 1, n, stderr);
    }
}

static void say(hpx_messages *m, const char *color, const char *kind, const char *format, va_list arguments) {
    char text[TEXT_NBYTES];
    vsnprintf(text, sizeof text, format, arguments);
    pthread_mutex_lock(&m->mutex);
    take_line_away(m);
    fprintf(stderr, "hapax: %s%s%s", paint(m, color), kind, paint(m, *color ? "\033[0m" : ""));
    put_text(text);
    fputc('\n', stderr);
    fflush(stderr);
    pthread_mutex_unlock(&m->mutex);
}

void hpx_messages_error(hpx_messages *m, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(m, "", "", format, arguments);
    va_end(arguments);
}

#define YELLOW "\033[1;33m"
#define RED    "\033[1;31m"
#define CYAN   "\033[1;36m"

void hpx_messages_warning(hpx_messages *m, const char *format, ...) {
    if (m->quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(m, YELLOW, "warning: ", format, arguments);
    va_end(arguments);
}

void hpx_messages_note(hpx_messages *m, const char *format, ...) {
    if (m->quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(m, CYAN, "note: ", format, arguments);
    va_end(arguments);
}

void hpx_messages_say(hpx_messages *m, const char *format, ...) {
    if (m->quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(m, "", "", format, arguments);
    va_end(arguments);
}

/* Counts the event under its rule; true when it is among the first ones. */
static bool is_shown(hpx_messages *m, const char *rule) {
    size_t i = 0;
    while (i < m->rule_count && strcmp(m->rules[i].name, rule) != 0) i++;
    if (i == m->rule_count) {
        if (i == HPX_MESSAGES_RULES) return true;
        snprintf(m->rules[i].name, sizeof m->rules[i].name, "%s", rule);
        m->rule_count++;
    }
    return ++m->rules[i].count <= SHOWN_OF_A_RULE || m->verbose;
}

void hpx_messages_event(void *context, const hapax_event *event) {
    static const char *const kinds[] = {"note", "warning", "damaged"};
    static const char *const colors[] = {CYAN, YELLOW, RED};
    hpx_messages *m = context;
    char name[NAME_NBYTES], place[64] = "";
    pthread_mutex_lock(&m->mutex);
    if (event->severity == HAPAX_DAMAGE) m->damage_count++;
    if (event->severity == HAPAX_WARNING) m->warning_count++;
    bool shown = is_shown(m, event->rule);
    if (shown && (!m->quiet || event->severity == HAPAX_DAMAGE)) {
        if (event->line)
            snprintf(place, sizeof place, "%llu:%llu:", (unsigned long long)event->line, (unsigned long long)event->column);
        take_line_away(m);
        fprintf(stderr, "hapax: %s:%s %s%s:%s ", hpx_messages_name(event->document, name, sizeof name), place,
                paint(m, colors[event->severity]), kinds[event->severity], paint(m, "\033[0m"));
        put_text(event->message);
        if (event->severity == HAPAX_DAMAGE) fprintf(stderr, " (byte %llu)", (unsigned long long)event->byte);
        fprintf(stderr, " [%s]\n", event->rule);
        fflush(stderr);
    }
    pthread_mutex_unlock(&m->mutex);
}

void hpx_messages_left_out(hpx_messages *m) {
    if (m->verbose || m->quiet) return;
    for (size_t i = 0; i < m->rule_count; i++) {
        if (m->rules[i].count <= SHOWN_OF_A_RULE) continue;
        hpx_messages_say(m, "%llu more [%s] (-v shows all)", (unsigned long long)(m->rules[i].count - SHOWN_OF_A_RULE),
                         m->rules[i].name);
    }
}

void hpx_messages_line(hpx_messages *m, const char *text) {
    pthread_mutex_lock(&m->mutex);
    take_line_away(m);
    if (text) {
        fputs(text, stderr);
        m->line_shown = true;
    }
    fflush(stderr);
    pthread_mutex_unlock(&m->mutex);
}

void hpx_messages_give_up_line(hpx_messages *m) {
    if (pthread_mutex_trylock(&m->mutex) != 0) return;
    take_line_away(m);
    fflush(stderr);
    pthread_mutex_unlock(&m->mutex);
}

const char *hpx_messages_name(const char *name, char *out, size_t out_nbytes) {
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)name; *p && n + ESCAPED_NBYTES < out_nbytes;) n += escape(&p, out + n);
    out[n] = 0;
    return out;
}
