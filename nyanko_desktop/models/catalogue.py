"""The curated models: read from data, what each will take at least, and which of them suit a machine.

Knows no disk but its own file, no hub and no device. All figures of memory are estimates from published shapes; the
worker's memory plan, made from the files themselves, is exact and has the last word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec

from inference_worker.protocol.messages import GroupSize, HubKind, KvPrecision, Precision
from nyanko_desktop.assets import embedded_model, resource

FILE: Final = ("catalogue", "models.toml")
FALLBACK_LANGUAGE: Final = "en"
USUAL_CONTEXT: Final = 4096
"""Tokens that a recommendation leaves room for: an evening's conversation."""
OVERHEAD: Final = 600 * 2**20
"""Bytes beside weights and cache, mostly the runtime of a graphics card; the same guess as the worker's."""
RECOMMENDED_PRECISIONS: Final[tuple[Precision, ...]] = ("fp16", "int8", "int4")
"""From the widest to the narrowest: of one model, the widest that fits is taken."""
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
"""All of them, from the widest to the narrowest."""
INT4_GROUP: Final[GroupSize] = 128
SCALE_BYTES: Final = 2
"""Of keys or of values, a head and token, where they are cached as int8; the same as the worker's."""
MIB: Final = 2**20

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Repository = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*)?$")]
_Count = Annotated[int, msgspec.Meta(ge=1, le=10**13)]


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model. Shapes as in its config.json; ``kv_heads`` times ``head_dim`` keys and values a layer and token."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    name: _Text
    family: _Text
    parameters: _Count
    """Stored numbers, all of them."""
    layers: _Count
    hidden: _Count
    intermediate: _Count
    heads: _Count
    kv_heads: _Count
    head_dim: _Count
    vocabulary: _Count
    tied: bool
    """Token embedding and head are one matrix."""
    context: _Count
    licence: _Text
    description: Annotated[dict[str, _Text], msgspec.Meta(min_length=1)]
    """Language -> one line."""
    languages: tuple[_Text, ...]
    memory: dict[Precision, _Count] = {}
    """Precision -> MiB it takes at least, with :data:`USUAL_CONTEXT` tokens; what is missing is computed."""
    huggingface: _Repository = ""
    modelscope: _Repository = ""
    """Where it lies on each hub; empty: not there, or not known."""
    gated_mlp: bool = True
    """Three matrices a layer in the MLP, else two."""
    stored: Literal["16bit", "int8", "int4"] = "16bit"
    """How the repository holds the weights."""
    tools: bool = False
    """Trained to call tools."""
    gated: bool = False
    """The hub asks for an access token and an accepted licence."""
    quality: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Our own order of recommendation, no measurement."""
    verified: bool = False
    """The figures agreed with a second public source."""
    note: str = ""
    """What we are not sure of, in English."""

    def __post_init__(self) -> None:
        if not self.huggingface and not self.modelscope:
            raise ValueError("no hub has it")
        if FALLBACK_LANGUAGE not in self.description:
            raise ValueError("no English description")
        if not 0.8 < (self.linear_weights + self.embedding_weights) / self.parameters <= 1:
            raise ValueError("the shapes do not make up the number of parameters")

    def description_in(self, language: str) -> str:
        return self.description.get(language) or self.description[FALLBACK_LANGUAGE]

    def repository(self, kind: HubKind) -> str:
        """Name on hubs of this kind; empty where they do not have it."""
        return self.huggingface if kind == "huggingface" else self.modelscope

    @property
    def linear_weights(self) -> int:
        """Numbers in the Linear modules of all layers: queries, keys, values, output; and the MLP."""
        attention = 2 * self.hidden * self.heads * self.head_dim + 2 * self.hidden * self.kv_heads * self.head_dim
        return self.layers * (attention + (3 if self.gated_mlp else 2) * self.hidden * self.intermediate)

    @property
    def embedding_weights(self) -> int:
        """Numbers in the token embedding and the head."""
        return (1 if self.tied else 2) * self.vocabulary * self.hidden

    @property
    def download(self) -> int:
        """Bytes to fetch, about."""
        linear = {"16bit": 2.0, "int8": 1.0, "int4": 0.5}[self.stored]
        return int(2 * (self.parameters - self.linear_weights) + linear * self.linear_weights)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The entries that could be read, in the file's order, and what was wrong with the others."""

    entries: tuple[CatalogueEntry, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and the precision in which it suits; ``entry`` is ``None`` for the embedded model."""

    entry: CatalogueEntry | None
    precision: Precision
    bytes: int
    """Memory it will take, about."""


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The catalogue that ships with the program, or another file. Never raises: what cannot be read is told."""
    file = path or resource(*FILE)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        return Catalogue(problems=(f"{file.name}: {error}",))
    rows = content.get("model")
    if not isinstance(rows, list):
        return Catalogue(problems=(f"{file.name}: it holds no [[model]]",))
    return _read_rows(rows)


def _read_rows(rows: Sequence[object]) -> Catalogue:
    entries: dict[str, CatalogueEntry] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            entry = msgspec.convert(row, CatalogueEntry)
        except msgspec.ValidationError as error:
            problems.append(f"{_name_of(row, number)}: {error}")
            continue
        if entries.setdefault(entry.id, entry) is not entry:
            problems.append(f"{entry.id}: it is there twice")
    return Catalogue(tuple(entries.values()), tuple(problems))


def _name_of(row: object, number: int) -> str:
    name = row.get("id") if isinstance(row, dict) else None
    return name[:64] if isinstance(name, str) and name else f"model {number}"


def needed_memory(
    entry: CatalogueEntry,
    precision: Precision,
    context: int = USUAL_CONTEXT,
    kv_cache: KvPrecision = "16bit",
    group: GroupSize = INT4_GROUP,
) -> int:
    """Bytes that ``entry`` takes at least: as its data states them for the usual choices, else computed."""
    is_usual = min(context, entry.context) == min(USUAL_CONTEXT, entry.context)
    if is_usual and (kv_cache, group) == ("16bit", INT4_GROUP) and precision in entry.memory:
        return entry.memory[precision] * MIB
    return minimum_memory(entry, precision, context, kv_cache=kv_cache, group=group)


def minimum_memory(
    entry: CatalogueEntry,
    precision: Precision,
    context: int,
    overhead: int = OVERHEAD,
    kv_cache: KvPrecision = "16bit",
    group: GroupSize = INT4_GROUP,
) -> int:
    """Bytes that ``entry`` takes at least, as an estimate: weights + keys and values of ``context`` tokens + overhead.

    Weights: 4 (fp32) or 2 bytes a number. Quantized, a number of a Linear takes 1 byte and each row a scale of 4 bytes
    (int8, llm-int8) or a scale and a zero point of 8 (int8-zero-point); int4 takes half a byte and 3 bytes for each
    ``group``. The token embedding and the head are int8 in all quantized precisions; what is left (norms, biases,
    a vision tower that stays unused) counts 2 bytes. Keys and values: 2 (fp32: 4) bytes times 2, ``layers``,
    ``kv_heads``, ``head_dim`` and tokens; as int8 1 byte, with a scale a head, and one layer at a time as above.
    Families with a sliding window take less. On a CPU quantized models compute, and cache, in fp32.
    """
    number = 4 if precision == "fp32" else 2
    cache = _cache_per_token(entry, number, kv_cache) * min(context, entry.context)
    if precision in ("fp32", "bf16", "fp16"):
        return number * entry.parameters + cache + overhead
    rest = entry.parameters - entry.linear_weights - entry.embedding_weights
    row = (8 if precision == "int8-zero-point" else 4) / entry.hidden
    linear = 0.5 + 3 / group if precision == "int4" else 1 + row
    weights = linear * entry.linear_weights + (1 + row) * entry.embedding_weights + number * rest
    return int(weights) + cache + overhead


def _cache_per_token(entry: CatalogueEntry, number: int, kv_cache: KvPrecision) -> int:
    """Bytes of keys and values, where a floating number takes ``number`` bytes."""
    floating = number * 2 * entry.kv_heads * entry.head_dim
    if kv_cache == "16bit":
        return entry.layers * floating
    return entry.layers * 2 * entry.kv_heads * (entry.head_dim + SCALE_BYTES) + floating


def recommend(entries: Sequence[CatalogueEntry], free_bytes: int, most: int = 5) -> tuple[Choice, ...]:
    """What to offer on a machine with so much free memory: the best models that fit, each in its widest precision, and
    the embedded model last, always.

    Models that need a token, and those with unverified figures, are never recommended: a first start must not fail.
    """
    ranked = sorted(entries, key=lambda entry: (-entry.quality, entry.id))
    choices = [_widest(entry, free_bytes) for entry in ranked if entry.verified and not entry.gated]
    fitting = [choice for choice in choices if choice is not None]
    return (*fitting[:most], _embedded())


def _widest(entry: CatalogueEntry, free_bytes: int) -> Choice | None:
    for precision in RECOMMENDED_PRECISIONS:
        needed = needed_memory(entry, precision)
        if needed <= free_bytes:
            return Choice(entry, precision, needed)
    return None


def _embedded() -> Choice:
    """It runs on the CPU of any machine, in twice the size of its files."""
    size = sum(file.stat().st_size for file in embedded_model().glob("*.safetensors"))
    return Choice(None, "fp32", 2 * size)
