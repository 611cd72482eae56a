"""Checks a link that the model wants to show in the person's browser. Opens nothing: the app does, after a question."""

from __future__ import annotations

from urllib.parse import urlsplit

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError

LONGEST_LINK = 2_000
"""Characters; browsers take about as many."""
_NOT_IN_A_LINK = frozenset('\\"<>^`{|}')


def prepare(arguments: Arguments, access: Access) -> Prepared:
    """The link as it would be opened; scope is its host, in the form that cannot be mistaken for another one."""
    if access.offline:
        raise ToolError("offline")
    link = arguments["text"].strip()
    host = host_of(link)
    return Prepared({"text": link}, scope=host)


def host_of(link: str) -> str:
    """The host of an http or https link, in ASCII; ToolError for anything that is no such link."""
    if len(link) > LONGEST_LINK or any(c.isspace() or not c.isprintable() or c in _NOT_IN_A_LINK for c in link):
        raise ToolError("that is no link")
    try:
        parts = urlsplit(link)
        _ = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        raise ToolError("that is no link") from None
    if parts.scheme not in ("http", "https"):
        raise ToolError("only links that begin with http:// or https:// are opened")
    if not host or "@" in parts.netloc:
        raise ToolError("that is no link")
    return host.lower()


TOOL = Tool(
    name="open",
    description="Shows a web page to the person in their browser, for example /open https://example.org/news",
    prepare=prepare,
    level="effect",
)
