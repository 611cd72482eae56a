"""Times as people and models write them: ``10m``, ``18:30``, ``tomorrow 3pm``, ``明天下午三点``. Knows no reminder.

What could be two times (``3点``, ``晚上12点``) is refused, never guessed. Local time; seconds are dropped, as on the
clock that the person reads.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from inference_worker.tools.base import ToolError

LONGEST: Final = 60
"""Characters of a time."""
MAX_AHEAD: Final = timedelta(days=3660)
"""Ten years; anything beyond is a mistake."""
_FORMS: Final = "write the time as 10m, 2h, 18:30 or 2026-11-21 18:30"

_FULL_WIDTH: Final = str.maketrans({**{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}, "\u3000": " "})
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER: Final = re.compile("([一二两三四五六七八九]?)(十?)([零〇一二两三四五六七八九]?)")

_DATE: Final = re.compile(r"(\d{1,4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号])[ t]?")
_DAYS: Final = {"today": 0, "今天": 0, "今日": 0, "tomorrow": 1, "明天": 1, "明日": 1, "大后天": 3, "后天": 2}
_SHORT_DAYS: Final = {"今晚": "今天晚上", "今早": "今天早上", "明早": "明天早上", "明晚": "明天晚上"}
_MORNING, _EVENING, _NOON = ("凌晨", "早上", "上午", "am", "a.m."), ("下午", "傍晚", "晚上", "pm", "p.m."), "中午"
_HALF: Final = "|".join(re.escape(word) for word in (*_MORNING, *_EVENING, _NOON))
_CLOCK: Final = re.compile(
    rf"(?:at )?({_HALF})? ?(\d{{1,2}})(?::(\d+)(?::\d\d)?|([点时])(?:整|(半)|(\d{{1,2}})分?)?)? ?({_HALF})?"
)
_SPAN: Final = re.compile(
    r"(?:in )?(?:(\d+) ?(?:days?|d|天|日) ?)?(?:(\d+) ?(?:hours?|hrs?|h|个?小时|个?钟头) ?)?"
    r"(?:(\d+) ?(?:minutes?|mins?|m|分钟?) ?)?(?:之?后|以后)?"
)

_TODAY: Final = re.compile(r"\btoday|\btonight|\bthis (?:morning|afternoon|evening)|今[天日晚早夜]")
_TOMORROW: Final = re.compile(r"\btomorrow|明[天日早晚]")
_ANOTHER_DAY: Final = re.compile(
    r"\b(?:yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
    r"|\b(?:next|every) (?:day|week|month|year|morning|evening)\b|\b\w+ (?:days|weeks|months|years)\b"
    r"|\d-\d\d?-\d|\d[日号]|[昨前后]天|每[天日周月年晚早]|下个?(?:周|星期|礼拜|月)"
    r"|(?:周|星期|礼拜)[一二三四五六日天末1-7]|[\d一二两三四五六七八九十几](?:天|个?星期|个?礼拜|周|个月)(?:之|以)?后"
)


def moment(text: str, now: datetime) -> datetime:
    """The time that ``text`` means, to the minute and after ``now`` (both local, naive); ToolError.

    ``fold`` tells which of the two it is where the clock is put back and an hour comes twice.
    """
    if len(text) > LONGEST:
        raise ToolError(_FORMS)
    now = now.replace(second=0, microsecond=0)
    text = _plain(text)
    if text and (span := _SPAN.fullmatch(text)):
        when = _after(span, now)
    else:
        day, rest = _day(text, now)
        when = (day or now.replace(hour=0, minute=0)) + _clock(rest)
        when += timedelta(days=day is None and when <= now)
        if when <= now:
            raise ToolError("that time is over")
    if when - now > MAX_AHEAD:
        raise ToolError("that is too far ahead")
    return when


def is_another_day(text: str, when: datetime, now: datetime, question: str) -> bool:
    """Whether ``text``, read as ``when``, is a mere clock time though ``question`` names a day, and not that one.

    Small models leave the day out.
    """
    text = _plain(text)
    if _SPAN.fullmatch(text) or _day(text, now)[0] is not None:
        return False
    question = question.translate(_FULL_WIDTH).lower()
    if _TODAY.search(question):
        return False
    is_tomorrow = when.date() == now.date() + timedelta(days=1)
    return bool(_ANOTHER_DAY.search(question) or (_TOMORROW.search(question) and not is_tomorrow))


def on_the_wire(when: datetime) -> str:
    """``2026-11-21T18:40``; with its offset from UTC only in the hour that comes a second time."""
    return (when.astimezone() if when.fold else when).isoformat(timespec="minutes")


def _plain(text: str) -> str:
    """In lower case, with numbers in digits and one blank between words."""
    text = " ".join(text.translate(_FULL_WIDTH).lower().split())
    for short, long in _SHORT_DAYS.items():
        text = text.replace(short, long)
    text = text.replace("半小时", "30分钟").replace("半个小时", "30分钟")
    return _NUMBER.sub(lambda match: _in_digits(match) if match[0] else "", text)


def _in_digits(match: re.Match[str]) -> str:
    tens, ten, ones = match.groups()
    if not ten:
        return "".join(str(_DIGITS[digit]) for digit in match[0])
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))


def _after(span: re.Match[str], now: datetime) -> datetime:
    """Days by the calendar, hours and minutes as they pass: a clock that is put forward does not shorten them."""
    days, hours, minutes = (_count(digits) for digits in span.groups("0"))
    if not days and not hours and not minutes:
        raise ToolError("that time is over")
    if timedelta(days=days, hours=hours, minutes=minutes) > MAX_AHEAD:
        raise ToolError("that is too far ahead")
    day = (now + timedelta(days=days)).replace(fold=now.fold)
    passed = day.astimezone(UTC) + timedelta(hours=hours, minutes=minutes)
    return datetime.fromtimestamp(passed.timestamp())  # which sets fold, as astimezone() does not


def _count(digits: str) -> int:
    if len(digits) > 6 or not digits.isascii():
        raise ToolError(_FORMS)
    return int(digits)


def _day(text: str, now: datetime) -> tuple[datetime | None, str]:
    """Midnight of the day that ``text`` begins with, and what follows; ``None`` where it begins with none."""
    if found := _DATE.match(text):
        year, *fields = (field for field in found.groups() if field)
        try:
            day = now.replace(year=int(year), month=int(fields[0]), day=int(fields[1]), hour=0, minute=0)
        except ValueError:
            raise ToolError(f"there is no date {found[0].rstrip(' t')}") from None
        return day, text[found.end() :].lstrip()
    for word, days in _DAYS.items():
        if text.startswith(word):
            return now.replace(hour=0, minute=0) + timedelta(days=days), text[len(word) :].lstrip()
    return None, text


def _clock(text: str) -> timedelta:
    """Since midnight."""
    found = _CLOCK.fullmatch(text)
    if not found or not text.isprintable():
        raise ToolError(_FORMS)
    before, hour, minute, mark, half_past, past, after = found.groups()
    half, hours, minutes = before or after, int(hour), 30 if half_past else int(minute or past or 0)
    if hours > 23 or minutes > 59 or (minute and len(minute) != 2):
        raise ToolError(f"there is no time {text}")
    if (before and after) or not (minute or mark or after):
        raise ToolError(_FORMS)
    if half is None and mark and 1 <= hours <= 12:  # in the morning or in the afternoon
        raise ToolError(_FORMS)
    return timedelta(hours=_on_24(hours, half), minutes=minutes)


def _on_24(hours: int, half: str | None) -> int:
    if half is None:
        return hours
    is_odd = hours > 12 if half in _MORNING else hours == 0 or (half == "晚上" and hours in (1, 2, 3, 4, 12))
    if is_odd:
        raise ToolError(_FORMS)
    if half in _MORNING:
        return hours % 12
    if half == _NOON and 10 < hours < 13:
        return hours
    return hours + 12 if hours < 12 else hours
