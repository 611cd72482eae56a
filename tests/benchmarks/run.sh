#!/usr/bin/env bash
# run.sh [NAME...]: the benchmarks of the program, on a throw-away desktop. Tables on the terminal, JSON in
# artefacts/benchmarks. They judge a machine as much as the program, so no test run depends on them.
set -euo pipefail
cd "$(dirname "$0")/../.."
for name in ${*:-start_to_tray event_loop_lag}; do
    TRAY=xembed bash tests/desktop/desk.sh .venv/bin/python -m "tests.benchmarks.$name"
done
