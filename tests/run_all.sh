#!/bin/sh
# Runs the unit test programs and each tests/GROUP/run.sh, adds up what they counted, and prints one total line.
# Fails if anything failed, if a program crashed or counted nothing, or if nothing ran.
#   BUILD=build sh tests/run_all.sh [unit] [groups] [GROUP]...
set -u
: "${BUILD:=build}"
export BUILD
RUNNER=${RUNNER:-}
passed=0
failed=0
log=$BUILD/tests/log
mkdir -p "$BUILD/tests"

add() { # add NAME STATUS PASSED FAILED
    passed=$((passed + $3))
    failed=$((failed + $4))
    if [ "$4" -eq 0 ] && [ "$2" -ne 0 ]; then
        failed=$((failed + 1))
        echo "FAILED    $1: status $2"
    elif [ "$3" -eq 0 ] && [ "$4" -eq 0 ]; then
        failed=$((failed + 1))
        echo "FAILED    $1: no test ran"
    fi
}

unit() {
    for source in tests/unit/*.c; do
        [ -f "$source" ] || continue
        name=$(basename "$source" .c)
        $RUNNER "$BUILD/tests/unit/$name" >"$log" 2>&1
        status=$?
        p=$(awk '/^\[  PASSED  \] [0-9]+ test/ {n += $4} END {print n + 0}' "$log")
        f=$(awk '/^\[  FAILED  \] [0-9]+ test/ {n += $4} END {print n + 0}' "$log")
        if [ "$status" -ne 0 ]; then grep -v '^\[\( RUN  *\|       OK \)\]' "$log"; fi
        printf 'unit      %-24s %s passed, %s failed\n' "$name" "$p" "$f"
        add "$source" "$status" "$p" "$f"
    done
}

group() { # group NAME
    { BUILD=$BUILD sh "tests/$1/run.sh"; echo "status $?"; } 2>&1 | tee "$log" | sed '/^status [0-9]*$/d'
    status=$(sed -n '$s/^status //p' "$log")
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    p=$(echo "$counts" | awk '{print $1 + 0}')
    f=$(echo "$counts" | awk '{print $3 + 0}')
    printf 'group     %-24s %s passed, %s failed\n' "$1" "$p" "$f"
    add "tests/$1/run.sh" "${status:-1}" "$p" "$f"
}

for what in "$@"; do
    case $what in
    unit) unit ;;
    groups) for script in tests/*/run.sh; do
            [ -f "$script" ] && group "$(basename "$(dirname "$script")")"
        done ;;
    *) group "$what" ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
