/* collide: see collide.h. Layer 7. */
#include "collide.h"

#include "output_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_NBYTES 1024

typedef enum { USE_READ, USE_TEXT, USE_JOURNAL, USE_STATS } use_kind;

typedef struct {
    const char *name;
    use_kind use;
    bool is_file; /* a regular one, or none yet */
    dev_t device; /* of the file, or of its folder */
    ino_t inode;
    char *base; /* its name in the folder, when there is no file yet; else NULL */
} file_use;

typedef struct {
    file_use *uses;
    size_t count;
    bool failed; /* no memory */
} use_list;

/* A file that is not there yet: where it would come to stand. False: it could not be made either, which will be said when that is tried. */
static bool find_folder(use_list *list, file_use *use) {
    struct stat st;
    bool found = false;
    char *target = hpx_output_file_target(use->name), *folder = NULL;
    char *slash = target ? strrchr(target, '/') : NULL;
    if (target && asprintf(&folder, "%.*s.", slash ? (int)(slash - target) + 1 : 0, target) < 0) {
        folder = NULL;
        list->failed = true;
    }
    if (folder && stat(folder, &st) == 0) {
        use->device = st.st_dev;
        use->inode = st.st_ino;
        use->is_file = true;
        use->base = strdup(slash ? slash + 1 : target);
        found = use->base != NULL;
        list->failed |= !found;
    }
    free(folder);
    free(target);
    return found;
}

static void add(use_list *list, const char *name, use_kind use) {
    file_use new_use = {.name = name, .use = use};
    struct stat st;
    int standard = use == USE_READ ? STDIN_FILENO : STDOUT_FILENO;
    if (!name) return;
    if ((strcmp(name, "-") == 0 ? fstat(standard, &st) : stat(name, &st)) == 0) {
        if (S_ISCHR(st.st_mode) || S_ISDIR(st.st_mode)) return;
        new_use.is_file = S_ISREG(st.st_mode);
        new_use.device = st.st_dev;
        new_use.inode = st.st_ino;
    } else if (use == USE_READ || errno != ENOENT || !find_folder(list, &new_use)) {
        return;
    }
    list->uses[list->count++] = new_use;
}

/* The same file: 0. */
static int compare_files(const file_use *a, const file_use *b) {
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode) return a->inode < b->inode ? -1 : 1;
    if (!a->base || !b->base) return (a->base != NULL) - (b->base != NULL);
    return strcmp(a->base, b->base);
}

static int compare_uses(const void *a, const void *b) {
    const file_use *p = a, *q = b;
    int order = compare_files(p, q);
    return order ? order : (int)p->use - (int)q->use;
}

/* b is the same file as a, and comes behind it in the order of uses. */
static bool go_together(const file_use *a, const file_use *b, hpx_messages *messages) {
    static const char *const words[] = {"", "the text", "--journal", "--stats"};
    char shown[NAME_NBYTES];
    const char *name = strcmp(b->name, "-") == 0 ? a->name : b->name;
    if (strcmp(name, "-") == 0) name = a->use == USE_READ ? "standard input" : "standard output";
    else name = hpx_messages_name(name, shown, sizeof shown);
    if (b->use == USE_READ) return true;
    if (a->use == USE_READ) {
        // The reading side passes over an input that is standard output; a file that is replaced at the end may be read before.
        if (b->use == USE_TEXT && b->is_file) return true;
        hpx_messages_error(messages, "%s would be written to %s, which is read", words[b->use], name);
    } else if (a->use == b->use) {
        hpx_messages_error(messages, "two inputs would both be written to %s", name);
    } else {
        hpx_messages_error(messages, "%s and %s would both be written to %s", words[a->use], words[b->use], name);
    }
    return false;
}

bool hpx_collide_check(const hpx_options *options, const hpx_outputs *outputs, hpx_messages *messages) {
    size_t text_count = outputs->names ? outputs->count : 1;
    use_list list = {.uses = calloc(options->file_count + options->against_count + text_count + 3, sizeof *list.uses)};
    if (!list.uses) return hpx_messages_error(messages, "out of memory"), false;
    for (size_t i = 0; i < options->file_count; i++) add(&list, options->files[i], USE_READ);
    if (options->file_count == 0) add(&list, "-", USE_READ);
    for (size_t i = 0; i < options->against_count; i++) add(&list, options->against[i], USE_READ);
    for (size_t i = 0; i < text_count; i++) add(&list, outputs->names ? outputs->names[i] : outputs->name, USE_TEXT);
    add(&list, options->journal, USE_JOURNAL);
    add(&list, options->stats, USE_STATS);
    qsort(list.uses, list.count, sizeof *list.uses, compare_uses);
    bool fine = !list.failed;
    if (!fine) hpx_messages_error(messages, "out of memory");
    for (size_t i = 1; i < list.count && fine; i++)
        fine = compare_files(&list.uses[i - 1], &list.uses[i]) != 0 || go_together(&list.uses[i - 1], &list.uses[i], messages);
    for (size_t i = 0; i < list.count; i++) free(list.uses[i].base);
    free(list.uses);
    return fine;
}
