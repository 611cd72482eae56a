"""Reads MCP servers out of the JSON of other programs: ``mcpServers`` (Claude Desktop and most), ``servers`` (VS Code).

Starts nothing and keeps nothing. Values of variables and headers are secrets: no message of this module repeats one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import McpServer
from nyanko_desktop.settings.schema import ServerSettings
from nyanko_desktop.texts import sendable

LARGEST_TEXT: Final = 1_048_576
LONGEST_NAME: Final = 32
_STRING_OR_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)
_STRING_OR_LAST_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.S)
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]{1,80}\}")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")
_ADDRESS: Final = re.compile(r"https?://[^\s@#]{1,2000}")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")


class Found(NamedTuple):
    """What stands in a text."""

    servers: tuple[McpServer, ...]
    """Under names that we can use."""
    refused: tuple[str, ...] = ()
    """Why others cannot be used, in plain English."""


def read_servers(text: str) -> Found:
    """The servers that stand in ``text``; RequestError(BAD_REQUEST) says what is wrong where none can be used."""
    names: dict[str, str] = {}
    servers: list[McpServer] = []
    refused: list[str] = []
    for theirs, entry in _entries(_json(text)).items():
        names[theirs] = _clean(theirs, set(names.values()))
        try:
            servers.append(_server(names[theirs], theirs, entry))
        except RequestError as error:
            refused.append(error.error.params["reason"])
    if not servers:
        raise _bad("; ".join(refused) or "no server stands in it")
    return Found(tuple(servers), tuple(refused))


def _json(text: str) -> Any:
    """With comments and last commas, which VS Code writes, or as a piece of a larger one, which manuals print."""
    if len(text) > LARGEST_TEXT:
        raise _bad("it is too large to be a list of servers")
    for pattern in (_STRING_OR_COMMENT, _STRING_OR_LAST_COMMA):
        text = pattern.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    text = text.removeprefix("\ufeff").strip().removesuffix(",")
    try:
        return json.loads(f"{{{text}}}" if text.startswith('"') else text)
    except json.JSONDecodeError as error:
        raise _bad(f"it is no JSON: {error.msg} in line {error.lineno}") from None
    except (ValueError, RecursionError):
        raise _bad("it is no JSON") from None


def _entries(found: Any) -> Mapping[str, Any]:
    """By name, wherever a program puts them; a single list of names and commands will do."""
    inner = found.get("mcp") if isinstance(found, dict) else None
    for outer in (found, inner):
        for key in ("mcpServers", "servers", "mcp_servers"):
            if isinstance(outer, dict) and isinstance(servers := outer.get(key), dict):
                return servers
    if _is_server(found):
        return {"server": found}
    if isinstance(found, dict) and found and all(_is_server(entry) for entry in found.values()):
        return found
    return {}


def _is_server(entry: Any) -> bool:
    return isinstance(entry, dict) and ("command" in entry or "url" in entry)


def _clean(theirs: str, taken: set[str]) -> str:
    """Names of tools begin with it, so few characters will do."""
    name = _NOT_IN_NAMES.sub("-", theirs)[:LONGEST_NAME].strip("-") or "server"
    tries = (f"{name[: LONGEST_NAME - 4].rstrip('-')}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(one for one in tries if one not in taken)


def _server(name: str, theirs: str, entry: Any) -> McpServer:
    where = theirs[:60]
    if not isinstance(entry, dict):
        raise _bad(f"{where}: no object")
    if "sse" in (entry.get("type"), entry.get("transport")):
        raise _bad(f"{where}: the transport sse is out of use; look for an address that speaks streamable HTTP")
    if "envFile" in entry:
        raise _bad(f"{where}: envFile is not read; write its variables under env")
    server = McpServer(
        name,
        command=_command(where, entry),
        environment=_texts(where, entry, "env"),
        folder=_text(where, entry, "cwd"),
        url=_text(where, entry, "url") or _text(where, entry, "serverUrl"),
        headers=_texts(where, entry, "headers"),
    )
    _check(where, server)
    return server


def _command(where: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    command, arguments = entry.get("command", ""), entry.get("args", [])
    if not isinstance(command, str) or not isinstance(arguments, list):
        raise _bad(f"{where}: command is a text, and args a list of texts")
    if not all(isinstance(one, str | int | float) for one in arguments):
        raise _bad(f"{where}: args is a list of texts")
    return (command, *map(str, arguments)) if command else ()


def _text(where: str, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key) or ""
    if not isinstance(value, str):
        raise _bad(f"{where}: {key} is a text")
    return value


def _texts(where: str, entry: Mapping[str, Any], key: str) -> dict[str, str]:
    values = entry.get(key) or {}
    if not isinstance(values, dict) or not all(isinstance(value, str | int | float) for value in values.values()):
        raise _bad(f"{where}: {key} holds names and texts")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _check(where: str, server: McpServer) -> None:
    """That the settings take it, and nothing in it means something else to a system or to HTTP."""
    if bool(server.command) == bool(server.url):
        raise _bad(f"{where}: needs either a command or a url")
    for text in _all_texts(server):
        if found := _PLACEHOLDER.search(text):
            raise _bad(f"{where}: write what you want in place of {found[0]}")
        if "\0" in text:
            raise _bad(f"{where}: a text holds a zero byte")
        if not text.isascii() and text != sendable(text):
            raise _bad(f"{where}: a text holds half a character")
    if any(not name or "=" in name or "\0" in name for name in server.environment):
        raise _bad(f"{where}: env holds a name that no variable can have")
    if any(not _HEADER.fullmatch(name) for name in server.headers):
        raise _bad(f"{where}: headers holds a name that no header can have")
    if any("\n" in value or "\r" in value for value in server.headers.values()):
        raise _bad(f"{where}: a header holds a line break")
    if server.url and not _ADDRESS.fullmatch(server.url):
        raise _bad(
            f"{where}: an address begins with http:// or https:// and holds no password; write that under headers"
        )
    kept = {
        "name": server.name,
        "command": server.command,
        "folder": server.folder,
        "url": server.url,
        "environment": tuple(server.environment),
        "headers": tuple(server.headers),
    }
    try:
        msgspec.convert(kept, ServerSettings)
    except msgspec.ValidationError as error:
        raise _bad(f"{where}: {error}") from None


def _all_texts(server: McpServer) -> Iterator[str]:
    yield from (*server.command, server.folder, server.url, *server.environment.values(), *server.headers.values())


def _bad(reason: str) -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, reason=reason)
