"""The pages of grants, calls and notes: a real store below, views above."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from inference_worker.protocol.messages import ToolCalled, ToolFinished
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.host_tools.notes import NoteBook
from nyanko_desktop.permissions import tables
from nyanko_desktop.permissions.controller import PermissionsController
from nyanko_desktop.permissions.permissions import SHOWN_CALLS, Answer, Permissions, TurnCalls
from nyanko_desktop.permissions.view import PermissionsView

FETCH = ToolCalled("1", "c", "fetch", {"url": "https://example.org/"}, needs_decision=True, scope="example.org")
Scene = Callable[[PermissionsController, Permissions, NoteBook], Awaitable[None]]


def play(folder: Path, scene: Scene) -> None:
    async def whole() -> None:
        store = await ConversationStore.open(folder / "store.sqlite3")
        permissions, notes = Permissions(store), NoteBook(store)
        controller = PermissionsController(permissions, notes, lambda: "nyanko")
        try:
            await scene(controller, permissions, notes)
        finally:
            controller.close()
            await store.close()

    asyncio.run(whole())


async def made(permissions: Permissions, called: ToolCalled) -> None:
    """One call that ran after a yes for its scope."""

    async def yes(_: object) -> Answer:
        return Answer(True, remember="scope")

    calls = TurnCalls(permissions, yes)
    assert (await calls.decide(called)).allowed
    finished = ToolFinished("1", called.call_id, called.name, "x" * 100, False, 0.5, hosts=("example.org",))
    await calls.ended(finished)
    await calls.close()


def test_grants_are_listed_with_their_last_use_and_revoked(tmp_path: Path) -> None:
    async def scene(controller: PermissionsController, permissions: Permissions, _: NoteBook) -> None:
        told: list[PermissionsView] = []
        controller.subscribe(told.append)
        await made(permissions, FETCH)
        await controller.refresh()
        (grant,) = controller.view.grants
        assert (grant.tool, grant.level, grant.remember, grant.scope) == ("fetch", "network", "scope", "example.org")
        assert grant.used is None
        await made(permissions, FETCH)
        await controller.refresh()
        (grant,) = controller.view.grants
        assert grant.used is not None
        await controller.revoke(grant.id)
        assert told[-1].grants == ()

    play(tmp_path, scene)


def test_the_ledger_is_shown_and_searched(tmp_path: Path) -> None:
    async def scene(controller: PermissionsController, permissions: Permissions, _: NoteBook) -> None:
        await made(permissions, FETCH)
        await controller.refresh()
        (call,) = controller.view.calls
        assert (call.allowed, call.decided_by, call.ended, call.failed) == (True, "person", True, False)
        assert (call.result_size, call.seconds, call.hosts) == (100, 0.5, ("example.org",))
        assert call.arguments == (("url", "https://example.org/"),)
        await controller.search("EXAMPLE fetch")
        assert len(controller.view.calls) == 1
        await controller.search("elsewhere")
        assert (controller.view.calls, controller.view.query) == ((), "elsewhere")

    play(tmp_path, scene)


def test_the_ledger_counts_all_calls_and_shows_older_ones_on_request(tmp_path: Path) -> None:
    async def scene(controller: PermissionsController, permissions: Permissions, _: NoteBook) -> None:
        for tool in ("fetch", "search") * (SHOWN_CALLS // 2 + 1):
            await permissions.begin(msgspec.structs.replace(FETCH, name=tool), Answer(True), None)
        await controller.refresh()
        assert (len(controller.view.calls), controller.view.count) == (SHOWN_CALLS, SHOWN_CALLS + 2)
        await controller.show_older()
        assert (len(controller.view.calls), controller.view.count) == (SHOWN_CALLS + 2, SHOWN_CALLS + 2)
        await controller.search("search")
        assert {call.tool for call in controller.view.calls} == {"search"}
        assert controller.view.count == len(controller.view.calls) == SHOWN_CALLS // 2 + 1

    play(tmp_path, scene)


def test_a_call_that_runs_when_its_turn_ends_has_ended_before_it_answered(tmp_path: Path) -> None:
    async def scene(_: PermissionsController, permissions: Permissions, __: NoteBook) -> None:
        async def says(allowed: bool) -> Answer:
            return Answer(allowed)

        calls = TurnCalls(permissions, lambda view: says(view.call_id == "runs"))
        await calls.decide(msgspec.structs.replace(FETCH, call_id="denied"))
        await calls.decide(msgspec.structs.replace(FETCH, call_id="runs"))
        assert [call.ended for call in await permissions.calls()] == [False, False]
        await calls.close()
        told = [(call.call_id, call.ended, call.failed, call.cut_off) for call in await permissions.calls()]
        assert told == [("runs", True, True, "lost"), ("denied", False, False, "")]

    play(tmp_path, scene)


def test_how_a_call_ended_that_a_dead_program_left_open_is_not_known(tmp_path: Path) -> None:
    async def begun(_: PermissionsController, permissions: Permissions, __: NoteBook) -> None:
        await permissions.begin(FETCH, Answer(True), None)
        await permissions.begin(FETCH, Answer(False), None)
        others = await ConversationStore.open(tmp_path / "store.sqlite3")
        assert [call.cut_off for call in await Permissions(others).calls()] == ["", ""], "somebody may still run it"
        await others.close()

    async def later(controller: PermissionsController, _: Permissions, __: NoteBook) -> None:
        await controller.refresh()
        told = [(call.allowed, call.ended, call.failed, call.cut_off) for call in controller.view.calls]
        assert told == [(False, False, False, ""), (True, True, True, "unknown")]

    play(tmp_path, begun)
    play(tmp_path, later)


def test_the_ledger_keeps_long_arguments_short_and_forgets_the_oldest(tmp_path: Path) -> None:
    async def scene(_: PermissionsController, permissions: Permissions, __: NoteBook) -> None:
        long = ToolCalled("1", "c", "write_file", {"content": "x" * 50_000, "n": [1, 2]}, needs_decision=False)
        line = await permissions.begin(long, Answer(True), None)
        (call,) = await permissions.calls()
        assert len(call.arguments["content"]) < tables.LONGEST_VALUE + 20
        assert call.arguments["n"] == "[1,2]"
        last = line + tables.MOST_CALLS
        await permissions._store.work(
            lambda sql: sql.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'call'", (last,))
        )
        await permissions.begin(FETCH, Answer(True), None)
        assert [call.tool for call in await permissions.calls()] == ["fetch"]

    play(tmp_path, scene)


def test_notes_are_read_edited_and_deleted(tmp_path: Path) -> None:
    async def scene(controller: PermissionsController, _: Permissions, notes: NoteBook) -> None:
        note = await notes.add("nyanko", "likes  green tea")
        assert await notes.add("nyanko", "likes green tea") == note, "nothing is noted twice"
        await notes.add("other", "somebody else's")
        await controller.refresh()
        assert [n.text for n in controller.view.notes] == ["likes green tea"]
        await controller.edit_note(note.id, "likes black tea")
        assert [n.text for n in controller.view.notes] == ["likes black tea"]
        await controller.delete_note(note.id)
        assert controller.view.notes == ()

    play(tmp_path, scene)
