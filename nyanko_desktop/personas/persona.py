"""Who answers: a name and a system text in each language. Read from data; knows no conversation."""

from __future__ import annotations

from pathlib import Path

import msgspec

FALLBACK_LANGUAGE = "en"


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One character, with a text for each language that it speaks about itself in."""

    name: dict[str, str]
    system: dict[str, str]

    def name_in(self, language: str) -> str:
        return _in(self.name, language)

    def system_in(self, language: str) -> str:
        """What stands before every conversation, without line breaks at its ends."""
        return _in(self.system, language).strip()


def load_persona(path: Path) -> Persona:
    """The persona in a TOML file. Raises OSError or msgspec.MsgspecError naming what is wrong."""
    return msgspec.toml.decode(path.read_bytes(), type=Persona)


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts[FALLBACK_LANGUAGE]
