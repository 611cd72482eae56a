#!/usr/bin/env bash
# stage.sh [acceptance]: the desktop stage of `make test`, or of `make acceptance`. Each line below is one desk.
set -uo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON_OF_TESTS:-.venv/bin/python}
status=0

# tests_on TRAY IME MARK FILES...
tests_on() {
    local tray=$1 ime=$2 mark=$3; shift 3
    echo "--- desktop: tray host $tray${ime:+, fcitx5 pinyin}"
    TRAY=$tray IME=$ime bash tests/desktop/desk.sh "$python" -m pytest -m "$mark" --timeout 900 "$@" || status=1
}

if [ "${1:-}" = acceptance ]; then
    tests_on xembed "" "desktop and acceptance" tests/desktop
else
    plain="desktop and not acceptance"
    chinese=tests/desktop/test_chinese_input.py words=tests/desktop/test_tray_words.py no_host=tests/desktop/test_no_tray_host.py
    tests_on xembed "" "$plain" tests/desktop --ignore $chinese --ignore $words --ignore $no_host
    tests_on xembed 1 "$plain" $chinese
    tests_on sni "" "$plain" tests/desktop/test_tray.py $words
    tests_on none "" "$plain" $no_host
fi
exit $status
