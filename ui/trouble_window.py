"""What is shown when the app cannot start: what happened, why, what to do. The only thing left is to quit."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.i18n import tr
from ui.avatar import Mood, app_icon
from ui.widgets.basics import CatLabel, button
from ui.widgets.trouble import TroubleCard


class TroubleWindow(QDialog):
    """``finished`` comes when the person has read it."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__()
        self.setWindowTitle("Nyanko")
        self.setWindowIcon(app_icon())
        self.setFixedWidth(560)
        card = TroubleCard(explanation)
        card.set_actionable(False)
        leave = button("primary")
        leave.setText(tr("Quit"))
        leave.setDefault(True)
        leave.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(CatLabel(32, Mood.SORRY))
        foot.addStretch()
        foot.addWidget(leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addWidget(card)
        column.addLayout(foot)
