"""THE WIRE: every message between app and worker, as frozen tagged structs. No logic lives here.

The app sends a :data:`Command`, the worker answers with :data:`Event`. Every request carries an ``id`` chosen by the
app; events about it carry the same one. Both ends read a message with ``match`` and ``assert_never``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from inference_worker.protocol.errors import WireError

Precision = Literal["fp32", "bf16", "fp16", "int8"]
"""How the weights of Linear layers are held; the word is the same in code, UI and docs."""

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled", "tool_limit"]
Phase = Literal["queued", "prefill", "thinking", "answering", "tool"]
LoadedState = Literal["empty", "loading", "resident", "failed"]


def _snake_case(name: str) -> str:
    """``RunTurn`` -> ``run_turn``."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class _Message(msgspec.Struct, frozen=True, tag_field="type", tag=_snake_case, forbid_unknown_fields=True):
    """Base of everything on the wire; the tag is the class name in snake_case."""


# ---------------------------------------------------------------- values inside messages


class TextPart(_Message, frozen=True):
    """Visible text of a message."""

    text: str


class CallPart(_Message, frozen=True):
    """A tool call inside an assistant message, with its real result; ``arguments`` as the tool got them."""

    call_id: str
    name: str
    arguments: dict[str, str]
    result: str
    failed: bool = False
    seconds: float = 0.0


Part = TextPart | CallPart


class ChatMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of a conversation as the model should see it, parts in the order in which they were written."""

    role: Role
    parts: tuple[Part, ...]
    ids: tuple[int, ...] = ()
    """Token ids a model generated for this message (results included); used again verbatim when ``ids_model`` fits."""
    ids_model: str = ""
    """Fingerprint of the tokenizer and template that ``ids`` belong to."""


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next token is chosen. ``None``: the checkpoint's own default (generation_config.json), else ours."""

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    """Upper bound of newly generated tokens over the whole reply."""
    stop: tuple[str, ...] = ()


class ModelInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is resident now. Byte counts are of tensors that exist, not estimates."""

    name: str
    path: str
    precision: Precision
    device: str
    """As torch names it: ``cpu``, ``cuda:0``, ``mps``."""
    device_name: str
    """As a person knows it: ``CPU``, ``NVIDIA P102-100``."""
    bytes: int
    """Weights on ``device``."""
    bytes_elsewhere: int
    """Weights anywhere else; 0 unless the person chose to split."""
    context: int
    """Tokens that fit into one conversation."""
    tool_style: Literal["native", "slash"]
    reads_system: bool
    """Whether the template prints the persona text at all."""


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of one turn: of the prompt, how many of them came from the cache, and how many were generated."""

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int


class Timings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds of one turn: waiting for the inference thread, prefill, decode, tools, and until the first text."""

    queued: float
    prefill: float
    decode: float
    tools: float
    first_text: float
    total: float


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one precision of a checkpoint will take before it is loaded, in bytes."""

    precision: Precision
    weights: int
    cache: int
    overhead: int
    fits: bool

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.overhead


class DeviceInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One device of this machine with its memory in bytes; ``usable`` is empty or says why not."""

    device: str
    name: str
    total: int
    free: int
    problem: str = ""


# ---------------------------------------------------------------- app -> worker


class Hello(_Message, frozen=True):
    """First message of every connection."""

    protocol: int
    token: str


class LoadModel(_Message, frozen=True):
    """Make ``path`` resident; answered by LoadProgress, then Loaded or Failed. What was resident is freed first."""

    id: str
    path: str
    precision: Precision
    device: str = "auto"
    context: int = 0
    """Tokens; 0 takes what the checkpoint offers, bounded by memory."""


class UnloadModel(_Message, frozen=True):
    """Forget the model; answered by Finished."""

    id: str


class RunTurn(_Message, frozen=True):
    """Answer the conversation. The last message is the person's, or with ``resume`` the assistant's own."""

    id: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[str, ...] = ()
    """Names of the tools the model may use in this turn."""
    grants: tuple[str, ...] = ()
    """Those of ``tools`` that may run without asking."""
    sampling: Sampling = Sampling()
    resume: bool = False


class RunTool(_Message, frozen=True):
    """Run one tool without a model; answered by ToolFinished and Finished, or Failed. Sending it is the grant."""

    id: str
    name: str
    argument: str


class Cancel(_Message, frozen=True):
    """Stop request ``id``; a turn ends with Done(finish_reason="cancelled"), anything else with Failed or Finished."""

    id: str


class Decision(_Message, frozen=True):
    """The app's word on a ToolCalled with ``needs_decision``."""

    id: str
    call_id: str
    allowed: bool


class HostResult(_Message, frozen=True):
    """The answer to a HostCall."""

    id: str
    call_id: str
    result: str
    failed: bool = False


class PlanMemory(_Message, frozen=True):
    """Ask what each precision of ``path`` would take; answered by MemoryPlanned or Failed. Loads nothing."""

    id: str
    path: str
    device: str = "auto"
    context: int = 0


class ListDevices(_Message, frozen=True):
    """Answered by DevicesListed."""

    id: str


class Ping(_Message, frozen=True):
    """Answered by Finished at once, whatever the model does: proof that the worker is alive."""

    id: str


Command = (
    Hello
    | LoadModel
    | UnloadModel
    | RunTurn
    | RunTool
    | Cancel
    | Decision
    | HostResult
    | PlanMemory
    | ListDevices
    | Ping
)


# ---------------------------------------------------------------- worker -> app


class Welcome(_Message, frozen=True):
    """Accepts Hello."""

    protocol: int
    pid: int
    tools: tuple[str, ...]
    """Names of the tools this worker offers, host tools included."""


class Refused(_Message, frozen=True):
    """Rejects Hello; the connection is closed after it."""

    error: WireError


class LoadProgress(_Message, frozen=True):
    """Bytes of weights placed so far."""

    id: str
    done: int
    total: int


class Loaded(_Message, frozen=True):
    """Ends LoadModel."""

    id: str
    model: ModelInfo


class PhaseChanged(_Message, frozen=True):
    """What a turn does now; drives the tray picture."""

    id: str
    phase: Phase


class TextDelta(_Message, frozen=True):
    """More visible text of the reply."""

    id: str
    text: str


class ReasoningDelta(_Message, frozen=True):
    """More of what the model thinks before it answers."""

    id: str
    text: str


class ToolCalled(_Message, frozen=True):
    """The model called a tool. With ``needs_decision`` nothing happens until the app sends a Decision."""

    id: str
    call_id: str
    name: str
    arguments: dict[str, str]
    needs_decision: bool


class HostCall(_Message, frozen=True):
    """A granted call that only the app can run; answered by HostResult."""

    id: str
    call_id: str
    name: str
    arguments: dict[str, str]


class ToolFinished(_Message, frozen=True):
    """A call ended, well or not; ``result`` is what the model reads."""

    id: str
    call_id: str
    name: str
    result: str
    failed: bool
    seconds: float


class Done(_Message, frozen=True):
    """Ends RunTurn. ``message`` is the whole reply of this turn, to be stored and sent again verbatim."""

    id: str
    finish_reason: FinishReason
    message: ChatMessage
    usage: Usage
    timings: Timings
    model: ModelInfo


class MemoryPlanned(_Message, frozen=True):
    """Ends PlanMemory: one estimate for each precision, against ``free`` bytes on ``device`` now."""

    id: str
    device: str
    free: int
    context: int
    estimates: tuple[Estimate, ...]


class DevicesListed(_Message, frozen=True):
    """Ends ListDevices."""

    id: str
    devices: tuple[DeviceInfo, ...]


class Finished(_Message, frozen=True):
    """Ends a request that has nothing more to say."""

    id: str


class Failed(_Message, frozen=True):
    """Ends any request that could not be done."""

    id: str
    error: WireError


Event = (
    Welcome
    | Refused
    | LoadProgress
    | Loaded
    | PhaseChanged
    | TextDelta
    | ReasoningDelta
    | ToolCalled
    | HostCall
    | ToolFinished
    | Done
    | MemoryPlanned
    | DevicesListed
    | Finished
    | Failed
)
