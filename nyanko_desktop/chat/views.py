"""From what is stored to what a window shows. Pure; knows no store and no worker."""

from __future__ import annotations

import unicodedata

from nyanko_desktop.chat.draft import part_views
from nyanko_desktop.chat.view_state import ConversationSummary, Explanation, MessageView
from nyanko_desktop.conversations.models import StoredConversation, StoredMessage
from nyanko_desktop.errors import explain, explain_finish, explain_interrupted

TITLE_COLUMNS = 40
"""Width of a title; a Chinese character takes two columns."""


def message_view(message: StoredMessage) -> MessageView:
    """One stored message in the language of now."""
    reply = message.reply
    return MessageView(
        id=message.id,
        role=message.role,
        parts=part_views(message.parts),
        created=message.created,
        status=message.status,
        reasoning=reply.reasoning,
        error=ending_in_words(message),
        usage=reply.usage,
        timings=reply.timings,
        model=reply.model,
    )


def ending_in_words(message: StoredMessage) -> Explanation | None:
    """Why a reply is not whole, with what to do next; ``None`` for one that is."""
    if message.reply.error is not None:
        return explain(message.reply.error)
    match message.status:
        case "interrupted":
            return explain_interrupted()
        case "cancelled":
            return explain_finish("cancelled")
        case _:
            return explain_finish(message.reply.finish_reason) if message.reply.finish_reason else None


def summary(conversation: StoredConversation) -> ConversationSummary:
    return ConversationSummary(conversation.id, conversation.title, conversation.preview, conversation.updated)


def title_of(text: str) -> str:
    """The first words of ``text``, as many as fit into a title."""
    words = text.split()
    title = ""
    for word in words:
        longer = f"{title} {word}" if title else word
        if _columns(longer) > TITLE_COLUMNS:
            return f"{title or _cut(word)}…"
        title = longer
    return title


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cut(word: str) -> str:
    """The beginning of one long word, or of a Chinese sentence, which has no blanks."""
    end, columns = 0, 0
    while end < len(word) and (columns := columns + _columns(word[end])) <= TITLE_COLUMNS:
        end += 1
    return word[:end]
