/*
 * shim: makes the n-th call of one kind fail. Loaded with LD_PRELOAD; not linked into anything.
 *
 *   FAULT_KIND  memory (malloc, calloc, realloc, aligned ones), write, pwrite, pread, read, fsync, close,
 * rename, open, ftruncate, fstat
 *   FAULT_AT    which call fails, from 1
 *   FAULT_MARK  a file descriptor number; one byte is written to it when the call failed
 *
 * Writes to standard error never fail (the message could not be seen), nor does closing what is open for
 * reading only.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_long countdown;
static char kind[16];
static int mark = -1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_read)(int, void *, size_t);
static int (*real_fsync)(int);
static int (*real_close)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_open)(const char *, int, ...);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
    const char *k = getenv("FAULT_KIND"), *at = getenv("FAULT_AT"), *fd = getenv("FAULT_MARK");
    *(void **)&real_write = dlsym(RTLD_NEXT, "write");
    *(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    *(void **)&real_pread = dlsym(RTLD_NEXT, "pread");
    *(void **)&real_read = dlsym(RTLD_NEXT, "read");
    *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
    *(void **)&real_close = dlsym(RTLD_NEXT, "close");
    *(void **)&real_rename = dlsym(RTLD_NEXT, "rename");
    *(void **)&real_open = dlsym(RTLD_NEXT, "open");
    *(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    if (fd) mark = atoi(fd);
    if (k && strlen(k) < sizeof kind) memcpy(kind, k, strlen(k) + 1);
    if (at) atomic_store(&countdown, atol(at));
}

static int fails(const char *what, int error) {
    if (kind[0] == 0 || strcmp(kind, what) != 0 || atomic_fetch_sub(&countdown, 1) != 1) return 0;
    if (mark >= 0 && real_write && real_write(mark, "x", 1) != 1) abort();
    errno = error;
    return 1;
}

void *malloc(size_t n) {
    return fails("memory", ENOMEM) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return fails("memory", ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    return fails("memory", ENOMEM) ? NULL : __libc_realloc(p, n);
}

ssize_t write(int fd, const void *p, size_t n) {
    if (!real_write) return errno = EIO, -1;
    return fd != 2 && fails("write", ENOSPC) ? -1 : real_write(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at) {
    return fails("pwrite", ENOSPC) ? -1 : real_pwrite(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at) {
    return pwrite(fd, p, n, at);
}

ssize_t pread(int fd, void *p, size_t n, off_t at) {
    return fails("pread", EIO) ? -1 : real_pread(fd, p, n, at);
}

ssize_t pread64(int fd, void *p, size_t n, off_t at) {
    return pread(fd, p, n, at);
}

ssize_t read(int fd, void *p, size_t n) {
    return fails("read", EIO) ? -1 : real_read(fd, p, n);
}

int fsync(int fd) {
    return fails("fsync", EIO) ? -1 : real_fsync(fd);
}

int close(int fd) {
    int flags = fcntl(fd, F_GETFL);
    int closed = real_close(fd);
    if (closed == 0 && (flags & O_ACCMODE) != O_RDONLY && fails("close", EIO)) return -1;
    return closed;
}

int rename(const char *from, const char *to) {
    return fails("rename", EACCES) ? -1 : real_rename(from, to);
}

int ftruncate(int fd, off_t n) {
    return fails("ftruncate", EIO) ? -1 : real_ftruncate(fd, n);
}

int open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(args, int) : 0;
    va_end(args);
    return fails("open", EMFILE) ? -1 : real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(args, int) : 0;
    va_end(args);
    return open(path, flags, mode);
}
