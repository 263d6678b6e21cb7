#!/usr/bin/env bash
# Puts llama.cpp's server and the SmolLM2 model into build/venv, once. Later runs
# find the stamp and need no network.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/venv
lock=engines/requirements.txt
stamp=$venv/.engine
if [ -f "$stamp" ] && cmp -s "$lock" "$stamp"; then exit 0; fi

if ! grep -q -m1 -w avx2 /proc/cpuinfo; then
  echo "This CPU lacks AVX2, which the prebuilt llama.cpp needs. Put a llama-server of your own"
  echo "on PATH, or use 'make up UP_ARGS=\"--engines sim\"'." >&2
fi
[ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes -r "$lock"
cp "$lock" "$stamp"
