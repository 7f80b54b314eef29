/* io: see io.h. Layer 2. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What can be read is given back; fd may be -1, with errno. */
static int check_opened(int fd, const char **why) {
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        *why = hpx_io_reason(errno);
    } else if (S_ISDIR(st.st_mode)) {
        *why = "is a directory";
    } else {
        // The kernel may read further ahead; where it cannot, nothing is lost.
        if (S_ISREG(st.st_mode)) (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        return fd;
    }
    if (fd >= 0) hpx_io_close(fd);
    return -1;
}

int hpx_io_open(const char *name, const char **why) {
    return check_opened(strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY), why);
}

int hpx_io_open_or_stop(const char *name, int stop_fd, const char **why) {
    struct stat st;
    if (strcmp(name, "-") == 0 || stat(name, &st) != 0 || !S_ISFIFO(st.st_mode)) return hpx_io_open(name, why);
    // open() itself would wait for a writer, and nothing but a signal could end that.
    int fd = check_opened(open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), why);
    if (fd < 0) return fd;
    // Before the first writer has come, a FIFO is neither readable nor at its end.
    if (hpx_io_wait(fd, stop_fd)) {
        int flags = fcntl(fd, F_GETFL);
        if (flags >= 0) (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
        return fd;
    }
    *why = NULL;
    hpx_io_close(fd);
    return -1;
}

void hpx_io_close(int fd) {
    if (fd > STDERR_FILENO) close(fd);
}

ssize_t hpx_io_read(int fd, void *out, size_t out_nbytes) {
    for (;;) {
        ssize_t n = read(fd, out, out_nbytes);
        if (n >= 0) return n;
        if (errno == EAGAIN) {
            // Standard input may have been made non-blocking by whoever shares it.
            struct pollfd p = {.fd = fd, .events = POLLIN};
            (void)poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

bool hpx_io_wait(int fd, int stop_fd) {
    for (;;) {
        struct pollfd p[2] = {{.fd = stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        if (poll(p, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return true; // read will say what is wrong
        }
        return p[0].revents == 0;
    }
}

bool hpx_io_write(int fd, const void *bytes, size_t nbytes) {
    const uint8_t *p = bytes;
    while (nbytes) {
        ssize_t n = write(fd, p, nbytes);
        if (n >= 0) {
            p += n;
            nbytes -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

uint64_t hpx_io_size(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

bool hpx_io_is_same_file(int a, int b) {
    struct stat sa, sb;
    return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

const char *hpx_io_reason(int sys_errno) {
    const char *words = strerrordesc_np(sys_errno);
    return words ? words : "unknown error";
}
