"""The worker's state in few words, for the tray and for programs that ask. Knows no widget."""

from __future__ import annotations

from typing import assert_never

from nyanko_desktop.errors import bytes_in_words, explain
from nyanko_desktop.i18n import tr
from nyanko_desktop.worker.state import WorkerState


def state_in_words(state: WorkerState) -> str:
    """``loading 41 %``, ``idle · CPU · int8 · 12 MB``, ``trouble: the model folder is missing``."""
    match state.kind:
        case "asleep":
            return tr("asleep")
        case "empty":
            return tr("asleep, no model is loaded")
        case "starting":
            return tr("waking up")
        case "loading":
            return tr("loading {percent} %", percent=int(state.progress * 100))
        case "resident":
            return _resident(state)
        case "failed":
            return tr("trouble: {reason}", reason=explain(state.error).title if state.error else "?")
        case _:
            assert_never(state.kind)


def model_in_words(state: WorkerState) -> str:
    """``nyanko-mini · int8``; empty when none is resident."""
    return "" if state.model is None else f"{state.model.name} · {state.model.precision}"


def _resident(state: WorkerState) -> str:
    assert state.model is not None
    model = state.model
    match state.phase:
        case None:
            device = "CPU" if model.device == "cpu" else "GPU"
            size = bytes_in_words(model.bytes)
            return tr("idle · {device} · {precision} · {size}", device=device, precision=model.precision, size=size)
        case "queued" | "prefill" | "thinking":
            return tr("thinking")
        case "tool":
            return tr("using a tool")
        case "answering":
            return tr("answering")
        case _:
            assert_never(state.phase)
