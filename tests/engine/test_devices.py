"""Devices: a card that this torch cannot drive is told which torch can."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pytest

from inference_worker.engine import EngineError, load_model, plan_memory
from inference_worker.engine.devices import capability_problem, list_devices, resolve_device, wheel_for

CU126 = ["sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90"]
CU128 = ["sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]
CU130 = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]
BUILDS = {"cu126": CU126, "cu130": CU130}


@pytest.mark.parametrize(
    ("capability", "built_for", "index"),
    [
        ((6, 1), CU130, "cu126"),  # P102-100
        ((6, 1), CU128, "cu126"),
        ((7, 0), CU130, "cu126"),
        ((5, 2), CU128, "cu126"),
        ((12, 0), CU126, "cu130"),
        ((10, 0), CU126, "cu130"),
    ],
)
def test_the_message_names_the_build_that_fits(capability, built_for, index: str) -> None:
    problem = capability_problem(capability, built_for)
    assert problem.endswith(f"install torch from https://download.pytorch.org/whl/{index}")
    assert f"compute capability {capability[0]}.{capability[1]}" in problem


@pytest.mark.parametrize(
    ("capability", "built_for"),
    [((6, 1), CU126), ((7, 0), CU126), ((7, 0), CU128), ((12, 0), CU128), ((12, 0), CU130), ((8, 9), CU130)],
)
def test_a_card_that_the_build_fits_has_no_problem(capability, built_for) -> None:
    assert capability_problem(capability, built_for) == ""


@pytest.mark.parametrize(
    "capability", [(5, 0), (5, 2), (6, 0), (6, 1), (7, 0), (7, 5), (8, 0), (8, 6), (8, 9), (9, 0), (10, 0), (12, 0)]
)
def test_the_build_that_is_named_runs_on_the_card(capability) -> None:
    assert capability_problem(capability, BUILDS[wheel_for(capability)]) == ""


class P102:
    """torch.cuda on a machine with the card of this project's origin, in a build that has no code for it."""

    def is_available(self) -> bool:
        return True

    def device_count(self) -> int:
        return 1

    def get_device_properties(self, _index: int) -> SimpleNamespace:
        warnings.warn("Found GPU0 which is of cuda capability 6.1", UserWarning, stacklevel=2)
        return SimpleNamespace(name="NVIDIA P102-100", major=6, minor=1, total_memory=10 * 2**30)

    def get_arch_list(self) -> list[str]:
        return CU130


@pytest.mark.parametrize("wanted", ["cuda:0", "cuda", "split"])
def test_choosing_a_card_without_code_names_the_build(wanted: str) -> None:
    with pytest.raises(EngineError) as caught:
        resolve_device(wanted, list_devices(P102()))
    assert caught.value.code == "unsupported_device"
    assert "install torch from https://download.pytorch.org/whl/cu126" in caught.value.params["reason"]


def test_loading_and_planning_refuse_such_a_card_before_cuda_is_asked(tiny) -> None:
    card = list_devices(P102())[0]
    for attempt in (lambda path: load_model(path, "int8", card), lambda path: plan_memory(path, card)):
        with pytest.raises(EngineError, match=r"unsupported_device.*whl/cu126"):
            attempt(tiny("llama").path)


def test_such_a_card_is_listed_with_its_problem_and_passed_over() -> None:
    found = list_devices(P102())
    card, cpu = found
    assert (card.device, card.name, card.total, card.free) == ("cuda:0", "NVIDIA P102-100", 10 * 2**30, 0)
    assert "compute capability 6.1" in card.problem
    assert resolve_device("auto", found) == cpu


def test_builds_for_other_makers_are_not_judged() -> None:
    assert capability_problem((11, 0), ["gfx1100", "gfx1030"]) == ""


def test_a_card_older_than_every_build_is_told_so() -> None:
    assert wheel_for((3, 7)) == ""
    assert "choose the CPU" in capability_problem((3, 7), CU130)


def test_a_card_newer_than_the_table_is_sent_to_the_newest_build() -> None:
    assert "newest torch from https://download.pytorch.org/whl/cu130" in capability_problem((13, 0), CU126)
