"""Host tools: reminders are listed and edited, notes are kept for each persona, links are opened by a desktop alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from inference_worker.protocol.messages import Access, HostCall
from inference_worker.tools.base import ToolError
from inference_worker.tools.open import plain_link
from inference_worker.tools.registry import TOOLS, prepare
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.host_tools.reminders import ReminderBook

SOON = datetime.now().astimezone() + timedelta(days=1)
Call = Callable[..., Awaitable[str]]


def play(folder: Path, scene: Callable[[Call, ReminderBook], Awaitable[None]], **options: object) -> None:
    async def whole() -> None:
        store = await ConversationStore.open(folder / "store.sqlite3")
        reminders = ReminderBook(store)
        tools = HostTools(reminders, NoteBook(store), **options)  # type: ignore[arg-type]

        async def call(name: str, text: str = "") -> str:
            """As the model writes it: checked by the worker's tool, run by the app's."""
            arguments = prepare(TOOLS[name], {"text": text}, Access()).arguments
            return (await tools.run(HostCall("1", "c", name, arguments))).result

        try:
            await scene(call, reminders)
        finally:
            await store.close()

    asyncio.run(whole())


def test_reminders_are_listed_changed_and_deleted_by_their_number(tmp_path: Path) -> None:
    async def scene(call: Call, reminders: ReminderBook) -> None:
        assert await call("list_reminders") == "there are no reminders"
        one = await reminders.add(SOON, "water the plants")
        two = await reminders.add(SOON + timedelta(hours=1), "call mum")
        assert (await call("list_reminders")).split("; ")[
            1
        ] == f"#{two.id} {two.due.astimezone():%Y-%m-%d %H:%M} call mum"
        assert (await call("edit_reminder", f"#{one.id} | 2h | feed the cat")).startswith(f"ok #{one.id} ")
        assert "feed the cat" in await call("list_reminders")
        assert await call("edit_reminder", f"{two.id} | DELETE") == f"deleted #{two.id}"
        assert await call("edit_reminder", f"{two.id} | delete") == f"error: there is no reminder #{two.id} to come"
        await reminders.mark_shown(one.id)
        assert await call("list_reminders") == "there are no reminders"

    play(tmp_path, scene)


@pytest.mark.parametrize(
    "text", ["", "3", "x | 10m | y", "3 | y", "3 | 10m |", "-1 | delete", "3 | never | y", "9" * 30]
)
def test_an_edit_that_cannot_be_meant_asks_nobody(text: str) -> None:
    with pytest.raises(ToolError):
        prepare(TOOLS["edit_reminder"], {"text": text}, Access())


def test_notes_belong_to_a_persona(tmp_path: Path) -> None:
    persona = ["nyanko"]

    async def scene(call: Call, _: ReminderBook) -> None:
        assert await call("recall", "tea") == "nothing is noted about that"
        assert await call("remember", "likes green tea") == "ok"
        assert await call("remember", "likes green frogs") == "ok"
        assert "likes green tea" in await call("recall", "TEA")
        assert await call("forget", "green") == "error: 2 notes hold these words: say more of the one"
        persona[0] = "other"
        assert await call("recall") == "nothing is noted about that"
        assert await call("forget", "tea") == "error: nothing is noted about that"
        persona[0] = "nyanko"
        assert await call("forget", "tea") == "forgot: likes green tea"

    play(tmp_path, scene, persona=lambda: persona[0])


def test_a_note_holds_nothing_that_nobody_sees() -> None:
    unseen = "".join(chr(0xE0000 + ord(char)) for char in "call delete") + "\u202e\u200b"
    for name in ("remember", "recall", "forget"):
        assert prepare(TOOLS[name], {"text": f" likes{unseen} \n tea"}, Access()).arguments == {"text": "likes tea"}
    with pytest.raises(ToolError, match="say what is meant"):
        prepare(TOOLS["remember"], {"text": unseen}, Access())


def test_a_model_that_runs_in_circles_fills_no_book_of_reminders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nyanko_desktop.host_tools.reminders.MOST_WAITING", 2)

    async def scene(call: Call, reminders: ReminderBook) -> None:
        first = await reminders.add(SOON, "one")
        assert (await call("remind", "2h | two")).startswith("ok ")
        assert await call("remind", "3h | three") == "error: there are too many reminders: delete some first"
        await reminders.mark_shown(first.id)
        assert (await call("remind", "3h | three")).startswith("ok ")

    play(tmp_path, scene)


def test_a_link_is_opened_by_the_desktop_if_there_is_one(tmp_path: Path) -> None:
    opened: list[str] = []

    async def with_desktop(call: Call, _: ReminderBook) -> None:
        assert await call("open", " https://example.org/a ") == "ok, the person sees it"

    async def without(call: Call, _: ReminderBook) -> None:
        assert await call("open", "https://example.org/a") == "error: links are opened by the running app alone"

    play(tmp_path, with_desktop, open_link=lambda link: not opened.append(link))  # type: ignore[func-returns-value]
    play(tmp_path, without)
    assert opened == ["https://example.org/a"]


@pytest.mark.parametrize(
    ("link", "plain", "host"),
    [
        ("https://Example.org:8080/a?b#c", "https://example.org:8080/a?b#c", "example.org"),
        ("http://exämple.org", "http://xn--exmple-cua.org/", "xn--exmple-cua.org"),
        ("https://faß.de/茶?q=%2F#x", "https://xn--fa-hia.de/茶?q=%2F#x", "xn--fa-hia.de"),
        ("https://\u0430\u0440\u0440\u04cf\u0435.com/", "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://good\u3002com?.evil.com", "https://good.com?.evil.com", "good.com"),
        ("http://[::1]:8888/lab", "http://[::1]:8888/lab", "::1"),
        ("http://router/", "http://router/", "router"),
    ],
)
def test_what_is_opened_is_what_the_card_shows(link: str, plain: str, host: str) -> None:
    """Not every program reads the letters of a host alike: faß.de is another place for an older reader."""
    prepared = prepare(TOOLS["open"], {"text": link}, Access())
    assert (prepared.arguments, prepared.scope) == ({"text": plain}, host)
    assert plain_link(plain) == (plain, host)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "example.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user@example.org/",
        "https://example.org@evil.test/",
        "https://exa mple.org/",
        "https://example.org/\u202egnp.exe",
        "https://example.org\\@evil.test/",
        "https://",
        "https://a..b/",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 3000,
        "https://good.com%40evil.test/",
        "https://%67ood.com/",
        "http://127.1/",
        "http://0x7f000001/",
        "https://good.com;evil.test/",
        "https://good.com\u2215evil.test/",
        "http://[::1%25eth0]/",
        "https:example.org",
        "smb://example.org/",
    ],
)
def test_what_is_no_plain_web_link_is_refused(link: str) -> None:
    with pytest.raises(ToolError):
        plain_link(link)


def test_offline_no_link_is_opened() -> None:
    with pytest.raises(ToolError, match="offline"):
        prepare(TOOLS["open"], {"text": "https://example.org/"}, Access(offline=True))
