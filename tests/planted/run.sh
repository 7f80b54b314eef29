#!/bin/sh
# Planted copies in 24 MB: table of recall by kind.
set -u
: "${BUILD:=build}"
if [ -n "${SANITIZE:-}" ]; then set -- --nbytes 2000000; fi
exec "$BUILD/tests/planted/planted" "$@"
