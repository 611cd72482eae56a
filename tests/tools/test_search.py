"""Searching: the engine that the person set, what it is told, and what is made of its answer."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import Access, SearchService
from inference_worker.tools.base import Result, Run, ToolError
from inference_worker.tools.search import LONGEST_QUERY, TOOL, search_tool
from tests.support.web import Outside, outside

HIT = {
    "title": "T <b>x</b>",
    "url": "https://a.example/1?b&copy=<c>",
    "content": "some\nwords",
    "description": "d &amp; e",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as world:
        yield world


def search(
    world: Outside, service: SearchService | None, query: str = "tea", run: Run | None = None, **more: Any
) -> Result:
    access = Access(search=service, **more)
    run = run or Run(access)
    run.access = access
    tool = search_tool(world.network, lambda words: [{"title": words, "href": "https://d.example/", "body": "b"}])
    assert tool.prepare
    assert tool.run
    result = tool.run(tool.prepare({"query": query}, access).arguments, run)
    assert isinstance(result, Result)
    return result


def searxng(endpoint: str) -> SearchService:
    return SearchService("searxng", endpoint)


def test_a_searxng_of_the_person_may_be_in_their_own_network(world: Outside) -> None:
    world.serve(
        "192.168.1.5:8888/sx/search", json.dumps({"results": [HIT, {"url": "javascript:x"}, 3]}), "application/json"
    )
    world.addresses["192.168.1.5"] = ["192.168.1.5"]
    run = Run(Access())
    got = search(world, searxng("http://192.168.1.5:8888/sx/"), "tea & rice\r\nHost: x", run)
    assert got.text == "T x\nhttps://a.example/1?b&copy=<c>\nsome words"
    assert (got.source, run.hosts) == ("search results of 192.168.1.5", ["192.168.1.5"])
    assert world.asked == ["GET 192.168.1.5:8888/sx/search?q=tea+%26+rice%0AHost%3A+x&format=json"]
    assert world.connected == ["192.168.1.5"]


def test_a_name_of_the_persons_own_network_is_theirs_to_choose(world: Outside) -> None:
    world.addresses["searx"] = ["10.0.0.7"]
    world.serve("searx:8080/search", json.dumps({"results": []}), "application/json")
    assert search(world, searxng("http://searx:8080")).text == "(nothing was found)"


def test_it_may_not_lead_anywhere_else(world: Outside) -> None:
    world.redirect("searx:8080/search", "http://192.168.0.1/")
    with pytest.raises(ToolError, match="searx answered with the status 302"):
        search(world, searxng("http://searx:8080"))


def test_the_key_goes_to_brave_and_into_no_text(world: Outside) -> None:
    world.serve("api.search.brave.com/res/v1/web/search", json.dumps({"web": {"results": [HIT]}}), "application/json")
    got = search(world, SearchService("brave", key="secret-key"))
    assert got.text == "T x\nhttps://a.example/1?b&copy=<c>\nd & e"
    assert world.headers[0]["x-subscription-token"] == "secret-key"
    assert "secret-key" not in repr(got)
    for key in ("", "line\r\nbreak", "schlüssel"):
        with pytest.raises(ToolError, match="wants a key"):
            search(world, SearchService("brave", key=key))


def test_the_library_is_used_where_it_was_chosen(world: Outside) -> None:
    assert search(world, SearchService("duckduckgo")).text == "tea\nhttps://d.example/\nb"
    assert world.resolved == []


@pytest.mark.skipif(importlib.util.find_spec("ddgs") is not None, reason="needs the library absent")
def test_without_the_library_the_answer_says_what_to_install() -> None:
    assert TOOL.run
    with pytest.raises(ToolError, match="not installed"):
        TOOL.run({"query": "x"}, Run(Access(search=SearchService("duckduckgo"))))


LIBRARY = """
class DDGS:
    def __init__(self, timeout):
        pass

    def text(self, query, max_results, backend):
        return [{"title": query, "href": "https://a.example/", "body": backend}]
"""


@pytest.mark.parametrize("engine", ["duckduckgo", "bing"])
def test_the_library_asks_no_other_engine_than_the_one_that_was_chosen(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ddgs").mkdir()
    (tmp_path / "ddgs" / "__init__.py").write_text(LIBRARY)
    (tmp_path / "ddgs" / "engines.py").write_text(f"ENGINES = {{'text': {{'{engine}': None}}}}")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("ddgs", "ddgs.engines"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert TOOL.run
    run = Run(Access(search=SearchService("duckduckgo")))
    try:
        if engine == "duckduckgo":
            found = TOOL.run({"query": "tea"}, run)
            assert isinstance(found, Result)
            assert found.text == "tea\nhttps://a.example/\nduckduckgo"
        else:
            with pytest.raises(ToolError, match="gave no results"):
                TOOL.run({"query": "tea"}, run)
    finally:
        for name in ("ddgs", "ddgs.engines"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("<html>", 200, "did not answer with search results"),
        ("[" * 100_000, 200, "did not answer with search results"),
        ("[]", 200, "did not answer with search results"),
        ("{}", 403, "does not let us search"),
        ("{}", 429, "status 429"),
    ],
)
def test_other_answers_are_errors_in_words(world: Outside, body: str, status: int, reason: str) -> None:
    world.serve("searx:8080/search", body, "application/json", status)
    with pytest.raises(ToolError, match=reason):
        search(world, searxng("http://searx:8080"))


@pytest.mark.parametrize("results", [None, {}, "x", [[]], [{"url": 3}], [{"title": None}]])
def test_results_of_another_form_are_left_out(world: Outside, results: object) -> None:
    world.serve("searx:8080/search", json.dumps({"results": results}), "application/json")
    assert search(world, searxng("http://searx:8080")).text == "(nothing was found)"


def test_what_is_asked_is_bounded() -> None:
    assert TOOL.prepare
    access = Access(search=searxng("http://searx:8080"))
    assert TOOL.prepare({"query": "tea"}, access).scope == "searx"
    for arguments in (
        {},
        {"query": ""},
        {"query": "x" * (LONGEST_QUERY + 1)},
        {"query": "x" * 10**6},
        {"query": ["x"]},
    ):
        with pytest.raises(ToolError):
            TOOL.prepare(arguments, access)


def test_without_an_engine_or_offline_nothing_is_asked() -> None:
    assert TOOL.prepare
    with pytest.raises(ToolError, match="no search engine is set"):
        TOOL.prepare({"query": "tea"}, Access())
    with pytest.raises(ToolError, match="offline"):
        TOOL.prepare({"query": "tea"}, Access(offline=True, search=SearchService("duckduckgo")))
    for endpoint in ("", "searx", "file:///x", "http://user:x@searx/"):
        with pytest.raises(ToolError):
            TOOL.prepare({"query": "tea"}, Access(search=searxng(endpoint)))
