"""Everything that must be right before and just after the QApplication exists. Knows no window of ours.

Chinese input: PySide6 brings no fcitx plugin, so for people with fcitx, Qt is told to reach it through the ibus portal
that fcitx offers (Qt's own ibus plugin would look for an ibus-daemon).
"""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
import threading
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Final

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QtMsgType, QTranslator, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from nyanko_desktop.i18n import language, on_language_changed

APP_ID: Final = "io.github.nyanko_desktop.Nyanko"
"""Name of the desktop entry, of the Wayland windows and of the portal's client; they must be the same."""
ENDING_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")
_QT_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_CHATTY: Final = ("qt.accessibility.atspi",)
"""Categories whose warnings say only that a screen reader is newer than Qt."""
_SAID_EACH_TURN: Final = "The X11 connection broke"
"""Beginning of what Qt says with every turn of its loop until the program has ended."""
_said = set[str]()
"""Messages of that kind that were logged."""
_asked_to_end = False
_crash_file: IO[str] | None = None
"""Kept open: faulthandler writes to its descriptor when the program dies."""


def input_method_fix(environ: Mapping[str, str], plugins: Path) -> dict[str, str]:
    """What to change in ``environ`` so that fcitx works; empty where nothing must be done.

    ``plugins`` is Qt's folder of plugins.
    """
    modules = environ.get("QT_IM_MODULES", "")
    wanted = modules or environ.get("QT_IM_MODULE", "")
    uses_fcitx = "fcitx" in wanted or (wanted in ("", "xim") and "fcitx" in environ.get("XMODIFIERS", ""))
    if not uses_fcitx or any(plugins.glob("platforminputcontexts/*fcitx*")):
        return {}
    fix = {"QT_IM_MODULE": "ibus", "IBUS_USE_PORTAL": "1"}
    if modules:
        fix["QT_IM_MODULES"] = modules.replace("fcitx5", "fcitx").replace("fcitx", "ibus")
    return fix


def make_application(environ: MutableMapping[str, str], program: str) -> QApplication:
    """The QApplication, with ``environ`` (``os.environ``) prepared for it."""
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    environ.update(input_method_fix(environ, plugins))
    QGuiApplication.setDesktopFileName(APP_ID)
    app = QApplication([program])
    app.setApplicationName("nyanko")
    app.setQuitOnLastWindowClosed(False)
    return app


def translate_qt(app: QApplication) -> Callable[[], None]:
    """Give Qt's own texts, such as the menu of a text field, the language of now and of later; returns its end.

    PySide6 brings the catalogues. English needs none: it is what Qt says without.
    """
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)

    def follow() -> None:
        app.removeTranslator(translator)
        if language() != "en" and translator.load(f"qtbase_{language()}", folder):
            app.installTranslator(translator)

    follow()
    return on_language_changed(follow)


def remember_signals() -> None:
    """Until the event loop listens to them, signals that ask for the end are remembered: see :func:`asked_to_end`.

    Raising from the handler would be wrong: PySide6 makes its types while they are first used, drops an exception
    that comes up meanwhile, and leaves a type without its members.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, _remember)


def asked_to_end() -> bool:
    """Whether such a signal came."""
    return _asked_to_end


def route_qt_messages() -> None:
    """Qt's messages go where all log lines go."""
    qInstallMessageHandler(_log_qt_message)


def write_crashes_to(path: Path) -> None:
    """When native code dies, the Python stack is appended to ``path``. Sends nothing anywhere."""
    global _crash_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _crash_file = path.open("a", encoding="utf-8")
    except OSError as error:
        log.warning("no crash file: %s", error)
        return
    faulthandler.enable(_crash_file)


def report_exceptions_to(notice: Callable[[BaseException], None]) -> None:
    """Log exceptions that nobody caught, in slots and threads too, and call ``notice`` for those of the UI's thread."""

    def in_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("an exception that nobody caught", exc_info=(kind, error, trace))
        if not issubclass(kind, KeyboardInterrupt):
            notice(error)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        error = args.exc_value
        name = args.thread.name if args.thread else "?"
        log.critical("thread %s: %s", name, error, exc_info=error)

    sys.excepthook = in_main
    threading.excepthook = in_thread


def _remember(_number: int, _frame: FrameType | None) -> None:
    global _asked_to_end
    _asked_to_end = True


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if message in _said:
        return
    if message.startswith(_SAID_EACH_TURN):
        _said.add(message)
    category = context.category or "default"
    logger = _qt_log if category == "default" else _qt_log.getChild(category.removeprefix("qt."))
    logger.log(logging.DEBUG if category in _CHATTY else _QT_LEVELS[kind], "%s", message)
