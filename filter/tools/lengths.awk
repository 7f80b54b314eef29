# How long functions are: median, 95th percentile, and the longest ones. A function begins at a line that starts in the
# first column, ends in `{` and holds `(`; it ends at the next `}` in the first column.
#   awk -f filter/tools/lengths.awk filter/*.c

/^[A-Za-z_].*\(.*\{$/ || (/^[A-Za-z_ ].*\) \{$/ && held) {
    start = FNR
    text = held ? held : $0
    if (match(text, /[A-Za-z_0-9]+\(/)) name = substr(text, RSTART, RLENGTH - 1)
}
/^[A-Za-z_][^;=#]*\([^;{]*$/ { held = $0; next }
/^}/ && start {
    lengths[++n] = FNR - start + 1
    where[n] = FILENAME ":" start " " name
    start = 0
    held = ""
}
/[;{}]$/ { if (!start) held = "" }

END {
    if (!n) { print "no functions"; exit }
    for (i = 2; i <= n; i++) { # insertion sort: some hundreds of functions
        v = lengths[i]; w = where[i]
        for (j = i - 1; j > 0 && lengths[j] > v; j--) { lengths[j + 1] = lengths[j]; where[j + 1] = where[j] }
        lengths[j + 1] = v; where[j + 1] = w
    }
    middle = int((n + 1) / 2); high = int(n * 0.95 + 0.999)
    printf "%d functions, median %d lines, 95 %% up to %d, longest %d\n", n, lengths[middle], lengths[high], lengths[n]
    for (i = n; i > 0 && i > n - 10; i--) printf "%5d %s\n", lengths[i], where[i]
}
