"""Whether there is a display, before Qt is asked, which would abort."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nyanko_desktop.__main__ import main
from nyanko_desktop.shell.display import has_display


def test_without_any_display_it_says_what_works_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["--profile", str(tmp_path / "p")]) == 1
    assert "nyanko chat" in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("number", [59_871, 59_872])
def test_an_x_server_that_does_not_answer_is_no_display(number: int) -> None:
    assert not has_display({"DISPLAY": f":{number}"})
    assert not has_display({"DISPLAY": f"unix:{number}.0"})


def test_an_x_server_that_answers_is_one() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X59873")
        server.listen()
        assert has_display({"DISPLAY": ":59873"})


@pytest.mark.parametrize(
    "environ", [{"DISPLAY": "far.example:0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}]
)
def test_what_cannot_be_asked_cheaply_is_left_to_qt(environ: dict[str, str]) -> None:
    assert has_display(environ)
