"""The slash style in words: how a model is taught to write calls, and how calls look in history. Knows no tokenizer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inference_worker.chat.quoting import one_line, quoted, quoted_in_line
from inference_worker.protocol.messages import CallPart, Part, TextPart
from inference_worker.tools.base import Tool
from inference_worker.tools.registry import takes_one_text


def tool_section(tools: Sequence[Tool]) -> str:
    """What the model is told about ``tools``; empty without any."""
    if not tools:
        return ""
    return "\n".join(
        [
            "You have tools. To use one, write its command on a line of its own and nothing after it on that line:",
            *(f"- /{tool.name}{_argument_form(tool)}: {tool.description}" for tool in tools),
            "The result is filled in at the end of the line after <<, as in:",
            "/calculate 6.5*7.5 <<48.75"
            if any(tool.name == "calculate" for tool in tools)
            else f"/{tools[0].name} <<…",
            "Then go on with your answer. Never write << yourself, and never guess what a tool can tell.",
        ]
    )


def _argument_form(tool: Tool) -> str:
    """How the argument of a tool looks that does not take one text: a JSON object with the types in it."""
    if takes_one_text(tool):
        return ""
    wanted = tool.parameters.get("required", ())
    types = {name: _kind(schema) for name, schema in tool.parameters["properties"].items()}
    form = {name: kind if name in wanted else f"{kind}, optional" for name, kind in types.items()}
    return " " + json.dumps(form, ensure_ascii=False)


def _kind(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, dict) else None
    return kind if isinstance(kind, str) else "any"


def call_line(name: str, arguments: dict[str, Any]) -> str:
    """What the model writes for a call, without the end of the line."""
    argument = arguments["text"] if list(arguments) == ["text"] else json.dumps(arguments, ensure_ascii=False)
    return f"/{name} {argument}" if argument else f"/{name}"


def result_mark(part: CallPart) -> str:
    """What goes in behind a call: it ends the line, so nothing in the result can begin one."""
    return f" <<{quoted_in_line(one_line(part.result), part.source)}\n"


def as_text(parts: Sequence[Part]) -> str:
    """A message as the model wrote it, with the results where they were filled in."""
    text = ""
    for part in parts:
        match part:
            case TextPart():
                line_break = "\n" if part.source and text and not text.endswith("\n") else ""
                text += line_break + quoted(part.text, part.source)
            case CallPart():
                line_break = "\n" if text.strip(" ") and not text.endswith("\n") else ""
                text += line_break + call_line(part.name, part.arguments) + result_mark(part)
    return text
