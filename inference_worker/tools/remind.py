"""Reads ``WHEN | WHAT`` of a reminder. Keeps and shows none: the app does that, so the tool itself is a host tool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError

MAX_WHAT = 500
"""Characters; a notification shows fewer."""
MAX_AHEAD = timedelta(days=3660)
"""Ten years; anything beyond is a mistake."""

_FULL_WIDTH = str.maketrans({**{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}, "\u3000": " "})
_MINUTES = {"d": 24 * 60, "h": 60, "m": 1}
_FORMS = "write the time as 10m, 2h, 18:30 or 2026-11-21 18:30"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What to say and when, in local time, to the minute."""

    when: datetime
    what: str


def parse_reminder(text: str, now: datetime) -> Reminder:
    """``WHEN | WHAT`` as a reminder after ``now`` (local, naive); ToolError for anything that cannot be meant."""
    when, bar, what = text.replace("｜", "|").partition("|")
    what = " ".join(what.split())
    if not bar or not what:
        raise ToolError("write WHEN | WHAT, for example 10m | drink water")
    if len(what) > MAX_WHAT:
        raise ToolError(f"the text is too long (more than {MAX_WHAT} characters)")
    return Reminder(_moment(when.translate(_FULL_WIDTH).lower().split(), now), what)


def _moment(words: list[str], now: datetime) -> datetime:
    """Durations and clock times count from ``now``; seconds are dropped, as on the clock that the person reads."""
    now = now.replace(second=0, microsecond=0)
    if len(words) == 2 and ":" in words[1]:
        when = _date(words[0], now) + _clock(words[1])
        if when <= now:
            raise ToolError("that time is over")
    elif len(words) == 1 and ":" in words[0]:
        when = now.replace(hour=0, minute=0) + _clock(words[0])
        when += timedelta(days=when <= now)
    else:
        when = now + _duration("".join(words))
    if when - now > MAX_AHEAD:
        raise ToolError("that is too far ahead")
    return when


def _number(digits: str, longest: int) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= longest):
        raise ToolError(_FORMS)
    return int(digits)


def _clock(text: str) -> timedelta:
    """``18:30`` since midnight."""
    hour, _, minute = text.partition(":")
    hours, minutes = _number(hour, 2), _number(minute, 2)
    if hours > 23 or minutes > 59 or len(minute) != 2:
        raise ToolError(f"there is no time {text}")
    return timedelta(hours=hours, minutes=minutes)


def _date(text: str, now: datetime) -> datetime:
    """Midnight of ``2026-11-21``."""
    fields = text.split("-")
    if len(fields) != 3:
        raise ToolError(_FORMS)
    year, month, day = (_number(field, 4) for field in fields)
    try:
        return now.replace(year=year, month=month, day=day, hour=0, minute=0)
    except ValueError:
        raise ToolError(f"there is no date {text}") from None


def _duration(text: str) -> timedelta:
    """``1h30m``: numbers with d, h or m, largest first."""
    minutes, digits, units = 0, "", "dhm"
    for char in text:
        if char not in units:
            digits += char
            continue
        minutes += _number(digits, 6) * _MINUTES[char]
        digits, units = "", units[units.index(char) + 1 :]
    if digits or not text:
        raise ToolError(_FORMS)
    if not minutes:
        raise ToolError("that time is over")
    return timedelta(minutes=minutes)


def prepare(arguments: Arguments, _access: Access) -> Prepared:
    """The arguments of the host call: ``text`` as written, ``when`` as ``2026-11-21T18:40``, ``what``."""
    reminder = parse_reminder(arguments["text"], datetime.now())
    when = reminder.when.isoformat(timespec="minutes")
    return Prepared({"text": arguments["text"], "when": when, "what": reminder.what})


TOOL = Tool(
    name="remind",
    description="Sets a reminder for 10m, 2h, 18:30 or 2026-11-21 18:30, for example /remind 10m | drink water",
    prepare=prepare,
    level="keep",
)
