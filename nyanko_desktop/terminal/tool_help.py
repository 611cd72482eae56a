"""``nyanko tool NAME --help``: what one tool is for, what it takes, and how it is allowed. Runs nothing."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import Any, Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import Level, ToolInfo
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.allowances import EVERYTHING
from nyanko_desktop.permissions.levels import ASKED_AGAIN, OF_FILES, OF_SERVERS, UNASKED, UNDO, level_of
from nyanko_desktop.permissions.words import level_in_words
from nyanko_desktop.reasons.described import argument_in_words, purpose_in_words
from nyanko_desktop.terminal.arguments import THE_TEXT, Parameter, examples, parameters, takes_text
from nyanko_desktop.terminal.columns import table, wrapped
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.link import Link, open_link
from nyanko_desktop.terminal.output import JsonOutput, put
from nyanko_desktop.terminal.permission import visible
from nyanko_desktop.terminal.tool import Described, described, out_of_reach
from nyanko_desktop.texts import sendable

_ONE_TEXT: Final = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
_OF_THE_PERSON: Final = {UNDO: ToolInfo(UNDO, "", "effect", _ONE_TEXT)}
"""In no list of the worker's, because no model is offered it."""


async def tell_tool(context: Context, name: str) -> bool:
    """Print what the tool ``name`` is; whether there is one."""
    name = sendable(name)
    try:
        async with open_link(context.paths, context.settings, context.worker_command) as link:
            return await _tell(context, link, name)
    except RequestError as error:
        context.output.fail(error.error)
        return False


async def _tell(context: Context, link: Link, name: str) -> bool:
    if (refusal := out_of_reach(context, name)) is not None:
        context.output.fail(refusal)
        return False
    toolbox = context.toolbox(link)
    found = await described(link, name, await toolbox.access(about_files=False))
    tool = found.tool or _OF_THE_PERSON.get(name)
    if tool is None:
        context.output.fail(_not_there(name, found))
        return False
    level = level_of(tool.name, toolbox.levels(), tool.identity)
    if isinstance(context.output, JsonOutput):
        put(sys.stdout, json.dumps(_fields(tool, level), ensure_ascii=False) + "\n")
    else:
        put(sys.stdout, in_words(tool, level) + "\n")
    return True


def _not_there(name: str, found: Described) -> WireError:
    server = name.partition(OF_SERVERS)[0]
    for one in found.listed.servers:
        if one.name == server and one.problem:
            return WireError(ErrorCode.TOOL_FAILED, {"name": name, "reason": f"the server {server}: {one.problem}"})
    known = ", ".join(tool.name for tool in found.listed.tools)
    return WireError(ErrorCode.UNKNOWN_TOOL, {"name": name, "known": known})


def in_words(tool: ToolInfo, level: Level) -> str:
    """All of it, for a terminal; what a server says can neither steer it nor look like a line of ours."""
    purpose = purpose_in_words(tool.name, tool.description, ours=not tool.server)
    width = shutil.get_terminal_size().columns - 3
    pieces = [
        [tool.name, *_indented(wrapped(purpose, width))],
        _takes(tool),
        [tr("Examples:") if len(examples(tool)) > 1 else tr("Example:"), *_indented(examples(tool))],
        [tr("Permission:"), *_indented(_permission(tool, level))],
    ]
    return "\n\n".join("\n".join(map(_in_one_line, lines)) for lines in pieces)


def _takes(tool: ToolInfo) -> list[str]:
    taken = parameters(tool)
    if not taken:
        return [tr("It takes nothing.")]
    rows = [_row(tool, one) for one in taken]
    return [tr("What it takes:"), *_indented(table(rows).split("\n"))]


def _row(tool: ToolInfo, taken: Parameter) -> tuple[str, ...]:
    said = argument_in_words(tool.name, taken.name, taken.description, ours=not tool.server)
    if taken.choices:
        choices = tr("one of: {choices}", choices=", ".join(taken.choices))
        said = f"{said} ({choices})" if said else choices
    name = THE_TEXT if takes_text(tool) else taken.name
    need = tr("needed") if taken.needed else tr("optional")
    return tuple(map(_in_one_line, (name, _type_in_words(taken.types), need, said)))


def _type_in_words(types: Sequence[str]) -> str:
    known = {
        "string": tr("a text"),
        "integer": tr("a whole number"),
        "number": tr("a number"),
        "boolean": tr("true or false"),
        "array": tr("a list"),
        "object": tr("a JSON object"),
    }
    return "/".join(known.get(type, type) for type in types)


def _permission(tool: ToolInfo, level: Level) -> list[str]:
    words = level_in_words(level)
    match level:
        case "harmless":
            return [tr("{what} ({level}): it runs without a question.", what=words, level=level)]
        case "keep":
            asks = tr(
                "{what} ({level}): it asks once the model has read words of others, but not with:",
                what=words,
                level=level,
            )
        case _:
            asks = tr("{what} ({level}): it asks each time, but not with one of:", what=words, level=level)
    rows = [(f"--allow {option}", meaning) for option, meaning in _allowances(tool, level)]
    return [asks, *_indented(table(rows).split("\n"))]


def _allowances(tool: ToolInfo, level: Level) -> list[tuple[str, str]]:
    """What ``--allow`` takes for ``tool``, and what that means."""
    ends, scope, found = level in ASKED_AGAIN, _scope(tool), []
    if level not in UNASKED:
        found.append((tool.name, tr("until the model has read words of others") if ends else tr("for every call")))
    if scope is not None:
        found.append((f"{tool.name}:{scope[0]}", scope[1]))
    if ends:
        found.append((f"{tool.name}:{EVERYTHING}", tr("everywhere, whatever the model has read")))
    return found


def _scope(tool: ToolInfo) -> tuple[str, str] | None:
    if tool.server:
        return tool.server, tr("whatever the model has read")
    if tool.name in OF_FILES:
        return "FOLDER", tr("in this folder, for example ~/notes, whatever the model has read")
    if tool.name in ("fetch", "search", "open"):
        return "HOST", tr("for this host, for example example.org, whatever the model has read")
    return None


def _fields(tool: ToolInfo, level: Level) -> dict[str, Any]:
    allow = [option for option, _ in _allowances(tool, level)] if level != "harmless" else []
    return {
        "type": "tool",
        "name": tool.name,
        "description": purpose_in_words(tool.name, tool.description, ours=not tool.server),
        "server": tool.server,
        "level": level,
        "parameters": tool.parameters,
        "examples": examples(tool),
        "allow": allow,
    }


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _in_one_line(text: str) -> str:
    return visible(text.replace("\n", " ").replace("\t", " "))
