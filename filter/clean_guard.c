/*
 * clean_guard: what is never touched, as far as one line can tell: inline code, addresses, tags, formulas,
 * entities, Markdown's own marks, and lines that are source code. Blocks of several lines are the caller's
 * (hpx_clean_context). Layer 1, see clean_line.h.
 *
 * Each look-ahead either guards what it walked over, or stops where the next one would begin, or has a bound
 * with a name.
 */
#include "clean_line.h"

#define MAX_SCHEME 16   /* letters before "://" */
#define MAX_NAME   32   /* of an entity, an emoji, a reference kind */
#define MAX_LINK   2048 /* characters of a link's target and title */

static void guard(hpx_cleaner *line, size_t from, size_t to) {
    for (size_t i = from; i < to && i < line->cell_count; i++)
        line->cells[i].flags |= HPX_CELL_GUARD;
}

static size_t skip_blanks(const hpx_cleaner *line, size_t i) {
    while (i < line->cell_count && (line->cells[i].class & HPX_SPACE))
        i++;
    return i;
}

static size_t line_end(const hpx_cleaner *line) {
    size_t end = line->cell_count;
    while (end > 0 && (line->cells[end - 1].class & HPX_SPACE))
        end--;
    return end;
}

static bool is_name_char(uint32_t c) {
    return hpx_is_ascii_alnum(c) || c == '_';
}

/* Inline code: a run of n backticks up to the next run of n (CommonMark 0.31, section 6.1). last[n] is
 * where the last run of n begins, so that a run without partner costs nothing; runs longer than the table
 * are left alone. */
static void guard_code(hpx_cleaner *line) {
    enum { MAX_RUN = 64 };
    size_t last[MAX_RUN] = {0}, end = line->cell_count;
    for (size_t i = 0, n; i < end; i += n) {
        for (n = 0; i + n < end && line->cells[i + n].c == '`'; n++) {}
        if (n > 0 && n < MAX_RUN) last[n] = i;
        if (n == 0) n = 1;
    }
    for (size_t i = 0, n; i < end; i += n) {
        for (n = 0; i + n < end && line->cells[i + n].c == '`'; n++) {}
        if (n == 0 || n >= MAX_RUN || last[n] <= i) {
            if (n == 0) n = 1;
            continue;
        }
        size_t j = i + n, m;
        for (;; j += m ? m : 1) {
            for (m = 0; j + m < end && line->cells[j + m].c == '`'; m++) {}
            if (m == n) break;
        }
        guard(line, i, j + n);
        n = j + n - i;
    }
}

/* <name ...>, </name>, <!-- -->: up to the next '>' that comes before another '<'. */
static size_t tag_end(const hpx_cleaner *line, size_t at) {
    size_t i = at + 1;
    uint32_t c = hpx_line_char(line, i);
    if (c == '!' || c == '?') return c == '!' && hpx_line_char(line, i + 1) != '-' ? at : MAX_LINK;
    if (c == '/') c = hpx_line_char(line, ++i);
    if (!hpx_is_ascii_alnum(c) || hpx_is_ascii_digit(c)) return at;
    while (is_name_char(hpx_line_char(line, i)) || hpx_line_char(line, i) == '-')
        i++;
    c = hpx_line_char(line, i);
    return c == '>' || c == '/' || (hpx_line_class(line, i) & HPX_SPACE) ? MAX_LINK : at;
}

static size_t guard_tag(hpx_cleaner *line, size_t at) {
    if (tag_end(line, at) == at) return at + 1;
    for (size_t i = at + 1; i < line->cell_count && line->cells[i].c != '<'; i++) {
        if (line->cells[i].c != '>') continue;
        guard(line, at, i + 1);
        return i + 1;
    }
    return at + 1;
}

/* A formula: $..$ without blanks at its inner edges and no digit behind it (as Pandoc has it); Han inside
 * only beside a backslash, so that two prices are no formula. The search ends at the next '$'. */
static size_t guard_formula(hpx_cleaner *line, size_t at) {
    size_t n = hpx_line_char(line, at + 1) == '$' ? 2 : 1, i = at + n;
    bool han = false, backslash = false;
    for (; i < line->cell_count && line->cells[i].c != '$'; i++) {
        han |= (line->cells[i].class & HPX_HAN) != 0;
        backslash |= line->cells[i].c == '\\';
    }
    if (i >= line->cell_count || i == at + n) return at + 1;
    bool closed = n == 2 ? hpx_line_char(line, i + 1) == '$' : true;
    bool tight = n == 2 ||
                 (!(line->cells[at + 1].class & HPX_SPACE) && !(line->cells[i - 1].class & HPX_SPACE));
    if (!closed || !tight || (han && !backslash) || hpx_is_ascii_digit(hpx_line_char(line, i + n)))
        return at + 1;
    guard(line, at, i + n);
    return i + n;
}

static size_t guard_entity(hpx_cleaner *line, size_t at) {
    size_t i = at + 1;
    if (hpx_line_char(line, i) == '#') i++;
    size_t name = i;
    while (i - name < MAX_NAME && hpx_is_ascii_alnum(hpx_line_char(line, i)))
        i++;
    if (i == name || hpx_line_char(line, i) != ';') return at + 1;
    guard(line, at, i + 1);
    return i + 1;
}

static bool is_address_char(uint32_t c) {
    return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '`' && c != '{' && c != '}' &&
           c != '|';
}

/* An address from..: up to blank, quote or a character beyond ASCII; marks at its end are the sentence's. */
static size_t guard_address(hpx_cleaner *line, size_t from, size_t at) {
    size_t end = at;
    int depth = 0;
    while (is_address_char(hpx_line_char(line, end))) {
        uint32_t c = line->cells[end].c;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth < 0) break; /* closes a bracket that was opened before the address */
        end++;
    }
    while (end > at) {
        uint32_t c = line->cells[end - 1].c;
        if (!hpx_is_point(c) && c != '\'' && c != '*' && c != ']' && !(c == '(' && depth > 0)) break;
        end--;
    }
    guard(line, from, end);
    return HPX_MAX(end, at);
}

static size_t guard_mail(hpx_cleaner *line, size_t at, size_t floor) {
    size_t from = at, end = at + 1;
    while (from > floor &&
           (is_name_char(line->cells[from - 1].c) || strchr(".+-%", (int)line->cells[from - 1].c)) &&
           line->cells[from - 1].c < 0x80)
        from--;
    while (is_name_char(hpx_line_char(line, end)) || hpx_line_char(line, end) == '-' ||
           (hpx_line_char(line, end) == '.' && hpx_is_ascii_alnum(hpx_line_char(line, end + 1))))
        end++;
    if (from == at || end == at + 1) return at + 1;
    guard(line, from, end);
    return end;
}

/* At ':': "::", "scheme://", "C:\", ":name:". */
static size_t guard_colon(hpx_cleaner *line, size_t at) {
    uint32_t next = hpx_line_char(line, at + 1), before = hpx_line_char(line, at - 1);
    if (next == ':') {
        size_t end = at + 2;
        while (hpx_line_char(line, end) == ':')
            end++;
        guard(line, at, end);
        return end;
    }
    if (next == '/' && hpx_line_char(line, at + 2) == '/') {
        size_t from = at;
        while (at - from < MAX_SCHEME && from > 0 && hpx_is_ascii_alnum(line->cells[from - 1].c))
            from--;
        if (from < at) return guard_address(line, from, at + 3);
    }
    if ((next == '\\' || next == '/') && hpx_is_ascii_alnum(before) && !hpx_is_ascii_digit(before) &&
        !hpx_is_ascii_alnum(hpx_line_char(line, at - 2))) {
        guard(line, at - 1, at + 2);
        return at + 2;
    }
    size_t end = at + 1;
    bool letter = false;
    for (uint32_t c; end - at <= MAX_NAME && (c = hpx_line_char(line, end)) != 0 &&
                     (is_name_char(c) || c == '-' || c == '+');
         end++)
        letter |= !hpx_is_ascii_digit(c);
    if (hpx_line_char(line, end) != ':' || end < at + 3 || !letter || hpx_is_ascii_alnum(before) ||
        hpx_is_ascii_alnum(hpx_line_char(line, end + 1)))
        return at + 1;
    guard(line, at, end + 1);
    return end + 1;
}

/* At ']' before '(': the target of a link or picture, brackets included. */
static size_t guard_target(hpx_cleaner *line, size_t at) {
    int depth = 0;
    for (size_t i = at + 1; i < line->cell_count && i - at < MAX_LINK; i++) {
        uint32_t c = line->cells[i].c;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth > 0) continue;
        guard(line, at + 1, i + 1);
        return i + 1;
    }
    return at + 1;
}

/* At '[': a reference's definition at the line's beginning, or the kind mark of a bibliographic entry
 * (GB/T 7714). */
static size_t guard_bracket(hpx_cleaner *line, size_t at) {
    static const char *const kinds[] = {"M", "C", "G", "N",  "J",  "D",  "R",  "S",
                                        "P", "A", "Z", "DB", "CP", "EB", "DS", "CM"};
    size_t i = at + 1, n = 0;
    char name[4] = "";
    while (n < 2 && hpx_line_char(line, i) - 'A' < 26)
        name[n++] = (char)line->cells[i++].c;
    if (n > 0 && hpx_line_char(line, i) == '/' && hpx_line_char(line, i + 1) - 'A' < 26)
        while (hpx_line_char(line, ++i) - 'A' < 26 && i - at < MAX_NAME) {}
    uint32_t after = hpx_line_char(line, i + 1);
    if (n > 0 && hpx_line_char(line, i) == ']' &&
        (after == '.' || after == ',' || after == ':' || after == '/' || after == 0))
        for (size_t k = 0; k < HPX_ARRAY_LEN(kinds); k++)
            line->guards_marks |= strcmp(kinds[k], name) == 0;
    if (at != skip_blanks(line, 0)) return at + 1;
    for (i = at + 1; i - at < MAX_LINK && i < line->cell_count && line->cells[i].c != ']';)
        i++;
    if (i == at + 1 || hpx_line_char(line, i) != ']' || hpx_line_char(line, i + 1) != ':') return at + 1;
    guard(line, i, i + 2);
    return at + 1;
}

static size_t guard_at(hpx_cleaner *line, size_t at, size_t floor) {
    uint32_t next = hpx_line_char(line, at + 1);
    switch (line->cells[at].c) {
    case '<': return guard_tag(line, at);
    case '$': return guard_formula(line, at);
    case '&': return guard_entity(line, at);
    case '@': return guard_mail(line, at, floor);
    case ':': return guard_colon(line, at);
    case '[': return guard_bracket(line, at);
    case ']': return next == '(' ? guard_target(line, at) : at + 1;
    case '!':
        if (next == '[' || next == '=') guard(line, at, at + 1);
        return at + 1;
    case '.':
        if (at >= 3 && at - 3 >= floor && (line->cells[at - 1].c | 0x20) == 'w' &&
            (line->cells[at - 2].c | 0x20) == 'w' && (line->cells[at - 3].c | 0x20) == 'w' &&
            hpx_is_ascii_alnum(next) && !hpx_is_ascii_alnum(hpx_line_char(line, at - 4)))
            return guard_address(line, at - 3, at);
        return at + 1;
    default: return at + 1;
    }
}

/* Walks over one expression of source code: true when everything beyond ASCII stands in straight quotes,
 * brackets balance, and it ends at end. *closes_last: the first bracket is closed by the last character. */
static bool is_expression(const hpx_cleaner *line, size_t at, size_t end, bool *closes_last) {
    int depth = 0;
    bool closed_early = false;
    for (size_t i = at; i < end; i++) {
        uint32_t c = line->cells[i].c;
        if (c >= 0x80) return false;
        if (c == '(' || c == '[' || c == '{') depth++;
        if (c == ')' || c == ']' || c == '}') {
            if (--depth < 0) return false;
            if (depth == 0 && i + 1 < end) closed_early = true;
        }
        if (c != '"' && c != '\'') continue;
        size_t j = i + 1;
        while (j < end && line->cells[j].c != c)
            j += line->cells[j].c == '\\' ? 2 : 1;
        if (j >= end) return false;
        i = j;
    }
    *closes_last = depth == 0 && !closed_early;
    return depth == 0 || line->cells[end - 1].c == '{' || line->cells[end - 1].c == '[' ||
           line->cells[end - 1].c == '(';
}

/* A value of JSON or the right side of an assignment must begin like one. */
static bool begins_value(uint32_t c) {
    return hpx_is_ascii_alnum(c) || (c < 0x80 && c != 0 && strchr("\"'[{(-_&*!", (int)c));
}

/* A single line that parses as a JSON member or object, a call or an assignment. */
static bool is_code_line(const hpx_cleaner *line) {
    size_t i = skip_blanks(line, 0), end = line_end(line), begin = i;
    bool closes_last;
    if (i >= end) return false;
    uint32_t first = line->cells[i].c, last = line->cells[end - 1].c;
    if (last == ';' || last == ',') end--;
    if (end <= begin + 2) return false;
    if (first == '"') { /* "name": value */
        for (i++; i < end && line->cells[i].c != '"'; i++) {}
        i = skip_blanks(line, i + 1);
        if (hpx_line_char(line, i) != ':') return false;
        i = skip_blanks(line, i + 1);
        return i < end && begins_value(line->cells[i].c) && is_expression(line, i, end, &closes_last);
    }
    if (first == '{' || first == '[')
        return line->cells[end - 1].c == (first == '{' ? '}' : ']') &&
               hpx_line_char(line, skip_blanks(line, i + 1)) == '"' &&
               is_expression(line, i, end, &closes_last);
    if (!is_name_char(first) || hpx_is_ascii_digit(first)) return false;
    for (; i < end; i++) { /* words, dots and indexes before '(' or '=' */
        uint32_t c = line->cells[i].c;
        if (!is_name_char(c) && c != '.' && c != '[' && c != ']' && c != ' ' && c != '*' && c != '-' &&
            c != '>')
            break;
    }
    uint32_t c = hpx_line_char(line, i);
    if (c == '(' && i > begin && is_name_char(line->cells[i - 1].c) && line->cells[end - 1].c == ')')
        return is_expression(line, i, end, &closes_last) && closes_last;
    if ((c == ':' || c == '+') && hpx_line_char(line, i + 1) == '=') c = line->cells[++i].c;
    if (c != '=' || hpx_line_char(line, i + 1) == '=') return false;
    i = skip_blanks(line, i + 1);
    return i < end && begins_value(line->cells[i].c) && is_expression(line, i, end, &closes_last);
}

/* The ruler of a Markdown table. */
static bool is_table_ruler(const hpx_cleaner *line) {
    bool bar = false, dash = false;
    for (size_t i = 0; i < line->cell_count; i++) {
        uint32_t c = line->cells[i].c;
        if (c != '|' && c != '-' && c != ':' && !(line->cells[i].class & HPX_SPACE)) return false;
        bar |= c == '|';
        dash |= c == '-';
    }
    return bar && dash;
}

/* Smileys whose mouth is a letter; those with a bracket are found with the pairs. */
static void guard_smileys(hpx_cleaner *line) {
    for (size_t s = 0; s < line->spot_count; s++) {
        size_t at = line->spots[s].cell, mouth = at + 1;
        uint32_t c = line->cells[at].c;
        if ((c != ':' && c != ';') || !(at == 0 || (line->cells[at - 1].class & HPX_SPACE))) continue;
        if (hpx_line_char(line, mouth) == '-') mouth++;
        uint32_t m = hpx_line_char(line, mouth);
        if ((m == 'D' || m == 'P' || m == 'p' || m == 'O' || m == 'o') &&
            !(hpx_line_class(line, mouth + 1) & HPX_WORD))
            guard(line, at, mouth + 1);
    }
}

bool hpx_line_guard(hpx_cleaner *line) {
    line->guards_marks = false;
    if (is_code_line(line) || is_table_ruler(line)) {
        guard(line, 0, line_end(line));
        return true;
    }
    static const char triggers[] = "`<$&@:[]!.";
    bool any = false;
    for (const char *t = triggers; *t; t++)
        any |= hpx_line_has_ascii(line, (uint8_t)*t);
    if (hpx_line_has_ascii(line, ';')) guard_smileys(line);
    if (!any) return false;
    if (hpx_line_has_ascii(line, '`')) guard_code(line);
    if (hpx_line_has_ascii(line, ':')) guard_smileys(line);
    size_t floor = 0; /* what is before it is done */
    for (size_t s = 0; s < line->spot_count; s++) {
        size_t at = line->spots[s].cell;
        if (at < floor || (line->cells[at].flags & HPX_CELL_GUARD)) continue;
        size_t next = guard_at(line, at, floor);
        if (next > at + 1 || (line->cells[at].flags & HPX_CELL_GUARD)) floor = next;
    }
    for (size_t i = 0; i < line->cell_count; i++)
        if ((line->cells[i].flags & HPX_CELL_GUARD) && (line->cells[i].class & HPX_LETTER)) return true;
    return false;
}
