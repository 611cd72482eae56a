"""Where and how the model is held: device, context, cache, and for int4 the columns that share a scale."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inference_worker.protocol.messages import DeviceInfo
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.words import reason_in_words
from nyanko_desktop.settings.view import SettingsView
from ui.format import size, tokens
from ui.settings.parts import Choice
from ui.widgets.basics import Live, label

SHORTEST_CONTEXT: Final = 2048
GROUPS: Final = ("128", "64", "32")
SPLIT: Final = "split"


class ModelOptions(Live, QWidget):
    """Renders the settings of one model; emits changes."""

    device_chosen = Signal(str)
    context_chosen = Signal(int)
    group_chosen = Signal(int)
    kv_cache_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view = SettingsView()
        self._device, self._context = QComboBox(), QComboBox()
        self._device.activated.connect(lambda index: self.device_chosen.emit(self._device.itemData(index)))
        self._context.activated.connect(lambda index: self.context_chosen.emit(self._context.itemData(index)))
        self._cache, self._group = Choice(("16bit", "int8")), Choice(GROUPS)
        self._cache.chosen.connect(self.kv_cache_chosen)
        self._group.chosen.connect(lambda group: self.group_chosen.emit(int(group)))
        self._labels = [label("soft") for _ in range(4)]
        self._problem = label("small", wrap=True)
        self._arrange()
        self.dress()

    def render_view(self, view: SettingsView) -> None:
        before, self._view = self._view, view
        model = view.settings.model
        if (view.devices, model.device) != (before.devices, before.settings.model.device):
            self._fill_devices()
        if (view.plan, model.context) != (before.plan, before.settings.model.context):
            self._fill_contexts()
        self._show()

    def retranslate(self) -> None:
        names = (tr("Device"), tr("Context"), tr("Cache"), tr("Columns that share a scale"))
        tips = (
            "",
            tr("How many tokens of a conversation the model reads at once."),
            tr("How the model keeps what it has read: int8 takes half the memory and is a little less exact."),
            tr("Fewer are more exact and take a little more memory."),
        )
        for part, control, name, tip in zip(self._labels, self._controls(), names, tips, strict=True):
            part.setText(name)
            part.setToolTip(tip)
            control.setAccessibleName(name)
            control.setAccessibleDescription(tip)
        self._cache.say("16bit", tr("16 bit"))
        self._cache.say("int8", "int8")
        for group in GROUPS:
            self._group.say(group, group)
        self._fill_devices()
        self._fill_contexts()
        self._show()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        model = self._view.settings.model
        self._cache.set_value(model.kv_cache)
        self._group.set_value(str(model.group))
        for part in (self._labels[3], self._group):
            part.setVisible(model.precision == "int4")
        self._problem.setText(self._device_problem())
        self._problem.setVisible(bool(self._problem.text()))

    def _device_problem(self) -> str:
        """Why the chosen device cannot be used, or every other one that is broken."""
        chosen = self._view.settings.model.device
        broken = [d for d in self._view.devices if d.problem and chosen in ("auto", d.device)]
        return "\n".join(f"{d.name}: {reason_in_words(d.problem)}" for d in broken)

    def _fill_devices(self) -> None:
        wanted, box = self._view.settings.model.device, self._device
        box.clear()
        box.addItem(tr("Automatic: the best one"), "auto")
        for device in self._view.devices:
            box.addItem(_device_words(device), device.device)
            if device.problem:
                box.model().item(box.count() - 1).setEnabled(False)  # type: ignore[attr-defined]
        if sum(not device.problem for device in self._view.devices) > 1:
            box.addItem(tr("Split over all devices: slower"), SPLIT)
        if box.findData(wanted) < 0:
            box.addItem(wanted, wanted)
        box.setCurrentIndex(box.findData(wanted))

    def _fill_contexts(self) -> None:
        plan, wanted = self._view.plan, self._view.settings.model.context
        offered = max((p.largest_context for p in plan.precisions), default=0) if plan else 0
        box = self._context
        box.clear()
        known = plan is not None and not wanted
        box.addItem(tr("Automatic: {count}", count=tokens(plan.context)) if plan and known else tr("Automatic"), 0)
        for count in contexts(max(offered, plan.context if plan else 0), wanted):
            box.addItem(tokens(count), count)
        box.setCurrentIndex(box.findData(wanted))

    # ------------------------------------------------------------ arranging

    def _controls(self) -> tuple[QWidget, ...]:
        return self._device, self._context, self._cache, self._group

    def _arrange(self) -> None:
        self._device.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._device.setMinimumContentsLength(8)
        self._context.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for part, control in zip(self._labels, self._controls(), strict=True):
            part.setBuddy(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._in_a_row(0, 1, 2))
        column.addLayout(self._in_a_row(3))
        column.addWidget(self._problem)

    def _in_a_row(self, *indices: int) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for index in indices:
            if index != indices[0]:
                row.addSpacing(8)
            row.addWidget(self._labels[index])
            row.addWidget(self._controls()[index])
        if self._device not in [self._controls()[index] for index in indices]:
            row.addStretch()
        return row


def contexts(offered: int, wanted: int) -> list[int]:
    """Contexts to choose from, in tokens: powers of two, all that is ``offered``, and the one that is ``wanted``."""
    made = {offered, wanted} - {0}
    count = SHORTEST_CONTEXT
    while count < offered:
        made.add(count)
        count *= 2
    return sorted(made)


def _device_words(device: DeviceInfo) -> str:
    if device.problem:
        return f"{device.name} · " + tr("cannot be used")
    return f"{device.name} · " + tr("{free} of {total} free", free=size(device.free), total=size(device.total))
