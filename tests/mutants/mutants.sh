#!/bin/sh
# Each patch here breaks one promise in one place: three for each of the nine. A copy of the tree is patched and built, and a short form of
# the tests has to notice. Fails if a mutant lives or a patch does not apply.
#
#   BUILD=build sh tests/mutants/mutants.sh [PATCH]...
#
# A patch is called PROMISE-what.patch; its first line is `Killed-by: property`, `command` or `hostile`, then it says what it breaks.
set -u
: "${BUILD:=build}"
: "${MAKE:=make}"
cases=${MUTANT_CASES:-4000}
here=$(pwd)
mkdir -p "$BUILD/mutants"
tree=$(cd "$BUILD/mutants" && pwd)/tree
rm -rf "$tree"
mkdir -p "$tree/tests"
cp -Rp filter include Makefile "$tree"
cp -Rp filter "$tree/pristine"
cp -Rp tests/support tests/property tests/hostile tests/mutants "$tree/tests"
cd "$tree" || exit 2

build() { "$MAKE" -s BUILD=b CFLAGS=-O1 ${MAKEFLAGS_MUTANTS:--j2} b/hapax b/tests/property/properties b/tests/hostile/hostile >build.log 2>&1; }
property() { timeout 300 b/tests/property/properties --short --cases "$cases" --jobs 2; }
# Memory and work that only inputs of many megabytes show.
hostile() {
    for input in "index full" "one letter"; do
        timeout 120 b/tests/hostile/hostile --scale 10 --only "$input" || { echo "FAILED hostile: $input"; return 1; }
    done
}
command() { BUILD=b timeout 120 sh tests/mutants/command.sh; }

run_by() {
    case $1 in
    property) property ;;
    command) command ;;
    hostile) hostile ;;
    *) true ;;
    esac
}

build || { echo "mutants: the tree itself does not build"; tail -n 5 build.log; exit 2; }
echo "mutants: the tests pass on the tree itself:"
property >log 2>&1 || { echo "mutants: no, property fails"; head -n 5 log; exit 2; }
command >log 2>&1 || { echo "mutants: no, command fails"; cat log; exit 2; }
hostile >log 2>&1 || { echo "mutants: no, hostile fails"; cat log; exit 2; }

killed=0
lived=0
if [ $# -eq 0 ]; then set -- "$here"/tests/mutants/*.patch; fi
for patch in "$@"; do
    case $patch in /*) ;; *) patch=$here/$patch ;; esac
    name=$(basename "$patch" .patch)
    by=$(sed -n '1s/^Killed-by: //p' "$patch")
    if ! patch -p1 -s --fuzz=2 <"$patch" >patch.log 2>&1; then
        lived=$((lived + 1))
        echo "  $name: DOES NOT APPLY"
        sed 's/^/    /' patch.log | head -n 4
        rm -rf filter && cp -Rp pristine filter
        continue
    fi
    if ! build; then
        lived=$((lived + 1))
        echo "  $name: DOES NOT BUILD"
        tail -n 3 build.log
    elif ! run_by "$by" >log 2>&1; then
        killed=$((killed + 1))
        echo "  $name: killed by $by: $(grep -a '^FAILED' log | head -n 1 | cut -c 8-120)"
    else
        lived=$((lived + 1))
        echo "  $name: LIVES"
    fi
    patch -p1 -s -R --fuzz=2 <"$patch" >patch.log 2>&1 || { rm -rf filter && cp -Rp pristine filter; }
    find filter -name '*.orig' -delete
done
echo "$killed passed, $lived failed"
[ "$lived" -eq 0 ]
