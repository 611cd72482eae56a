"""How words of a card come into the clipboard: a menu at the pointer or at the focus, and the usual keys.

Knows no call.

What is copied is what is shown: signs that could hide or reorder others stay written out, because a terminal or an
address bar would obey them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

Copyable = tuple[str, Callable[[], str]]
"""What the menu says, and the text; made when it is wanted, because it may be long."""


def copy(text: str) -> None:
    """Put ``text`` into the clipboard."""
    QGuiApplication.clipboard().setText(text)


def is_copy(event: QKeyEvent) -> bool:
    """Whether these are the keys for copying."""
    return event.matches(QKeySequence.StandardKey.Copy)


def show_copy_menu(parent: QWidget, event: QContextMenuEvent, offered: Sequence[Copyable]) -> None:
    """A menu that copies one of what is ``offered``; gone when it closes."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    for words, text in offered:
        action = menu.addAction(words.replace("&", "&&"))
        action.triggered.connect(lambda _=False, text=text: copy(text()))
    menu.popup(event.globalPos())
    event.accept()
