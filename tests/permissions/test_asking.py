"""Calls that wait for the person: a real store, the real supervisor, and a worker process that runs the real tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from inference_worker.protocol.messages import Access
from nyanko_desktop.chat.view_state import ApprovalView, ToolView, ViewState
from nyanko_desktop.permissions.toolbox import FixedOffer
from tests.controller.scene import Chat, play, text_of

TOOLS = (
    "calculate",
    "now",
    "remind",
    "read_file",
    "find_files",
    "write_file",
    "remember",
    "recall",
    "forget",
    "edit_reminder",
)
Scene = Callable[[Chat], Awaitable[None]]


def cards(state: ViewState) -> list[ToolView]:
    return [part for message in state.messages for part in message.parts if isinstance(part, ToolView)]


def waiting(state: ViewState) -> ApprovalView | None:
    return next((card.approval for card in cards(state) if card.approval is not None), None)


async def asked(chat: Chat, text: str) -> ApprovalView:
    """Send ``text``; the card with which the model's call waits."""
    assert await chat.controller.send(text)
    approval = waiting(await chat.until(lambda state: waiting(state) is not None))
    assert approval is not None
    return approval


async def over(chat: Chat) -> ViewState:
    return await chat.until(lambda state: not state.busy)


def home(folder: Path) -> Path:
    """An opened folder with two files, by its real path."""
    (folder / "open").mkdir()
    (folder / "open" / "milk.txt").write_text("buy milk\n")
    (folder / "open" / "tea.txt").write_text("buy tea\n")
    return (folder / "open").resolve()


def act(folder: Path, scene: Scene, **replies: str) -> None:
    """Play ``scene`` with a model that answers each question (a word) with the call that is given for it."""
    access = Access(folders=(str(folder / "open"),), undo=str(folder / "undo"))
    written = {question: f"{call}\nThat is it." for question, call in replies.items()}
    play(folder / "store.sqlite3", scene, replies=written, offers=FixedOffer(TOOLS, access))


def test_a_call_waits_with_all_that_it_would_do_and_runs_when_it_is_allowed(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        assert (approval.tool, approval.level, approval.scope) == ("write_file", "effect", str(folder / "new.txt"))
        assert ("content", "one\ntwo\n") in approval.arguments
        assert (approval.preview_kind, approval.sources) == ("diff", ())
        assert "+two" in approval.preview
        assert [offer.remember for offer in approval.offers] == ["chat", "scope", "always"]
        assert not (folder / "new.txt").exists()
        assert chat.controller.allow(approval.call_id)
        state = await over(chat)
        assert (folder / "new.txt").read_text() == "one\ntwo\n"
        (card,) = cards(state)
        assert (card.failed, card.can_undo, card.approval) == (False, True, None)
        assert "That is it." in text_of(state)
        (line,) = await chat.permissions.calls()
        assert (line.tool, line.allowed, line.decided_by, line.ended, line.failed) == (
            "write_file",
            True,
            "person",
            True,
            False,
        )

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "one\\ntwo\\n"}')


def test_a_call_that_is_denied_does_not_run_and_the_reply_goes_on(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        assert chat.controller.deny(approval.call_id)
        assert not chat.controller.allow(approval.call_id), "the first word holds"
        state = await over(chat)
        assert not (folder / "new.txt").exists()
        assert [card.failed for card in cards(state)] == [True]
        assert "That is it." in text_of(state)
        (line,) = await chat.permissions.calls()
        assert (line.allowed, line.decided_by, line.failed) == (False, "person", True)

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_a_grant_for_a_folder_holds_at_the_next_call_until_it_is_revoked(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "milk")
        assert chat.controller.allow(approval.call_id, remember="scope")
        await over(chat)
        (grant,) = await chat.permissions.grants()
        assert (grant.tool, grant.remember, grant.scope) == ("read_file", "scope", str(folder))
        state = await chat.ask("tea")
        assert "buy tea" in (cards(state)[-1].result or "")
        newest = (await chat.permissions.calls())[0]
        assert (newest.decided_by, newest.grant) == ("grant", grant.id)
        assert await chat.permissions.revoke(grant.id)
        approval = await asked(chat, "milk")
        chat.controller.deny(approval.call_id)
        await over(chat)

    act(tmp_path, scene, milk='/read_file {"path": "milk.txt"}', tea='/read_file {"path": "tea.txt"}')


def test_a_grant_for_a_chat_ends_with_the_chat(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "milk")
        chat.controller.allow(approval.call_id, remember="chat")
        first = (await over(chat)).current
        assert first is not None
        await chat.ask("milk")
        chat.controller.new_conversation()
        approval = await asked(chat, "milk")
        chat.controller.deny(approval.call_id)
        await over(chat)
        assert len(await chat.permissions.grants()) == 1
        await chat.controller.delete(first)
        assert await chat.permissions.grants() == ()
        told = [(line.tool, line.arguments) for line in await chat.permissions.calls()]
        assert told[1:] == [("read_file", {}), ("read_file", {})], "what was done stays, what was said goes"

    act(tmp_path, scene, milk='/read_file {"path": "milk.txt"}')


def test_after_words_of_others_an_earlier_yes_holds_no_more_and_the_card_names_them(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        chat.controller.allow(approval.call_id, remember="always")
        await over(chat)
        assert not (await chat.ask("write")).busy
        approval = await asked(chat, "milk")
        chat.controller.allow(approval.call_id, remember="always")
        await over(chat)
        await chat.ask("milk")  # what is private stays granted: reading more gives nothing away
        approval = await asked(chat, "write")
        assert approval.sources == (str(folder / "milk.txt"),)
        assert approval.offers == ()
        chat.controller.deny(approval.call_id)
        await over(chat)
        approval = await asked(chat, "remind")
        assert (approval.level, approval.sources) == ("keep", (str(folder / "milk.txt"),))
        chat.controller.allow(approval.call_id, remember="always")
        await over(chat)
        assert [grant.tool for grant in await chat.permissions.grants()] == ["read_file", "write_file"]
        chat.controller.new_conversation()
        await chat.ask("write")

    act(
        tmp_path,
        scene,
        write='/write_file {"path": "new.txt", "content": "x"}',
        milk='/read_file {"path": "milk.txt"}',
        remind="/remind 10m | tea",
    )


def test_harmless_calls_and_notes_for_the_person_ask_nobody_and_are_in_the_ledger(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        await chat.ask("six")
        await chat.ask("remind")
        lines = await chat.permissions.calls()
        assert [(line.tool, line.decided_by, line.allowed) for line in lines] == [
            ("remind", "level", True),
            ("calculate", "level", True),
        ]
        assert [line.tool for line in await chat.permissions.calls("6*7")] == ["calculate"]

    act(tmp_path, scene, six="/calculate 6*7", remind="/remind 10m | tea")


def test_a_call_outside_of_the_folders_fails_without_a_question(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        state = await chat.ask("steal")
        assert [card.failed for card in cards(state)] == [True]
        (line,) = await chat.permissions.calls()
        assert (line.allowed, line.decided_by) == (False, "refused")

    act(tmp_path, scene, steal='/read_file {"path": "/etc/passwd"}')


def test_a_stopped_turn_ends_the_question(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        await chat.controller.stop()
        state = await over(chat)
        assert waiting(state) is None
        assert not chat.controller.allow(approval.call_id)
        assert not (folder / "new.txt").exists()
        assert [line.decided_by for line in await chat.permissions.calls()] == ["unanswered"]

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_a_worker_that_is_lost_ends_the_question(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        await chat.worker.stop()
        state = await over(chat)
        assert waiting(state) is None
        assert state.messages[-1].status == "interrupted"
        assert not chat.controller.allow(approval.call_id)
        assert not (folder / "new.txt").exists()
        (line,) = await chat.permissions.calls()
        assert (line.allowed, line.decided_by) == (False, "unanswered")

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_of_a_question_that_the_end_of_the_app_ends_the_ledger_says_that_no_answer_came(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        await asked(chat, "write")
        await chat.hub.close()
        assert not (folder / "new.txt").exists()
        (line,) = await chat.permissions.calls()
        assert (line.allowed, line.decided_by) == (False, "unanswered")

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_a_conversation_that_is_deleted_ends_the_question(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        current = chat.controller.state.current
        assert current is not None
        assert await chat.controller.delete(current)
        await chat.hub.wait_for_reply(current)
        assert not chat.controller.allow(approval.call_id)
        assert not (folder / "new.txt").exists()

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_a_question_can_be_called_off_alone(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        assert await chat.controller.cancel_call(approval.call_id)
        state = await over(chat)
        assert [(card.failed, card.result) for card in cards(state)] == [(True, "error: stopped")]
        assert "That is it." in text_of(state)

    act(tmp_path, scene, write='/write_file {"path": "new.txt", "content": "x"}')


def test_what_was_written_is_taken_back_once_and_the_model_is_told(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        chat.controller.allow(approval.call_id)
        state = await over(chat)
        assert (folder / "milk.txt").read_text() == "x"
        assert await chat.controller.undo(approval.call_id)
        assert (folder / "milk.txt").read_text() == "buy milk\n"
        (card,) = cards(chat.controller.state)
        assert not card.can_undo
        assert "you took this back" in (card.result or "")
        assert state.current is not None
        reply = (await chat.store.messages(state.current))[-1]
        assert (reply.reply.ids, reply.status) == ((), "complete")

    act(tmp_path, scene, write='/write_file {"path": "milk.txt", "content": "x"}')


def test_a_file_that_changed_since_is_left_alone_and_the_reason_is_shown(tmp_path: Path) -> None:
    folder = home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "write")
        chat.controller.allow(approval.call_id)
        await over(chat)
        (folder / "milk.txt").write_text("mine")
        assert not await chat.controller.undo(approval.call_id)
        assert (folder / "milk.txt").read_text() == "mine"
        notice = chat.controller.state.notice
        assert notice is not None
        assert "changed since" in notice.reason
        assert cards(chat.controller.state)[0].can_undo

    act(tmp_path, scene, write='/write_file {"path": "milk.txt", "content": "x"}')


def test_notes_are_kept_after_a_question_and_found_without_one(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        approval = await asked(chat, "note")
        chat.controller.allow(approval.call_id)
        await over(chat)
        assert [note.text for note in await chat.notes.list("nyanko")] == ["likes green tea"]
        state = await chat.ask("recall")
        assert "likes green tea" in (cards(state)[-1].result or "")
        approval = await asked(chat, "forget")
        assert (approval.preview, approval.preview_kind) == ("likes green tea", "text")
        chat.controller.allow(approval.call_id)
        await over(chat)
        assert await chat.notes.list("nyanko") == ()

    act(tmp_path, scene, note="/remember likes green tea", recall="/recall TEA", forget="/forget green tea")


def test_the_card_says_which_reminder_a_call_would_change(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        reminder = await chat.reminders.add(datetime.now().astimezone() + timedelta(days=1), "water the plants")
        approval = await asked(chat, "later")
        assert approval.preview == f"#{reminder.id} {reminder.due.astimezone():%Y-%m-%d %H:%M} water the plants"
        chat.controller.allow(approval.call_id)
        await over(chat)
        assert [one.text for one in await chat.reminders.waiting()] == ["feed the cat"]

    act(tmp_path, scene, later="/edit_reminder 1 | 2h | feed the cat")
