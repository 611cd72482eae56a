"""What is set right before there is an application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from nyanko_desktop.i18n import set_language
from nyanko_desktop.shell.bootstrap import input_method_fix, translate_qt, write_crashes_to

PORTAL = {"QT_IM_MODULE": "ibus", "IBUS_USE_PORTAL": "1"}


@pytest.mark.parametrize(
    "environ",
    [
        {"QT_IM_MODULE": "fcitx"},
        {"QT_IM_MODULE": "fcitx5"},
        {"XMODIFIERS": "@im=fcitx"},
        {"QT_IM_MODULE": "xim", "XMODIFIERS": "@im=fcitx"},
    ],
)
def test_people_with_fcitx_get_the_portal(environ: dict[str, str], tmp_path: Path) -> None:
    assert input_method_fix(environ, tmp_path) == PORTAL


@pytest.mark.parametrize(
    "environ", [{}, {"QT_IM_MODULE": "ibus"}, {"XMODIFIERS": "@im=ibus"}, {"QT_IM_MODULE": "compose"}]
)
def test_everybody_else_is_left_alone(environ: dict[str, str], tmp_path: Path) -> None:
    assert input_method_fix(environ, tmp_path) == {}


def test_a_list_of_modules_keeps_its_other_entries(tmp_path: Path) -> None:
    fix = input_method_fix({"QT_IM_MODULES": "wayland;fcitx;compose"}, tmp_path)
    assert fix == {**PORTAL, "QT_IM_MODULES": "wayland;ibus;compose"}


def test_a_qt_with_an_fcitx_plugin_needs_no_fix(tmp_path: Path) -> None:
    plugin = tmp_path / "platforminputcontexts" / "libfcitx5platforminputcontextplugin.so"
    plugin.parent.mkdir()
    plugin.touch()
    assert input_method_fix({"QT_IM_MODULE": "fcitx"}, tmp_path) == {}


def test_exceptions_in_slots_and_threads_and_messages_of_qt_reach_the_log(tmp_path: Path) -> None:
    """In a process of its own, because the hooks belong to the whole process."""
    code = """
import logging, os, sys, threading
from pathlib import Path
from PySide6.QtCore import QTimer, qWarning
from nyanko_desktop.shell import bootstrap
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
app = bootstrap.make_application(os.environ, "nyanko")
bootstrap.route_qt_messages()
bootstrap.write_crashes_to(Path(sys.argv[1]))
bootstrap.report_exceptions_to(lambda error: print("notice:", error))
def broken(): raise ValueError("in a slot")
def thread(): raise ValueError("in a thread")
worker = threading.Thread(target=thread, name="worker"); worker.start(); worker.join()
qWarning("from Qt")
QTimer.singleShot(0, broken)
QTimer.singleShot(1, app.quit)
app.exec()
print(app.desktopFileName())
"""
    command = [sys.executable, "-c", code, str(tmp_path / "logs" / "crash.log")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "notice: in a slot" in said
    assert "CRITICAL nyanko_desktop.shell.bootstrap thread worker: in a thread" in said
    assert "WARNING qt from Qt" in said
    assert "io.github.nyanko_desktop.Nyanko" in said
    assert (tmp_path / "logs" / "crash.log").exists()


def test_a_crash_in_native_code_leaves_the_python_stack(tmp_path: Path) -> None:
    code = """
import faulthandler, sys
from pathlib import Path
from nyanko_desktop.shell.bootstrap import write_crashes_to
write_crashes_to(Path(sys.argv[1]))
faulthandler._sigsegv()
"""
    crash = tmp_path / "crash.log"
    result = subprocess.run([sys.executable, "-c", code, str(crash)], capture_output=True, timeout=60)
    assert result.returncode != 0
    assert "Segmentation fault" in crash.read_text()


@pytest.mark.expects_log("no crash file")
def test_a_crash_file_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    write_crashes_to(tmp_path / "file" / "crash.log")


def test_a_signal_during_the_start_is_remembered_and_raises_nothing() -> None:
    code = """
import os, signal
from nyanko_desktop.shell import bootstrap
bootstrap.remember_signals()
before = bootstrap.asked_to_end()
os.kill(os.getpid(), signal.SIGTERM)
print(before, bootstrap.asked_to_end())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.split() == ["False", "True"]


def test_the_menus_of_qt_speak_the_language_of_now(qapp: QApplication) -> None:
    def paste() -> str:
        return QCoreApplication.translate("QWidgetTextControl", "&Paste")

    leave = translate_qt(qapp)
    try:
        assert paste() == "&Paste"
        set_language("zh_CN")
        assert paste().startswith("粘贴")
        set_language("en")
        assert paste() == "&Paste"
    finally:
        leave()
