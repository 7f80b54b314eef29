/*
 * io: opening and reading and writing files, with EINTR and short counts seen to. Layer 2. Prints nothing.
 */
#ifndef HPX_IO_H
#define HPX_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens a file for reading; "-" is standard input. -1: *why says why not ("is a directory", or the system's words). */
int hpx_io_open(const char *name, const char **why);
/* The same, but a FIFO that nobody writes to is waited for here, and only until stop_fd becomes readable; then -1 and *why NULL. */
int hpx_io_open_or_stop(const char *name, int stop_fd, const char **why);
/* Closes it, unless it is standard input. */
void hpx_io_close(int fd);

/* Bytes that were read, 0 at the end, -1 with errno. Waits for the first byte only. */
ssize_t hpx_io_read(int fd, void *out, size_t out_nbytes);

/* True when fd has bytes or is at its end; false when stop_fd became readable first. */
bool hpx_io_wait(int fd, int stop_fd);

/* Writes all; false with errno. */
bool hpx_io_write(int fd, const void *bytes, size_t nbytes);

/* Size of a regular file, 0 if it has none or is not known. */
uint64_t hpx_io_size(int fd);

/* True when both are the same regular file. */
bool hpx_io_is_same_file(int a, int b);

/* The system's words for errno, with a fixed wording that no locale changes. */
const char *hpx_io_reason(int sys_errno);

#endif
