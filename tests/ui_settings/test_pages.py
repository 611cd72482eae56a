"""The settings pages: they show the truth of a view, and emit what a person or their screen reader chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QMenu, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import set_language
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.view import DesktopView, HotkeyKind, HotkeyState, SettingsView
from nyanko_desktop.worker.state import WorkerState
from ui.settings.hotkey_page import KeyRecorder
from ui.settings.memory_rows import PrecisionRow
from ui.settings.parts import Switch
from ui.settings.window import SettingsWindow
from ui.widgets.trouble import TroubleCard

NOT_A_MODEL = WireError(ErrorCode.NOT_A_MODEL, {"path": "/pictures", "reason": "there is no config.json"})


@pytest.fixture
def window(qtbot: QtBot, view: SettingsView) -> SettingsWindow:
    made = SettingsWindow()
    qtbot.addWidget(made)
    made.render_view(view)
    made.show()
    return made


def heard(signal: QObject) -> list[object]:
    """Everything that the signal says from now on."""
    said: list[object] = []
    signal.connect(said.append)  # type: ignore[attr-defined]
    return said


def words(widget: QWidget) -> str:
    """Every label that can be seen."""
    return "\n".join(part.text() for part in widget.findChildren(QLabel) if part.isVisibleTo(widget))


def named(parent: QWidget, kind: type, name: str) -> QAbstractButton:
    return next(part for part in parent.findChildren(kind) if part.accessibleName() == name)


def press_as_a_screen_reader(widget: QWidget) -> None:
    """What AT-SPI and UI Automation do: the first action of the control, which for a checkable one is to toggle."""
    actions = QAccessible.queryAccessibleInterface(widget).actionInterface()
    assert isinstance(actions, QAccessibleActionInterface)
    actions.doAction(actions.actionNames()[0])


# ---------------------------------------------------------------- model and precision


def test_each_precision_says_what_it_takes_and_whether_it_fits(window: SettingsWindow) -> None:
    names = [row.accessibleName() for row in window.findChildren(PrecisionRow)]
    assert names == ["fp16, 13.0 GB · does not fit, 4.0 GB short", "int8, 7.0 GB · fits, 2.0 GB left"]
    assert [row.isChecked() for row in window.findChildren(PrecisionRow)] == [False, True]


def test_choosing_a_precision_is_an_intent_and_rendering_one_is_not(window: SettingsWindow, view: SettingsView) -> None:
    said = heard(window.model_page.precision_chosen)
    settings = view.settings
    fp16 = msgspec.structs.replace(settings, model=msgspec.structs.replace(settings.model, precision="fp16"))
    window.render_view(replace(view, settings=fp16))
    assert said == []
    window.findChildren(PrecisionRow)[1].click()
    assert said == ["int8"]


def test_models_are_chosen_and_removed_in_the_menu(window: SettingsWindow, view: SettingsView) -> None:
    page = window.model_page
    chosen, removed = heard(page.model_chosen), heard(page.folder_removed)
    menu = named(page, QToolButton, "Change model").findChild(QMenu)
    assert [a.text() for a in menu.actions() if not a.isSeparator()] == [
        "nyanko-mini · embedded",
        "glm",
        "Add a folder…",
    ]
    menu.actions()[1].trigger()
    assert chosen == ["/models/glm"]
    models = (replace(view.models[0], chosen=False), replace(view.models[1], chosen=True))
    window.render_view(replace(view, models=models))
    next(a for a in menu.actions() if "glm" in a.text() and "list" in a.text()).trigger()
    assert removed == ["/models/glm"]


@pytest.mark.allows_log("This plugin does not support")
def test_a_folder_is_asked_for_without_blocking(window: SettingsWindow, qtbot: QtBot) -> None:
    added = heard(window.model_page.folder_added)
    window.model_page.ask_for_folder()
    dialog = next(child for child in window.model_page.children() if child.inherits("QFileDialog"))
    dialog.fileSelected.emit("/models/new")
    assert added == ["/models/new"]
    dialog.close()


def test_devices_show_their_memory_and_a_broken_one_cannot_be_chosen(window: SettingsWindow) -> None:
    box = window.findChild(QComboBox)
    assert [box.itemData(i) for i in range(box.count())] == ["auto", "cpu", "cuda:0", "cuda:1"]
    assert box.itemText(2) == "NVIDIA P102-100 · 9.0 GB of 10.0 GB free"
    assert not box.model().item(3).isEnabled()
    said = heard(window.model_page.device_chosen)
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert said == ["cuda:0"]


def test_what_is_resident_is_said_in_bytes_and_can_be_freed(window: SettingsWindow, view: SettingsView) -> None:
    assert "Now: glm · int8 on NVIDIA P102-100, 6.0 GB" in words(window)
    free = next(b for b in window.model_page.findChildren(QPushButton) if b.text() == "Free the memory now")
    said: list[bool] = []
    window.model_page.free_memory_requested.connect(lambda: said.append(True))
    free.click()
    assert said
    window.render_view(replace(view, worker=WorkerState("asleep")))
    assert not free.isEnabled()
    assert "no model is in memory" in words(window)


def test_a_folder_that_is_no_model_is_explained_in_its_place(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(replace(view, plan=None, plan_problem=explain(NOT_A_MODEL)))
    assert "there is no config.json" in words(window)
    window.render_view(view)
    assert not any(card.isVisible() for card in window.findChildren(TroubleCard))


def test_a_load_that_failed_is_explained(window: SettingsWindow, view: SettingsView) -> None:
    needed = {"device": "cuda:0", "free": str(9 * 2**30), "needed": str(13 * 2**30)}
    error = WireError(ErrorCode.OUT_OF_MEMORY, needed)
    window.render_view(replace(view, worker=WorkerState("failed", error=error)))
    assert "13.0 GB are needed" in words(window)


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
    controls = [*window.findChildren(QAbstractButton), *window.findChildren(QComboBox)]
    assert [
        c for c in controls if c.isVisibleTo(window) and not (c.accessibleName() or getattr(c, "text", str)())
    ] == []


def test_another_language_is_spoken_at_once(window: SettingsWindow, view: SettingsView) -> None:
    changed = msgspec.structs.replace(Settings(), language="zh_CN")
    set_language("zh_CN")
    try:
        window.render_view(replace(view, settings=changed))
        assert window.windowTitle() != "Settings · Nyanko"
    finally:
        set_language("en")
    assert window.windowTitle() == "Settings · Nyanko"
