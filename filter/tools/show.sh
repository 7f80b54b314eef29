#!/bin/sh
# The first minute: builds, and shows on one small article what the command does. `make run` calls it.
#   sh filter/tools/show.sh MAKE BUILD
set -u
make=$1
build=$2
article=fixtures/river.txt
work=$build/show
started=$(date +%s)
log=$build/build.log
mkdir -p "$work"
cores=$(nproc 2>/dev/null || echo 1)
if ! $make --no-print-directory -j"$cores" all >"$log" 2>&1; then
    cat "$log" >&2
    echo "build     failed (the log is $log)" >&2
    exit 1
fi
echo "build     $build/hapax ($(($(date +%s) - started)) s)"

run() { # run COMMAND: shows it, then its output
    printf '\n$ %s\n' "$1"
    sh -c "PATH='$build':\$PATH; $1"
}

run "hapax -p $article > $work/river.txt"
run "diff $article $work/river.txt"
run "hapax -q -z --journal=$work/removed.jsonl $article > $work/river.gz"
run "hapax restore -p $work/river.gz $work/removed.jsonl > $work/restored.txt"
run "hapax -q -p --no-remove $article | cmp - $work/restored.txt && echo 'same as --no-remove: yes'"
status=$?
printf '\nNext: %s/hapax --help, man %s/hapax.1, make test\n' "$build" "$build"
exit $status
