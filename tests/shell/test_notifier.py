"""Notifications: to the desktop's service, else to the tray, else an error that is tried again."""

from __future__ import annotations

import asyncio

import pytest

from nyanko_desktop.shell.notifier import EXPIRED, Notifier
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


def click(bus: FakeBus, number: int, member: str = "ActionInvoked", more: object = "default") -> None:
    signature = "us" if member == "ActionInvoked" else "uu"
    bus.emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications", member, signature, number, more)


def test_a_click_is_heard_once_and_only_that_of_its_own_notification(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            notifier, clicked, clicks = Notifier(), asyncio.Event(), []

            def on_click() -> None:
                clicks.append(1)
                clicked.set()

            await notifier.show("Nyanko waits", "read_file", "call-1", on_click)
            assert bus.called_with("Notify")[0][5] == ["default", "Open"]
            click(bus, 7)
            click(bus, 42)
            click(bus, 42)
            await clicked.wait()
            notifier.close()
        assert clicks == [1]

    run(work())


def test_a_service_that_knows_no_actions_gets_none(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body",))
            notifier = Notifier()
            await notifier.show("Nyanko waits", "read_file", "call-1", lambda: None)
            assert bus.called_with("Notify")[0][5] == []
            notifier.close()

    run(work())


def test_what_is_no_news_any_more_is_taken_away(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            bus.services["CloseNotification"] = lambda _number: ("", ())
            notifier = Notifier()
            await notifier.show("Nyanko waits", "read_file", "call-1", lambda: pytest.fail("nobody clicked"))
            await notifier.withdraw("call-1")
            await notifier.withdraw("call-1")
        assert bus.called_with("CloseNotification") == [(42,)]

    run(work())


def test_it_is_taken_away_by_the_sender_that_showed_it(run: Run, bus: FakeBus) -> None:
    """GNOME's daemon answers "Invalid notification ID" to any other one."""

    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            bus.services["CloseNotification"] = lambda _number: ("", ())
            notifier = Notifier()
            await notifier.show("Nyanko waits", "read_file", "call-1", lambda: None)
            await notifier.withdraw("call-1")
        (shown,) = (connection for member, connection in bus.came_by if member == "Notify")
        assert ("CloseNotification", shown) in bus.came_by

    run(work())


def test_one_that_is_only_about_to_be_shown_is_taken_away_too(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            bus.services["CloseNotification"] = lambda _number: ("", ())
            notifier = Notifier()
            shows = asyncio.create_task(notifier.show("Nyanko waits", "read_file", "call-1", lambda: None))
            await asyncio.sleep(0)
            await notifier.withdraw("call-1")
            await shows
        assert [member for member, _ in bus.calls][-2:] == ["Notify", "CloseNotification"]

    run(work())


@pytest.mark.parametrize(("member", "reason"), [("ActionInvoked", "default"), ("NotificationClosed", EXPIRED)])
def test_one_that_was_clicked_or_has_expired_may_still_be_in_a_list_and_is_taken_away(
    run: Run, bus: FakeBus, member: str, reason: object
) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            bus.services["CloseNotification"] = lambda _number: ("", ())
            notifier, clicked = Notifier(), asyncio.Event()
            await notifier.show("Nyanko waits", "read_file", "call-1", clicked.set)
            click(bus, 42, member, reason)
            click(bus, 42)
            await clicked.wait()
            await notifier.withdraw("call-1")
        assert bus.called_with("CloseNotification") == [(42,)]

    run(work())


def test_one_that_the_person_dismissed_is_left_alone(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            notifier = Notifier()
            await notifier.show("Nyanko waits", "read_file", "call-1", lambda: None)
            heeds = notifier._heeded["call-1"].task
            click(bus, 42, "NotificationClosed", 2)
            await heeds
            await notifier.withdraw("call-1")
        assert bus.called_with("CloseNotification") == []

    run(work())


def test_of_two_with_one_key_the_later_takes_the_place_of_the_earlier(run: Run, bus: FakeBus) -> None:
    async def work() -> None:
        async with bus:
            serve(bus, ("body", "actions"))
            bus.services["CloseNotification"] = lambda _number: ("", ())
            notifier, clicked = Notifier(), asyncio.Event()
            await notifier.show("Nyanko waits", "read_file", "call-1", lambda: pytest.fail("it was replaced"))
            await notifier.show("Nyanko waits", "write_file", "call-1", clicked.set)
            click(bus, 42)
            await clicked.wait()
            await notifier.withdraw("call-1")
        assert [body[1] for body in bus.called_with("Notify")] == [0, 42]
        assert bus.called_with("CloseNotification") == [(42,)]

    run(work())


def test_with_neither_service_nor_tray_a_clickable_one_says_so_too(run: Run, bus: FakeBus) -> None:
    with pytest.raises(OSError, match="neither"):
        run(Notifier().show("Nyanko waits", "read_file", "k", lambda: None))
