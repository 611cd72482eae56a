"""Where models come from: the hub, its access token, and whether anything may be fetched at all."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import HubView, LibraryView
from ui.format import size
from ui.settings.parts import Card, Row, Switch, beside
from ui.widgets.basics import Live, button, label

OWN: Final = "own"
"""Data of the entry for an address of the person's own."""
FIELD_WIDTH: Final = 250
KINDS: Final = {"huggingface": "Hugging Face", "modelscope": "ModelScope"}


class HubSettings(Live, QWidget):
    """Renders a :class:`HubView`; emits changes. The token is emitted once and never shown."""

    hub_chosen = Signal(str, str)
    """Endpoint and kind."""
    token_entered = Signal(str)
    token_forgotten = Signal()
    offline_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._hub = HubView()
        self._cache = ""
        self._own = False
        self._choice, self._kind = QComboBox(), QComboBox()
        self._address, self._token = QLineEdit(), QLineEdit()
        self._use, self._keep, self._forget = button(), button(), button()
        self._offline = Switch()
        self._place = label("small", wrap=True)
        self._rows = self._arrange()
        self._connect()
        self.dress()

    def render_library(self, view: LibraryView) -> None:
        cache = tr("Quantized copies take {size} in {folder}.", size=size(view.cache_bytes), folder=view.cache)
        self._cache = cache if view.cache else ""
        if view.hub != self._hub:
            moved = view.hub.endpoint != self._hub.endpoint
            self._hub = view.hub
            if moved:
                self._own = False
                self._address.clear()
            self._fill()
        self._show()

    def retranslate(self) -> None:
        hub, address, token, offline = self._rows
        hub.say(tr("Hub"), tr("Where models are downloaded from."))
        address.say(tr("Own address"), tr("A mirror or a server of your own; https://…"))
        token.say(tr("Access token"), self._token_words())
        offline.say(tr("Offline"), tr("Nothing is fetched from any network."))
        self._kind.setAccessibleName(tr("What the address speaks"))
        self._address.setAccessibleName(tr("Own address"))
        self._token.setAccessibleName(tr("Access token"))
        self._token.setPlaceholderText(tr("paste it here"))
        self._use.setText(tr("Use"))
        self._keep.setText(tr("Keep"))
        self._forget.setText(tr("Forget"))
        self._fill()
        self._show()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        self._card.show_row(self._rows[1], self._own)
        self._rows[2].say(tr("Access token"), self._token_words())
        self._forget.setVisible(self._hub.has_token)
        self._keep.setEnabled(bool(self._token.text().strip()))
        self._use.setEnabled(bool(self._address.text().strip()))
        self._offline.render_value(self._hub.offline)
        self._place.setText(self._cache)
        self._place.setVisible(bool(self._cache))

    def _token_words(self) -> str:
        hub = self._hub
        if hub.has_token:
            said = tr("A token for {endpoint} is known.", endpoint=hub.endpoint)
        else:
            said = tr("Only for models that ask for an account.")
        where = hub.token_problem or tr("It is kept in the key store of this system.")
        return f"{said} {where}"

    def _fill(self) -> None:
        box, hub = self._choice, self._hub
        box.clear()
        for choice in hub.choices:
            box.addItem(choice.name, (choice.endpoint, choice.kind))
        known = [choice.endpoint for choice in hub.choices]
        if hub.endpoint and hub.endpoint not in known:
            box.addItem(hub.endpoint, (hub.endpoint, hub.kind))
            known.append(hub.endpoint)
        box.addItem(tr("Own address…"), OWN)
        current = known.index(hub.endpoint) if hub.endpoint in known else -1
        box.setCurrentIndex(box.count() - 1 if self._own else current)

    # ------------------------------------------------------------ what the person does

    def _choose(self, index: int) -> None:
        data = self._choice.itemData(index)
        self._own = data == OWN
        self._show()
        if self._own:
            self._address.setFocus()
        elif data[0] != self._hub.endpoint:
            self.hub_chosen.emit(*data)

    def _use_address(self) -> None:
        if address := self._address.text().strip():
            self.hub_chosen.emit(address, self._kind.currentData())

    def _enter_token(self) -> None:
        if token := self._token.text().strip():
            self._token.clear()
            self.token_entered.emit(token)

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> tuple[Row, Row, Row, Row]:
        for value, name in KINDS.items():
            self._kind.addItem(name, value)
        self._token.setEchoMode(QLineEdit.EchoMode.Password)
        self._choice.setMaximumWidth(FIELD_WIDTH + 90)
        self._choice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for field in (self._address, self._token):
            field.setFixedWidth(FIELD_WIDTH)
        hub, offline = Row(self._choice), Row(self._offline)
        address = Row(beside(self._address, self._kind, self._use))
        token = Row(beside(self._token, self._keep, self._forget))
        rows = (hub, address, token, offline)
        self._card = Card()
        for row in rows:
            self._card.add(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._card)
        column.addWidget(self._place)
        return rows

    def _connect(self) -> None:
        self._choice.activated.connect(self._choose)
        self._use.clicked.connect(self._use_address)
        self._address.returnPressed.connect(self._use_address)
        self._address.textChanged.connect(self._show)
        self._keep.clicked.connect(self._enter_token)
        self._token.returnPressed.connect(self._enter_token)
        self._token.textChanged.connect(self._show)
        self._forget.clicked.connect(self.token_forgotten)
        self._offline.changed.connect(self.offline_changed)
