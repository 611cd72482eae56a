"""The model page: what each precision takes, what is in memory, and everything that can be changed about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QComboBox, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import Precision
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import set_language
from nyanko_desktop.settings.view import MemoryPlan, ModelChoice, PrecisionView, SettingsView
from nyanko_desktop.worker.state import WorkerState
from tests.ui_settings.library_views import GB, QUANTIZE, library
from tests.ui_settings.reading import heard, named, press_as_a_screen_reader, words
from ui.settings.jobs import JobCard
from ui.settings.memory_rows import MemoryRows, PrecisionRow
from ui.settings.model_options import contexts
from ui.settings.window import SettingsWindow
from ui.widgets.trouble import TroubleCard

NOT_A_MODEL = WireError(ErrorCode.NOT_A_MODEL, {"path": "/pictures", "reason": "there is no config.json"})
PLAN = MemoryPlan(
    "cuda:0",
    9 * GB,
    8192,
    (
        PrecisionView("fp16", 12 * GB, GB, False),
        PrecisionView("int8", 6 * GB, GB, True, largest_context=32768, measured=True, quantized=True),
        PrecisionView("llm-int8", 8 * GB, 2 * GB, False, largest_context=4096),
        PrecisionView("int4", 3 * GB, GB, True, largest_context=32768),
    ),
)


def settle(view: SettingsView, precision: Precision = "int8", **changes: Any) -> SettingsView:
    """``view`` with a downloaded model, its whole plan, and other settings."""
    model = msgspec.structs.replace(view.settings.model, path="/models/glm", precision=precision, **changes)
    models = (replace(view.models[0], chosen=False), ModelChoice("/models/glm", "glm", chosen=True))
    return replace(view, settings=msgspec.structs.replace(view.settings, model=model), models=models, plan=PLAN)


def row(window: SettingsWindow, precision: Precision) -> PrecisionRow:
    rows = window.model_page.findChild(MemoryRows).rows()
    return next(row for row in rows if row.view.precision == precision)


# ---------------------------------------------------------------- precisions


def test_each_precision_says_what_it_takes_and_whether_it_fits(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(settle(view))
    assert [row.accessibleName() for row in window.findChild(MemoryRows).rows()] == [
        "fp16, 13.0 GB · does not fit, 4.0 GB short",
        "int8, recommended, 7.0 GB · fits, 2.0 GB left, measured · quantized copy on the disk",
        "llm-int8, 10.0 GB · fits with 4,096 tokens",
        "int4, 4.0 GB · fits, 5.0 GB left",
    ]
    assert row(window, "int8").isChecked()


def test_where_the_chosen_one_does_not_fit_the_nearest_that_does_is_marked(
    window: SettingsWindow, view: SettingsView
) -> None:
    window.render_view(settle(view, "fp16"))
    assert "the nearest that fits" in row(window, "int8").accessibleName()
    window.render_view(settle(view, "int4"))
    assert "recommended" in row(window, "int8").accessibleName()


def test_choosing_a_precision_is_an_intent_and_rendering_one_is_not(window: SettingsWindow, view: SettingsView) -> None:
    said = heard(window.model_page.precision_chosen)
    window.render_view(settle(view))
    window.render_view(settle(view, "fp16"))
    assert said == []
    press_as_a_screen_reader(row(window, "int8"))
    assert said == ["int8"]


def test_a_context_that_would_fit_is_one_press_away(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(settle(view, "llm-int8"))
    assert "llm-int8 fits with a shorter context." in words(window.model_page)
    said = heard(window.model_page.context_chosen)
    next(b for b in window.model_page.findChildren(QPushButton) if b.text() == "Take 4,096 tokens").click()
    assert said == [4096]
    window.render_view(settle(view))
    assert "shorter context" not in words(window.model_page)


# ---------------------------------------------------------------- options


def test_devices_show_their_memory_and_a_broken_one_cannot_be_chosen(window: SettingsWindow) -> None:
    box = named(window, QComboBox, "Device")
    assert [box.itemData(i) for i in range(box.count())] == ["auto", "cpu", "cuda:0", "cuda:1", "split"]
    assert box.itemText(2) == "NVIDIA P102-100 · 9.0 GB of 10.0 GB free"
    assert not box.model().item(3).isEnabled()  # type: ignore[attr-defined]
    assert "Old card: too old" in words(window.model_page)
    said = heard(window.model_page.device_chosen)
    box.activated.emit(2)
    assert said == ["cuda:0"]


def test_contexts_go_up_to_what_the_checkpoint_offers(window: SettingsWindow, view: SettingsView) -> None:
    assert contexts(10_000, 3000) == [2048, 3000, 4096, 8192, 10_000]
    assert contexts(0, 0) == []
    window.render_view(settle(view))
    box, said = named(window, QComboBox, "Context"), heard(window.model_page.context_chosen)
    assert [box.itemText(i) for i in range(box.count())][:2] == ["Automatic: 8,192", "2,048"]
    box.activated.emit(1)
    assert said == [2048]


def test_columns_that_share_a_scale_are_asked_for_int4_alone(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(settle(view))
    assert not named(window, QPushButton, "64").isVisible()
    window.render_view(settle(view, "int4"))
    groups, caches = heard(window.model_page.group_chosen), heard(window.model_page.kv_cache_chosen)
    named(window, QPushButton, "64").click()
    named(window, QPushButton, "int8").click()
    assert (groups, caches) == ([64], ["int8"])


# ---------------------------------------------------------------- quantizing


def test_quantizing_is_offered_with_what_it_takes_where_there_is_no_copy(
    window: SettingsWindow, view: SettingsView
) -> None:
    said = heard(window.model_page.quantize_requested)
    for precision, offered in (("int8", False), ("fp16", False), ("int4", True)):
        window.render_view(settle(view, precision))  # type: ignore[arg-type]
        assert ("Quantize" in words(window.model_page)) is offered
    assert "about 3.0 GB on the disk" in words(window.model_page)
    named(window, QPushButton, "Quantize int4 once").click()
    assert said == [("/models/glm", "int4")]


def test_the_focus_goes_from_the_offer_to_the_progress(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(settle(view, "int4"))
    window.render_library(library())
    window.activateWindow()
    named(window, QPushButton, "Quantize int4 once").setFocus()
    window.render_library(library(jobs=(replace(QUANTIZE, precision="int4"),)))
    assert isinstance(window.focusWidget(), QProgressBar)


def test_a_quantization_shows_how_far_it_is_and_can_be_paused(window: SettingsWindow, view: SettingsView) -> None:
    page = window.model_page
    window.render_view(settle(view))
    window.render_library(library(jobs=(QUANTIZE,)))
    assert "quantizing · 7.0 GB of 12.0 GB · 140 MB/s · less than a minute left" in words(page)
    paused, resumed, ended = map(heard, (page.pause_requested, page.resume_requested, page.cancel_requested))
    card = page.findChild(JobCard)
    for name in ("Pause", "Cancel"):
        named(card, QPushButton, f"{name}: Quantizing zai-org/chatglm3-6b-32k to int8").click()
    window.render_library(library(jobs=(replace(QUANTIZE, state="paused"),)))
    named(card, QPushButton, "Resume: Quantizing zai-org/chatglm3-6b-32k to int8").click()
    assert (paused, resumed, ended) == (["q1"], ["q1"], ["q1"])
    window.render_library(library())
    assert not card.isVisible()


# ---------------------------------------------------------------- what is in memory


@pytest.mark.parametrize(
    ("worker", "said", "can_free"),
    [
        (WorkerState("asleep"), "Asleep: memory given back", False),
        (WorkerState("loading", progress=0.41), "Now: loading 41 %", True),
        (WorkerState("starting"), "Now: waking up", True),
        (WorkerState("failed", error=NOT_A_MODEL), "Now: loading failed", False),
    ],
)
def test_what_is_in_memory_is_said(
    window: SettingsWindow, view: SettingsView, worker: WorkerState, said: str, can_free: bool
) -> None:
    window.render_view(replace(view, worker=worker))
    assert said in words(window)
    assert named(window, QPushButton, "Free the memory now").isEnabled() is can_free


def test_what_is_resident_is_said_in_bytes_and_can_be_freed(window: SettingsWindow, view: SettingsView) -> None:
    assert "Now: int8 on NVIDIA P102-100, 6.0 GB" in words(window)
    said: list[bool] = []
    window.model_page.free_memory_requested.connect(lambda: said.append(True))
    named(window, QPushButton, "Free the memory now").click()
    assert said
    model = msgspec.structs.replace(view.worker.model, bytes_elsewhere=GB)
    window.render_view(replace(view, worker=WorkerState("resident", model=model)))
    assert "and 1.0 GB on other devices" in words(window)


def test_the_focus_stays_at_the_foot_when_there_is_nothing_more_to_free(
    window: SettingsWindow, view: SettingsView
) -> None:
    named(window, QPushButton, "Free the memory now").setFocus()
    window.render_view(replace(view, worker=WorkerState("asleep")))
    assert window.focusWidget() is named(window, QComboBox, "When the memory is given back")


def test_when_the_memory_is_freed_can_be_chosen(window: SettingsWindow, view: SettingsView) -> None:
    box, said = named(window, QComboBox, "When the memory is given back"), heard(window.model_page.free_after_chosen)
    window.render_view(settle(view, free_after="30_minutes"))
    assert (box.currentText(), said) == ("Free after 30 min idle", [])
    box.activated.emit(0)
    assert said == ["at_once"]


# ---------------------------------------------------------------- trouble


def test_a_folder_that_is_no_model_is_explained_with_the_way_out(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(replace(view, plan=None, plan_problem=explain(NOT_A_MODEL), worker=WorkerState("asleep")))
    assert "there is no config.json" in words(window)
    next(b for b in window.findChildren(QPushButton) if b.text() == "Choose another model").click()
    assert window.library_page.isVisible()
    window.render_view(view)
    assert not any(card.isVisibleTo(window.model_page) for card in window.model_page.findChildren(TroubleCard))


def test_a_model_that_was_too_large_offers_the_precision_that_fits(window: SettingsWindow, view: SettingsView) -> None:
    needed = {"device": "cuda:0", "free": str(9 * GB), "needed": str(13 * GB)}
    failed = WorkerState("failed", error=WireError(ErrorCode.OUT_OF_MEMORY, needed))
    window.render_view(replace(settle(view, "fp16"), worker=failed))
    assert "13.0 GB are needed" in words(window)
    said = heard(window.model_page.precision_chosen)
    next(b for b in window.findChildren(QPushButton) if b.text() == "Take int8, which fits").click()
    assert said == ["int8"]


def test_the_focus_goes_from_the_trouble_that_is_over_to_what_was_chosen(
    window: SettingsWindow, view: SettingsView
) -> None:
    failed = WorkerState("failed", error=WireError(ErrorCode.OUT_OF_MEMORY, {"device": "cuda:0"}))
    window.render_view(replace(settle(view, "fp16"), worker=failed))
    next(b for b in window.findChildren(QPushButton) if b.text() == "Take int8, which fits").setFocus()
    window.render_view(replace(settle(view, "int8"), worker=WorkerState("loading")))
    assert window.focusWidget() is row(window, "int8")


def test_another_failed_load_can_be_tried_again(window: SettingsWindow, view: SettingsView) -> None:
    window.render_view(replace(settle(view), worker=WorkerState("failed", error=NOT_A_MODEL)))
    said: list[bool] = []
    window.model_page.restart_requested.connect(lambda: said.append(True))
    next(b for b in window.model_page.findChildren(QPushButton) if b.text() == "Try again").click()
    assert said


def test_the_page_speaks_another_language_at_once(window: SettingsWindow, view: SettingsView, qtbot: QtBot) -> None:
    window.render_view(settle(view))
    window.render_library(library(jobs=(QUANTIZE,)))
    english = words(window.model_page), row(window, "int8").accessibleName()
    set_language("zh_CN")
    try:
        chinese = words(window.model_page), row(window, "int8").accessibleName()
        assert all(a != b for a, b in zip(english, chinese, strict=True))
    finally:
        set_language("en")
    assert (words(window.model_page), row(window, "int8").accessibleName()) == english
