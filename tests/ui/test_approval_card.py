"""The question before a call runs: it shows all of it, is answered on purpose only, and takes nothing from the person."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAction, QContextMenuEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer
from nyanko_desktop.i18n import set_language
from tests.ui.calls import FETCH, OF_SERVER, WRITE, waiting
from tests.ui.views import asked, chat, streaming
from ui.chat_window import ChatWindow
from ui.quick_ask import QuickAsk
from ui.widgets.approval_card import DEAF_SECONDS, MOST_SHOWN, ApprovalCard
from ui.widgets.basics import ElidedLabel
from ui.widgets.flow import Flow
from ui.widgets.inset import Inset
from ui.widgets.long_text import CONTINUED, LongText
from ui.widgets.tool_card import ToolCard
from ui.widgets.words import Words

PATIENCE_MS = 60_000
"""For what takes a tenth of a second on an idle machine."""


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def shown(qtbot: QtBot, view: ApprovalView, clock: Clock, width: int = 590) -> tuple[ApprovalCard, list[str]]:
    """A card that was there for long, and what it answers."""
    card, said = ApprovalCard(view, clock=clock), list[str]()
    qtbot.addWidget(card)
    card.answered.connect(said.append)
    card.set_width(width)
    card.show()
    card.finish()
    clock.now += 10
    return card, said


def words(widget: QWidget) -> str:
    """All that can be read, labels and texts."""
    labels = [part for part in widget.findChildren(QLabel) if part.isVisibleTo(widget)]
    said = [part.whole() if isinstance(part, ElidedLabel) else part.text() for part in labels]
    return "\n".join([*said, *(part.text() for part in widget.findChildren(Inset))])


def cards(widget: QWidget) -> list[ApprovalCard]:
    """Those that are whole."""
    return [card for card in widget.findChildren(ApprovalCard) if card.is_settled()]


def button(widget: QWidget, name: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())


def names(widget: QWidget) -> list[str]:
    return [b.accessibleName() for b in widget.findChildren(QPushButton)]


def press_as_a_screen_reader(widget: QAbstractButton) -> None:
    actions = QAccessible.queryAccessibleInterface(widget).actionInterface()
    assert isinstance(actions, QAccessibleActionInterface)
    actions.doAction(QAccessibleActionInterface.pressAction())


# ---------------------------------------------------------------- what it shows


def test_the_whole_call_is_shown(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, WRITE, clock)
    said = words(card)
    wanted = ("wants to write a file", "write_file", "/home/lin/notes/list.md", "path", "list.md", "content", "# Books")
    assert [part for part in (*wanted, "+- Three-Body", "changes or starts something") if part not in said] == []


def test_a_tool_that_is_not_the_one_that_was_allowed_is_told(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(WRITE, tool="time__now", changed=True), clock)
    assert "This is not the tool that you allowed" in words(card)
    assert "This is not the tool that you allowed" in card.accessibleDescription()


def test_whose_words_were_read_before_is_named_and_nothing_is_granted_for_longer(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, FETCH, clock)
    assert all(source in words(card) for source in FETCH.sources)
    assert "books.example" in words(card)
    assert names(card) == ["Allow once", "Don't allow"]


@pytest.mark.parametrize(
    ("view", "longer"),
    [
        (WRITE, ["Allow in this chat", "Allow for this folder", "Always"]),
        (OF_SERVER, ["Allow for this server"]),
        (replace(FETCH, sources=(), offers=(GrantOffer("scope", "books.example"),)), ["Allow for this host"]),
    ],
)
def test_only_what_the_view_offers_can_be_chosen(
    qtbot: QtBot, clock: Clock, view: ApprovalView, longer: list[str]
) -> None:
    card, _ = shown(qtbot, view, clock)
    assert names(card) == ["Allow once", *longer, "Don't allow"]


def test_the_folder_that_would_be_granted_is_named(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, WRITE, clock)
    assert "“This folder” is /home/lin/notes." in words(card)


@pytest.mark.parametrize("width", [240, 380, 590])
def test_names_of_any_length_are_there_whole(qtbot: QtBot, clock: Clock, width: int) -> None:
    long = "very_long_name_" * 8
    view = replace(OF_SERVER, tool=f"files__{long}", arguments=((f"a_{long}", "b"),), scope=f"s_{long}")
    card, _ = shown(qtbot, view, clock, width)
    texts = card.findChildren(Words)
    assert {f"files__{long}", f"a_{long}", f"s_{long}"} <= {part.text() for part in texts}
    assert all(card.rect().contains(part.geometry()) for part in texts)
    assert all(part.drawn_width() <= part.width() for part in texts)


@pytest.mark.parametrize("width", [240, 380, 590])
def test_no_part_lies_on_another_at_any_width(qtbot: QtBot, clock: Clock, width: int) -> None:
    card, _ = shown(qtbot, replace(FETCH, scope=f"{'a' * 60}.example", level="effect"), clock, 590)
    card.set_width(width)
    layout = card.layout()
    assert layout is not None
    layout.activate()
    card.resize(layout.totalSizeHint())
    parts = [part for part in card.findChildren(QLabel) if part.parent() is card and part.isVisible()]
    assert [pair for pair in combinations(parts, 2) if pair[0].geometry().intersects(pair[1].geometry())] == []
    assert all(card.rect().contains(part.geometry()) for part in parts)


def test_an_argument_without_a_value_says_so(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(WRITE, arguments=(("path", "list.md"), ("content", ""))), clock)
    assert "(empty)" in words(card)


def test_of_a_hundred_arguments_each_is_there(qtbot: QtBot, clock: Clock) -> None:
    arguments = tuple((f"name{i}", f"value{i}") for i in range(100))
    card, _ = shown(qtbot, replace(OF_SERVER, arguments=arguments), clock)
    said = words(card)
    assert [part for pair in arguments for part in pair if part not in said] == []


def test_a_card_is_whole_before_it_can_be_answered(qtbot: QtBot, clock: Clock) -> None:
    card, said = ApprovalCard(WRITE, clock=clock), list[str]()
    qtbot.addWidget(card)
    card.answered.connect(said.append)
    card.set_width(590)
    card.show()
    assert names(card) == []
    clock.now += 10
    qtbot.waitUntil(card.is_settled, timeout=PATIENCE_MS)
    assert "+- Three-Body" in words(card)
    qtbot.mouseClick(button(card, "Allow once"), Qt.MouseButton.LeftButton)  # it was whole only now
    clock.now += DEAF_SECONDS
    qtbot.mouseClick(button(card, "Don't allow"), Qt.MouseButton.LeftButton)
    assert said == ["deny"]


def test_only_where_every_call_is_asked_about_anew_the_card_says_so(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, FETCH, clock)
    assert "each call is asked about anew" in words(card)
    card, _ = shown(qtbot, replace(FETCH, offers=(GrantOffer("chat"),)), clock)
    assert "each call is asked about anew" not in words(card)


def test_signs_that_hide_or_reorder_others_are_written_out(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, OF_SERVER, clock)
    assert "\\u{202e}cod.exe" in words(card)
    assert "\u202e" not in words(card)


def test_markup_in_a_call_is_no_markup(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(FETCH, arguments=(("<b>url</b>", "<img src=x> **hi**"),)), clock)
    assert "<b>url</b>" in words(card)
    assert "<img src=x> **hi**" in words(card)
    assert all(part.textFormat() == Qt.TextFormat.PlainText for part in card.findChildren(QLabel) if part.text())


def test_a_long_change_scrolls_inside_the_card_and_can_be_reached_by_keyboard(qtbot: QtBot, clock: Clock) -> None:
    view = replace(WRITE, preview="".join(f"+line {i}\n" for i in range(5000)))
    card, _ = shown(qtbot, view, clock)
    (inset,) = (part for part in card.findChildren(Inset) if part.scrolls())
    assert inset.height() < 300
    assert inset.text().endswith("+line 4999")
    (box,) = inset.findChildren(LongText)
    qtbot.waitUntil(box.is_settled, timeout=PATIENCE_MS)
    assert box.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert box.toPlainText() == inset.text()
    qtbot.waitUntil(lambda: 5 < box.coloured_lines() < 30)


def test_a_line_without_end_is_broken_and_marked_but_nothing_of_it_is_left_out(qtbot: QtBot, clock: Clock) -> None:
    line = "".join(map(str, range(30_000)))
    card, _ = shown(qtbot, replace(FETCH, arguments=(("text", line),)), clock)
    (box,) = card.findChildren(LongText)
    qtbot.waitUntil(box.is_settled, timeout=PATIENCE_MS)
    assert box.toPlainText().replace("\n" + CONTINUED, "") == line
    assert max(map(len, box.toPlainText().split("\n"))) < 510


def test_of_more_lines_than_anybody_reads_it_is_said_how_much_is_left_out(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(FETCH, arguments=(("text", "a\n" * MOST_SHOWN + "b\nc"),)), clock)
    (inset,) = (part for part in card.findChildren(Inset) if part.scrolls())
    assert inset.text().count("\n") == MOST_SHOWN
    assert inset.text().endswith("a\n… and 4 more characters")


def test_pictures_that_take_long_to_draw_are_laid_out_where_they_are_in_sight(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(FETCH, arguments=(("text", "👨‍👩‍👧‍👦" * 60), ("more", "字" * 500))), clock)
    assert len(card.findChildren(LongText)) == 1


def test_a_paragraph_that_is_long_scrolls_and_can_be_reached_by_keyboard(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, replace(FETCH, arguments=(("text", "many words " * 50),)), clock)
    (inset,) = (part for part in card.findChildren(Inset) if part.scrolls())
    (area,) = inset.findChildren(QScrollArea, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert area.focusPolicy() == Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("width", [380, 590])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_answer_is_in_sight_at_every_width(qtbot: QtBot, clock: Clock, width: int, language: str) -> None:
    set_language(language)
    card, _ = shown(qtbot, WRITE, clock, width)
    (answers,) = card.findChildren(Flow)
    inside = answers.rect()
    places = [made.geometry() for made in card.findChildren(QPushButton) if made.parent() is answers]
    assert len(places) == 5
    assert all(inside.contains(place) for place in places)
    assert not any(one.intersects(other) for i, one in enumerate(places) for other in places[:i])


def test_a_language_that_changes_changes_the_card(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, WRITE, clock)
    set_language("zh_CN")
    card.retranslate()
    assert "喵酱想写一个文件" in words(card)
    assert names(card)[0] == "允许一次"


# ---------------------------------------------------------------- how it is answered


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Allow once", "allow"),
        ("Allow in this chat", "chat"),
        ("Allow for this folder", "scope"),
        ("Always", "always"),
        ("Don't allow", "deny"),
    ],
)
def test_an_answer_is_one_click_or_one_key_away(qtbot: QtBot, clock: Clock, name: str, answer: str) -> None:
    card, said = shown(qtbot, WRITE, clock)
    qtbot.mouseClick(button(card, name), Qt.MouseButton.LeftButton)
    qtbot.keyClick(button(card, name), Qt.Key.Key_Space)
    qtbot.keyClick(button(card, name), Qt.Key.Key_Return)
    press_as_a_screen_reader(button(card, name))
    qtbot.waitUntil(lambda: said == [answer] * 4)


def test_nothing_answers_within_the_first_half_second(qtbot: QtBot, clock: Clock) -> None:
    card, said = shown(qtbot, WRITE, clock)
    card.hide()
    card.show()  # it appears now
    for step in (0.0, DEAF_SECONDS * 0.98):
        clock.now += step
        for made in card.findChildren(QPushButton):
            qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
            qtbot.keyClick(made, Qt.Key.Key_Space)
            qtbot.keyClick(made, Qt.Key.Key_Return)
            press_as_a_screen_reader(made)
    assert said == []
    clock.now += DEAF_SECONDS * 0.03
    qtbot.mouseClick(button(card, "Don't allow"), Qt.MouseButton.LeftButton)
    assert said == ["deny"]


def test_a_press_that_began_too_early_does_not_count_when_it_ends(qtbot: QtBot, clock: Clock) -> None:
    card, said = shown(qtbot, WRITE, clock)
    card.hide()
    card.show()
    qtbot.mousePress(button(card, "Allow once"), Qt.MouseButton.LeftButton)
    clock.now += 10
    qtbot.mouseRelease(button(card, "Allow once"), Qt.MouseButton.LeftButton)
    assert said == []


def test_the_second_click_of_a_double_one_is_meant_for_what_was_there_before(qtbot: QtBot, clock: Clock) -> None:
    card, said = shown(qtbot, WRITE, clock)
    qtbot.mouseDClick(button(card, "Allow once"), Qt.MouseButton.LeftButton)
    assert len(said) <= 1


# ---------------------------------------------------------------- in the windows


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    made = ChatWindow()
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.show()
    made.activateWindow()
    made.composer.field.setFocus()
    return made


def test_the_person_goes_on_typing_and_enter_answers_nothing(window: ChatWindow, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    window.call_acted.connect(lambda *values: said.append(values))
    window.render(chat(asked(1), streaming(2), busy=True))
    qtbot.keyClicks(window.composer.field, "and th")
    window.render(chat(asked(1), streaming(2, waiting(WRITE)), busy=True))
    qtbot.waitUntil(lambda: bool(cards(window)))
    assert window.focusWidget() is window.composer.field
    qtbot.keyClicks(window.composer.field, "en")
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    assert window.composer.field.text() == "and then"
    assert said == []


def test_the_answers_are_reached_by_tab(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2, waiting(WRITE)), busy=True))
    qtbot.waitUntil(lambda: bool(cards(window)))
    reached: list[str] = []
    for _ in range(40):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget().accessibleName())
    wanted = ["Allow once", "Allow in this chat", "Allow for this folder", "Always", "Don't allow"]
    first = reached.index("Allow once")
    assert reached[first : first + 5] == wanted


def test_an_answer_comes_out_of_the_window_with_its_call(window: ChatWindow, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    window.call_acted.connect(lambda *values: said.append(values))
    window.render(chat(asked(1), streaming(2, waiting(WRITE)), busy=True))
    qtbot.waitUntil(lambda: bool(cards(window)))
    deny = button(window, "Don't allow")

    def answered() -> bool:
        qtbot.mouseClick(deny, Qt.MouseButton.LeftButton)
        return bool(said)

    qtbot.waitUntil(answered)
    assert said == [("c1", "deny")]


def test_an_answered_question_gives_the_focus_to_nothing_that_answers_another(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2, waiting(WRITE), waiting(OF_SERVER)), busy=True))
    qtbot.waitUntil(lambda: len(cards(window)) == 2)
    button(window, "Always").setFocus()
    running = replace(waiting(WRITE), approval=None, began=1.0)
    window.render(chat(asked(1), streaming(2, running, waiting(OF_SERVER)), busy=True))
    assert window.focusWidget().accessibleName() == "Show the details"


def test_a_card_that_is_answered_becomes_the_line_of_its_call(window: ChatWindow, qtbot: QtBot) -> None:
    window.render(chat(asked(1), streaming(2, waiting(WRITE)), busy=True))
    qtbot.waitUntil(lambda: bool(window.findChildren(ToolCard)))
    (card,) = window.findChildren(ToolCard)
    assert "running" not in words(card)
    window.render(chat(asked(1), streaming(2, replace(waiting(WRITE), approval=None)), busy=True))
    assert "running…" in words(card)
    assert card.approval() is None


def test_quick_ask_shows_the_same_card_with_its_answers_in_sight(qtbot: QtBot) -> None:
    window, said = QuickAsk(), list[tuple[str, str]]()
    qtbot.addWidget(window)
    window.call_acted.connect(lambda *values: said.append(values))
    long = replace(WRITE, preview="".join(f"+line {i}\n" for i in range(200)))
    window.present()
    window.render_state(chat(asked(1), streaming(2, "A few words first.", waiting(long)), busy=True))
    qtbot.waitUntil(lambda: bool(cards(window)))
    allow = button(window, "Allow once")
    view = window._scroll.viewport()
    qtbot.waitUntil(lambda: view.rect().contains(allow.mapTo(view, allow.rect().center())))
    assert window.focusWidget() is window.field

    def answered() -> bool:
        qtbot.mouseClick(allow, Qt.MouseButton.LeftButton)
        return bool(said)

    qtbot.waitUntil(answered)
    assert said == [("c1", "allow")]


# ---------------------------------------------------------------- copying


def menu_of(widget: QWidget, at: QWidget, reason: QContextMenuEvent.Reason) -> dict[str, QAction]:
    """What a right click in the middle of ``at``, or the menu key, offers."""
    place = at.rect().center()
    QApplication.sendEvent(at, QContextMenuEvent(reason, place, at.mapToGlobal(place)))
    menu = widget.findChildren(QMenu)[-1]
    offered = {action.text(): action for action in menu.actions()}
    menu.hide()
    return offered


def test_a_text_is_copied_from_the_menu_at_the_pointer(qtbot: QtBot, clock: Clock) -> None:
    card, _ = shown(qtbot, WRITE, clock)
    path = next(part for part in card.findChildren(Words) if part.text() == WRITE.scope)
    offered = menu_of(card, path, QContextMenuEvent.Reason.Mouse)
    assert list(offered) == ["Copy", "Copy everything"]
    offered["Copy"].trigger()
    assert QApplication.clipboard().text() == WRITE.scope


def test_from_the_keyboard_every_text_can_be_copied_by_its_name(qtbot: QtBot, clock: Clock) -> None:
    card, said = shown(qtbot, WRITE, clock)
    offered = menu_of(card, button(card, "Allow once"), QContextMenuEvent.Reason.Keyboard)
    names = ["Real path", "path", "content", "What would change"]
    assert list(offered) == [*(f"Copy “{name}”" for name in names), "Copy everything"]
    offered["Copy “What would change”"].trigger()
    assert QApplication.clipboard().text() == WRITE.preview.rstrip("\n")
    offered["Copy everything"].trigger()
    assert all(part in QApplication.clipboard().text() for part in (WRITE.scope, "write_file", "+- Three-Body"))
    assert said == []


def test_the_keys_for_copying_copy_the_whole_call(qtbot: QtBot, clock: Clock) -> None:
    card, said = shown(qtbot, OF_SERVER, clock)
    qtbot.keyClick(button(card, "Allow once"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == card.whole_text()
    assert "\\u{202e}cod.exe" in card.whole_text()
    assert said == []


def test_a_line_that_was_broken_is_copied_whole(qtbot: QtBot, clock: Clock) -> None:
    line = "".join(map(str, range(3_000)))
    card, _ = shown(qtbot, replace(FETCH, arguments=(("text", f"{line}\nend"),)), clock)
    (box,) = card.findChildren(LongText)
    qtbot.waitUntil(box.is_settled, timeout=PATIENCE_MS)
    box.selectAll()
    box.copy()
    assert QApplication.clipboard().text() == f"{line}\nend"
