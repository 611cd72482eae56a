"""What the model thought before it answered, folded to one line with its duration."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from nyanko_desktop.i18n import tr
from ui.avatar import icon_pixmap
from ui.format import duration
from ui.theme import current
from ui.widgets.basics import label
from ui.widgets.fold import Fold
from ui.widgets.prose import ProseView


class ThinkingFold(Fold):
    """Closed, it costs nothing however long the thoughts are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bare", parent)
        self._thoughts = ""
        self._seconds: float | None = None
        self._done = False
        self._width = 0
        self._icon = QLabel()
        self._line = label("small")
        self._column.setContentsMargins(0, 0, 0, 4)
        self.head.setSpacing(6)
        for part in (self._icon, self._line, self._chevron):
            self.head.addWidget(part)
        self.head.addStretch()
        self.dress()

    def render_view(self, thoughts: str, seconds: float | None, done: bool) -> None:
        """``seconds`` the thoughts took, if that is known; not ``done`` while they still come."""
        self._thoughts, self._seconds, self._done = thoughts, seconds, done
        if isinstance(self._body, ProseView) and self.is_open():
            self._body.set_plain(thoughts)
        self.retranslate()

    def set_width(self, width: int) -> None:
        self._width = width
        if isinstance(self._body, ProseView):
            self._body.set_width(width)

    def toggle(self) -> None:
        super().toggle()
        if isinstance(self._body, ProseView) and self.is_open():
            self._body.set_plain(self._thoughts)

    def make_body(self) -> QWidget:
        body = ProseView(ink="soft")
        body.set_width(self._width)
        body.set_plain(self._thoughts)
        return body

    def retranslate(self) -> None:
        super().retranslate()
        if not self._done:
            words = tr("Thinking…")
        elif self._seconds is None:
            words = tr("Thoughts")
        else:
            words = tr("Thought for {time}", time=duration(self._seconds))
        self._line.setText(words)
        self.setAccessibleName(words)

    def restyle(self) -> None:
        self._icon.setPixmap(icon_pixmap("thinking", 14, current(), "soft", self.devicePixelRatioF()))
