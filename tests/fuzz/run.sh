#!/bin/sh
# Each fuzz target over the fixtures, a journal and its own corpus of earlier failures (tests/fuzz/corpus/TARGET), without a fuzzer.
set -u
: "${BUILD:=build}"
passed=0
failed=0
sh fixtures/generate.sh "$BUILD/fixtures" || exit 1
"$BUILD/hapax" -q -p --journal="$BUILD/fixtures/journal.jsonl" fixtures/river.txt >"$BUILD/fixtures/river.out"
{ cat "$BUILD/fixtures/journal.jsonl"; printf '\0'; cat "$BUILD/fixtures/river.out"; } >"$BUILD/fixtures/restore.pair"
for source in tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    # shellcheck disable=SC2046
    if "$BUILD/tests/fuzz/$target" fixtures/*.txt $(find "$BUILD/fixtures" "tests/fuzz/corpus/$target" -type f 2>/dev/null | sort) \
        >"$BUILD/fuzz.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED    $target"
        cat "$BUILD/fuzz.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
