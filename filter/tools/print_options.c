/*
 * print_options: manual page and bash completion from options.def. A program of the building machine.
 *
 *   print_options man < hapax.1.in > hapax.1        puts the options where a line says @OPTIONS@ (@RESTORE_OPTIONS@)
 *   print_options bash > completion.bash
 */
#include "hapax.h"

#include <stdio.h>
#include <string.h>

enum { C = 1, R = 2 };
enum { GROUP_OUTPUT, GROUP_FINDING, GROUP_RUNNING };

typedef struct {
    int short_name;
    const char *long_name, *argument;
    unsigned verbs;
    const char *manual;
} row;

static const row rows[] = {
#define OPTION(id, short_name, long_name, argument, verbs, group, help, manual) {short_name, long_name, argument, verbs, manual},
#include "options.def"
#undef OPTION
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

/* Text for roff: a hyphen must not become a dash, a point or quote at a line's beginning is no request. */
static void put_roff(const char *text) {
    if (*text == '.' || *text == '\'') fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '-') fputs("\\-", stdout);
        else if (*text == '\\') fputs("\\e", stdout);
        else putchar(*text);
    }
}

static void man_option(const row *option) {
    puts(".TP");
    if (option->short_name == '1') {
        puts(".BR \\-1 \" .. \" \\-9");
    } else {
        printf(".B ");
        if (option->short_name) printf("\\-%c, ", option->short_name);
        fputs("\\-\\-", stdout);
        put_roff(option->long_name);
        if (option->argument) printf("=\\fI%s\\fR", option->argument);
        putchar('\n');
    }
    put_roff(option->manual);
    putchar('\n');
}

static void man(void) {
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "@OPTIONS@\n") == 0) {
            for (size_t i = 0; i < ROW_COUNT; i++) man_option(&rows[i]);
        } else if (strcmp(line, "@RESTORE_OPTIONS@\n") == 0) {
            const char *comma = "";
            for (size_t i = 0; i < ROW_COUNT; i++) {
                if (!(rows[i].verbs & R)) continue;
                if (rows[i].short_name == '1') printf("%s\\-1 .. \\-9", comma);
                else printf("%s\\-\\-", comma), put_roff(rows[i].long_name);
                comma = ",\n";
            }
            puts(".");
        } else {
            char *version = strstr(line, "@VERSION@");
            if (version) printf("%.*s%s%s", (int)(version - line), line, HAPAX_VERSION, version + strlen("@VERSION@"));
            else fputs(line, stdout);
        }
    }
}

static void words(unsigned verb) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!(rows[i].verbs & verb) || !rows[i].long_name) continue;
        printf(" --%s%s", rows[i].long_name, rows[i].argument ? "=" : "");
        if (rows[i].short_name) printf(" -%c", rows[i].short_name);
    }
}

/* Arguments that are one of a few words stand in the table as a|b. */
static void choices(void) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *argument = rows[i].argument;
        if (!argument) continue;
        if (strchr(argument, '|') && !strstr(argument, "FILE")) {
            printf("    --%s) words='", rows[i].long_name);
            for (const char *p = argument; *p; p++) putchar(*p == '|' ? ' ' : *p);
            puts("' ;;");
        }
    }
}

static void bash(void) {
    puts("# bash completion for hapax; made from the table of its options.");
    puts("_hapax() {");
    puts("    local current=${COMP_WORDS[COMP_CWORD]} option= words=");
    puts("    if [[ $current == = ]]; then option=${COMP_WORDS[COMP_CWORD-1]} current=");
    puts("    elif [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then option=${COMP_WORDS[COMP_CWORD-2]}");
    puts("    fi");
    puts("    case $option in");
    choices();
    puts("    esac");
    puts("    if [[ -n $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); return; fi");
    puts("    if [[ $current == -* && -z $option ]]; then");
    fputs("        words='", stdout);
    words(C);
    puts("'");
    fputs("        [[ ${COMP_WORDS[1]} == restore ]] && words='", stdout);
    words(R);
    puts("'");
    puts("        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))");
    puts("        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace");
    puts("        return");
    puts("    fi");
    puts("    COMPREPLY=($(compgen -f -- \"$current\"))");
    puts("    [[ $COMP_CWORD -eq 1 ]] && COMPREPLY+=($(compgen -W 'clean restore' -- \"$current\"))");
    puts("}");
    puts("complete -o filenames -F _hapax hapax");
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "man") == 0) man();
    else if (argc == 2 && strcmp(argv[1], "bash") == 0) bash();
    else return fputs("usage: print_options man|bash\n", stderr), 2;
    return fflush(stdout) != 0 || ferror(stdout);
}
