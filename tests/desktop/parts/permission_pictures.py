"""Takes the pictures of permissions: ``python -m tests.desktop.parts.permission_pictures FOLDER [LANGUAGE [THEME]]``.

The program, its worker and its tools are the real ones; what the model says is a script (tests/bad_workers/scripted.py),
so that it makes the same calls each time. Runs on a desk (desk.sh), whose home is thrown away.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from nyanko_desktop.i18n import set_language, tr
from tests.desktop.parts import screen
from tests.desktop.parts.app import ROOT, App
from tests.desktop.parts.commands import run
from tests.desktop.parts.reader import ScreenReader
from tests.desktop.parts.screen import Window
from tests.desktop.parts.waiting import eventually

BUTTON: Final = "push button"
LOOK_SECONDS: Final = 0.7
"""The longest transition, the time for which a card hears nothing, and a little."""
START_SECONDS: Final = 40.0
"""For a worker or a server to start on a busy machine."""
QUICK_ASK: Final = "ctrl+alt+n"
BOOKS: Final = "# Books\\n- Solaris\\n- The Three-Body Problem (14.9)\\n- Roadside Picnic (14.9)\\n"
WRITE: Final = f'/write_file {{"path": "books.md", "content": "{BOOKS}"}}\n'
SCRIPT: Final = {
    "Put both books on my list": f"I add them to your list.\n{WRITE}Both are on your list now.",
    "What do 3 books at 14.9 cost with shipping?": "/calculate 3*14.9+6\nThat makes 50.7.",
    "Anything new in the shop?": (
        '/read_file {"path": "shops.md"}\n/fetch {"url": "https://books.example/new?list=science-fiction"}\n'
        "Then I leave it."
    ),
}

SERVERS: Final = """{"mcpServers": {
  "git": {"command": "uvx", "args": ["mcp-server-git", "--repository", "/home/lin/My notes"]},
  "issues": {"command": "docker", "args": ["run", "-i", "example/issues"], "env": {"TOKEN": "secret"}}
}}"""


class Photographer:
    """One run of the program; pictures of whichever of its windows is wanted."""

    def __init__(self, app: App, reader: ScreenReader, folder: Path) -> None:
        self._app, self._reader, self._folder = app, reader, folder

    def window(self, title: str, place: tuple[int, int] = (40, 40)) -> Window:
        """The window with this title (regular expression), once it shows."""
        window = eventually(lambda: screen.visible_windows_titled(title), f"{title} shows")[0]
        run("xdotool", "windowmove", window.id, *map(str, place))
        window.activate()
        return window

    def see(self, name: str, role: str | None = None) -> tuple[int, int]:
        """Where something of this name is, once it shows and can be pressed."""
        found = self._reader.find(self._app.pid, name, role, START_SECONDS)
        run("sleep", str(LOOK_SECONDS))
        return found.middle

    def click(self, name: str, role: str | None = None) -> None:
        self.see(name, role)
        screen.click(*self._reader.find(self._app.pid, name, role).middle)

    def ask(self, question: str) -> None:
        """Type into the field that has the focus."""
        screen.type_text(question)
        screen.press("Return")

    def write(self, field: str, text: str) -> None:
        """Put ``text`` into the field of this name, as if it were pasted."""
        self._reader.write(self._app.pid, field, text)

    def take(self, window: Window, name: str) -> None:
        """A picture of ``window``, the mouse out of the way."""
        run("xdotool", "mousemove", "2", "798")
        run("sleep", str(LOOK_SECONDS))
        run("import", "-window", window.id, str(self._folder / f"{name}.png"))


def main(folder: Path, language: str = "en", theme: str = "light") -> None:
    """Take all pictures, one after the other, in one run of the program."""
    set_language(language)
    folder.mkdir(parents=True, exist_ok=True)
    app = App(make_profile(language, theme), Path.home() / "logs")
    app.use_script(replies=SCRIPT, rate=40)
    with ScreenReader() as reader:
        try:
            app.start()
            take_all(Photographer(app, reader, folder))
        except AssertionError:
            screen.screenshot(folder / "gave-up.png")
            print(app.log)
            raise
        finally:
            app.clear_away()


def take_all(page: Photographer) -> None:
    take_chat(page)
    take_quick_ask(page)
    run("xdotool", "key", "Escape")
    page.window("Nyanko|喵.*|.* · Nyanko")
    screen.press("ctrl+comma")
    settings = page.window(tr("Settings") + " · Nyanko")
    page.click(tr("Permissions"))
    page.see(tr("Revoke") + ".*", BUTTON)
    page.take(settings, "grants")
    page.click(tr("Calls"))
    page.click(".*books.md.*", "list item")
    page.take(settings, "ledger")
    take_servers(page, settings)


def take_chat(page: Photographer) -> None:
    chat = page.window("Nyanko|喵.*")
    page.ask("What do 3 books at 14.9 cost with shipping?")
    page.see(".*50.7.*")
    page.ask("Put both books on my list")
    page.see(tr("Allow once"), BUTTON)
    page.take(chat, "approval-chat")
    page.click(tr("Allow for this folder"), BUTTON)
    page.see(tr("Undo"), BUTTON)


def take_quick_ask(page: Photographer) -> None:
    screen.press(QUICK_ASK)
    quick = page.window(tr("Quick-ask"), (300, 120))
    page.ask("Anything new in the shop?")
    page.click(tr("Allow in this chat"), BUTTON)
    page.see(".*books.example.*")
    page.see(tr("Allow once"), BUTTON)
    page.take(quick, "approval-quick-ask")
    page.click(tr("Don't allow"), BUTTON)


def take_servers(page: Photographer, settings: Window) -> None:
    page.click(tr("Servers (MCP)").replace("(", "\\(").replace(")", "\\)"))
    page.see(".*" + tr("is running"))
    page.click(tr("Show tools: {count}", count="\\d+") + ": .*", BUTTON)
    page.take(settings, "mcp")
    page.click(tr("Import servers"), BUTTON)
    page.write(tr("The mcpServers JSON of another program"), SERVERS)
    page.click(tr("Show what is in it"), BUTTON)
    page.click("git")
    page.take(settings, "mcp-import")


def make_profile(language: str, theme: str) -> Path:
    """A profile that opens one folder of notes to tools, and knows a server that runs and one that cannot."""
    profile, notes = Path.home() / "profile", Path.home() / "Notes"
    profile.mkdir()
    notes.mkdir()
    (notes / "books.md").write_text("# Books\n- Solaris\n")
    (notes / "shops.md").write_text("Look at https://books.example/new every Friday.\n")
    shelf = f'["{sys.executable}", "{ROOT / "tests/mcp/shelf.py"}", "Server"]'
    (profile / "settings.toml").write_text(
        f'version = 1\nlanguage = "{language}"\ntheme = "{theme}"\n[desktop]\ndesktop_entry = "no"\n'
        f'[tools]\nfolders = ["{notes}"]\nbeyond_training = true\n'
        f'[[tools.servers]]\nname = "echo"\nenabled = true\ncommand = {shelf}\n'
        '[[tools.servers]]\nname = "time"\nenabled = true\ncommand = ["mcp-server-time-is-not-here"]\n'
        '[[tools.servers]]\nname = "wiki"\nurl = "https://mcp.example/wiki"\nheaders = ["Authorization"]\n'
    )
    return profile


if __name__ == "__main__":
    assert "DESK_ID" in os.environ, (
        "bash tests/desktop/desk.sh .venv/bin/python -m tests.desktop.parts.permission_pictures"
    )
    main(Path(sys.argv[1]), *sys.argv[2:])
