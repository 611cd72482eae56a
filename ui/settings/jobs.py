"""A download or a quantization as a card: how far it is, how long it takes, and what can be done with it."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from inference_worker.protocol.messages import JobStage
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import JobView
from ui.format import remaining, size, speed
from ui.theme import kind
from ui.widgets.basics import ElidedLabel, Live, button, label

STEPS = 1000
"""Of the progress bar."""


class JobCard(Live, QFrame):
    """Renders one :class:`JobView`; emits its id."""

    pause_requested = Signal(str)
    resume_requested = Signal(str)
    cancel_requested = Signal(str)

    def __init__(self, job: JobView) -> None:
        super().__init__()
        kind(self, "card")
        self._job = job
        self._title = kind(ElidedLabel(), "strong")
        self._bar = QProgressBar()
        self._bar.setRange(0, STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a screen reader says how far it is
        self._words = kind(ElidedLabel(), "small")
        self._problem = label("bad", wrap=True)
        self._hint = label("small", wrap=True)
        self._hold, self._resume, self._cancel = button(), button(), button()
        self._hold.clicked.connect(lambda: self.pause_requested.emit(self._job.id))
        self._resume.clicked.connect(lambda: self.resume_requested.emit(self._job.id))
        self._cancel.clicked.connect(lambda: self.cancel_requested.emit(self._job.id))
        self._arrange()
        self.dress()

    def focus_progress(self) -> None:
        """Take the focus to where nothing can be pressed by mistake."""
        self._bar.setFocus()

    def render_item(self, job: JobView) -> None:
        if job != self._job:
            self._job = job
            self.retranslate()

    def retranslate(self) -> None:
        job = self._job
        title = job_title(job)
        self._title.set_whole(title)
        self._bar.setValue(round(job.fraction * STEPS))
        self._bar.setAccessibleName(tr("Progress: {words}", words=title))
        words = job_words(job)
        self._words.set_whole(words)
        self._bar.setAccessibleDescription(words)
        self._problem.setText(f"{job.problem.title}: {job.problem.reason}" if job.problem else "")
        self._problem.setVisible(job.problem is not None)
        self._hint.setText(job.problem.hint if job.problem else "")
        self._hint.setVisible(bool(self._hint.text()))
        kind(self._problem, "bad" if job.state == "failed" else "warn")
        self._name_buttons(title)

    def _name_buttons(self, title: str) -> None:
        job = self._job
        again = tr("Try again") if job.state == "failed" else tr("Resume")
        for one, words, shown in (
            (self._hold, tr("Pause"), job.state == "running"),
            (self._resume, again, job.state in ("paused", "failed")),
            (self._cancel, tr("Cancel"), job.state != "elsewhere"),
        ):
            one.setText(words)
            one.setAccessibleName(f"{words}: {title}")
            one.setVisible(shown)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        for one in (self._hold, self._resume, self._cancel):
            head.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 14, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._bar)
        for part in (self._words, self._problem, self._hint):
            column.addWidget(part)


def job_title(job: JobView) -> str:
    """What is done to which model."""
    if job.kind == "download":
        return tr("Downloading {name}", name=job.name)
    return tr("Quantizing {name} to {precision}", name=job.name, precision=job.precision or "")


def job_words(job: JobView) -> str:
    """``downloading · 1.2 GB of 6.2 GB · 12 MB/s · about 7 min left``."""
    far = tr("{done} of {total}", done=size(job.done), total=size(job.total)) if job.total else ""
    match job.state:
        case "running":
            rest = "" if job.remaining is None else remaining(job.remaining)
            said = [_stage_words(job.stage), far, speed(job.speed), rest, job.detail]
        case "queued":
            said = [tr("waits for another task to end"), far]
        case "paused":
            said = [tr("paused"), far, tr("what is there is kept")]
        case "failed":
            said = [tr("stopped by an error"), far, tr("what is there is kept")] if job.done else []
        case "elsewhere":
            said = [tr("another program does this just now"), far]
        case _:
            assert_never(job.state)
    return " · ".join(words for words in said if words)


def _stage_words(stage: JobStage | None) -> str:
    match stage:
        case None:
            return tr("starting")
        case "listing":
            return tr("asking the hub for its files")
        case "downloading":
            return tr("downloading")
        case "checking":
            return tr("comparing checksums")
        case "reading":
            return tr("reading")
        case "quantizing":
            return tr("quantizing")
        case "writing":
            return tr("writing")
        case _:
            assert_never(stage)
