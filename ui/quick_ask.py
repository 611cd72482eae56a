"""Quick-ask: one line to ask from anywhere, the answer in place. Renders a ViewState, emits intents.

Built once at start and only shown later, so that the field has the focus within a blink. Knows no hotkey: whoever shows
it says where. Esc hides it; what was typed stays.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from nyanko_desktop.chat.view_state import Attachment, MessageView, TextView, ViewState
from nyanko_desktop.i18n import on_language_changed, tr
from nyanko_desktop.worker.state import WorkerState
from ui.avatar import mood_of
from ui.status import state_words
from ui.theme import GRID, current, kind, text_font
from ui.widgets.attachment import ClipboardChip
from ui.widgets.basics import CatLabel, ElidedLabel, IconButton, Live, button, frame
from ui.widgets.composer import MessageField
from ui.widgets.focus_ring import reach_by_keyboard
from ui.widgets.message import NyankoMessage
from ui.widgets.pill import Pill
from ui.widgets.trouble import NoticeBar

WIDTH: Final = 680
RADIUS: Final = 14
SHADOW: Final = 28
"""Room around the window for its shadow, where a compositor can show one."""
FIELD_PIXELS: Final = 17
FIELD_TALLEST: Final = 150
"""The field grows up to here, then it scrolls."""
ANSWER_SHARE: Final = 0.55
"""Of the screen's height: a longer answer scrolls."""
FROM_TOP: Final = 0.2
"""Of the screen's height: where the window begins."""


class QuickAsk(Live, QWidget):
    """The window. ``composited``: the screen can show what is half transparent."""

    send = Signal(str, object)
    """As the chat window's."""
    stop = Signal()
    retry = Signal()
    resume = Signal()
    new_conversation = Signal()
    open_in_chat = Signal()
    free_memory_requested = Signal()
    action_requested = Signal(str)
    """As the chat window's, and ``open_settings``."""
    link_clicked = Signal(str)
    call_acted = Signal(str, str)
    """As the chat window's."""
    dismissed = Signal()

    def __init__(self, *, composited: bool = False) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self._margin = SHADOW if composited else 0
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, composited)
        self._state = ViewState()
        self._sent = ""
        self._sent_along: tuple[Attachment, ...] = ()
        self._at_end = True
        """The end of the answer is in view, and stays there while it grows."""
        self._answer: NyankoMessage | None = None
        self._cat = CatLabel(32)
        self.field = _Field()
        self.field.submitted.connect(self._submit)
        self.field.textChanged.connect(self._show_mood)
        self.clipboard = ClipboardChip()
        self.clipboard.changed.connect(self._attachment_changed)
        self._pill = Pill()
        self._pill.free_memory_requested.connect(self.free_memory_requested)
        self._stop = IconButton("stop", ink="accent_text")
        self._stop.clicked.connect(self.stop)
        self._middle = QWidget()
        self._question = kind(ElidedLabel(), "soft")
        self._scroll = QScrollArea()
        reach_by_keyboard(self._scroll)
        self._notice = NoticeBar()
        self._notice.action_requested.connect(self._act)
        self._notice.dismissed.connect(lambda: self.action_requested.emit("dismiss_notice"))
        self._hints = [button("quiet") for _ in range(5)]
        self._arrange()
        leave = on_language_changed(self._language_changed)
        self.destroyed.connect(lambda: leave())
        self.dress()
        self.render_state(self._state)

    # ------------------------------------------------------------ showing and hiding

    def present(self) -> None:
        """Show the window on the screen of the pointer with the focus in the field."""
        if not self.isVisible():
            self._fit_answer()
            if not QGuiApplication.platformName().startswith("wayland"):  # there, windows may not place themselves
                self.move(self._place())
            self.show()
        self.raise_()
        self.activateWindow()
        self.field.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def dismiss(self) -> None:
        """Hide the window; the draft and the answer stay."""
        self.hide()
        self.dismissed.emit()

    def draft(self) -> str:
        """What is typed and not yet asked."""
        return self.field.text()

    def _place(self) -> QPoint:
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        area = screen.availableGeometry()
        return QPoint(
            area.center().x() - self.width() // 2, area.top() + round(area.height() * FROM_TOP) - self._margin
        )

    # ------------------------------------------------------------ rendering

    def render_state(self, state: ViewState) -> None:
        """Show the last question of ``state`` and its answer."""
        self._state = state
        question, reply = _last(state, "user"), _last(state, "assistant")
        self._question.set_whole(_text_of(question) if question else "")
        self._take_from_field(_text_of(question) if question else "")
        self._show_mood()
        self._pill.render_state(state.worker)
        self._stop.setVisible(state.busy)
        self._render_answer(reply)
        # Only what kept this question from being asked matters here; the chat window shows the rest.
        self._notice.render_view(state.notice if self._sent else None)
        self._middle.setVisible(reply is not None)
        for hint in self._hints[1:4]:
            hint.setVisible(reply is not None)
        self._say_hints()
        self._fit_answer()

    def _take_from_field(self, asked: str) -> None:
        """What was sent leaves the field when the conversation has it; what was typed meanwhile stays."""
        if self._sent and self._sent.strip() == asked:
            self.field.set_text(self.draft().removeprefix(self._sent))
            if self.clipboard.attached() == self._sent_along:
                self.clipboard.clear()
            self._sent, self._sent_along = "", ()

    def _show_mood(self) -> None:
        self._cat.set_mood(mood_of(self._state.worker, listening=bool(self.draft())))

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Quick-ask"))
        self.field.setAccessibleName(tr("Quick-ask"))
        self.field.setPlaceholderText(tr("Ask Nyanko…"))
        self._stop.name(tr("Stop"))
        self._scroll.setAccessibleName(tr("Conversation"))
        self._say_hints()

    def _say_hints(self) -> None:
        words = (
            (tr("Follow up") if self._answer else tr("Ask"), "⏎"),
            (tr("Open in chat"), "Ctrl ⏎"),
            (tr("Copy the answer"), "Ctrl C"),
            (tr("New question"), "Ctrl N"),
            (tr("Hide"), "Esc"),
        )
        for hint, (text, keys) in zip(self._hints, words, strict=True):
            hint.setText(f"{keys}  {text}")
            hint.setAccessibleName(text)

    def restyle(self) -> None:
        self.update()

    def copy_answer(self) -> None:
        """The text of the answer goes to the clipboard, as Markdown."""
        reply = _last(self._state, "assistant")
        if reply is not None and (text := _text_of(reply)):
            QGuiApplication.clipboard().setText(text)

    def _render_answer(self, reply: MessageView | None) -> None:
        if self._answer is not None and (reply is None or self._answer.view.id != reply.id):
            self._scroll.takeWidget().deleteLater()
            self._answer = None
        if reply is None:
            return
        if self._answer is None:
            self._answer = NyankoMessage(reply, self._scroll)
            self._answer.stand_alone()
            self._answer.link_clicked.connect(self.link_clicked)
            self._answer.action_requested.connect(self._act)
            self._answer.call_acted.connect(self.call_acted)
            self._answer.resized.connect(self._fit_answer)
            self._scroll.setWidget(self._answer)
            self._at_end = True
        self._answer.set_activity(_activity(self._state.worker))
        self._answer.render_view(reply, last=True)

    def _act(self, action: str) -> None:
        match action:
            case "continue":
                self.resume.emit()
            case "retry":
                self.retry.emit()
            case "free_memory":
                self.free_memory_requested.emit()
            case _:
                self.action_requested.emit(action)

    def _language_changed(self) -> None:
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LanguageChange))
        self.render_state(self._state)

    # ------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        match event.key():
            case Qt.Key.Key_Escape:
                self.dismiss()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if ctrl:
                self._open_in_chat()
            case Qt.Key.Key_C if ctrl:
                self.copy_answer()
            case Qt.Key.Key_N if ctrl:
                self._begin_anew()
            case _:
                super().keyPressEvent(event)

    def _submit(self) -> None:
        if self.draft().strip() and not self._state.busy and not self.field.is_composing():
            self._sent, self._sent_along = self.draft(), self.clipboard.attached()
            self.send.emit(self._sent.strip(), self._sent_along)

    def _attachment_changed(self) -> None:
        if self.isVisible():
            self.field.setFocus()

    def _open_in_chat(self) -> None:
        """The conversation goes on in the chat window."""
        if self._state.current is not None:
            self.open_in_chat.emit()
            self.dismiss()

    def _begin_anew(self) -> None:
        self.new_conversation.emit()
        self.field.setFocus()

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(18, 12, 16, 12)
        top.setSpacing(12)
        top.addWidget(self._cat, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.field, 1, Qt.AlignmentFlag.AlignVCenter)
        for part in (self.clipboard.button, self._stop, self._pill):
            top.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        beside = QHBoxLayout()
        beside.setContentsMargins(18 + 32 + 12, 0, 16, 11)
        beside.addWidget(self.clipboard)
        beside.addStretch()
        self._arrange_middle()
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 5, 14, 5)
        foot.setSpacing(6)
        for hint in self._hints[:4]:
            foot.addWidget(hint)
        foot.addStretch()
        foot.addWidget(self._hints[4])
        actions = (self._submit, self._open_in_chat, self.copy_answer, self._begin_anew, self.dismiss)
        for hint, action in zip(self._hints, actions, strict=True):
            hint.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            hint.clicked.connect(action)
        body = QWidget()
        body.setFixedWidth(WIDTH - 2)
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(top)
        inside.addLayout(beside)
        inside.addWidget(self._notice)
        inside.addWidget(self._middle)
        inside.addWidget(frame("hairline"))
        inside.addLayout(foot)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # as large as what is in it
        column.setContentsMargins(*(self._margin + 1,) * 4)
        column.addWidget(body)

    def _arrange_middle(self) -> None:
        self._scroll.setWidgetResizable(False)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._follow_end)
        self._scroll.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        answer = QVBoxLayout(self._middle)
        answer.setContentsMargins(0, 0, 0, 0)
        answer.setSpacing(0)
        answer.addWidget(frame("hairline"))
        question = QHBoxLayout()
        question.setContentsMargins(20, 12, 20, 4)
        question.addWidget(self._question)
        answer.addLayout(question)
        holder = QHBoxLayout()
        holder.setContentsMargins(20, 0, 8, 0)
        holder.addWidget(self._scroll)
        answer.addLayout(holder)

    def _fit_answer(self) -> None:
        """Show the whole answer if the screen has room for it."""
        if self._answer is None:
            return
        width = WIDTH - 2 - 20 - 20
        self._answer.set_width(width)
        wanted = self._answer.wanted_height(width)
        limit = round((self.screen() or QGuiApplication.primaryScreen()).availableGeometry().height() * ANSWER_SHARE)
        self._answer.resize(width, wanted)
        self._scroll.setFixedHeight(min(wanted, limit))
        self._follow_end()

    def _follow_end(self) -> None:
        """Also when Qt has laid out what was measured: the buttons of a question must not be below the edge."""
        if self._state.busy and self._at_end:
            bar = self._scroll.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self._scroll.verticalScrollBar().maximum() - GRID

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._margin:
            path = QPainterPath()
            path.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
            self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(*(self._margin,) * 2, *(-self._margin,) * 2)
        if self._margin:
            _paint_shadow(painter, body, self._margin)
        # Without a shadow the rim alone keeps the window apart from what lies behind it.
        painter.setPen(QColor(theme.line if self._margin else theme.soft))
        painter.setBrush(QColor(theme.background))
        painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()


class _Field(MessageField):
    """What is asked. Keys that mean something to the whole window are left to it."""

    def __init__(self) -> None:
        super().__init__(tallest=FIELD_TALLEST)
        self.setFont(text_font(FIELD_PIXELS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_for_window(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """A text field claims Ctrl+C for itself; without a selection it would copy nothing."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self.is_for_window(event):
            event.ignore()
            return False
        return super().event(event)

    def is_for_window(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.ControlModifier:
            return False
        if event.key() == Qt.Key.Key_C:
            return not self.textCursor().hasSelection()
        return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_N)


def _activity(worker: WorkerState) -> str:
    """What stands in the place of the answer until it begins."""
    if worker.kind in ("resident", "failed"):
        return state_words(worker) + "…"
    return tr("Queued: {state}. The answer follows by itself.", state=state_words(worker))


def _last(state: ViewState, role: str) -> MessageView | None:
    return next((message for message in reversed(state.messages) if message.role == role), None)


def _text_of(message: MessageView) -> str:
    said = (part.text.strip() for part in message.parts if isinstance(part, TextView) and not part.source)
    return "\n\n".join(filter(None, said))


def _paint_shadow(painter: QPainter, body: QRectF, reach: int) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    ink = QColor(0, 0, 0)
    for distance in range(reach, 0, -2):
        ink.setAlphaF(0.014 * (1 - distance / reach) + 0.002)
        painter.setBrush(ink)
        grown = body.adjusted(-distance, -distance + 6, distance, distance + 4)
        painter.drawRoundedRect(grown, RADIUS + distance, RADIUS + distance)
