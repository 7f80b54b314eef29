#!/bin/sh
# Command tests: each NAME.sh is run in an empty folder of its own; NAME.expected beside it holds what it must print and its status.
#   BUILD=build sh tests/cli/run.sh [NAME]...        UPDATE=1 rewrites what is expected
# Scripts find the command as hapax, the fixtures in $FIXTURES and the generated ones in $MADE.
set -u
: "${BUILD:=build}"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
case $BUILD in /*) ;; *) BUILD=$top/$BUILD ;; esac
export BUILD
export FIXTURES="$top/fixtures" MADE="$BUILD/fixtures" TESTS="$here"
PATH="$BUILD:$PATH"
export PATH
# Nothing of the caller's environment may change what is printed.
unset NO_COLOR COLUMNS POSIXLY_CORRECT
export LC_ALL=C TERM=xterm
sh "$FIXTURES/generate.sh" "$MADE" || exit 1

passed=0
failed=0
work=$BUILD/tests/cli
rm -rf "$work"
mkdir -p "$work"

one() { # one NAME
    name=$1
    mkdir -p "$work/$name.dir"
    (cd "$work/$name.dir" && sh "$here/$name.sh") >"$work/$name.stdout" 2>"$work/$name.stderr" </dev/null
    status=$?
    if [ "$status" -eq 77 ]; then echo "skipped   $name: $(tail -n 1 "$work/$name.stderr")"; return; fi
    {
        echo "--- standard output"
        cat "$work/$name.stdout"
        echo "--- standard error"
        # The note on a machine with little memory is none of these tests' matter.
        grep -v '^hapax: note: --memory is ' "$work/$name.stderr"
        echo "--- status $status"
    } >"$work/$name.got"
    if [ "${UPDATE:-}" ]; then
        cmp -s "$work/$name.got" "$here/$name.expected" || { cp "$work/$name.got" "$here/$name.expected"; echo "rewritten $name"; }
    fi
    if cmp -s "$here/$name.expected" "$work/$name.got"; then
        passed=$((passed + 1))
        rm -rf "$work/$name.dir"
    else
        failed=$((failed + 1))
        echo "FAILED    tests/cli/$name.sh"
        diff "$here/$name.expected" "$work/$name.got"
    fi
}

if [ $# -gt 0 ]; then
    for name in "$@"; do one "$name"; done
else
    for script in "$here"/*.sh; do
        name=$(basename "$script" .sh)
        [ "$name" = run ] || one "$name"
    done
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
