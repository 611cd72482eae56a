#!/usr/bin/env bash
# screenshots.sh [FOLDER]: take the README's pictures of the real program with its embedded model on a throw-away desktop.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${DESK_ID:-}" ]; then
    exec bash tests/desktop/desk.sh bash "$0" "$(realpath -m "${1:-docs/screenshots}")"
fi
folder=$1
WAIT=30 # seconds for a window, a model or an answer, each
mkdir -p "$folder"

until_true() { for _ in $(seq $((WAIT * 10))); do if "$@"; then return; fi; sleep 0.1; done; echo "gave up on: $*" >&2; import -window root "$folder/gave-up.png"; exit 1; }
window() { xdotool search --onlyvisible --name "$1" 2>/dev/null | head -n 1; }
shown() { [ -n "$(window "$1")" ]; }
stored() { [ "$(sqlite "$1")" -ge "$2" ]; }
sqlite() { .venv/bin/python - "$profile/conversations.sqlite3" "$1" <<'P'
import sqlite3, sys
try:
    print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])
except sqlite3.Error:
    print(0)
P
}
answered() { until_true stored "SELECT count(*) FROM message WHERE role='assistant' AND status='complete'" "$1"; }
say() { printf '%s' "$1" | xclip -selection clipboard; xdotool key ctrl+v; xdotool key --delay 200 Return; }

# begin LANGUAGE THEME: a fresh profile and the program with its model loaded
begin() {
    profile=$(mktemp -d "$HOME/profile.XXXX")
    printf 'version = 1\nlanguage = "%s"\ntheme = "%s"\n[desktop]\ndesktop_entry = "no"\n' "$1" "$2" >"$profile/settings.toml"
    .venv/bin/python -m nyanko_desktop --profile "$profile" &
    app=$!
    until_true shown "Nyanko|喵"
    until_true grep -qs "is resident" "$profile/logs/nyanko.log"
    chat=$(window "Nyanko|喵")
    xdotool windowactivate --sync "$chat"
}
end() { kill "$app"; wait "$app" || true; }
# picture WINDOW NAME: away from the panel and the mouse; the wait is the longest transition, and a little
picture() { xdotool windowmove --sync "$1" 40 40 mousemove 2 798; sleep 0.6; import -window "$1" "$folder/$2.png"; }

begin en light
say "hi, my name is Anna"
answered 1
say "3 books at 14.9 each plus 6 shipping, how much is that?"
answered 2
say "remind me in 20 minutes to take the cake out of the oven"
answered 3
picture "$chat" chat-en
xdotool key ctrl+alt+n
until_true shown "^Quick-ask"
say "what's 15% of 240?"
answered 4
picture "$(window "^Quick-ask")" quick-ask
end

begin zh_CN dark
say "你好呀"
answered 1
say "12.5乘以8等于多少？"
answered 2
say "二十分钟后提醒我收衣服"
answered 3
picture "$chat" chat-zh
end

# The model page: fits, does not fit, quantizing, resident, asleep, downloading.
.venv/bin/python -m tests.desktop.parts.model_pictures "$folder"

# Permissions: approval in the chat and in quick-ask, grants, the ledger, MCP servers.
.venv/bin/python -m tests.desktop.parts.permission_pictures "$folder"
