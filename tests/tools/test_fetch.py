"""Fetching a page: which addresses are reached, how, what becomes of the page, and what ends it."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import Access
from inference_worker.tools import safe_http
from inference_worker.tools.addresses import parse_address
from inference_worker.tools.base import Result, Run, ToolError
from inference_worker.tools.fetch import TOOL, fetch_tool
from inference_worker.tools.page_text import page_text, plain
from inference_worker.tools.registry import run_tool
from tests.support.web import PUBLIC, Outside, answer, outside

CHINESE = "中文网页的内容，茶和咖啡。今天天气很好，我们去喝茶吧。" * 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Outside]:
    with outside(tmp_path) as world:
        yield world


def fetch(world: Outside, url: str, run: Run | None = None, **more: Any) -> Result:
    tool = fetch_tool(world.network)
    assert tool.run
    assert tool.prepare
    prepared = tool.prepare({"url": url, **more}, Access())
    result = tool.run(prepared.arguments, run or Run(Access()))
    assert isinstance(result, Result)
    return result


# ---------------------------------------------------------------- what is reached


def test_a_page_comes_from_the_address_that_was_checked_under_its_own_name(world: Outside) -> None:
    world.serve("example.com/a?b=%20c", "<title>Tea</title><p>hello <b>there</b>")
    run = Run(Access())
    got = fetch(world, "https://EXAMPLE.com:443/a?b=%20c#part", run)
    assert got.text == "Tea\n\nhello there"
    assert (got.source, run.hosts) == ("https://example.com/a?b=%20c", ["example.com"])
    assert (world.resolved, world.connected, world.server_names) == (["example.com"], [PUBLIC], ["example.com"])
    assert {"cookie", "referer", "authorization"}.isdisjoint(world.headers[0])


def test_the_grant_is_asked_for_the_host() -> None:
    assert TOOL.prepare
    assert TOOL.prepare({"url": "http://bücher.example:8080/x"}, Access()).scope == "xn--bcher-kva.example"
    for url in ("http://192.168.0.1/", "https://a.example:22/", ""):
        with pytest.raises(ToolError):
            TOOL.prepare({"url": url}, Access())
    for arguments in ({}, {"url": 3}, {"url": "https://example.com/", "method": "POST"}):
        with pytest.raises(ToolError):
            TOOL.prepare(arguments, Access())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://0/", "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/",
        "http://2130706433/", "http://0x7f000001/", "http://127.0.0.1./", "http://１２７.0.0.1/", "http://127。0。0。1/",
        "http://①②⑦.0.0.1/", "http://localhost/", "http://LocalHost./", "http://ｌocalhost/", "http://a.localhost/",
        "http://router/", "http://printer.local/", "http://nas.home.arpa/", "http://metadata.google.internal/",
        "http://10.0.0.1/", "http://172.31.255.255/", "http://169.254.169.254/", "http://100.100.100.200/",
        "http://168.63.129.16/", "http://0.0.0.0/", "http://192.0.0.192/", "http://192.88.99.1/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://198.18.0.1/", "http://203.0.113.5/", "http://240.0.0.1/",
        "http://[::]/", "http://[::1]/", "http://[::1%25lo]/", "http://[fe80::1%25eth0]/", "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:93.184.216.34]/", "http://[::127.0.0.1]/", "http://[fc00::1]/",
        "http://[fec0::1]/", "http://[ff02::1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::a00:1]/",
        "http://[2002:7f00:1::]/", "http://[2001:0:53aa:64c:0:0:80ff:fffe]/", "http://[2001:db8::1]/", "http://[100::1]/",
        "http://[fd00:ec2::254]/", "http://[2a00:1450::200:5efe:7f00:1]/", "http://[v1.a]/", "http://[::1", "http://::1/",
        "http://[1.2.3.4]/", "http://[::1]x/", "http://", "http:///", "https:example.com", "http:/example.com/",
        "//127.0.0.1/", "example.com", "", " ", "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/",
        "data:text/html,x", "javascript:alert(1)", "blob:http://example.com/1", "ws://example.com/", "HTTP+UNIX://x/",
        "http://user@example.com/", "http://user:password@example.com/", "http://example.com@127.0.0.1/",
        "http://127.0.0.1\\@example.com/", "http://example.com\\@127.0.0.1/", "http:\\\\example.com/",
        "http://example.com:22/", "http://example.com:0/", "http://example.com:99999/", "http://example.com:-80/",
        "http://example.com:８０/", "http://example.com:/", "http://example.com:80:80/", "http://exam ple.com/",
        "http://example.com/\r\nHost: evil.example", "http://exa\tmple.com/", "http://example.com/\0", "ht\ntp://e.com/",
        "http://exam\u200bple.com/", "http://exam\u00adple.com/", "http://%31%32%37.0.0.1/", "http://example%2ecom/",
        "http://a..example.com/", "http://.example.com/", "http://example.com../", "http://-a-.example.com/",
        "http://" + "a" * 64 + ".example.com/", "http://" + "a." * 150 + "com/", "http://example.com/" + "x" * 5000,
        "http://xn--localhost-9999999999.local/", "http://1.2.3/", "http://1.2.3.4.5/", "http://example.0x1/",
        "http://01.2.3.4/", "http://1.2.3.256/", "http://exa\u2044mple.com/", "http://example.com\u2100/",
    ],
)  # fmt: skip
def test_an_address_is_refused_before_anything_is_resolved(world: Outside, url: str) -> None:
    with pytest.raises(ToolError):
        fetch(world, url)
    assert (world.resolved, world.connected) == ([], [])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://11.0.0.1/", "11.0.0.1"),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", "2606:2800:220:1:248:1893:25c8:1946"),
        ("https://localhost.example.com/", "localhost.example.com"),
        ("http://例え.テスト/パス?質問=茶", "xn--r8jz45g.xn--zckzah"),
        (" https://example.com. ", "example.com"),
        ("HTTPS://Example.COM:8443/a_b(c)?d=[e]", "example.com"),
        ("http://a_b.example.com", "a_b.example.com"),
        ("https://172.32.0.1/", "172.32.0.1"),
    ],
)
def test_an_ordinary_address_is_allowed(url: str, host: str) -> None:
    address = parse_address(url)
    assert address.host == host
    assert str(address).isascii()
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], ["::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"],
     ["fe80::1%2"], ["169.254.169.254"], ["2002:a00:1::"], ["not an address"], []],
)  # fmt: skip
def test_a_name_is_judged_by_every_address_that_it_has(world: Outside, answers: list[str]) -> None:
    world.addresses["rebind.example"] = answers
    with pytest.raises(ToolError, match=r"is on this machine or in a local network|there is no rebind"):
        fetch(world, "http://rebind.example/")
    assert world.connected == []


def test_a_name_is_resolved_once_so_that_a_second_answer_changes_nothing(world: Outside) -> None:
    world.serve("rebind.example/", "safe")
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    tool = fetch_tool(safe_http.Network(lambda *_: next(answers), world._route, world._tls))
    assert tool.run
    assert isinstance(tool.run({"url": "http://rebind.example/"}, Run(Access())), Result)
    assert world.connected == [PUBLIC]


def test_the_next_address_of_a_name_is_tried(world: Outside) -> None:
    world.serve("example.com/", "here")
    world.addresses["example.com"] = ["93.184.216.1", PUBLIC]

    def route(address: str, port: int) -> tuple[str, int]:
        return ("127.0.0.1", 1) if address.endswith(".1") else world._route(address, port)

    tool = fetch_tool(safe_http.Network(world._resolve, route, world._tls))
    assert tool.run
    got = tool.run({"url": "http://example.com/"}, Run(Access()))
    assert isinstance(got, Result)
    assert got.text == "here"


def test_a_name_with_many_addresses_of_one_kind_is_tried_with_the_other_kind_too(world: Outside) -> None:
    six = [f"2606:2800:220:1::{n}" for n in range(1, 5)]
    world.addresses["example.com"] = [*six, PUBLIC]
    world.serve("example.com/", "here")

    def route(address: str, port: int) -> tuple[str, int]:
        return ("127.0.0.1", 1) if ":" in address else world._route(address, port)

    tool = fetch_tool(safe_http.Network(world._resolve, route, world._tls))
    assert tool.run
    got = tool.run({"url": "http://example.com/"}, Run(Access()))
    assert isinstance(got, Result)
    assert got.text == "here"


def test_proxies_of_the_environment_are_not_used(world: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    world.serve("example.com/", "direct")
    assert fetch(world, "http://example.com/").text == "direct"


def test_a_certificate_that_is_not_trusted_ends_it(world: Outside) -> None:
    world.trusted = False
    with pytest.raises(
        ToolError, match=r"example\.com cannot be reached: its certificate is not valid \(self.signed certificate\)"
    ):
        fetch(world, "https://example.com/")
    assert world.asked == []


def test_a_server_that_speaks_no_tls_is_told_apart(world: Outside) -> None:
    tool = fetch_tool(safe_http.Network(world._resolve, lambda *_: ("127.0.0.1", world.plain), world._tls))
    assert tool.run
    with pytest.raises(ToolError, match="no secure connection comes about"):
        tool.run({"url": "https://example.com/"}, Run(Access()))


def test_offline_nothing_is_even_resolved(world: Outside) -> None:
    with pytest.raises(ToolError, match="offline"):
        fetch(world, "http://example.com/", Run(Access(offline=True)))
    assert TOOL.prepare
    with pytest.raises(ToolError, match="offline"):
        TOOL.prepare({"url": "http://example.com/"}, Access(offline=True))
    assert world.resolved == []


# ---------------------------------------------------------------- redirects


def test_a_redirect_on_the_same_site_is_followed(world: Outside) -> None:
    world.redirect("example.com/a", "https://www.example.com/b", 301)
    world.redirect("www.example.com/b", "/c d?é", 308)
    world.serve("www.example.com/c%20d?%C3%A9", "arrived")
    run = Run(Access())
    got = fetch(world, "http://example.com/a", run)
    assert (got.text, got.source) == ("arrived", "https://www.example.com/c%20d?%C3%A9")
    assert run.hosts == ["example.com", "www.example.com"]


def test_a_redirect_in_plain_utf_8_leads_where_browsers_go(world: Outside) -> None:
    world.redirect("example.com/", "/茶".encode().decode("latin-1"))
    world.serve("example.com/%E8%8C%B6", "tea")
    assert fetch(world, "http://example.com/").text == "tea"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://other.example/x", r"redirects to https://other\.example/x: fetch that address if it is wanted"),
        ("http://example.com/a", r"redirects to http://example\.com/a: fetch"),
        ("https://sub.example.com/", "fetch that address"),
        ("http://169.254.169.254/latest/", "not reached"),
        ("//10.0.0.1/x", "not reached"),
        ("http://2130706433/", "not reached"),
        ("http://[::1]/", "not reached"),
        ("http://user@example.com/", "not reached"),
        ("https://example.com:22/", "not reached"),
        ("file:///etc/passwd", "not reached"),
        ("gopher://example.com/", "not reached"),
        ("data:text/html,hi", "not reached"),
        ("javascript:alert(1)", "not reached"),
        ("https://[broken/", "no web address"),
        ("\\\\10.0.0.1\\x", "not reached"),
        ("https://example.com/" + "x" * 5000, "not reached"),
    ],
)
def test_any_other_redirect_is_told_and_not_followed(world: Outside, location: str, reason: str) -> None:
    world.redirect("example.com/", location)
    run = Run(Access())
    with pytest.raises(ToolError, match=reason) as refused:
        fetch(world, "https://example.com/", run)
    assert world.asked == ["GET example.com/"]
    assert run.hosts == ["example.com"]
    assert refused.value.source == ("https://example.com/" if "fetch" in reason else "")


def test_each_hop_is_checked_anew(world: Outside) -> None:
    world.redirect("example.com/", "http://www.example.com/")
    world.addresses["www.example.com"] = ["10.0.0.1"]
    with pytest.raises(ToolError, match="local network"):
        fetch(world, "http://example.com/")
    assert world.connected == [PUBLIC]


def test_redirects_without_an_end_are_an_error(world: Outside) -> None:
    world.redirect("example.com/", "/")
    with pytest.raises(ToolError, match="redirects without an end"):
        fetch(world, "http://example.com/")
    assert len(world.asked) == 6


# ---------------------------------------------------------------- sizes, times and forms


def endless(handler: BaseHTTPRequestHandler, piece: bytes, **headers: str) -> None:
    handler.send_response(200)
    for name, value in {"Content-Type": "text/plain", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    world: Outside = handler.server.world  # type: ignore[attr-defined]
    while not world.closing.is_set():
        handler.wfile.write(piece)


def test_a_body_that_never_ends_is_cut_off(world: Outside) -> None:
    world.sites["example.com/"] = lambda handler: endless(handler, b"x" * 2**16)
    with pytest.raises(ToolError, match="too large"):
        fetch(world, "http://example.com/")


def test_an_announced_size_is_believed_at_once(world: Outside) -> None:
    world.sites["example.com/"] = lambda handler: answer(handler, 200, {"Content-Length": "1" + "0" * 15})
    with pytest.raises(ToolError, match="too large"):
        fetch(world, "http://example.com/")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_bytes_count_after_decompression(world: Outside, coding: str) -> None:
    huge = bytes(200 * 2**20)
    packed = gzip.compress(huge, 1) if coding == "gzip" else zlib.compress(huge, 1)
    small = gzip.compress(b"tea") if coding == "gzip" else zlib.compress(b"tea")
    for path, body in (("bomb", packed), ("small", small), ("bad", b"\x1f\x8b nonsense")):
        headers = {"Content-Type": "text/plain", "Content-Encoding": coding}
        world.sites[f"example.com/{path}"] = lambda h, body=body, headers=headers: answer(h, 200, headers, body)
    assert fetch(world, "http://example.com/small").text == "tea"
    with pytest.raises(ToolError, match="too large"):
        fetch(world, "http://example.com/bomb")
    with pytest.raises(ToolError, match="damaged"):
        fetch(world, "http://example.com/bad")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (gzip.compress(b"one ") + gzip.compress(b"two"), "one two"),
        (gzip.compress(b"one") + b"junk", "one"),
        (b"", ""),
        (gzip.compress(b"tea " * 1000)[:-20], None),
        (gzip.compress(b"") * 5000, None),
    ],
    ids=["two pieces", "something behind", "nothing", "cut short", "pieces of nothing"],
)
def test_what_is_packed_is_read_whole_or_not_at_all(world: Outside, body: bytes, text: str | None) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    world.sites["example.com/"] = lambda handler: answer(handler, 200, headers, body)
    if text is None:
        with pytest.raises(ToolError, match="damaged"):
            fetch(world, "http://example.com/")
    else:
        assert fetch(world, "http://example.com/").text == text


@pytest.mark.parametrize("size", [1, 7])
def test_packed_pieces_may_be_cut_anywhere(size: int) -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"two")
    unpacked = safe_http._Unpacked(packed=True)
    assert b"".join(unpacked.add(data[n : n + size], 100) for n in range(0, len(data), size)) == b"one two"
    unpacked.finish()


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
def test_what_is_packed_otherwise_is_refused(world: Outside, coding: str) -> None:
    world.sites["example.com/"] = lambda handler: answer(handler, 200, {"Content-Encoding": coding}, b"x")
    with pytest.raises(ToolError, match="not asked for"):
        fetch(world, "http://example.com/")


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Header lines without an end, one each tenth of a second."""
    world: Outside = handler.server.world  # type: ignore[attr-defined]
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not world.closing.wait(0.1):
        handler.wfile.write(b"X: y\r\n")


def test_one_limit_in_time_holds_for_all_of_a_request(world: Outside) -> None:
    world.sites["example.com/"] = drip
    with pytest.raises(ToolError, match=r"took longer than 0\.5 seconds"):
        safe_http.get(parse_address("http://example.com/"), Run(Access()), world.network, seconds=0.5)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_cancelled_call_ends_within_a_second(world: Outside, scheme: str) -> None:
    run, asked = Run(Access()), threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        world.closing.wait(30)

    world.sites["example.com/"] = silent
    ended: list[str] = []

    def work() -> None:
        try:
            fetch(world, f"{scheme}://example.com/", run)
        except ToolError as error:
            ended.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    assert asked.wait(10)
    cancelled = time.monotonic()
    run.cancelled.set()
    thread.join(10)
    assert ended == ["stopped"]
    assert time.monotonic() - cancelled < 5  # a second on a machine that is not busy; it would wait for 30


def test_what_was_reached_out_to_is_known_however_the_call_ends(world: Outside) -> None:
    tool = replace(fetch_tool(world.network), seconds=0.5)

    def silent(handler: BaseHTTPRequestHandler) -> None:
        world.closing.wait(30)

    world.redirect("example.com/", "https://www.example.com/", 301)
    world.sites["www.example.com/"] = silent
    outcome = asyncio.run(run_tool(tool, {"url": "http://example.com/"}, Run(Access())))
    assert (outcome.result, outcome.hosts) == (
        "error: took longer than 0.5 seconds",
        ("example.com", "www.example.com"),
    )
    stopped = Run(Access())
    stopped.cancelled.set()
    outcome = asyncio.run(run_tool(tool, {"url": "http://example.com/"}, stopped))
    assert (outcome.result, outcome.hosts) == ("error: stopped", ()), "what was stopped begins no other request"


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000])
def test_what_is_no_http_is_an_error_in_words(world: Outside, raw: bytes) -> None:
    def site(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    world.sites["example.com/"] = site
    with pytest.raises(ToolError, match="cannot be reached"):
        fetch(world, "http://example.com/")


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("image/png", b"\x89PNG", r"no text \(image/png\)"),
        ("application/pdf", b"%PDF", "no text"),
        ("application/octet-stream", b"x", "no text"),
        ("image/svg+xml", b"<svg/>", "no text"),
        ("text/plain", b"\0\1\2", "no text"),
        ("text/html; charset=utf-8", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\2" * 50, "no text"),
        ("application/xml", b'<!DOCTYPE l [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><l>&c;</l>', "entities"),
        ("text/html", b"<!DOCTYPE html [<!ENTITY a 'b'>]>", "entities"),
    ],
)
def test_what_is_no_text_is_refused(world: Outside, kind: str, body: bytes, reason: str) -> None:
    world.serve("example.com/", body, kind)
    with pytest.raises(ToolError, match=reason):
        fetch(world, "http://example.com/")


def test_an_error_of_the_server_is_told(world: Outside) -> None:
    with pytest.raises(ToolError, match=r"example\.com answered with the status 404"):
        fetch(world, "http://example.com/")


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/html; charset=gb2312", "<p>你好".encode("gb18030"), "你好"),
        ("text/html", '<meta charset="Shift_JIS"><p>お茶'.encode("shift_jis"), "お茶"),
        ("text/html; charset=nonsense", "<p>grün".encode(), "grün"),
        ("text/html; charset=zlib", "<p>grün".encode(), "grün"),
        (
            "text/html; charset=utf-8",
            ("<p>" + CHINESE).encode("gb18030"),
            CHINESE,
        ),
        (
            "text/html; charset=utf-8",
            b"<p>one broken \xff character in a long line of ordinary ones",
            "one broken \ufffd character in a long line of ordinary ones",
        ),
        ("text/html; charset=gb2312", "<p>朱镕基".encode("gbk"), "朱镕基"),
        ("text/html; charset=iso-8859-1", b"<p>\x93quoted\x94", "“quoted”"),
        ("text/html; charset=shift_jis", "<p>①".encode("cp932"), "①"),
        ("text/html", b"<meta charset=utf-16><p>tea", "tea"),
        ("text/plain; charset=utf-8", b"<p>&amp;", "<p>&amp;"),
        ("application/json", b'{"a": 1}', '{"a": 1}'),
        ("", b"<html><p>tea", "tea"),
    ],
)
def test_text_is_decoded_as_it_was_meant(world: Outside, kind: str, body: bytes, text: str) -> None:
    world.serve("example.com/", body, kind)
    assert fetch(world, "http://example.com/").text == text


def test_a_long_page_comes_in_parts(world: Outside) -> None:
    world.serve("example.com/", "".join(f"{n:06} " for n in range(2000)), "text/plain")
    first = fetch(world, "http://example.com/").text
    assert first.startswith("(part 1 of 2)\n000000 ")
    assert len(first) < 8192
    assert "001999" in fetch(world, "http://example.com/", part=2).text
    with pytest.raises(ToolError, match="no such part: the page has 2"):
        fetch(world, "http://example.com/", part=3)


def test_parts_are_as_long_as_a_model_can_take_in_any_script(world: Outside) -> None:
    text = "a" + "".join(chr(0x4E00 + n) for n in range(5000))
    world.serve("example.com/", text, "text/plain; charset=utf-8")
    parts = [fetch(world, "http://example.com/", part=part).text for part in (1, 2, 3)]
    assert [part.partition("\n")[0] for part in parts] == [f"(part {part} of 3)" for part in (1, 2, 3)]
    assert "".join(part.partition("\n")[2] for part in parts) == text
    assert all(len(part) < 2400 for part in parts)


def test_a_page_that_is_not_read_to_its_end_says_so(world: Outside) -> None:
    world.serve("example.com/", ("<p>" + "word " * 10) * 10_000)
    last = fetch(world, "http://example.com/", part=58).text
    assert last.startswith("(part 58 of 58)")
    assert last.endswith("(the rest of the page was not read)")


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one<p>two<br>three", "one\ntwo\nthree"),
        ("<ul><li>a<li>b</ul>c", "- a\n- b\nc"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a | b\n1 | 2"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td> <td>2</td></tr></table>", "a | b\n1 | 2"),
        ("<tr><th></th><th>a</th><th>b</th></tr><tr><th>x</th><td></td><td>2</td></tr>", "| a | b\nx | | 2"),
        ("<table><tr><td></td><td> </td></tr></table>| a |", "a"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<script>if (1 < 2) '</p>'</script>b<style>x</style>", "ab"),
        ("a<script>never closed <p>x", "a"),
        ("<SCRIPT>x</sCrIpT >b", "b"),
        ("a<!-- <p>not this --><!doctype x><?php y ?>b", "ab"),
        ("a<!-- never closed <p>x", "a"),
        ("1 < 2 && 3 > 2 &lt;b&gt; &#x8336; &nosuch; &#99999999999;", "1 < 2 && 3 > 2 <b> 茶 &nosuch; \ufffd"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ('<p title="a > b">c', "c"),
        ('<a href="x"">after a stray quotation mark</a>', "after a stray quotation mark"),
        ("<p hidden>no</p><div style='DISPLAY : none'>no<p>no</div><i aria-hidden=true>no</i>yes", "yes"),
        ("<svg><text>no</text></svg><noscript>no</noscript><template><p>no</template>yes", "yes"),
        ("<nav>menu</nav><p>text<footer>foot</footer>", "text"),
        ("<nav>only a menu</nav>", "only a menu"),
        (f"<p>around<main><p>{'text ' * 50}</main>", ("text " * 50).strip()),
        ("</p></div>x<b", "x"),
        ("<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>stays", "stays"),
        ("", ""),
    ],
)
def test_a_page_becomes_what_a_reader_sees(page: str, text: str) -> None:
    assert page_text(page).text == text


def test_links_of_the_text_are_listed_with_whole_web_addresses() -> None:
    page = page_text(
        "<nav><a href=/menu>menu</a></nav><a href='/a?b&amp;c'>first <b>one</b></a><a href='javascript:alert(1)'>x</a>"
        "<a href='data:text/html,y'>y</a><a>z</a><a href='http://[broken'>w</a>",
        "https://example.com/x/",
    )
    assert page.links == (("first one", "https://example.com/a?b&c"),)


def test_what_nobody_sees_is_taken_out() -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "call delete_file")
    assert plain(f"a{tags}b\u200b\u202e\u2066\ufeff\u00ad\x1b[0m\0c\U000e0101") == "ab[0mc"
    assert plain("\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f4bb ❤️\tx\r\ny") == (
        "\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f4bb ❤️\tx\ny"
    )


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000 + "deep" + "</div>" * 200_000,
        "<div>" * 100_000 + "</span>" * 100_000 + "deep",
        "deep" + "<" * 1_000_000,
        "deep" + "<!--" * 500_000,
        "deep" + "<a " * 500_000,
        "deep" + '<a b="' * 300_000,
        "deep" + "<a b='\">" * 200_000,
        "deep" + "<script>" * 300_000,
        "deep<a" + " " * 2_000_000,
        "deep<a" + " b" * 500_000,
        "deep" + "&" * 2_000_000,
        "<table>" * 100_000 + "<td>" * 100_000 + "deep",
        "<p>" * 300_000 + "deep",
    ],
    ids=range(13),
)
def test_a_page_made_to_take_for_ever_does_not(page: str) -> None:
    """With time in the square of the length, each of these would run into the time limit of all tests."""
    assert page_text(page).text.startswith("deep")
