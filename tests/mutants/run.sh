#!/bin/sh
# Plants each bug of this folder and expects sim_test to find it.
#
#   tests/mutants/run.sh [PATCH...]        all of them by default
#
# Needs a built sim_test (cmake --preset dev && cmake --build --preset dev
# --target sim_test); BUILD names another build folder. A patch changes .cc files
# of src/. Copies of them are patched in a temporary folder, compiled by the
# build's own commands, and linked before the libraries, which then leave their
# own object out: the checkout and the build stay as they are, and a mutant
# costs seconds. Ends with status 1 when a patch no longer applies, does not
# build, or survives the tests.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${BUILD:-$root/build/dev}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

give_up() {
  echo "mutants: $1" >&2
  exit 1
}

# The last command that makes this file, as ninja would run it.
command_of() {
  ninja -C "$build" -t commands "$1" | tail -1
}

# Compiles the patched copy of source $1 (src/room/file.cc) into object $2.
compile() {
  room=$(basename "$(dirname "$1")")
  built="src/CMakeFiles/$room.dir/$room/$(basename "$1").o"
  command=$(command_of "$built" | sed -e "s|-c $root/$1|-c $work/$1|" \
    -e "s|-o $built |-o $2 |" -e "s|-MF $built.d|-MF $2.d|")
  (cd "$build" && sh -c "$command") || give_up "$name does not build"
}

plant() {
  rm -rf "$work/src" "$work/objects"
  mkdir "$work/objects"
  objects=
  for source in $(sed -n 's|^+++ b/\(src/[^ ]*\.cc\).*|\1|p' "$1"); do
    mkdir -p "$work/$(dirname "$source")"
    cp "$root/$source" "$work/$source"
  done
  patch --quiet -p1 -d "$work" < "$1" || give_up "$name no longer applies; write it anew"
  for source in $(cd "$work" && find src -name '*.cc'); do
    object="$work/objects/$(echo "$source" | tr / _).o"
    compile "$source" "$object"
    objects="$objects $object"
  done
  link=$(command_of src/sim_test | sed -e "s|-o src/sim_test|$objects -o $work/sim_test|")
  (cd "$build" && sh -c "$link") || give_up "$name does not link"
}

[ -x "$build/src/sim_test" ] || give_up "build sim_test first: $build has none"
[ $# -gt 0 ] || set -- "$here"/*.patch
survivors=0
for patch in "$@"; do
  name=$(basename "$patch" .patch)
  plant "$patch"
  if "$work/sim_test" > "$work/log" 2>&1; then
    echo "mutants: $name SURVIVES: no test fails" >&2
    survivors=1
  else
    echo "mutants: $name is found, by $(grep -c '^replay' "$work/log" || true) findings. The first:"
    grep -m1 -A3 'Failure$' "$work/log" | tail -3
  fi
done
exit $survivors
