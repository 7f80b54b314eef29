#!/bin/sh
# Every allocation, write, fsync, close, rename ... of the command fails once: status 2 with a message, the old file under the
# final name, no temporary left behind. A call whose failure can be survived may be survived, with the whole right output.
set -u
: "${BUILD:=build}"
: "${CC:=cc}"
passed=0
failed=0
if [ -n "${SANITIZE:-}" ]; then # a sanitizer brings its own malloc
    echo "faults: not with a sanitizer"
    echo "1 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/faults.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp" "$work/dir"
"$CC" -std=c11 -D_GNU_SOURCE -O1 -fPIC -shared -o "$work/shim.so" tests/faults/preload/shim.c -ldl || exit 2
"$BUILD/tests/faults/fault_text" >"$work/in.txt" || exit 2
gzip -c "$work/in.txt" >"$work/in.gz"
TMPDIR=$work/tmp "$BUILD/hapax" -q -p --journal="$work/good.jsonl" "$work/in.txt" >"$work/good.txt" || { echo "faults: the run without a fault fails"; exit 1; }
"$BUILD/hapax" -q -p --no-remove "$work/in.txt" >"$work/whole.txt"

# run KIND N COMMAND...: one run with a fault; $status, $hit (was there an n-th call), stderr in $work/err
run() {
    fault=$1
    number=$2
    shift 2
    : >"$work/mark"
    timeout 20 env FAULT_KIND="$fault" FAULT_AT="$number" FAULT_MARK=9 LD_PRELOAD="$work/shim.so" TMPDIR="$work/tmp" "$@" \
        >"$work/stdout" 2>"$work/err" 9>"$work/mark"
    status=$?
    hit=$(wc -c <"$work/mark")
}

complain() {
    bad=$((bad + 1))
    [ "$bad" -le 3 ] && { echo "  FAILED: $label: $kind $n: $1 (status $status)"; head -n 3 "$work/err"; }
    rm -f "$work/tmp"/* "$work/dir"/.h* 2>/dev/null
}

# The old file, or, when only what follows its rename failed, the new one.
is_old_or_whole() {
    [ "$(tr -d '\0' <"$1" 2>/dev/null)" = old ] && return 0
    case $1 in *.gz) gzip -dc "$1" >"$work/got" 2>/dev/null ;; *) cp "$1" "$work/got" ;; esac
    cmp -s "$work/got" "$2"
}

# sweep LABEL STEP OUTPUT GOOD COMMAND...: OUTPUT must stay old, or be as GOOD (decompressed when it ends in .gz)
sweep() {
    label=$1 step=$2 output=$3 good=$4
    shift 4
    for kind in ${kinds:-memory write read fsync close rename open}; do
        n=1 bad=0 survived=0
        while :; do
            rm -rf "$work/dir"; mkdir "$work/dir"
            [ -n "$output" ] && printf 'old' >"$output"
            run "$kind" "$n" "$@"
            [ "$hit" -eq 0 ] && break
            case $status in
            0)  survived=$((survived + 1))
                result=$work/stdout; [ -n "$output" ] && result=$output
                case $result in *.gz) gzip -dc "$result" >"$work/got" 2>/dev/null ;; *) cp "$result" "$work/got" ;; esac
                cmp -s "$work/got" "$good" || complain "reported as done, but the output is not whole" ;;
            2)  grep -q '^hapax: .' "$work/err" || complain "no message"
                [ -z "$output" ] || is_old_or_whole "$output" "$good" || complain "a half file under the final name" ;;
            3)  [ "$kind" = read ] || [ "$kind" = open ] || complain "only damaged input gives status 3" ;;
            *)  complain "neither done nor failed" ;;
            esac
            [ -z "$(ls -A "$work/tmp")" ] || complain "left in TMPDIR: $(ls -A "$work/tmp")"
            extra=$(ls -A "$work/dir" | grep -v -x -e out.gz -e out.txt -e journal.jsonl -e journal.gz)
            [ -z "$extra" ] || complain "left behind: $extra"
            n=$((n + step))
        done
        [ "$bad" -eq 0 ] && passed=$((passed + 1)) || failed=$((failed + 1))
        echo "  $label: $kind: $(((n - 1) / step)) faults, $survived survived, $bad wrong"
    done
}

sweep "to a file" 1 "$work/dir/out.gz" "$work/good.txt" "$BUILD/hapax" -j1 -o "$work/dir/out.gz" --journal="$work/dir/journal.jsonl" "$work/in.gz"
sweep "to a pipe, two threads" 7 "" "$work/good.txt" "$BUILD/hapax" -j2 -p "$work/in.txt"
sweep "restore" 1 "$work/dir/out.txt" "$work/whole.txt" "$BUILD/hapax" restore -o "$work/dir/out.txt" "$work/good.txt" "$work/good.jsonl"
# A text that goes to the temporary file of the store: fewer places, each run is long.
"$BUILD/tests/faults/fault_text" large >"$work/large.txt" || exit 2
TMPDIR=$work/tmp "$BUILD/hapax" -q -p --memory=16M --on-full=freeze "$work/large.txt" >"$work/large.good"
kinds="pwrite open" sweep "store on disk" 3 "" "$work/large.good" "$BUILD/hapax" -q -p -j1 --memory=16M --on-full=freeze "$work/large.txt"
kinds=pread sweep "store on disk" 97 "" "$work/large.good" "$BUILD/hapax" -q -p -j1 --memory=16M --on-full=freeze "$work/large.txt"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
