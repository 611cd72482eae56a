"""Numbers as a person reads them: bytes, durations, rates, days. Pure; knows no widget."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal

from nyanko_desktop.errors import bytes_in_words
from nyanko_desktop.i18n import tr

Age = Literal["today", "week", "older"]
WEEK: Final = timedelta(days=7)

size = bytes_in_words


def duration(seconds: float) -> str:
    """``0.0021`` -> ``2 ms``; ``0.21`` -> ``0.2 s``; ``75`` -> ``1 min 15 s``."""
    if seconds < 0.1:
        return tr("{count} ms", count=max(1, round(seconds * 1000)))
    if seconds < 60:
        return tr("{count} s", count=f"{seconds:.1f}" if seconds < 10 else round(seconds))
    minutes, rest = divmod(round(seconds), 60)
    return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)


def elapsed(seconds: int) -> str:
    """As :func:`duration`, for a clock that moves once a second: ``7`` -> ``7 s``."""
    return duration(seconds) if seconds >= 60 else tr("{count} s", count=seconds)


def rate(tokens: int, seconds: float) -> str:
    """Tokens a second; empty where nothing was measured."""
    if tokens < 1 or seconds <= 0:
        return ""
    per_second = tokens / seconds
    return tr("{rate} tokens/s", rate=round(per_second) if per_second >= 10 else f"{per_second:.1f}")


def age(moment: datetime, today: date) -> Age:
    """Where a conversation stands in the list; days are those of the person's clock."""
    local = moment.astimezone() if moment.tzinfo else moment
    day = local.date()
    if day >= today:
        return "today"
    return "week" if today - day < WEEK else "older"


def place(path: str, home: str) -> str:
    """``/home/lin/models/glm`` -> ``~/models/glm``."""
    inside = home.rstrip("/") + "/"
    return "~/" + path.removeprefix(inside) if path.startswith(inside) else path


def tokens(count: int) -> str:
    """``8192`` -> ``8,192``."""
    return f"{count:,}"


def parameters(count: int) -> str:
    """``6243584000`` -> ``6.2 B``; ``19000000`` -> ``19 M``."""
    if count >= 10**9:
        return f"{count / 10**9:.1f} B"
    return f"{max(1, round(count / 10**6))} M"


def speed(bytes_a_second: float) -> str:
    """``12582912`` -> ``12 MB/s``; empty where it is not known."""
    return f"{size(bytes_a_second)}/s" if bytes_a_second > 0 else ""


def remaining(seconds: float) -> str:
    """About how long something still takes, in the coarsest words that help."""
    if seconds < 60:
        return tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("about {count} min left", count=minutes)
    return tr("about {count} h left", count=round(minutes / 60))
