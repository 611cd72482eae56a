"""What the settings window shows, as immutable values. settings/controller.py makes them, ui/settings renders them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from inference_worker.protocol.messages import DeviceInfo, Precision
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.models.view import Verdict, verdict_of
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.worker.state import WorkerState

HotkeyKind = Literal["unbound", "binding", "bound", "taken", "needs_consent", "unsupported", "failed"]


@dataclass(frozen=True, slots=True)
class HotkeyState:
    """What became of the wish for a hotkey."""

    kind: HotkeyKind
    keys: str = ""
    """The keys, as the system names them."""
    reason: str = ""
    """Why it is not bound, in the person's language."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model of the list; ``path`` is empty for the embedded one."""

    path: str
    name: str
    chosen: bool = False
    problem: Explanation | None = None
    """Why its folder cannot be used."""


@dataclass(frozen=True, slots=True)
class PrecisionView:
    """What one precision of the chosen model would take, in bytes."""

    precision: Precision
    weights: int
    rest: int
    """Cache and what the computation itself needs."""
    fits: bool
    cache: int = 0
    """The part of ``rest`` that holds keys and values, and grows with the context."""
    largest_context: int = 0
    """Tokens that would fit; 0 if not even the weights do."""
    measured: bool = False
    """``rest`` was measured on this machine, not only computed."""
    quantized: bool = False
    """A quantized copy lies on the disk: loading need not quantize."""

    @property
    def total(self) -> int:
        return self.weights + self.rest

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.fits, self.largest_context)


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Each precision against the ``free`` bytes of one device."""

    device: str
    free: int
    context: int
    precisions: tuple[PrecisionView, ...]

    @property
    def nearest(self) -> Precision | None:
        """The widest precision that fits as it is; what to offer when the chosen one does not."""
        return next((p.precision for p in self.precisions if p.fits), None)


@dataclass(frozen=True, slots=True)
class DesktopView:
    """How the program lives on this desktop now, whatever the settings wish."""

    has_tray: bool = True
    starts_at_login: bool = False
    entry_installed: bool = False
    entry_supported: bool = True
    """Desktop entries are a thing of Linux desktops."""


@dataclass(frozen=True, slots=True)
class ToolsState:
    """What of the settings of tools does not work on this machine now; reasons are plain English."""

    closed: tuple[tuple[str, str], ...] = ()
    """Folders of the settings that are not open to tools, each with the reason."""
    no_python: str = ""
    """Why no program of a model can run here; empty where one can, or nobody has looked yet."""

    def why_closed(self, folder: str) -> str:
        """Empty, or why ``folder`` is not open to tools."""
        return dict(self.closed).get(folder, "")


@dataclass(frozen=True, slots=True)
class AboutView:
    """Versions and places, as label and value, ready to be read."""

    rows: tuple[tuple[str, str], ...] = ()
    copied: bool = False
    """The report is in the clipboard."""


@dataclass(frozen=True, slots=True)
class SettingsView:
    """Everything the settings window needs to draw itself."""

    settings: Settings = field(default_factory=Settings)
    models: tuple[ModelChoice, ...] = ()
    devices: tuple[DeviceInfo, ...] = ()
    plan: MemoryPlan | None = None
    planning: bool = False
    """Estimates are on their way."""
    plan_problem: Explanation | None = None
    worker: WorkerState = field(default_factory=WorkerState)
    hotkey: HotkeyState = field(default_factory=lambda: HotkeyState("unbound"))
    desktop: DesktopView = field(default_factory=DesktopView)
    about: AboutView = field(default_factory=AboutView)
    tools: ToolsState = field(default_factory=ToolsState)
    notice: Explanation | None = None
    """A change that could not be saved, or settings that were broken."""
