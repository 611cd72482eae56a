"""What another program stored in the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from nyanko_desktop.conversations.store import ConversationStore
from tests.controller.scene import Chat, play


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.sqlite3"


def test_a_conversation_that_another_program_stored_shows_after_a_refresh(file: Path) -> None:
    async def scene(chat: Chat) -> None:
        other = await ConversationStore.open(file)
        try:
            await other.begin_turn(None, "Elsewhere", "asked elsewhere")
        finally:
            await other.close()
        assert chat.controller.state.conversations == ()
        assert await chat.controller.refresh()
        assert [c.title for c in chat.controller.state.conversations] == ["Elsewhere"]

    play(file, scene)
