"""A turn from the question on, as long as no worker has seen it, and what is said when none ever will."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.messages import (
    ChatMessage,
    Done,
    Failed,
    Phase,
    RunTurn,
    Timings,
    Usage,
)
from nyanko_desktop.worker.residency import Choice


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
