"""What tools may work with, and which of them a model is offered. Renders a SettingsView, emits changes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.levels import LEVELS, OF_FILES
from nyanko_desktop.permissions.words import level_in_words
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.view import SettingsView, ToolsState
from ui.call_words import tool_name
from ui.settings.keyed_list import KeyedList
from ui.settings.parts import Card, Page, Row, Switch, heading
from ui.settings.search_settings import SearchSettingsCard
from ui.theme import kind
from ui.widgets.basics import ElidedLabel, Live, button, label

OFFERED = tuple(name for name in LEVELS if name != "read_clipboard")
"""The clipboard is read when the person hands it over, never because a model wants it."""
ON_THE_NET = ("fetch", "search", "open")


class ToolsPage(Page):
    """Renders what the settings open to tools."""

    refresh_requested = Signal()
    """The page is shown, or has other folders: what works here is to be looked at."""
    folder_opened = Signal(str)
    folder_closed = Signal(str)
    search_chosen = Signal(str, str)
    """Kind of the engine, and its address."""
    search_key_entered = Signal(str)
    python_changed = Signal(bool)
    beyond_training_changed = Signal(bool)
    tool_changed = Signal(str, bool)
    offline_requested = Signal()
    """The person wants to the switch for offline, which is on another page."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = Settings()
        self._state = ToolsState()
        self._title = heading()
        self._folders = KeyedList(self._make_folder, spacing=0)
        self._add, self._offline = button(), button()
        self._python, self._beyond = Switch(), Switch()
        self._search = SearchSettingsCard()
        self._rows = tuple(map(Row, (self._add, self._python, self._beyond, self._offline)))
        self._about = label("soft", wrap=True)
        self._tools = {name: Row(Switch()) for name in OFFERED}
        self._arrange()
        self._connect()
        self.dress()

    def title(self) -> str:
        return tr("Tools")

    def render_view(self, view: SettingsView) -> None:
        if view.settings is self._settings and view.tools == self._state:
            return
        before, tools = self._settings.tools, view.settings.tools
        self._settings, self._state = view.settings, view.tools
        self._folders.render_items([(folder, (folder, view.tools.why_closed(folder))) for folder in tools.folders])
        self._folders.setVisible(bool(tools.folders))
        self._python.render_value(tools.python)
        self._beyond.render_value(tools.beyond_training)
        self._search.render_settings(tools.search)
        self._say_python()
        self._say_tools()
        self._say_offline()
        if tools.folders != before.folders and self.isVisible():
            self.refresh_requested.emit()

    def ask_for_folder(self) -> None:
        """Let the person point at a folder; nothing waits for it."""
        dialog = QFileDialog(self, tr("A folder for tools"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder_opened)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        folders, _, beyond, _ = self._rows
        folders.say(
            tr("Folders"),
            tr("Tools read, find and write files in these folders only. Without one, no file tool is offered."),
        )
        self._add.setText(tr("Add a folder…"))
        self._add.setAccessibleName(tr("Add a folder…"))
        beyond.say(
            tr("Offer all tools to every model"),
            tr("Small models know only the tools that they were trained for; with more they make more mistakes."),
        )
        self._about.setText(
            tr("What models are offered. What reads your files, reaches out or changes something asks you first.")
        )
        self._say_python()
        self._say_tools()
        self._say_offline()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_requested.emit()

    # ------------------------------------------------------------ words

    def _say_python(self) -> None:
        """Where no program can be confined, the switch can only be switched off."""
        reason = self._state.no_python
        what = tr(
            "Each one is shown and asked about first. It runs apart, without network, with limits for time and "
            "memory. That is no virtual machine: do not allow a program that you would not run yourself."
        )
        why_not = tr("Not possible here: {reason}", reason=reason_in_words(reason)) if reason else ""
        self._rows[1].say(tr("Let models write and run Python programs"), "\n".join(filter(None, (why_not, what))))
        self._python.setEnabled(not reason or self._settings.tools.python)

    def _say_tools(self) -> None:
        off = self._settings.tools.off
        for name, row in self._tools.items():
            missing = missing_words(name, self._settings, self._state)
            row.say(tool_name(name), " · ".join(filter(None, (level_in_words(LEVELS[name]), missing))))
            assert isinstance(row.control, Switch)
            row.control.render_value(name not in off)

    def _say_offline(self) -> None:
        offline = self._settings.network.offline
        said = (
            tr("Now nothing reaches any network.") if offline else tr("Tools may reach the network after asking you.")
        )
        self._rows[3].say(tr("Offline"), said)
        self._offline.setText(tr("Change under “Models”"))
        self._offline.setAccessibleName(tr("Offline") + ": " + tr("Change under “Models”"))

    # ------------------------------------------------------------ how it is put together

    def _make_folder(self, item: tuple[str, str]) -> QWidget:
        row = _FolderRow(item[0])
        row.closed.connect(self.folder_closed)
        return row

    def _arrange(self) -> None:
        folders, python, beyond, offline = self._rows
        place, switches, tools = Card(), Card(), Card()
        place.add(folders)
        place.column.addWidget(self._folders)
        for row in (python, beyond, offline):
            switches.add(row)
        for row in self._tools.values():
            tools.add(row)
        for part in (self._title, place, self._search, switches, self._about, tools):
            self.column.addWidget(part)
        self.column.addStretch()

    def _connect(self) -> None:
        self._add.clicked.connect(self.ask_for_folder)
        self._python.changed.connect(self.python_changed)
        self._beyond.changed.connect(self.beyond_training_changed)
        self._search.chosen.connect(self.search_chosen)
        self._search.key_entered.connect(self.search_key_entered)
        self._offline.clicked.connect(self.offline_requested)
        for name, row in self._tools.items():
            assert isinstance(row.control, Switch)
            row.control.changed.connect(lambda on, name=name: self.tool_changed.emit(name, on))


class _FolderRow(Live, QWidget):
    """One folder that is to be open to tools, with the reason where it is not."""

    closed = Signal(str)

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder, self._reason = folder, ""
        self._path = kind(ElidedLabel(folder), "mono")
        self._closed = label("warn", wrap=True)
        self._close = button("quiet")
        self._close.clicked.connect(lambda: self.closed.emit(self._folder))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 6)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._path)
        words.addWidget(self._closed)
        row.addLayout(words, 1)
        row.addWidget(self._close)
        self.dress()

    def render_item(self, item: tuple[str, str]) -> None:
        """The folder, which is its own key and never changes, and why it is not open."""
        _, self._reason = item
        self.retranslate()

    def retranslate(self) -> None:
        reason = self._reason
        self._closed.setText(tr("Not open to tools: {reason}", reason=reason_in_words(reason)) if reason else "")
        self._closed.setVisible(bool(reason))
        self._close.setAccessibleDescription(self._closed.text())
        self._close.setText(tr("Remove from the list"))
        self._close.setAccessibleName(tr("No longer open {folder} to tools", folder=self._folder))


def missing_words(tool: str, settings: Settings, state: ToolsState = ToolsState()) -> str:  # noqa: B008 - immutable
    """Why a tool is not offered though it is on, or could not work; empty when neither."""
    tools = settings.tools
    if tool in OF_FILES and all(map(state.why_closed, tools.folders)):
        return tr("needs a folder")
    if tool in ON_THE_NET and settings.network.offline:
        return tr("not while offline")
    if tool == "search" and tools.search.kind == "none":
        return tr("needs a search engine")
    if tool == "run_python" and state.no_python:
        return tr("not possible here")
    if tool == "run_python" and not tools.python:
        return tr("Python is off")
    return ""
