"""The page of tools: what they may work with and which are offered, with the reason where one cannot work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from nyanko_desktop.i18n import set_language
from nyanko_desktop.permissions.levels import LEVELS
from nyanko_desktop.settings.schema import NetworkSettings, SearchSettings, Settings, ToolSettings
from nyanko_desktop.settings.view import SettingsView, ToolsState
from tests.ui_settings.reading import heard, named, words
from ui.settings.parts import Switch
from ui.settings.tools_page import ToolsPage, missing_words
from ui.settings.window import SettingsWindow


@pytest.fixture
def page(window: SettingsWindow) -> ToolsPage:
    window.open_page(window.tools_page)
    return window.tools_page


def show(page: ToolsPage, view: SettingsView, **tools: object) -> None:
    page.render_view(replace(view, settings=Settings(tools=ToolSettings(**tools))))  # type: ignore[arg-type]


def test_a_folder_is_listed_and_can_be_taken_away(page: ToolsPage, view: SettingsView, qtbot: QtBot) -> None:
    said = heard(page.folder_closed)
    show(page, view, folders=("/home/lin/notes", "/home/lin/books"))
    qtbot.waitUntil(page._folders.is_settled)
    assert "/home/lin/notes" in words(page)
    named(page, QPushButton, "No longer open /home/lin/books to tools").click()
    assert said == ["/home/lin/books"]


def test_a_folder_that_is_not_open_says_so_with_its_reason(page: ToolsPage, view: SettingsView, qtbot: QtBot) -> None:
    settings = Settings(tools=ToolSettings(folders=("/home/lin/notes", "/home/lin/gone")))
    page.render_view(replace(view, settings=settings))
    qtbot.waitUntil(page._folders.is_settled)
    assert "Not open to tools" not in words(page)
    state = ToolsState((("/home/lin/gone", "there is no folder /home/lin/gone"),))
    page.render_view(replace(view, settings=settings, tools=state))
    assert words(page).count("Not open to tools: there is no folder /home/lin/gone") == 1
    take_away = named(page, QPushButton, "No longer open /home/lin/gone to tools")
    assert "there is no folder" in take_away.accessibleDescription()
    assert missing_words("read_file", settings, state) == ""
    assert missing_words("read_file", Settings(tools=ToolSettings(folders=("/home/lin/gone",))), state) != ""
    page.render_view(replace(view, settings=settings))
    assert "Not open to tools" not in words(page)


def test_in_chinese_a_closed_folder_and_python_that_cannot_run_say_so_too(
    page: ToolsPage, view: SettingsView, qtbot: QtBot
) -> None:
    state = ToolsState((("/home/lin/gone", "there is no folder /home/lin/gone"),), "this system cannot start a program")
    settings = Settings(tools=ToolSettings(folders=("/home/lin/gone",)))
    set_language("zh_CN")
    try:
        page.retranslate()
        page.render_view(replace(view, settings=settings, tools=state))
        qtbot.waitUntil(page._folders.is_settled)
        assert "未对工具开放：" in words(page)
        assert "此处无法使用：" in words(page)
        assert "there is no folder" not in words(page)
    finally:
        set_language("en")


def test_other_folders_and_a_page_that_shows_are_to_be_looked_at(page: ToolsPage, view: SettingsView) -> None:
    asked: list[bool] = []
    page.refresh_requested.connect(lambda: asked.append(True))
    show(page, view, folders=("/home/lin/notes",))
    show(page, view, folders=("/home/lin/notes",), python=True)
    assert len(asked) == 1
    page.hide()
    page.show()
    assert len(asked) == 2


def test_where_no_program_can_be_confined_the_switch_says_so_and_can_only_be_switched_off(
    page: ToolsPage, view: SettingsView
) -> None:
    state = ToolsState(no_python="this system cannot confine a program, so none is run (no Landlock)")
    switch = named(page, Switch, "Let models write and run Python programs")
    page.render_view(replace(view, tools=state))
    assert not switch.isEnabled()
    assert "Not possible here: this system cannot confine a program" in switch.accessibleDescription()
    assert "not possible here" in words(page)
    page.render_view(replace(view, settings=Settings(tools=ToolSettings(python=True)), tools=state))
    assert switch.isEnabled()
    page.render_view(replace(view, settings=Settings()))
    assert switch.isEnabled()
    assert "possible here" not in words(page)


def test_each_tool_can_be_switched_off(page: ToolsPage, view: SettingsView) -> None:
    said = heard(page.tool_changed)
    show(page, view, off=("fetch",))
    assert not named(page, Switch, "Fetch a page").isChecked()
    named(page, Switch, "Calculate").click()
    named(page, Switch, "Fetch a page").click()
    assert said == [("calculate", False), ("fetch", True)]


def test_every_tool_has_a_name_that_is_not_its_code(page: ToolsPage) -> None:
    names = [part.accessibleName() for part in page.findChildren(Switch)]
    assert len(set(names)) == len(names)
    assert not set(names) & set(LEVELS)


@pytest.mark.parametrize(
    ("tool", "settings", "words"),
    [
        ("read_file", Settings(), "needs a folder"),
        ("read_file", Settings(tools=ToolSettings(folders=("/n",))), ""),
        ("search", Settings(), "needs a search engine"),
        ("fetch", Settings(network=NetworkSettings(offline=True)), "not while offline"),
        ("fetch", Settings(), ""),
        ("run_python", Settings(), "Python is off"),
        ("calculate", Settings(network=NetworkSettings(offline=True)), ""),
    ],
)
def test_why_a_tool_that_is_on_is_not_offered_is_said(tool: str, settings: Settings, words: str) -> None:
    assert missing_words(tool, settings) == words


def test_python_is_off_at_first_and_says_what_it_is_not(page: ToolsPage) -> None:
    said = heard(page.python_changed)
    switch = named(page, Switch, "Let models write and run Python programs")
    assert not switch.isChecked()
    assert "no virtual machine" in words(page)
    switch.click()
    assert said == [True]


def test_offline_has_one_switch_and_this_page_leads_to_it(window: SettingsWindow, page: ToolsPage) -> None:
    named(page, QPushButton, "Offline: Change under “Models”").click()
    assert named(window.library_page, Switch, "Offline").isVisible()


def test_searxng_is_saved_with_an_address_only(page: ToolsPage, view: SettingsView, qtbot: QtBot) -> None:
    said = heard(page.search_chosen)
    show(page, view)
    choice = named(page, QComboBox, "Web search")
    choice.activated.emit(1)
    assert said == []
    address = named(page, QLineEdit, "Address")
    assert address.isVisible()
    qtbot.keyClicks(address, "https://search.example")
    address.returnPressed.emit()
    assert said == [("searxng", "https://search.example")]


def test_where_the_scraping_library_is_chosen_it_says_that_nothing_watches_it(
    page: ToolsPage, view: SettingsView
) -> None:
    show(page, view, search=SearchSettings("searxng", "https://search.example"))
    choice = named(page, QComboBox, "Web search")
    assert "does not check" not in choice.accessibleDescription()
    choice.activated.emit(3)
    assert "does not check which addresses" in choice.accessibleDescription()


def test_a_key_leaves_the_field_when_it_is_kept_and_is_never_shown(
    page: ToolsPage, view: SettingsView, qtbot: QtBot
) -> None:
    said = heard(page.search_key_entered)
    show(page, view, search=SearchSettings("brave"))
    field = named(page, QLineEdit, "Key")
    assert field.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(field, "secret-key")
    field.returnPressed.emit()
    assert (said, field.text()) == (["secret-key"], "")
    show(page, view, search=SearchSettings("brave", has_key=True))
    assert field.placeholderText() == "one is known"
