#!/bin/sh
# Stands where the worker's Python would (NYANKO_WORKER_PYTHON): starts the worker whose model follows a script.
# Called as: scripted_worker.sh -m inference_worker OPTIONS; the script is in NYANKO_TEST_SCRIPT as JSON.
shift 2
exec "$NYANKO_TEST_PYTHON" -m "${NYANKO_TEST_WORKER:-tests.bad_workers.scripted}" "$NYANKO_TEST_SCRIPT" "$@"
