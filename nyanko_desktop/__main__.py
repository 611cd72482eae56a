"""The composition root: a command goes to the command line, everything else becomes the app. Nobody else imports ui.

The tray icon comes first and the rest behind it, so that the cat is there as soon as Qt can show it; that is why most
imports stand inside functions.
"""

from __future__ import annotations

import signal

QUIET_START = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if QUIET_START:  # Ctrl-C while modules are imported ends the program without a traceback; main() takes over
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nyanko_desktop.cli import build_parser, is_cli_command
from nyanko_desktop.i18n import set_language, tr
from nyanko_desktop.locks import FileLock
from nyanko_desktop.paths import Paths, profile_paths
from nyanko_desktop.shell.display import has_display

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QApplication

    from nyanko_desktop.chat.controller import ChatController
    from nyanko_desktop.chat.view_state import Explanation, ViewState
    from nyanko_desktop.models.view import CopyEntry, LibraryView
    from nyanko_desktop.settings.schema import Settings
    from nyanko_desktop.settings.servers import ServersController
    from nyanko_desktop.shell.app import Nyanko
    from nyanko_desktop.shell.tray import Tray
    from nyanko_desktop.worker.state import WorkerState
    from ui.chat_window import ChatWindow
    from ui.settings.library_page import LibraryPage
    from ui.settings.model_page import ModelPage
    from ui.settings.permissions_page import PermissionsPage
    from ui.settings.servers_page import ServersPage
    from ui.settings.tools_page import ToolsPage
    from ui.settings.window import SettingsWindow

FAILED: Final = 1
FRESH_SECONDS: Final = 600.0
"""Quick-ask that was away for longer begins a new conversation: who comes back by then rarely means the old one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``nyanko`` with ``argv`` (without the program's name); the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if is_cli_command(words):
        from nyanko_desktop import cli

        return cli.main(words, heed_interrupts=QUIET_START)
    set_language("auto")
    arguments = _parse(words)
    if not has_display(os.environ):
        print(tr("There is no display here. “nyanko chat” talks to Nyanko in this terminal."), file=sys.stderr)
        return FAILED
    try:
        paths = profile_paths(arguments.profile)
    except OSError as error:
        from nyanko_desktop.errors import explain_profile

        print(explain_profile(error), file=sys.stderr)
        return FAILED
    return _raise_other(paths, arguments.hidden) if _runs_already(paths) else _run_app(paths, arguments)


# ---------------------------------------------------------------- starting


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = build_parser()
    parser.add_argument("--hidden", action="store_true", help=tr("start to the tray, without a window"))
    return parser.parse_args(words)


def _runs_already(paths: Paths) -> bool:
    """A quick look before Qt is loaded; Instance.claim decides."""
    lock = FileLock(paths.instance_lock)
    free = lock.acquire(shared=True)
    lock.release()
    return not free


def _raise_other(paths: Paths, hidden: bool) -> int:
    import asyncio

    return asyncio.run(_raise_running_app(paths, hidden))


async def _raise_running_app(paths: Paths, hidden: bool) -> int:
    """Ask the app that runs already to show itself; the exit code of this second start."""
    from inference_worker.protocol.errors import RequestError
    from nyanko_desktop.app_link import find_app
    from nyanko_desktop.errors import explain, in_one_line, two_sentences

    try:
        app = await find_app(paths)
        if app is None:
            return FAILED
        try:
            if not hidden:
                await app.show()
        finally:
            await app.close()
    except RequestError as error:
        words = explain(error.error)
        print(two_sentences(in_one_line(words), words.hint), file=sys.stderr)
        return FAILED
    return 0


def _run_app(paths: Paths, arguments: argparse.Namespace) -> int:
    from nyanko_desktop.shell import bootstrap

    bootstrap.remember_signals()
    bootstrap.route_qt_messages()
    bootstrap.write_crashes_to(paths.logs / "crash.log")
    application = bootstrap.make_application(os.environ, "nyanko")
    tray = _make_tray()
    application.processEvents()  # the cat shows while the rest is being imported

    from nyanko_desktop.logs import start_logging, stop_logging

    only = arguments.log_filter or ()
    start_logging(paths.log, debug=arguments.debug, only=only, trace_wire=arguments.trace_wire)
    try:
        return _live(application, paths, arguments, tray)
    finally:
        stop_logging()


def _make_tray() -> Tray:
    """The cat asleep, as a ready picture: drawing the SVG would cost half as much again as Qt's own start."""
    from PySide6.QtGui import QIcon

    from nyanko_desktop.assets import resource
    from nyanko_desktop.shell.tray import Tray

    return Tray(QIcon(str(resource("icons", "tray-asleep.png"))))


def _live(application: QApplication, paths: Paths, arguments: argparse.Namespace, tray: Tray) -> int:
    import asyncio

    from nyanko_desktop.shell.app import Nyanko, Options
    from nyanko_desktop.shell.bootstrap import translate_qt
    from nyanko_desktop.shell.loop import NyankoLoop

    profile = Path(arguments.profile).expanduser().absolute() if arguments.profile else None
    options = Options(profile, arguments.hidden, arguments.debug, arguments.trace_wire)

    async def live() -> int:
        nyanko = Nyanko(paths, options, tray)
        set_language(nyanko.settings.current.language)
        translate_qt(application)
        code = await nyanko.run(lambda nyanko: AppWindows(application, nyanko), _show_trouble)
        return await _raise_running_app(paths, options.hidden) if code is None else code

    with asyncio.Runner(loop_factory=lambda: NyankoLoop(application)) as runner:
        return runner.run(live())


# ---------------------------------------------------------------- windows


class AppWindows:
    """The windows of one app, and the wires between them and its controllers."""

    def __init__(self, application: QApplication, nyanko: Nyanko) -> None:
        from nyanko_desktop.shell.this_desktop import is_composited
        from ui.avatar import app_icon, mood_of, tray_icon
        from ui.quick_ask import QuickAsk
        from ui.status import tray_words
        from ui.theme import ThemeFollower

        nyanko.tray.show_states(lambda state, waits: tray_icon(mood_of(state), waits=waits), tray_words)
        application.setWindowIcon(app_icon())
        self._nyanko = nyanko
        self._theme = ThemeFollower(application, nyanko.settings.current.theme)
        self._language = nyanko.settings.current.language
        nyanko.settings.subscribe(self._follow)
        self._chat = self._make_chat()
        self._show_offline(nyanko.settings.current)
        self._begin_offers()
        self._quick = QuickAsk(composited=is_composited(application.platformName()))
        self._quick_left = 0.0
        """When quick-ask was hidden; 0 before it was used."""
        self._connect_quick()
        self._settings: SettingsWindow | None = None
        self._servers: ServersController | None = None
        self._loaded = False
        self._copies: tuple[str, tuple[CopyEntry, ...]] = "", ()
        """The chosen model and its quantized copies, as they were when memory was last planned."""

    def show_chat(self) -> None:
        """Bring the chat window to the person, wherever it is, with what others have stored meanwhile."""
        self._nyanko.chat.refresh()
        if self._chat.isMinimized():
            self._chat.showNormal()
        self._chat.show()
        self._chat.raise_()
        self._chat.activateWindow()
        self._nyanko.hotkey.focus(int(self._chat.winId()), 0)

    def show_quick_ask(self, when: int = 0) -> None:
        """Show quick-ask because of a key pressed at ``when``, or hide it when it has the keyboard already."""
        quick = self._quick
        if when and quick.isVisible() and quick.isActiveWindow():
            quick.dismiss()
            return
        if self._quick_left and time.monotonic() - self._quick_left > FRESH_SECONDS:
            self._nyanko.quick.new_conversation()
        quick.present()
        self._nyanko.hotkey.focus(int(quick.winId()), when)

    def show_settings(self) -> None:
        """Show the settings window; the first time makes it."""
        if self._settings is None:
            self._settings = self._make_settings()
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def show_conversation(self, conversation: int) -> None:
        """Open a conversation in the chat window, and bring that to the person."""
        self._nyanko.chat.open(conversation)
        self.show_chat()

    def in_sight(self, conversation: int) -> bool:
        """Whether a window on the screen shows that conversation; another program's may lie above it."""
        shown = ((self._chat, self._nyanko.chat), (self._quick, self._nyanko.quick))
        return any(
            window.isVisible() and not window.isMinimized() and controller.state.current == conversation
            for window, controller in shown
        )

    def when_sight_changes(self, call: Callable[[], object]) -> None:
        """Call it when a window leaves the screen, or shows something else."""
        self._chat.left_sight.connect(call)
        self._quick.dismissed.connect(call)

        def follow(_state: ViewState) -> None:
            call()

        for controller in (self._nyanko.chat, self._nyanko.quick):
            controller.subscribe(follow)

    def close(self) -> None:
        """Take every window from the screen; the app is ending."""
        if self._servers is not None:
            self._servers.close()
        for window in (self._chat, self._quick, self._settings):
            if window is not None:
                window.hide()

    def _make_chat(self) -> ChatWindow:
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QKeySequence, QShortcut

        from ui.chat_window import ChatWindow

        window, nyanko, chat = ChatWindow(self._nyanko.on_close), self._nyanko, self._nyanko.chat
        window.send.connect(chat.send)
        window.stop.connect(chat.stop)
        window.retry.connect(chat.retry)
        window.resume.connect(chat.resume)
        window.open_conversation.connect(chat.open)
        window.new_conversation.connect(chat.new_conversation)
        window.delete_conversation.connect(chat.delete)
        window.rename_conversation.connect(chat.rename)
        window.search.connect(chat.search)
        window.settings_requested.connect(self.show_settings)
        window.free_memory_requested.connect(nyanko.free_memory)
        window.link_clicked.connect(_open_link)
        window.action_requested.connect(self._act)
        window.call_acted.connect(partial(_act_on_call, chat))
        keys = QKeySequence(QKeySequence.StandardKey.Quit)
        QShortcut(keys, window, context=Qt.ShortcutContext.WindowShortcut).activated.connect(nyanko.quit)
        window.offer_opened.connect(self._open_library)
        window.offer_dismissed.connect(nyanko.settings_controller.dismiss_offer)
        chat.subscribe(window.render)
        window.render(chat.state)
        return window

    def _connect_quick(self) -> None:
        window, nyanko, quick = self._quick, self._nyanko, self._nyanko.quick
        window.send.connect(quick.send)
        window.stop.connect(quick.stop)
        window.retry.connect(quick.retry)
        window.resume.connect(quick.resume)
        window.new_conversation.connect(quick.new_conversation)
        window.open_in_chat.connect(self._open_in_chat)
        window.free_memory_requested.connect(nyanko.free_memory)
        window.link_clicked.connect(_open_link)
        window.action_requested.connect(self._act)
        window.call_acted.connect(partial(_act_on_call, quick))
        window.dismissed.connect(self._quick_was_left)
        quick.subscribe(window.render_state)
        window.render_state(quick.state)

    def _make_settings(self) -> SettingsWindow:
        from ui.settings.window import SettingsWindow

        window, controller = SettingsWindow(), self._nyanko.settings_controller
        general = window.general_page
        self._connect_model_page(window.model_page)
        self._connect_library_page(window.library_page)
        self._connect_tools_page(window.tools_page)
        self._connect_servers_page(window.servers_page)
        self._connect_permissions_page(window.permissions_page)
        window.hotkey_page.keys_chosen.connect(controller.choose_hotkey)
        window.look_page.language_chosen.connect(controller.choose_language)
        window.look_page.theme_chosen.connect(controller.choose_theme)
        general.start_at_login_changed.connect(controller.set_start_at_login)
        general.desktop_entry_changed.connect(controller.set_desktop_entry)
        general.close_to_tray_changed.connect(controller.set_close_to_tray)
        window.about_page.report_requested.connect(self._nyanko.copy_report)
        window.opened.connect(self._look_again)
        window.notice_dismissed.connect(self._dismiss_notices)
        library = self._nyanko.services.library
        controller.subscribe(window.render_view)
        library.subscribe(window.render_library)
        library.subscribe(self._follow_copies)
        self._nyanko.services.worker.subscribe(self._follow_load)
        window.render_view(controller.view)
        window.render_library(library.view)
        return window

    def _connect_model_page(self, page: ModelPage) -> None:
        controller, library = self._nyanko.settings_controller, self._nyanko.services.library
        page.precision_chosen.connect(controller.choose_precision)
        page.device_chosen.connect(controller.choose_device)
        page.context_chosen.connect(controller.choose_context)
        page.group_chosen.connect(controller.choose_group)
        page.kv_cache_chosen.connect(controller.choose_kv_cache)
        page.free_after_chosen.connect(controller.choose_free_after)
        page.free_memory_requested.connect(controller.free_memory)
        page.restart_requested.connect(self._nyanko.restart_worker)
        page.quantize_requested.connect(library.quantize)
        page.pause_requested.connect(library.pause)
        page.resume_requested.connect(library.resume)
        page.cancel_requested.connect(library.cancel)

    def _connect_library_page(self, page: LibraryPage) -> None:
        controller, library = self._nyanko.settings_controller, self._nyanko.services.library
        page.model_chosen.connect(controller.choose_model)
        page.model_added.connect(controller.add_folder)
        page.removal_requested.connect(library.ask_removal)
        page.removal_confirmed.connect(library.confirm_removal)
        page.removal_declined.connect(library.keep_model)
        page.pull_requested.connect(library.pull)
        page.offer_accepted.connect(lambda id, precision: library.pull(id, then_use=precision))
        page.pause_requested.connect(library.pause)
        page.resume_requested.connect(library.resume)
        page.cancel_requested.connect(library.cancel)
        page.hub_chosen.connect(library.choose_hub)
        page.token_entered.connect(library.set_token)
        page.token_forgotten.connect(lambda: library.set_token(""))
        page.offline_changed.connect(library.set_offline)
        page.notice_dismissed.connect(library.dismiss_notice)

    def _connect_tools_page(self, page: ToolsPage) -> None:
        tools = self._nyanko.tool_settings
        page.refresh_requested.connect(tools.look)
        page.folder_opened.connect(tools.open_folder)
        page.folder_closed.connect(tools.close_folder)
        page.search_chosen.connect(tools.choose_search)
        page.search_key_entered.connect(tools.set_search_key)
        page.python_changed.connect(tools.set_python)
        page.beyond_training_changed.connect(tools.set_beyond_training)
        page.tool_changed.connect(tools.set_tool)

    def _connect_servers_page(self, page: ServersPage) -> None:
        from nyanko_desktop.settings.mcp_import import read_servers
        from nyanko_desktop.settings.servers import ServersController

        nyanko, services, tools = self._nyanko, self._nyanko.services, self._nyanko.tool_settings
        worker = services.worker
        self._servers = ServersController(nyanko.settings, services.toolbox, tools, worker.tools, read_servers)
        page.refresh_requested.connect(self._servers.refresh)
        page.text_given.connect(self._servers.read)
        page.file_given.connect(self._servers.read_file)
        page.import_chosen.connect(self._servers.add)
        page.import_declined.connect(self._servers.forget_imported)
        page.restart_requested.connect(self._servers.restart)
        page.notice_dismissed.connect(self._servers.dismiss_notice)
        page.server_switched.connect(tools.set_server)
        page.removal_requested.connect(tools.remove_server)
        page.tool_changed.connect(self._servers.set_tool)
        page.level_chosen.connect(self._servers.set_level)
        self._servers.subscribe(page.render_servers)
        page.render_servers(self._servers.view)

    def _connect_permissions_page(self, page: PermissionsPage) -> None:
        permissions = self._nyanko.permissions
        page.refresh_requested.connect(permissions.refresh)
        page.revoke_requested.connect(permissions.revoke)
        page.search_requested.connect(permissions.search)
        page.older_requested.connect(permissions.show_older)
        page.note_edited.connect(permissions.edit_note)
        page.note_deleted.connect(permissions.delete_note)
        page.notice_dismissed.connect(permissions.dismiss_notice)
        permissions.subscribe(page.render_permissions)
        page.render_permissions(permissions.view)

    # ------------------------------------------------------------ what windows ask for

    def _follow(self, settings: Settings) -> None:
        """Theme, language and network change while everything goes on."""
        self._show_offline(settings)
        self._theme.choose(settings.theme)
        if settings.language != self._language:
            self._language = settings.language
            set_language(settings.language)

    def _show_offline(self, settings: Settings) -> None:
        for shown in (self._chat, self._nyanko.tray):
            shown.render_offline(settings.network.offline)

    def _begin_offers(self) -> None:
        """A person with nothing but the embedded model is told once that a larger one fits."""
        nyanko = self._nyanko
        nyanko.services.library.subscribe(lambda _: self._offer())
        nyanko.settings.subscribe(lambda _: self._offer())
        if nyanko.settings.current.desktop.offer_models and not nyanko.settings.current.model.path:
            nyanko.services.library.refresh()

    def _offer(self) -> None:
        view, wanted = self._nyanko.services.library.view, self._nyanko.settings.current.desktop.offer_models
        offered = next((one for one in view.recommended if one.id), None)
        self._chat.render_offer(offered if wanted and not view.jobs else None)

    def _open_library(self) -> None:
        self.show_settings()
        assert self._settings is not None
        self._settings.open_page(self._settings.library_page)

    def _look_again(self) -> None:
        """What the settings window says of memory and disk, as it is now."""
        self._nyanko.settings_controller.refresh()
        self._nyanko.services.library.refresh()

    def _follow_copies(self, view: LibraryView) -> None:
        """Another quantized copy of the model changes what loading it takes; another model is planned for anyway."""
        key, copies = next(((entry.key, entry.copies) for entry in view.models if entry.chosen), ("", ()))
        known_key, known = self._copies
        self._copies = key, copies
        if key == known_key and copies != known:
            self._nyanko.settings_controller.refresh()

    def _follow_load(self, state: WorkerState) -> None:
        """A load that has ended was measured, and what is free is something else now."""
        loaded, self._loaded = self._loaded, state.kind == "resident"
        if self._loaded and not loaded and self._settings is not None and self._settings.isVisible():
            self._nyanko.settings_controller.refresh()

    def _open_in_chat(self) -> None:
        if (conversation := self._nyanko.quick.state.current) is not None:
            self._nyanko.chat.open(conversation)
            self._nyanko.quick.new_conversation()
        self.show_chat()

    def _quick_was_left(self) -> None:
        self._quick_left = time.monotonic()

    def _act(self, action: str) -> None:
        """What a button on a card or notice does beyond its own window."""
        match action:
            case "open_settings":
                self.show_settings()
            case "restart_worker":
                self._nyanko.restart_worker()
            case "copy_report":
                self._nyanko.copy_report()
            case "dismiss_notice":
                self._dismiss_notices()

    def _dismiss_notices(self) -> None:
        """What was read in one window need not be read in the next."""
        nyanko = self._nyanko
        for controller in (nyanko.chat, nyanko.quick, nyanko.settings_controller):
            controller.dismiss_notice()


def _act_on_call(chat: ChatController, call_id: str, action: str) -> None:
    """What the person wants of a call: to let it run, to refuse or end it, or to take back what it wrote."""
    match action:
        case "allow":
            chat.allow(call_id)
        case "chat" | "scope" | "always":
            chat.allow(call_id, action)
        case "deny":
            chat.deny(call_id)
        case "cancel":
            chat.cancel_call(call_id)
        case "undo":
            chat.undo(call_id)


def _open_link(address: str) -> None:
    """Hand a link that the person clicked to their browser; widgets let only web addresses through."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl(address))


def _show_trouble(explanation: Explanation) -> asyncio.Future[None]:
    """A message for when there is no window to show it in; the future is done when the person has read it."""
    import asyncio

    from PySide6.QtWidgets import QApplication

    from ui import theme
    from ui.trouble_window import TroubleWindow

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, theme.theme_for("auto"))
    read: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    window = TroubleWindow(explanation)
    window.finished.connect(lambda _: None if read.done() else read.set_result(None))
    read.add_done_callback(lambda _: window.deleteLater())
    window.open()
    return read


if __name__ == "__main__":
    raise SystemExit(main())
