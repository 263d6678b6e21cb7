#!/bin/sh
# Plants one bug and runs the test that is to find it; run.sh sets ROOT, BUILD, WORK.
#
#   try.sh PATCH          prints one line; leaves $WORK/NAME/found when it was found
#   try.sh --sound TEST   runs the test with nothing planted, which must pass
#   try.sh --test PATCH   prints the test
#
# A patch changes .cc files of src/. Copies of them are patched in a temporary folder,
# compiled by the build's own commands, and linked before the libraries, which then leave
# their own object out: the checkout and the build stay as they are.
set -eu

seconds_max=400  # of one test
sim_seeds=10     # of sim_test: enough for each bug that it is to find
root=$ROOT build=$BUILD

# Runs test $1 with the test programs of $2 and the binary $3; its output goes to $4.
run_test() {
  # Patterns of a filter are the test program's.
  set -f
  set -- "$2" "$3" "$4" $1
  programs=$1 binary=$2 log=$3 program=$4
  shift 4
  if [ "$program" = e2e ]; then
    file=$1
    shift
    (cd "$root" && PORTOLAN_SHARE="$root" PORTOLAN_BINARY="$binary" PORTOLAN_TEST_BINARY="$binary" \
      timeout -k 20 "$seconds_max" build/venv/bin/python -m pytest "tests/e2e/$file" "$@" \
      -q -x --timeout "$seconds_max" -p no:cacheprovider) > "$log" 2>&1
  else
    # Ends at the first failure; the others say nothing more.
    (cd "$build" && SIM_SEEDS="$sim_seeds" GTEST_BREAK_ON_FAILURE=1 \
      timeout -k 5 "$seconds_max" "$programs/$program" "$@" || exit $?) > "$log" 2>&1 &&
      ! grep -q '^\[==========\] Running 0 tests' "$log"
  fi
}

# The test that a patch names at its head.
test_of() {
  sed -n 's/^Found by: //p;/^--- /q' "$1" | grep . ||
    { echo "mutants: $1 names no test in a line 'Found by: '" >&2; exit 1; }
}

if [ "$1" = --test ]; then
  test_of "$2"
  exit 0
fi
if [ "$1" = --sound ]; then
  log=$(mktemp -p "$WORK")
  run_test "$2" "$build/src" "$build/portolan" "$log" && exit 0
  echo "mutants: $2 fails with nothing planted, or runs no test:" >&2
  tail -15 "$log" >&2
  exit 1
fi

name=$(basename "$1" .patch)
work=$WORK/$name
began=$(date +%s)

say() {
  echo "mutants: $name $1 ($(($(date +%s) - began)) s)${2:+: $2}"
}

give_up() {
  say "$1" "${2:-}" >&2
  exit 1
}

# The last command that makes this file, as ninja would run it.
command_of() {
  ninja -C "$build" -t commands "$1" | tail -1
}

# Compiles the patched copy of source $1 (src/room/file.cc) into object $2.
compile() {
  target=$(basename "$(dirname "$1")")
  [ "$target" != app ] || target=portolan
  built="src/CMakeFiles/$target.dir/${1#src/}.o"
  command=$(command_of "$built" | sed -e "s|-c $root/$1|-c $work/$1|" \
    -e "s|-o $built |-o $2 |" -e "s|-MF $built.d|-MF $2.d|")
  (cd "$build" && sh -c "$command") > "$work/log" 2>&1 ||
    give_up "does not build" "$(grep -m1 'error:' "$work/log")"
}

plant() {
  mkdir -p "$work/objects"
  for source in $(sed -n 's|^+++ b/\(src/[^ ]*\.cc\).*|\1|p' "$1"); do
    mkdir -p "$work/$(dirname "$source")"
    cp "$root/$source" "$work/$source"
  done
  patch --quiet -p1 -d "$work" < "$1" > "$work/log" 2>&1 ||
    give_up "no longer applies" "write it anew"
  objects=
  for source in $(cd "$work" && find src -name '*.cc'); do
    object="$work/objects/$(echo "$source" | tr / _).o"
    compile "$source" "$object"
    objects="$objects $object"
  done
}

# Links program $1 of the build, with what is planted, into $2.
link() {
  command=$(command_of "$1" | sed -e "s|-o $1 |$objects -o $2 |")
  (cd "$build" && sh -c "$command") > "$work/log" 2>&1 ||
    give_up "does not link" "$(tail -1 "$work/log")"
}

tests=$(test_of "$1")
plant "$1"
program=${tests%% *}
if [ "$program" = e2e ]; then
  mkdir -p "$work/dev"
  link portolan "$work/dev/portolan"
else
  link "src/$program" "$work/$program"
fi
code=0
run_test "$tests" "$work" "$work/dev/portolan" "$work/log" || code=$?
rm -rf "$work/objects" "$work/dev" "$work/${program:?}"
[ "$code" -ne 0 ] || give_up SURVIVES "$tests passes"
case $code in
  124 | 137) give_up "is not decided" "$tests takes over $seconds_max s" ;;
esac
touch "$work/found"
say "is found" "$tests"
