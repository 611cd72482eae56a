"""What the model gets to see: the stable part first, then the conversation from its window on. Knows no token ids.

The fixed part never changes within a conversation and history only grows at its end, so that the worker's cached prefix
stays valid. When the context is full the window drops to about 60 % at once, not message by message.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference_worker.protocol.messages import CallPart, ChatMessage, TextPart
from nyanko_desktop.conversations.models import StoredMessage

FULL_SHARE = 0.85
"""Of the context: above it a reply might have no room, so the window moves before the worker has to refuse."""
KEPT_SHARE = 0.6
"""Of the context: what the window drops to."""
BYTES_PER_TOKEN = 3.0
"""Of UTF-8, for text of which nothing was counted yet: about right for Chinese, too careful for English."""


def prompt(system: str, messages: Sequence[StoredMessage], window_start: int) -> tuple[ChatMessage, ...]:
    """The conversation for the worker; ids that the model generated go with their messages."""
    fixed = (ChatMessage("system", (TextPart(system),)),) if system else ()
    shown = (m for m in messages if m.id >= window_start)
    return fixed + tuple(ChatMessage(m.role, m.parts, m.reply.ids, m.reply.ids_model) for m in shown)


def estimate_tokens(messages: Sequence[StoredMessage], window_start: int) -> int:
    """Tokens that the window takes: what the worker counted last, and a guess for what was written since."""
    shown = [m for m in messages if m.id >= window_start]
    counted, rest = 0, shown
    for position, message in enumerate(shown):
        if message.reply.usage is not None:
            counted = message.reply.usage.prompt_tokens + message.reply.usage.completion_tokens
            rest = shown[position + 1 :]
    return counted + round(sum(map(_bytes, rest)) / BYTES_PER_TOKEN)


def smaller_window(messages: Sequence[StoredMessage], window_start: int, tokens: int, context: int) -> int | None:
    """Id of the person's message to begin with so that about 60 % of ``context`` is used; ``None`` if nothing can go.

    ``tokens`` is what the messages from ``window_start`` on take now; they are shared out by length.
    """
    shown = [m for m in messages if m.id >= window_start]
    beginnings = [i for i, m in enumerate(shown) if m.role == "user" and i > 0]
    if not beginnings:
        return None
    whole = max(1, sum(map(_bytes, shown)))
    for i in beginnings:
        if tokens * sum(map(_bytes, shown[i:])) / whole <= KEPT_SHARE * context:
            return shown[i].id
    return shown[beginnings[-1]].id


def _bytes(message: StoredMessage) -> int:
    """Length in UTF-8, with a few bytes for what the template puts around each message."""
    return 12 + sum(len(_written(part).encode()) for part in message.parts)


def _written(part: TextPart | CallPart) -> str:
    return part.text if isinstance(part, TextPart) else "".join((part.name, *part.arguments.values(), part.result))
