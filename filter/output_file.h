/*
 * output_file: a file that is replaced whole or not at all: a temporary name in the same folder, fsync, rename. Layer 6.
 *
 * Links are followed. What exists and is not a regular file (a device, a FIFO) is written directly, and so is standard output. It can
 * compress what is written. Every file that is open stands in a list, so that the temporary ones can be removed when the
 * process is killed.
 */
#ifndef HPX_OUTPUT_FILE_H
#define HPX_OUTPUT_FILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hpx_output_file hpx_output_file;

/* The files that are open. Zero-initialise, then init. */
typedef struct {
    pthread_mutex_t mutex;
    hpx_output_file *first;
    unsigned file_mode; /* permissions of new files: what the umask leaves */
} hpx_output_list;

void hpx_output_list_init(hpx_output_list *list);
/* Removes the temporary files and keeps the list locked, so that none gets its final name any more: the process is about to end. */
void hpx_output_list_abandon(hpx_output_list *list);

/* Why something failed: errno (0: memory) and what was being done, in words. */
typedef struct {
    int sys_errno;
    const char *doing;
} hpx_output_error;

/* name "-" is standard output. gzip_level 0: bytes are written as they come; 1 .. 9: they are compressed. NULL: error says why. */
hpx_output_file *hpx_output_file_open(hpx_output_list *list, const char *name, int gzip_level, hpx_output_error *error);
bool hpx_output_file_write(hpx_output_file *file, const void *bytes, size_t nbytes, hpx_output_error *error);
/* Ends, syncs and closes it; what is left is to give it its name. For files that wait for others: they hold no descriptor. */
bool hpx_output_file_finish(hpx_output_file *file, hpx_output_error *error);
/* Finishes it, if that was not done, and puts it under its name. The object is gone in any case; false: the old file is untouched. */
bool hpx_output_file_commit(hpx_output_file *file, hpx_output_error *error);
/* The same for several files: they get their names in their order, or, as far as the system allows, none does; a signal comes before
 * all of them or after. The objects are gone in any case. Returns how many were done; fewer than count: error says why the next one was
 * not. */
size_t hpx_output_files_commit(hpx_output_file **files, size_t count, hpx_output_error *error);
/* The path behind a chain of links, of which the last may lead to nothing. The caller frees it; NULL with errno. */
char *hpx_output_file_target(const char *name);
/* Throws away what was written (NULL is allowed). What went to no regular file stays written. */
void hpx_output_file_discard(hpx_output_file *file);

#endif
