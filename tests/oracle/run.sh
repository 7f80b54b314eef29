#!/bin/sh
# Against brute force. More text by hand: build/tests/oracle/oracle FILE...
set -u
: "${BUILD:=build}"
if [ -n "${SANITIZE:-}" ]; then set -- --nbytes 1000000; fi
exec "$BUILD/tests/oracle/oracle" "$@"
