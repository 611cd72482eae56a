"""The question before a model goes: what it frees, what is deleted, what stays. Asked once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import Removal
from ui.format import size
from ui.theme import kind
from ui.widgets.basics import Live, button, label


class RemovalCard(Live, QFrame):
    """Renders a :class:`Removal`; hidden while there is none."""

    confirmed = Signal()
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        kind(self, "trouble")
        self._removal: Removal | None = None
        self._title = label("strong", wrap=True)
        self._words = label(wrap=True)
        self._remove, self._keep = button("danger"), button()
        self._remove.clicked.connect(self.confirmed)
        self._keep.clicked.connect(self.declined)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch()
        foot.addWidget(self._keep)
        foot.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 14, 12)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addLayout(foot)
        self.hide()
        self.dress()

    def render_view(self, removal: Removal | None) -> None:
        """Ask, or stop asking; the answer that changes nothing has the focus."""
        if removal == self._removal:
            return
        self._removal = removal
        self.retranslate()
        self.setVisible(removal is not None)
        if removal is not None:
            self._keep.setFocus()

    def retranslate(self) -> None:
        removal = self._removal
        if removal is None:
            return
        refused = removal.refusal is not None
        title = tr("Remove {name}?", name=removal.name)
        if removal.refusal is not None:
            title = removal.refusal.title
        self._title.setText(title)
        self._words.setText("\n".join(removal_words(removal)))
        self._remove.setVisible(not refused)
        self._remove.setText(tr("Remove"))
        self._remove.setAccessibleName(tr("Remove {name}", name=removal.name))
        self._remove.setAccessibleDescription(self._words.text())
        self._keep.setText(tr("Close") if refused else tr("Keep it"))
        self.setAccessibleName(f"{title} {self._words.text()}")


def removal_words(removal: Removal) -> list[str]:
    """One sentence for each thing that happens."""
    if removal.refusal is not None:
        return [words for words in (removal.refusal.reason, removal.refusal.hint) if words]
    said = []
    if removal.deletes:
        folders = "\n".join(removal.deletes)
        said.append(tr("This frees {size} on the disk and deletes:", size=size(removal.frees)) + "\n" + folders)
    if removal.keeps:
        said.append(tr("{path} is your own and stays where it is.", path=removal.keeps))
    if removal.resident:
        said.append(tr("Its memory is given back first."))
    return said
