"""Reads ``WHEN | WHAT`` of a reminder. Keeps and shows none: the app does that, so the tool itself is a host tool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError
from inference_worker.tools.moments import is_another_day, moment, on_the_wire
from inference_worker.tools.page_text import plain

ANOTHER_DAY = "that time is not on the day of the question: write the day before it"
MAX_WHAT = 500
"""Characters; a notification shows fewer."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What to say and when, in local time, to the minute."""

    when: datetime
    what: str


def parted(text: str) -> tuple[str, str, str]:
    """What stands before the first bar, the bar (empty where there is none), and the rest, for a full-width one too."""
    return text.replace("｜", "|").partition("|")


def parse_reminder(text: str, now: datetime) -> Reminder:
    """``WHEN | WHAT`` as a reminder after ``now`` (local, naive); ToolError for anything that cannot be meant."""
    when, bar, what = parted(text)
    what = plain(" ".join(what.split()))
    if not bar or not what:
        raise ToolError("write WHEN | WHAT, for example 10m | drink water")
    if len(what) > MAX_WHAT:
        raise ToolError(f"the text is too long (more than {MAX_WHAT} characters)")
    return Reminder(moment(when, now), what)


def prepare(arguments: Arguments, _access: Access) -> Prepared:
    """The arguments of the host call: ``text`` as written, ``when`` as ``2026-11-21T18:40``, ``what``."""
    reminder = parse_reminder(arguments["text"], datetime.now())
    return Prepared({"text": arguments["text"], "when": on_the_wire(reminder.when), "what": reminder.what})


def objection(prepared: Prepared, question: str) -> str:
    """A clock time of today is no answer to who said tomorrow."""
    now, when = datetime.now(), datetime.fromisoformat(str(prepared.arguments["when"]))
    written, _, _ = parted(str(prepared.arguments["text"]))
    return ANOTHER_DAY if is_another_day(written, when, now, question) else ""


TOOL = Tool(
    name="remind",
    description="Sets a reminder for 10m, 2h, 18:30 or 2026-11-21 18:30, for example /remind 10m | drink water",
    prepare=prepare,
    objection=objection,
    level="keep",
)
