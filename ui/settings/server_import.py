"""Servers out of an mcpServers file: each command is shown and chosen by hand before anything is kept or started."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from inference_worker.protocol.messages import McpServer
from nyanko_desktop.i18n import tr
from ui.settings.parts import Switch
from ui.settings.server_card import gets_words, seen_words, start_words
from ui.theme import kind
from ui.widgets.basics import Live, button, label
from ui.widgets.inset import Inset

FIELD_HEIGHT: Final = 110


class ServerImport(Live, QFrame):
    """Takes JSON, shows what stands in it, emits the names of what was chosen."""

    text_given = Signal(str)
    file_given = Signal(str)
    chosen = Signal(tuple)
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        kind(self, "card")
        self._servers: tuple[McpServer, ...] = ()
        self._taken: frozenset[str] = frozenset()
        self._title, self._about, self._seen = label("strong"), label("soft", wrap=True), label("warn", wrap=True)
        self._field = QPlainTextEdit()
        self._field.setFixedHeight(FIELD_HEIGHT)
        self._field.setTabChangesFocus(True)
        self._found = QWidget()
        self._rows = QVBoxLayout(self._found)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._boxes: list[Switch] = []
        self._insets: list[Inset] = []
        self._file, self._look, self._add, self._leave = button(), button(), button("primary"), button()
        self._arrange()
        self._connect()
        self.dress()

    def render_servers(self, servers: tuple[McpServer, ...], taken: frozenset[str] = frozenset()) -> None:
        """Show what stands in the file, nothing of it chosen; ``taken`` are the names of servers that are there."""
        if (servers, taken) != (self._servers, self._taken):
            self._servers, self._taken = servers, taken
            self._fill()
            self._say()

    def set_width(self, width: int) -> None:
        for inset in self._insets:
            inset.set_width(max(width - 86, 100))

    def retranslate(self) -> None:
        self._title.setText(tr("Import servers"))
        self._field.setPlaceholderText('{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}')
        self._field.setAccessibleName(tr("The mcpServers JSON of another program"))
        for made, words in (
            (self._file, tr("Open a file…")),
            (self._look, tr("Show what is in it")),
            (self._leave, tr("Cancel")),
        ):
            made.setText(words)
            made.setAccessibleName(words)
        self._fill()
        self._say()

    def _say(self) -> None:
        found, chosen = bool(self._servers), len(self._chosen())
        about = tr("Paste the JSON that another program has for its servers, or open its file. Nothing starts yet.")
        if found:
            about = tr("These commands would run on your computer, with your rights. Choose only what you know.")
        self._about.setText(about)
        self._seen.setText(seen_words(self._servers))
        self._seen.setVisible(bool(self._seen.text()))
        self._found.setVisible(found)
        for part in (self._field, self._file, self._look):
            part.setVisible(not found)
        self._look.setEnabled(bool(self._field.toPlainText().strip()))
        self._add.setVisible(found)
        self._add.setEnabled(bool(chosen))
        self._add.setText(tr("Add and start: {count}", count=chosen))

    def _fill(self) -> None:
        kept = set(self._chosen())
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._boxes, self._insets = [], []
        for server in self._servers:
            box = Switch()
            box.setChecked(server.name in kept)
            box.setAccessibleName(server.name)
            box.setAccessibleDescription(start_words(server))
            box.toggled.connect(self._say)
            name = label("strong")
            name.setText(server.name)
            inset = Inset(start_words(server), server.name)
            words = QVBoxLayout()
            words.setSpacing(2)
            for part in (name, inset, *self._notes(server)):
                words.addWidget(part)
            row = QWidget()
            beside = QHBoxLayout(row)
            beside.setContentsMargins(0, 4, 0, 4)
            beside.setSpacing(14)
            beside.addWidget(box, 0, Qt.AlignmentFlag.AlignTop)
            beside.addLayout(words, 1)
            self._rows.addWidget(row)
            self._boxes.append(box)
            self._insets.append(inset)
        self.set_width(self.width())

    def _notes(self, server: McpServer) -> list[QLabel]:
        """What else to know before it is added."""
        replaces = tr("Takes the place of the server of this name in your list.") if server.name in self._taken else ""
        notes = []
        for look, said in (("small", gets_words(server)), ("warn", replaces)):
            if said:
                notes.append(label(look, wrap=True))
                notes[-1].setText(said)
        return notes

    def _emit_chosen(self) -> None:
        self._field.clear()
        self.chosen.emit(self._chosen())

    def _chosen(self) -> tuple[str, ...]:
        return tuple(box.accessibleName() for box in self._boxes if box.isChecked())

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self, tr("A file with servers"), str(Path.home()))
        dialog.setNameFilter("JSON (*.json)")
        dialog.fileSelected.connect(self.file_given)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._file)
        foot.addStretch()
        for made in (self._leave, self._look, self._add):
            foot.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 14, 12)
        column.setSpacing(8)
        for part in (self._title, self._about, self._seen, self._field, self._found):
            column.addWidget(part)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._field.textChanged.connect(self._say)
        self._file.clicked.connect(self._ask_for_file)
        self._look.clicked.connect(lambda: self.text_given.emit(self._field.toPlainText()))
        self._add.clicked.connect(self._emit_chosen)
        self._leave.clicked.connect(self.declined)
