"""Fixtures of the desktop stage: the desk, a screen reader, and programs that are checked when they end."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from nyanko_desktop.assets import embedded_model
from tests.desktop.parts import screen
from tests.desktop.parts.app import ROOT, App
from tests.desktop.parts.reader import ScreenReader

ARTEFACTS: Final = ROOT / "artefacts"
TEST_SECONDS: Final = 300
"""The longest takes a minute, because a reminder has no finer unit; a loaded machine may need some times that."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a desktop test; set before ``-m`` chooses."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.desktop)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(scope="session", autouse=True)
def desk() -> str:
    """The tray host of the desk that this run is on."""
    if "DESK_ID" not in os.environ:
        pytest.fail("desktop tests need a desk: bash tests/desktop/desk.sh .venv/bin/python -m pytest tests/desktop")
    return os.environ["TRAY"]


@pytest.fixture(scope="session")
def reader() -> Iterator[ScreenReader]:
    with ScreenReader() as reader:
        yield reader


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Keep a screenshot of this moment under ``artefacts/screenshots``."""
    return lambda name: screen.screenshot(ARTEFACTS / "screenshots" / f"{os.environ['TRAY']}-{name}.png")


@pytest.fixture
def new_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], App]]:
    """Makes programs, each with a profile of its own; what still runs at the end is quit and checked."""
    made: list[App] = []

    def make() -> App:
        folder = tmp_path / f"app-{len(made) + 1}"
        made.append(App(folder / "profile", folder / "logs"))
        return made[-1]

    yield make
    with ExitStack() as ends:
        for app in made:
            ends.callback(_keep_logs, request.node.name, app)
            ends.callback(app.clear_away)
        for app in made:
            _check_and_quit(app)


def _check_and_quit(app: App) -> None:
    foreign = app.foreign_modules()
    if app.running:
        app.quit()
    app.nothing_left()
    assert not foreign | app.foreign_modules(), "the program's process must never hold these"
    assert app.unexpected_log_lines() == []


def _keep_logs(test: str, app: App) -> None:
    """The log of the program and what it printed, beside those of the desk."""
    folder = ARTEFACTS / "desktop" / re.sub(r"\W+", "-", f"{os.environ['TRAY']}-{test}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / f"{app.profile.parent.name}.log").write_text(app.log)
    (folder / f"{app.profile.parent.name}-output.log").write_text(app.output)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A picture of the screen at the moment of a failure says more than its message."""
    report = yield
    if call.excinfo is not None and call.when == "call":
        name = re.sub(r"\W+", "-", item.name)
        screen.screenshot(ARTEFACTS / "screenshots" / f"failed-{os.environ.get('TRAY')}-{name}.png")
    return report


@pytest.fixture
def scripted(new_app: Callable[[], App]) -> App:
    """A program whose worker follows a script: says "I am a script." unless the test writes another one."""
    app = new_app()
    app.use_script()
    return app


@pytest.fixture
def embedded(new_app: Callable[[], App]) -> App:
    """The program as it is shipped: the real worker with the embedded model."""
    assert (embedded_model() / "model.safetensors").is_file(), "the embedded model is missing; make it with `make mini`"
    return new_app()
