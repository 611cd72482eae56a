"""Fetches one page and gives back what a reader would see. Obeys nothing in it; finds and chooses no address itself.

The grant was for one host. So a redirect is followed only where it stays with that host (with or without ``www.``) and
does not give up https; any other is told, and the model may ask for that address.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import Any, Final
from urllib.parse import quote, urljoin

from inference_worker.protocol.messages import Access
from inference_worker.tools import files
from inference_worker.tools.addresses import LONGEST_ADDRESS, Address, parse_address
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.page_text import page_text, plain
from inference_worker.tools.safe_http import Answer, Network, get
from inference_worker.tools.schema import misfit

PART_BYTES: Final = 7_000
"""In UTF-8, which is nearer to tokens than characters are; more would be cut where the model could not ask for it."""
MOST_DAMAGED: Final = 0.02
"""Share of the characters that an encoding may fail to read before it is not believed."""
MOST_REDIRECTS: Final = 5
SECONDS: Final = 30.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXTS: Final = frozenset(
    {"application/json", "application/xml", "application/rss+xml", "application/atom+xml", "application/yaml"}
    | {"application/x-yaml", "application/toml", "application/javascript", "application/x-ndjson"}
)
_CHARSETS: Final = ("utf", "iso8859", "cp", "gb", "big5", "shift_jis", "euc", "iso2022", "koi8", "ascii", "mac", "hz")
"""How names of encodings for text begin, as Python calls them; it has others that unpack or compute."""
_AS_BROWSERS: Final = {
    "iso88591": "cp1252",
    "ascii": "cp1252",
    "iso88599": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Names that pages give themselves although they use the larger encoding (WHATWG Encoding, section 4.2)."""
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.I)

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "url": {"type": "string", "description": "the whole address, with https://", "maxLength": LONGEST_ADDRESS},
        "part": {"type": "integer", "minimum": 1, "description": "which part of a long page; 1 is the beginning"},
    },
    "required": ["url"],
}


def fetch_tool(network: Network) -> Tool:
    """The tool, reaching the outside through ``network``."""
    return Tool(
        name="fetch",
        description='Fetches a web page as text, for example /fetch {"url": "https://example.com/page"}',
        parameters=PARAMETERS,
        prepare=prepare,
        run=lambda arguments, run: _fetch(arguments, run, network),
        level="network",
        seconds=SECONDS,
    )


def prepare(arguments: Arguments, access: Access) -> Prepared:
    if access.offline:
        raise ToolError("offline: nothing may reach out")
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    return Prepared(dict(arguments), scope=parse_address(arguments["url"]).host)


def _fetch(arguments: Arguments, run: Run, network: Network) -> Result:
    address, answer = _followed(parse_address(arguments["url"]), run, network)
    return Result(_cut(_readable(answer, address), int(arguments.get("part", 1))), source=str(address))


def _followed(address: Address, run: Run, network: Network) -> tuple[Address, Answer]:
    """The last address and the page there."""
    for _ in range(MOST_REDIRECTS + 1):
        answer = get(address, run, network, {"Accept": "text/html, text/*;q=0.8, application/json;q=0.5"})
        location = answer.headers.get("location")
        if answer.status not in _REDIRECTS or location is None:
            break
        address = _next(address, location)
    else:
        raise ToolError(f"{address.host} redirects without an end")
    if answer.status != 200:
        raise ToolError(f"{address.host} answered with the status {answer.status}")
    return address, answer


def _next(address: Address, location: str) -> Address:
    """Where ``location`` leads, if the grant for ``address`` covers that; ToolError."""
    with contextlib.suppress(UnicodeError):  # bytes that servers send as they are, and browsers read as UTF-8
        location = location.encode("latin-1").decode()
    try:
        target = urljoin(str(address), quote(location.strip(), safe="%/:=&?~+!$,;'@()*-._#[]\\"))
        following = parse_address(target)
    except ValueError:
        raise ToolError(f"{address.host} redirects to something that is no web address") from None
    except ToolError as refusal:
        raise ToolError(f"{address.host} redirects to an address that is not reached: {refusal}") from None
    same_site = address.host.removeprefix("www.") == following.host.removeprefix("www.")
    if not same_site or (address.scheme == "https" and following.scheme == "http"):
        reason = f"{address.host} redirects to {following}: fetch that address if it is wanted"
        raise ToolError(reason, source=str(address))  # they chose the words of that address
    return following


# ---------------------------------------------------------------- from bytes to text


def _readable(answer: Answer, address: Address) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind in _PAGES or kind in _TEXTS or kind.startswith("text/") or kind.endswith("+json") or not kind):
        raise ToolError(f"what is there is no text ({plain(kind)[:60]})", source=str(address))
    text = _decoded(answer, kind)
    if text is None:
        raise ToolError("what is there is no text")
    if "<!ENTITY" in text[:100_000]:
        raise ToolError("what is there defines entities of its own, which is not read")
    beginning = text[:1000].lstrip().lower()
    if kind in _PAGES or (not kind and beginning.startswith(("<!doctype html", "<html"))):
        return _page(text, address)
    return plain(text).strip()


def _page(document: str, address: Address) -> str:
    page = page_text(document, str(address))
    title = f"{page.title}\n\n" if page.title else ""
    links = "".join(f"\n- {words}: {target}" for words, target in page.links)
    rest = "" if page.is_whole else "\n(the rest of the page was not read)"
    return f"{title}{page.text or '(no text)'}{rest}" + (f"\n\nLinks:{links}" if links else "")


def _decoded(answer: Answer, kind: str) -> str | None:
    """By what the server says, else by what the page says of itself, else guessed; ``None`` for what is no text."""
    said = _CHARSET.search(answer.headers.get("content-type", ""))
    if not said and (kind in _PAGES or not kind):
        said = _CHARSET.search(answer.body[:2048].decode("latin-1"))
        said = said if said and not said[1].lower().startswith(("utf-16", "utf-32")) else None  # it was read as ASCII
    if said and not answer.body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        try:
            name = codecs.lookup(said[1]).name.replace("-", "")
            text = answer.body.decode(_AS_BROWSERS.get(name, name), "replace") if name.startswith(_CHARSETS) else ""
            if text and text.count("\ufffd") <= MOST_DAMAGED * len(text):
                return text
        except (LookupError, ValueError):
            pass
    return files.text_of(answer.body)


def _cut(text: str, part: int) -> str:
    """The wanted part; which one it is stands in front, where no further cut takes it away."""
    data = text.encode("utf-8", "replace")
    count = max(1, -(-len(data) // PART_BYTES))
    if part > count:
        raise ToolError(f"there is no such part: the page has {count}")
    if count == 1:
        return text
    shown = data[_at_character(data, (part - 1) * PART_BYTES) : _at_character(data, part * PART_BYTES)]
    return f"(part {part} of {count})\n{shown.decode()}"


def _at_character(data: bytes, index: int) -> int:
    """``index``, or the next one at which a character begins."""
    while index < len(data) and data[index] & 0xC0 == 0x80:
        index += 1
    return index


TOOL = fetch_tool(Network())
