"""The clock: local date, time and weekday. Knows no other time zone, and says so rather than tell a wrong time."""

from __future__ import annotations

from datetime import datetime

from inference_worker.tools.base import Tool, ToolError

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def written(moment: datetime) -> str:
    """``2026-11-21 18:30 Saturday``: the weekday in English whatever the locale, as models learned it."""
    return f"{moment:%Y-%m-%d %H:%M} {_WEEKDAYS[moment.weekday()]}"


def now(text: str) -> str:
    """Local time; an argument, such as a time zone, is a ToolError."""
    if text.strip():
        raise ToolError("only the local time is known: write /now alone")
    return written(datetime.now())


TOOL = Tool(
    name="now",
    description="Tells the local date, time and weekday, for example /now",
    parameters={"type": "object", "properties": {}},
    run=lambda arguments, _run: now(arguments.get("text", "")),
)
