"""A call that waits while no window is in sight is told of once, opens its conversation, and is taken back when answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.shell.call_notices import CallNotices
from tests.controller.scene import Chat
from tests.permissions.test_asking import act, asked, home, over

READ = '/read_file {"path": "milk.txt"}'


@dataclass
class Desktop:
    """Keeps what it was asked to show, and clicks."""

    seen: bool = False
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    waits: list[bool] = field(default_factory=list)
    click: Callable[[], object] = lambda: None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def show(self, title: str, text: str, key: str, on_click: Callable[[], object]) -> None:
        self.shown.append((title, text, key))
        self.click = on_click
        self.changed.set()

    async def withdraw(self, key: str) -> None:
        self.withdrawn.append(key)
        self.changed.set()

    def follow(self, chat: Chat) -> None:
        self.notices = CallNotices(chat.hub, self, lambda _: self.seen, self.opened.append, self.waits.append)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def told(chat: Chat) -> tuple[Desktop, ApprovalView]:
    """A desktop that was told of a call, which still waits."""
    desktop = Desktop()
    desktop.follow(chat)
    approval = await asked(chat, "read")
    await desktop.until(lambda: bool(desktop.shown))
    return desktop, approval


def test_a_call_that_nobody_sees_is_told_of_and_a_click_opens_its_conversation(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        desktop, approval = await told(chat)
        ((title, text, key),) = desktop.shown
        assert title == "Nyanko waits for your answer"
        assert text == "It wants to use read_file: that reads what is yours.\nread"
        desktop.click()
        assert desktop.opened == [chat.controller.state.current]
        assert chat.controller.allow(approval.call_id)
        await over(chat)
        await desktop.until(lambda: desktop.withdrawn == [key])
        assert len(desktop.shown) == 1

    act(tmp_path, scene, read=READ)


def test_an_app_that_ends_takes_its_notifications_away(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        desktop, _ = await told(chat)
        await desktop.notices.take_back()
        await desktop.notices.take_back()
        await chat.controller.stop()
        await over(chat)
        assert desktop.withdrawn == [desktop.shown[0][2]]

    act(tmp_path, scene, read=READ)


def test_a_turn_that_was_stopped_asks_nobody_any_more(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        desktop, _ = await told(chat)
        await chat.controller.stop()
        await over(chat)
        await desktop.until(lambda: len(desktop.withdrawn) == 1)

    act(tmp_path, scene, read=READ)


def test_who_sees_a_window_of_ours_is_told_nothing(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        desktop = Desktop(seen=True)
        desktop.follow(chat)
        approval = await asked(chat, "read")
        assert chat.controller.deny(approval.call_id)
        await over(chat)
        assert (desktop.shown, desktop.withdrawn) == ([], [])

    act(tmp_path, scene, read=READ)


def test_a_question_that_leaves_the_sight_is_told_of_then_and_once(tmp_path: Path) -> None:
    home(tmp_path)

    async def scene(chat: Chat) -> None:
        desktop = Desktop(seen=True)
        desktop.follow(chat)
        approval = await asked(chat, "read")
        assert desktop.waits == [True]
        assert desktop.notices.waiting() == chat.controller.state.current
        desktop.notices.look()
        assert desktop.shown == []
        desktop.seen = False
        desktop.notices.look()
        desktop.notices.look()
        await desktop.until(lambda: bool(desktop.shown))
        assert chat.controller.allow(approval.call_id)
        await over(chat)
        await desktop.until(lambda: len(desktop.withdrawn) == 1)
        assert len(desktop.shown) == 1
        assert desktop.waits == [True, False]
        assert desktop.notices.waiting() is None

    act(tmp_path, scene, read=READ)
