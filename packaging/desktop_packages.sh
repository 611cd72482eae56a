#!/bin/sh
# Make sure the Debian packages of the desktop stage are there: install them where that is allowed, else say the one line to run.
set -eu
list="$(dirname "$0")/debian-desktop-packages.txt"
missing=""
for package in $(cat "$list"); do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    root=""
elif sudo -n true 2>/dev/null; then
    root="sudo"
else
    echo "The desktop stage needs packages that are not installed. Run this, or use DESKTOP=0 to skip the stage:" >&2
    echo "  sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
$root apt-get update -q
# shellcheck disable=SC2086 # a list of words is meant
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
