"""One tool call as one line: icon, name, argument, result, who made it and how long it took. Opens on click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import ToolView
from nyanko_desktop.i18n import tr
from ui.avatar import icon_pixmap
from ui.format import duration
from ui.theme import Ink, current, kind
from ui.widgets.basics import ElidedLabel, label
from ui.widgets.fold import Fold

_ICONS = {"calculate": "calculate", "now": "now", "remind": "remind"}


def tool_name(name: str) -> str:
    """What a person calls the tool."""
    match name:
        case "calculate":
            return tr("Calculate")
        case "now":
            return tr("Clock")
        case "remind":
            return tr("Reminder")
        case _:
            return name


class ToolCard(Fold):
    """Shows one :class:`ToolView`."""

    def __init__(self, view: ToolView, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._view = view
        self._icon = QLabel()
        self._name = label("strong")
        is_code = view.name == "calculate"
        self._argument = kind(ElidedLabel(hugging=True), "mono" if is_code else "soft")
        self._sign = label("soft")
        self._result = kind(ElidedLabel(hugging=True), "mono-strong" if is_code else "plain")
        self._made_by = label("small")
        self._detail: QLabel | None = None
        self._column.setContentsMargins(12, 5, 6, 5)
        for part in (self._icon, self._name):
            self.head.addWidget(part)
        self.head.addWidget(self._argument)
        self.head.addWidget(self._sign)
        self.head.addWidget(self._result)
        self.head.addStretch(1)
        self.head.addWidget(self._made_by)
        self.head.addWidget(self._chevron)
        self.dress()

    def render_view(self, view: ToolView) -> None:
        """Show another state of the call."""
        if view != self._view:
            self._view = view
            self.retranslate()
            self.restyle()

    def retranslate(self) -> None:
        super().retranslate()
        view = self._view
        self._name.setText(tool_name(view.name))
        self._show(self._argument, view.argument)
        self._show(self._result, view.result or "")
        self._sign.setText("=" if view.name == "calculate" and not view.failed else "→")
        self._sign.setVisible(bool(view.result and view.argument))
        self._made_by.setText(self._origin())
        self.setAccessibleName(f"{tool_name(view.name)} {view.argument} {view.result or ''} {self._origin()}")
        if self._detail is not None:
            self._detail.setText(self._details())

    def restyle(self) -> None:
        ink: Ink = "bad" if self._view.failed else "accent_text"
        name = "warning" if self._view.failed else _ICONS.get(self._view.name, "tool")
        self._icon.setPixmap(icon_pixmap(name, 16, current(), ink, self.devicePixelRatioF()))

    def make_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 0, 6, 4)
        self._detail = label("small", wrap=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail.setText(self._details())
        column.addWidget(self._detail)
        return body

    def _origin(self) -> str:
        view = self._view
        if view.result is None:
            return tr("running…")
        if view.failed:
            return tr("failed · {time}", time=duration(view.seconds))
        if view.name == "calculate":
            return tr("computed by a tool · {time}", time=duration(view.seconds))
        return tr("done by a tool · {time}", time=duration(view.seconds))

    def _details(self) -> str:
        view = self._view
        lines = [tr("Call: {call}", call=f"/{view.name} {view.argument}".rstrip())]
        if view.result is not None:
            lines.append(tr("Result: {result}", result=view.result))
        return "\n".join(lines)

    @staticmethod
    def _show(part: ElidedLabel, text: str) -> None:
        part.set_whole(text)
        part.setVisible(bool(text))
