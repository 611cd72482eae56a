#!/bin/sh
# bootstrap.sh run|test [PYTHON]: create .venv with the pinned dependencies; a second run returns at once.
set -eu
purpose=$1
wanted=${2:-}
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    for candidate in ${wanted:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Nyanko needs Python 3.11, 3.12 or 3.13${wanted:+, and '$wanted' is none of them}." \
        "Debian 12 or newer, Ubuntu 24.04: sudo apt install python3 python3-venv. Ubuntu 22.04: sudo apt install python3.11 python3.11-venv" >&2
    exit 1
}

python=$(find_python)
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing="python$version-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$missing"
    else
        echo "Python's venv module is missing. Run: sudo apt install $missing" >&2
        exit 1
    fi
fi

if [ -x .venv/bin/python ] && [ "$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" != "$version" ]; then
    echo "The environment in .venv is of another Python; making a new one for $version"
    rm -rf .venv
fi
# Interrupted half-way, venv leaves a Python without pip behind.
.venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv

exec .venv/bin/python packaging/bootstrap.py "$purpose"
