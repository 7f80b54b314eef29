#!/bin/sh
# The library as somebody else meets it: installed under a DESTDIR, found by pkg-config, its header alone in C and C++, and an
# example program built against it. Also: install and uninstall are each other's opposite, and the manual page is sound.
set -u
: "${BUILD:=build}"
: "${CC:=cc}"
: "${MAKE:=make}"
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
work=$BUILD/tests/example
tree=$work/tree
prefix=/opt/hapax
passed=0
failed=0
rm -rf "$work"
mkdir -p "$work"
sanitize=${SANITIZE:+-fsanitize=$SANITIZE}

check() { # check NAME COMMAND...
    name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED    tests/example: $name"
        cat "$work/log"
    fi
}

install_tree() {
    rm -f "$BUILD/hapax.pc" # made for another prefix
    $MAKE --no-print-directory install BUILD="$BUILD" SANITIZE="${SANITIZE:-}" DESTDIR="$tree" prefix=$prefix
    status=$?
    rm -f "$BUILD/hapax.pc"
    $MAKE --no-print-directory "$BUILD/hapax.pc" BUILD="$BUILD" >/dev/null || status=1
    return $status
}
everything_is_there() {
    for f in bin/hapax lib/libhapax.a include/hapax.h lib/pkgconfig/hapax.pc share/man/man1/hapax.1 \
        share/bash-completion/completions/hapax; do
        test -s "$tree$prefix/$f" || { echo "missing: $f"; return 1; }
    done
}
flags() {
    PKG_CONFIG_PATH=$tree$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$tree pkg-config "$@" hapax
}
header_alone() { # header_alone COMPILER...
    echo '#include <hapax.h>' >"$work/alone.c"
    # shellcheck disable=SC2046
    "$@" -Wall -Wextra -Wpedantic -Werror $(flags --cflags) -fsyntax-only "$work/alone.c"
}
build_example() {
    # shellcheck disable=SC2046,SC2086
    $CC -std=c11 -Wall -Wextra -Werror $sanitize tests/example/dedupe.c $(flags --cflags --libs) -o "$work/dedupe"
}
example_is_the_command() {
    "$work/dedupe" <fixtures/river.txt >"$work/a" && "$BUILD/hapax" -q -p fixtures/river.txt >"$work/b" && cmp "$work/a" "$work/b"
}
example_removes() {
    "$work/dedupe" <fixtures/river.txt 2>&1 >/dev/null | grep 'removed [1-9][0-9]* letters'
}
version_is_one() {
    [ "$(flags --modversion)" = "$("$BUILD/hapax" --version | sed -n '1s/hapax //p')" ]
}
manual_is_sound() {
    # Every option of the table stands in it, and no frame mark is left.
    ! grep -E "@[A-Z_]+@" "$BUILD/hapax.1" || return 1
    for option in $("$BUILD/hapax" --help | grep -o -- '--[a-z][a-z-]*' | sort -u); do
        sed 's/\\-/-/g' "$BUILD/hapax.1" | grep -q -- "$option" || { echo "not in the manual: $option"; return 1; }
    done
    command -v man >/dev/null || return 0
    test -z "$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -l "$BUILD/hapax.1" 2>&1 >/dev/null)"
}
completion_is_sound() {
    command -v bash >/dev/null || return 0
    bash -c '. "$1"; COMP_WORDS=(hapax --jour) COMP_CWORD=1; _hapax 2>/dev/null; [ "${COMPREPLY[0]}" = --journal= ]' - \
        "$BUILD/completion.bash"
}
nothing_is_left() {
    $MAKE --no-print-directory uninstall BUILD="$BUILD" DESTDIR="$tree" prefix=$prefix && [ -z "$(find "$tree" -type f)" ]
}

check install install_tree
check "everything is there" everything_is_there
check "header alone, C" header_alone "$CC" -std=c11 -x c
check "header alone, C++" header_alone "${CXX:-c++}" -std=c++11 -x c++
check "build the example" build_example
check "example and command agree" example_is_the_command
check "example removes" example_removes
check "version" version_is_one
check "manual" manual_is_sound
check "completion" completion_is_sound
check uninstall nothing_is_left
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
