#!/bin/sh
# A short form of what only the command can be asked: failing writes and closes, restore, damaged input.
set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/mutant.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
is() { # is NAME GOT WANTED
    [ "$2" = "$3" ] || { echo "FAILED $1: $2, expected $3"; failed=1; }
}
i=0
while [ $i -lt 300 ]; do
    echo "Sentence number $i says something of its own about the weather, the harbour and the price of $i lamps. It goes on for a while."
    [ $((i % 10)) -eq 9 ] && echo "Every tenth line is the same as all the other tenth lines. They are long enough to be a passage, with more letters than the smallest one needs, so that all of it should go. And so it does, each time but the first."
    i=$((i + 1))
done >"$work/in"
"$BUILD/hapax" -q -p --no-remove "$work/in" >"$work/whole"
"$BUILD/hapax" -q -p --journal="$work/j" "$work/in" >"$work/out"; is "status" $? 0
"$BUILD/hapax" restore -p "$work/out" "$work/j" >"$work/back" 2>"$work/err"; is "restore" $? 0
cmp -s "$work/back" "$work/whole"; is "restored text" $? 0
cmp -s "$work/out" "$work/whole"; is "something was removed" $? 1
"$BUILD/hapax" -p "$work/in" >/dev/full 2>"$work/err"; is "/dev/full, text" $? 2
"$BUILD/hapax" -z "$work/in" >/dev/full 2>"$work/err"; is "/dev/full, gzip" $? 2
"$BUILD/hapax" -q -p --journal=/dev/full "$work/in" >"$work/out2" 2>"$work/err"; is "/dev/full, journal" $? 2
"$BUILD/hapax" -p "$work/in" >&- 2>"$work/err"; is "closed stdout" $? 2
"$BUILD/hapax" -q -z "$work/in" >"$work/out.gz" 2>"$work/err"; is "gzip" $? 0
gzip -dc "$work/out.gz" 2>"$work/err" | cmp -s - "$work/out"; is "gzip is whole" $? 0
head -n -1 "$work/j" >"$work/j2"
"$BUILD/hapax" restore -p "$work/out" "$work/j2" >"$work/back" 2>"$work/err"; is "restore, no end line" $? 2
sed 's/harbour/harbor/' "$work/out" >"$work/changed"
"$BUILD/hapax" restore -p "$work/changed" "$work/j" >"$work/back" 2>"$work/err"; is "restore, changed output" $? 2
gzip -c "$work/in" | head -c 1500 >"$work/cut.gz"
"$BUILD/hapax" -q -p "$work/cut.gz" >"$work/out3" 2>"$work/err"; is "cut gzip" $? 3
is "its sound part comes out" "$(head -c 500 "$work/out3" | cksum)" "$(head -c 500 "$work/out" | cksum)"
"$BUILD/hapax" -q -p "$work/in" "$work/none" >"$work/out4" 2>"$work/err"; is "missing file" $? 3
cmp -s "$work/out4" "$work/out"; is "the good file is done" $? 0
[ $failed -eq 0 ]
