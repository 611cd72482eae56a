"""Thousands of messages, of which a few are widgets; the end is kept in view, and what the person reads stays put."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import MessageView
from tests.ui.calls import WRITE, waiting
from tests.ui.views import asked, done, long_conversation, streaming
from ui.avatar import Mood
from ui.widgets.memory_line import MemoryLine
from ui.widgets.message import NyankoMessage
from ui.widgets.prose import ProseView
from ui.widgets.transcript import AHEAD_SCREENS, Transcript

THOUSANDS = long_conversation(5000)


@pytest.fixture
def transcript(qtbot: QtBot) -> Transcript:
    widget = Transcript()
    qtbot.addWidget(widget)
    widget.resize(780, 600)
    widget.show()
    return widget


def show(transcript: Transcript, *messages: MessageView, memory_begins: int | None = None) -> None:
    transcript.render_messages(messages, mood=Mood.IDLE, activity="thinking…", memory_begins=memory_begins)


def settle(transcript: Transcript, qtbot: QtBot) -> None:
    """Wait until all widgets are made and their heights are known."""
    qtbot.waitUntil(
        lambda: not transcript._more.isActive() and all(w.is_settled() for w in transcript.widgets().values())
    )


def place(transcript: Transcript, widget: QWidget) -> int:
    return widget.mapTo(transcript.viewport(), widget.rect().topLeft()).y()


def visible(transcript: Transcript) -> list[int]:
    """Ids of messages that can be seen, from the top."""
    shown = [(place(transcript, w), id) for id, w in transcript.widgets().items()]
    height = transcript.viewport().height()
    return [id for top, id in sorted(shown) if top < height and top + transcript.widgets()[id].height() > 0]


def bar(transcript: Transcript) -> tuple[int, int]:
    return transcript.verticalScrollBar().value(), transcript.verticalScrollBar().maximum()


def test_a_long_conversation_opens_at_its_end(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    settle(transcript, qtbot)
    assert visible(transcript)[-1] == 5000
    assert bar(transcript)[0] == bar(transcript)[1]


def test_only_what_is_near_is_a_widget(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    for value in (10_000, 200_000, 0, 300_000):
        transcript.verticalScrollBar().setValue(value)
        settle(transcript, qtbot)
        tops = [place(transcript, widget) for widget in transcript.widgets().values()]
        reach = (AHEAD_SCREENS + 1) * transcript.viewport().height()
        assert len(tops) < 100
        assert max(tops) < reach
        assert visible(transcript)


def test_messages_stand_below_each_other_without_gaps(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    transcript.verticalScrollBar().setValue(100_000)
    settle(transcript, qtbot)
    placed = [transcript.widgets()[id].geometry() for id in sorted(transcript.widgets())]
    assert all(lower.top() == upper.bottom() + 1 for upper, lower in itertools.pairwise(placed))


def test_scrolling_up_step_by_step_never_jumps(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    settle(transcript, qtbot)
    for _ in range(120):
        before = {id: place(transcript, widget) for id, widget in transcript.widgets().items()}
        watched = visible(transcript)[0]
        transcript.verticalScrollBar().setValue(bar(transcript)[0] - 40)
        assert abs(place(transcript, transcript.widgets()[watched]) - before[watched] - 40) <= 1
        qtbot.wait(1)


def test_the_end_stays_in_view_while_text_streams(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one"))
    for count in range(2, 60):
        show(transcript, *THOUSANDS, asked(5001), streaming(5002, "word\n\n" * count))
        assert bar(transcript)[0] == bar(transcript)[1]
    assert transcript.is_at_end()


def test_a_person_who_scrolled_up_is_left_alone(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one"))
    settle(transcript, qtbot)
    transcript.verticalScrollBar().setValue(bar(transcript)[1] - 900)
    settle(transcript, qtbot)
    before = {id: place(transcript, transcript.widgets()[id]) for id in visible(transcript)}
    for count in range(2, 40):
        show(transcript, *THOUSANDS, asked(5001), streaming(5002, "word\n\n" * count))
    assert {id: place(transcript, transcript.widgets()[id]) for id in before} == before
    assert transcript._jump.isVisible()


def test_a_question_below_the_edge_is_named_on_the_pill(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one"))
    settle(transcript, qtbot)
    transcript.verticalScrollBar().setValue(bar(transcript)[1] - 900)
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one", waiting(WRITE)))
    assert transcript._jump.isVisible()
    assert transcript._jump.text() == "Nyanko asks you something"
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one", replace(waiting(WRITE), approval=None)))
    assert transcript._jump.text() == "Jump to latest"


def test_the_pill_jumps_to_the_latest(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    transcript.verticalScrollBar().setValue(5000)
    settle(transcript, qtbot)
    assert transcript._jump.isVisible()
    qtbot.mouseClick(transcript._jump, Qt.MouseButton.LeftButton)
    settle(transcript, qtbot)
    qtbot.waitUntil(lambda: bar(transcript)[0] == bar(transcript)[1])
    assert not transcript._jump.isVisible()


def test_equal_messages_are_not_touched(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, asked(1), done(2, "first"), asked(3), streaming(4, "se"))
    settle(transcript, qtbot)
    first = transcript.widgets()[2]
    view, touched = first.view, []
    first.findChildren(ProseView)[0].document().contentsChanged.connect(lambda: touched.append("text"))
    show(transcript, asked(1), done(2, "first"), asked(3), streaming(4, "second"))
    assert transcript.widgets()[2] is first
    assert (first.view is view, touched) == (True, [])


def test_an_opened_card_above_does_not_move_what_is_read(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    transcript.verticalScrollBar().setValue(100_000)
    settle(transcript, qtbot)
    ids = sorted(transcript.widgets())
    read = visible(transcript)[1]
    above = transcript.widgets()[ids[0]]
    before = place(transcript, transcript.widgets()[read])
    above.setMinimumHeight(above.height() + 300)
    above.layout().setContentsMargins(0, 0, 0, 320)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: above.height() > 300)
    settle(transcript, qtbot)
    assert place(transcript, transcript.widgets()[read]) == before


def test_a_reply_that_is_asked_for_anew_takes_the_place_of_the_old_one(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, asked(1), done(2, "old"))
    settle(transcript, qtbot)
    show(transcript, asked(1), streaming(3))
    settle(transcript, qtbot)
    assert sorted(transcript.widgets()) == [1, 3]
    assert transcript.widgets()[3].last


def test_what_was_the_newest_can_no_longer_be_regenerated(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, asked(1), done(2, "old"))
    settle(transcript, qtbot)
    assert transcript.widgets()[2].last
    show(transcript, asked(1), done(2, "old"), asked(3), streaming(4))
    settle(transcript, qtbot)
    assert [transcript.widgets()[id].last for id in (2, 4)] == [False, True]


def test_another_conversation_is_shown_from_its_end(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    transcript.verticalScrollBar().setValue(0)
    settle(transcript, qtbot)
    show(transcript, *long_conversation(40)[:30])
    transcript.show_end()
    settle(transcript, qtbot)
    assert visible(transcript)[-1] == 30


def test_the_newest_cat_has_the_mood_of_now(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, asked(1), done(2, "old"), asked(3), streaming(4, "x"))
    transcript.show_mood(Mood.SPEAKING, "")
    settle(transcript, qtbot)
    moods = [w._cat.mood() for w in transcript.widgets().values() if isinstance(w, NyankoMessage)]
    assert sorted(moods) == [Mood.IDLE, Mood.SPEAKING]


def test_a_wider_window_lets_text_flow_anew(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *long_conversation(60))
    settle(transcript, qtbot)
    narrow = transcript._canvas.height()
    transcript.resize(420, 600)
    settle(transcript, qtbot)
    assert transcript._canvas.height() > narrow
    assert visible(transcript)[-1] == 60
    assert all(w.width() <= transcript.viewport().width() for w in transcript.widgets().values())


def line_of(transcript: Transcript) -> MemoryLine:
    (line,) = transcript.findChildren(MemoryLine)
    return line


def test_no_line_is_drawn_while_all_is_remembered(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, asked(1), done(2, "one"), asked(3), done(4, "two"))
    settle(transcript, qtbot)
    assert not line_of(transcript).isVisible()


def test_the_line_stands_between_what_is_forgotten_and_what_is_remembered(transcript: Transcript, qtbot: QtBot) -> None:
    messages = asked(1), done(2, "one"), asked(3), done(4, "two")
    show(transcript, *messages)
    settle(transcript, qtbot)
    for begins, above, below in ((2, 2, 3), (3, 3, 4)):
        show(transcript, *messages, memory_begins=begins)
        settle(transcript, qtbot)
        line = line_of(transcript)
        assert line.isVisible()
        assert line.y() == transcript.widgets()[above].geometry().bottom() + 1
        assert transcript.widgets()[below].y() == line.geometry().bottom() + 1
    show(transcript, *messages)
    settle(transcript, qtbot)
    assert not line_of(transcript).isVisible()
    assert transcript.widgets()[4].y() == transcript.widgets()[3].geometry().bottom() + 1


def test_a_line_that_comes_or_goes_above_does_not_move_what_is_read(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    transcript.verticalScrollBar().setValue(100_000)
    settle(transcript, qtbot)
    read = visible(transcript)[1]
    before = place(transcript, transcript.widgets()[read])
    for begins in (10, read - 3, 4000, None):
        show(transcript, *THOUSANDS, memory_begins=begins)
        settle(transcript, qtbot)
        assert place(transcript, transcript.widgets()[read]) == before


def test_the_end_stays_in_view_when_the_line_comes(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS)
    settle(transcript, qtbot)
    show(transcript, *THOUSANDS, asked(5001), streaming(5002, "one"), memory_begins=4998)
    settle(transcript, qtbot)
    assert bar(transcript)[0] == bar(transcript)[1]
    assert line_of(transcript).isVisible()


def test_the_line_goes_with_the_conversation_that_it_belongs_to(transcript: Transcript, qtbot: QtBot) -> None:
    show(transcript, *THOUSANDS, memory_begins=4000)
    settle(transcript, qtbot)
    show(transcript, asked(1), memory_begins=4000)
    settle(transcript, qtbot)
    assert not line_of(transcript).isVisible()
