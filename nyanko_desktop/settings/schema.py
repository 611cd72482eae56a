"""Everything a person can set, with its bounds and defaults. Knows no file and no widget."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from inference_worker.protocol.messages import GroupSize, HubKind, KvPrecision, Level, Precision, Sampling

VERSION = 1
"""Raised by one when a key changes its name or meaning; store.py then holds the step from the version before."""

Language = Literal["auto", "en", "zh_CN"]
Theme = Literal["auto", "light", "dark"]
Consent = Literal["ask", "yes", "no"]
Device = Annotated[str, Meta(pattern=r"^(auto|cpu|mps|split|cuda(:[0-9]{1,2})?)$")]
FreeAfter = Literal["at_once", "5_minutes", "30_minutes", "never"]
"""How long after the last turn the model's memory is given back."""
Hotkey = Annotated[str, Meta(pattern=r"^$|^((Ctrl|Alt|Shift|Meta)\+){0,4}[^\s+]{1,16}$", max_length=48)]
"""As Qt writes it, ``Ctrl+Alt+N``; empty for none."""
Folder = Annotated[str, Meta(min_length=1, max_length=4096)]
Endpoint = Annotated[str, Meta(pattern=r"^https?://[^\s@?#]{1,200}$")]
ToolName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Identity = Annotated[str, Meta(pattern=r"^[0-9a-f]{0,64}$")]
"""Fingerprint of a server's tool; see ToolCalled in the worker's messages."""
SearchKind = Literal["none", "searxng", "brave", "duckduckgo"]


class ModelSettings(msgspec.Struct, frozen=True):
    """Which model answers, and how it is held."""

    path: Annotated[str, Meta(max_length=4096)] = ""
    """Folder of the checkpoint; empty for the embedded nyanko-mini."""
    precision: Precision = "int8"
    device: Device = "auto"
    context: Annotated[int, Meta(ge=0, le=1_048_576)] = 0
    """Tokens; 0 takes what the checkpoint offers, bounded by memory."""
    group: GroupSize = 128
    """Columns of an int4 weight that share a scale."""
    kv_cache: KvPrecision = "16bit"
    free_after: FreeAfter = "never"
    folders: Annotated[tuple[Folder, ...], Meta(max_length=200)] = ()
    """Model folders and GGUF files that the person added to the list; they stay where they are."""
    cache: Annotated[str, Meta(max_length=4096)] = ""
    """Folder of quantized copies; empty for the usual one."""


class HubSettings(msgspec.Struct, frozen=True):
    """Where models come from."""

    endpoint: Endpoint = "https://huggingface.co"
    kind: HubKind = "huggingface"
    tokens: Annotated[tuple[Endpoint, ...], Meta(max_length=50)] = ()
    """Endpoints whose access token lies in the key store; others are not looked up, so that nothing asks for its
    password without need."""


class NetworkSettings(msgspec.Struct, frozen=True):
    """What may leave this machine."""

    offline: bool = False
    """Nothing is fetched, by no tool and no child process either."""


class SearchSettings(msgspec.Struct, frozen=True):
    """The search engine that the model may ask, after a question."""

    kind: SearchKind = "none"
    endpoint: Annotated[str, Meta(pattern=r"^$|^https?://[^\s@?#]{1,200}$")] = ""
    """Address of a SearXNG instance; the others have their own."""
    has_key: bool = False
    """Its key lies in the key store; where none does, that is not asked for its password."""


class ServerSettings(msgspec.Struct, frozen=True):
    """One server of the Model Context Protocol: ``command`` for one that is started here, else ``url``.

    Both have places, ``${secret:NAME}``, for what lies in the key store; see protocol/placeholders.py.
    """

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,32}$")]
    command: Annotated[tuple[Annotated[str, Meta(max_length=4096)], ...], Meta(max_length=100)] = ()
    folder: Annotated[str, Meta(max_length=4096)] = ""
    url: Annotated[str, Meta(pattern=r"^$|^https?://[^\s@/?#]+([/?][^\s#]*)?$", max_length=4096)] = ""
    environment: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    """Names of variables; their values lie in the key store, because most of them are secrets."""
    headers: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    """As ``environment``."""
    enabled: bool = False
    """The person has seen the command and wants it to start."""
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 60.0


class ToolLevel(msgspec.Struct, frozen=True):
    """The level that the person chose for a tool of a server."""

    tool: ToolName
    level: Level
    identity: Identity = ""
    """What the tool was when it was judged; one that changed since is judged by nobody."""


class SeenTool(msgspec.Struct, frozen=True):
    """What a tool of a server was when the person switched it on."""

    tool: ToolName
    identity: Identity


class ToolSettings(msgspec.Struct, frozen=True):
    """What tools may work with. Nothing is open to them at first."""

    folders: Annotated[tuple[Folder, ...], Meta(max_length=100)] = ()
    """File tools see nothing outside of these; without one they are not offered."""
    search: SearchSettings = SearchSettings()
    python: bool = False
    """Whether the model may write programs that run, each after a question."""
    off: Annotated[tuple[ToolName, ...], Meta(max_length=1000)] = ()
    """Tools that are not offered to any model."""
    servers: Annotated[tuple[ServerSettings, ...], Meta(max_length=50)] = ()
    levels: Annotated[tuple[ToolLevel, ...], Meta(max_length=1000)] = ()
    seen: Annotated[tuple[SeenTool, ...], Meta(max_length=10_000)] = ()
    """Tools of servers as they were when they were switched on; one that changed since is not offered."""
    beyond_training: bool = False
    """Offer every tool to a model that says that it was trained for a few."""


class SamplingSettings(msgspec.Struct, frozen=True):
    """Overrides of how the next token is chosen; a key that is absent leaves it to the checkpoint."""

    temperature: Annotated[float, Meta(ge=0, le=5)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=10)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_048_576)] | None = None

    def on_the_wire(self) -> Sampling:
        return Sampling(
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            min_p=self.min_p,
            repetition_penalty=self.repetition_penalty,
            seed=self.seed,
            max_tokens=self.max_tokens,
        )


class HotkeySettings(msgspec.Struct, frozen=True):
    """Keys that work from any program."""

    quick_ask: Hotkey = "Ctrl+Alt+N"


class DesktopSettings(msgspec.Struct, frozen=True):
    """How the program lives on the desktop."""

    start_at_login: bool = False
    close_to_tray: bool = True
    """Closing the window keeps Nyanko in the tray, where there is one."""
    desktop_entry: Consent = "ask"
    """Whether the desktop entry may be installed for the person (the Wayland portal needs it)."""
    offer_models: bool = True
    """An empty conversation may offer a larger model, until the person has one or has said no."""


class Settings(msgspec.Struct, frozen=True):
    """All settings of one profile, as one immutable value; a change is a new value (``msgspec.structs.replace``)."""

    version: Annotated[int, Meta(ge=1)] = VERSION
    language: Language = "auto"
    theme: Theme = "auto"
    persona: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,64}$")] = "nyanko"
    model: ModelSettings = ModelSettings()
    hub: HubSettings = HubSettings()
    network: NetworkSettings = NetworkSettings()
    tools: ToolSettings = ToolSettings()
    sampling: SamplingSettings = SamplingSettings()
    hotkey: HotkeySettings = HotkeySettings()
    desktop: DesktopSettings = DesktopSettings()
