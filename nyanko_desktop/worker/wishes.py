"""What somebody waits for: a model to be resident, a turn to be answered. Knows no worker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.messages import (
    ChatMessage,
    Done,
    Failed,
    ModelInfo,
    Phase,
    Precision,
    RunTurn,
    Timings,
    Usage,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that should be resident."""

    path: str
    precision: Precision
    device: str
    context: int

    def as_info(self) -> ModelInfo:
        """What is known of the model before it is loaded."""
        return ModelInfo(
            name=Path(self.path).name,
            path=self.path,
            precision=self.precision,
            device=self.device,
            device_name="",
            bytes=0,
            bytes_elsewhere=0,
            context=self.context,
            tool_style="slash",
            reads_system=False,
        )


class LoadWish:
    """One wish for a model, until it is resident, has failed, or gave way to another."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.outcome: asyncio.Future[ModelInfo | WireError | None] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return not self.outcome.done()

    def settle(self, outcome: ModelInfo | WireError | None) -> None:
        """Tell who waits how it ended; only the first word counts."""
        if self.open:
            self.outcome.set_result(outcome)


@dataclass(slots=True)
class WaitingTurn:
    """One turn from the question on: it waits for the model, then it runs."""

    phase: Phase = "queued"
    running: bool = False
    cancelled: bool = False
    error: WireError | None = None
    """Why it will never run."""
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def hopeless(self) -> bool:
        return self.cancelled or self.error is not None

    def never_ran(self, command: RunTurn, choice: Choice | None) -> Done | Failed:
        """The end of a turn that no worker has seen."""
        if self.error is not None:
            return Failed(id=command.id, error=self.error)
        assert choice is not None, "a turn without any model fails"
        waited = asyncio.get_running_loop().time() - self.began
        return Done(
            id=command.id,
            finish_reason="cancelled",
            message=ChatMessage(role="assistant", parts=()),
            usage=Usage(prompt_tokens=0, reused_tokens=0, completion_tokens=0),
            timings=Timings(queued=waited, prefill=0, decode=0, tools=0, first_text=0, total=waited),
            model=choice.as_info(),
        )
