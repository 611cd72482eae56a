"""Checks a link that the model wants to show in the person's browser. Opens nothing: the app does, after a question."""

from __future__ import annotations

from urllib.parse import urlsplit

from inference_worker.protocol.messages import Access
from inference_worker.tools.addresses import parse_address
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError

LONGEST_LINK = 2_000
"""Characters; browsers take about as many."""
_NOT_IN_A_LINK = frozenset('\\"<>^`{|}')


def prepare(arguments: Arguments, access: Access) -> Prepared:
    """The link as it would be opened; scope is its host. Both in the form that cannot be mistaken for another one."""
    if access.offline:
        raise ToolError("offline")
    link, host = plain_link(arguments["text"].strip())
    return Prepared({"text": link}, scope=host)


def plain_link(link: str) -> tuple[str, str]:
    """An http or https link with its host as it is looked up, and that host; ToolError for anything else.

    The person may have pages in their own network, so those are links too.
    """
    if len(link) > LONGEST_LINK or any(c.isspace() or not c.isprintable() or c in _NOT_IN_A_LINK for c in link):
        raise ToolError("that is no link")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise ToolError("that is no link") from None
    if parts.scheme not in ("http", "https"):
        raise ToolError("only links that begin with http:// or https:// are opened")
    address = parse_address(link, of_the_person=True)
    behind = link[len(parts.scheme) + len("://") + len(parts.netloc) :]
    return f"{address.scheme}://{address.place}{behind or '/'}", address.host


TOOL = Tool(
    name="open",
    description="Shows a web page to the person in their browser, for example /open https://example.org/news",
    prepare=prepare,
    level="effect",
)
