"""The pure parts of the chat: a reply that grows, and what a window shows of what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import (
    CallPart,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    TextPart,
    ToolCalled,
    ToolFinished,
)
from nyanko_desktop.chat.draft import UNENDED, Draft, part_views
from nyanko_desktop.chat.view_state import MessageStatus, TextView, ToolView
from nyanko_desktop.chat.views import message_view, title_of
from nyanko_desktop.conversations.models import Reply, StoredMessage

CALLED = ToolCalled("1", "c1", "calculate", {"text": "6*7"}, needs_decision=False)
FINISHED = ToolFinished("1", "c1", "calculate", "42", False, 0.01)
MESSAGE = StoredMessage(1, 1, "assistant", (TextPart("hi"),), "complete", datetime(2026, 11, 21).astimezone())


def test_text_grows_in_one_part_and_a_call_stands_between() -> None:
    draft = Draft()
    for event in (TextDelta("1", "It "), TextDelta("1", "is "), CALLED, FINISHED, TextDelta("1", "42.")):
        draft.add(event)
    call = CallPart("c1", "calculate", {"text": "6*7"}, "42", seconds=0.01)
    assert draft.parts == (TextPart("It is "), call, TextPart("42."))
    assert draft.view() == (TextView("It is "), ToolView("c1", "calculate", "6*7", "42", False, 0.01), TextView("42."))


def test_a_call_that_still_runs_is_stored_as_one_without_an_answer() -> None:
    draft = Draft()
    draft.add(CALLED)
    assert draft.view() == (ToolView("c1", "calculate", "6*7", None),)
    assert draft.parts == (CallPart("c1", "calculate", {"text": "6*7"}, UNENDED, failed=True),)
    assert part_views(draft.parts) == (ToolView("c1", "calculate", "6*7", "error: ended before it answered", True),)


def test_a_continued_reply_begins_with_what_was_written() -> None:
    draft = Draft((TextPart("half an "),), "thought")
    assert not draft.grown
    draft.add(TextDelta("1", "answer"))
    draft.add(ReasoningDelta("1", "s"))
    assert draft.grown
    assert (draft.parts, draft.reasoning) == ((TextPart("half an answer"),), "thoughts")


def test_a_card_shows_what_the_model_wrote() -> None:
    draft = Draft()
    draft.add(ToolCalled("1", "c", "remind", {"text": "10m | tea", "when": "2026-11-21T18:40", "what": "tea"}, False))
    assert draft.view() == (ToolView("c", "remind", "10m | tea", None),)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("  two\n lines ", "two lines"),
        ("What is the answer to life, the universe and everything?", "What is the answer to life, the universe…"),
        ("今天天气怎么样，我们出去散步好不好，还是在家里看书呢", "今天天气怎么样，我们出去散步好不好，还是…"),
        ("x" * 100, "x" * 40 + "…"),
        ("", ""),
    ],
)
def test_a_title_is_the_first_words(text: str, title: str) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize(
    ("status", "finish", "error", "action"),
    [
        ("complete", "stop", None, None),
        ("complete", "length", None, "continue"),
        ("complete", "tool_limit", None, "retry"),
        ("cancelled", "cancelled", None, "continue"),
        ("interrupted", None, None, "continue"),
        ("interrupted", None, WireError(ErrorCode.WORKER_LOST), "continue"),
        ("failed", None, WireError(ErrorCode.OUT_OF_MEMORY), "open_settings"),
        ("streaming", None, None, None),
    ],
)
def test_an_unfinished_reply_says_why_and_what_to_do(
    status: MessageStatus, finish: FinishReason | None, error: WireError | None, action: str | None
) -> None:
    view = message_view(replace(MESSAGE, status=status, reply=Reply(finish_reason=finish, error=error)))
    assert (view.error.action if view.error else None) == action
