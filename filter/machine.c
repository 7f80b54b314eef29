/* machine: see machine.h. Layer 2. */
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

unsigned hpx_machine_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int n = CPU_COUNT(&set);
        if (n > 0) return (unsigned)n;
    }
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

/* The number in a file; "max", or no such file, is no limit. */
static uint64_t number_in(const char *path) {
    FILE *f = fopen(path, "re");
    if (!f) return UINT64_MAX;
    char line[64] = "";
    char *got = fgets(line, sizeof line, f);
    fclose(f);
    if (!got || line[0] < '0' || line[0] > '9') return UINT64_MAX;
    return strtoull(line, NULL, 10);
}

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* A group is bound by the limits of all groups above it. */
static uint64_t limit_along(const char *mount, char *group, const char *file) {
    uint64_t least = UINT64_MAX;
    for (;;) {
        char path[4300];
        int n = snprintf(path, sizeof path, "%s%s/%s", mount, strcmp(group, "/") == 0 ? "" : group, file);
        if (n > 0 && (size_t)n < sizeof path) least = smaller(least, number_in(path));
        char *slash = strrchr(group, '/');
        if (!slash) return least;
        *slash = 0;
    }
}

static uint64_t control_group_limit(void) {
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (!f) return UINT64_MAX;
    uint64_t least = UINT64_MAX;
    char line[4096];
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group) continue;
        *group++ = 0;
        controllers++;
        if (!*controllers) least = smaller(least, limit_along("/sys/fs/cgroup", group, "memory.max"));
        else if (strstr(controllers, "memory"))
            least = smaller(least, limit_along("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
    fclose(f);
    return least;
}

uint64_t hpx_machine_memory(void) {
    uint64_t limit = control_group_limit();
    long pages = sysconf(_SC_PHYS_PAGES), page_nbytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page_nbytes > 0) limit = smaller(limit, (uint64_t)pages * (uint64_t)page_nbytes);
    return limit;
}
