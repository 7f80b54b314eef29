#!/bin/sh
# Hostile inputs: through the library (hostile.c), then what only a command can meet: full devices, closed and stopped readers,
# directories, missing and broken files.
set -u
: "${BUILD:=build}"
passed=0
failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/hostile.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp" || exit 2

if [ -n "${SANITIZE:-}" ]; then set -- --scale 3; fi
"$BUILD/tests/hostile/hostile" "$@" >"$work/log" 2>&1
cat "$work/log"
counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -n 1)
passed=$(echo "$counts" | awk '{print $1 + 0}')
failed=$(echo "$counts" | awk '{print $3 + 0}')
[ -n "$counts" ] || failed=1

hapax() { TMPDIR=$work/tmp "$BUILD/hapax" "$@"; }
ok() { # ok NAME STATUS WANTED: also no temporary may be left
    if [ "$2" -eq "$3" ] && [ -z "$(ls -A "$work/tmp")" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  FAILED: $1: status $2, expected $3"
        head -n 5 "$work/err" 2>/dev/null
        ls -A "$work/tmp"
        rm -f "$work/tmp"/*
    fi
}
same() { # same NAME FILE FILE
    if cmp -s "$2" "$3"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $1: $2 and $3 differ"
    fi
}
message() { # message NAME PATTERN: one message that holds it
    if grep -q "^hapax: .*$2" "$work/err"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "  FAILED: $1: no message with '$2':"
        head -n 5 "$work/err"
    fi
}

if [ -x "$BUILD/hapax" ]; then
    echo "hostile: the command"
    printf '第一篇。\n' >"$work/one"
    printf 'The second one.\n' >"$work/two"
    printf '第一篇。\n\nThe second one.\n' >"$work/both"
    : >"$work/empty"
    i=0
    while [ $i -lt 4000 ]; do echo "line $i of a text that is long enough to fill a pipe, which holds 64 KiB on this system or less"; i=$((i + 1)); done >"$work/long"

    hapax -p -q "$work/empty" >"$work/out" 2>"$work/err"; ok "empty file" $? 0; same "empty file" "$work/out" "$work/empty"
    hapax -p -q </dev/null >"$work/out" 2>"$work/err"; ok "empty input" $? 0; same "empty input" "$work/out" "$work/empty"
    printf x | hapax -p -q >"$work/out" 2>"$work/err"; ok "one byte" $? 0
    printf 'x\n' >"$work/x"; same "one byte, a newline is put at the end" "$work/out" "$work/x"
    hapax -z -q "$work/empty" >"$work/out.gz" 2>"$work/err"; ok "empty to gzip" $? 0; gzip -dc "$work/out.gz" >"$work/out" 2>/dev/null; ok "empty gzip is whole" $? 0

    hapax -p "$work/long" >/dev/full 2>"$work/err"; ok "/dev/full" $? 2; message "/dev/full" "No space left"
    hapax -z "$work/one" >/dev/full 2>"$work/err"; ok "/dev/full, gzip, small" $? 2; message "/dev/full, small" "No space left"
    hapax -p -o /dev/full "$work/one" 2>"$work/err"; ok "-o /dev/full" $? 2
    hapax -p -o "$work/o" --journal=/dev/full "$work/one" 2>"$work/err"; ok "journal to /dev/full" $? 2
    hapax -p "$work/one" >&- 2>"$work/err"; ok "closed stdout" $? 2
    hapax -p "$work/one" >"$work/out" 2>&-; ok "closed stderr" $? 0; same "closed stderr" "$work/out" "$work/one"
    hapax -p - <&- >"$work/out" 2>"$work/err"; status=$?; [ $status -eq 3 ] && status=2; ok "closed stdin" $status 2

    # a reader that stops: killed quietly; where SIGPIPE is ignored, status 2 and no message
    { TMPDIR=$work/tmp "$BUILD/hapax" -p -q "$work/long" 2>"$work/err"; echo $? >"$work/status"; } | head -c 10 >/dev/null
    ok "a reader that stops" "$(cat "$work/status")" 141
    { (trap '' PIPE; TMPDIR=$work/tmp exec "$BUILD/hapax" -p -q "$work/long" 2>"$work/err"); echo $? >"$work/status"; } | head -c 10 >/dev/null
    ok "the same, SIGPIPE ignored" "$(cat "$work/status")" 2
    same "no message" "$work/err" "$work/empty"

    hapax -p "$work" >"$work/out" 2>"$work/err"; ok "a directory" $? 3; message "a directory" "is a directory"
    hapax -p -q "$work/one" "$work/none" "$work/two" >"$work/out" 2>"$work/err"; ok "a missing file between two good ones" $? 3
    same "the good ones are done" "$work/out" "$work/both"; message "the missing one is named" "none"
    hapax -p "$work/none" >"$work/out" 2>"$work/err"; ok "only a missing file" $? 3
    hapax -o "$work/none/there" "$work/one" 2>"$work/err"; ok "output in a missing folder" $? 2

    gzip -c "$work/long" >"$work/long.gz"
    hapax -p -q "$work/long.gz" >"$work/out" 2>"$work/err"; ok "gzip" $? 0
    hapax -p -q "$work/long" >"$work/want" 2>"$work/err"; same "gzip and plain give the same" "$work/out" "$work/want"
    head -c 5000 "$work/long.gz" >"$work/cut.gz"
    hapax -p -q "$work/cut.gz" >"$work/out" 2>"$work/err"; ok "cut gzip" $? 3; message "cut gzip" "cut.gz"
    head -c "$(wc -c <"$work/out")" "$work/want" >"$work/part"
    if [ -s "$work/out" ] && head -n -1 "$work/out" | cmp -s - "$work/part" -n "$(head -n -1 "$work/out" | wc -c)"; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "  FAILED: what was sound before the cut does not come out"; fi
    { cat "$work/long.gz"; printf 'trailing'; } >"$work/trail.gz"
    hapax -p -q "$work/trail.gz" >"$work/out" 2>"$work/err"; ok "bytes behind gzip" $? 0; same "bytes behind gzip" "$work/out" "$work/want"
    { cat "$work/long.gz"; head -c 1000 /dev/zero; } >"$work/zeros.gz"
    hapax -p "$work/zeros.gz" >"$work/out" 2>"$work/err"; ok "zeros behind gzip" $? 0; same "zeros behind gzip" "$work/out" "$work/want"
    { gzip -c "$work/one"; echo; gzip -c "$work/two"; } >"$work/odd.gz"
    hapax -p -q "$work/odd.gz" >"$work/out" 2>"$work/err"; status=$?; [ $status -eq 3 ] && status=0; ok "a byte between members" $status 0
    { gzip -c "$work/one"; printf '\037\213\010garbage'; } >"$work/bad.gz"
    hapax -p -q "$work/bad.gz" >"$work/out" 2>"$work/err"; ok "a damaged member" $? 3; same "the sound member comes out" "$work/out" "$work/one"

    hapax -p -q --memory=1K "$work/one" >"$work/out" 2>"$work/err"; ok "a budget too small" $? 2
    hapax -p -q --min-length=0 "$work/one" >"$work/out" 2>"$work/err"; ok "a passage too small" $? 2
    hapax --no-such-option "$work/one" >"$work/out" 2>"$work/err"; ok "an unknown option" $? 2
    mkfifo "$work/fifo"; (cat "$work/long" >"$work/fifo") & hapax -p -q "$work/fifo" >"$work/out" 2>"$work/err"; ok "a FIFO" $? 0; same "a FIFO" "$work/out" "$work/want"
    cp "$work/long" "$work/self"; hapax -q -o "$work/self" "$work/self" 2>"$work/err"; ok "output onto the input" $? 0; same "output onto the input" "$work/self" "$work/want"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
