"""What goes on in words, for the pill, the tray and their explanations. Knows no widget."""

from __future__ import annotations

from typing import assert_never

from inference_worker.protocol.messages import ModelInfo
from nyanko_desktop.chat.view_state import ToolView, ViewState
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import tr
from nyanko_desktop.worker.state import WorkerState
from ui.format import size
from ui.theme import Theme


def state_words(state: WorkerState) -> str:
    """What Nyanko does now, in two or three words."""
    match state.kind:
        case "asleep" | "empty":
            return tr("asleep")
        case "starting":
            return tr("waking up")
        case "loading":
            return tr("loading {percent} %", percent=round(state.progress * 100))
        case "failed":
            return tr("trouble: {reason}", reason=_trouble(state))
        case "resident":
            return _phase_words(state)
        case _:
            assert_never(state.kind)


def asks_person(view: ViewState) -> bool:
    """Whether a call in the open conversation waits for the person."""
    parts = view.messages[-1].parts if view.messages else ()
    return any(isinstance(part, ToolView) and part.approval is not None for part in parts)


def pill_words(state: WorkerState) -> str:
    """The truth in one line: device, precision and bytes of what is resident, else :func:`state_words`."""
    return model_words(state.model) if state.kind == "resident" and state.model else state_words(state)


def tray_words(state: WorkerState) -> str:
    """Both: what it does, and what it takes for that."""
    words = state_words(state)
    return f"{words} · {model_words(state.model)}" if state.kind == "resident" and state.model else words


def model_words(model: ModelInfo) -> str:
    """``GPU · int8 · 6.9 GB``."""
    return f"{device_words(model.device)} · {model.precision} · {size(model.bytes + model.bytes_elsewhere)}"


def device_words(device: str) -> str:
    """A torch device as a person calls it."""
    return "CPU" if device.startswith("cpu") else "GPU"


def why(state: WorkerState) -> str:
    """One or two sentences that explain the pill."""
    model = state.model
    match state.kind:
        case "resident" if model is not None:
            where = tr("{model} is in the memory of {device}.", model=model.name, device=model.device_name)
            if not model.bytes_elsewhere:
                return where
            rest = tr("{size} of it are on other devices, which makes it slower.", size=size(model.bytes_elsewhere))
            return f"{where} {rest}"
        case "loading" | "starting":
            return tr("The model is being read into memory. You can write already; the answer follows.")
        case "failed":
            return explain(state.error).reason if state.error else ""
        case _:
            return tr("No model is in memory. Nyanko wakes up by itself with your next message.")


def dot_color(state: WorkerState, theme: Theme) -> str:
    """Colour of the dot beside the words."""
    match state.kind:
        case "resident":
            return theme.good
        case "failed":
            return theme.bad
        case "loading" | "starting":
            return theme.warn
        case _:
            return theme.soft


def _phase_words(state: WorkerState) -> str:
    match state.phase:
        case None:
            return tr("idle")
        case "queued":
            return tr("waiting")
        case "tool":
            return tr("using a tool")
        case "answering":
            return tr("answering")
        case "prefill" | "thinking":
            return tr("thinking")
        case _:
            assert_never(state.phase)


def _trouble(state: WorkerState) -> str:
    return explain(state.error).title if state.error else tr("unknown")
