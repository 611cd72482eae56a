#!/bin/sh
# install.sh [PREFIX]: put the desktop entry and the icons where all persons of this machine find them; for packagers.
# The program does the same for one person, on their consent (nyanko_desktop/shell/desktop_entry.py). DESTDIR is obeyed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
icons=$here/../../resources/icons
share=${DESTDIR:-}${1:-/usr/local}/share
id=io.github.nyanko_desktop.Nyanko
install -Dm644 "$here/$id.desktop" "$share/applications/$id.desktop"
install -Dm644 "$icons/app.svg" "$share/icons/hicolor/scalable/apps/$id.svg"
install -Dm644 "$icons/app-256.png" "$share/icons/hicolor/256x256/apps/$id.png"
install -Dm644 "$icons/app-48.png" "$share/icons/hicolor/48x48/apps/$id.png"
