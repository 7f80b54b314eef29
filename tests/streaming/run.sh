#!/bin/sh
# A FIFO that stays open. STREAMING_MIB: how much goes in.
set -u
: "${BUILD:=build}"
mib=${STREAMING_MIB:-256}
if [ -n "${SANITIZE:-}" ]; then mib=${STREAMING_MIB:-96}; fi
passed=0
failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/streaming.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
for jobs in 1 2; do
    if "$BUILD/tests/streaming/streaming" "$BUILD/hapax" "$work" "$mib" $jobs; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
