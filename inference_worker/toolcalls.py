"""``python -m inference_worker.toolcalls``: what the filters make of model output, one JSON object a line in and out.

In: ``{"family", "output_text", "tools", "prefix_end"}``, the tools as OpenAI or bare. Out: ``{"calls", "visible",
"reasoning", "status", "deltas", "appended", "rejected"}``; a line that cannot be read becomes ``{"error", "line"}``,
the rest go on, and the exit status is 1 at the end: one answer for each line that is not blank, in their order. The
text is fed character by character, so ``deltas`` are the pieces that a person would see at the finest cut. Runs no tool
but the harmless ones of the slash style, whose results are ``appended``. Loads no model.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from inference_worker.chat.slash_prompt import result_mark
from inference_worker.protocol.messages import Access, CallPart
from inference_worker.tools.base import Run, Tool, ToolError
from inference_worker.tools.families import SlashFilter, find_family
from inference_worker.tools.filter import Called, Filter, ModelEvent, Reasoning, Rejected, Text
from inference_worker.tools.model_filter import ModelFilter
from inference_worker.tools.registry import TOOLS, read_argument, run_tool, takes_one_text
from inference_worker.tools.schema import misfit

SLASH: Final = "slash"
LONGEST_LINE: Final = 16 * 2**20
"""Bytes; a longer line is answered with an error."""


class _BadLineError(Exception):
    """A line that is no case; says why."""


def main() -> None:
    """Read standard input to its end, or until nobody reads the answers."""
    try:
        bad = answer_lines(lines_of(sys.stdin.buffer), sys.stdout.buffer)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # what is left in the buffer has no reader
    sys.exit(1 if bad else 0)


def lines_of(source: BinaryIO) -> Iterator[bytes]:
    """The lines of ``source``; of one longer than LONGEST_LINE no more than that is kept."""
    while line := source.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST_LINE + 1)
        yield line


def answer_lines(source: Iterable[bytes], target: BinaryIO) -> int:
    """One answer for each line of ``source`` that is not blank, as soon as it is known; how many could not be read."""
    bad = 0
    for number, line in enumerate(source, 1):
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not line.strip():
            continue
        try:
            answer = answer_case(_case(line))
        except _BadLineError as reason:
            answer = {"error": str(reason), "line": number}
            bad += 1
        text = json.dumps(answer, ensure_ascii=False)
        target.write(text.encode("utf-8", "replace") + b"\n")
        target.flush()
    return bad


def _case(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _BadLineError(f"longer than {LONGEST_LINE} bytes")
    try:
        case = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadLineError(f"no UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise _BadLineError(f"no JSON: {error}") from error
    if not isinstance(case, dict):
        raise _BadLineError("no JSON object")
    if case.get("tools", ...) is None:
        case["tools"] = []
    for key, kind in (("family", str), ("output_text", str), ("tools", list)):
        if not isinstance(case.get(key, kind()), kind) or (key == "output_text" and key not in case):
            raise _BadLineError(f"{key} is missing or of the wrong type")
    if not isinstance(case.get("prefix_end") or "", str):
        raise _BadLineError("prefix_end is no text")
    return case


def _schemas(tools: Iterable[Any]) -> dict[str, Any]:
    """The JSON schema of the arguments by the tool's name."""
    found = {}
    for tool in tools:
        bare = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(bare, dict) or not isinstance(bare.get("name"), str):
            raise _BadLineError("a tool has no name")
        if bare["name"] in found:
            raise _BadLineError(f"two tools are called {bare['name'][:40]!r}")
        found[bare["name"]] = bare.get("parameters")
    return found


def answer_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the filter of the case's family makes of its text."""
    tools = _schemas(case.get("tools", []))
    slash = case.get("family") == SLASH
    machine: Filter | ModelFilter = (
        SlashFilter(tools)
        if slash
        else ModelFilter(find_family(case.get("family", "")), tools, prompt_end=case.get("prefix_end") or "")
    )
    events: list[ModelEvent] = [event for char in case["output_text"] for event in machine.feed(char)]
    events += machine.finish()
    if slash:
        events = [_checked(event, tools) if isinstance(event, Called) else event for event in events]
    calls = [event for event in events if isinstance(event, Called)]
    deltas = [event.text for event in events if isinstance(event, Text)]
    rejected = [event for event in events if isinstance(event, Rejected)]
    return {
        "calls": [{"name": call.name, "arguments": call.arguments} for call in calls],
        "visible": "".join(deltas),
        "reasoning": "".join(event.text for event in events if isinstance(event, Reasoning)),
        "status": machine.status if isinstance(machine, ModelFilter) else _status(calls, rejected),
        "deltas": deltas,
        "appended": _results(calls) if slash else [],
        "rejected": [{"name": other.name, "reason": other.reason, "kind": other.kind} for other in rejected],
    }


def _checked(call: Called, schemas: Mapping[str, Any]) -> Called | Rejected:
    """A call of the slash style as a turn reads it: text, or a JSON object that the schema has to allow."""
    schema = schemas[call.name]
    is_readable = isinstance(schema, Mapping) and isinstance(schema.get("properties", {}), Mapping)
    tool = Tool(call.name, "", schema if is_readable else {})
    try:
        arguments = read_argument(tool, call.arguments["text"])
    except ToolError as refusal:
        return Rejected(call.name, str(refusal), "malformed")
    reason = None if takes_one_text(tool) else misfit(arguments, schema)
    return Called(call.name, arguments, call.end) if reason is None else Rejected(call.name, reason, "rejected")


def _status(calls: list[Called], rejected: list[Rejected]) -> str:
    return "calls" if calls else rejected[0].kind if rejected else "no_calls"


def _results(calls: Iterable[Called]) -> list[str]:
    """What reaches the model behind each call of a harmless tool of ours."""
    marks = []
    for call in calls:
        tool = TOOLS.get(call.name)
        if tool is not None and tool.level == "harmless" and tool.run is not None and takes_one_text(tool):
            arguments = dict(call.arguments)
            outcome = asyncio.run(run_tool(tool, arguments, Run(Access())))
            marks.append(result_mark(CallPart("", call.name, arguments, outcome.result, outcome.failed)).strip())
    return marks


if __name__ == "__main__":
    main()
