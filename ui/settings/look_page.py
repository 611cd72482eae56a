"""Language and theme; both change at once."""

from __future__ import annotations

from PySide6.QtCore import Signal

from nyanko_desktop.i18n import LANGUAGES, tr
from nyanko_desktop.settings.view import SettingsView
from ui.settings.parts import Card, Choice, Page, Row, heading


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
