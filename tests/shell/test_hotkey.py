"""What is a hotkey, and what becomes of one: parsing, the portal against a bus of our own, key tables."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend, parse
from nyanko_desktop.shell.hotkey.choose import choose_backend
from nyanko_desktop.shell.hotkey.none import NoHotkey
from nyanko_desktop.shell.hotkey.portal import PortalHotkey, trigger
from nyanko_desktop.shell.hotkey.windows import virtual_key
from tests.shell.conftest import Run
from tests.shell.fake_bus import Answer, FakeBus, RefusalError

APP = "io.github.nyanko_desktop.Nyanko"
SESSION = "/session/1"
PORTAL_PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("Ctrl+Alt+N", "Ctrl+Alt+N"),
        ("alt+ctrl+n", "Ctrl+Alt+N"),
        ("Meta+Space", "Meta+Space"),
        ("shift+alt+pgup", "Alt+Shift+PgUp"),
        ("Ctrl+,", "Ctrl+,"),
        ("f12", "F12"),
        ("Shift+F5", "Shift+F5"),
    ],
)
def test_a_chord_is_read_in_any_case_and_order(text: str, chord: str) -> None:
    assert str(parse(text)) == chord


@pytest.mark.parametrize("text", ["", "N", "Shift+A", "Ctrl", "Ctrl+Alt", "Ctrl+", "Hyper+N", "Ctrl++N", "F99"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hotkey"):
        parse(text)


def test_where_no_program_may_bind_keys_the_reason_is_said(qapp: object) -> None:
    backend = choose_backend("offscreen", {}, APP)
    assert isinstance(backend, NoHotkey)
    backend.bind(parse("Ctrl+Alt+N"))
    assert backend.state.kind == "unsupported"
    assert backend.state.reason
    backend.bind(None)
    assert backend.state == HotkeyState("unbound")


def test_wayland_takes_the_portal_also_on_its_x_server(qapp: object) -> None:
    assert isinstance(choose_backend("wayland", {}, APP), PortalHotkey)
    assert isinstance(choose_backend("xcb", {"XDG_SESSION_TYPE": "wayland"}, APP), PortalHotkey)


def test_the_portal_reads_keys_as_the_shortcuts_specification_writes_them() -> None:
    assert trigger(parse("Ctrl+Alt+N")) == "CTRL+ALT+n"
    assert trigger(parse("Meta+Space")) == "LOGO+space"


def test_windows_knows_the_usual_keys() -> None:
    assert [virtual_key(key) for key in ("N", "7", "F5", "Space", "?")] == [ord("N"), ord("7"), 0x74, 0x20, 0]


# ---------------------------------------------------------------- the portal


class Portal:
    """The desktop's side: answers requests with ``code`` through Response signals."""

    def __init__(self, bus: FakeBus, code: int = 0) -> None:
        self.bus = bus
        self.code = code
        bus.services |= {
            "Register": lambda _app, _options: ("", ()),
            "Get": lambda _interface, _name: ("v", (("u", 1),)),
            "CreateSession": self.create_session,
            "BindShortcuts": self.bind_shortcuts,
        }

    def create_session(self, options: dict[str, Any]) -> Answer:
        return self.respond(options, 0, {"session_handle": ("s", SESSION)})

    def bind_shortcuts(self, _session: str, shortcuts: Any, _parent: str, options: dict[str, Any]) -> Answer:
        named = [(name, {**details, "trigger_description": ("s", "Strg+Alt+N")}) for name, details in shortcuts]
        return self.respond(options, self.code, {"shortcuts": ("a(sa{sv})", named)})

    def respond(self, options: dict[str, Any], code: int, results: dict[str, Any]) -> Answer:
        path = f"{PORTAL_PATH}/request/1_7/{options['handle_token'][1]}"
        asyncio.get_running_loop().call_soon(
            lambda: self.bus.emit(path, "org.freedesktop.portal.Request", "Response", "ua{sv}", code, results)
        )
        return "o", (path,)

    def activate(self) -> None:
        self.bus.emit(PORTAL_PATH, SHORTCUTS, "Activated", "osta{sv}", SESSION, "quick-ask", 1, {})


async def settled(backend: HotkeyBackend, chord: Chord) -> HotkeyState:
    """Bind and return the state after ``binding``."""
    states: asyncio.Queue[HotkeyState] = asyncio.Queue()
    backend.state_changed.connect(states.put_nowait)
    backend.bind(chord)
    while (state := await states.get()).kind == "binding":
        pass
    return state


def test_the_portal_learns_who_asks_then_binds_and_tells_of_presses(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            portal, backend = Portal(bus), PortalHotkey(APP)
            state = await settled(backend, parse("Ctrl+Alt+N"))
            assert state == HotkeyState("bound", "Strg+Alt+N")
            assert bus.calls[1] == ("Register", (APP, {}))
            ((_, [(name, details)], _, _),) = bus.called_with("BindShortcuts")
            assert (name, details["preferred_trigger"]) == ("quick-ask", ("s", "CTRL+ALT+n"))
            pressed = asyncio.Event()
            backend.pressed.connect(pressed.set)
            portal.activate()
            await pressed.wait()
            backend.close()

    run(work())


def test_a_person_who_says_no_is_told_how_it_stands(run: Run, bus: FakeBus) -> None:
    async def work() -> HotkeyState:
        async with bus:
            Portal(bus, code=1)
            return await settled(PortalHotkey(APP), parse("Ctrl+Alt+N"))

    assert run(work()).kind == "needs_consent"


def test_an_old_portal_without_a_registry_works_too(run: Run, bus: FakeBus) -> None:
    async def work() -> HotkeyState:
        async with bus:
            Portal(bus)
            del bus.services["Register"]
            backend = PortalHotkey(APP)
            state = await settled(backend, parse("Ctrl+Alt+N"))
            backend.close()
            return state

    assert run(work()).kind == "bound"


def test_a_portal_that_wants_the_desktop_entry_first_is_explained(run: Run, bus: FakeBus) -> None:
    def refuse(_options: dict[str, Any]) -> Answer:
        raise RefusalError("org.freedesktop.portal.Error.NotAllowed")

    async def work() -> HotkeyState:
        async with bus:
            Portal(bus)
            bus.services["CreateSession"] = refuse
            return await settled(PortalHotkey(APP), parse("Ctrl+Alt+N"))

    assert run(work()).kind == "needs_consent"


def test_a_desktop_without_global_shortcuts_is_unsupported(run: Run, bus: FakeBus) -> None:
    async def work() -> HotkeyState:
        async with bus:
            return await settled(PortalHotkey(APP), parse("Ctrl+Alt+N"))

    assert run(work()).kind == "unsupported"


def test_without_a_bus_it_fails_with_the_reason(run: Run, bus: FakeBus) -> None:
    state = run(settled(PortalHotkey(APP), parse("Ctrl+Alt+N")))
    assert state.kind == "failed"
    assert "no session bus" in state.reason
