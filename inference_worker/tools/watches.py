"""Which markers the filter looks for, and where: of a family, by what the model is doing. Reads no text of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from inference_worker.tools.families.family import Family, Thinking

Mode = Literal["text", "thinking", "call", "skipping", "over"]
"""``skipping``: to the end of a call that cannot be read."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Markers to look for, and what may become one."""

    markers: frozenset[str]
    prefixes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        prefixes = {marker[:length] for marker in self.markers for length in range(1, len(marker))}
        object.__setattr__(self, "prefixes", frozenset(prefixes))


@cache
def watches_of(family: Family) -> dict[Mode, Watch]:
    always = [*family.stops, *family.segments]
    openers = [opener.text for opener in family.openers]
    strays = [pair.close for pair in family.thinking]
    thinking = [pair.close for pair in family.thinking] + [pair.open for pair in family.thinking]
    from_thinking = [opener.text for opener in family.openers if opener.in_thinking]
    ends = [opener.end for opener in family.openers if opener.end]
    opens = [pair.open for pair in family.thinking]
    return {
        "text": Watch(frozenset([*always, *openers, *strays, *opens, *family.hidden, *family.remains])),
        "thinking": Watch(frozenset([*always, *thinking, *from_thinking])),
        "skipping": Watch(frozenset([*always, *ends])),
    }


def is_open(pair: Thinking, prompt_end: str) -> bool:
    """Whether the prompt ends inside ``pair``: behind its opener, with neither its end nor a control token since."""
    at = prompt_end.rfind(pair.open.rstrip())
    since = prompt_end[at + len(pair.open.rstrip()) :]
    return at >= 0 and not any(marker in since for marker in (pair.close, "<|", "|>", "｜>", "[/"))
