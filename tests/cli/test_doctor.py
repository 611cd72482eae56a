"""What ``nyanko doctor`` says of where the model is, and why."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import DeviceInfo, ModelInfo
from nyanko_desktop.instance_messages import AppDescribed
from nyanko_desktop.terminal.doctor import Findings, as_json, as_text
from nyanko_desktop.worker.state import WorkerState

MODEL = ModelInfo("tom", "/m", "int8", "cpu", "CPU", 5, 0, 1024, "slash", True, notes=("fused experts",))
OLD_CARD = DeviceInfo("cuda:0", "P102", 10, 5, "no current torch is built for a card this old")
SPLIT = ModelInfo("tom", "/m", "int8", "split", "P102 + CPU", 5, 3, 1024, "slash", True)


def findings(worker: WorkerState, *devices: DeviceInfo, app: bool = True, device: str = "auto") -> Findings:
    described = AppDescribed("1", "0.1", 7, "/p", worker) if app else None
    chosen = {"path": "/m", "precision": "int8", "device": device, "kv_cache": "16bit"}
    found = Findings({"python": "3"}, {"profile": "/p"}, "", "", described, worker, chosen)
    return dataclasses.replace(found, devices=(DeviceInfo("cpu", "CPU", 10, 5), *devices))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (findings(WorkerState(), app=False), "not running"),
        (findings(WorkerState()), "memory was given back"),
        (findings(WorkerState("empty")), "No model is loaded"),
        (findings(WorkerState("loading", progress=0.41)), "41 %"),
        (findings(WorkerState("failed", error=WireError(ErrorCode.MODEL_NOT_FOUND, {"path": "/m"}))), "/m"),
        (findings(WorkerState("resident", model=MODEL)), "no graphics card was found"),
        (findings(WorkerState("resident", model=MODEL), OLD_CARD), "P102 cannot be used: no current torch"),
        (findings(WorkerState("resident", model=MODEL), OLD_CARD, device="cpu"), "as you chose"),
        (findings(WorkerState("resident", model=SPLIT), device="split"), "split over several devices, as you chose"),
    ],
)
def test_the_reason_says_why_the_model_is_where_it_is(found: Findings, reason: str) -> None:
    told: dict[str, Any] = as_json(found)
    assert reason in told["reason"]
    assert told["residency"]["reason"] == told["reason"]
    assert told["reason"] in as_text(found)


def test_residency_counts_bytes_here_and_elsewhere_and_tells_the_notes() -> None:
    told = as_json(findings(WorkerState("resident", model=MODEL)))["residency"]
    assert (told["device"], told["precision"], told["bytes_on_device"], told["bytes_elsewhere"]) == (
        "cpu",
        "int8",
        5,
        0,
    )
    assert told["notes"] == ["fused experts"]
    assert "fused experts" in as_text(findings(WorkerState("resident", model=MODEL)))
    assert as_json(findings(WorkerState("resident", model=SPLIT)))["residency"]["bytes_elsewhere"] == 3


@pytest.mark.parametrize(
    ("reason", "possible", "line"),
    [
        ("", True, "can be run apart"),
        ("this system cannot start a program", False, "not possible here: this system cannot start a program"),
    ],
)
def test_whether_programs_of_models_can_run_here_is_told(reason: str, possible: bool, line: str) -> None:
    found = dataclasses.replace(findings(WorkerState()), no_python=reason)
    assert as_json(found)["python"]["possible"] is possible
    assert line in as_text(found)


def test_what_nobody_could_say_about_programs_is_not_told() -> None:
    found = findings(WorkerState(), app=False)
    assert as_json(found)["python"] == {"possible": None, "reason": None}
    assert "Python programs" not in as_text(found)
