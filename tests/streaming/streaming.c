/*
 * streaming: text goes through a FIFO that stays open into `hapax -p`; all output but the stated look-ahead
 * has to arrive
 * before the FIFO is closed.
 *
 *     streaming HAPAX DIR MEBIBYTES JOBS
 *
 * DIR: for the FIFO. The bound is hapax_stats.held_limit_nbytes for the same options: text taken and not
 * yet put out.
 */
#include "bytes.h"
#include "hapax.h"
#include "prng.h"
#include "sentences.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Text in the pipes of both ends, which hapax does not know of. */
#define PIPES_NBYTES ((uint64_t)2 * 65536)
/* Output that does not grow for so long has arrived: only then does the test go on. */
#define QUIET_MS 3000

typedef struct {
    int fd;
    _Atomic uint64_t nbytes;
    _Atomic bool ended;
} sink;

static void *read_all(void *context) {
    sink *s = context;
    static _Thread_local uint8_t room[1 << 18];
    for (;;) {
        ssize_t n = read(s->fd, room, sizeof room);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        atomic_fetch_add(&s->nbytes, (uint64_t)n);
    }
    atomic_store(&s->ended, true);
    return NULL;
}

static bool write_all(int fd, const uint8_t *p, size_t n) {
    while (n) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

static void sleep_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Until nothing has come for a while. */
static uint64_t settle(sink *s) {
    uint64_t last = atomic_load(&s->nbytes);
    for (long quiet = 0; quiet < QUIET_MS && !atomic_load(&s->ended);) {
        sleep_ms(50);
        uint64_t now = atomic_load(&s->nbytes);
        quiet = now == last ? quiet + 50 : 0;
        last = now;
    }
    return last;
}

static pid_t start(const char *hapax_path, const char *fifo, const char *jobs, int out) {
    pid_t child = fork();
    if (child < 0) abort();
    if (child > 0) return child;
    dup2(out, 1);
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    execl(hapax_path, "hapax", "-p", "-q", "--no-progress", "-j", jobs, fifo, (char *)NULL);
    _exit(127);
}

static uint64_t stated_bound(unsigned jobs) {
    hapax_options o;
    hapax_options_init(&o);
    o.jobs = jobs;
    hapax *h = NULL;
    hapax_stats stats = {0};
    if (hapax_create(&h, &o, NULL) != HAPAX_OK) return 0;
    hapax_get_stats(h, &stats);
    hapax_destroy(h);
    return stats.held_limit_nbytes;
}

/* Some MiB of new text, written again and again with a counter in each line, so that little of it is a
 * copy. */
static uint64_t feed(int fd, uint64_t nbytes) {
    prng r = prng_seeded(77, 0);
    bytes block = {0};
    uint64_t written = 0;
    while (written < nbytes) {
        block.len = 0;
        while (block.len < 65536) {
            for (size_t i = prng_range(&r, 1, 6); i > 0; i--)
                sentence_add(&block, &r, LANG_CHINESE);
            bytes_add_text(&block, "\n\n");
        }
        if (!write_all(fd, block.ptr, block.len)) break;
        written += block.len;
    }
    bytes_free(&block);
    return written;
}

int main(int argc, char **argv) {
    if (argc != 5) return fputs("usage: streaming HAPAX DIR MEBIBYTES JOBS\n", stderr), 2;
    char fifo[4096];
    int ends[2], status = 0;
    snprintf(fifo, sizeof fifo, "%s/fifo", argv[2]);
    unlink(fifo);
    signal(SIGPIPE, SIG_IGN);
    if (mkfifo(fifo, 0600) != 0 || pipe(ends) != 0) return perror("streaming"), 2;
    pid_t child = start(argv[1], fifo, argv[4], ends[1]);
    close(ends[1]);
    int in = open(fifo, O_WRONLY);
    sink s = {.fd = ends[0]};
    pthread_t reader;
    if (in < 0 || pthread_create(&reader, NULL, read_all, &s) != 0) return perror("streaming"), 2;
    uint64_t written = feed(in, strtoull(argv[3], NULL, 10) << 20);
    uint64_t early = settle(&s);
    bool closed_early = atomic_load(&s.ended);
    close(in);
    pthread_join(reader, NULL);
    waitpid(child, &status, 0);
    uint64_t all = atomic_load(&s.nbytes), bound = stated_bound((unsigned)strtoul(argv[4], NULL, 10));
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !closed_early && all > written / 2;
    bool in_time = all - early <= bound + PIPES_NBYTES && bound > 0;
    /* A bound as large as the input would prove nothing. */
    bool meant = bound * 2 < written;
    printf("streaming -j%s: %llu MiB in, %llu bytes out while the input was open, %llu after it was closed; "
           "bound %llu: %s\n",
           argv[4], (unsigned long long)(written >> 20), (unsigned long long)early,
           (unsigned long long)(all - early), (unsigned long long)bound,
           done && in_time && meant ? "ok" : "FAILED");
    if (!done)
        printf("  hapax ended with wait status 0x%x%s\n", (unsigned)status,
               closed_early ? ", before the input was closed" : "");
    if (!meant) printf("  the bound is not small beside the input\n");
    unlink(fifo);
    return !(done && in_time && meant);
}
