"""The desktop's side of xdg-desktop-portal's global shortcuts: grants every wish. Runs with the system's Python.

Prints ``bind ID TRIGGER`` for each shortcut; the method ``nyanko.test.Portal.Press`` presses one.
"""

from __future__ import annotations

from typing import Any

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.impl.portal.desktop.nyanko_test"
PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.impl.portal.GlobalShortcuts"
GRANTED = dbus.UInt32(0)


class Backend(dbus.service.Object):  # type: ignore[misc]
    """One session, as many shortcuts as are asked for."""

    session = ""

    @dbus.service.method(SHORTCUTS, in_signature="oosa{sv}", out_signature="ua{sv}")
    def CreateSession(self, handle: str, session: str, app_id: str, options: dict[str, Any]) -> Any:
        self.session = session
        print(f"session for {app_id!r}", flush=True)
        return GRANTED, {"session_id": dbus.String("1")}

    @dbus.service.method(SHORTCUTS, in_signature="ooa(sa{sv})sa{sv}", out_signature="ua{sv}")
    def BindShortcuts(self, handle: str, session: str, shortcuts: Any, parent: str, options: dict[str, Any]) -> Any:
        bound = []
        for name, wish in shortcuts:
            print(f"bind {name} {wish.get('preferred_trigger', '')}", flush=True)
            described = {"description": wish["description"], "trigger_description": dbus.String("Ctrl+Alt+N")}
            bound.append((name, dbus.Dictionary(described, signature="sv")))
        return GRANTED, {"shortcuts": dbus.Array(bound, signature="(sa{sv})")}

    @dbus.service.method(SHORTCUTS, in_signature="oo", out_signature="ua{sv}")
    def ListShortcuts(self, handle: str, session: str) -> Any:
        return GRANTED, dbus.Dictionary({}, signature="sv")

    @dbus.service.signal(SHORTCUTS, signature="osta{sv}")
    def Activated(self, session: str, shortcut: str, milliseconds: int, options: dict[str, Any]) -> None:
        """What the portal forwards to the program."""

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface: str) -> Any:
        return {"version": dbus.UInt32(1)}

    @dbus.service.method("nyanko.test.Portal", in_signature="s")
    def Press(self, shortcut: str) -> None:
        now = GLib.get_monotonic_time() // 1000
        self.Activated(dbus.ObjectPath(self.session), shortcut, dbus.UInt64(now), dbus.Dictionary({}, signature="sv"))


def main() -> None:
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    backend = Backend(bus, PATH)
    name = dbus.service.BusName(NAME, bus)
    print(f"{name.get_name()} at {backend}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
