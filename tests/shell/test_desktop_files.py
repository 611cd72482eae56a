"""Start at login and the desktop entry: real files in an empty home, read by the validator of freedesktop.org."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nyanko_desktop.shell import autostart, desktop_entry, launch

ROOT = Path(__file__).resolve().parents[2]
ODD = ("/opt/My Apps/ny$an`ko", 'a "b" \\c', "100%", "--profile", "/tmp/p q", "")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files of Linux desktops")


def validate(*files: Path) -> str:
    """What desktop-file-validate has to say; empty where it is not installed."""
    validator = shutil.which("desktop-file-validate")
    if validator is None:
        return ""
    return subprocess.run([validator, *files], capture_output=True, text=True, timeout=30).stdout


def test_starting_at_login_is_one_valid_file_that_comes_and_goes(home: Path) -> None:
    assert not autostart.is_enabled()
    autostart.enable(launch.command(home / "my profile", "--hidden"))
    (entry,) = (home / "config" / "autostart").iterdir()
    assert autostart.is_enabled()
    assert validate(entry) == ""
    assert f'--profile "{home}/my profile" --hidden' in entry.read_text()
    autostart.disable()
    autostart.disable()
    assert not autostart.is_enabled()


def test_an_exec_line_gives_back_every_argument(home: Path) -> None:
    """Read as the specification says: first the string's escapes, then the quotes."""
    entry = home / "x.desktop"
    entry.write_text(autostart.autostart_entry(ODD))
    assert validate(entry) == ""
    assert unquoted(launch.exec_line(ODD)) == list(ODD)


def unquoted(line: str) -> list[str]:
    string = line.replace("\\\\", "\\")
    arguments, word, inside, quoted = [], "", False, False
    chars = iter(string + " ")
    for char in chars:
        if char == '"':
            inside, quoted = not inside, True
        elif char == "\\" and inside:
            word += next(chars)
        elif char == " " and not inside:
            arguments += [word] if word or quoted else []
            word, quoted = "", False
        else:
            word += char
    return [argument.replace("%%", "%") for argument in arguments]


def test_the_agent_of_macos_is_a_property_list() -> None:
    read = plistlib.loads(autostart.agent(("nyanko", "--hidden")))
    assert read["ProgramArguments"] == ["nyanko", "--hidden"]
    assert read["RunAtLoad"]


def test_the_desktop_entry_comes_with_its_icons_and_goes_without_a_trace(home: Path) -> None:
    assert not desktop_entry.is_installed()
    desktop_entry.install(("/usr/bin/nyanko",))
    files = [path for path in home.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in files) == [".desktop", ".png", ".png", ".svg"]
    assert desktop_entry.is_installed()
    assert validate(home / "data" / "applications" / desktop_entry.FILE_NAME) == ""
    desktop_entry.remove()
    assert not any(path.is_file() for path in home.rglob("*"))


def test_an_entry_for_everybody_counts(home: Path) -> None:
    shared = home / "shared" / "applications" / desktop_entry.FILE_NAME
    shared.parent.mkdir(parents=True)
    shared.touch()
    assert desktop_entry.is_installed()


def test_the_entry_in_packaging_is_the_one_the_program_writes() -> None:
    packaged = ROOT / "packaging" / "linux" / desktop_entry.FILE_NAME
    assert packaged.read_text() == desktop_entry.entry_text(("nyanko",))
    assert validate(packaged) == ""


def test_the_program_names_its_profile_when_it_is_started_again(tmp_path: Path) -> None:
    script = tmp_path / "nyanko"
    script.touch()
    assert launch.program(str(tmp_path / "python")) == (str(script),)
    assert launch.command(tmp_path, "--hidden")[-3:] == ("--profile", str(tmp_path), "--hidden")
    assert "--profile" not in launch.command(None, "--hidden")
