"""The shipped model: what its folder holds, that it answers through the turn, and that nothing answers in its place."""

import asyncio
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from inference_worker.chat.local_generator import load_generator
from inference_worker.chat.turn import run_turn
from inference_worker.protocol.messages import ChatMessage, LoadModel, RunTurn, Sampling, TextPart, ToolFinished
from inference_worker.tools.registry import find_tools
from tests.support.fake_desk import FakeDesk

MINI = Path(__file__).resolve().parents[2] / "resources" / "models" / "nyanko-mini"
TOOLS = ("calculate", "now", "remind")
MOST_BYTES = 12_000_000


def ask(folder, text, precision="int8"):
    """The finished turn and its desk, greedily decoded."""

    async def turn():
        command = LoadModel("1", str(folder), precision, "cpu")
        generator = await load_generator(command, lambda *_: None, lambda: False)
        try:
            desk = FakeDesk(host="ok 2026-11-21 18:40")
            messages = (ChatMessage("user", (TextPart(text),)),)
            command = RunTurn("1", messages, TOOLS, TOOLS, Sampling(temperature=0.0, max_tokens=80))
            return await run_turn(command, generator, desk), desk
        finally:
            await generator.close()

    return asyncio.run(turn())


def test_the_folder_is_small_and_says_what_made_it():
    assert sum(file.stat().st_size for file in MINI.iterdir()) < MOST_BYTES
    with safe_open(MINI / "model.safetensors", framework="pt") as weights:
        assert weights.metadata()["corpus_version"]
        assert all(weights.get_tensor(name).dtype == torch.float16 for name in weights.keys())  # noqa: SIM118


def test_a_calculation_is_called_and_its_result_stands_in_the_answer():
    _, desk = ask(MINI, "What's 6.5*7.5?")
    assert [event.result for event in desk.of(ToolFinished)] == ["48.75"]
    assert "48.75" in desk.text
    assert "/calculate" not in desk.text


@pytest.mark.parametrize(("text", "result"), [("12.5乘以8等于多少？", "100"), ("what is 914 minus 358", "556")])
def test_both_languages_calculate(text, result):
    _, desk = ask(MINI, text)
    assert Decimal(desk.of(ToolFinished)[0].result) == Decimal(result)
    assert result in desk.text


def test_a_reminder_is_called_with_its_time():
    done, _ = ask(MINI, "二十分钟后提醒我收衣服")
    assert done.message.parts[0].arguments["text"].split("|")[0].strip() == "20m"


def test_it_is_told_nothing_that_it_was_not_trained_to_read():
    generator = asyncio.run(load_generator(LoadModel("1", str(MINI), "int8", "cpu"), lambda *_: None, lambda: False))
    question = ChatMessage("user", (TextPart("hi"),))
    persona = ChatMessage("system", (TextPart("You are a cat."),))
    told = generator.encode_conversation([persona, question], find_tools(TOOLS), resume=False)
    assert told == generator.encode_conversation([question], [], resume=False)
    asyncio.run(generator.close())


def test_with_random_weights_the_answers_are_noise(tmp_path):
    shutil.copytree(MINI, tmp_path / "noise")
    weights = load_file(MINI / "model.safetensors")
    torch.manual_seed(1)
    noise = {name: torch.randn_like(tensor.float()).mul(0.02).half() for name, tensor in weights.items()}
    save_file(noise, tmp_path / "noise" / "model.safetensors", metadata={"format": "pt"})
    for question in ("What's 6.5*7.5?", "who are you?", "你是谁？"):
        _, desk = ask(tmp_path / "noise", question)
        assert desk.of(ToolFinished) == []
        assert not any(word in desk.text for word in ("48.75", "Nyanko is", "I am Nyanko", "我是喵酱"))
