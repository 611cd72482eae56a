"""Reads MCP servers out of the JSON of other programs: ``mcpServers`` (Claude Desktop and most), ``servers`` (VS Code).

Starts nothing and keeps nothing. Values of variables and headers are secrets, and what secrets_in_commands.py finds: no
message of this module repeats one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import McpServer
from nyanko_desktop.settings.schema import ServerSettings
from nyanko_desktop.settings.secrets_in_commands import set_apart
from nyanko_desktop.texts import sendable

LARGEST_TEXT: Final = 1_048_576
LONGEST_NAME: Final = 32
_STRING_OR_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)
_STRING_OR_LAST_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.S)
_FENCE: Final = re.compile(r"\A\s*```\w*|```\s*\Z")
_URL_KEYS: Final = ("url", "serverUrl", "httpUrl")
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]{1,80}\}")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")
_OWN_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_TO_FILL_IN: Final = re.compile(
    r"<[^<>]{1,80}>|/?path/to/.{1,80}"
    r"|(?:your|insert)[-_ ][\w -]{0,50}(?:key|token|secret|password|pat|id|url|ref|here)",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(
    r"<[\w -]{0,40}(?:your|token|key|secret|password)[\w -]{0,40}>|(?<!\w)YOUR[_-][A-Z_-]{2,60}"
)
"""What manuals write where the person's own value belongs: alone, and in the middle of a text."""
_WINDOWS_PATH: Final = re.compile(r"[A-Za-z]:[^\t\n\r\b\f]*[\t\n\r\b\f]")
_LOGIN: Final = re.compile(r"(https?://)([^\s/?#@:]+):([^\s/?#@]+)@(.+)")
_ADDRESS: Final = re.compile(r"https?://[^\s@/?#]+(?:[/?][^\s#]*)?")
_NAMES_SOMETHING: Final = re.compile(r"https?://\S+|@?(?![A-Z0-9_]+$)\w[^\s=:]*(?::\w+)?")
_NO_NAME: Final = re.compile(r"^(?:@?mcp[-_.]|server[-_.])+|[-_](?:mcp|server)(?=[-_:@]|$)|[@:].*|\.\w{1,3}$")
_STARTERS: Final = frozenset(
    {"npx", "npm", "pnpm", "yarn", "bunx", "bun", "dlx", "exec", "node", "deno", "uvx", "uv", "run", "tool", "python"}
    | {"python3", "py", "pipx", "cmd", "sh", "bash", "docker", "podman"}
)
"""Words in front of the name of a package."""
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
    text = _FENCE.sub("", text.removeprefix("\ufeff")).strip().removesuffix(",")
    try:
        return json.loads(f"{{{text}}}" if text.startswith('"') else text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Invalid \\"):
            raise _bad(
                f"a \\ stands alone in line {error.lineno}; in JSON it is written \\\\, and a path may have / instead"
            ) from None
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
        return {_name_of(found): found}
    if isinstance(found, dict) and found and all(_is_server(entry) for entry in found.values()):
        return found
    return {}


def _name_of(entry: Mapping[str, Any]) -> str:
    """For one that stands alone: what its package or host is called."""
    arguments = entry.get("args")
    texts = [entry.get("command"), *(arguments if isinstance(arguments, list) else []), entry.get("url")]
    words = [text for text in texts if isinstance(text, str) and _NAMES_SOMETHING.fullmatch(text)]
    meant = next((word for word in words if word not in _STARTERS and not word.startswith("mcp-remote")), "")
    name = PurePosixPath(re.sub(r"^https?://([^/?#:@]*).*", r"\1", meant)).name
    return _NO_NAME.sub("", name) or name or "server"


def _is_server(entry: Any) -> bool:
    return isinstance(entry, dict) and not entry.keys().isdisjoint(("command", *_URL_KEYS))


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
        url=next(filter(None, (_text(where, entry, key) for key in _URL_KEYS)), ""),
        headers=_texts(where, entry, "headers"),
    )
    server = _without_login(server)
    _check(where, server)
    command, url, secrets = set_apart(server.command, server.url)
    return msgspec.structs.replace(server, command=command, url=url, secrets=secrets)


def _without_login(server: McpServer) -> McpServer:
    """``https://NAME:PASSWORD@host`` as the header that it means."""
    login = _LOGIN.fullmatch(server.url)
    if login is None or any(name.lower() == "authorization" for name in server.headers):
        return server
    scheme, name, password, rest = login.groups()
    basic = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode(errors="replace")).decode()
    headers = {**server.headers, "Authorization": f"Basic {basic}"}
    return msgspec.structs.replace(server, url=scheme + rest, headers=headers)


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
        if found := _to_fill_in(_OWN_VARIABLE.sub(_unless_own(server), text)):
            raise _bad(f"{where}: write what you want in place of {found[0]}")
        if _WINDOWS_PATH.match(text):
            raise _bad(f"{where}: in JSON a \\ is written \\\\; a path may have / instead")
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
        raise _bad(f"{where}: an address begins with http:// or https:// and holds no blank, # or name of a person")
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


def _to_fill_in(text: str) -> re.Match[str] | None:
    return _PLACEHOLDER.search(text) or _TO_FILL_IN.fullmatch(text) or _INSIDE.search(text)


def _unless_own(server: McpServer) -> Callable[[re.Match[str]], str]:
    """Variables of ``env`` may stand in arguments: there are programs that put them in themselves."""
    return lambda found: "" if found[1] in server.environment else found[0]


def _all_texts(server: McpServer) -> Iterator[str]:
    yield from (*server.command, server.folder, server.url, *server.environment.values(), *server.headers.values())


def _bad(reason: str) -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, reason=reason)
