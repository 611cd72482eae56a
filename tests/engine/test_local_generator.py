"""The local generator: the engine as a turn and the server see it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from inference_worker.chat.generator import Generator, Stream, Token
from inference_worker.chat.local_generator import LocalGenerator, list_devices, load_generator, plan_memory
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.engine.errors import Code, LoadCancelled
from inference_worker.engine.quantize.convert import write_copy
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import (
    ChatMessage,
    GroupSize,
    LoadModel,
    ModelInfo,
    PlanMemory,
    Precision,
    Sampling,
    TextPart,
)

SECONDS = 60.0
"""Bound of every wait here; what is waited for takes at most a second."""
GREEDY = Sampling(temperature=0, max_tokens=12)


def said(role: str, text: str, **more: Any) -> ChatMessage:
    return ChatMessage(role, (TextPart(text),), **more)  # type: ignore[arg-type]


async def load(path: Path, precision: str = "fp32", context: int = 0) -> LocalGenerator:
    command = LoadModel("1", str(path), precision, "cpu", context)  # type: ignore[arg-type]
    return await load_generator(command, lambda *_: None, lambda: False)


def using(path: Path, job: Callable[[LocalGenerator], Awaitable[Any]], **options: Any) -> Any:
    async def main() -> Any:
        generator = await load(path, **options)
        try:
            return await asyncio.wait_for(job(generator), SECONDS)
        finally:
            await generator.close()

    return asyncio.run(main())


def test_it_is_a_generator_and_its_stream_is_a_stream(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        as_generator: Generator = generator
        stream: Stream = as_generator.stream([5, 6], GREEDY)
        await stream.aclose()
        tokenizer: ChatTokenizer = generator._model.tokenizer
        assert tokenizer.has_template

    using(tiny("llama").path, job)


def test_the_info_tells_what_is_resident(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        info = generator.info
        assert (info.name, info.precision, info.device, info.context) == ("glm", "int8", "cpu", 1024)
        assert (info.tool_style, info.reads_system, info.bytes_elsewhere) == ("slash", True, 0)
        assert info.bytes > 0

    using(tiny("glm").path, job, precision="int8")


def test_a_conversation_is_answered(tiny) -> None:
    made = tiny("glm")

    async def job(generator: LocalGenerator) -> None:
        ids = generator.encode_conversation([said("user", "hello <|end|>")], [], resume=False)
        stream = generator.stream(ids, GREEDY)
        tokens = [token async for token in stream]
        assert [token.id for token in tokens] == made.greedy(ids, 12)
        assert stream.finish_reason == "length"
        assert (stream.prompt_tokens, stream.reused_tokens, stream.completion_tokens) == (len(ids), 0, 12)
        assert stream.queued_seconds > 0
        assert stream.prefill_seconds > 0
        assert stream.decode_seconds > 0
        await stream.aclose()

    using(made.path, job)


def test_a_stored_reply_is_used_again_from_the_cache(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        question = said("user", "hello")
        prompt = generator.encode_conversation([question], [], resume=False)
        reply = [token async for token in generator.stream(prompt, GREEDY)]
        text = "".join(token.text for token in reply)
        ids = tuple(token.id for token in reply)
        stored = said("assistant", text, ids=ids, ids_model=generator.fingerprint)
        longer = generator.encode_conversation([question, stored, said("user", "and?")], [], resume=False)
        stream = generator.stream(longer, GREEDY)
        await anext(aiter(stream))
        await stream.aclose()
        assert stream.reused_tokens == len(prompt) + len(ids) - 1

    using(tiny("glm").path, job)


def test_a_stop_id_ends_the_reply_and_is_not_part_of_it(checkpoint, edit_json) -> None:
    made = checkpoint("glm")
    expected = made.greedy([5, 6, 7], 12)
    edit_json(made.path / "generation_config.json", eos_token_id=expected[4])

    async def job(generator: LocalGenerator) -> None:
        stream = generator.stream([5, 6, 7], GREEDY)
        tokens = [token.id async for token in stream]
        assert tokens == expected[: expected.index(expected[4])]
        assert stream.finish_reason == "stop"

    using(made.path, job)


def test_text_held_back_for_a_stop_string_is_not_lost_at_a_stop_id(checkpoint, edit_json) -> None:
    made = checkpoint("glm")
    expected = made.greedy([5, 6, 7], 12)
    at = next(i for i in range(11, 4, -1) if expected[i] not in expected[:i])
    edit_json(made.path / "generation_config.json", eos_token_id=expected[at])

    async def job(generator: LocalGenerator) -> None:
        whole = "".join([token.text async for token in generator.stream([5, 6, 7], GREEDY)])
        held = Sampling(temperature=0, max_tokens=12, stop=(whole[-1] + "\0",))
        assert "".join([token.text async for token in generator.stream([5, 6, 7], held)]) == whole

    using(made.path, job)


def test_a_model_without_a_template_stops_at_the_next_line_of_the_person(checkpoint) -> None:
    async def job(generator: LocalGenerator) -> None:
        assert generator._engine_sampling(Sampling(stop=("x",))).stop == ("x", "\nUser:")
        ids = generator.encode_conversation([said("user", "hello")], [], resume=False)
        assert [token async for token in generator.stream(ids, GREEDY)]

    using(checkpoint(template=None).path, job)


def test_closing_early_frees_the_thread_and_keeps_the_cache(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        prompt = list(range(4, 60))
        stream = generator.stream(prompt, Sampling(temperature=0))
        tokens = aiter(stream)
        first = await anext(tokens)
        assert isinstance(first, Token)
        await stream.aclose()
        await stream.aclose()
        assert stream.finish_reason is None
        assert 1 <= stream.completion_tokens < 900
        again = generator.stream(prompt, GREEDY)
        assert (await anext(aiter(again))).id == first.id
        await again.aclose()
        assert again.reused_tokens == len(prompt) - 1

    using(tiny("llama").path, job)


def test_two_streams_at_once_are_answered_one_after_the_other(tiny) -> None:
    made = tiny("llama")

    async def job(generator: LocalGenerator) -> None:
        async def read(ids: list[int]) -> list[int]:
            return [token.id async for token in generator.stream(ids, GREEDY)]

        prompts = [[5, 6, 7], [8, 9], [5, 6, 8]]
        replies = await asyncio.gather(*(read(ids) for ids in prompts))
        assert replies == [made.greedy(ids, 12) for ids in prompts]

    using(made.path, job)


def test_text_can_be_encoded_while_a_reply_is_decoded(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        expected = generator.encode_text("the cat sat <|end|> 你好")
        stream = generator.stream([5, 6, 7], Sampling(temperature=1, seed=1, max_tokens=150))
        async for _ in stream:
            assert generator.encode_text("the cat sat <|end|> 你好") == expected
        assert stream.completion_tokens > 1

    using(tiny("llama").path, job)


def test_a_full_context_arrives_as_a_request_error(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        stream = generator.stream([5] * 40, GREEDY)
        with pytest.raises(RequestError) as caught:
            await anext(aiter(stream))
        await stream.aclose()
        assert caught.value.error.code is ErrorCode.CONTEXT_FULL
        assert caught.value.error.params == {"tokens": "40", "context": "32"}

    using(tiny("llama").path, job, context=32)


def test_sampling_out_of_range_is_a_bad_request(tiny) -> None:
    async def job(generator: LocalGenerator) -> None:
        with pytest.raises(RequestError) as caught:
            generator.stream([5], Sampling(temperature=-1))
        assert caught.value.error.code is ErrorCode.BAD_REQUEST

    using(tiny("llama").path, job)


def test_a_folder_that_is_no_model_arrives_as_a_request_error_and_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(RequestError) as caught:
        asyncio.run(load(tmp_path))
    assert caught.value.error.code is ErrorCode.NOT_A_MODEL
    assert caught.value.error.params["path"] == str(tmp_path)
    assert threading.active_count() <= before


def test_a_load_can_be_cancelled(tiny) -> None:
    seen: list[int] = []

    async def main() -> None:
        command = LoadModel("1", str(tiny("llama").path), "int8", "cpu")
        await load_generator(command, lambda done, _: seen.append(done), lambda: len(seen) > 2)

    with pytest.raises(LoadCancelled):
        asyncio.run(main())
    assert len(seen) <= 4


def test_the_plan_names_every_precision(tiny) -> None:
    planned = asyncio.run(plan_memory(PlanMemory("7", str(tiny("glm").path), "cpu")))
    assert (planned.id, planned.device, planned.context) == ("7", "cpu", 1024)
    assert [one.precision for one in planned.estimates] == list(get_args(Precision))
    assert all(one.largest_context == 1024 and not one.measured and not one.quantized for one in planned.estimates)
    assert all(one.fits for one in planned.estimates)
    assert planned.free > planned.estimates[0].weights > planned.estimates[-1].weights > 0


def test_a_copy_in_the_cache_folder_is_known_to_the_plan_and_told_after_the_load(tiny, tmp_path: Path) -> None:
    source, cache = tiny("glm").path, tmp_path / "cache"
    write_copy(source, "int4", cache, group=32)

    def planned(group: GroupSize) -> list[str]:
        command = PlanMemory("7", str(source), "cpu", group=group, cache=str(cache))
        return [one.precision for one in asyncio.run(plan_memory(command)).estimates if one.quantized]

    assert (planned(32), planned(128)) == (["int4"], [])

    async def main() -> ModelInfo:
        command = LoadModel("1", str(source), "int4", "cpu", group=32, cache=str(cache))
        generator = await load_generator(command, lambda *_: None, lambda: False)
        await generator.close()
        return generator.info

    info = asyncio.run(main())
    assert (info.group, info.family) == (32, "huggingface")
    assert any("quantized copy" in note for note in info.notes)


def test_a_plan_for_nothing_is_a_request_error(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        asyncio.run(plan_memory(PlanMemory("7", str(tmp_path / "no"), "cpu")))
    assert caught.value.error.code is ErrorCode.MODEL_NOT_FOUND


def test_the_devices_of_this_machine_are_listed() -> None:
    devices = asyncio.run(list_devices())
    assert devices[-1].device == "cpu"
    assert devices[-1].free > 0


def test_every_code_of_the_engine_is_one_of_the_wire() -> None:
    assert set(get_args(Code)) <= {code.value for code in ErrorCode}


def test_importing_it_brings_no_torch() -> None:
    code = "import sys, inference_worker.chat.local_generator; assert not {'torch', 'transformers'} & set(sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS)
    assert (result.returncode, result.stderr) == (0, "")
