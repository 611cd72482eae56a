"""What the catalogue offers this person on this machine: which models fit, which are here already, what to begin with.

Values in, values out: knows no disk, no device and no job.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference_worker.protocol.messages import DeviceInfo, GroupSize, HubKind, KvPrecision, ModelInfo, Precision
from nyanko_desktop.errors import bytes_in_words
from nyanko_desktop.i18n import language, tr
from nyanko_desktop.models.catalogue import (
    INT4_GROUP,
    RECOMMENDED_PRECISIONS,
    USUAL_CONTEXT,
    Catalogue,
    CatalogueEntry,
    Choice,
    needed_memory,
    recommend,
)
from nyanko_desktop.models.view import CatalogueItem, Fit, ModelEntry, Recommendation, Verdict

SHORTEST_CONTEXT: Final = 512
"""Tokens; a model that cannot even hold so short a conversation does not fit."""


def catalogue_items(
    catalogue: Catalogue, kind: HubKind, free: int, models: Sequence[ModelEntry]
) -> tuple[CatalogueItem, ...]:
    """The catalogue as hubs of this ``kind`` have it, against ``free`` bytes (0: not known)."""
    here = {entry.name: entry.key for entry in models if entry.kind == "downloaded" and not entry.unfinished}
    return tuple(_item(entry, kind, free, here) for entry in catalogue.entries)


def recommendations(
    catalogue: Catalogue, kind: HubKind, free: int, models: Sequence[ModelEntry]
) -> tuple[Recommendation, ...]:
    """What a first start offers; nothing once the person has a model of their own, or while ``free`` is not known."""
    if not free or any(entry.kind != "embedded" for entry in models):
        return ()
    on_this_hub = [entry for entry in catalogue.entries if entry.repository(kind)]
    return tuple(map(_recommendation, recommend(on_this_hub, free)))


def device_for(devices: Sequence[DeviceInfo], wanted: str, resident: ModelInfo | None) -> tuple[str, int]:
    """Name and free bytes of the device that ``wanted`` means: the first usable accelerator for ``auto``, else the CPU.

    What the resident model holds counts as free: another model would take its place.
    """
    usable = [device for device in devices if not device.problem]
    named = [device for device in usable if device.device == wanted or device.device.startswith(f"{wanted}:")]
    found = next(iter(named or sorted(usable, key=lambda device: device.device == "cpu")), None)
    if found is None:
        return "", 0
    held = resident.bytes if resident is not None and resident.device == found.device else 0
    return found.name, min(found.total, found.free + held)


def _item(entry: CatalogueEntry, kind: HubKind, free: int, here: dict[str, str]) -> CatalogueItem:
    repository = entry.repository(kind)
    return CatalogueItem(
        id=entry.id,
        title=entry.name,
        description=entry.description_in(language()),
        repository=repository,
        parameters=entry.parameters,
        context=entry.context,
        download=entry.download,
        licence=entry.licence,
        tools=entry.tools,
        gated=entry.gated,
        verified=entry.verified,
        fits=tuple(fits_of(entry, free)) if free else (),
        model=next((here[name] for name in (entry.huggingface, entry.modelscope) if name in here), None),
    )


def fits_of(
    entry: CatalogueEntry,
    free: int,
    *,
    context: int = USUAL_CONTEXT,
    kv_cache: KvPrecision = "16bit",
    group: GroupSize = INT4_GROUP,
    precisions: Sequence[Precision] = RECOMMENDED_PRECISIONS,
) -> list[Fit]:
    """Each of these precisions against ``free`` bytes, in the order given."""
    fits = []
    for precision in precisions:
        needed = needed_memory(entry, precision, context, kv_cache, group)
        verdict: Verdict = "fits" if needed <= free else "does_not_fit"
        shortest = min(context, SHORTEST_CONTEXT)
        if needed > free >= needed_memory(entry, precision, shortest, kv_cache, group):
            verdict = "fits_shorter"
        fits.append(Fit(precision, needed, verdict))
    return fits


def _recommendation(choice: Choice) -> Recommendation:
    entry = choice.entry
    if entry is None:
        reason = tr("It is here already and runs on any machine. It is small: it chats, calculates and reminds.")
        return Recommendation("", "nyanko-mini", choice.precision, choice.bytes, 0, reason)
    reason = tr(
        "In {precision} it takes about {size} of your memory.",
        precision=choice.precision,
        size=bytes_in_words(choice.bytes),
    )
    return Recommendation(entry.id, entry.name, choice.precision, choice.bytes, entry.download, reason)
