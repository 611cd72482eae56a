"""Below the precisions: quantize the chosen one once and for all, with what it takes, or how far it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from inference_worker.protocol.messages import Precision
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import JobView, LibraryView
from nyanko_desktop.settings.view import PrecisionView, SettingsView
from ui.format import size
from ui.settings.jobs import JobCard
from ui.theme import kind
from ui.widgets.basics import Live, button, label

QUANTIZED: Final[frozenset[Precision]] = frozenset({"int8", "int8-zero-point", "llm-int8", "int4"})
"""Precisions that a copy can be written in."""


class QuantizeCard(Live, QWidget):
    """An offer, or the job it became; hidden where there is nothing to quantize."""

    quantize_requested = Signal(str)
    """The precision."""
    pause_requested = Signal(str)
    resume_requested = Signal(str)
    cancel_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._offered: PrecisionView | None = None
        self._title = label("strong", wrap=True)
        self._words = label("soft", wrap=True)
        self._start = button("primary")
        self._start.clicked.connect(self._request)
        self._offer = self._arrange()
        self._job: JobCard | None = None
        self.hide()
        self.dress()

    def render_view(self, view: SettingsView, library: LibraryView) -> None:
        """Show what ``library`` does, or could do, for the model and precision of ``view``."""
        job, focused = job_of(view, library), self._start.hasFocus()
        self._offered = None if job else offer_of(view)
        self._offer.setVisible(self._offered is not None)
        self._show_job(job)
        self.setVisible(job is not None or self._offered is not None)
        if focused and self._job is not None and job is not None:
            self._job.focus_progress()
        self.retranslate()

    def retranslate(self) -> None:
        offered = self._offered
        if offered is None:
            return
        self._title.setText(tr("Quantize {precision} once", precision=offered.precision))
        self._words.setText(
            tr("Takes about {size} on the disk; afterwards every start reads only that.", size=size(offered.weights))
        )
        self._start.setText(tr("Quantize"))
        self._start.setAccessibleName(self._title.text())
        self._start.setAccessibleDescription(self._words.text())

    def _request(self) -> None:
        if self._offered is not None:
            self.quantize_requested.emit(self._offered.precision)

    def _show_job(self, job: JobView | None) -> None:
        if job is None:
            if self._job is not None:
                self._job.hide()
            return
        if self._job is None:
            self._job = JobCard(job)
            self._job.pause_requested.connect(self.pause_requested)
            self._job.resume_requested.connect(self.resume_requested)
            self._job.cancel_requested.connect(self.cancel_requested)
            self._column.addWidget(self._job)
        self._job.render_item(job)
        self._job.show()

    def _arrange(self) -> QFrame:
        offer = kind(QFrame(), "card")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._words)
        row = QHBoxLayout(offer)
        row.setContentsMargins(18, 12, 14, 12)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self._start)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(offer)
        return offer


def job_of(view: SettingsView, library: LibraryView) -> JobView | None:
    """The quantization of the chosen model in the chosen precision, if it goes on."""
    model = view.settings.model
    return next(
        (
            job
            for job in library.jobs
            if job.kind == "quantize" and job.model == model.path and job.precision == model.precision
        ),
        None,
    )


def offer_of(view: SettingsView) -> PrecisionView | None:
    """What could be quantized now: not the embedded model, which comes quantized, and nothing that has its copy."""
    model = view.settings.model
    if not model.path or view.plan is None or model.precision not in QUANTIZED:
        return None
    return next((p for p in view.plan.precisions if p.precision == model.precision and not p.quantized), None)
