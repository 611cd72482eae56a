"""One line that opens on click: the looks of tool cards and of thinking. Knows nothing of either."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from ui.theme import kind
from ui.widgets.basics import IconButton, Live


class Fold(Live, QFrame):
    """A head that is always there and a body that is made when it is opened for the first time."""

    toggled = Signal(bool)

    def __init__(self, looks: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kind(self, looks)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._body: QWidget | None = None
        self._chevron = IconButton("chevron-down", size=14)
        self._chevron.clicked.connect(self.toggle)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(4)
        self._column.addLayout(self.head)

    def make_body(self) -> QWidget:
        """What stands below the head while open."""
        raise NotImplementedError

    def is_open(self) -> bool:
        return self._body is not None and not self._body.isHidden()

    def toggle(self) -> None:
        """Open or close."""
        if self._body is None:
            self._body = self.make_body()
            self._column.addWidget(self._body)
            self._body.show()
        else:
            self._body.setVisible(self._body.isHidden())
        self._chevron.set_icon("chevron-up" if self.is_open() else "chevron-down")
        self._name_chevron()
        self.updateGeometry()
        self.toggled.emit(self.is_open())

    def retranslate(self) -> None:
        self._name_chevron()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        in_head = event.position().y() <= self.head.geometry().bottom() + self._column.contentsMargins().top()
        if event.button() == Qt.MouseButton.LeftButton and in_head:
            self.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def _name_chevron(self) -> None:
        self._chevron.name(tr("Close the details") if self.is_open() else tr("Show the details"))
