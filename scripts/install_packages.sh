#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says nothing when none is. `proof` as its word:
# also those with which the container image is built and run.
set -euo pipefail

packages=(
  # to build
  clang-19 lld-19 libclang-rt-19-dev cmake ninja-build ccache make
  libsimdjson-dev libyaml-cpp-dev libssl-dev libsqlite3-dev libfmt-dev libcli11-dev
  libxxhash-dev
  # to run engines and to test
  python3 python3-venv libgtest-dev librapidcheck-dev libhttp-parser-dev curl procps iproute2
)
[ "${1:-}" != proof ] || packages+=(podman runc mmdebstrap)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
