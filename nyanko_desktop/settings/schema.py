"""Everything a person can set, with its bounds and defaults. Knows no file and no widget."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from inference_worker.protocol.messages import GroupSize, HubKind, KvPrecision, Precision, Sampling

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
    """Nothing is fetched."""


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
    sampling: SamplingSettings = SamplingSettings()
    hotkey: HotkeySettings = HotkeySettings()
    desktop: DesktopSettings = DesktopSettings()
