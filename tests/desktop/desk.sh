#!/usr/bin/env bash
# desk.sh COMMAND...: run COMMAND on a throw-away Linux desktop: an X server, a window manager, a tray host, a D-Bus
# session with an unlocked key store, a notification server whose calls are written down, accessibility, and if wanted
# Chinese pinyin through fcitx5. Nothing of it is shared with the desktop of the person, and nothing of it stays.
#
#   TRAY=xembed|sni|none   the tray host: trayer, xfce4-panel or none (default xembed)
#   IME=1                  with fcitx5 and pinyin
#   DESK_LOGS=FOLDER       where the logs go (default artefacts/desktop/desk-$TRAY)
#
# COMMAND finds DESK_ID (in the environment of every process of this desk), DESK_LOGS, DESK_NOTIFICATIONS (a file) and
# TRAY in its environment. The exit status is that of COMMAND; 70 when the desktop itself did not come up.
set -euo pipefail

START_SECONDS=30   # for each part to answer: xfce4-panel needs 4 s on an idle machine of 2 cores, fcitx5 3 s
END_SECONDS=5      # for everything to go by itself, before it is killed
BROKEN=70          # EX_SOFTWARE

fail() { echo "desk.sh: $*" >&2; exit $BROKEN; }

# wait_for WHAT COMMAND...: until COMMAND succeeds, START_SECONDS at most
wait_for() {
    local what=$1 deadline=$((SECONDS + START_SECONDS)); shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || fail "$what did not come up within $START_SECONDS s; see $DESK_LOGS"
        sleep 0.05
    done
}
wait_for_bus_name() { gdbus wait --session --timeout $START_SECONDS "$1" || fail "nobody took $1; see $DESK_LOGS"; }

# part NAME COMMAND...: one program of the desktop, its output in a file of its own
part() { local name=$1; shift; "$@" >"$DESK_LOGS/$name.log" 2>&1 & }

# ---------------------------------------------------------------------------------------------- begin and end

processes_of_this_desk() { grep -lsz "^DESK_ID=$DESK_ID\$" /proc/[0-9]*/environ | cut -d/ -f3 || true; }
still_there() { local pid; for pid in $1; do [ -d "/proc/$pid" ] && return 0; done; return 1; }

clear_away() {
    local pids deadline=$((SECONDS + END_SECONDS))
    pids=$(processes_of_this_desk)
    # shellcheck disable=SC2086 # a list of words is meant
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    while still_there "$pids" && [ $SECONDS -lt $deadline ]; do sleep 0.05; done
    pids=$(processes_of_this_desk)
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
    cp "$DESK_NOTIFICATIONS" "$DESK_LOGS" 2>/dev/null || true
    rm -rf "$HOME"
}

here=$(cd "$(dirname "$0")" && pwd)
export TRAY=${TRAY:-xembed} IME=${IME:-} DESK_ID="desk-$$-$RANDOM$RANDOM"
export DESK_LOGS=${DESK_LOGS:-$here/../../artefacts/desktop/desk-$TRAY}
mkdir -p "$DESK_LOGS"
DESK_LOGS=$(cd "$DESK_LOGS" && pwd)
HOME=$(mktemp -d /tmp/nyanko-desk.XXXXXX)
export DESK_NOTIFICATIONS=$HOME/notifications.log
trap clear_away EXIT
trap 'exit 143' INT TERM
export HOME XDG_RUNTIME_DIR=$HOME/run XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
export XDG_CACHE_HOME=$HOME/.cache XDG_STATE_HOME=$HOME/.local/state XDG_SESSION_TYPE=x11 LANG=C.UTF-8 LC_ALL=C.UTF-8
mkdir -m 700 "$XDG_RUNTIME_DIR"
mkdir -p "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
unset WAYLAND_DISPLAY XAUTHORITY XDG_CURRENT_DESKTOP DESKTOP_SESSION SESSION_MANAGER LANGUAGE
unset QT_QPA_PLATFORM QT_IM_MODULE GTK_IM_MODULE XMODIFIERS NO_AT_BRIDGE

# Both servers choose their own address and write it down when they are ready: no guessing, no race. -noreset, because
# a server that begins anew after its first client has gone refuses the second one.
Xvfb -noreset -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$HOME/display" >"$DESK_LOGS/xvfb.log" 2>&1 &
wait_for Xvfb test -s "$HOME/display"
DISPLAY=:$(cat "$HOME/display")
export DISPLAY
part dbus dbus-daemon --session --nofork --print-address=3 3>"$HOME/bus"
wait_for D-Bus test -s "$HOME/bus"
DBUS_SESSION_BUS_ADDRESS=$(cat "$HOME/bus")
export DBUS_SESSION_BUS_ADDRESS

# ---------------------------------------------------------------------------------------------- the parts of a desktop

panel_with_nothing_but_a_tray() {
    mkdir -p "$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml"
    cat >"$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"/></property>
</channel>
XML
}

start_tray_host() {
    case $TRAY in
        xembed) part trayer trayer --edge bottom --align right --widthtype pixel --width 200 --heighttype pixel --height 32 --SetDockType true ;;
        sni)
            panel_with_nothing_but_a_tray
            part xfce4-panel xfce4-panel --disable-wm-check
            ;;
        none) ;;
        *) fail "TRAY is xembed, sni or none, not '$TRAY'" ;;
    esac
}

wait_for_tray_host() {
    case $TRAY in
        xembed) wait_for trayer sh -c 'xwininfo -root -tree | grep -q "\"trayer\""' ;;
        sni) wait_for_bus_name org.kde.StatusNotifierWatcher ;;
    esac
}

start_input_method() {
    mkdir -p "$XDG_CONFIG_HOME/fcitx5"
    printf '%s\n' '[Groups/0]' Name=Default 'Default Layout=us' DefaultIM=pinyin '[Groups/0/Items/0]' Name=keyboard-us \
        '[Groups/0/Items/1]' Name=pinyin '[GroupOrder]' 0=Default >"$XDG_CONFIG_HOME/fcitx5/profile"
    # What Debian's im-config sets for a person who uses fcitx5; the program has to cope with it.
    export QT_IM_MODULE=fcitx GTK_IM_MODULE=fcitx XMODIFIERS=@im=fcitx
    part fcitx5 fcitx5
}

pinyin_is_there() {
    gdbus call --session --dest org.fcitx.Fcitx5 --object-path /controller \
        --method org.fcitx.Fcitx.Controller1.AvailableInputMethods | grep -q "'pinyin'"
}

xsetroot -solid '#8a9ba8'
part openbox openbox
printf desk | gnome-keyring-daemon --unlock --components=secrets >"$DESK_LOGS/keyring.log" 2>&1
/usr/bin/python3 -u -m dbusmock --session --template notification_daemon >"$DESK_NOTIFICATIONS" 2>"$DESK_LOGS/dbusmock.log" &
start_tray_host
[ -z "$IME" ] || start_input_method
export QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 QT_ACCESSIBILITY=1

wait_for openbox wmctrl -m
wait_for_bus_name org.freedesktop.secrets
wait_for_bus_name org.freedesktop.Notifications
wait_for accessibility gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus --method org.a11y.Bus.GetAddress
wait_for_tray_host
if [ -n "$IME" ]; then
    wait_for_bus_name org.fcitx.Fcitx5
    wait_for_bus_name org.freedesktop.portal.IBus
    wait_for pinyin pinyin_is_there
fi
"$@"
