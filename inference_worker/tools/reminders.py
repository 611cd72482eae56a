"""Reads what is wanted of reminders that are set. Keeps none: the app does, so both are host tools."""

from __future__ import annotations

from datetime import datetime

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError
from inference_worker.tools.moments import on_the_wire
from inference_worker.tools.remind import parse_reminder, parted

DELETE = "delete"
_FORM = "write NUMBER | WHEN | WHAT or NUMBER | delete, for example 3 | 18:30 | water the plants"


def prepare_edit(arguments: Arguments, _access: Access) -> Prepared:
    """Adds ``number``, and ``when`` and ``what`` unless the reminder is to be deleted; ToolError for anything else."""
    number, bar, rest = parted(arguments["text"])
    digits = number.strip().removeprefix("#")
    if not bar or not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise ToolError(_FORM)
    edit = {"text": arguments["text"], "number": int(digits)}
    if rest.strip().casefold() == DELETE:
        return Prepared({**edit, "delete": True})
    if "|" not in rest:
        raise ToolError(_FORM)
    reminder = parse_reminder(rest, datetime.now())
    return Prepared({**edit, "when": on_the_wire(reminder.when), "what": reminder.what})


LIST = Tool(
    name="list_reminders",
    description="Lists the reminders that are still to come, with their numbers, for example /list_reminders",
    parameters={"type": "object", "properties": {}},
    level="keep",
)
EDIT = Tool(
    name="edit_reminder",
    description="Changes or deletes a reminder by its number, for example /edit_reminder 3 | 18:30 | water the plants",
    prepare=prepare_edit,
    level="effect",
)
