"""Quick-ask: opened by a key from another program, answers in place, keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import TEXT, Chat
from tests.desktop.parts.quick_ask import FIELD, HOTKEY, QuickAsk
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.waiting import eventually
from tests.desktop.parts.xterm import Terminal, terminal


@pytest.fixture
def quick_ask(scripted: App, reader: ScreenReader) -> QuickAsk:
    """Quick-ask of a program that is in the tray alone; its hotkey is bound."""
    scripted.start("--hidden")
    found = QuickAsk(scripted, reader)
    found.wait_until_hotkey_is_bound()
    return found


@pytest.fixture
def other() -> Iterator[Terminal]:
    """Another program, which has the focus."""
    with terminal() as opened:
        opened.window.activate()
        yield opened


def test_the_hotkey_works_from_another_program_which_does_not_get_the_key(
    quick_ask: QuickAsk, other: Terminal, picture: Callable[[str], Path]
) -> None:
    screen.press(HOTKEY)
    window = quick_ask.window()
    eventually(lambda: window.focused, "quick-ask has the focus")
    screen.type_text("What is this")
    eventually(lambda: quick_ask.written() == "What is this", "typed words land in quick-ask")
    picture("quick-ask")
    screen.press("Escape")
    eventually(lambda: not quick_ask.shows(), "Esc hides it")
    other.window.activate()
    screen.type_text("x")
    eventually(lambda: other.typed, "the other program gets its keys again")
    assert other.typed == "x"


@pytest.mark.parametrize("lock", ["Caps_Lock", "Num_Lock"])
def test_the_hotkey_works_while_a_lock_is_on(quick_ask: QuickAsk, lock: str) -> None:
    screen.press(lock)
    try:
        quick_ask.open()
    finally:
        screen.press(lock)


def test_esc_keeps_the_draft(quick_ask: QuickAsk) -> None:
    quick_ask.open()
    screen.type_text("half a thou")
    eventually(lambda: quick_ask.written() == "half a thou", "the words are there")
    screen.press("Escape")
    eventually(lambda: not quick_ask.shows(), "Esc hides it")
    quick_ask.open()
    assert quick_ask.written() == "half a thou"


def test_it_answers_in_place_and_the_conversation_goes_on_in_the_chat(
    quick_ask: QuickAsk, reader: ScreenReader, picture: Callable[[str], Path]
) -> None:
    app = quick_ask.app
    quick_ask.open()
    screen.type_text("Who are you?")
    screen.press("Return")
    eventually(lambda: [c.text for c in reader.look(app.pid, TEXT)] == ["I am a script."], "the answer shows in place")
    picture("quick-ask-answer")
    screen.press("ctrl+Return")
    chat = Chat(app, reader)
    chat.window()
    eventually(lambda: chat.shown_reply() == "I am a script.", "the chat window shows the conversation")
    eventually(lambda: not quick_ask.shows(), "quick-ask makes room")
    chat.write_and_send("And now?")
    chat.finished_reply(2)
    assert len({message.conversation for message in chat.messages()}) == 1


def test_the_terminal_command_opens_it_too(quick_ask: QuickAsk) -> None:
    quick_ask.app.run("quick-ask")
    eventually(lambda: quick_ask.window().focused, "quick-ask has the focus")


def test_a_key_that_another_program_holds_is_said_in_the_settings(
    new_app: Callable[[], App], reader: ScreenReader, quick_ask: QuickAsk, picture: Callable[[str], Path]
) -> None:
    second = new_app()
    second.use_script()
    second.start()
    Chat(second, reader).button("Settings")
    reader.press(second.pid, "Hotkey")
    taken = r".*(taken|another program).*"
    eventually(lambda: reader.look(second.pid, taken), "the settings say that the key is taken")
    picture("settings-hotkey-taken")
    assert reader.find(second.pid, "Keys for quick-ask")
    assert not reader.look(second.pid, FIELD)
