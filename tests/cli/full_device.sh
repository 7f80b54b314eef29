# No silent loss at the end: a full device is status 2, on every way out.
[ -c /dev/full ] || { echo "no /dev/full" >&2; exit 77; }
cp "$FIXTURES/river.txt" .
try() {
    "$@"
    echo "status $?"
}
hapax -q -p river.txt > /dev/full; echo "status $?"
hapax -q -z river.txt > /dev/full; echo "status $?"
hapax -q -j1 -p river.txt > /dev/full; echo "status $?"
try hapax -q -o /dev/full river.txt
try hapax -q -o out.txt --journal=/dev/full river.txt
test -e out.txt && echo "left out.txt"
try hapax -q -p -o out.txt --stats=/dev/full river.txt
hapax --help > /dev/full; echo "status $?"
exit 0
