"""What a hub lists, what we believe of it, and which files make up a model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.jobs import download as jobs
from inference_worker.jobs.hubs.choice import choose
from inference_worker.jobs.hubs.client import Patience
from inference_worker.jobs.hubs.files import HubFile, is_safe_name
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Hub, HubKind, ListRepository, RepositoryListed
from tests.support.fake_hub import COMMIT, FakeHub, fake_hub

FILES = {"config.json": b"{}", "model.safetensors": b"x" * 5000, "a/b.txt": b"b"}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub(dict(FILES)) as running:
        yield running


def listed(hub: FakeHub, kind: HubKind = "huggingface", revision: str = "main") -> RepositoryListed:
    where = Hub(endpoint=hub.endpoint, kind=kind)
    command = ListRepository(id="1", hub=where, repository="owner/model", revision=revision)
    return asyncio.run(jobs.list_repository(command, Patience(tries=2, first_pause=0.01)))


@pytest.mark.parametrize("kind", ["huggingface", "modelscope"])
def test_files_come_with_size_and_hash(hub: FakeHub, kind: HubKind) -> None:
    answer = listed(hub, kind)
    files = {file.name: file for file in answer.files}
    assert set(files) == set(FILES)
    assert files["model.safetensors"].size == 5000
    assert len(files["model.safetensors"].sha256) == 64
    assert answer.chosen == ("config.json", "model.safetensors")
    assert answer.revision == (COMMIT if kind == "huggingface" else "master")


def test_a_long_list_comes_in_pages_all_from_the_endpoint_that_was_asked(hub: FakeHub) -> None:
    hub.page_size = 1
    assert len(listed(hub).files) == len(FILES)
    assert len([asked for asked in hub.asked if "/tree/" in asked.path]) == len(FILES) + 1


BAD_NAMES = [
    "", "/etc/passwd", "../x", "a/../x", "a//b", "a/", "./a", ".hidden", "a/.git/config", "a\\b", "C:x", "con", "NUL.txt",
    "a/com1.json", "lpt9", "x.", "x ", "a\0b", "a\nb", "a?b", "a*b", 'a"b', "a|b", "a<b", "x" * 241, "y" * 121,
    "猫" * 41, "model.safetensors.part", "x.part.json", "x.bad", "right\u202eleft", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_could_lead_elsewhere_is_not_safe(name: str) -> None:
    assert not is_safe_name(name)


@pytest.mark.parametrize("name", ["config.json", "a/b/c.gguf", "模型.safetensors", "console.txt", "com10", "a b.txt"])
def test_an_ordinary_name_is_safe(name: str) -> None:
    assert is_safe_name(name)


@given(st.text())
def test_any_text_is_judged_without_an_error(name: str) -> None:
    if is_safe_name(name):
        assert ".." not in name.split("/")
        assert not name.startswith("/")
        assert "\\" not in name


def test_unsafe_names_and_twins_in_another_case_are_left_out_of_the_list(hub: FakeHub) -> None:
    hub.listed_names = ["../../evil", "/etc/passwd", "CONFIG.JSON"]
    assert {file.name for file in listed(hub).files} == set(FILES)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"sha": 5}',
        b'{"sha": "../../x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"<html>",
        b" " * 2**25 + b"{}",
    ],
    ids=lambda answer: repr(answer[:12]),
)
def test_an_answer_that_is_no_list_is_said(hub: FakeHub, answer: bytes) -> None:
    hub.raw_listing = answer
    for kind in ("huggingface", "modelscope"):
        with pytest.raises(RequestError) as caught:
            listed(hub, kind)  # type: ignore[arg-type]
        assert caught.value.error.code in (ErrorCode.HUB_UNREACHABLE, ErrorCode.HUB_REFUSED)


@pytest.mark.parametrize("size", [-1, 2**41, 1.5])
def test_a_size_that_no_file_has_is_not_believed(hub: FakeHub, size: int) -> None:
    hub.listed_sizes["config.json"] = size
    with pytest.raises(RequestError) as caught:
        listed(hub)
    assert caught.value.error.code is ErrorCode.HUB_UNREACHABLE


@pytest.mark.parametrize("revision", ["../../x", "a b", "", "-x", "no-such-branch"])
def test_a_revision_that_is_not_there_is_said(hub: FakeHub, revision: str) -> None:
    with pytest.raises(RequestError) as caught:
        listed(hub, revision=revision)
    assert caught.value.error.code is ErrorCode.REPOSITORY_NOT_FOUND


# ---------------------------------------------------------------- choice

COMPANIONS = (
    "config.json generation_config.json tokenizer.json tokenizer_config.json chat_template.jinja LICENSE README.md"
)
NEVER = "modeling_x.py tf_model.h5 flax_model.msgpack model.onnx cat.png training_args.bin .gitattributes README.py"
CASES = [
    pytest.param("model.safetensors pytorch_model.bin pytorch_model.bin.index.json", "model.safetensors", id="safetensors first"),
    pytest.param(
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json consolidated.safetensors",
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json",
        id="not the same weights twice",
    ),
    pytest.param("model.safetensors model.fp16.safetensors", "model.safetensors", id="no variants"),
    pytest.param("gptq_model-4bit-128g.safetensors quantize_config.json", "gptq_model-4bit-128g.safetensors quantize_config.json", id="any safetensors"),
    pytest.param(
        "pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json ice_text.model",
        "pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json ice_text.model",
        id="the form of ChatGLM-6B",
    ),
    pytest.param("original/model.safetensors onnx/model.bin pytorch_model.bin", "pytorch_model.bin", id="no folders below"),
    pytest.param("x-q4_0.gguf mmproj-x.gguf", "x-q4_0.gguf", id="the only GGUF"),
    pytest.param("x-00001-of-00002.gguf x-00002-of-00002.gguf", "x-00001-of-00002.gguf x-00002-of-00002.gguf", id="one GGUF in parts"),
]  # fmt: skip


def files(names: str) -> list[HubFile]:
    return [HubFile(name, 1) for name in names.split()]


@pytest.mark.parametrize(("there", "expected"), CASES)
def test_a_choice_is_one_form_of_the_weights_with_all_that_belongs_to_it(there: str, expected: str) -> None:
    chosen = choose(files(f"{there} {COMPANIONS} {NEVER}"))
    assert {file.name for file in chosen} == set(f"{expected} {COMPANIONS}".split())


def test_of_several_gguf_files_the_person_must_name_one() -> None:
    with pytest.raises(RequestError, match=r"x-q4_0\.gguf, x-q8_0\.gguf"):
        choose(files("x-q4_0.gguf x-q8_0.gguf config.json"))
    assert choose(files("x-q4_0.gguf x-q8_0.gguf"), ["x-q8_0.gguf"]) == (HubFile("x-q8_0.gguf", 1),)


def test_a_named_file_that_is_not_there_and_a_repository_without_weights_are_said() -> None:
    with pytest.raises(RequestError, match="no file b"):
        choose(files("a"), ["b"])
    with pytest.raises(RequestError, match="no weights"):
        choose(files("config.json README.md"))


def test_a_list_of_several_gguf_models_chooses_none_of_them(hub: FakeHub) -> None:
    hub.files = {"a.gguf": b"a", "b.gguf": b"b"}
    assert listed(hub).chosen == ()
