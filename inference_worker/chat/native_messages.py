"""Tools, calls and results as ``apply_chat_template`` takes them. Knows no template and no model.

The tokenizer sees to it that control tokens in texts stay text. It cannot where a template prints a whole dict: so the
spelling of control tokens is broken here in everything that is part of one, and names are checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
_SIGNS = "<>[]|｜◁▷"
"""Every control token has some of them."""


def definition(tool: Tool, controls: Collection[str] = ()) -> dict[str, Any]:
    """``tool`` in OpenAI's form. Its example in the slash style becomes one of its argument.

    ``controls`` are the spellings of control tokens, here and below. Raises ValueError where its name cannot be used.
    """
    if not is_plain(tool.name):
        raise ValueError(f"a tool cannot be called {tool.name[:40]!r}")
    description, _, example = tool.description.partition(f", for example /{tool.name}")
    function = {"name": tool.name, "description": description, "parameters": parameters(tool, example.strip())}
    return {"type": "function", "function": plain(function, controls)}


def parameters(tool: Tool, example: str = "") -> dict[str, Any]:
    """The schema of the arguments; the one text that most tools take must be given."""
    if tool.parameters is not ONE_TEXT:
        return dict(tool.parameters)
    text = {"type": "string", **({"description": f"for example {example}"} if example else {})}
    return {"type": "object", "properties": {"text": text}, "required": ["text"]}


@dataclass(frozen=True, slots=True)
class Spelling:
    """What has to be minded in everything that is part of a dict."""

    controls: Collection[str] = ()
    """The spellings of control tokens."""
    arguments_as_text: bool = False
    """The template puts the arguments of a call into its text as they are, so they have to be JSON already."""
    calls_as_text: bool = False
    """The template prints nothing of a call but what stands in the content."""

    def arguments(self, arguments: Mapping[str, Any]) -> Any:
        cleaned = plain(arguments, self.controls)
        return json.dumps(cleaned, ensure_ascii=False) if self.arguments_as_text else cleaned


SIMPLE = Spelling()


def call_message(
    calls: Sequence[tuple[str, str, Mapping[str, Any]]], content: str = "", spelling: Spelling = SIMPLE
) -> dict[str, Any]:
    """What the assistant said with ``calls`` (id, name, arguments)."""
    if spelling.calls_as_text:
        lines = [
            f"{plain_name(name)} {json.dumps(plain(arguments), ensure_ascii=False)}" for _, name, arguments in calls
        ]
        return {"role": "assistant", "content": "\n".join(filter(None, [content, *lines]))}
    functions = ({"name": plain_name(name), "arguments": spelling.arguments(arguments)} for _, name, arguments in calls)
    written = [
        {"id": call_id, "type": "function", "function": function}
        for (call_id, *_), function in zip(calls, functions, strict=True)
    ]
    return {"role": "assistant", "content": content, "tool_calls": written}


def result_message(call_id: str, part: CallPart) -> dict[str, Any]:
    """The result of a call; the words of others are framed as such."""
    content = quoted(part.result, part.source)
    return {"role": "tool", "tool_call_id": call_id, "name": plain_name(part.name), "content": content}


def said(parts: Iterable[Part], spelling: Spelling = SIMPLE) -> Dicts:
    """A reply as the messages it consists of: text, calls one by one with their results, text."""
    dicts: Dicts = []
    text = ""
    for part in parts:
        if isinstance(part, CallPart):
            call_id = plain_id(part.call_id)
            dicts += [
                call_message([(call_id, part.name, part.arguments)], text.strip(), spelling),
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


def plain(value: Any, controls: Collection[str] = (), depth: int = 0) -> Any:
    """``value`` without a control token in its texts and keys; what is nested too deep is left out."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {_plain_key(str(key)): plain(member, controls, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member, controls, depth + 1) for member in value]
    return _without_controls(value, controls) if isinstance(value, str) else value


def _without_controls(text: str, controls: Collection[str]) -> str:
    """``text`` with a blank in every control token; the blank may make another one, so the longest come first."""
    if not any(sign in text for sign in _SIGNS):
        return text
    for name in sorted((name for name in controls if name in text), key=len, reverse=True):
        text = text.replace(name, f"{name[:1]} {name[1:]}")
    return text


def _plain_key(key: str) -> str:
    return "".join(char for char in key if char not in _SIGNS) if not is_plain(key) else key
