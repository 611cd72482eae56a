"""Tools, calls and results as ``apply_chat_template`` takes them. Knows no template and no model.

Control tokens in values stay text (the tokenizer sees to that), but names and keys are printed as they are: so those
are checked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inference_worker.chat.quoting import quoted
from inference_worker.protocol.messages import CallPart, Part
from inference_worker.tools.base import ONE_TEXT, Tool

Dicts = list[dict[str, Any]]
UNKNOWN = "unknown_tool"
"""Stands for a name that no tool may have."""
_ID_LENGTH = 9
_MAX_NAME = 64
_MAX_DEPTH = 32


def definition(tool: Tool) -> dict[str, Any]:
    """``tool`` in OpenAI's form. Its example in the slash style becomes one of its argument."""
    if not is_plain(tool.name):
        raise ValueError(f"a tool cannot be called {tool.name[:40]!r}")
    description, _, example = tool.description.partition(f", for example /{tool.name}")
    function = {"name": tool.name, "description": description, "parameters": parameters(tool, example.strip())}
    return {"type": "function", "function": function}


def parameters(tool: Tool, example: str = "") -> dict[str, Any]:
    """The schema of the arguments; the one text that most tools take must be given."""
    if tool.parameters is not ONE_TEXT:
        cleaned: dict[str, Any] = plain_keys(tool.parameters)
        return cleaned
    text = {"type": "string", **({"description": f"for example {example}"} if example else {})}
    return {"type": "object", "properties": {"text": text}, "required": ["text"]}


def call_message(calls: Sequence[tuple[str, str, Mapping[str, Any]]], content: str = "") -> dict[str, Any]:
    """What the assistant said with ``calls`` (id, name, arguments)."""
    written = [
        {"id": call_id, "type": "function", "function": {"name": plain_name(name), "arguments": plain_keys(arguments)}}
        for call_id, name, arguments in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": written}


def result_message(call_id: str, part: CallPart) -> dict[str, Any]:
    """The result of a call; the words of others are framed as such."""
    content = quoted(part.result, part.source)
    return {"role": "tool", "tool_call_id": call_id, "name": plain_name(part.name), "content": content}


def said(parts: Iterable[Part]) -> Dicts:
    """A reply as the messages it consists of: text, calls one by one with their results, text."""
    dicts: Dicts = []
    text = ""
    for part in parts:
        if isinstance(part, CallPart):
            call_id = plain_id(part.call_id)
            dicts += [
                call_message([(call_id, part.name, part.arguments)], text.strip()),
                result_message(call_id, part),
            ]
            text = ""
        else:
            text += part.text
    return [*dicts, {"role": "assistant", "content": text}] if text or not dicts else dicts


def is_plain(name: str) -> bool:
    """Whether ``name`` is made of letters, digits, ``_``, ``-`` and ``.``: no control token is."""
    return 0 < len(name) <= _MAX_NAME and all(char.isalnum() or char in "_-." for char in name)


def plain_name(name: str) -> str:
    return name if is_plain(name) else UNKNOWN


def plain_id(call_id: str) -> str:
    """``call_id``, or one made from it: nine letters or digits are what every template prints."""
    if len(call_id) == _ID_LENGTH and call_id.isascii() and call_id.isalnum():
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:_ID_LENGTH]


def plain_keys(value: Any, depth: int = 0) -> Any:
    """``value`` with keys that no template could print as a control token; too deep values end as text."""
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {_plain_key(str(key)): plain_keys(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain_keys(member, depth + 1) for member in value]
    return value


def _plain_key(key: str) -> str:
    return "".join(char for char in key if char not in "<>[]|｜") if not is_plain(key) else key
