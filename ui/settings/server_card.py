"""One MCP server as a card: what is started, how it is, its tools with their levels. Renders a view, starts nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from inference_worker.protocol.messages import Level, McpServer
from inference_worker.protocol.placeholders import HIDDEN, hidden, names_in
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.words import level_in_words
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.schema import ServerSettings
from nyanko_desktop.settings.secrets_in_commands import set_apart
from nyanko_desktop.settings.servers import ServerToolView, ServerView
from ui.call_words import plainly
from ui.settings.keyed_list import KeyedList
from ui.settings.parts import Switch
from ui.theme import kind
from ui.widgets.basics import ElidedLabel, Live, button, frame, label
from ui.widgets.inset import Inset

LEVELS: Final[tuple[Level, ...]] = ("effect", "network", "private", "keep", "harmless")
"""What a tool of a server can be said to be, the usual one first."""
_LOOKS: Final = {"off": "soft", "asking": "soft", "running": "good", "problem": "bad"}


class ServerCard(Live, QFrame):
    """Renders one :class:`ServerView`."""

    switched = Signal(str, bool)
    restart_requested = Signal(str)
    removal_requested = Signal(str)
    tool_changed = Signal(str, bool)
    level_chosen = Signal(str, str)

    def __init__(self, view: ServerView) -> None:
        super().__init__()
        kind(self, "card")
        self._view = view
        self._title = kind(ElidedLabel(hugging=True), "strong")
        self._state = label("soft")
        self._starts = Inset(start_words(view.settings), view.settings.name)
        self._gets = label("small", wrap=True)
        self._is_open = label("warn", wrap=True)
        self._problem = label("bad", wrap=True)
        self._changed = label("warn", wrap=True)
        self._also = label("small", wrap=True)
        self._on = Switch()
        self._open, self._restart, self._remove = button("quiet"), button("quiet"), button("danger")
        self._tools = KeyedList(self._make_tool, spacing=0)
        self._tools.hide()
        self._arrange()
        self._connect()
        self.dress()

    def render_item(self, view: ServerView) -> None:
        """Show another state of the same server."""
        if view != self._view:
            self._view = view
            self.retranslate()
        self._tools.render_items([(tool.name, tool) for tool in view.tools])

    def set_width(self, width: int) -> None:
        self._starts.set_width(max(width - 34, 100))

    def retranslate(self) -> None:
        view, name = self._view, self._view.settings.name
        said = " ".join(filter(None, (plainly(view.title), plainly(view.version))))
        self._title.set_whole(f"{name} · {said}" if said and said != name else name)
        self._state.setText(state_words(view))
        kind(self._state, _LOOKS[view.state])
        gets = gets_words(view.settings)
        self._gets.setText(gets)
        self._gets.setVisible(bool(gets))
        is_open = open_words(view.settings)
        self._is_open.setText(is_open)
        self._is_open.setVisible(bool(is_open))
        self._problem.setText(plainly(reason_in_words(view.problem)))
        self._problem.setVisible(bool(view.problem))
        changed = withheld_words(view)
        self._changed.setText(changed)
        self._changed.setVisible(bool(changed))
        also = also_words(view)
        self._also.setText(also)
        self._also.setVisible(bool(also))
        self._on.render_value(view.settings.enabled)
        self._on.setAccessibleName(tr("Start {name}", name=name))
        self._on.setAccessibleDescription(start_words(view.settings))
        self._say_buttons()
        self.setAccessibleName(f"{name}, {self._state.text()}")

    def _say_buttons(self) -> None:
        view, name = self._view, self._view.settings.name
        is_open = self._tools.isVisibleTo(self)
        shown = tr("Hide tools") if is_open else tr("Show tools: {count}", count=len(view.tools))
        for one, words, visible in (
            (self._open, shown, bool(view.tools)),
            (self._restart, tr("Restart"), view.settings.enabled),
            (self._remove, tr("Remove"), True),
        ):
            one.setText(words)
            one.setAccessibleName(f"{words}: {name}")
            one.setVisible(visible)

    def _make_tool(self, tool: ServerToolView) -> QWidget:
        row = _ToolRow(tool)
        row.changed.connect(self.tool_changed)
        row.level_chosen.connect(self.level_chosen)
        return row

    def _toggle_tools(self) -> None:
        self._tools.setVisible(not self._tools.isVisibleTo(self))
        self._say_buttons()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title)
        head.addWidget(self._state)
        head.addStretch()
        head.addWidget(self._on)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._open)
        foot.addStretch()
        foot.addWidget(self._restart)
        foot.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(head)
        for part in (self._starts, self._gets, self._is_open, self._problem, self._changed, self._also):
            column.addWidget(part)
        column.addLayout(foot)
        column.addWidget(self._tools)

    def _connect(self) -> None:
        name = self._view.settings.name
        self._on.changed.connect(lambda on: self.switched.emit(name, on))
        self._open.clicked.connect(self._toggle_tools)
        self._restart.clicked.connect(lambda: self.restart_requested.emit(name))
        self._remove.clicked.connect(lambda: self.removal_requested.emit(name))


class _ToolRow(Live, QWidget):
    """One tool of a server: its words, its level, on or off."""

    changed = Signal(str, bool)
    level_chosen = Signal(str, str)

    def __init__(self, tool: ServerToolView) -> None:
        super().__init__()
        self._tool = tool
        self._name = kind(ElidedLabel(), "mono-strong")
        self._about = kind(ElidedLabel(), "small")
        self._level, self._on = QComboBox(), Switch()
        for level in LEVELS:
            self._level.addItem("", level)
        self._level.activated.connect(lambda place: self.level_chosen.emit(self._tool.name, LEVELS[place]))
        self._on.changed.connect(lambda on: self.changed.emit(self._tool.name, on))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._about)
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(self._level, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._on, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(frame("hairline"))
        column.addLayout(row)
        self.dress()

    def render_item(self, tool: ServerToolView) -> None:
        if tool != self._tool:
            self._tool = tool
            self.retranslate()

    def retranslate(self) -> None:
        tool = self._tool
        name = plainly(tool.name.partition("__")[2] or tool.name)
        self._name.set_whole(name)
        self._about.set_whole(plainly(tool.description[:300]))
        for place, level in enumerate(LEVELS):
            self._level.setItemText(place, level_in_words(level))
        self._level.setCurrentIndex(LEVELS.index(tool.level))
        self._level.setAccessibleName(tr("What {name} does", name=name))
        self._on.render_value(tool.offered)
        self._on.setAccessibleName(tr("Offer {name} to models", name=name))


def start_words(server: ServerSettings | McpServer) -> str:
    """The command as it would be started, blanks quoted as in a shell; or the address. No secret."""
    command, url, _ = set_apart(server.command, server.url)
    if url:
        return plainly(hidden(url))
    shown = " ".join(map(_quoted, map(hidden, command)))
    return plainly(f"{shown}\n({server.folder})" if server.folder else shown)


def _quoted(part: str) -> str:
    """One argument that cannot be read as two; a plain one, also a path of Windows, stays as it is."""
    is_plain = part and not any(char.isspace() or char in "'\"" for char in part)
    return part if is_plain else shlex.quote(part)


def gets_words(server: ServerSettings | McpServer) -> str:
    """Which secrets a server gets; their values are never shown."""
    names = (*server.environment, *server.headers, *names_in((*server.command, server.url)))
    if not names:
        return ""
    return tr("It gets, from the key store: {names}", names=plainly(", ".join(names)))


def seen_words(servers: Iterable[McpServer]) -> str:
    """That no key store keeps a command line from others."""
    if not any(names_in(server.command) for server in servers):
        return ""
    return tr(
        "What is hidden in a command ({hidden}) can be read by your other programs while the server runs.",
        hidden=HIDDEN,
    )


def open_words(server: ServerSettings) -> str:
    """Which secrets still stand in the settings file."""
    names = set_apart(server.command, server.url).secrets
    if not names:
        return ""
    return tr(
        "In settings.toml for all your programs to read: {names}. Turn the switch once, and the key store keeps it.",
        names=", ".join(names),
    )


def state_words(view: ServerView) -> str:
    """How the server is."""
    match view.state:
        case "off":
            return tr("off")
        case "asking":
            return tr("is being asked…")
        case "running":
            return tr("is running")
        case "problem":
            return tr("does not run")


def withheld_words(view: ServerView) -> str:
    """Which tools are others than those that were switched on, and what else models are not offered."""
    names = [plainly(tool.name.partition("__")[2]) for tool in view.tools if tool.changed]
    note = plainly(reason_in_words(view.note))
    if not names:
        return note
    changed = tr(
        "Changed since you switched them on, so models are not offered them: {names}. Look at them and switch them on "
        "again, or all at once: the server off and on.",
        names=", ".join(names[:20]) + (" …" if len(names) > 20 else ""),
    )
    return "\n".join(filter(None, (changed, note)))


def also_words(view: ServerView) -> str:
    """What the server has besides tools; models are not given it."""
    said = []
    if view.resources:
        said.append(tr("Resources: {names}", names=plainly(", ".join(view.resources[:20]))))
    if view.prompts:
        said.append(tr("Prompts: {names}", names=plainly(", ".join(view.prompts[:20]))))
    return "\n".join(said)
