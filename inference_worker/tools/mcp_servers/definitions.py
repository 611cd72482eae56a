"""What a server says of its tools, made fit to be shown and put into a prompt: untrusted, bounded, flat.

A server's own words on whether a tool is harmless are not read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inference_worker.tools.page_text import plain

LONGEST_DESCRIPTION: Final = 1_000
LARGEST_SCHEMA: Final = 16_384
"""Characters as JSON. A prompt holds all tools of all servers; real ones take some hundred to some thousand."""
DEEPEST_SCHEMA: Final = 16
MOST_PROPERTIES: Final = 100
_ANNOTATIONS: Final = ("title", "description", "examples", "default", "$comment", "$schema", "$id")
"""Say nothing about what fits; left out where a schema is too large with them."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One tool of a server."""

    name: str
    """As the server writes it."""
    description: str
    parameters: Mapping[str, Any]
    words: str = ""
    """Fingerprint of all that was said of it; see identity.py."""


def one_line(text: str, longest: int) -> str:
    """``text`` without line breaks and what nobody sees, so that in a prompt it stays one description."""
    flat = " ".join(plain(text).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def definition(name: str, description: str, schema: Any) -> Definition | None:
    """``None`` where the schema is none, or too large even without its explanations."""
    parameters = _parameters(schema)
    if parameters is None:
        return None
    return Definition(name, one_line(description, LONGEST_DESCRIPTION) or "(no description)", parameters)


def _parameters(schema: Any) -> dict[str, Any] | None:
    if not isinstance(schema, dict) or schema.get("type", "object") != "object" or _depth(schema) > DEEPEST_SCHEMA:
        return None
    properties = schema.get("properties", {})
    if not isinstance(properties, dict) or len(properties) > MOST_PROPERTIES:
        return None
    required = [name for name in _list(schema.get("required")) if isinstance(name, str)]
    whole = {**schema, "type": "object", "properties": properties, "required": required}
    if _size(whole) > LARGEST_SCHEMA:
        whole = _without_annotations(whole)
    return whole if _size(whole) <= LARGEST_SCHEMA else None


def _depth(value: Any) -> int:
    """Levels of objects and lists; stops counting soon behind what is allowed."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST_SCHEMA:
        level = [inner for outer in level for inner in _inside(outer)]
        depth += 1
    return depth


def _inside(value: Any) -> Sequence[Any]:
    inner = value.values() if isinstance(value, dict) else _list(value)
    return [one for one in inner if isinstance(one, dict | list)]


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _without_annotations(schema: Any, *, names: bool = False) -> Any:
    """Keys under ``properties`` are names, whatever they are called."""
    if isinstance(schema, list):
        return [_without_annotations(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if names or key not in _ANNOTATIONS}
    return {
        key: value if key in ("enum", "const") else _without_annotations(value, names=_holds_names(key, names))
        for key, value in kept.items()
    }


def _holds_names(key: str, names: bool) -> bool:
    return not names and key in ("properties", "$defs", "definitions", "patternProperties")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
