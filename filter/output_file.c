/* output_file: see output_file.h. Layer 6. */
#define ZLIB_CONST
#include "output_file.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MOST_LINKS   40
#define PIECE_NBYTES (64u << 10)
#define TEMPORARY    ".hapax-XXXXXX"

struct hpx_output_file {
    hpx_output_list *list;
    hpx_output_file *next, *previous;
    int fd;
    char *name;      /* where it goes in the end, links followed */
    char *temporary; /* NULL: written directly */
    bool existed;    /* a file had the name before */
    bool named;      /* it has its name */
    bool holds_old;  /* the file that had the name before lies under the temporary one */
    bool finished;   /* and closed */
    bool compressed;
    z_stream z;
    uint8_t *piece; /* compressed bytes on their way */
};

void hpx_output_list_init(hpx_output_list *list) {
    *list = (hpx_output_list){0};
    pthread_mutex_init(&list->mutex, NULL);
    mode_t mask = umask(0);
    umask(mask);
    list->file_mode = 0666 & ~mask;
}

void hpx_output_list_abandon(hpx_output_list *list) {
    pthread_mutex_lock(&list->mutex);
    for (hpx_output_file *file = list->first; file; file = file->next)
        if (file->temporary) unlink(file->temporary);
}

static bool fail(hpx_output_error *error, int sys_errno, const char *doing) {
    *error = (hpx_output_error){sys_errno, doing};
    return false;
}

static void enter(hpx_output_file *file) {
    hpx_output_list *list = file->list;
    file->next = list->first;
    if (list->first) list->first->previous = file;
    list->first = file;
}

static void leave(hpx_output_file *file) {
    if (file->previous) file->previous->next = file->next;
    else file->list->first = file->next;
    if (file->next) file->next->previous = file->previous;
}

/* Length of the folder's part of a path, its slash included. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

char *hpx_output_file_target(const char *name) {
    char *path = strdup(name);
    for (int i = 0; path; i++) {
        char target[PATH_MAX];
        ssize_t n = readlink(path, target, sizeof target - 1);
        if (n < 0) return path; // no link, or nothing there
        target[n] = 0;
        char *joined = NULL;
        int folder = target[0] == '/' ? 0 : (int)folder_length(path);
        if (i == MOST_LINKS) errno = ELOOP;
        else if (asprintf(&joined, "%.*s%s", folder, path, target) < 0) joined = NULL, errno = ENOMEM;
        free(path);
        path = joined;
    }
    return NULL;
}

/* A new file beside the final name, entered in the list before a signal can come between. */
static bool make_temporary(hpx_output_file *file, mode_t mode, hpx_output_error *error) {
    if (asprintf(&file->temporary, "%.*s%s", (int)folder_length(file->name), file->name, TEMPORARY) < 0) {
        file->temporary = NULL;
        return fail(error, ENOMEM, "open");
    }
    pthread_mutex_lock(&file->list->mutex);
    file->fd = mkostemp(file->temporary, O_CLOEXEC);
    int sys_errno = errno;
    if (file->fd >= 0) enter(file);
    pthread_mutex_unlock(&file->list->mutex);
    if (file->fd >= 0) {
        if (fchmod(file->fd, mode) == 0) return true;
        return fail(error, errno, "set the permissions of");
    }
    free(file->temporary);
    file->temporary = NULL;
    return fail(error, sys_errno, "create");
}

static bool open_fd(hpx_output_file *file, const char *name, hpx_output_error *error) {
    if (strcmp(name, "-") == 0) {
        file->fd = STDOUT_FILENO;
        return true;
    }
    struct stat st;
    bool exists = stat(name, &st) == 0;
    if (exists && S_ISDIR(st.st_mode)) return fail(error, EISDIR, "open");
    if (exists && !S_ISREG(st.st_mode)) {
        file->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return file->fd >= 0 || fail(error, errno, "open");
    }
    file->name = hpx_output_file_target(name);
    if (!file->name) return fail(error, errno, "open");
    file->existed = exists;
    // A file that may not be written is not replaced either, though rename could.
    if (exists && access(file->name, W_OK) != 0) return fail(error, errno, "open");
    return make_temporary(file, exists ? st.st_mode & 07777 : file->list->file_mode, error);
}

static void release_compressor(hpx_output_file *file) {
    if (file->compressed) deflateEnd(&file->z);
    file->compressed = false;
    free(file->piece);
    file->piece = NULL;
}

/* Frees what the object holds; the file itself is dealt with already, and it stands in no list. */
static void destroy(hpx_output_file *file) {
    release_compressor(file);
    if (file->fd > STDERR_FILENO) close(file->fd);
    free(file->temporary);
    free(file->name);
    free(file);
}

hpx_output_file *hpx_output_file_open(hpx_output_list *list, const char *name, int gzip_level, hpx_output_error *error) {
    hpx_output_file *file = calloc(1, sizeof *file);
    if (!file) return fail(error, ENOMEM, "open"), NULL;
    file->list = list;
    file->fd = -1;
    bool fine = true;
    if (gzip_level) {
        file->piece = malloc(PIECE_NBYTES);
        fine = file->piece && deflateInit2(&file->z, gzip_level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
        file->compressed = fine;
        if (!fine) fail(error, ENOMEM, "open");
    }
    if (fine && open_fd(file, name, error)) return file;
    hpx_output_file_discard(file);
    return NULL;
}

/* Runs the compressor until it has taken all input, or with Z_FINISH until it is at its end. */
static bool compress_piece(hpx_output_file *file, int flush, hpx_output_error *error) {
    for (;;) {
        file->z.next_out = file->piece;
        file->z.avail_out = PIECE_NBYTES;
        int result = deflate(&file->z, flush);
        size_t made = PIECE_NBYTES - file->z.avail_out;
        if (made && !hpx_io_write(file->fd, file->piece, made)) return fail(error, errno, "write");
        if (flush == Z_FINISH ? result == Z_STREAM_END : file->z.avail_out > 0) return true;
    }
}

bool hpx_output_file_write(hpx_output_file *file, const void *bytes, size_t nbytes, hpx_output_error *error) {
    if (!file->compressed) return hpx_io_write(file->fd, bytes, nbytes) || fail(error, errno, "write");
    const uint8_t *p = bytes;
    while (nbytes) {
        uInt n = nbytes < UINT_MAX ? (uInt)nbytes : UINT_MAX;
        file->z.next_in = p;
        file->z.avail_in = n;
        if (!compress_piece(file, Z_NO_FLUSH, error)) return false;
        p += n;
        nbytes -= n;
    }
    return true;
}

/* So that the new name outlives a power failure; a file system that cannot do it is no reason to fail. */
static void sync_folder(const char *path) {
    char *folder = NULL;
    if (asprintf(&folder, "%.*s.", (int)folder_length(path), path) < 0) return;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

bool hpx_output_file_finish(hpx_output_file *file, hpx_output_error *error) {
    if (file->finished) return true;
    if (file->compressed && !compress_piece(file, Z_FINISH, error)) return false;
    if (file->temporary && fsync(file->fd) != 0) return fail(error, errno, "write");
    int fd = file->fd;
    file->fd = -1;
    file->finished = true;
    release_compressor(file);
    // On NFS and with quotas a write may fail only here; standard output is closed for the same reason.
    return (close(fd) == 0 || errno == EINTR) || fail(error, errno, "close");
}

/* Gives the file its name. may_undo: the old file, if there is one, is kept under the temporary name. With the mutex held. */
static bool take_name(hpx_output_file *file, bool may_undo, hpx_output_error *error) {
    if (!file->temporary) return true;
    file->holds_old = may_undo && file->existed &&
                      renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->name, RENAME_EXCHANGE) == 0;
    file->named = file->holds_old || rename(file->temporary, file->name) == 0;
    return file->named || fail(error, errno, "replace");
}

/* Gives the name back to the old file; where there was none, the name goes. Where names cannot be exchanged the new file stays. */
static void undo(hpx_output_file *file) {
    if (!file->named || !file->temporary) return;
    if (!file->holds_old && !file->existed) unlink(file->name);
    if (file->holds_old) (void)!renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->name, RENAME_EXCHANGE);
}

static bool is_same_folder(const char *a, const char *b) {
    return b && folder_length(a) == folder_length(b) && memcmp(a, b, folder_length(a)) == 0;
}

/* All names, or none; returns how many. The mutex is held throughout, so that no signal ends the process in between, with some
 * files new and some old. */
static size_t take_names(hpx_output_file **files, size_t count, hpx_output_error *error) {
    size_t done = 0;
    pthread_mutex_lock(&files[0]->list->mutex);
    while (done < count && take_name(files[done], done + 1 < count, error)) done++;
    for (size_t i = 0; done < count && i < done; i++) undo(files[i]);
    for (size_t i = 0; i < count; i++) {
        if (!files[i]->temporary) continue;
        if (!files[i]->named || files[i]->holds_old) unlink(files[i]->temporary);
        leave(files[i]);
    }
    pthread_mutex_unlock(&files[0]->list->mutex);
    return done;
}

size_t hpx_output_files_commit(hpx_output_file **files, size_t count, hpx_output_error *error) {
    size_t done = 0;
    while (done < count && hpx_output_file_finish(files[done], error)) done++;
    if (done < count || count == 0) {
        for (size_t i = 0; i < count; i++) hpx_output_file_discard(files[i]);
        return done;
    }
    done = take_names(files, count, error);
    const char *synced = NULL;
    for (size_t i = 0; i < count && done == count; i++) {
        if (!files[i]->temporary || is_same_folder(files[i]->name, synced)) continue;
        synced = files[i]->name;
        sync_folder(synced);
    }
    for (size_t i = 0; i < count; i++) destroy(files[i]);
    return done;
}

bool hpx_output_file_commit(hpx_output_file *file, hpx_output_error *error) {
    return hpx_output_files_commit(&file, 1, error) == 1;
}

void hpx_output_file_discard(hpx_output_file *file) {
    if (!file) return;
    if (file->temporary) {
        pthread_mutex_lock(&file->list->mutex);
        unlink(file->temporary);
        leave(file);
        pthread_mutex_unlock(&file->list->mutex);
    }
    destroy(file);
}
