"""Addresses, paths and pages made up at random: an answer that keeps the rules, or a refusal in words; nothing else."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference_worker.protocol.messages import Access
from inference_worker.tools.addresses import PORTS, is_public, parse_address
from inference_worker.tools.base import ToolError
from inference_worker.tools.page_text import page_text, plain
from inference_worker.tools.paths import in_folder, locate, open_regular

PIECES = st.sampled_from(
    ["http", "https", "://", "//", "/", "\\", "@", ":", "[", "]", "%", "%2e", ".", "..", "。", "127", "0x7f", "1", "0",
     "::1", "::ffff:", "fe80::", "localhost", "example", "com", "xn--", "ß", "①", "ｌ", "?", "#", "80", "22", " ", "\n",
     "\0", "é", "-", "_", "user", "169.254.169.254", "\u200b", "\u202e"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["..", ".", "/", "//", "\\", "notes.txt", "sub", "link", "out", "~", "$HOME", "C:", "%2e%2e", "‥", "\0", "\n", " ",
     "CON", "名前", "/etc/passwd", "secret.txt", "/proc/self/root", "…", "../"]
)  # fmt: skip
MARKUP = st.sampled_from(
    ["<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "<p", "<a href=", "<script", "</script", "<title>", "<td>", "<li>",
     "<pre>", "'", '"', "=", "&", "&#", "&amp;", "&#x0;", "&#1114112;", " ", "\n", "text", "<b>", "</b>", "\x00", "茶",
     "hidden", "style='display:none'", "<br>", "<nav>", "</nav>", "<main>", "</a>", "<table>", "</"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_an_address_that_is_allowed_is_public_and_says_the_same_when_read_again(text: str) -> None:
    for untrusted in (text, f"http://{text}", f"http://{text}/"):
        try:
            address = parse_address(untrusted)
        except ToolError:
            continue
        assert address.port in PORTS
        assert str(address).isascii()
        assert not set("@\\/ \r\n") & set(address.place)
        assert parse_address(str(address)) == address
        try:
            number = ipaddress.ip_address(address.host)
        except ValueError:
            assert "." in address.host
        else:
            assert is_public(number)


@given(st.integers(0, 2**128 - 1))
def test_a_public_address_is_global_by_pythons_own_table_too(number: int) -> None:
    for address in (ipaddress.IPv6Address(number), ipaddress.IPv4Address(number % 2**32)):
        assert not is_public(address) or address.is_global


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("tree")
    root = base / "root"
    (root / "sub").mkdir(parents=True)
    (base / "secret.txt").write_text("secret")
    (root / "notes.txt").write_text("inside")
    (root / "sub/notes.txt").write_text("inside")
    (root / "link").symlink_to("sub")
    (root / "out").symlink_to("..")
    return root


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=40), st.lists(NAMES, max_size=8).map("/".join), st.lists(NAMES, max_size=8).map("".join)
    )
)
def test_a_path_that_is_allowed_lies_inside_and_opens_what_is_inside(tree: Path, text: str) -> None:
    try:
        place = locate(text, Access(folders=(str(tree),)))
        assert place.path.is_relative_to(tree)
        assert ".." not in place.parts
        file = in_folder(place, open_regular)
    except ToolError:
        return
    with os.fdopen(file, "rb") as opened:
        assert opened.read() == b"inside"


@given(st.one_of(st.text(max_size=200), st.lists(MARKUP, max_size=40).map("".join)))
def test_any_page_becomes_text_without_anything_unseen(document: str) -> None:
    page = page_text(document, "https://example.com/")
    for text in (page.title, page.text, *(part for link in page.links for part in link)):
        assert plain(text) == text
    assert all(address.startswith(("http://", "https://")) for _, address in page.links)


@pytest.mark.parametrize(
    "text", ["👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "می\u200cخواهم", "क्\u200dष", "喵\ufe0e"]
)
def test_joiners_and_selectors_that_scripts_and_emoji_need_are_kept(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200c\u200d\u200c",
        "\ufe00\ufe01",
        "\U000e0061\U000e0100",
        "\u200b\u2060\ufeff",
        "\u202e\u2066",
        "\ufffe\ufdd0",
        "\u3164\u17b4",
    ],
    ids=ascii,
)
def test_what_can_spell_an_unseen_message_is_left_out(unseen: str) -> None:
    assert plain(f"a{unseen}b") == "ab"
    assert page_text(f"<p>a{unseen}b</p>").text == "ab"
