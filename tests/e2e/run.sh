#!/bin/sh
# The end-to-end suite, two files at a time: it mostly waits. Arguments go to pytest:
# `tests/e2e/run.sh -k failover`, or `-n 0` to see one test's output as it comes.
set -eu
cd "$(dirname "$0")/../.."
tests/e2e/setup.sh
exec build/venv/bin/python -m pytest tests/e2e -n 2 --dist loadfile --no-loadscope-reorder -rs -q --durations 15 --timeout 300 -p no:cacheprovider "$@"
