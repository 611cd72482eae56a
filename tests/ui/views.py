"""View states for the tests of the windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from inference_worker.protocol.messages import ModelInfo, Phase, Timings, Usage
from nyanko_desktop.chat.view_state import (
    ConversationSummary,
    MessageView,
    TextView,
    ToolView,
    ViewState,
)
from nyanko_desktop.worker.state import WorkerState

NOON = datetime(2026, 11, 21, 12)
MODEL = ModelInfo(
    name="nyanko-mini",
    path="/models/nyanko-mini",
    precision="int8",
    device="cpu",
    device_name="CPU",
    bytes=7_235_174_400,
    bytes_elsewhere=0,
    context=2048,
    tool_style="slash",
    reads_system=True,
)
USAGE = Usage(prompt_tokens=120, reused_tokens=80, completion_tokens=62)
TIMINGS = Timings(queued=0, prefill=0.1, decode=2.0, tools=0.002, first_text=0.2, total=2.3)


def resident(phase: Phase | None = None) -> WorkerState:
    return WorkerState(kind="resident", phase=phase, model=MODEL, pid=1)


def asked(id: int, text: str = "hello") -> MessageView:
    return MessageView(id, "user", (TextView(text),), NOON)


def answered(id: int, *parts: TextView | ToolView | str, **more: Any) -> MessageView:
    views = tuple(TextView(part) if isinstance(part, str) else part for part in parts)
    return MessageView(id, "assistant", views, NOON, **more)


def done(id: int, *parts: TextView | ToolView | str) -> MessageView:
    return answered(id, *parts, usage=USAGE, timings=TIMINGS, model="nyanko-mini · int8")


def streaming(id: int, *parts: TextView | ToolView | str) -> MessageView:
    return answered(id, *parts, status="streaming")


def conversation(id: int, title: str = "", days_ago: int = 0, preview: str = "…") -> ConversationSummary:
    noon = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return ConversationSummary(id, title or f"Conversation {id}", preview, noon - timedelta(days=days_ago))


def long_conversation(count: int) -> tuple[MessageView, ...]:
    """``count`` messages of different lengths, questions and answers by turns."""
    return tuple(
        asked(i, f"question {i} " + "word " * (i % 40))
        if i % 2
        else done(i, "\n\n".join([f"Answer **{i}** with some words in it." * (1 + i % 5)] * (1 + i % 4)))
        for i in range(1, count + 1)
    )


def chat(*messages: MessageView, current: int | None = 1, **more: Any) -> ViewState:
    more.setdefault("worker", resident())
    return ViewState((conversation(1), conversation(2)), current, "Conversation 1", messages, **more)
