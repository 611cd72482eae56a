"""A yes is kept for what a tool was: a server that says something else of it later, or is another one, is asked about."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from inference_worker.protocol.messages import Access, McpServer
from inference_worker.tools.mcp_servers.tools import all_tools, tools_of
from nyanko_desktop.conversations import migrations
from nyanko_desktop.permissions.toolbox import FixedOffer
from tests.controller.scene import Chat, play
from tests.mcp.reach import access, call, pool, server
from tests.permissions.test_asking import asked, over, waiting
from tests.support.asynchronous import bounded

PULLS = server("Pulls")


async def identity(opened: Access) -> str:
    with pool() as servers:
        ((tool,), _) = await all_tools(opened, servers)
    return tool.identity


@bounded
async def test_a_tool_is_the_same_after_a_restart_and_with_another_password_and_another_one_elsewhere() -> None:
    def other(**changes: object) -> Access:
        return access(msgspec.structs.replace(PULLS, **changes))

    first = await identity(access(PULLS))
    assert first == await identity(access(PULLS))
    assert await identity(other(environment={"A": "1"})) == await identity(other(environment={"A": "2"})) != first
    assert await identity(other(command=(*PULLS.command, "--more"))) != first
    assert await identity(other(folder="/")) != first


@bounded
@pytest.mark.parametrize("what", ["words", "schema", "hints"])
async def test_a_tool_of_which_something_else_is_said_is_another_one_and_in_no_turn_until_it_was_seen(
    what: str,
) -> None:
    opened = access(PULLS)
    with pool() as servers:
        ((before,), _) = await all_tools(opened, servers)
        seen = msgspec.structs.replace(opened, seen={"pulls__echo": before.identity})
        await call(servers, opened, "pulls__echo", text="nothing")
        assert list(await tools_of(seen, ["pulls__echo"], servers)) == ["pulls__echo"]
        await call(servers, opened, "pulls__echo", text=what)
        ((after,), _) = await all_tools(opened, servers)
        assert await tools_of(seen, ["pulls__echo"], servers) == {}
        assert list(await tools_of(opened, ["pulls__echo"], servers)) == ["pulls__echo"]
    assert before.identity != after.identity


def in_chat(folder: Path, scene: Callable[[Chat], Awaitable[None]], one: McpServer = PULLS) -> None:
    replies = {word: f"/pulls__echo {word}\nThat is it." for word in ("once", "words")}
    play(folder / "store.sqlite3", scene, replies=replies, offers=FixedOffer(("pulls__echo",), access(one)))


def test_a_grant_holds_until_the_server_says_something_else_of_the_tool_and_the_card_says_so(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        first = await asked(chat, "once")
        assert not first.changed
        chat.controller.allow(first.call_id, remember="always")
        await over(chat)
        chat.controller.new_conversation()  # the server's words stay with the one before
        assert waiting(await chat.ask("words")) is None, "the grant holds"
        chat.controller.new_conversation()
        changed = await asked(chat, "once")
        assert changed.changed
        assert [offer.remember for offer in changed.offers] == ["chat", "scope", "always"]
        chat.controller.allow(changed.call_id, remember="scope")
        await over(chat)
        (grant,) = await chat.permissions.grants()
        assert (grant.remember, grant.scope) == ("scope", "pulls"), "the yes to what the tool was is gone"
        chat.controller.new_conversation()
        assert waiting(await chat.ask("once")) is None

    in_chat(tmp_path, scene)


def test_a_grant_does_not_hold_for_another_command_of_the_same_name(tmp_path: Path) -> None:
    async def allow(chat: Chat) -> None:
        chat.controller.allow((await asked(chat, "once")).call_id, remember="always")
        await over(chat)

    async def other(chat: Chat) -> None:
        card = await asked(chat, "once")
        assert card.changed
        chat.controller.deny(card.call_id)
        await over(chat)

    in_chat(tmp_path, allow)
    in_chat(tmp_path, other, msgspec.structs.replace(PULLS, command=(*PULLS.command, "--more")))


def test_grants_of_a_time_when_nobody_kept_what_a_tool_was_hold_no_more(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "old.sqlite3")
    migrations.migrate(old, migrations.STEPS[:3])
    add = "INSERT INTO permission (tool, remember, granted) VALUES (?, 'always', 0)"
    old.executemany(add, [("pulls__echo",), ("read_file",)])
    migrations.migrate(old)
    assert old.execute("SELECT tool, identity FROM permission").fetchall() == [("read_file", "")]
    old.close()
