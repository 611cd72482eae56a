"""The page of all models: what is here, what one could have, where it comes from."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.models.view import HubView, LibraryView, Removal
from nyanko_desktop.settings.view import SettingsView
from nyanko_desktop.worker.state import WorkerState
from tests.ui_settings.library_views import (
    CATALOGUE,
    DOWNLOAD,
    GB,
    HUB,
    MINI,
    OWN,
    QUANTIZE,
    REMOVAL,
    item,
    library,
)
from tests.ui_settings.reading import heard, named, press_as_a_screen_reader, words
from ui.settings.catalogue import Catalogue, CatalogueRow, is_repository
from ui.settings.keyed_list import KeyedList
from ui.settings.library_page import LibraryPage
from ui.settings.model_row import ModelRow
from ui.settings.offers import Offers
from ui.settings.parts import Switch
from ui.settings.window import SettingsWindow


@pytest.fixture
def page(window: SettingsWindow) -> LibraryPage:
    window.open_page(window.library_page)
    render(window, library())
    return window.library_page


def render(window: SettingsWindow, view: LibraryView) -> None:
    """Show ``view`` and wait until every row is made."""
    window.render_library(view)
    settle(window.library_page)


def settle(page: LibraryPage) -> None:
    lists = page.findChildren(KeyedList)
    deadline = time.monotonic() + 10
    while not all(made.is_settled() for made in lists):
        assert time.monotonic() < deadline
        QApplication.processEvents()


def rows(page: LibraryPage) -> dict[str, ModelRow]:
    return {row.item().entry.name: row for row in page.findChildren(ModelRow) if not row.isHidden()}


# ---------------------------------------------------------------- on this computer


def test_every_model_says_what_it_takes_and_which_one_answers(page: LibraryPage) -> None:
    said = {name: (row.accessibleName(), row.accessibleDescription()) for name, row in rows(page).items()}
    assert said == {
        "nyanko-mini": ("nyanko-mini", "embedded · 12 MB"),
        "zai-org/chatglm3-6b-32k": (
            "zai-org/chatglm3-6b-32k, answers · GPU · int8 · 6.0 GB",
            "downloaded · 12.0 GB · copies: int8 6.0 GB, int4 (128) 3.0 GB",
        ),
        "moss": ("moss", "your own folder · 31.0 GB"),
        "qwen": ("qwen, The model folder is missing", "your own folder"),
        "microsoft/phi-4": ("microsoft/phi-4, not complete", "downloaded · 2.0 GB"),
    }
    assert "All of them together take 23.0 GB." in words(page)


def test_the_state_of_the_one_that_answers_follows_the_worker(
    window: SettingsWindow, page: LibraryPage, view: SettingsView
) -> None:
    window.render_view(replace(view, worker=WorkerState("loading", progress=0.5)))
    assert "answers · loading 50 %" in rows(page)["zai-org/chatglm3-6b-32k"].accessibleName()


def test_a_model_is_chosen_by_a_click_a_key_or_a_screen_reader_unless_it_is_not_complete(
    page: LibraryPage, qtbot: QtBot
) -> None:
    said = heard(page.model_chosen)
    rows(page)["moss"].click()
    qtbot.keyClick(rows(page)["nyanko-mini"], Qt.Key.Key_Return)
    press_as_a_screen_reader(rows(page)["qwen"])
    rows(page)["microsoft/phi-4"].click()
    qtbot.waitUntil(lambda: said == [OWN.key, "", "/media/stick/qwen"])


def test_removing_says_what_it_frees_and_asks_once(window: SettingsWindow, page: LibraryPage, qtbot: QtBot) -> None:
    asked, confirmed, declined = heard(page.removal_requested), [], []
    page.removal_confirmed.connect(lambda: confirmed.append(True))
    page.removal_declined.connect(lambda: declined.append(True))
    qtbot.keyClick(rows(page)["moss"], Qt.Key.Key_Delete)
    qtbot.keyClick(rows(page)["nyanko-mini"], Qt.Key.Key_Delete)
    assert asked == [OWN.key], "the embedded model is part of the program"
    render(window, library(removal=REMOVAL))
    assert "This frees 18.0 GB on the disk and deletes:\n/models/glm" in words(page)
    assert "Its memory is given back first." in words(page)
    next(b for b in page.findChildren(QPushButton) if b.text() == "Remove").click()
    next(b for b in page.findChildren(QPushButton) if b.text() == "Keep it").click()
    assert (confirmed, declined) == ([True], [True])
    render(window, library())
    assert "This frees" not in words(page)


def test_what_stays_and_what_cannot_be_removed_is_said(window: SettingsWindow, page: LibraryPage) -> None:
    render(window, library(removal=Removal(OWN.key, "moss", keeps=OWN.path)))
    assert "/home/lin/models/moss is your own and stays where it is." in words(page)
    refusal = Explanation("It is in use", "A download writes into it.", "Cancel that first.")
    render(window, library(removal=Removal(OWN.key, "moss", refusal=refusal)))
    assert "A download writes into it." in words(page)
    assert not any(b.isVisibleTo(page) and b.text() == "Remove" for b in page.findChildren(QPushButton))


@pytest.mark.allows_log("This plugin does not support")
@pytest.mark.parametrize("ask", [LibraryPage.ask_for_folder, LibraryPage.ask_for_file])
def test_a_model_that_is_here_is_asked_for_without_blocking(page: LibraryPage, ask: Any) -> None:
    added = heard(page.model_added)
    ask(page)
    dialog = next(child for child in page.children() if child.inherits("QFileDialog"))
    dialog.fileSelected.emit("/models/new")
    assert added == ["/models/new"]
    dialog.close()


# ---------------------------------------------------------------- jobs


def test_a_download_shows_how_far_it_is_and_can_be_paused(page: LibraryPage, window: SettingsWindow) -> None:
    render(window, library(jobs=(DOWNLOAD, replace(QUANTIZE, state="queued"))))
    assert "downloading · 4.0 GB of 15.0 GB · 12 MB/s · about 16 min left · model-00002" in words(page)
    assert "waits for another task to end" in words(page)
    bar = named(page, QProgressBar, "Progress: Downloading Qwen/Qwen2.5-7B-Instruct")
    assert bar.value() == 267
    paused = heard(page.pause_requested)
    named(page, QPushButton, "Pause: Downloading Qwen/Qwen2.5-7B-Instruct").click()
    assert paused == ["d1"]


def test_a_download_that_failed_says_why_and_can_go_on(page: LibraryPage, window: SettingsWindow) -> None:
    problem = Explanation("The hub asks for a token", "It answered 401.", "Enter one below Hub.", "retry")
    render(window, library(jobs=(replace(DOWNLOAD, state="failed", problem=problem),)))
    assert "The hub asks for a token: It answered 401." in words(page)
    resumed = heard(page.resume_requested)
    named(page, QPushButton, "Try again: Downloading Qwen/Qwen2.5-7B-Instruct").click()
    assert resumed == ["d1"]


def test_what_another_program_does_is_shown_and_left_alone(page: LibraryPage, window: SettingsWindow) -> None:
    render(window, library(jobs=(replace(DOWNLOAD, state="elsewhere"),)))
    assert "another program does this just now" in words(page)
    names = ("Pause", "Resume", "Cancel")
    assert not any(b.isVisibleTo(page) and b.text() in names for b in page.findChildren(QPushButton))


# ---------------------------------------------------------------- more models


def test_the_catalogue_says_whether_a_model_fits_and_what_it_may_be_used_for(page: LibraryPage) -> None:
    page.open_part("catalogue")
    get = named(page, QPushButton, "Download: Qwen2.5 7B Instruct")
    said = get.accessibleDescription()
    assert "7.6 B · 32,768 tokens · calls tools · Apache-2.0" in said
    assert "fp16: 15.2 GB, does not fit; int8: 8.4 GB, fits; int4: 5.2 GB, fits" in said
    gated = named(page, QPushButton, "Download: Llama 3.1 8B Instruct").accessibleDescription()
    assert "needs an account" in gated
    assert "figures not checked" in gated
    assert "Estimated against 9.0 GB free on NVIDIA P102-100." in words(page)


def test_a_model_is_fetched_used_when_it_is_here_and_left_where_the_hub_has_it_not(page: LibraryPage) -> None:
    page.open_part("catalogue")
    pulled, chosen = heard(page.pull_requested), heard(page.model_chosen)
    named(page.findChild(Catalogue), QPushButton, "Download: Qwen2.5 7B Instruct").click()
    named(page, QPushButton, "Use it: ChatGLM3 6B 32K").click()
    assert (pulled, chosen) == (["qwen2.5-7b"], ["/models/glm"])
    assert not named(page, QPushButton, "Unavailable: MOSS moon 003 sft plugin").isEnabled()


def test_one_that_comes_already_is_not_offered_again(page: LibraryPage, window: SettingsWindow) -> None:
    render(window, library(jobs=(replace(DOWNLOAD, name="owner/qwen2.5-7b"),)))
    assert not named(page, QPushButton, "On its way: Qwen2.5 7B Instruct").isEnabled()


def test_the_field_searches_and_fetches_any_repository(page: LibraryPage, qtbot: QtBot) -> None:
    page.open_part("catalogue")
    field = page.findChild(Catalogue).findChild(QLineEdit)
    field.setText("llama apache")
    assert [row for row in page.findChildren(CatalogueRow) if row.isVisibleTo(page)] == []
    assert "Nothing of this name is in the list." in words(page)
    field.setText("LLAMA")
    assert len([row for row in page.findChildren(CatalogueRow) if row.isVisibleTo(page)]) == 1
    pulled = heard(page.pull_requested)
    field.setText("someone/some-model")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (pulled, field.text()) == (["someone/some-model"], "")


@pytest.mark.parametrize(
    ("name", "right"), [("a/b", True), ("a", False), ("/b", False), ("a/", False), ("a/b/c", False), ("a b/c", False)]
)
def test_names_of_repositories(name: str, right: bool) -> None:
    assert is_repository(name) is right


# ---------------------------------------------------------------- the hub


def test_a_hub_is_chosen_by_name_or_by_address(page: LibraryPage) -> None:
    page.open_part("hub")
    said, box = heard(page.hub_chosen), named(page, QComboBox, "Hub")
    assert [box.itemText(i) for i in range(box.count())] == [
        "Hugging Face",
        "Mirror hf-mirror.com",
        "ModelScope",
        "Own address…",
    ]
    box.activated.emit(2)
    address = named(page, QLineEdit, "Own address")
    assert not address.isVisible()
    box.activated.emit(3)
    assert address.isVisible()
    address.setText("https://models.example.org")
    address.returnPressed.emit()
    assert said == [("https://modelscope.cn", "modelscope"), ("https://models.example.org", "huggingface")]


def test_a_token_is_said_once_and_never_shown(page: LibraryPage, window: SettingsWindow) -> None:
    page.open_part("hub")
    field, said = named(page, QLineEdit, "Access token"), heard(page.token_entered)
    assert field.echoMode() is QLineEdit.EchoMode.Password
    field.setText("  hf_secret ")
    field.returnPressed.emit()
    assert (said, field.text()) == (["hf_secret"], "")
    hub = replace(HUB, has_token=True, token_problem="This system has no key store.")
    render(window, library(hub=hub))
    assert "A token for https://huggingface.co is known. This system has no key store." in words(page)
    forgotten: list[bool] = []
    page.token_forgotten.connect(lambda: forgotten.append(True))
    next(b for b in page.findChildren(QPushButton) if b.text() == "Forget").click()
    assert forgotten


def test_the_offline_switch_is_an_intent(page: LibraryPage, window: SettingsWindow) -> None:
    said = heard(page.offline_changed)
    named(page, Switch, "Offline").click()
    assert said == [True]
    render(window, library(hub=replace(HUB, offline=True)))
    assert said == [True]


def test_an_address_that_is_in_no_list_is_shown_as_it_is(page: LibraryPage, window: SettingsWindow) -> None:
    render(window, library(hub=HubView("https://models.example.org", "huggingface", HUB.choices)))
    assert named(page, QComboBox, "Hub").currentText() == "https://models.example.org"


# ---------------------------------------------------------------- many


def test_a_hundred_models_are_built_in_slices_and_keep_their_rows(
    window: SettingsWindow, page: LibraryPage, qtbot: QtBot
) -> None:
    many = tuple(replace(OWN, key=f"/m/{i}", name=f"model {i}", bytes=i * GB) for i in range(100))
    offers = tuple(item(f"c{i}", f"Catalogue {i}", i / 4 + 1) for i in range(100))
    window.render_library(library(models=many, catalogue=offers))
    lists = page.findChildren(KeyedList)
    assert not all(made.is_settled() for made in lists), "not all at once"
    settle(page)
    before = rows(page)
    assert len(before) == 100
    window.render_library(library(models=(*many[1:], replace(many[0], name="model 0, renamed")), catalogue=offers))
    after = rows(page)
    assert all(after[name] is before[name] for name in after if name in before)
    wanted = [after[f"model {i}"] for i in range(1, 100)]
    qtbot.waitUntil(lambda: sorted(wanted, key=ModelRow.y) == wanted, timeout=10_000)


# ---------------------------------------------------------------- a person with none of their own


def test_models_that_fit_are_offered_to_a_person_who_has_none_and_used_when_they_are_here(
    page: LibraryPage, window: SettingsWindow
) -> None:
    render(window, library(models=(MINI,), catalogue=CATALOGUE[:1]))
    assert "NVIDIA P102-100 has 9.0 GB free, which is room for more." in words(page)
    accepted = heard(page.offer_accepted)
    offers = page.findChild(Offers)
    named(offers, QPushButton, "Download: Qwen2.5 7B Instruct").click()
    assert accepted == [("qwen2.5-7b", "int8")]
    coming = replace(DOWNLOAD, name="owner/qwen2.5-7b")
    render(window, library(models=(MINI,), catalogue=CATALOGUE[:1], jobs=(coming,)))
    assert not named(offers, QPushButton, "On its way: Qwen2.5 7B Instruct").isEnabled()
    render(window, library(recommended=()))
    assert not offers.isVisible()
