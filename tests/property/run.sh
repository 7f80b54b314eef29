#!/bin/sh
# The nine promises over generated text. CASES=100000 in CI; sanitizer builds take a fiftieth of it.
set -u
: "${BUILD:=build}"
cases=${CASES:-100000}
if [ -n "${SANITIZE:-}" ] && [ -z "${CASES:-}" ]; then cases=2000; fi
exec "$BUILD/tests/property/properties" --cases "$cases" --jobs "${PROPERTY_JOBS:-2}"
