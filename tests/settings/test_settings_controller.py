"""The settings as a window sees them: a real file below, a host that answers as it is told, a desktop that may refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import DeviceInfo, Estimate, MemoryPlanned, PlanMemory
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.settings.controller import SettingsController
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.view import DesktopView, HotkeyState, SettingsView
from nyanko_desktop.worker.state import WorkerState
from tests.support.asynchronous import bounded

CPU = DeviceInfo("cpu", "CPU", 100, 60)
ESTIMATE = Estimate("int8", weights=10, cache=3, overhead=2, fits=True)


class Host:
    """Holds a model; only folders whose name begins with ``model`` are any."""

    def __init__(self) -> None:
        self.state = WorkerState("empty")
        self.asked: list[PlanMemory] = []
        self.freed = 0
        self._listener: Callable[[WorkerState], None] = lambda _: None

    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]:
        self._listener = callback
        return lambda: None

    def become(self, state: WorkerState) -> None:
        self.state = state
        self._listener(state)

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        self.asked.append(command)
        path = command.path
        if path != str(embedded_model()) and not Path(path).name.startswith("model"):
            raise RequestError(ErrorCode.NOT_A_MODEL, path=path, reason="there is no config.json")
        return MemoryPlanned("x", "cpu", 60, 1024, (ESTIMATE,))

    async def devices(self) -> tuple[DeviceInfo, ...]:
        return (CPU,)

    async def free_memory(self) -> None:
        self.freed += 1


class Desktop:
    """Refuses while ``refusal`` says why."""

    def __init__(self) -> None:
        self.refusal = ""
        self.state = DesktopView()

    def view(self) -> DesktopView:
        return self.state

    def set_start_at_login(self, wanted: bool) -> None:
        self._refuse()
        self.state = DesktopView(starts_at_login=wanted)

    def set_desktop_entry(self, wanted: bool) -> None:
        self._refuse()
        self.state = DesktopView(entry_installed=wanted)

    def _refuse(self) -> None:
        if self.refusal:
            raise OSError(self.refusal)


class Desk:
    """A controller with everything around it."""

    def __init__(self, profile: Path) -> None:
        self.store = SettingsStore(profile / "settings.toml")
        self.host = Host()
        self.desktop = Desktop()
        self.controller = SettingsController(self.store, self.host, self.desktop, profile / "cache")
        self.views: list[SettingsView] = []
        self.controller.subscribe(self.views.append)

    @property
    def view(self) -> SettingsView:
        return self.controller.view


@bounded
async def test_opening_asks_for_devices_and_estimates(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.controller.refresh()
    assert desk.view.devices == (CPU,)
    assert desk.view.plan is not None
    assert [(p.precision, p.total, p.fits) for p in desk.view.plan.precisions] == [("int8", 15, True)]
    assert any(view.planning for view in desk.views)
    assert not desk.view.planning


@bounded
async def test_a_folder_that_holds_a_model_joins_the_list_and_is_chosen(tmp_path: Path) -> None:
    desk, folder = Desk(tmp_path), tmp_path / "model-a"
    folder.mkdir()
    await desk.controller.add_folder(str(folder))
    assert desk.store.current.model.path == str(folder)
    assert [(m.name, m.chosen) for m in desk.view.models] == [("nyanko-mini", False), ("model-a", True)]
    desk.controller.remove_folder(str(folder))
    assert [(m.name, m.chosen) for m in desk.view.models] == [("nyanko-mini", True)]
    assert folder.exists(), "only the list forgets it"


@bounded
async def test_a_folder_that_is_no_model_changes_nothing_and_is_explained(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.controller.add_folder("/pictures")
    assert desk.view.notice is not None
    assert "there is no config.json" in desk.view.notice.reason
    assert len(desk.view.models) == 1
    desk.controller.dismiss_notice()
    assert desk.view.notice is None


@bounded
async def test_a_chosen_folder_that_went_away_says_so_in_the_list_and_below(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[model]\npath = "/gone"\n')
    desk = Desk(tmp_path)
    gone = next(m for m in desk.view.models if m.path == "/gone")
    assert gone.problem is not None
    assert gone.problem.code == "model_not_found"
    await desk.controller.refresh()
    assert desk.view.plan_problem is not None
    assert desk.view.plan is None


@bounded
async def test_another_device_is_estimated_anew_and_another_precision_is_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.controller.choose_precision("fp16")
    assert desk.host.asked == []
    desk.controller.choose_device("cpu")
    await desk.controller.refresh()
    assert desk.host.asked[-1].device == "cpu"
    assert (desk.store.current.model.precision, desk.store.current.model.device) == ("fp16", "cpu")


@bounded
async def test_every_choice_is_in_the_file_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.controller.choose_language("zh_CN")
    desk.controller.choose_theme("dark")
    desk.controller.choose_hotkey("Ctrl+Alt+K")
    desk.controller.set_close_to_tray(False)
    again = SettingsStore(tmp_path / "settings.toml").current
    assert (again.language, again.theme, again.hotkey.quick_ask) == ("zh_CN", "dark", "Ctrl+Alt+K")
    assert not again.desktop.close_to_tray


@bounded
async def test_what_the_desktop_refuses_is_said_and_not_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.desktop.refusal = "read-only folder"
    desk.controller.set_start_at_login(True)
    assert desk.view.notice is not None
    assert "read-only folder" in desk.view.notice.reason
    assert not desk.store.current.desktop.start_at_login
    desk.desktop.refusal = ""
    desk.controller.set_start_at_login(True)
    assert desk.view.desktop.starts_at_login
    assert desk.view.notice is None


@bounded
async def test_the_answer_about_the_desktop_entry_is_remembered(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.controller.set_desktop_entry(True)
    assert desk.store.current.desktop.desktop_entry == "yes"
    desk.controller.set_desktop_entry(False)
    assert desk.store.current.desktop.desktop_entry == "no"


@bounded
async def test_keys_that_the_file_cannot_hold_are_refused_in_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.controller.choose_hotkey("Ctrl+" + "x" * 60)
    assert desk.view.notice is not None
    assert desk.store.current.hotkey.quick_ask == "Ctrl+Alt+N"


@bounded
async def test_what_the_worker_and_the_hotkey_do_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.host.become(WorkerState("loading", progress=0.5))
    desk.controller.set_hotkey_state(HotkeyState("taken", "Ctrl+Alt+N", "because"))
    assert (desk.view.worker.progress, desk.view.hotkey.kind) == (0.5, "taken")
    await desk.controller.free_memory()
    assert desk.host.freed == 1


@bounded
async def test_the_estimate_that_is_overtaken_is_dropped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = desk.controller.refresh()
    await desk.controller.refresh()
    assert first.cancelled()
    assert not desk.view.planning
    desk.controller.close()
