"""Takes the pictures of the model pages: ``python -m tests.desktop.parts.model_pictures FOLDER [LANGUAGE [THEME [PART…]]]``.

The program, its worker and its jobs are the real ones; the models are made up (picture_models.py), and the hub is one
on this machine with a slow line. Runs on a desk (desk.sh), whose home is thrown away.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from nyanko_desktop.i18n import set_language, tr
from tests.desktop.parts import screen
from tests.desktop.parts.app import App
from tests.desktop.parts.commands import run
from tests.desktop.parts.picture_models import write_hollow_model, write_random_model
from tests.desktop.parts.reader import Control, ScreenReader
from tests.desktop.parts.waiting import PATIENCE_SECONDS, eventually
from tests.support.fake_hub import fake_hub

BUTTON: Final = "push button"
"""As AT-SPI calls it; a label beside it may have the same name."""
LOAD_SECONDS: Final = 240.0
"""For loading or quantizing two gigabytes on a busy machine."""
TOO_MUCH: Final = 1.15
"""Size of the model that does not fit, against the memory that is free."""
REPOSITORY: Final = "example/random-0.3b"
LINE: Final = 12 * 2**20
"""Bytes a second that the hub sends."""
TRANSITION_SECONDS: Final = 0.4
"""The longest of the windows' own, and a little."""


class Photographer:
    """One run of the program with its settings window open."""

    def __init__(self, app: App, reader: ScreenReader, folder: Path) -> None:
        self._app, self._reader, self._folder = app, reader, folder
        self._app.start()
        eventually(lambda: screen.visible_windows_titled("Nyanko|喵.*"), "the chat window shows")[0].activate()
        screen.press("ctrl+comma")
        title = tr("Settings") + " · Nyanko"
        self._window = eventually(lambda: screen.visible_windows_titled(title), "the settings show")[0]
        run("xdotool", "windowmove", "--sync", self._window.id, "40", "40")

    def click(self, name: str, role: str | None = None) -> None:
        screen.click(*self._reader.find(self._app.pid, name, role).middle)

    def write(self, name: str, text: str) -> None:
        self._reader.write(self._app.pid, name, text)

    def see(self, name: str, seconds: float = PATIENCE_SECONDS) -> Control:
        """Wait until something of this name (regular expression) shows."""
        return self._reader.find(self._app.pid, name, seconds=seconds)

    def take(self, name: str) -> None:
        """A picture of the window, the mouse out of the way."""
        run("xdotool", "mousemove", "2", "798")
        run("sleep", str(TRANSITION_SECONDS))
        run("import", "-window", self._window.id, str(self._folder / f"{name}.png"))


@contextmanager
def running(profile: Path, reader: ScreenReader, folder: Path) -> Iterator[Photographer]:
    app = App(profile, profile.parent / f"{profile.name}-logs")
    try:
        yield Photographer(app, reader, folder)
    except AssertionError:
        screen.screenshot(folder / "gave-up.png")
        print(app.log)
        raise
    finally:
        app.clear_away()


def main(folder: Path, language: str = "en", theme: str = "light", *parts: str) -> None:
    """Take the pictures of ``parts`` (fits, quantizing, download), or all."""
    set_language(language)
    folder.mkdir(parents=True, exist_ok=True)
    here = Path.home() / "models"
    here.mkdir()
    look = f'version = 1\nlanguage = "{language}"\ntheme = "{theme}"\n[desktop]\ndesktop_entry = "no"\n'
    with ScreenReader() as reader:
        if "fits" in parts or not parts:
            too_much = int(TOO_MUCH * psutil.virtual_memory().available)
            wide = write_hollow_model(here / f"random-{too_much // 2_000_000_000}b", too_much)
            with running(_profile("wide", look, _model(wide, "fp16")), reader, folder) as page:
                take_what_fits(page)
        if "quantizing" in parts or not parts:
            large = write_random_model(here / "random-0.5b", layers=10)
            with running(_profile("large", look, _model(large, "int8")), reader, folder) as page:
                take_quantizing(page)
        if "download" in parts or not parts:
            with slow_hub(write_random_model(here / "random-0.3b", layers=4)) as endpoint:
                settings = f'[hub]\nendpoint = "{endpoint}"\n'
                with running(_profile("hub", look, settings), reader, folder) as page:
                    take_download(page)


def take_what_fits(page: Photographer) -> None:
    page.see(tr("Take {precision}, which fits", precision=".*"), LOAD_SECONDS)
    page.see("fp16, .*")
    page.take("model-does-not-fit")
    page.click(tr("Take {precision}, which fits", precision=".*"))
    page.see(tr("Now: loading {percent} %", percent="[1-9].*"), LOAD_SECONDS)
    page.take("model-fits")


def take_quantizing(page: Photographer) -> None:
    page.see(tr("Now: {precision} on {device}, {size}", precision="int8", device=".*", size=".*"), LOAD_SECONDS)
    page.click(tr("Quantize {precision} once", precision="int8"), BUTTON)
    page.see(".*" + tr("quantizing") + ".*MB/s.*", LOAD_SECONDS)
    page.take("model-quantizing")
    page.see("int8, .*" + tr("quantized copy on the disk"), LOAD_SECONDS)
    page.take("model-resident")
    page.click(tr("Free the memory now"))
    page.see(tr("Asleep: memory given back"))
    page.take("model-asleep")


def take_download(page: Photographer) -> None:
    page.see(tr("Now: {precision} on {device}, {size}", precision="int8", device=".*", size=".*"), LOAD_SECONDS)
    page.click(tr("Models"))
    page.click(tr("More models"))
    page.write(tr("Search, or the name of any repository: OWNER/NAME"), REPOSITORY)
    page.click(tr("Download"), BUTTON)
    page.see(".*" + tr("{done} of {total}", done="[1-4]\\d\\d MB", total=".*"), LOAD_SECONDS)
    page.click(tr("On this computer"))
    page.see("nyanko-mini, " + tr("answers · {state}", state=".*int8.*"), LOAD_SECONDS)
    page.take("model-downloading")


@contextmanager
def slow_hub(model: Path) -> Iterator[str]:
    """The endpoint of a hub that has ``model`` as :data:`REPOSITORY`."""
    files = {}
    for path in model.iterdir():
        with path.open("rb") as file:
            files[path.name] = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    with fake_hub(files) as hub:  # type: ignore[arg-type]
        hub.repository, hub.bytes_a_second = REPOSITORY, LINE
        yield hub.endpoint


def _profile(name: str, *settings: str) -> Path:
    folder = Path.home() / name
    folder.mkdir()
    (folder / "settings.toml").write_text("".join(settings))
    return folder


def _model(path: Path, precision: str) -> str:
    return f'[model]\npath = "{path}"\nprecision = "{precision}"\nfolders = ["{path}"]\n'


if __name__ == "__main__":
    assert "DESK_ID" in os.environ, "bash tests/desktop/desk.sh .venv/bin/python -m tests.desktop.parts.model_pictures"
    main(Path(sys.argv[1]), *sys.argv[2:])
