"""The settings pages: they show the truth of a view, and emit what a person or their screen reader chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import set_language
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.view import DesktopView, HotkeyKind, HotkeyState, SettingsView
from tests.ui_settings.library_views import DOWNLOAD, library
from tests.ui_settings.reading import heard, named, press_as_a_screen_reader, words
from ui.settings.hotkey_page import KeyRecorder
from ui.settings.parts import Switch
from ui.settings.window import SettingsWindow

# ---------------------------------------------------------------- hotkey


def press(recorder: KeyRecorder, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    recorder.keyPressEvent(QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers))


def test_the_editor_records_the_next_keys(window: SettingsWindow) -> None:
    recorder, said = window.findChild(KeyRecorder), heard(window.hotkey_page.keys_chosen)
    recorder.click()
    assert recorder.text() == "Press the keys…"
    press(recorder, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    press(recorder, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert said == ["Ctrl+Alt+K"]


def test_a_key_that_one_types_with_is_refused_and_esc_leaves_all_as_it_was(window: SettingsWindow) -> None:
    recorder, said = window.findChild(KeyRecorder), heard(window.hotkey_page.keys_chosen)
    window.open_page(window.hotkey_page)
    recorder.click()
    press(recorder, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert "Take Ctrl, Alt or Meta" in words(window)
    press(recorder, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert (said, recorder.text()) == ([], "Ctrl+Alt+N")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("bound", "opens quick-ask"),
        ("taken", "is taken. because"),
        ("needs_consent", "waits for your consent. because"),
        ("unsupported", "could not be bound. because"),
        ("failed", "could not be bound. because"),
        ("binding", "is being asked"),
        ("unbound", "No keys are bound"),
    ],
)
def test_what_became_of_the_hotkey_is_said(
    window: SettingsWindow, view: SettingsView, kind: HotkeyKind, said: str
) -> None:
    window.render_view(replace(view, hotkey=HotkeyState(kind, "Ctrl+Alt+N", "because")))
    window.open_page(window.hotkey_page)
    assert said in words(window)
    assert "nyanko quick-ask" in words(window)


# ---------------------------------------------------------------- the other pages


def test_language_and_theme_are_one_press_away_also_for_a_screen_reader(window: SettingsWindow) -> None:
    languages, themes = heard(window.look_page.language_chosen), heard(window.look_page.theme_chosen)
    press_as_a_screen_reader(named(window.look_page, QPushButton, "中文"))
    named(window.look_page, QPushButton, "Dark").click()
    assert (languages, themes) == (["zh_CN"], ["dark"])


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("Start at login", "start_at_login_changed"),
        ("Add Nyanko to the applications", "desktop_entry_changed"),
    ],
)
@pytest.mark.parametrize("toggle", [QAbstractButton.click, press_as_a_screen_reader])
def test_a_switch_is_an_intent(
    window: SettingsWindow, view: SettingsView, name: str, signal: str, toggle: Callable[[QWidget], None]
) -> None:
    said = heard(getattr(window.general_page, signal))
    toggle(named(window.general_page, Switch, name))
    assert said == [True]
    window.render_view(view)
    assert said == [True], "a refused change moves the switch back without asking again"


def test_without_a_tray_closing_cannot_hide_and_says_what_it_does(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(replace(view, desktop=DesktopView(has_tray=False)))
    window.open_page(window.general_page)
    close = named(window.general_page, Switch, "Keep running in the tray when the window is closed")
    assert (close.isEnabled(), close.isChecked()) == (False, False)
    assert "minimised instead" in words(window)


def test_the_report_is_asked_for_and_its_copy_is_confirmed(window: SettingsWindow, view: SettingsView) -> None:
    window.open_page(window.about_page)
    window.render_view(replace(view, about=replace(view.about, copied=True)))
    assert "/home/lin" in words(window).replace("\u200b", "")
    assert "in the clipboard" in words(window)


def test_a_notice_stands_above_every_page(window: SettingsWindow, view: SettingsView) -> None:
    dismissed: list[bool] = []
    window.notice_dismissed.connect(lambda: dismissed.append(True))
    window.render_view(replace(view, notice=explain(WireError(ErrorCode.DISK_FULL, {"path": "/x"}))))
    assert "The disk is full" in words(window)
    named(window, QToolButton, "Dismiss").click()
    assert dismissed


def test_pages_are_opened_by_a_click_and_by_a_screen_reader(window: SettingsWindow) -> None:
    entry = named(window, QPushButton, "Hotkey")
    press_as_a_screen_reader(entry)
    assert window.hotkey_page.isVisible()
    named(window, QPushButton, "General").click()
    assert window.general_page.isVisible()


def test_closing_only_hides_and_opening_asks_for_fresh_figures(window: SettingsWindow) -> None:
    opened: list[bool] = []
    window.opened.connect(lambda: opened.append(True))
    window.close()
    assert not window.isVisible()
    window.show()
    assert opened


def test_every_control_has_a_name(window: SettingsWindow) -> None:
    window.render_library(library(jobs=(DOWNLOAD,)))
    kinds = (QAbstractButton, QComboBox, QLineEdit, QProgressBar)
    controls = [part for kind in kinds for part in window.findChildren(kind)]
    for page in (window.model_page, window.library_page, window.hotkey_page, window.general_page):
        window.open_page(page)
        shown = [part for part in controls if part.isVisibleTo(window)]
        assert [part for part in shown if not (part.accessibleName() or getattr(part, "text", str)())] == []


def test_another_language_is_spoken_at_once(window: SettingsWindow, view: SettingsView) -> None:
    changed = msgspec.structs.replace(Settings(), language="zh_CN")
    set_language("zh_CN")
    try:
        window.render_view(replace(view, settings=changed))
        assert window.windowTitle() != "Settings · Nyanko"
    finally:
        set_language("en")
    assert window.windowTitle() == "Settings · Nyanko"
