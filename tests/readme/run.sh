#!/bin/sh
# Runs every code block of README.md: a README whose output has drifted fails.
#
# A ```console block holds commands (`$ ...`) and what they print, standard output and error together; a line `...` stands for any
# lines. A ```sh block is run, and only has to succeed. `make run` is run; other commands of make, and sudo and git, are not (this is
# a part of `make test`). Other blocks (```text, ```c) hold no commands.
set -u
: "${BUILD:=build}"
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
work=$BUILD/tests/readme
top=$PWD
rm -rf "$work"
mkdir -p "$work/run"
for f in fixtures include; do ln -s "$top/$f" "$work/run/$f"; done
ln -s "$BUILD" "$work/run/build"
export LC_ALL=C.UTF-8
PATH="$BUILD:$PATH"
export PATH
unset NO_COLOR COLUMNS
: "${MAKE:=make}"
passed=0
failed=0

# What differs from machine to machine.
plain() {
    sed -e "s,$BUILD,build,g" -e 's/([0-9]* s)$/(N s)/' -e 's/^packages  .*: present$/packages  present/'
}

# Each block into a file of its own: NUMBER.KIND, its first line the line number in README.md.
awk -v dir="$work" '
    /^```/ && !inside {inside = 1; kind = substr($0, 4); file = sprintf("%s/%03d.%s", dir, ++n, kind == "" ? "text" : kind); print FNR > file; next}
    /^```/ {inside = 0; close(file); next}
    inside {print > file}' README.md

# A block is a test: its commands are run in order, in one folder for the whole README.
for block in "$work"/*.console "$work"/*.sh; do
    [ -f "$block" ] || continue
    line=$(head -n 1 "$block")
    case $block in
    *.sh)
        sed -e 1d -e '/^\(make\|sudo\|git\) /d' "$block" >"$work/script"
        (cd "$work/run" && sh -e "$work/script") >"$work/got" 2>&1
        status=$?
        ;;
    *)
        # What is not run: the command and what it prints.
        sed 1d "$block" | awk '/^\$ / {skip = /^\$ (make|sudo|git) / && !/^\$ make run$/} !skip' | plain >"$work/want"
        : >"$work/got"
        while IFS= read -r text; do
            case $text in
            '$ make run') text="\$ $MAKE --no-print-directory -C $top run BUILD=$BUILD" ;;
            '$ '*) ;;
            *) continue ;;
            esac
            (cd "$work/run" && sh -c "${text#\$ }") >"$work/one" 2>&1 </dev/null
            { echo "$text" | sed 's/^\$ .* run BUILD=.*/$ make run/'; grep -v '^hapax: note: --memory is ' "$work/one"; } | plain >>"$work/got"
        done <"$work/want"
        awk -v got="$work/got" '
            function next_got() {have = (getline line < got) > 0}
            BEGIN {next_got()}
            $0 == "..." {skipping = 1; next}
            skipping {while (have && line != $0) next_got(); skipping = 0}
            {if (!have || line != $0) {print "want: " $0; print "got:  " (have ? line : "(nothing)"); exit bad = 1}; next_got()}
            END {if (!bad && have && !skipping) {print "got more: " line; exit 1}; exit bad}' "$work/want" >"$work/difference"
        status=$?
        ;;
    esac
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED    README.md:$line"
        cat "$work/difference" 2>/dev/null
        cat "$work/got"
    fi
    rm -f "$work/difference"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
