"""What a person writes behind the name of a tool, and what to tell them that it takes. Knows no worker, runs nothing.

Models write one JSON object wherever a tool takes more than one text; a person need not for a tool that needs one.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inference_worker.protocol.messages import ToolInfo

THE_TEXT: Final = "ARG"
"""What the one text of a tool is called where its own name says nothing; as in the help of ``nyanko tool``."""
_SAMPLES: Final[Mapping[Any, Any]] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool; what a server says of it is taken as far as it makes sense."""

    name: str
    types: tuple[str, ...]
    needed: bool
    description: str
    choices: tuple[str, ...]


def for_tool(tool: ToolInfo, argument: str) -> str:
    """``argument`` as the worker reads it: a plain text becomes the one text that ``tool`` needs."""
    needed = _needed(tool)
    is_plain = argument.strip() and not argument.lstrip().startswith("{")
    if not is_plain or takes_text(tool) or not _takes_plain(tool):
        return argument
    return json.dumps({needed[0]: argument}, ensure_ascii=False)


def is_about_arguments(tool: ToolInfo, argument: str, reason: str) -> bool:
    """Whether a call failed because of what it was given, not because of what is so."""
    if takes_text(tool):
        return not argument.strip() and bool(_needed(tool))
    first = reason.partition(" ")[0]
    return first in _properties(tool) or reason.startswith(("write one JSON", "say ")) or reason.endswith("no argument")


def parameters(tool: ToolInfo) -> tuple[Parameter, ...]:
    """What ``tool`` takes, in the order of its schema."""
    needed = _needed(tool)
    return tuple(
        Parameter(name, _types(tool, name), name in needed, _description(tool, name), _choices(tool, name))
        for name in _properties(tool)
    )


def form(tool: ToolInfo) -> dict[str, str]:
    """What ``tool`` takes, as parameters of an error: ``needed`` and ``optional`` names, and an ``example``."""
    if takes_text(tool):
        return {"needed": THE_TEXT, "example": examples(tool)[0]}
    needed = _needed(tool)
    optional = [name for name in _properties(tool) if name not in needed]
    lists = {"needed": ", ".join(needed), "optional": ", ".join(optional)}
    return {**{name: words for name, words in lists.items() if words}, "example": _command(tool, _example(tool))}


def examples(tool: ToolInfo) -> tuple[str, ...]:
    """Commands that call ``tool``: the shortest one, and behind it one with all that it takes, where that is more."""
    if not _properties(tool):
        return (_command(tool, ""),)
    if takes_text(tool):
        told = re.search(rf"/{re.escape(tool.name)} (.*)", tool.description)
        return (_command(tool, told[1] if told else "…"),)
    values = _values(_example(tool))
    every = {name: values.get(name, _sample(tool, name)) for name in _properties(tool)}
    if not _takes_plain(tool):
        return (_command(tool, _example(tool)),)
    plain = _command(tool, str(every[_needed(tool)[0]]))
    return (plain, _command(tool, json.dumps(every, ensure_ascii=False))) if len(every) > 1 else (plain,)


def _command(tool: ToolInfo, argument: str) -> str:
    return " ".join(["nyanko tool", shlex.quote(tool.name), *([shlex.quote(argument)] if argument else [])])


def _values(written: str) -> Mapping[str, Any]:
    """The arguments of an example, which may come from a server."""
    try:
        values = json.loads(written)
    except ValueError:
        return {}
    return values if isinstance(values, Mapping) else {}


def _example(tool: ToolInfo) -> str:
    """The one that the model is told, where there is one."""
    if told := re.search(rf"/{re.escape(tool.name)} (\{{.*\}})", tool.description):
        return told[1]
    return json.dumps({name: _sample(tool, name) for name in _needed(tool)}, ensure_ascii=False)


def _sample(tool: ToolInfo, name: str) -> Any:
    return next(iter(_choices(tool, name)), _SAMPLES.get(_type(tool, name), "…"))


def takes_text(tool: ToolInfo) -> bool:
    """Whether ``tool`` is given one text as it stands, or nothing at all."""
    return set(_properties(tool)) <= {"text"} and _type(tool, "text") == "string"


def _takes_plain(tool: ToolInfo) -> bool:
    """Whether the one argument that ``tool`` needs is a text."""
    needed = _needed(tool)
    return len(needed) == 1 and _type(tool, needed[0]) == "string"


def _needed(tool: ToolInfo) -> list[str]:
    """In the order of the schema, which can come from a server and say anything."""
    required = tool.parameters.get("required")
    return [name for name in _properties(tool) if isinstance(required, list | tuple) and name in required]


def _type(tool: ToolInfo, name: str) -> str:
    rules = _rules(tool, name)
    type = rules.get("type", "string" if name == "text" else "")
    return type if isinstance(type, str) else ""


def _types(tool: ToolInfo, name: str) -> tuple[str, ...]:
    """More than one where the schema says so."""
    several = _rules(tool, name).get("type")
    if isinstance(several, list | tuple):
        return tuple(type for type in several if isinstance(type, str))
    return (one,) if (one := _type(tool, name)) else ()


def _description(tool: ToolInfo, name: str) -> str:
    said = _rules(tool, name).get("description")
    return said if isinstance(said, str) else ""


def _choices(tool: ToolInfo, name: str) -> tuple[str, ...]:
    choices = _rules(tool, name).get("enum")
    return tuple(one for one in choices if isinstance(one, str)) if isinstance(choices, list | tuple) else ()


def _rules(tool: ToolInfo, name: str) -> Mapping[str, Any]:
    rules = _properties(tool).get(name, {})
    return rules if isinstance(rules, Mapping) else {}


def _properties(tool: ToolInfo) -> Mapping[str, Any]:
    properties = tool.parameters.get("properties")
    return properties if isinstance(properties, Mapping) else {}
