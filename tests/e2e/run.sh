#!/bin/sh
# The end-to-end suite. Arguments go to pytest: `tests/e2e/run.sh -k failover`.
set -eu
cd "$(dirname "$0")/../.."
tests/e2e/setup.sh
exec build/venv/bin/python -m pytest tests/e2e -rs -q --timeout 300 -p no:cacheprovider "$@"
