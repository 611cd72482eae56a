"""The running app: what it does from the tray icon to the last closed file. Knows its windows only as a port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

import PySide6
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.tasks import spawn
from nyanko_desktop import i18n
from nyanko_desktop.app_connection import App, version
from nyanko_desktop.chat.controller import ChatController
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain, internal
from nyanko_desktop.i18n import tr
from nyanko_desktop.instance import Instance
from nyanko_desktop.paths import Paths
from nyanko_desktop.permissions.controller import PermissionsController
from nyanko_desktop.settings.controller import SettingsController
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.tools import ToolSettingsController
from nyanko_desktop.settings.view import AboutView, HotkeyState
from nyanko_desktop.shell.bootstrap import APP_ID, ENDING_SIGNALS, asked_to_end, report_exceptions_to
from nyanko_desktop.shell.call_notices import CallNotices
from nyanko_desktop.shell.hotkey.base import HotkeyBackend, parse
from nyanko_desktop.shell.hotkey.choose import choose_backend
from nyanko_desktop.shell.notifier import Notifier
from nyanko_desktop.shell.services import Services
from nyanko_desktop.shell.this_desktop import ThisDesktop
from nyanko_desktop.shell.tray import Tray
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.doctor import as_text, examine
from nyanko_desktop.terminal.output import TextOutput
from nyanko_desktop.worker.command import WorkerCommand, worker_command

log = logging.getLogger(__name__)

TRAY_SECONDS: Final = 4.0
"""At login the panel may start after us; only then is the window shown in its place."""
NOTICE_SECONDS: Final = 1.0
"""For the desktop to take notifications away when the program ends; it takes milliseconds."""
OnClose = Literal["hide", "minimise", "close"]


@dataclass(frozen=True, slots=True)
class Options:
    """How the program was started."""

    profile: Path | None = None
    """``None``: the person's own."""
    hidden: bool = False
    """To the tray alone."""
    debug: bool = False
    trace_wire: bool = False


class Windows(Protocol):
    """The windows, made by the composition root."""

    def show_chat(self) -> None: ...
    def show_quick_ask(self, when: int = 0) -> None: ...
    def show_settings(self) -> None: ...
    def show_conversation(self, conversation: int) -> None: ...
    def in_sight(self, conversation: int) -> bool: ...
    def when_sight_changes(self, call: Callable[[], object]) -> None: ...
    def close(self) -> None: ...


class Nyanko:
    """One app of one profile. Everything that a window may ask for is a method here, or of a controller."""

    services: Services
    chat: ChatController
    """What the chat window shows."""
    quick: ChatController
    """What quick-ask shows."""
    settings_controller: SettingsController
    permissions: PermissionsController
    """Grants, ledger and notes."""
    tool_settings: ToolSettingsController

    def __init__(self, paths: Paths, options: Options, tray: Tray) -> None:
        self._stop = asyncio.Event()
        self._obey_signals()
        self.paths = paths
        self.options = options
        self.tray = tray
        self.settings = SettingsStore(paths.settings)
        self.desktop = ThisDesktop(tray, options.profile)
        self.notifier = Notifier()
        self.hotkey: HotkeyBackend = choose_backend(QGuiApplication.platformName(), os.environ, APP_ID)
        self._windows: Windows | None = None
        self._told_where = False
        self._notices: CallNotices | None = None

    # ------------------------------------------------------------ from start to end

    async def run(
        self, make_windows: Callable[[Nyanko], Windows], show_trouble: Callable[[Explanation], asyncio.Future[None]]
    ) -> int | None:
        """Live until somebody quits; the exit code, ``None`` when another app has the profile.

        ``show_trouble`` tells the person what keeps the app from starting.
        """
        instance = await Instance.claim(self.paths)
        if instance is None:
            return None
        try:
            self.services = await Services.open(self.paths, self.settings, self._worker_command, _open_link)
        except RequestError as error:
            log.error("the app cannot start: %s", error)
            self.tray.close()
            read = asyncio.ensure_future(show_trouble(explain(error.error)))
            await asyncio.wait((read, spawn(self._stop.wait(), "quit")), return_when=asyncio.FIRST_COMPLETED)
            await instance.close()
            return 1
        try:
            await self._live(instance, make_windows)
        finally:
            await self._close(instance)
        return 0

    def quit(self) -> None:
        """End the app; safe to call at any time."""
        self._stop.set()

    async def _live(self, instance: Instance, make_windows: Callable[[Nyanko], Windows]) -> None:
        services = self.services
        self.chat, self.quick = ChatController(services.hub), ChatController(services.hub)
        self.settings_controller = SettingsController(self.settings, services.worker, self.desktop, self.paths.cache)
        self.settings_controller.set_about(AboutView(self._about()))
        self.permissions = PermissionsController(
            services.permissions, services.notes, lambda: self.settings.current.persona
        )
        report = self.settings_controller.report
        self.tool_settings = ToolSettingsController(
            self.settings,
            services.secrets,
            self.paths.profile,
            report,
            services.worker,
            self.settings_controller.set_tools_state,
        )
        i18n.on_language_changed(self._say_again)
        report_exceptions_to(lambda error: services.hub.report(internal(error)))
        self._windows = make_windows(self)
        self._connect_tray()
        self._connect_hotkey()
        self._notices = CallNotices(
            services.hub,
            self.notifier,
            self._windows.in_sight,
            self._windows.show_conversation,
            self.tray.render_waiting,
        )
        self._windows.when_sight_changes(self._notices.look)
        await instance.serve(self._for_others())
        self.tray.listen()
        reminders = spawn(services.reminders.run(self.notifier), "reminders")
        arrival = spawn(self._show_first_window(), "first window")
        await self._stop.wait()
        for task in (reminders, arrival):
            task.cancel()

    async def _show_first_window(self) -> None:
        assert self._windows is not None
        if self.options.hidden and await self._tray_comes():
            return
        self._windows.show_chat()

    async def _tray_comes(self) -> bool:
        """Whether there is a tray, now or soon."""
        came = asyncio.Event()
        self.tray.host_changed.connect(lambda _: came.set())
        if not self.tray.has_host:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(came.wait(), TRAY_SECONDS)
        return self.tray.has_host

    async def _close(self, instance: Instance) -> None:
        self.hotkey.close()
        if self._notices is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._notices.take_back(), NOTICE_SECONDS)
        self.notifier.close()
        self.tray.close()
        if self._windows is not None:
            self._windows.close()
        await instance.close()
        for controller in (self.chat, self.quick, self.tool_settings, self.settings_controller):
            controller.close()
        await self.services.close()

    def _obey_signals(self) -> None:
        application = QGuiApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.quit)
        if sys.platform != "win32":
            for number in ENDING_SIGNALS:
                asyncio.get_running_loop().add_signal_handler(number, self.quit)
        if asked_to_end():
            self.quit()

    # ------------------------------------------------------------ what others use

    def _worker_command(self) -> WorkerCommand:
        level = "DEBUG" if self.options.debug else "INFO"
        return worker_command(log_level=level, trace_wire=self.options.trace_wire)

    def _for_others(self) -> App:
        assert self._windows is not None
        windows = self._windows
        return App(
            worker=self.services.worker,
            host_tools=self.services.host_tools,
            show=windows.show_chat,
            show_quick_ask=windows.show_quick_ask,
            details=self._details,
        )

    def _say_again(self) -> None:
        """Words that were made once and are shown for long, in another language."""
        self.settings_controller.set_about(AboutView(self._about()))
        if self.hotkey.state.reason:
            self._bind_hotkey(self.settings.current.hotkey.quick_ask)

    def _details(self) -> dict[str, str]:
        hotkey = self.hotkey.state
        return {
            "tray": self.tray.host,
            "hotkey": " ".join(filter(None, (hotkey.keys, hotkey.kind, hotkey.reason))),
            "qt": f"{PySide6.__version__} {QGuiApplication.platformName()}",
        }

    def _about(self) -> tuple[tuple[str, str], ...]:
        return (
            ("Nyanko", version()),
            ("Python", platform.python_version()),
            ("PySide6", PySide6.__version__),
            (tr("Profile"), str(self.paths.profile)),
            (tr("Settings"), str(self.paths.settings)),
            (tr("Log"), str(self.paths.log)),
        )

    # ------------------------------------------------------------ what a person asks for

    def on_close(self) -> OnClose:
        """What closing the chat window does."""
        if not self.tray.has_host:
            self._tell_where_it_went()
            return "minimise"
        if self.settings.current.desktop.close_to_tray:
            return "hide"
        self.quit()
        return "close"

    def free_memory(self) -> None:
        """Give back every byte of the model."""
        spawn(self.services.worker.free_memory(), "free memory")

    def restart_worker(self) -> None:
        spawn(self._restart_worker(), "restart the worker")

    def copy_report(self) -> None:
        """What ``nyanko doctor`` says goes to the clipboard."""
        spawn(self._copy_report(), "copy the report")

    def toggle_quick_ask(self, when: int) -> None:
        """The hotkey was pressed at ``when``."""
        assert self._windows is not None
        self._windows.show_quick_ask(when)

    def new_conversation(self) -> None:
        assert self._windows is not None
        self.chat.new_conversation()
        self._windows.show_chat()

    def _open_from_tray(self) -> None:
        """Where something waits for the person, that is what they want to see."""
        assert self._windows is not None
        waiting = self._notices.waiting() if self._notices is not None else None
        if waiting is None or self._windows.in_sight(waiting):
            self._windows.show_chat()
        else:
            self._windows.show_conversation(waiting)

    async def _restart_worker(self) -> None:
        try:
            await self.services.worker.start()
        except RequestError as error:
            log.info("the worker did not start: %s", error.error.code)

    async def _copy_report(self) -> None:
        context = Context(self.paths, self.settings.current, self._worker_command, TextOutput())
        report = as_text(await examine(context))
        QGuiApplication.clipboard().setText(report)
        self.settings_controller.set_about(AboutView(self._about(), copied=True))

    def _tell_where_it_went(self) -> None:
        """Once in each run: without a tray a closed window must not seem lost."""
        if not self._told_where:
            self._told_where = True
            title = tr("Nyanko is still here")
            text = tr("This desktop has no tray, so the window was minimised. Ctrl+Q quits.")
            spawn(self._notify(title, text, "no-tray"), "notify")

    async def _notify(self, title: str, text: str, key: str) -> None:
        try:
            await self.notifier.show(title, text, key)
        except OSError as error:
            log.info("not told: %s", error)

    # ------------------------------------------------------------ tray and hotkey

    def _connect_tray(self) -> None:
        assert self._windows is not None
        tray, windows = self.tray, self._windows
        tray.open_requested.connect(self._open_from_tray)
        tray.quick_ask_requested.connect(windows.show_quick_ask)
        tray.new_conversation_requested.connect(self.new_conversation)
        tray.free_memory_requested.connect(self.free_memory)
        tray.settings_requested.connect(windows.show_settings)
        tray.quit_requested.connect(self.quit)
        tray.host_changed.connect(self._tray_changed)
        self.services.worker.subscribe(tray.render)
        i18n.on_language_changed(tray.retranslate)
        tray.retranslate()
        tray.render(self.services.worker.state)
        self._tray_changed()

    def _tray_changed(self) -> None:
        self.notifier.tray = self.tray.icon
        self.settings_controller.desktop_changed()

    def _connect_hotkey(self) -> None:
        self.hotkey.pressed.connect(self.toggle_quick_ask)
        self.hotkey.state_changed.connect(self.settings_controller.set_hotkey_state)
        asked: tuple[str, str] | None = None

        def follow(settings: Settings) -> None:
            nonlocal asked
            wish = (settings.hotkey.quick_ask, settings.desktop.desktop_entry)  # portals refuse without the entry
            if wish != asked:
                asked = wish
                self._bind_hotkey(settings.hotkey.quick_ask)

        self.settings.subscribe(follow)
        follow(self.settings.current)

    def _bind_hotkey(self, keys: str) -> None:
        try:
            self.hotkey.bind(parse(keys) if keys else None)
        except ValueError as error:
            log.info("hotkey: %s", error)
            self.hotkey.bind(None)
            self.settings_controller.set_hotkey_state(HotkeyState("failed", keys, tr("These are no keys.")))


def _open_link(link: str) -> bool:
    """Hand a link that a tool may open to the person's browser."""
    return QDesktopServices.openUrl(QUrl(link))
