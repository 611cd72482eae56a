"""Notifications: to the desktop's service, else to the tray, else an error that is tried again."""

from __future__ import annotations

import pytest

from nyanko_desktop.shell.notifier import Notifier
from tests.shell.conftest import Run
from tests.shell.fake_bus import Answer, FakeBus


def serve(bus: FakeBus, abilities: tuple[str, ...]) -> None:
    def notify(_program: str, replaces: int, *_rest: object) -> Answer:
        return "u", (replaces or 42,)

    bus.services |= {"Notify": notify, "GetCapabilities": lambda: ("as", (list(abilities),))}


def test_a_notification_reaches_the_service_and_is_replaced_by_its_key(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body",))
            notifier = Notifier()
            await notifier.show("提醒", "喝水 <now>", "reminder-1")
            await notifier.show("提醒", "喝茶", "reminder-1")
        first, second = bus.called_with("Notify")
        assert first[:5] == ("Nyanko", 0, "io.github.nyanko_desktop.Nyanko", "提醒", "喝水 <now>")
        assert second[1] == 42

    run(work())


def test_a_service_that_reads_markup_gets_none_of_ours(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "body-markup"))
            await Notifier().show("Reminder", "1 < 2 & <b>", "k")
        assert bus.called_with("Notify")[0][4] == "1 &lt; 2 &amp; &lt;b&gt;"

    run(work())


def test_with_neither_service_nor_tray_it_says_so(run: Run, bus: FakeBus) -> None:
    with pytest.raises(OSError, match="neither"):
        run(Notifier().show("Reminder", "tea", "k"))
