"""How the tests of the settings read a window and press what is in it."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.basics import ElidedLabel

Kind = TypeVar("Kind", bound=QWidget)


def heard(signal: QObject) -> list[Any]:
    """Everything that the signal says from now on: its value, or all of them where it has several."""
    said: list[Any] = []
    signal.connect(lambda *values: said.append(values[0] if len(values) == 1 else values))  # type: ignore[attr-defined]
    return said


def words(widget: QWidget) -> str:
    """Every label that can be seen, whole."""
    shown = [part for part in widget.findChildren(QLabel) if part.isVisibleTo(widget)]
    return "\n".join(part.whole() if isinstance(part, ElidedLabel) else part.text() for part in shown)


def named(parent: QWidget, kind: type[Kind], name: str) -> Kind:
    """The control of this kind with this name."""
    return next(part for part in parent.findChildren(kind) if part.accessibleName() == name)


def press_as_a_screen_reader(widget: QWidget) -> None:
    """What AT-SPI and UI Automation do: the first action of the control, which for a checkable one is to toggle."""
    actions = QAccessible.queryAccessibleInterface(widget).actionInterface()
    assert isinstance(actions, QAccessibleActionInterface)
    actions.doAction(actions.actionNames()[0])
