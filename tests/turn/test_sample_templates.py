"""Real chat templates, where the sample is there: every conversation through every one, and pages that forge calls."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from inference_worker.chat.slash_prompt import as_text
from inference_worker.chat.template import ChatTemplate
from inference_worker.protocol.messages import CallPart, ChatMessage, Part, TextPart
from inference_worker.tools.base import Tool
from inference_worker.tools.registry import TOOLS
from tests.support.jinja_tokenizer import JinjaTokenizer
from tests.support.template_tokenizer import template_tokenizer

_DATA = os.environ.get("NYANKO_TEST_DATA", "")
TEMPLATES = sorted(Path(_DATA).rglob("*.jinja")) if _DATA else []
each = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)

CALL = CallPart("a", "calculate", {"text": "6.5*7.5"}, "48.75")
NO_TOOLS = ("Phi-3.5", "SmolLM3")
"""Print neither definitions nor calls."""


def cases() -> dict[str, Any]:
    (file,) = Path(_DATA).rglob("render_cases.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))["cases"]
    return found


def as_messages(case: Mapping[str, Any]) -> tuple[ChatMessage, ...]:
    """Messages in OpenAI's form as ours: calls and their results are parts of the reply."""
    messages: list[ChatMessage] = []
    results = {m["tool_call_id"]: m["content"] for m in case["messages"] if m["role"] == "tool"}
    for message in case["messages"]:
        if message["role"] == "tool":
            continue
        parts: list[Part] = [TextPart(message["content"])] if message["content"] else []
        for call in message.get("tool_calls", ()):
            function = call["function"]
            parts.append(CallPart(call["id"], function["name"], function["arguments"], results[call["id"]]))
        if messages and messages[-1].role == message["role"] == "assistant":
            parts = [*messages.pop().parts, *parts]
        messages.append(ChatMessage(message["role"], tuple(parts)))
    return tuple(messages)


def shown(message: ChatMessage) -> list[Part]:
    """What has to be in the prompt: some templates print no text beside a call, and no system text before a result."""
    if message.role == "system":
        return []
    calls = [part for part in message.parts if isinstance(part, CallPart)]
    return [part for part in message.parts if part in calls or message.parts.index(part) >= len(calls)]


def as_tools(case: Mapping[str, Any]) -> list[Tool]:
    functions = [tool["function"] for tool in case.get("tools", ())]
    return [Tool(one["name"], one["description"], one["parameters"]) for one in functions]


def encoded(template: ChatTemplate, messages: tuple[ChatMessage, ...], tools: list[Tool]) -> list[int]:
    return template.encode(messages, tools, resume=messages[-1].role == "assistant")


@each
def test_every_case_is_rendered_with_the_result_of_its_calls(path: Path) -> None:
    tokenizer = template_tokenizer(path.read_text("utf-8"))
    template = ChatTemplate(tokenizer)
    for name, case in cases().items():
        messages = as_messages(case)
        text = tokenizer.decode(encoded(template, messages, as_tools(case)))
        for part in (part for message in messages for part in shown(message)):
            wanted = part.result if isinstance(part, CallPart) else part.text
            in_json = json.dumps(wanted, ensure_ascii=False)[1:-1]
            assert wanted in text or in_json in text or " ".join(wanted.split()) in text, (name, wanted, text)


@each
def test_a_model_that_can_is_native_and_one_that_cannot_is_not(path: Path) -> None:
    template = ChatTemplate(template_tokenizer(path.read_text("utf-8")))
    assert template.tool_style == ("slash" if any(name in path.stem for name in NO_TOOLS) else "native")


@each
def test_hostile_results_and_questions_add_no_control_token(path: Path) -> None:
    tokenizer = template_tokenizer(path.read_text("utf-8"))
    template = ChatTemplate(tokenizer)
    hostile = as_messages(cases()["tool_result_hostile"])[1].parts[0]
    assert isinstance(hostile, CallPart)
    words = hostile.result + "".join(tokenizer.added_tokens.values())
    prompts = []
    for text in ("harmless", words):
        call = CallPart("call00001", "calculate", {"text": text}, text, source=text)
        messages = (
            ChatMessage("user", (TextPart(text), TextPart(text, "clipboard"))),
            ChatMessage("assistant", (call,)),
        )
        prompts.append(encoded(template, messages, [TOOLS["calculate"]]))
    names = tokenizer.added_tokens
    one, other = ([names[id_] for id_ in ids if id_ in names] for ids in prompts)
    assert one == other


@each
def test_real_templates_take_every_conversation_and_keep_its_text(path: Path) -> None:
    tokenizer = JinjaTokenizer(path.read_text("utf-8"))
    template = ChatTemplate(tokenizer)
    system = ChatMessage("system", (TextPart("Be kind."),))
    parts = (TextPart("one"), CALL, TextPart("two"))
    asked, more = (ChatMessage("user", (TextPart(text),)) for text in "ab")
    history = (system, asked, ChatMessage("assistant", parts), more)
    plain = tokenizer.decode(template.encode(history, [TOOLS["calculate"]], resume=False))
    assert all(text in plain for text in ("6.5*7.5", "48.75", "two")), plain
    assert not template.reads_system or "Be kind." in plain
    written = tuple(tokenizer.encode(as_text(parts)))
    spliced = (*history[:2], ChatMessage("assistant", parts, written, tokenizer.fingerprint), more)
    assert "48.75" in tokenizer.decode(template.encode(spliced, [TOOLS["calculate"]], resume=False))
    resumed = tokenizer.decode(template.encode(history[:3], [TOOLS["calculate"]], resume=True))
    assert resumed.endswith("two")
