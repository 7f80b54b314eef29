#!/bin/sh
# Speed on generated text, on this machine: medians of RUNS runs, so that one noisy run does not count. Numbers are for reading, no test
# depends on them.
#   BUILD=build sh tests/bench/bench.sh           MEGABYTES=100 RUNS=7
set -eu
: "${BUILD:=build}" "${MEGABYTES:=100}" "${RUNS:=7}"
work=$(mktemp -d "${TMPDIR:-/tmp}/hapax-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
text=$work/text
"$BUILD/tests/bench/make_text" "$MEGABYTES" > "$text"
bytes=$(wc -c < "$text")
cat "$text" > /dev/null

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
field() { sed -n "s/.*\"$1\":{[^}]*\"$2\":\\([0-9]*\\).*/\\1/p" "$work/stats"; }

# run NAME OPTION...: wall seconds of each run to $work/NAME.s; statistics of the last one in $work/stats
run() {
    name=$1
    shift
    : > "$work/$name.ns"
    for i in $(seq "$RUNS"); do
        begin=$(date +%s%N)
        "$BUILD/hapax" -q --stats="$work/stats" "$@" "$text" > "$work/out" 2> "$work/messages" || { cat "$work/messages"; exit 1; }
        end=$(date +%s%N)
        echo $((end - begin)) >> "$work/$name.ns"
        echo "$(field ns prepare) $(field ns find) $(field ns write)" >> "$work/$name.stages"
    done
    median < "$work/$name.ns" > "$work/$name.median"
}
rate() { awk -v n="$bytes" -v t="$(cat "$work/$1.median")" 'BEGIN {printf "%.0f MB/s", n * 1000 / t}'; }
share() { # share NAME COLUMN LABEL
    part=$(awk -v c="$2" '{print $c}' "$work/$1.stages" | median)
    awk -v p="$part" -v t="$(cat "$work/$1.median")" -v label="$3" 'BEGIN {printf "  %-38s %5.1f %%\n", label, 100 * p / t}'
}

echo "text       $bytes bytes, generated (half Chinese, half English)"
echo "cores      $(nproc), last-level cache $(getconf LEVEL3_CACHE_SIZE 2>/dev/null || echo unknown) bytes"
run plain -p -j1
echo "new text   $(awk -v a="$(field removed bytes)" -v n="$bytes" 'BEGIN {printf "%.1f %%", 100 - 100 * a / n}')"
echo "index      $(field index bytes) bytes for $(field index entries) entries:" \
    "$(awk -v a="$(field index bytes)" -v n="$bytes" 'BEGIN {printf "%.3f", a / n}') for each byte of text"
echo "memory     $(field memory peak) bytes at most"
echo
echo "-p -j1     $(rate plain)"
share plain 1 "split, clean, skeleton, choose"
share plain 2 "store, look up, compare, decide, write"
run parallel -p -j2
echo "-p -j2     $(rate parallel)"
run gzip -z -j2
echo "-z -j2     $(rate gzip)"
share gzip 3 "compress (of two cores' time)"
run clean -p -j1 --no-find
echo "-p -j1 --no-find   $(rate clean)"
run find -p -j1 --no-clean
echo "-p -j1 --no-clean  $(rate find)"
echo
echo "The stages by themselves, best of several rounds:"
"$BUILD/tests/bench/bench_text" "$text"
"$BUILD/tests/bench/bench_clean" "$text"
"$BUILD/tests/bench/bench_index" 1000000 10000000
