"""The chat window as a person uses it: asks by keyboard or screen reader, reads what shows. English words."""

from __future__ import annotations

from typing import Final

from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.reader import Control, ScreenReader
from tests.desktop.parts.screen import Window
from tests.desktop.parts.stored import Stored, stored_messages
from tests.desktop.parts.waiting import eventually

ANSWER_SECONDS: Final = 90.0
"""For a whole reply with a cold start: the worker imports torch and loads its model first, on a loaded machine."""
INPUT: Final = "Message input"
PERSON, NYANKO, TEXT = "You said", "Nyanko said", "Text of the message"


class Chat:
    """The chat window of a running program."""

    def __init__(self, app: App, reader: ScreenReader) -> None:
        self.app = app
        self.reader = reader

    def window(self) -> Window:
        """The window, waiting until it shows."""
        return eventually(self._window, "the chat window shows")

    def _window(self) -> Window | None:
        titled = [
            w for w in screen.visible_windows(self.app.pid) if w.title == "Nyanko" or w.title.endswith(" · Nyanko")
        ]
        return titled[0] if titled else None

    def focus_input(self) -> None:
        """Click into the field as a person does."""
        self.window().activate()
        screen.click(*self.reader.find(self.app.pid, INPUT).middle)
        eventually(lambda: self.reader.find(self.app.pid, INPUT).focused, "the field has the focus")

    def type_and_send(self, question: str) -> None:
        """Type on the keyboard (no Chinese; that takes an input method) and press Enter."""
        self.focus_input()
        screen.type_text(question)
        eventually(lambda: self.written() == question, f"{question!r} is in the field")
        screen.press("Return")

    def write_and_send(self, question: str) -> None:
        """Fill the field and press Send through the screen reader."""
        self.reader.write(self.app.pid, INPUT, question)
        self.reader.press(self.app.pid, "Send")

    def written(self) -> str:
        """What stands in the field."""
        return self.reader.find(self.app.pid, INPUT).text

    def shown_reply(self) -> str:
        """All text of the last reply that shows."""
        last: list[Control] = []
        for control in self.reader.tree(self.app.pid):
            if control.name in (PERSON, NYANKO):
                last = []
            last.append(control)
        return "\n".join(c.text for c in last if c.name == TEXT) if any(c.name == NYANKO for c in last) else ""

    def shown_names(self) -> list[str]:
        """Names of everything that shows: buttons, cards, lists."""
        return [control.name for control in self.reader.tree(self.app.pid)]

    def button(self, name: str) -> None:
        """Press a button."""
        self.reader.press(self.app.pid, name, "push button")

    def click(self, control: Control) -> None:
        """Click in the middle of a control."""
        screen.click(*control.middle)

    def messages(self) -> list[Stored]:
        """What is stored."""
        return stored_messages(self.app.profile)

    def finished_reply(self, number: int = 1) -> Stored:
        """The reply with that number once it is whole."""
        return eventually(lambda: self._finished(number), f"reply {number} is complete", ANSWER_SECONDS)

    def _finished(self, number: int) -> Stored | None:
        replies = [m for m in self.messages() if m.role == "assistant" and m.status == "complete"]
        return replies[number - 1] if len(replies) >= number else None

    def ended_reply(self) -> Stored | None:
        """The last message, if it is a reply that no longer grows."""
        last = self.messages()[-1]
        return last if last.role == "assistant" and last.status != "streaming" else None

    def whole_reply(self) -> Stored | None:
        """The last message, if it is a reply that is complete."""
        last = self.ended_reply()
        return last if last is not None and last.status == "complete" else None

    def growing_reply(self, characters: int = 1) -> str:
        """What shows of the reply once it has so many characters."""
        grown = eventually(
            lambda: len(text := self.shown_reply()) >= characters and text, "text streams in", ANSWER_SECONDS
        )
        assert isinstance(grown, str)
        return grown
