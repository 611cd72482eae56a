"""The keys that open quick-ask from any program: record them, and what became of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.settings.view import HotkeyState, SettingsView
from nyanko_desktop.shell.hotkey.base import parse
from ui.settings.parts import Card, Page, Row, heading
from ui.theme import kind
from ui.widgets.basics import button, frame, label

_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Shift, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeyRecorder(QPushButton):
    """Shows the keys; after a click it takes the next ones that are pressed. Esc leaves them as they were."""

    recorded = Signal(str)
    """Keys as Qt writes them, for example ``Ctrl+Alt+N``."""
    refused = Signal()
    """What was pressed is no hotkey."""

    def __init__(self) -> None:
        super().__init__()
        self._keys = ""
        self._recording = False
        self.setMinimumWidth(180)
        self.clicked.connect(lambda: self._record(True))

    def set_keys(self, keys: str) -> None:
        self._keys = keys
        self._show()

    def retranslate(self) -> None:
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._recording:
            super().keyPressEvent(event)
            return
        event.accept()
        if event.key() == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._record(False)
        elif event.key() not in (*_MODIFIERS, Qt.Key.Key_unknown) and not event.isAutoRepeat():
            self._take(QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._record(False)
        super().focusOutEvent(event)

    def _take(self, keys: str) -> None:
        try:
            chord = parse(keys)
        except ValueError:
            self.refused.emit()
            return
        self._record(False)
        self.recorded.emit(str(chord))

    def _record(self, on: bool) -> None:
        self._recording = on
        self._show()

    def _show(self) -> None:
        self.setText(tr("Press the keys…") if self._recording else self._keys or tr("none"))


class HotkeyPage(Page):
    """Renders the hotkey; emits other keys."""

    keys_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._state = HotkeyState("unbound")
        self._title = heading()
        self._recorder = KeyRecorder()
        self._recorder.recorded.connect(self.keys_chosen)
        self._recorder.refused.connect(lambda: self._say(tr("Take Ctrl, Alt or Meta with another key."), "warn"))
        self._none = button()
        self._none.clicked.connect(lambda: self.keys_chosen.emit(""))
        control = QWidget()
        keys = QHBoxLayout(control)
        keys.setContentsMargins(0, 0, 0, 0)
        keys.setSpacing(8)
        keys.addWidget(self._recorder)
        keys.addWidget(self._none)
        self._row = Row(control)
        card = Card()
        card.add(self._row)
        self._words = label(wrap=True)
        self._words.setContentsMargins(0, 10, 0, 10)
        card.add(self._words)
        self._hint = label("soft", wrap=True)
        self._command = label("mono")
        self._command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box = frame("code")
        inner = QVBoxLayout(box)
        inner.setContentsMargins(14, 10, 14, 10)
        inner.addWidget(self._command)
        for part in (self._title, card, self._hint, box):
            self.column.addWidget(part)
        self.column.addStretch()
        self._command.setText("nyanko quick-ask")
        self.dress()

    def title(self) -> str:
        return tr("Hotkey")

    def render_view(self, view: SettingsView) -> None:
        self._state = view.hotkey
        keys = view.settings.hotkey.quick_ask
        self._recorder.set_keys(keys)
        self._none.setEnabled(bool(keys))
        self._show_state()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        self._row.say(tr("Ask from anywhere"), tr("Opens quick-ask from any program."))
        self._none.setText(tr("No hotkey"))
        self._none.setAccessibleName(tr("No hotkey"))
        self._hint.setText(tr("Your desktop's own keyboard settings can run this command as well:"))
        self._recorder.retranslate()
        self._recorder.setAccessibleName(tr("Keys for quick-ask"))
        self._show_state()

    def _show_state(self) -> None:
        state = self._state
        match state.kind:
            case "unbound":
                self._say(tr("No keys are bound."), "soft")
            case "binding":
                self._say(tr("The desktop is being asked for {keys}…", keys=state.keys), "soft")
            case "bound":
                self._say("✓ " + tr("{keys} opens quick-ask.", keys=state.keys), "good")
            case "taken":
                self._say(tr("{keys} is taken. {reason}", keys=state.keys, reason=state.reason), "warn")
            case "needs_consent":
                self._say(tr("{keys} waits for your consent. {reason}", keys=state.keys, reason=state.reason), "warn")
            case "unsupported" | "failed":
                self._say(tr("{keys} could not be bound. {reason}", keys=state.keys, reason=state.reason), "bad")

    def _say(self, words: str, ink: str) -> None:
        self._words.setText(words)
        kind(self._words, ink)
