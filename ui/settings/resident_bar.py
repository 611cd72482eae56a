"""The foot of the model page: what is in memory now, when its memory is given back, and the button that does so now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel

from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.schema import FreeAfter
from nyanko_desktop.settings.view import SettingsView
from nyanko_desktop.worker.state import WorkerState
from ui.format import size
from ui.settings.parts import MARGIN
from ui.status import dot_color, why
from ui.theme import current, kind
from ui.widgets.basics import ElidedLabel, Live, button, frame, tip
from ui.widgets.pill import dot


class ResidentBar(Live, QFrame):
    """Renders the worker's state; emits what should become of its memory."""

    free_memory_requested = Signal()
    free_after_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        kind(self, "bare")
        self._view = SettingsView()
        self._dot = QLabel()
        self._words = ElidedLabel(hugging=True)
        self._after = QComboBox()
        self._after.activated.connect(lambda index: self.free_after_chosen.emit(self._after.itemData(index)))
        self._free = button()
        self._free.clicked.connect(self.free_memory_requested)
        pill = frame("pill")
        inner = QHBoxLayout(pill)
        inner.setContentsMargins(14, 5, 14, 5)
        inner.setSpacing(6)
        inner.addWidget(self._dot)
        inner.addWidget(self._words)
        self._pill = pill
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 10, MARGIN, 16)
        row.setSpacing(10)
        row.addWidget(pill)
        row.addStretch()
        row.addWidget(self._after)
        row.addWidget(self._free)
        self.dress()

    def render_view(self, view: SettingsView) -> None:
        before, self._view = self._view, view
        if view.worker != before.worker:
            self._show()
        after = self._after.findData(view.settings.model.free_after)
        if after != self._after.currentIndex():
            self._after.setCurrentIndex(after)

    def retranslate(self) -> None:
        self._after.clear()
        for value, words in _after_words().items():
            self._after.addItem(words, value)
        self._after.setCurrentIndex(self._after.findData(self._view.settings.model.free_after))
        self._after.setAccessibleName(tr("When the memory is given back"))
        self._free.setText(tr("Free the memory now"))
        self._free.setAccessibleName(tr("Free the memory now"))
        self._show()

    def restyle(self) -> None:
        color = dot_color(self._view.worker, current())
        self._dot.setPixmap(dot(color, self.devicePixelRatioF()).pixmap(14, 8))

    def _show(self) -> None:
        worker = self._view.worker
        self._words.set_whole(resident_words(worker))
        notes = [reason_in_words(note) for note in worker.model.notes] if worker.model else []
        told = "\n".join([why(worker), *notes]).strip()
        self._pill.setToolTip(tip(told))
        self._pill.setAccessibleName(self._words.whole())
        self._pill.setAccessibleDescription(told)
        can_free = worker.kind not in ("asleep", "failed")
        if self._free.hasFocus() and not can_free:
            self._after.setFocus()  # else Qt would hand it to the first control of the page
        self._free.setEnabled(can_free)
        self.restyle()


def resident_words(worker: WorkerState) -> str:
    """``Now: glm · int8 on NVIDIA P102-100, 6.9 GB``, or why nothing is there."""
    if worker.model is not None:
        model = worker.model
        words = tr(
            "Now: {precision} on {device}, {size}",
            precision=model.precision,
            device=model.device_name or model.device,
            size=size(model.bytes),
        )
        if model.bytes_elsewhere:
            words += " " + tr("and {size} on other devices", size=size(model.bytes_elsewhere))
        return words
    match worker.kind:
        case "loading":
            return tr("Now: loading {percent} %", percent=round(worker.progress * 100))
        case "starting":
            return tr("Now: waking up")
        case "failed":
            return tr("Now: loading failed")
        case _:
            return tr("Asleep: memory given back")


def _after_words() -> dict[FreeAfter, str]:
    return {
        "at_once": tr("Free after each answer"),
        "5_minutes": tr("Free after 5 min idle"),
        "30_minutes": tr("Free after 30 min idle"),
        "never": tr("Keep in memory"),
    }
