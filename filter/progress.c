/* progress: see progress.h. Layer 6, pure. */
#include "progress.h"

#include <stdio.h>

#define NS_OF_A_SECOND 1000000000u

const char *hpx_progress_size(uint64_t nbytes, char out[24]) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (nbytes < 1000) {
        snprintf(out, 24, "%u bytes", (unsigned)nbytes);
        return out;
    }
    double size = (double)nbytes / 1000;
    size_t unit = 0;
    while (size >= 999.5) size /= 1000, unit++;
    snprintf(out, 24, size < 9.95 ? "%.1f %s" : "%.0f %s", size, units[unit]);
    return out;
}

const char *hpx_progress_share(uint64_t part, uint64_t whole, char out[24]) {
    double percent = whole ? 100.0 * (double)part / (double)whole : 0;
    snprintf(out, 24, percent > 0 && percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
    return out;
}

const char *hpx_progress_line(const hpx_progress *progress, const hapax_stats *stats, char *out, size_t out_nbytes) {
    char done[24], total[40] = "", rate[24], share[24], left[48] = "", size[24];
    uint64_t bytes = stats->pushed_nbytes;
    double seconds = (double)progress->elapsed_ns / NS_OF_A_SECOND;
    double per_second = seconds > 0 ? (double)bytes / seconds : 0;
    if (progress->total_nbytes) snprintf(total, sizeof total, " of %s", hpx_progress_size(progress->total_nbytes, size));
    if (progress->total_nbytes > bytes && per_second > 0) {
        double wait = (double)(progress->total_nbytes - bytes) / per_second;
        if (wait < 360000.0) {
            unsigned s = (unsigned)wait;
            if (s >= 3600) snprintf(left, sizeof left, ", %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
            else snprintf(left, sizeof left, ", %u:%02u left", s / 60, s % 60);
        }
    }
    int n = snprintf(out, out_nbytes, "%s%s, %s/s, %s removed%s", hpx_progress_size(bytes, done), total,
                     hpx_progress_size((uint64_t)per_second, rate), hpx_progress_share(stats->removed_letters, stats->letters, share),
                     left);
    // All of it is ASCII, so that bytes are columns; the last column stays free, or some terminals would scroll.
    if (progress->columns && n > 0 && (size_t)n >= progress->columns && progress->columns <= out_nbytes)
        out[progress->columns - 1] = 0;
    return out;
}
