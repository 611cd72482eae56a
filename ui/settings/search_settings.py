"""Which search engine the model may ask, with its address or key. The key is emitted once and never shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.schema import SearchKind, SearchSettings
from ui.settings.parts import Card, Row, beside
from ui.widgets.basics import Live, button

FIELD_WIDTH: Final = 230
KINDS: Final[tuple[SearchKind, ...]] = ("none", "searxng", "brave", "duckduckgo")


class SearchSettingsCard(Live, Card):
    """Renders :class:`SearchSettings`."""

    chosen = Signal(str, str)
    """Kind, and address where it has one."""
    key_entered = Signal(str)
    """The key; empty to forget it."""

    def __init__(self) -> None:
        super().__init__()
        self._search = SearchSettings()
        self._wanted: SearchKind = "none"
        """What is chosen here; SearXNG is not saved before it has an address."""
        self._choice = QComboBox()
        self._address, self._key = QLineEdit(), QLineEdit()
        self._key.setEchoMode(QLineEdit.EchoMode.Password)
        self._use, self._keep, self._forget = button(), button(), button()
        self._rows = (
            Row(self._choice),
            Row(beside(self._address, self._use)),
            Row(beside(self._key, self._keep, self._forget)),
        )
        for row in self._rows:
            self.add(row)
        for kind in KINDS:
            self._choice.addItem("", kind)
        for field in (self._address, self._key):
            field.setFixedWidth(FIELD_WIDTH)
        self._connect()
        self.dress()

    def render_settings(self, search: SearchSettings) -> None:
        if search != self._search:
            self._search, self._wanted = search, search.kind
            self._address.setText(search.endpoint)
        self._show()

    def retranslate(self) -> None:
        _, address, key = self._rows
        address.say(tr("Address"), tr("Of a SearXNG instance that you trust; https://…"))
        key.say(tr("Key"), tr("Brave gives one to you. It is kept in the key store of this system."))
        for place, words in enumerate((tr("none"), "SearXNG", "Brave Search", tr("DuckDuckGo, read from its pages"))):
            self._choice.setItemText(place, words)
        self._address.setAccessibleName(tr("Address"))
        self._key.setAccessibleName(tr("Key"))
        self._use.setText(tr("Use"))
        self._keep.setText(tr("Keep"))
        self._forget.setText(tr("Forget"))
        self._show()

    def _show(self) -> None:
        self._rows[0].say(tr("Web search"), _about(self._wanted))
        self._choice.setCurrentIndex(KINDS.index(self._wanted))
        self.show_row(self._rows[1], self._wanted == "searxng")
        self.show_row(self._rows[2], self._wanted == "brave")
        self._forget.setVisible(self._search.has_key)
        self._key.setPlaceholderText(tr("one is known") if self._search.has_key else tr("paste it here"))
        self._keep.setEnabled(bool(self._key.text().strip()))
        self._use.setEnabled(bool(self._address.text().strip()))

    # ------------------------------------------------------------ what the person does

    def _choose(self, place: int) -> None:
        self._wanted = KINDS[place]
        self._show()
        if self._wanted == "searxng" and not self._address.text().strip():
            self._address.setFocus()
        elif self._wanted != self._search.kind:
            self._emit()

    def _emit(self) -> None:
        self.chosen.emit(self._wanted, self._address.text().strip() if self._wanted == "searxng" else "")

    def _use_address(self) -> None:
        if self._address.text().strip():
            self._emit()

    def _keep_key(self) -> None:
        if key := self._key.text().strip():
            self._key.clear()
            self.key_entered.emit(key)

    def _connect(self) -> None:
        self._choice.activated.connect(self._choose)
        self._use.clicked.connect(self._use_address)
        self._address.returnPressed.connect(self._use_address)
        self._keep.clicked.connect(self._keep_key)
        self._key.returnPressed.connect(self._keep_key)
        self._forget.clicked.connect(lambda: self.key_entered.emit(""))
        for field in (self._address, self._key):
            field.textChanged.connect(self._show)


def _about(kind: SearchKind) -> str:
    if kind == "duckduckgo":
        return tr(
            "The words that are searched for go there, each time after a question. An extra library reads the pages "
            "with a connection of its own: this program does not check which addresses that reaches."
        )
    return tr("The words that are searched for go there, each time after a question.")
