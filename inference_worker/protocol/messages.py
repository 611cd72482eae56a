"""THE WIRE: every message between app and worker, as frozen tagged structs. No logic lives here.

The app sends a :data:`Command`, the worker answers with :data:`Event`. Every request carries an ``id`` chosen by the
app; events about it carry the same one. Both ends read a message with ``match`` and ``assert_never``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inference_worker.protocol.errors import WireError

Precision = Literal["fp32", "bf16", "fp16", "int8", "int8-zero-point", "llm-int8", "int4"]
"""How the weights of Linear layers are held; the word is the same in code, UI and docs."""
GroupSize = Literal[128, 64, 32]
"""Columns of an int4 weight that share a scale; the other precisions have no groups."""
KvPrecision = Literal["16bit", "int8"]
"""How keys and values are cached: 16 bit (fp32 where the model computes in fp32), or int8 with a scale a head."""
HubKind = Literal["huggingface", "modelscope"]
"""The two ways in which model hubs list and serve their files."""
JobStage = Literal["listing", "downloading", "checking", "reading", "quantizing", "writing"]
Level = Literal["harmless", "keep", "private", "network", "effect"]
"""What a tool can do: nothing at all; note something for the person; read what is theirs; reach out; change things."""

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
    source: str = ""
    """Where text that the person attached comes from (``clipboard``, a file); empty: they or the model wrote it."""


class CallPart(_Message, frozen=True):
    """A tool call inside an assistant message, with its real result; ``arguments`` as the tool got them."""

    call_id: str
    name: str
    arguments: dict[str, Any]
    result: str
    failed: bool = False
    seconds: float = 0.0
    source: str = ""
    """Whose words the result holds (a page, a file, a server): data, never obeyed. Empty: ours."""
    undo: str = ""
    """As in ToolFinished; empty again when it was taken back."""


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
    group: int = 0
    """Columns that share a scale; 0 where the precision has no groups."""
    kv_cache: KvPrecision = "16bit"
    family: str = ""
    """How the checkpoint was read: ``huggingface``, ``chatglm3``, ``gguf``, …"""
    notes: tuple[str, ...] = ()
    """What a person should know of this load, in plain English: weights that stayed floating, a cached conversion, …"""


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of one turn: of the prompt, how many of them came from the cache, and how many were generated."""

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int


class Timings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds of one turn: waiting for the inference thread, prefill, decode, tools, and until the first text.

    What a person takes to answer for a call counts in ``total`` alone.
    """

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
    largest_context: int = 0
    """Tokens of context that would fit, at most what the checkpoint offers; 0 if not even the weights do."""
    measured: bool = False
    """``overhead`` comes from a load of this checkpoint in this precision on this device, not from a formula."""
    quantized: bool = False
    """A quantized copy in this precision lies on the disk: loading need not quantize."""

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


class SearchService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The search engine that the person set."""

    kind: Literal["searxng", "brave", "duckduckgo"]
    endpoint: str = ""
    """Address of a SearXNG instance; the others have their own."""
    key: str = ""
    """Of an API that wants one; from the keyring, never logged."""


class McpServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One server of the Model Context Protocol that the person switched on: ``command`` for stdio, else ``url``."""

    name: str
    """Begins the names of its tools: ``NAME__TOOL``."""
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    folder: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    seconds: float = 60.0
    """Upper bound of one call."""
    secrets: dict[str, str] = {}
    """What belongs into the places of ``command`` and ``url``; see placeholders.py."""


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person opened to tools; goes with every request that may run one. By default nothing."""

    folders: tuple[str, ...] = ()
    """File tools see nothing outside of these."""
    undo: str = ""
    """Folder in which write_file keeps what it replaced; without one it writes nothing."""
    offline: bool = False
    """No tool and no child process of one may reach out."""
    search: SearchService | None = None
    python: bool = False
    """Whether run_python may run at all."""
    servers: tuple[McpServer, ...] = ()
    seen: dict[str, str] = {}
    """Identities of tools of servers when the person switched them on; one that changed since is in no turn."""


class ToolInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tool as settings and cards show it; ``server`` is empty for our own."""

    name: str
    description: str
    level: Level
    parameters: dict[str, Any]
    server: str = ""
    identity: str = ""
    """As in ToolCalled."""


class ServerInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a server said of itself, or the ``problem`` with it; ``note`` is what of it cannot be used."""

    name: str
    title: str = ""
    version: str = ""
    resources: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    problem: str = ""
    note: str = ""


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
    """As torch names it; ``auto``; or ``split``: layers over all devices, chosen by the person alone."""
    context: int = 0
    """Tokens; 0 takes what the checkpoint offers, bounded by memory."""
    group: GroupSize = 128
    kv_cache: KvPrecision = "16bit"
    cache: str = ""
    """Folder of quantized copies and of measured peaks; empty: neither is looked for nor kept."""


class UnloadModel(_Message, frozen=True):
    """Forget the model; answered by Finished."""

    id: str


ANY = "any"
"""As ``RunTurn.must_call``: whichever tool the model chooses."""


class RunTurn(_Message, frozen=True):
    """Answer the conversation. The last message is the person's, or with ``resume`` the assistant's own."""

    id: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[str, ...] = ()
    """Names of the tools the model may use in this turn."""
    grants: tuple[str, ...] = ()
    """Those of ``tools`` that may run without asking; for a tool of the level ``keep``, until somebody else's words are
    read."""
    sampling: Sampling = Sampling()
    resume: bool = False
    window_start: int = 0
    """Index of the oldest message that the model still saw last time (``Done.window_start``); those before it are left
    out, system text excepted. It only ever moves on, so that the cached prefix stays valid."""
    access: Access = Access()
    must_call: str = ""
    """The one of ``tools`` that the reply has to begin with, or ``any`` of them; empty: as the model likes. One that
    cannot be held to a call is free all the same (``ModelInfo.notes``)."""


class RunTool(_Message, frozen=True):
    """Run one tool without a model; answered by ToolFinished and Finished, or Failed. It asks as in a turn."""

    id: str
    name: str
    argument: str
    """As on a line of the slash style: the text of a tool with one text parameter, else a JSON object."""
    grants: tuple[str, ...] = ()
    access: Access = Access()


class CancelCall(_Message, frozen=True):
    """End one call that runs; its turn goes on with the error."""

    id: str
    call_id: str


class ListTools(_Message, frozen=True):
    """Which tools there are, those of ``access.servers`` included (they are started); answered by ToolsListed."""

    id: str
    access: Access = Access()


class Cancel(_Message, frozen=True):
    """Stop request ``id``; a turn ends with Done(finish_reason="cancelled"), anything else with Failed or Finished."""

    id: str


class Decision(_Message, frozen=True):
    """The app's word on a ToolCalled with ``needs_decision``."""

    id: str
    call_id: str
    allowed: bool
    reason: str = ""
    """Why not, in plain English for the model; empty: the person said no."""


class HostResult(_Message, frozen=True):
    """The answer to a HostCall."""

    id: str
    call_id: str
    result: str
    failed: bool = False
    source: str = ""
    """As in CallPart."""


class PlanMemory(_Message, frozen=True):
    """Ask what each precision of ``path`` would take; answered by MemoryPlanned or Failed. Loads nothing."""

    id: str
    path: str
    device: str = "auto"
    context: int = 0
    group: GroupSize = 128
    kv_cache: KvPrecision = "16bit"
    cache: str = ""


class InspectModel(_Message, frozen=True):
    """Say what ``path`` holds, from headers alone; answered by ModelInspected or Failed. With ``verify`` every byte of
    a quantized copy is compared with its manifest."""

    id: str
    path: str
    cache: str = ""
    verify: bool = False


class Quantize(_Message, frozen=True):
    """Write a quantized copy of ``path`` into ``cache``, tensor by tensor; answered by JobProgress, then Quantized, or
    Finished when cancelled. The same command goes on where a killed one stopped."""

    id: str
    path: str
    precision: Precision
    cache: str
    group: GroupSize = 128


class Hub(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where models come from. ``token`` travels here alone, never in arguments, files or logs."""

    endpoint: str
    """``https://huggingface.co``, a mirror of it, ``https://modelscope.cn``, …"""
    kind: HubKind = "huggingface"
    token: str = ""


class ListRepository(_Message, frozen=True):
    """Ask which files a repository holds; answered by RepositoryListed or Failed."""

    id: str
    hub: Hub
    repository: str
    revision: str = "main"


class Download(_Message, frozen=True):
    """Bring a repository's model into ``target``; answered by JobProgress, then Downloaded, or Finished when cancelled
    (that is how a person pauses). The same command goes on where the last one stopped."""

    id: str
    hub: Hub
    repository: str
    target: str
    revision: str = "main"
    files: tuple[str, ...] = ()
    """Names to take; empty: weights (safetensors if there are any, else .bin), configuration and tokenizer."""


class ListDevices(_Message, frozen=True):
    """Answered by DevicesListed."""

    id: str


class Ping(_Message, frozen=True):
    """Answered by Finished at once, whatever the model does: proof that the worker is alive."""

    id: str


FollowUp = Cancel | CancelCall | Decision | HostResult
"""What the app says about a request that is open."""
Command = (
    Hello
    | LoadModel
    | UnloadModel
    | RunTurn
    | RunTool
    | Cancel
    | CancelCall
    | Decision
    | HostResult
    | PlanMemory
    | InspectModel
    | Quantize
    | ListRepository
    | Download
    | ListTools
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
    arguments: dict[str, Any]
    needs_decision: bool
    level: Level = "harmless"
    scope: str = ""
    """What a grant for this call may be bound to: the real path, the host, the server; empty: there is nothing."""
    preview: str = ""
    """What would happen where the arguments do not show it: a unified diff, the code that would run."""
    sources: tuple[str, ...] = ()
    """Whose words the model had read by then (pages, files, servers, the clipboard): any of them may be behind it."""
    identity: str = ""
    """Of a server's tool: changes when its server is another one, or says something else of it. Empty for our own."""


class ToolProgress(_Message, frozen=True):
    """A call that runs says how far it is, in plain English."""

    id: str
    call_id: str
    text: str


class HostCall(_Message, frozen=True):
    """A granted call that only the app can run; answered by HostResult."""

    id: str
    call_id: str
    name: str
    arguments: dict[str, Any]


class ToolFinished(_Message, frozen=True):
    """A call ended, well or not; ``result`` is what the model reads."""

    id: str
    call_id: str
    name: str
    result: str
    failed: bool
    seconds: float
    source: str = ""
    """As in CallPart."""
    hosts: tuple[str, ...] = ()
    """Hosts that the call reached out to, in order."""
    undo: str = ""
    """File that holds what the call replaced, in the folder ``access.undo``."""


class Done(_Message, frozen=True):
    """Ends RunTurn. ``message`` is the whole reply of this turn, to be stored and sent again verbatim."""

    id: str
    finish_reason: FinishReason
    message: ChatMessage
    usage: Usage
    timings: Timings
    model: ModelInfo
    window_start: int = 0
    """Index into the request's messages where the memory of this chat began in this turn; 0: all was seen."""


class MemoryPlanned(_Message, frozen=True):
    """Ends PlanMemory: one estimate for each precision, against ``free`` bytes on ``device`` now."""

    id: str
    device: str
    free: int
    context: int
    estimates: tuple[Estimate, ...]


class QuantizedCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantized copy of a checkpoint on the disk."""

    path: str
    precision: Precision
    group: int
    bytes: int


class ModelInspected(_Message, frozen=True):
    """Ends InspectModel."""

    id: str
    path: str
    family: str
    architecture: str
    format: str
    """Of the weights on the disk: ``safetensors``, ``bin``, ``gguf``, ``gptq``, ``chatglm-int8``, ``nyanko`` …"""
    stored: str
    """Type of most weights on the disk: ``fp16``, ``int4``, ``Q4_K``, …"""
    parameters: int
    layers: int
    context: int
    bytes: int
    """Of the weight files."""
    chat_format: str
    """``template``, ``chatglm3``, ``plain`` (``User:``/``Assistant:`` lines), …"""
    floating: tuple[str, ...] = ()
    """What stays in 16 bit or more, as patterns with the reason: ``model.layers.*.mlp.experts: fused experts``."""
    copies: tuple[QuantizedCopy, ...] = ()
    problems: tuple[str, ...] = ()


class JobProgress(_Message, frozen=True):
    """How far a quantization or a download is; ``done`` and ``total`` in bytes, ``detail`` is a file or a tensor."""

    id: str
    stage: JobStage
    done: int
    total: int
    detail: str = ""


class Quantized(_Message, frozen=True):
    """Ends Quantize."""

    id: str
    copy: QuantizedCopy
    seconds: float
    resumed: bool = False


class RemoteFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a repository; ``sha256`` is empty where the hub tells none."""

    name: str
    size: int
    sha256: str = ""


class RepositoryListed(_Message, frozen=True):
    """Ends ListRepository. ``revision`` is the commit that the name stands for now."""

    id: str
    repository: str
    revision: str
    files: tuple[RemoteFile, ...]
    chosen: tuple[str, ...]
    """Those that Download would take."""


class Downloaded(_Message, frozen=True):
    """Ends Download."""

    id: str
    path: str
    bytes: int
    """Of all files in ``path`` that belong to the repository."""
    fetched: int
    """Bytes that came over the network this time."""


class ToolsListed(_Message, frozen=True):
    """Ends ListTools."""

    id: str
    tools: tuple[ToolInfo, ...]
    servers: tuple[ServerInfo, ...] = ()


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
    | ToolProgress
    | ToolFinished
    | Done
    | MemoryPlanned
    | ModelInspected
    | JobProgress
    | Quantized
    | RepositoryListed
    | Downloaded
    | ToolsListed
    | DevicesListed
    | Finished
    | Failed
)
