"""Reminders reach the person as notifications of the desktop, each once. They begin in the terminal, like in a chat."""

from __future__ import annotations

import time

import pytest

from tests.desktop.parts import bus
from tests.desktop.parts.app import App
from tests.desktop.parts.chat import Chat
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.stored import make_due, reminders
from tests.desktop.parts.waiting import eventually, stays

MINUTE_SECONDS = 75.0
"""``1m`` is over within a minute; the rest is for a loaded machine."""
ONCE_SECONDS = 2.0
"""In which a reminder that is shown at start would be shown a second time."""


@pytest.fixture
def what() -> str:
    """Words that no other test uses; the notification server is one for all."""
    return f"tea {time.monotonic_ns()}"


def test_a_reminder_from_a_reply_is_shown_once_when_its_time_comes(
    scripted: App, reader: ScreenReader, what: str
) -> None:
    scripted.use_script(replies={"Remind me!": f"Gladly.\n/remind 1m | {what}\nI will."})
    scripted.start()
    Chat(scripted, reader).write_and_send("Remind me!")
    eventually(lambda: reminders(scripted.profile) == [(what, False)], "the reminder is stored")
    assert not bus.notifications(what)
    eventually(lambda: bus.notifications(what), "the notification server shows it", MINUTE_SECONDS)
    eventually(lambda: reminders(scripted.profile) == [(what, True)], "it is marked as shown")
    scripted.quit()
    scripted.start()
    Chat(scripted, reader).window()
    stays(lambda: len(bus.notifications(what)) == 1, "it is shown once", ONCE_SECONDS)


def test_a_reminder_missed_while_the_program_was_off_is_shown_once_at_the_next_start(
    scripted: App, reader: ScreenReader, what: str
) -> None:
    scripted.run("tool", "remind", f"2h | {what}")
    assert reminders(scripted.profile) == [(what, False)]
    make_due(scripted.profile)
    scripted.start("--hidden")
    eventually(lambda: bus.notifications(what), "the notification server shows it")
    scripted.quit()
    scripted.start("--hidden")
    eventually(lambda: scripted.workers, "the program is up again")
    stays(lambda: len(bus.notifications(what)) == 1, "it is shown once", ONCE_SECONDS)
