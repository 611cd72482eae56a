"""What a person writes behind the name of a tool, and what to tell them that it takes. Knows no worker, runs nothing.

Models write one JSON object wherever a tool takes more than one text; a person need not for a tool that needs one.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from inference_worker.protocol.messages import ToolInfo

_SAMPLES: Final[Mapping[Any, Any]] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


def for_tool(tool: ToolInfo, argument: str) -> str:
    """``argument`` as the worker reads it: a plain text becomes the one text that ``tool`` needs."""
    needed = _needed(tool)
    is_plain = argument.strip() and not argument.lstrip().startswith("{")
    if not is_plain or _takes_text(tool) or len(needed) != 1 or _type(tool, needed[0]) != "string":
        return argument
    return json.dumps({needed[0]: argument}, ensure_ascii=False)


def is_about_arguments(tool: ToolInfo, reason: str) -> bool:
    """Whether a call failed because of what it was given, not because of what is so."""
    if _takes_text(tool):
        return False
    first = reason.partition(" ")[0]
    return first in _properties(tool) or reason.startswith(("write one JSON", "say ")) or reason.endswith("no argument")


def form(tool: ToolInfo) -> dict[str, str]:
    """What ``tool`` takes, as parameters of an error: ``needed`` and ``optional`` names, and an ``example``."""
    needed = _needed(tool)
    optional = [name for name in _properties(tool) if name not in needed]
    lists = {"needed": ", ".join(needed), "optional": ", ".join(optional)}
    example = f"nyanko tool {shlex.quote(tool.name)} {shlex.quote(_example(tool))}"
    return {**{name: words for name, words in lists.items() if words}, "example": example}


def _example(tool: ToolInfo) -> str:
    """The one that the model is told, where there is one."""
    if told := re.search(rf"/{re.escape(tool.name)} (\{{.*\}})", tool.description):
        return told[1]
    return json.dumps({name: _SAMPLES.get(_type(tool, name), "…") for name in _needed(tool)}, ensure_ascii=False)


def _takes_text(tool: ToolInfo) -> bool:
    return set(_properties(tool)) <= {"text"} and _type(tool, "text") == "string"


def _needed(tool: ToolInfo) -> list[str]:
    """In the order of the schema, which can come from a server and say anything."""
    required = tool.parameters.get("required")
    return [name for name in _properties(tool) if isinstance(required, list | tuple) and name in required]


def _type(tool: ToolInfo, name: str) -> str:
    rules = _properties(tool).get(name, {})
    type = rules.get("type", "string" if name == "text" else "") if isinstance(rules, Mapping) else ""
    return type if isinstance(type, str) else ""


def _properties(tool: ToolInfo) -> Mapping[str, Any]:
    properties = tool.parameters.get("properties")
    return properties if isinstance(properties, Mapping) else {}
