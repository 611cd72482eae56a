"""Takes back what a call of an earlier reply wrote. Knows no window."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import CallPart, Failed, RunTool, ToolCalled, ToolFinished
from nyanko_desktop.chat.draft import taken_back
from nyanko_desktop.conversations.models import StoredMessage
from nyanko_desktop.permissions.levels import UNDO
from nyanko_desktop.permissions.permissions import Answer
from nyanko_desktop.worker.client import new_id

if TYPE_CHECKING:
    from nyanko_desktop.chat.reply import Means


def find_written(messages: Sequence[StoredMessage], call_id: str) -> tuple[StoredMessage, CallPart] | None:
    """The call of that id, if what it wrote can be taken back, with its message."""
    for message in messages:
        for part in message.parts:
            if isinstance(part, CallPart) and part.call_id == call_id and part.undo:
                return message, part
    return None


def without(message: StoredMessage, part: CallPart) -> StoredMessage:
    """``message`` after ``part`` was taken back. The ids that the model wrote tell another story, so they go."""
    parts = tuple(taken_back(part) if one is part else one for one in message.parts)
    reply = msgspec.structs.replace(message.reply, ids=(), ids_model="")
    return replace(message, parts=parts, reply=reply)


async def take_back(means: Means, part: CallPart) -> None:
    """Have the worker put back what was there. Raises RequestError(TOOL_FAILED) with the tool's reason."""
    offered = await means.offers.offered("")
    command = RunTool(new_id(), UNDO, part.undo, grants=(UNDO,), access=offered.access)
    line: int | None = None
    try:
        async with aclosing(means.worker.run_tool(command)) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, ToolCalled):
                    line = await means.permissions.begin(event, Answer(True, by="person"), None)
                elif isinstance(event, ToolFinished):
                    if line is not None:
                        await means.permissions.end(line, event)
                    if event.failed:
                        reason = event.result.removeprefix("error: ")
                        raise RequestError(ErrorCode.TOOL_FAILED, name=part.name, reason=reason)
                elif isinstance(event, Failed):
                    raise RequestError.of(event.error)
    finally:
        if line is not None:
            await means.permissions.lose(line)  # one that has ended stays as it is
