#!/usr/bin/env bash
# stage.sh [acceptance] [PYTEST OPTIONS...]: the desktop stage of `make test`, or of `make acceptance`. Each line at the
# end is one desk. `stage.sh -k hotkey` runs the tests of that name on the desks that have them.
set -uo pipefail
cd "$(dirname "$0")/../.."
marks="desktop and not acceptance" acceptance=""
if [ "${1:-}" = acceptance ]; then
    marks="desktop and acceptance" acceptance=1; shift
fi
options=("$@")
status=0
NO_TESTS_FOUND=5

# tests_on TRAY IME FILES...
tests_on() {
    local tray=$1 ime=$2 result; shift 2
    echo "--- desktop: tray host $tray${ime:+, fcitx5 pinyin}"
    TRAY=$tray IME=$ime bash tests/desktop/desk.sh .venv/bin/python -m pytest -m "$marks" "${options[@]}" "$@"
    result=$?
    [ $result = 0 ] || [ $result = $NO_TESTS_FOUND ] || status=1
}

here=tests/desktop
tests_on xembed "" $here --ignore $here/test_chinese_input.py --ignore $here/test_tray_words.py --ignore $here/test_no_tray_host.py
if [ -z "$acceptance" ]; then
    tests_on xembed 1 $here/test_chinese_input.py
    tests_on sni "" $here/test_tray.py $here/test_tray_words.py
    tests_on none "" $here/test_no_tray_host.py
fi
exit $status
