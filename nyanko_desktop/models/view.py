"""What the model page shows, as immutable values. models/library.py makes them, ui/settings renders them.

Sizes are bytes on the disk where nothing else is said, and memory where a precision is meant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from inference_worker.protocol.messages import HubKind, JobStage, Precision
from nyanko_desktop.chat.view_state import Explanation

ModelKind = Literal["embedded", "downloaded", "added", "copy"]
"""embedded: part of the program. downloaded: in our folder. added: a person's own folder or file, used where it lies.
copy: a quantized copy whose original is gone; it works without it."""
JobKind = Literal["download", "quantize"]
JobState = Literal["queued", "running", "paused", "failed", "elsewhere"]
"""queued: waits for another job. paused: by the person, or because the program ended. elsewhere: another program (the
command line) does it just now."""
Verdict = Literal["fits", "fits_shorter", "does_not_fit"]
"""fits_shorter: not with the context that was asked for, but with ``largest_context`` tokens."""


def verdict_of(fits: bool, largest_context: int) -> Verdict:
    """``largest_context`` in tokens, 0 if not even the weights fit."""
    if fits:
        return "fits"
    return "fits_shorter" if largest_context > 0 else "does_not_fit"


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """A quantized copy of a model in the cache folder."""

    path: str
    precision: Precision
    group: int
    """Columns that share a scale; 0 where the precision has no groups."""
    bytes: int


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model that the person has, or begins to have."""

    key: str
    """What ``choose``, ``quantize`` and ``remove`` take, and what ``settings.model.path`` holds: empty for the embedded
    one, else the absolute path."""
    name: str
    """``nyanko-mini``, ``OWNER/NAME``, or the name of the folder."""
    kind: ModelKind
    path: str
    bytes: int = 0
    copies: tuple[CopyEntry, ...] = ()
    chosen: bool = False
    resident: bool = False
    """In the worker's memory now."""
    unfinished: bool = False
    """Its download has not ended: it cannot be chosen yet."""
    problem: Explanation | None = None
    """Why it cannot be used."""

    @property
    def total(self) -> int:
        """Bytes with all copies."""
        return self.bytes + sum(copy.bytes for copy in self.copies)


@dataclass(frozen=True, slots=True)
class JobView:
    """A download or a quantization that is not over."""

    id: str
    """What ``pause``, ``resume`` and ``cancel`` take."""
    kind: JobKind
    name: str
    """Of the model."""
    state: JobState
    model: str = ""
    """Key of the model it makes or reads."""
    precision: Precision | None = None
    """Of the copy that is written; ``None`` for a download."""
    stage: JobStage | None = None
    """``None`` before the first news."""
    done: int = 0
    total: int = 0
    """0 while it is not known."""
    detail: str = ""
    """The file or tensor at hand."""
    speed: float = 0.0
    """Bytes a second; 0 while it is not known."""
    remaining: float | None = None
    """Seconds; ``None`` while they cannot be told."""
    problem: Explanation | None = None
    """Why it failed, or waits."""

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """One precision of a catalogue model against the memory of this machine; an estimate from published figures."""

    precision: Precision
    bytes: int
    """Memory with the context that it is usually used with."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One model of the catalogue."""

    id: str
    """What ``pull`` takes beside repository names."""
    title: str
    description: str
    """One line in the person's language."""
    repository: str
    """On the hub that is set; empty where that hub does not have it."""
    parameters: int
    context: int
    licence: str
    tools: bool
    """Trained to call tools."""
    gated: bool
    """The hub asks for a token and an accepted licence."""
    verified: bool
    """Whether its figures were checked against the published configuration."""
    fits: tuple[Fit, ...] = ()
    """From the widest precision to the narrowest; empty while the memory of this machine is not known."""
    model: str | None = None
    """Key of the model if the person has it."""
    download: int = 0
    """Bytes to fetch, about."""

    @property
    def best_fit(self) -> Fit | None:
        """The widest precision that fits."""
        return next((fit for fit in self.fits if fit.verdict == "fits"), None)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a first start offers: a model that fits this machine."""

    id: str
    """Of the catalogue item; empty for the embedded model."""
    title: str
    precision: Precision
    bytes: int
    """Memory it will take."""
    download: int
    """Bytes to fetch, about."""
    reason: str
    """One sentence in the person's language."""


@dataclass(frozen=True, slots=True)
class HubChoice:
    """A hub that can be chosen by name."""

    name: str
    endpoint: str
    kind: HubKind


@dataclass(frozen=True, slots=True)
class HubView:
    """Where models come from."""

    endpoint: str = ""
    kind: HubKind = "huggingface"
    choices: tuple[HubChoice, ...] = ()
    has_token: bool = False
    """A token for this endpoint is known. It is never shown."""
    token_problem: str = ""
    """Why the token lasts only until the program ends; empty where it lies in the key store."""
    offline: bool = False
    """The offline switch is on: nothing is fetched."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a model would do; shown before it is done."""

    key: str
    name: str
    deletes: tuple[str, ...] = ()
    """Folders of ours that go."""
    frees: int = 0
    keeps: str = ""
    """The person's own folder or file, which stays where it is."""
    resident: bool = False
    """Its memory is given back first."""
    refusal: Explanation | None = None
    """Why it cannot be removed."""


@dataclass(frozen=True, slots=True)
class LibraryView:
    """Everything the model page needs to draw its lists."""

    models: tuple[ModelEntry, ...] = ()
    jobs: tuple[JobView, ...] = ()
    catalogue: tuple[CatalogueItem, ...] = ()
    catalogue_problems: tuple[str, ...] = ()
    """Entries of the catalogue file that could not be read."""
    recommended: tuple[Recommendation, ...] = ()
    """Best first; only while the person has nothing but the embedded model."""
    hub: HubView = field(default_factory=HubView)
    removal: Removal | None = None
    """A question to the person: ``confirm_removal`` or ``keep_model``."""
    device: str = ""
    """The device that ``fits`` are for, as a person knows it; empty while it is not known."""
    free: int = 0
    """Bytes free on it now, what the resident model holds included."""
    cache: str = ""
    """Folder of quantized copies."""
    cache_bytes: int = 0
    looking: bool = False
    """The disk is being looked through."""
    notice: Explanation | None = None
    """Something that went wrong and belongs to no job."""
