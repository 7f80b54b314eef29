#!/bin/sh
# Runs fuzz targets with clang's libFuzzer, FUZZ_SECONDS each; fails when one finds something. Prints, from clang's coverage counters,
# how many edges were reached, so that a target that stops at the door is seen.
#   BUILD=build sh tests/fuzz/fuzz.sh TARGET...
set -u
: "${BUILD:=build}"
: "${FUZZ_SECONDS:=60}"
: "${MAKE:=make}"
# Giving back freed memory in large pieces takes seconds on a busy machine.
export ASAN_OPTIONS="quarantine_size_mb=16${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
: "${LIBS:=-lxxhash -lunistring -lz}"
passed=0
failed=0
if ! command -v clang >/dev/null; then
    echo "fuzz: clang is not installed; make test replays the fixtures without it" >&2
    exit 1
fi
fuzz=$BUILD/fuzz
mkdir -p "$BUILD"
$MAKE --no-print-directory BUILD="$fuzz" CC=clang SANITIZE=fuzzer-no-link,address,undefined "$fuzz/libhapax.a" >"$BUILD/fuzz-build.log" 2>&1 || {
    tail "$BUILD/fuzz-build.log" >&2
    exit 1
}
sh fixtures/generate.sh "$BUILD/fixtures"
for target in "$@"; do
    corpus=$fuzz/corpus/$target
    mkdir -p "$corpus"
    for f in fixtures/*.txt "$BUILD"/fixtures/*; do [ -f "$f" ] && { printf '\025\007\003\011'; cat "$f"; } >"$corpus/$(basename "$f")"; done
    for f in tests/fuzz/corpus/"$target"/*; do [ -f "$f" ] && cp "$f" "$corpus"; done
    # shellcheck disable=SC2086
    clang -std=c11 -D_GNU_SOURCE -Iinclude -Ifilter -I"$fuzz" -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=all "tests/fuzz/$target.c" \
        "$fuzz/libhapax.a" $LIBS -pthread -o "$fuzz/$target" || exit 1
    if "$fuzz/$target" -max_total_time="$FUZZ_SECONDS" -max_len=20000 -timeout=120 -rss_limit_mb=4096 -artifact_prefix="$fuzz/$target-" \
        -print_final_stats=1 "$corpus" >"$fuzz/$target.log" 2>&1; then
        passed=$((passed + 1))
        awk -v t="$target" '/cov: / {for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1)} /number_of_executed_units/ {n = $2}
            END {printf "fuzz      %s: %d runs, %d edges reached\n", t, n, cov}' "$fuzz/$target.log"
    else
        failed=$((failed + 1))
        echo "FAILED    $target"
        tail -n 30 "$fuzz/$target.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
