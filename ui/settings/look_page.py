"""Language and theme; both change at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from nyanko_desktop.i18n import LANGUAGES, tr
from nyanko_desktop.settings.view import SettingsView
from ui.settings.parts import Card, Page, Row, heading
from ui.widgets.basics import button


class Choice(QWidget):
    """A few values side by side, one of them chosen."""

    chosen = Signal(str)

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__()
        self._value = ""
        self._group = QButtonGroup(self)
        self._buttons = {value: button("chip") for value in values}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for value, made in self._buttons.items():
            made.setCheckable(True)
            made.toggled.connect(lambda on, value=value: self._toggled(value, on))
            self._group.addButton(made)
            row.addWidget(made)

    def say(self, value: str, words: str) -> None:
        self._buttons[value].setText(words)
        self._buttons[value].setAccessibleName(words)

    def _toggled(self, value: str, on: bool) -> None:
        if on and value != self._value:
            self.chosen.emit(value)

    def set_value(self, value: str) -> None:
        self._value = value
        if value in self._buttons:
            self._buttons[value].setChecked(True)


class LookPage(Page):
    """Renders language and theme; emits others."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = heading()
        self._language = Choice(["auto", *LANGUAGES])
        self._language.chosen.connect(self.language_chosen)
        self._theme = Choice(["auto", "light", "dark"])
        self._theme.chosen.connect(self.theme_chosen)
        self._rows = Row(self._language), Row(self._theme)
        card = Card()
        for row in self._rows:
            card.add(row)
        self.column.addWidget(self._title)
        self.column.addWidget(card)
        self.column.addStretch()
        self.dress()

    def title(self) -> str:
        return tr("Appearance & language")

    def render_view(self, view: SettingsView) -> None:
        self._language.set_value(view.settings.language)
        self._theme.set_value(view.settings.theme)

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self._rows[0].say(tr("Language"), tr("Of the windows; in the chat Nyanko follows yours."))
        self._rows[1].say(tr("Theme"))
        self._language.say("auto", tr("As the system"))
        for code, name in LANGUAGES.items():
            self._language.say(code, name)
        self._theme.say("auto", tr("As the system"))
        self._theme.say("light", tr("Light"))
        self._theme.say("dark", tr("Dark"))
