#!/bin/sh
# Plants each bug of this folder and expects a test of behaviour to find it.
#
#   tests/mutants/run.sh [PATCH...]        all of them by default
#   JOBS=1 BUILD=build/dev tests/mutants/run.sh tests/mutants/035-*.patch
#
# A patch begins with what it breaks, then the promise and the test:
#
#   Promise: P1
#   Found by: policy_test --gtest_filter=MayRetry.*       a room's test program
#   Found by: e2e test_scopes.py -k in_singapore          the end-to-end suite
#
# The test is one of behaviour that stood before the patch, and no more of it than finds
# the bug in seconds.
#
# Needs what `make unit` builds; BUILD names another build folder. tests/mutants/try.sh
# compiles a patch outside the checkout, links it and runs its test. First each test
# must pass without a bug: what fails anyway finds nothing. Ends with status 1 when a
# patch no longer applies, does not build, or survives.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "${BUILD:-$root/build/dev}" && pwd)
work=$(mktemp -d)
export ROOT="$root" BUILD="$build" WORK="$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

[ $# -gt 0 ] || set -- "$here"/*.patch
began=$(date +%s)

# Without a bug: each test once, however many patches name it.
for patch in "$@"; do
  "$here/try.sh" --test "$patch"
done > "$work/named"
sort -u "$work/named" > "$work/tests"
tr '\n' '\0' < "$work/tests" | xargs -0 -r -n 1 -P "${JOBS:-2}" "$here/try.sh" --sound ||
  { echo "mutants: what fails without a bug finds nothing" >&2; exit 1; }
echo "mutants: $(wc -l < "$work/tests") tests pass without a bug ($(($(date +%s) - began)) s)"

printf '%s\0' "$@" | xargs -0 -n 1 -P "${JOBS:-2}" "$here/try.sh" || true

found=$(find "$work" -name found | wc -l)
echo "mutants: $found of $# found in $(($(date +%s) - began)) s"
[ "$found" -eq $# ]
