"""The job that quantizes and the question what a folder holds, as the app asks for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference_worker.jobs import quantize as jobs
from inference_worker.jobs.progress import JobCancelled
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    Cancel,
    Finished,
    InspectModel,
    ModelInspected,
    Quantize,
    Quantized,
    QuantizedCopy,
)
from tests.engine.conftest import edit_json, make_checkpoint
from tests.reference import writers
from tests.reference.on_disk import Form
from tests.reference.quantized import Gptq
from tests.reference.writers_gguf import write_gguf
from tests.reference.writers_gptq import write_qwen2_gptq
from tests.reference.writers_sentencepiece import write_sentencepiece
from tests.support.asynchronous import bounded
from tests.support.worker_line import Line


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "model", "qwen2").path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def quantize(model: Path, cache: Path, precision: Any = "int8") -> Quantized:
    command = Quantize(id="1", path=str(model), precision=precision, cache=str(cache))
    return asyncio.run(jobs.quantize(command, lambda *_: None, lambda: False))


def inspect(path: Path, cache: Path | None = None, *, verify: bool = False) -> ModelInspected:
    command = InspectModel(id="1", path=str(path), cache=str(cache or ""), verify=verify)
    return asyncio.run(jobs.inspect(command))


# ---------------------------------------------------------------- quantize


def test_a_worker_quantizes_and_says_how_far_it_is(model: Path, cache: Path) -> None:
    @bounded
    async def scene() -> None:
        async with Line() as line:
            await line.send(Quantize(id="a", path=str(model), precision="int4", cache=str(cache), group=64))
            progress, done = await line.last()
            assert isinstance(done, Quantized)
            assert (done.copy.precision, done.copy.group, done.resumed) == ("int4", 64, False)
            assert {one.stage for one in progress} == {"reading", "quantizing", "writing"}
            assert progress[-1].done == progress[-1].total == done.copy.bytes
            assert (Path(done.copy.path) / "model.safetensors").stat().st_size >= done.copy.bytes

    scene()


def test_a_worker_that_is_told_to_stop_keeps_what_it_has_for_the_next_time(model: Path, cache: Path) -> None:
    @bounded
    async def scene() -> None:
        async with Line() as line:
            await line.send(Quantize(id="a", path=str(model), precision="int8", cache=str(cache)))
            await line.send(Cancel(id="a"))
            _, event = await line.last()
            assert isinstance(event, Finished)

    scene()
    assert not list(cache.glob("*-int8"))
    quantize(model, cache)
    assert [path.name for path in cache.iterdir()] == [path.name for path in cache.glob("*-int8")]


def test_a_job_that_is_cancelled_ends_with_that_outcome(model: Path, cache: Path) -> None:
    command = Quantize(id="1", path=str(model), precision="int8", cache=str(cache))
    with pytest.raises(JobCancelled):
        asyncio.run(jobs.quantize(command, lambda *_: None, lambda: True))


def test_a_copy_that_is_there_is_checked_and_not_written_again(model: Path, cache: Path) -> None:
    first = quantize(model, cache)
    written = (Path(first.copy.path) / "model.safetensors").stat()
    again = quantize(model, cache)
    assert (again.copy, again.resumed) == (first.copy, True)
    assert (Path(first.copy.path) / "model.safetensors").stat().st_mtime_ns == written.st_mtime_ns


def test_a_precision_that_needs_no_copy_is_refused(model: Path, cache: Path) -> None:
    with pytest.raises(RequestError) as caught:
        quantize(model, cache, "bf16")
    assert caught.value.error.code is ErrorCode.BAD_REQUEST


def test_errors_of_the_engine_come_with_their_code_and_file(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(RequestError) as caught:
        quantize(tmp_path / "nowhere", cache)
    assert caught.value.error.code is ErrorCode.MODEL_NOT_FOUND
    assert caught.value.error.params["path"] == str(tmp_path / "nowhere")


# ---------------------------------------------------------------- inspect


def huggingface(folder: Path) -> Path:
    return make_checkpoint(folder / "m", "llama").path


def without_template(folder: Path) -> Path:
    return make_checkpoint(folder / "m", "llama", template=None).path


def chatglm3(folder: Path) -> Path:
    write_sentencepiece(folder / "tokenizer.model")
    return writers.write_chatglm(folder / "chatglm3-6b", tokenizer=folder / "tokenizer.model").folder


def chatglm_in_int4(folder: Path) -> Path:
    write_sentencepiece(folder / "tokenizer.model")
    return writers.write_chatglm(folder / "chatglm3-6b", bits=4, tokenizer=folder / "tokenizer.model").folder


def moss(folder: Path) -> Path:
    return writers.write_moss(folder / "moss", form=Form("safetensors")).folder


def gptq(folder: Path) -> Path:
    made = make_checkpoint(folder / "m", "qwen2").path
    tokenizer = [made / name for name in ("tokenizer.json", "tokenizer_config.json")]
    return write_qwen2_gptq(folder / "gptq", Gptq(4, 32), tokenizer=tokenizer).folder


def gguf(folder: Path) -> Path:
    return write_gguf(folder / "tiny.gguf", "qwen2", "Q4_K").path


def copy(folder: Path) -> Path:
    return Path(quantize(make_checkpoint(folder / "m", "llama").path, folder / "copies").copy.path)


@pytest.mark.parametrize(
    ("make", "family", "form", "stored", "chat_format"),
    [
        (huggingface, "huggingface", "safetensors", "fp32", "template"),
        (without_template, "huggingface", "safetensors", "fp32", "plain"),
        (chatglm3, "chatglm3", "bin", "fp16", "chatglm3"),
        (chatglm_in_int4, "chatglm3", "chatglm-int4", "int4", "chatglm3"),
        (moss, "moss", "safetensors", "fp16", "moss"),
        (gptq, "huggingface", "gptq-int4", "int4", "plain"),
        (gguf, "gguf", "gguf", "Q4_K", "template"),
        (copy, "huggingface", "nyanko", "int8", "template"),
    ],
)
def test_every_kind_of_checkpoint_says_what_it_is(
    tmp_path: Path, make: Callable[[Path], Path], family: str, form: str, stored: str, chat_format: str
) -> None:
    found = inspect(make(tmp_path))
    assert (found.family, found.format, found.stored, found.chat_format) == (family, form, stored, chat_format)
    assert found.problems == ()
    assert found.architecture
    assert found.parameters > 10_000
    assert found.layers in (2, 3)
    assert found.context > 100
    assert found.bytes > 10_000


def test_copies_are_listed_with_the_model_they_were_made_from(model: Path, cache: Path) -> None:
    written = [quantize(model, cache, precision).copy for precision in ("int4", "int8")]
    quantize(make_checkpoint(cache.parent / "other", "qwen2", seed=1).path, cache)
    assert inspect(model, cache).copies == tuple(written)
    assert all(isinstance(one, QuantizedCopy) for one in written)
    assert inspect(model).copies == ()


def test_what_is_wrong_is_said_and_the_rest_all_the_same(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    found = inspect(model)
    assert found.chat_format == ""
    assert len(found.problems) == 1
    assert "tokenizer.json" in found.problems[0]
    assert found.layers == 3


def test_an_unknown_architecture_is_a_problem_not_a_failure(model: Path) -> None:
    edit_json(model / "config.json", model_type="newest_thing", architectures=["NewestThing"])
    found = inspect(model)
    assert found.architecture == "NewestThing"
    assert any("newest_thing" in problem for problem in found.problems)
    assert found.parameters > 10_000


def test_a_folder_that_holds_no_model_cannot_be_inspected(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        inspect(tmp_path)
    assert caught.value.error.code is ErrorCode.NOT_A_MODEL


def test_a_flipped_bit_in_a_copy_is_found_when_asked_for(model: Path, cache: Path) -> None:
    copied = Path(quantize(model, cache).copy.path)
    file = copied / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert inspect(copied).problems == ()
    problems = inspect(copied, verify=True).problems
    assert len(problems) == 1
    assert "model.safetensors" in problems[0]
    assert "quantize again" in problems[0]


def test_a_copy_names_the_architecture_of_its_source(tmp_path: Path, cache: Path) -> None:
    copied = Path(quantize(chatglm3(tmp_path), cache).copy.path)
    assert inspect(copied).architecture == inspect(tmp_path / "chatglm3-6b").architecture
    assert json.loads((copied / "manifest.json").read_text())["source"]["format"] == "bin"
