"""Versions and places, and a report to copy when something is wrong. Nothing is ever sent."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import AboutView, SettingsView
from ui.settings.parts import Card, Page, heading
from ui.widgets.basics import button, label

LABEL_WIDTH = 150


class AboutPage(Page):
    """Renders :class:`AboutView`; emits the wish for a report."""

    report_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._about = AboutView()
        self._title = heading()
        self._card: Card | None = None
        self._hint = label("soft", wrap=True)
        self._copy = button("primary")
        self._copy.clicked.connect(self.report_requested)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self._copy)
        self.column.addWidget(self._title)
        self.column.addLayout(foot)
        self.column.addStretch()
        self.dress()

    def title(self) -> str:
        return tr("About & diagnostics")

    def render_view(self, view: SettingsView) -> None:
        if view.about.rows != self._about.rows:
            self._fill(view.about)
        self._about = view.about
        self._say()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self._say()

    def _say(self) -> None:
        self._copy.setText(tr("Copy the report"))
        copied = tr("The report is in the clipboard.")
        self._hint.setText(
            copied if self._about.copied else tr("The report says what is installed and what runs. It is never sent.")
        )

    def _fill(self, about: AboutView) -> None:
        if self._card is not None:
            self.column.removeWidget(self._card)
            self._card.deleteLater()
        self._card = Card()
        for name, value in about.rows:
            self._card.add(_row(name, value))
        self.column.insertWidget(1, self._card)


def _row(name: str, value: str) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 8, 0, 8)
    row.setSpacing(12)
    left, right = label("soft"), label(wrap=True)
    left.setText(name)
    left.setFixedWidth(LABEL_WIDTH)
    right.setText(_breakable(value))
    right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    row.addWidget(left, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(right, 1)
    return made


def _breakable(path: str) -> str:
    """Long paths may be broken behind a slash (a zero-width space says so)."""
    return path.replace("/", "/\u200b")
