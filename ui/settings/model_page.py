"""Which model answers, how it is held, where, and what that takes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton

from inference_worker.protocol.messages import DeviceInfo
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import ModelChoice, SettingsView
from ui.format import size
from ui.settings.memory_rows import HEIGHT, NAME_WIDTH, WORDS_WIDTH, MemoryRows
from ui.settings.parts import Card, Page, heading
from ui.status import dot_color
from ui.theme import current
from ui.widgets.basics import ElidedLabel, button, label
from ui.widgets.pill import dot
from ui.widgets.trouble import TroubleCard


class ModelPage(Page):
    """Renders model, device and memory; emits choices."""

    model_chosen = Signal(str)
    folder_added = Signal(str)
    folder_removed = Signal(str)
    precision_chosen = Signal(str)
    device_chosen = Signal(str)
    free_memory_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = SettingsView()
        self._name = heading()
        self._about = ElidedLabel()
        self._change = QToolButton()
        self._change.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._change)
        self._change.setMenu(self._menu)
        self._device_label = label("soft")
        self._device = QComboBox()
        self._device.activated.connect(lambda index: self.device_chosen.emit(self._device.itemData(index)))
        self._card = Card()
        self._rows = MemoryRows()
        self._rows.chosen.connect(self.precision_chosen)
        self._legend = [label("small") for _ in range(3)]
        self._state = label("small", wrap=True)
        self._trouble: TroubleCard | None = None
        self._dot = QLabel()
        self._resident = label()
        self._resident.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._free = button()
        self._free.clicked.connect(self.free_memory_requested)
        self._arrange()
        self.dress()

    def title(self) -> str:
        return tr("Model & precision")

    def render_view(self, view: SettingsView) -> None:
        models_changed = view.models != self._view.models
        devices_changed = (view.devices, view.settings.model.device) != (
            self._view.devices,
            self._view.settings.model.device,
        )
        self._view = view
        if models_changed:
            self._fill_menu()
        if devices_changed:
            self._fill_devices()
        self._show()

    def retranslate(self) -> None:
        self._change.setText(tr("Change model") + "  ▾")
        self._change.setAccessibleName(tr("Change model"))
        self._device_label.setText(tr("Device"))
        self._device.setAccessibleName(tr("Device"))
        self._free.setText(tr("Free the memory now"))
        self._rows.rebuild()
        self._fill_menu()
        self._fill_devices()
        self._show()

    def restyle(self) -> None:
        color = dot_color(self._view.worker, current())
        self._dot.setPixmap(dot(color, self.devicePixelRatioF()).pixmap(14, 8))

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._name)
        head.addWidget(self._about, 1)
        head.addWidget(self._change)
        device = QHBoxLayout()
        device.setSpacing(10)
        device.addWidget(self._device_label)
        device.addWidget(self._device)
        device.addStretch()
        self._device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        card = self._card
        card.column.setContentsMargins(10, 10, 10, 10)
        legend = QHBoxLayout()
        legend.setContentsMargins(14, 2, 0, 6)
        legend.setSpacing(0)
        self._legend[0].setFixedWidth(30 + NAME_WIDTH)
        self._legend[1].setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._legend[2].setFixedWidth(WORDS_WIDTH)
        for part, stretch in zip(self._legend, (0, 1, 0), strict=True):
            legend.addWidget(part, stretch)
        card.column.addLayout(legend)
        card.column.addWidget(self._rows)
        card.column.addWidget(self._state)
        self._state.setMinimumHeight(HEIGHT)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        foot.addWidget(self._dot)
        foot.addWidget(self._resident, 1)
        foot.addWidget(self._free)
        for layout in (head, device):
            self.column.addLayout(layout)
        self.column.addWidget(card)
        self.column.addStretch()
        self.column.addLayout(foot)

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        view = self._view
        model = next((m for m in view.models if m.chosen), None)
        self._name.setText(model.name if model else "")
        self._about.set_whole(self._about_words(model))
        self._rows.render_plan(view.plan, view.settings.model.precision)
        for part, words in zip(self._legend, self._legend_words(), strict=True):
            part.setText(words)
        self._card.setVisible(self._problem() is None or view.plan is not None)
        self._state.setText(self._plan_words())
        self._state.setVisible(bool(self._state.text()))
        self._show_trouble(self._problem())
        self._resident.setText(self._resident_words())
        self.restyle()
        self._free.setEnabled(view.worker.kind not in ("asleep", "failed"))

    def _about_words(self, model: ModelChoice | None) -> str:
        where = tr("embedded") if model is None or not model.path else model.path
        context = self._view.plan.context if self._view.plan else 0
        return where + " · " + tr("{count} tokens of context", count=context) if context else where

    def _legend_words(self) -> tuple[str, str, str]:
        if self._view.plan is None:
            return "", "", ""
        return tr("Precision"), tr("of {free} free", free=size(self._view.plan.free)), tr("Estimate before loading")

    def _plan_words(self) -> str:
        view = self._view
        if view.plan is None and view.plan_problem is None:
            return tr("The worker is being asked what each precision takes…") if view.planning else ""
        return ""

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
        if self._trouble is None:
            self._trouble = TroubleCard(problem)
            self.column.insertWidget(3, self._trouble)
        self._trouble.render_view(problem)
        self._trouble.set_actionable(False)
        self._trouble.show()

    def _resident_words(self) -> str:
        worker = self._view.worker
        if worker.model is not None:
            model = worker.model
            words = tr(
                "Now: {model} · {precision} on {device}, {size}",
                model=model.name,
                precision=model.precision,
                device=model.device_name or model.device,
                size=size(model.bytes),
            )
            return words + (f" + {size(model.bytes_elsewhere)}" if model.bytes_elsewhere else "")
        if worker.kind == "loading":
            return tr("Now: loading {percent} %", percent=round(worker.progress * 100))
        return tr("Now: no model is in memory.")

    # ------------------------------------------------------------ choosing

    def _fill_menu(self) -> None:
        self._menu.clear()
        for model in self._view.models:
            action = self._menu.addAction(_model_words(model))
            action.setCheckable(True)
            action.setChecked(model.chosen)
            action.setToolTip(model.path)
            action.setData(model.path)
            action.triggered.connect(self._choose_model)
        self._menu.addSeparator()
        self._menu.addAction(tr("Add a folder…")).triggered.connect(self.ask_for_folder)
        chosen = next((m for m in self._view.models if m.chosen and m.path), None)
        if chosen is not None:
            remove = self._menu.addAction(tr("Take “{name}” from the list", name=chosen.name))
            remove.triggered.connect(lambda: self.folder_removed.emit(chosen.path))

    def _choose_model(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.model_chosen.emit(action.data())

    def ask_for_folder(self) -> None:
        """Let the person point at a folder; nothing waits for it."""
        dialog = QFileDialog(self, tr("Folder of a model"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder_added)
        dialog.open()

    def _fill_devices(self) -> None:
        wanted = self._view.settings.model.device
        self._device.clear()
        self._device.addItem(tr("Automatic: the best one"), "auto")
        for device in self._view.devices:
            self._device.addItem(_device_words(device), device.device)
            if device.problem:
                item = self._device.model().item(self._device.count() - 1)  # type: ignore[attr-defined]
                item.setEnabled(False)
        if self._device.findData(wanted) < 0:
            self._device.addItem(wanted, wanted)
        self._device.setCurrentIndex(self._device.findData(wanted))


def _model_words(model: ModelChoice) -> str:
    if not model.path:
        return model.name + " · " + tr("embedded")
    return f"{model.name} · {model.problem.title}" if model.problem else model.name


def _device_words(device: DeviceInfo) -> str:
    if device.problem:
        return f"{device.name} · {device.problem}"
    return f"{device.name} · " + tr("{free} of {total} free", free=size(device.free), total=size(device.total))
