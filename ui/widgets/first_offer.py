"""What a first start says of larger models: one that fits this computer, and two ways to go on. Knows no library."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import Recommendation
from ui.format import size
from ui.theme import GRID, kind
from ui.widgets.basics import Live, button, label


class FirstOffer(Live, QFrame):
    """Hidden while there is nothing to offer."""

    opened = Signal()
    """The person wants to see what fits."""
    dismissed = Signal()
    """Not now, and not at the next start."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, "card")
        self._offered: Recommendation | None = None
        self._title = label("strong", wrap=True)
        self._words = label("soft", wrap=True)
        self._open, self._dismiss = button(), button("quiet")
        self._open.clicked.connect(self.opened)
        self._dismiss.clicked.connect(self.dismissed)
        foot = QHBoxLayout()
        foot.setSpacing(2 * GRID)
        foot.addStretch()
        foot.addWidget(self._dismiss)
        foot.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addLayout(foot)
        self.hide()
        self.dress()

    def render_view(self, offered: Recommendation | None) -> None:
        """Offer this model, or nothing."""
        if offered != self._offered:
            self._offered = offered
            self.retranslate()

    def is_wanted(self) -> bool:
        """Whether there is something to offer."""
        return self._offered is not None

    def retranslate(self) -> None:
        self._title.setText(tr("A bigger cat fits here"))
        self._words.setText(offer_words(self._offered) if self._offered else "")
        self._open.setText(tr("See what fits"))
        self._dismiss.setText(tr("No, thank you"))
        for control in (self._open, self._dismiss):
            control.setAccessibleName(control.text())
            control.setAccessibleDescription(self._words.text())


def offer_words(offered: Recommendation) -> str:
    """What there is now, what could be, and what that takes."""
    return tr(
        "nyanko-mini is small and answers at once. {title} knows more: "
        "{memory} of memory in {precision}, {download} to download.",
        title=offered.title,
        memory=size(offered.bytes),
        precision=offered.precision,
        download=size(offered.download),
    )
