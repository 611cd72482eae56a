"""What the worker gets to see of a conversation: the stable part first, then all that was said. Knows no token ids.

The fixed part never changes within a conversation and history only grows at its end, so that the worker's cached prefix
stays valid. What of it the model sees is decided where tokens are counted, in the worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from inference_worker.protocol.errors import ErrorCode
from inference_worker.protocol.messages import CallPart, ChatMessage, TextPart
from nyanko_desktop.conversations.models import StoredMessage

LARGEST_HISTORY = 4 * 1024 * 1024
"""Bytes of messages that are sent: more than any context holds, and with room in a line of the wire."""
BYTES_PER_ID = 7
"""Of one token id and its comma on the wire."""
BYTES_AROUND = 200
"""Of a message on the wire beyond its texts and ids, about."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the worker, and which of the stored ones they are."""

    messages: tuple[ChatMessage, ...]
    stored: tuple[int, ...]
    """Id of the stored message for each of ``messages``; 0 for the fixed part."""
    oldest: int
    """Id of the first message that is sent where older ones are not; else 0."""

    def index_of(self, window_start: int) -> int:
        """Where the message ``window_start`` or the first one behind it stands; 0 for 0, and where there is none."""
        return next((i for i, id in enumerate(self.stored) if 0 < window_start <= id), 0)

    def window_start(self, index: int) -> int:
        """The stored message at ``index``, with which memory begins; 0 where all is remembered."""
        return self.stored[index] if index else self.oldest


def prompt(system: str, messages: Sequence[StoredMessage]) -> Prompt:
    """The conversation for the worker; ids that the model generated go with their messages."""
    fixed = (ChatMessage("system", (TextPart(system),)),) if system else ()
    read = _without_refused(messages)
    sent = _newest(read)
    said = tuple(ChatMessage(m.role, m.parts, m.reply.ids, m.reply.ids_model) for m in sent)
    stored = (*(0 for _ in fixed), *(m.id for m in sent))
    return Prompt(fixed + said, stored, sent[0].id if len(sent) < len(read) else 0)


def _without_refused(messages: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """Leaves out each question that was too long for the model, which would push all that is older out of memory."""
    gone: set[int] = set()
    for asked, reply in pairwise(messages):
        error = reply.reply.error
        if not reply.parts and error is not None and error.code is ErrorCode.CONTEXT_FULL:
            gone |= {asked.id, reply.id}
    return [m for m in messages if m.id not in gone] if gone else messages


def _newest(messages: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """All messages, or from a question on as many as may be sent; the last question always."""
    left, start = LARGEST_HISTORY, len(messages)
    for position in reversed(range(len(messages))):
        left -= _bytes(messages[position])
        if left < 0 and start < len(messages):
            return messages[start:]
        if messages[position].role == "user":
            start = position
    return messages


def _bytes(message: StoredMessage) -> int:
    """About what the message takes on the wire."""
    texts = sum(len(_written(part).encode()) for part in message.parts)
    return BYTES_AROUND + texts + BYTES_PER_ID * len(message.reply.ids)


def _written(part: TextPart | CallPart) -> str:
    return part.text if isinstance(part, TextPart) else f"{part.name}{part.arguments}{part.result}"
