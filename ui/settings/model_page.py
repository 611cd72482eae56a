"""The model that answers: how it is held, where, what each precision takes, and what of it is in memory now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import LibraryView, ModelEntry
from nyanko_desktop.settings.view import ModelChoice, SettingsView
from ui.format import place, size, tokens
from ui.settings.memory_rows import HEIGHT, Legend, MemoryRows
from ui.settings.model_options import ModelOptions
from ui.settings.parts import Card, Page
from ui.settings.quantize_card import QuantizeCard
from ui.settings.resident_bar import ResidentBar
from ui.theme import kind
from ui.widgets.basics import ElidedLabel, button, label
from ui.widgets.trouble import TroubleCard

OUT_OF_MEMORY = "out_of_memory"


class ModelPage(Page):
    """Renders model, device and memory; emits choices."""

    another_model_requested = Signal()
    precision_chosen = Signal(str)
    device_chosen = Signal(str)
    context_chosen = Signal(int)
    group_chosen = Signal(int)
    kv_cache_chosen = Signal(str)
    free_after_chosen = Signal(str)
    free_memory_requested = Signal()
    restart_requested = Signal()
    """Load it once more, after it failed."""
    quantize_requested = Signal(str, str)
    """The model's key and the precision."""
    pause_requested = Signal(str)
    resume_requested = Signal(str)
    cancel_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view = SettingsView()
        self._library = LibraryView()
        self._name = kind(ElidedLabel(hugging=True), "heading")
        self._about = kind(ElidedLabel(), "soft")
        self._change = button()
        self._options = ModelOptions()
        self._card = Card()
        self._rows, self._legend = MemoryRows(), Legend()
        self._state = label("small", wrap=True)
        self._shorter = label(wrap=True)
        self._shorten = button()
        self._trouble: TroubleCard | None = None
        self._quantize = QuantizeCard()
        self._resident = ResidentBar()
        self._arrange()
        self._connect()
        self.dress()

    def title(self) -> str:
        return tr("Model & precision")

    def render_view(self, view: SettingsView) -> None:
        self._view = view
        self._options.render_view(view)
        self._resident.render_view(view)
        self._show()

    def render_library(self, view: LibraryView) -> None:
        if (view.models, view.jobs) != (self._library.models, self._library.jobs):
            self._library = view
            self._show()

    def retranslate(self) -> None:
        self._change.setText(tr("Change model"))
        self._change.setAccessibleName(tr("Change model"))
        self._rows.rebuild()
        self._show()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        """Show all parts. The focus of what is hidden would go to any neighbour: the chosen precision takes it."""
        focused = self.focusWidget()
        self._show_parts()
        gone = focused is not None and not focused.isVisibleTo(self)
        if gone and not isinstance(self.focusWidget(), QProgressBar):  # which took it on purpose
            self._rows.focus_chosen()

    def _show_parts(self) -> None:
        view = self._view
        entry = self._entry()
        self._name.set_whole(entry.name if entry is not None else self._choice().name)
        self._about.set_whole(self._about_words())
        self._legend.render_plan(view.plan)
        self._rows.render_plan(view.plan, view.settings.model.precision)
        problem = self._problem()
        self._card.setVisible(problem is None or view.plan is not None)
        waiting = view.plan is None and view.plan_problem is None and view.planning
        self._state.setText(tr("The worker is being asked what each precision takes…") if waiting else "")
        self._state.setVisible(waiting)
        self._show_shorter()
        self._show_trouble(problem)
        self._quantize.render_view(view, self._library)

    def _choice(self) -> ModelChoice:
        return next((m for m in self._view.models if m.chosen), ModelChoice("", ""))

    def _entry(self) -> ModelEntry | None:
        path = self._choice().path
        return next((m for m in self._library.models if m.key == path), None)

    def _about_words(self) -> str:
        entry, choice = self._entry(), self._choice()
        where = place(choice.path, str(Path.home())) or tr("embedded")
        if entry is not None and entry.kind == "downloaded":
            where = tr("downloaded")
        said = [size(entry.bytes)] if entry is not None and entry.bytes else []
        return " · ".join((*said, where))

    def _shorter_context(self) -> int:
        """The context with which the chosen precision fits; 0 where it fits as it is, or not at all."""
        model, plan = self._view.settings.model, self._view.plan
        views = plan.precisions if plan else ()
        chosen = next((p for p in views if p.precision == model.precision), None)
        return chosen.largest_context if chosen is not None and chosen.verdict == "fits_shorter" else 0

    def _show_shorter(self) -> None:
        count, model = self._shorter_context(), self._view.settings.model
        self._shorter.setText(tr("{precision} fits with a shorter context.", precision=model.precision))
        self._shorten.setText(tr("Take {count} tokens", count=tokens(count)))
        for part in (self._shorter, self._shorten):
            part.setVisible(count > 0)

    # ------------------------------------------------------------ trouble

    def _problem(self) -> Explanation | None:
        """What stands in the way of this model; a failed load says more than the estimate."""
        view = self._view
        if view.worker.kind == "failed" and view.worker.error is not None:
            return explain(view.worker.error)
        return view.plan_problem

    def _show_trouble(self, problem: Explanation | None) -> None:
        if problem is None:
            if self._trouble is not None:
                self._trouble.hide()
            return
        if problem.action in ("none", "open_settings", "continue"):
            problem = replace(problem, action="retry")  # the settings are here
        if problem.code == OUT_OF_MEMORY and self._nearest():
            problem = replace(problem, hint="")  # the button does what it advises
        if self._trouble is None:
            self._trouble = TroubleCard(problem)
            self._trouble.action_requested.connect(self._act)
            self.column.insertWidget(1, self._trouble)
        self._trouble.render_view(problem)
        self._trouble.say_action(self._action_words(problem))
        self._trouble.show()

    def _action_words(self, problem: Explanation) -> str:
        if problem.code == OUT_OF_MEMORY and (nearest := self._nearest()):
            return tr("Take {precision}, which fits", precision=nearest)
        return "" if problem.action != "retry" or self._view.worker.kind == "failed" else tr("Choose another model")

    def _nearest(self) -> str | None:
        plan = self._view.plan
        return plan.nearest if plan is not None and plan.nearest != self._view.settings.model.precision else None

    def _act(self, action: str) -> None:
        problem = self._problem()
        if problem is not None and problem.code == OUT_OF_MEMORY and (nearest := self._nearest()):
            self.precision_chosen.emit(nearest)
        elif action == "free_memory":
            self.free_memory_requested.emit()
        elif self._view.worker.kind == "failed":
            self.restart_requested.emit()
        else:
            self.another_model_requested.emit()

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._name)
        head.addWidget(self._about, 1)
        head.addWidget(self._change)
        self._card.column.setContentsMargins(10, 8, 10, 10)
        inside: tuple[QWidget, ...] = (self._legend, self._rows, self._state)
        for part in inside:
            self._card.column.addWidget(part)
        self._state.setMinimumHeight(HEIGHT)
        self._state.setContentsMargins(14, 0, 0, 0)
        shorter = QHBoxLayout()
        shorter.setContentsMargins(14, 6, 0, 0)
        shorter.addWidget(self._shorter, 1)
        shorter.addWidget(self._shorten)
        self._card.column.addLayout(shorter)
        self.column.addLayout(head)
        for part in (self._options, self._card, self._quantize):
            self.column.addWidget(part)
        self.column.addStretch()
        self.set_foot(self._resident)

    def _connect(self) -> None:
        self._change.clicked.connect(self.another_model_requested)
        self._rows.chosen.connect(self.precision_chosen)
        self._shorten.clicked.connect(lambda: self.context_chosen.emit(self._shorter_context()))
        for name in ("device_chosen", "context_chosen", "group_chosen", "kv_cache_chosen"):
            getattr(self._options, name).connect(getattr(self, name))
        for name in ("free_memory_requested", "free_after_chosen"):
            getattr(self._resident, name).connect(getattr(self, name))
        for name in ("pause_requested", "resume_requested", "cancel_requested"):
            getattr(self._quantize, name).connect(getattr(self, name))
        self._quantize.quantize_requested.connect(
            lambda precision: self.quantize_requested.emit(self._view.settings.model.path, precision)
        )
