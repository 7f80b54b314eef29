#!/bin/sh
# cppcheck over the sources, and clang-tidy where it is installed. Fails on any finding.
set -u
: "${BUILD:=build}"
status=0
ran=0
if command -v cppcheck >/dev/null 2>&1; then
    ran=1
    mkdir -p "$BUILD/cppcheck"
    cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 -j 2 \
        --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --cppcheck-build-dir="$BUILD/cppcheck" \
        -Iinclude -Ifilter filter || status=1
fi
if command -v clang-tidy >/dev/null 2>&1; then
    ran=1
    ls filter/*.c | xargs -P "$(nproc 2>/dev/null || echo 1)" -I '{}' \
        clang-tidy --quiet '{}' -- -std=c11 -D_GNU_SOURCE -Iinclude -Ifilter 2>/dev/null || status=1
fi
[ "$ran" -eq 1 ] || { echo "lint: neither cppcheck nor clang-tidy is installed" >&2; exit 1; }
[ "$status" -eq 0 ] && echo "lint      nothing found"
exit $status
