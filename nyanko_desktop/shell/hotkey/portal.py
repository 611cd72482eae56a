"""A hotkey through the desktop portal, as Wayland wants it: the desktop asks the person and owns the key.

Spoken with ``org.freedesktop.portal.GlobalShortcuts``. Since portal 1.21 a program outside a sandbox must first say who
it is (``host.portal.Registry``), and its desktop entry must be installed. Knows no window.
"""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from typing import Any, Final

from jeepney import DBusAddress, MatchRule, Message, MessageType

from inference_worker.protocol.tasks import spawn
from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import HotkeyState
from nyanko_desktop.shell.dbus import Bus, BusError, session_bus
from nyanko_desktop.shell.hotkey.base import Chord, HotkeyBackend

log = logging.getLogger(__name__)

SHORTCUT: Final = "quick-ask"
CONSENT_SECONDS: Final = 600.0
"""For a person to answer the desktop's question; then it is asked again only when they choose the keys again."""
GRANTED: Final = 0
REFUSED: Final = 1

_NAME: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_SHORTCUTS_NAME: Final = "org.freedesktop.portal.GlobalShortcuts"
_SHORTCUTS: Final = DBusAddress(_PATH, _NAME, _SHORTCUTS_NAME)
_REGISTRY: Final = DBusAddress(_PATH, _NAME, "org.freedesktop.host.portal.Registry")
_PROPERTIES: Final = DBusAddress(_PATH, _NAME, "org.freedesktop.DBus.Properties")
_MODIFIERS: Final = {"Ctrl": "CTRL", "Alt": "ALT", "Shift": "SHIFT", "Meta": "LOGO"}
_KEYSYMS: Final = {"Space": "space", "PgUp": "Prior", "PgDown": "Next", "Del": "Delete", "Ins": "Insert"}


def trigger(chord: Chord) -> str:
    """``chord`` as the XDG shortcuts specification writes it: ``CTRL+ALT+n``."""
    modifiers = [word for name, word in _MODIFIERS.items() if name in chord.modifiers]
    key = chord.key.lower() if len(chord.key) == 1 else _KEYSYMS.get(chord.key, chord.key)
    return "+".join([*modifiers, key])


class PortalHotkey(HotkeyBackend):
    """The shortcut session of one program; ``app_id`` is the name of its desktop entry."""

    def __init__(self, app_id: str) -> None:
        super().__init__()
        self._app_id = app_id
        self._task: asyncio.Task[None] | None = None

    def bind(self, chord: Chord | None) -> None:
        self.close()
        if chord is None:
            self._tell(HotkeyState("unbound"))
            return
        self._tell(HotkeyState("binding", str(chord)))
        self._task = spawn(self._hold(chord), "portal hotkey")

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _hold(self, chord: Chord) -> None:
        try:
            async with session_bus() as bus:
                await self._identify(bus)
                await self._serve(bus, chord)
        except BusError as error:
            log.info("portal: %s", error)
            self._tell(self._refusal(chord, error))

    async def _identify(self, bus: Bus) -> None:
        try:
            await bus.call(_REGISTRY, "Register", "sa{sv}", self._app_id, {})
        except BusError as error:
            log.debug("portals before 1.21 have no registry: %s", error)

    async def _serve(self, bus: Bus, chord: Chord) -> None:
        await bus.call(_PROPERTIES, "Get", "ss", _SHORTCUTS_NAME, "version")
        token = _token()
        code, results = await _request(bus, "CreateSession", "", (), {"session_handle_token": ("s", token)})
        if code != GRANTED:
            raise BusError(f"CreateSession answered {code}")
        session = str(results["session_handle"][1])
        rule = MatchRule(type="signal", interface=_SHORTCUTS_NAME, path=_PATH)
        with bus.signals(rule) as signals:
            await bus.listen(rule)
            if await self._bind_in(bus, session, chord):
                while True:
                    self._take(await signals.get(), session)

    async def _bind_in(self, bus: Bus, session: str, chord: Chord) -> bool:
        shortcut = {"description": ("s", tr("Open quick-ask")), "preferred_trigger": ("s", trigger(chord))}
        body = (session, [(SHORTCUT, shortcut)], "")
        code, results = await _request(bus, "BindShortcuts", "oa(sa{sv})s", body, {}, seconds=CONSENT_SECONDS)
        if code == GRANTED:
            keys = _keys_of(results.get("shortcuts", ("", []))[1])
            self._tell(HotkeyState("bound", keys or str(chord)))
        elif code == REFUSED:
            self._tell(HotkeyState("needs_consent", str(chord), tr("It was not allowed in the desktop's question.")))
        else:
            self._tell(HotkeyState("failed", str(chord), tr("The desktop ended its question without an answer.")))
        return code == GRANTED

    def _take(self, signal: Message, session: str) -> None:
        member = next(value for field, value in signal.header.fields.items() if field.name == "member")
        if signal.header.message_type is not MessageType.signal or not signal.body or signal.body[0] != session:
            return
        if member == "Activated" and signal.body[1] == SHORTCUT:
            options: dict[str, tuple[str, Any]] = signal.body[3]
            if token := options.get("activation_token"):
                os.environ["XDG_ACTIVATION_TOKEN"] = str(token[1])  # Qt shows it to the compositor, which lets us in
            self.pressed.emit(0)
        elif member == "ShortcutsChanged" and (keys := _keys_of(signal.body[1])):
            self._tell(HotkeyState("bound", keys))

    def _refusal(self, chord: Chord, error: BusError) -> HotkeyState:
        if "app id" in str(error).lower() or error.name.endswith("NotAllowed"):
            reason = tr("The desktop wants to know the program first: add Nyanko to the applications under “General”.")
            return HotkeyState("needs_consent", str(chord), reason)
        if error.name.rpartition(".")[2] in ("UnknownInterface", "UnknownMethod", "InvalidArgs", "ServiceUnknown"):
            return HotkeyState("unsupported", str(chord), tr("This desktop lets no program choose keys by itself."))
        return HotkeyState("failed", str(chord), str(error))


async def _request(
    bus: Bus, method: str, signature: str, body: tuple[object, ...], options: dict[str, Any], seconds: float = 25.0
) -> tuple[int, dict[str, Any]]:
    """Call a portal method that answers through a Request object: response code and results. Raises BusError."""
    token = _token()
    sender = bus.unique_name.removeprefix(":").replace(".", "_")
    path = f"{_PATH}/request/{sender}/{token}"
    rule = MatchRule(type="signal", interface="org.freedesktop.portal.Request", member="Response", path=path)
    with bus.signals(rule) as responses:
        await bus.listen(rule)
        await bus.call(_SHORTCUTS, method, signature + "a{sv}", *body, {**options, "handle_token": ("s", token)})
        try:
            async with asyncio.timeout(seconds):
                response = await responses.get()
        except TimeoutError as error:
            raise BusError(f"{method} had no response") from error
    code, results = response.body
    return int(code), results


def _keys_of(shortcuts: list[tuple[str, dict[str, tuple[str, Any]]]]) -> str:
    """How the desktop names the keys of our shortcut; empty when it does not say."""
    for name, details in shortcuts:
        if name == SHORTCUT:
            return str(details.get("trigger_description", ("s", ""))[1])
    return ""


def _token() -> str:
    return f"nyanko{uuid.uuid4().hex}"
