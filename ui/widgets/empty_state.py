"""What a conversation says before its first message: who Nyanko is, what it can do, three things to try."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import Recommendation
from ui.avatar import Mood, icon
from ui.theme import GRID, current
from ui.widgets.basics import CatLabel, Live, button, label, tip
from ui.widgets.first_offer import FirstOffer

CARD_WIDTH = 420
MARGIN = 6 * GRID
LEAST_WIDTH = 200
AROUND_WORDS = 50
"""Pixels in a suggestion that its icon and its edges take."""
OFFER_HEIGHT = 520
"""Pixels from which there is room for the offer, too."""


class EmptyState(Live, QWidget):
    """Never nags: it is gone with the first message."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cat = CatLabel(72)
        self._title = label("heading")
        self._words = label("soft", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.offer = FirstOffer()
        self._buttons: list[tuple[QPushButton, str]] = []
        self._suggestions: tuple[str, ...] = ()
        column = QVBoxLayout()
        column.setSpacing(2 * GRID)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        column.addWidget(self._cat, 0, centre)
        column.addSpacing(GRID)
        column.addWidget(self._title, 0, centre)
        column.addWidget(self._words, 0, centre)
        column.addSpacing(2 * GRID)
        for number, name in enumerate(("calculate", "remind", "chat")):
            one = button("suggestion")
            one.setIconSize(QSize(16, 16))
            one.clicked.connect(lambda _=False, number=number: self.chosen.emit(self._suggestions[number]))
            self._buttons.append((one, name))
            column.addWidget(one, 0, centre)
        column.addSpacing(2 * GRID)
        column.addWidget(self.offer, 0, centre)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch()
        row.addLayout(column)
        row.addStretch()
        self.dress()

    def render_offer(self, offered: Recommendation | None) -> None:
        """Offer a larger model below, where there is room."""
        self.offer.render_view(offered)
        self._place_offer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._place_offer()

    def _fit(self) -> None:
        width = max(min(CARD_WIDTH, self.width() - 2 * MARGIN), LEAST_WIDTH)
        for part in (self._words, self.offer, *(one for one, _ in self._buttons)):
            part.setFixedWidth(width)
        for (one, _), words in zip(self._buttons, self._suggestions, strict=True):
            room = width - 16 - AROUND_WORDS
            shown = one.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            one.setText(f"  {shown}")
            one.setToolTip(tip(words) if shown != words else "")

    def minimumSizeHint(self) -> QSize:
        """The parts become narrower with it."""
        return QSize(LEAST_WIDTH + 2 * MARGIN, super().minimumSizeHint().height())

    def _place_offer(self) -> None:
        self.offer.setVisible(self.offer.is_wanted() and self.height() >= OFFER_HEIGHT)

    def set_mood(self, mood: Mood) -> None:
        self._cat.set_mood(mood)

    def retranslate(self) -> None:
        self._title.setText(tr("Hello, I am Nyanko"))
        self._words.setText(
            tr(
                "I think on this computer; what you tell me stays here. I like to chat, "
                "I calculate exactly, I know the time, and I can remind you."
            )
        )
        self._suggestions = (
            tr("What is 6.5 × 7.5?"),
            tr("Remind me in 10 minutes to drink some water"),
            tr("Tell me a joke about cats"),
        )
        for (one, _), words in zip(self._buttons, self._suggestions, strict=True):
            one.setAccessibleName(words)
        self._fit()

    def restyle(self) -> None:
        for one, name in self._buttons:
            one.setIcon(icon(name, current(), "accent_text"))
