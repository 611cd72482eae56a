"""The same chat on Qt's event loop, as the app runs it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QApplication

from nyanko_desktop.app_link import find_app
from nyanko_desktop.paths import profile_paths
from nyanko_desktop.shell.loop import NyankoLoop
from tests.controller.scene import opened, text_of
from tests.instance.app_process import serving


def test_a_question_is_answered_and_the_instance_found_on_qts_loop(qapp: QApplication, tmp_path: Path) -> None:
    paths = profile_paths(tmp_path / "profile")

    async def scene() -> None:
        async with opened(tmp_path / "store.sqlite3", default="/calculate 6*7\nIt is 42.") as chat:
            assert text_of(await chat.ask("6*7?")) == "It is 42."
        shown: list[str] = []
        async with serving(paths, shown, load=False):
            link = await find_app(paths)
            assert link is not None
            await link.show()
            await link.close()
        assert shown == ["window"]

    with asyncio.Runner(loop_factory=lambda: NyankoLoop(qapp)) as runner:
        runner.run(scene())
