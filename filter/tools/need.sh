#!/bin/sh
# Looks what is missing to build (and test) hapax, and on Debian and its relatives installs it, saying so.
#   sh filter/tools/need.sh build [test] [ci]
# Elsewhere, or where nothing can be installed: names what is missing and how to get it, status 1. Nothing is built here.
set -u

have() {
    command -v "$1" >/dev/null 2>&1
}

have_header() { # have_header HEADER: the compiler finds it
    compiler=$(compiler_name)
    [ -n "$compiler" ] && echo "#include <stddef.h>
#include <$1>" | "$compiler" -E -x c - >/dev/null 2>&1
}

compiler_name() {
    for c in "${CC:-cc}" gcc clang; do
        have "$c" && { echo "$c"; return; }
    done
}

wanted=""
missing=""
want() { # want PACKAGE CHECK...: PACKAGE is there if CHECK succeeds
    package=$1
    shift
    wanted="$wanted $package"
    "$@" || missing="$missing $package"
}

have_compiler() {
    [ -n "$(compiler_name)" ] && have_header stdlib.h
}

look() {
    wanted=""
    missing=""
    for group in "$@"; do
        case $group in
        build)
            have_compiler || missing="$missing gcc libc6-dev"
            want libxxhash-dev have_header xxhash.h
            want libunistring-dev have_header unistr.h
            want zlib1g-dev have_header zlib.h
            ;;
        test)
            want libcmocka-dev have_cmocka
            want libdivsufsort-dev have_header divsufsort.h
            have g++ || have c++ || missing="$missing g++"
            want pkg-config have pkg-config
            want diffutils have diff
            ;;
        ci)
            want cppcheck have cppcheck
            want clang-tidy have clang-tidy
            want clang have clang
            want valgrind have valgrind
            want git have git
            ;;
        esac
    done
    wanted=${wanted# }
    missing=${missing# }
}

have_cmocka() {
    compiler=$(compiler_name)
    [ -n "$compiler" ] && printf '%s\n' '#include <stdarg.h>' '#include <stddef.h>' '#include <stdint.h>' '#include <setjmp.h>' \
        '#include <cmocka.h>' | "$compiler" -E -x c - >/dev/null 2>&1
}

give_up() {
    echo "packages  missing: $missing" >&2
    echo "$1" >&2
    exit 1
}

look "$@"
if [ -z "$missing" ]; then
    echo "packages  $wanted: present"
    exit 0
fi

if ! have apt-get; then
    give_up "Install these with your system's package manager (the names are Debian's), then run make again:
  a C11 compiler, GNU make, xxHash 0.8 (libxxhash), GNU libunistring, zlib; for the tests also cmocka,
  libdivsufsort, pkg-config, a C++ compiler and diff."
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
command="${as_root:+$as_root }apt-get install -y --no-install-recommends $missing"
if [ -n "$as_root" ] && ! have sudo; then
    give_up "Neither root nor sudo is here; run as root:
  apt-get install -y --no-install-recommends $missing"
fi
echo "packages  $missing: installing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # shellcheck disable=SC2086 # a list of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null
}
# The lists are fetched when there are none, and once more when they turn out to be too old.
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || $as_root apt-get update >"$log" 2>&1
if ! install; then
    $as_root apt-get update >"$log" 2>&1
    if ! install; then
        tail -n 5 "$log" >&2
        give_up "They could not be installed (is there a network?). By hand:
  apt-get update && $command"
    fi
fi
look "$@"
[ -z "$missing" ] || give_up "They are installed, and yet the compiler does not find them."
