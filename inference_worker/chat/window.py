"""How much of an endless chat the model sees: the system text, then the newest whole exchanges. Knows no template.

A window that is full moves on at once to :data:`KEPT_SHARE` of the context and then stays where it is for many turns,
so that the prompt grows only at its end and the cached prefix stays valid.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from inference_worker.chat.generator import Generator
from inference_worker.chat.slash_prompt import as_text
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import ChatMessage, RunTurn, TextPart
from inference_worker.tools.base import Tool

KEPT_SHARE = 0.6
"""Of the context: what the prompt takes at most after the window has moved, unless the last question is longer."""
ROOM_TOKENS = 512
"""Left free for the reply."""
ROOM_SHARE = 4
"""In a small context the reply has no more than a quarter of it."""
TOOL_SHARE = 3
"""Descriptions of tools take no more than a third of the context: a small one holds fewer tools."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the model sees in one turn."""

    prompt: list[int]
    start: int
    """Index of the oldest message in it, system text aside; 0 where nothing was left out."""


def fit_window(command: RunTurn, tools: list[Tool], generator: Generator) -> Window:
    """The prompt from ``command.window_start`` on, or from a later question where that leaves a reply no room.

    Raises RequestError(CONTEXT_FULL) where the last exchange alone is too long; the template's ValueError passes.
    """
    messages, context = command.messages, generator.info.context

    def prompt_from(start: int) -> list[int]:
        return generator.encode_conversation(_seen(messages, start), tools, resume=command.resume)

    questions = [i for i, message in enumerate(messages) if message.role == "user"]
    start = max(0, min(command.window_start, questions[-1] if questions else 0))
    prompt = prompt_from(start)
    most = context - reply_room(context)
    later = [i for i in questions if i > start]
    if len(prompt) > most and later:
        kept = bisect_left(later[:-1], True, key=lambda i: len(prompt_from(i)) <= KEPT_SHARE * context)
        start = later[kept]
        prompt = prompt_from(start)
    fitting = context - 1 if command.resume else most
    if len(prompt) > fitting:
        raise _too_long(messages[questions[-1] :] if questions else messages, len(prompt) - fitting, generator)
    return Window(prompt, start if _leaves_out(messages, start) else 0)


def tools_that_fit(command: RunTurn, tools: Sequence[Tool], generator: Generator) -> tuple[Tool, ...]:
    """The first of ``tools`` that can be described in a :data:`TOOL_SHARE` of the context, the same in every turn."""
    fixed = (*(m for m in command.messages if m.role == "system"), ChatMessage("user", (TextPart("hello"),)))

    def tokens(count: int) -> int:
        return len(generator.encode_conversation(fixed, list(tools[:count]), resume=False))

    most = tokens(0) + generator.info.context // TOOL_SHARE
    return tuple(tools[: bisect_right(range(1, len(tools) + 1), most, key=tokens)])


def reply_room(context: int) -> int:
    """Tokens of the context that a prompt leaves to the reply."""
    return min(ROOM_TOKENS, context // ROOM_SHARE)


def _seen(messages: tuple[ChatMessage, ...], start: int) -> tuple[ChatMessage, ...]:
    return tuple(m for i, m in enumerate(messages) if i >= start or m.role == "system")


def _leaves_out(messages: tuple[ChatMessage, ...], start: int) -> bool:
    return any(m.role != "system" for m in messages[:start])


def _too_long(exchange: tuple[ChatMessage, ...], excess: int, generator: Generator) -> RequestError:
    """Says how long the last exchange is, and how long it may be beside the system text and the reply."""
    tokens = sum(len(generator.encode_text(as_text(message.parts))) for message in exchange if message.role != "system")
    context = generator.info.context
    return RequestError(ErrorCode.CONTEXT_FULL, tokens=tokens, fits=max(0, tokens - excess), context=context)
