"""Asks the search engine that the person set. Reads no page that it finds; those are fetched, and asked for, apart.

SearXNG and Brave answer in JSON and go through safe_http. The scraping library (an optional extra) has a client of its
own; it is used only where the person chose it.
"""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from inference_worker.protocol.messages import Access, SearchService
from inference_worker.tools.addresses import Address, parse_address
from inference_worker.tools.base import Arguments, Prepared, Result, Run, Tool, ToolError
from inference_worker.tools.page_text import page_text, plain
from inference_worker.tools.safe_http import Network, get
from inference_worker.tools.schema import misfit

MOST_RESULTS: Final = 8
LONGEST_QUERY: Final = 400
_BRAVE: Final = "https://api.search.brave.com/res/v1/web/search"
_DUCKDUCKGO: Final = "duckduckgo.com"
_ENGINE: Final = "duckduckgo"
SECONDS: Final = 25.0

PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "a few words", "maxLength": LONGEST_QUERY}},
    "required": ["query"],
}

Found = list[tuple[str, str, str]]
"""Title, address and a few words of each result."""
Scraper = Callable[[str], list[Mapping[str, Any]]]


def search_tool(network: Network, scrape: Scraper | None = None) -> Tool:
    """The tool, reaching the outside through ``network``; ``scrape`` stands in for the scraping library."""
    return Tool(
        name="search",
        description='Searches the web, for example /search {"query": "tea houses in Kyoto"}',
        parameters=PARAMETERS,
        prepare=prepare,
        run=lambda arguments, run: _search(arguments, run, network, scrape or _ddgs),
        level="network",
        seconds=SECONDS,
    )


def prepare(arguments: Arguments, access: Access) -> Prepared:
    if access.offline:
        raise ToolError("offline: nothing may reach out")
    if (reason := misfit(dict(arguments), PARAMETERS)) is not None:
        raise ToolError(reason)
    if not arguments["query"].strip():
        raise ToolError("say what to search for")
    return Prepared(dict(arguments), scope=_host(_service(access)))


def _service(access: Access) -> SearchService:
    if access.search is None:
        raise ToolError("no search engine is set: the person can set one in the settings")
    return access.search


def _host(service: SearchService) -> str:
    match service.kind:
        case "searxng":
            return parse_address(service.endpoint, of_the_person=True).host
        case "brave":
            return parse_address(_BRAVE).host
        case "duckduckgo":
            return _DUCKDUCKGO


def _search(arguments: Arguments, run: Run, network: Network, scrape: Scraper) -> Result:
    if run.access.offline:
        raise ToolError("offline: nothing may reach out")
    service, query = _service(run.access), plain(arguments["query"]).strip()[:LONGEST_QUERY]
    host = _host(service)
    run.reaches(host)
    found = _found(service, query, run, network, scrape)
    text = "\n\n".join("\n".join(part for part in result if part) for result in found[:MOST_RESULTS])
    return Result(text or "(nothing was found)", source=f"search results of {host}")


def _found(service: SearchService, query: str, run: Run, network: Network, scrape: Scraper) -> Found:
    match service.kind:
        case "searxng":
            return _searxng(service, query, run, network)
        case "brave":
            return _brave(service, query, run, network)
        case "duckduckgo":
            return _results(scrape(query), "title", "href", "body")


def _searxng(service: SearchService, query: str, run: Run, network: Network) -> Found:
    base = parse_address(service.endpoint, of_the_person=True)
    path = base.target.partition("?")[0].rstrip("/").removesuffix("/search")
    target = f"{path}/search?{urlencode({'q': query, 'format': 'json'})}"
    answer = _asked(Address(base.scheme, base.host, base.port, target), {}, run, network, of_the_person=True)
    return _results(answer.get("results"), "title", "url", "content")


def _brave(service: SearchService, query: str, run: Run, network: Network) -> Found:
    if not service.key or not service.key.isascii() or not service.key.isprintable():
        raise ToolError("the search engine wants a key: the person can set one in the settings")
    address = parse_address(f"{_BRAVE}?{urlencode({'q': query, 'count': MOST_RESULTS})}")
    answer = _asked(address, {"X-Subscription-Token": service.key}, run, network)
    web = answer.get("web")
    return _results(web.get("results") if isinstance(web, dict) else None, "title", "url", "description")


def _asked(
    address: Address, headers: dict[str, str], run: Run, network: Network, of_the_person: bool = False
) -> dict[str, Any]:
    """The JSON object at ``address``; a redirect is an error, because the key is meant for this origin alone."""
    answer = get(address, run, network, {"Accept": "application/json", **headers}, of_the_person)
    if answer.status in (401, 403):
        raise ToolError(f"{address.host} does not let us search (status {answer.status}): see the settings")
    if answer.status != 200:
        raise ToolError(f"{address.host} answered with the status {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ToolError(f"{address.host} did not answer with search results")
    return found


def _results(untrusted: Any, title: str, address: str, words: str) -> Found:
    """What can be read of a list of results: plain text in one line each, web addresses only."""
    entries = untrusted if isinstance(untrusted, list) else []
    return [
        (_line(entry.get(title), 150), "".join(plain(entry[address]).split())[:300], _line(entry.get(words), 400))
        for entry in entries[: 5 * MOST_RESULTS]
        if isinstance(entry, Mapping) and str(entry.get(address, "")).startswith(("http://", "https://"))
    ]


def _line(untrusted: Any, longest: int) -> str:
    """In one line, without the marks that some engines put around the words that were found."""
    text = untrusted[:4000] if isinstance(untrusted, str) else ""
    return " ".join(page_text(text).text.split())[:longest]


def _ddgs(query: str) -> list[Mapping[str, Any]]:
    try:
        library: Any = importlib.import_module("ddgs")
        engines: Any = importlib.import_module("ddgs.engines").ENGINES
    except ImportError:
        raise ToolError("the search library is not installed: pip install 'nyanko-desktop[search]'") from None
    for name in ("ddgs", "primp"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if _ENGINE not in engines.get("text", ()):  # it would ask all the others in its place
        raise ToolError(f"{_DUCKDUCKGO} gave no results")
    try:
        return list(library.DDGS(timeout=10).text(query, max_results=MOST_RESULTS, backend=_ENGINE))
    except Exception:  # noqa: BLE001 - a scraper breaks in as many ways as pages change
        raise ToolError(f"{_DUCKDUCKGO} gave no results") from None


TOOL = search_tool(Network())
