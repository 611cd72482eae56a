"""An endless chat with the real worker process and the embedded model: where memory begins, and what may move it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from inference_worker.chat.window import KEPT_SHARE, reply_room
from inference_worker.protocol.messages import Usage
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.chat.view_state import ViewState
from nyanko_desktop.conversations.models import Window
from nyanko_desktop.worker.command import worker_command
from nyanko_desktop.worker.residency import Choice
from tests.controller.scene import SHORT_REPLY, SYSTEM, Chat, opened, text_of

pytestmark = pytest.mark.timeout(400)
CONTEXT = 640
LARGER = 2048
TURNS = 20
"""Enough for the window to move twice."""
QUESTIONS = (
    "Hello, how are you today?",
    "Do you like fish?",
    "Tell me a story about the moon.",
    "你好呀，今天过得怎么样？",
)
Scene = Callable[[Chat], Awaitable[None]]


def load(context: int, folder: Path) -> Choice:
    return Choice(str(folder), "int8", "cpu", context)


def play(file: Path, choice: Choice | None, scene: Scene) -> None:
    async def whole() -> None:
        async with opened(file, load=False, command=worker_command()) as chat:
            if choice is not None:
                await chat.worker.load(choice)
            if chat.hub.conversations:
                assert await chat.controller.open(chat.hub.conversations[0].id)
            await scene(chat)

    asyncio.run(whole())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model with a template that shows it the system text; its own leaves that out."""
    folder = tmp_path_factory.mktemp("model") / "nyanko-mini"
    shutil.copytree(embedded_model(), folder)
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text())
    config["chat_template"] = config["chat_template"].replace(
        "{%- if message['role'] == 'user' -%}",
        "{%- if message['role'] == 'system' -%}{{ message['content'] }}{%- elif message['role'] == 'user' -%}",
    )
    file.write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def slid(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[ViewState]]:
    """A stored conversation of many turns, and what the window showed after each of them."""
    file = tmp_path_factory.mktemp("slid") / "conversations.sqlite3"
    states: list[ViewState] = []

    async def scene(chat: Chat) -> None:
        states.extend([await chat.ask(question) for question in islice(cycle(QUESTIONS), TURNS)])

    play(file, load(CONTEXT, model), scene)
    return file, states


@pytest.fixture
def file(slid: tuple[Path, list[ViewState]], tmp_path: Path) -> Path:
    """A copy of the conversation to go on with."""
    return Path(shutil.copy(slid[0], tmp_path / "conversations.sqlite3"))


def usage_of(state: ViewState) -> Usage:
    usage = state.messages[-1].usage
    assert usage is not None, state.messages[-1]
    return usage


async def window_of(chat: Chat) -> Window:
    stored = await chat.store.conversation(chat.controller.state.current or 0)
    assert stored is not None
    return stored.window


def test_it_slides_and_reuses_its_prefix_again_from_the_turn_after_the_move(slid: tuple[Path, list[ViewState]]) -> None:
    states = slid[1]
    starts = [state.memory_begins or 0 for state in states]
    assert starts == sorted(starts)
    assert len(set(starts)) >= 3
    assert all(state.messages[start].role == "user" for state, start in zip(states, starts, strict=True))
    assert all(usage_of(state).prompt_tokens <= CONTEXT - reply_room(CONTEXT) for state in states)
    for before, state in pairwise(states):
        if state.memory_begins == before.memory_begins:
            assert usage_of(state).reused_tokens >= usage_of(before).prompt_tokens
        else:
            assert usage_of(state).prompt_tokens <= KEPT_SHARE * CONTEXT


def test_the_fixed_part_stays_in_front_when_the_window_moves(slid: tuple[Path, list[ViewState]], model: Path) -> None:
    """What the prompts before and after a move have in common is the fixed part, and it is reused."""
    states = slid[1]
    fixed = len(Tokenizer.from_file(str(model / "tokenizer.json")).encode(SYSTEM).ids)
    moves = [after for before, after in pairwise(states) if after.memory_begins != before.memory_begins]
    assert len(moves) >= 2
    assert all(usage_of(state).reused_tokens >= fixed for state in moves)


def test_a_chat_that_is_opened_again_still_shows_where_memory_begins(
    file: Path, slid: tuple[Path, list[ViewState]]
) -> None:
    async def scene(chat: Chat) -> None:
        last = slid[1][-1]
        assert chat.controller.state.memory_begins == last.memory_begins
        assert len(chat.controller.state.messages) == len(last.messages)

    play(file, None, scene)


def test_continue_ask_again_and_edit_keep_the_window_or_open_it_again(file: Path, model: Path) -> None:
    async def scene(chat: Chat) -> None:
        kept = await window_of(chat)
        before = chat.controller.state
        begins = before.memory_begins or 0

        assert await chat.controller.resume()
        state = await chat.until(lambda s: not s.busy)
        assert text_of(state).startswith(text_of(before))
        assert usage_of(state).completion_tokens <= SHORT_REPLY
        assert (state.messages[-1].status, await window_of(chat)) == ("complete", kept)

        assert await chat.controller.retry()
        state = await chat.until(lambda s: not s.busy)
        assert (state.messages[-1].status, state.memory_begins, await window_of(chat)) == ("complete", begins, kept)

        assert await chat.controller.edit(state.messages[begins].id, "What is 6*7?")
        state = await chat.until(lambda s: not s.busy)
        assert (len(state.messages), state.memory_begins, await window_of(chat)) == (begins + 2, begins, kept)

        assert await chat.controller.edit(state.messages[2].id, "What is 6*8?")
        state = await chat.until(lambda s: not s.busy)
        assert (len(state.messages), state.memory_begins, await window_of(chat)) == (4, None, Window())

    play(file, load(CONTEXT, model), scene)


def test_a_model_with_a_longer_context_remembers_more_and_a_shorter_one_finds_its_own_window(
    file: Path, model: Path
) -> None:
    async def scene(chat: Chat) -> None:
        short = await window_of(chat)
        assert short.model == f"{model} {CONTEXT}"
        state = await chat.ask("And now?")
        assert (state.memory_begins, await window_of(chat)) == (None, Window())
        assert usage_of(state).prompt_tokens > CONTEXT

        await chat.worker.load(load(CONTEXT, model))
        state = await chat.ask("And now?")
        assert usage_of(state).prompt_tokens <= CONTEXT - reply_room(CONTEXT)
        assert state.memory_begins is not None
        assert await window_of(chat) == Window(state.messages[state.memory_begins].id, f"{model} {CONTEXT}")

        await chat.worker.free_memory()
        state = await chat.ask("Are you awake?")
        assert usage_of(state).prompt_tokens <= CONTEXT - reply_room(CONTEXT)

    play(file, load(LARGER, model), scene)
