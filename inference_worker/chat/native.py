"""The style of a model that was trained to call tools: what it is told, how its calls are read, and how results go in.

Knows no turn and no model by name; the probe found what the template does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from inference_worker.chat.call_grammar import native_grammars, read_form, thoughts_before
from inference_worker.chat.native_messages import (
    Dicts,
    call_message,
    definition,
    is_plain,
    parameters,
    plain_id,
    result_message,
)
from inference_worker.chat.probe import ARGUMENTS, QUESTION, Native
from inference_worker.chat.round_trip import PROMPT_END, begin_of_reply, find_calls, marker_ids, open_filter, spell
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.protocol.messages import CallPart
from inference_worker.tools.base import Tool
from inference_worker.tools.families.family import Thinking
from inference_worker.tools.filter import Called
from inference_worker.tools.model_filter import ModelFilter

_MAX_ID = 64


class NativeStyle:
    """Of one loaded checkpoint."""

    def __init__(self, tokenizer: ChatTokenizer, native: Native) -> None:
        self._tokenizer, self._native = tokenizer, native
        self.family = native.family
        self.parallel = native.parallel
        self.system = native.system
        self.markers: Mapping[int, str] = marker_ids(tokenizer, native.family)
        """Ids that a stream hands out as markers, not as text."""
        controls = frozenset(name for name in tokenizer.added_tokens.values() if len(name) > 1)
        self.spelling = dataclasses.replace(native.spelling, controls=controls)
        self._form = read_form(native.example, native.family.thinking)
        self.stop_ids = frozenset(token for token, name in self.markers.items() if name in native.family.ends)

    # ------------------------------------------------------------ what the model is told

    def definitions(self, tools: Sequence[Tool]) -> Dicts | None:
        """What the template is given; ``None`` without tools."""
        return [definition(tool, self.spelling.controls) for tool in tools] or None

    def tool_section(self, tools: Sequence[Tool], *, told: bool | None = None) -> str:
        """What the system text has to say about tools where the template does not, or refuses these: not ``told``."""
        if not tools or (self._native.defines if told is None else told):
            return ""
        lines = [json.dumps(definition(tool, self.spelling.controls)["function"], ensure_ascii=False) for tool in tools]
        (name, value), *_ = ARGUMENTS.items()
        example = self._native.example.strip().replace(name, "PARAMETER").replace(value, "VALUE")
        return "\n".join(["# Tools", "", *lines, "", "To call one, write exactly as in this example:", example])

    # ------------------------------------------------------------ what the model writes

    def open_filter(self, tools: Sequence[Tool], prompt: Sequence[int]) -> ModelFilter:
        """The filter of a reply that follows ``prompt``."""
        schemas = {tool.name: parameters(tool) for tool in tools}
        if not self._native.defines:  # it learnt the markers from a text that could only spell them
            return ModelFilter(self.family, schemas, prompt_end=self._tokenizer.decode(list(prompt[-PROMPT_END:])))
        return open_filter(self._tokenizer, self.family, schemas, prompt)

    def has_call(self, thoughts: str, tools: Sequence[Tool]) -> bool:
        """Whether a whole call that could run stands in what the model only thought."""
        schemas = {tool.name: parameters(tool) for tool in tools}
        reader = ModelFilter(self.family, schemas)
        events = [*reader.feed(thoughts), *reader.finish()]
        return any(isinstance(event, Called) for event in events)

    @property
    def has_grammar(self) -> bool:
        """Whether a reply can be held to a call."""
        return self._form is not None

    def grammars(self, tools: Sequence[Tool], prompt: Sequence[int]) -> tuple[str, ...]:
        """Of a reply behind ``prompt`` that calls one of ``tools``, the best first; none where calls are no JSON."""
        schemas = {tool.name: parameters(tool) for tool in tools if is_plain(tool.name)}
        if self._form is None or not schemas:
            return ()
        ids = {name: token for token, name in self.markers.items()}
        opened, again = self._opened(prompt), ""
        if not self.family.thinking_ends:  # thoughts are a message of their own: the call begins another one
            end = self._tokenizer.decode(list(prompt[-PROMPT_END:]))
            close = self.family.thinking[0].close
            again = end.rpartition(close)[2] if close in end else ""
        return native_grammars(self._form, schemas, ids, thoughts_before(ids, self.family.thinking, opened, again))

    # ------------------------------------------------------------ what goes in

    def after_calls(self, parts: Sequence[CallPart], written_ids: Sequence[str], tools: Sequence[Tool]) -> list[int]:
        """Ids between the last of some calls and what the model writes next: the end of its turn, the results, and the
        beginning of the reply, as the template prints them.

        ``written_ids`` are those that the model gave its calls; empty ones, and those that the template does not take,
        are ours. Raises ValueError where the template refuses.
        """
        own = [plain_id(part.call_id) for part in parts]
        ids = [_checked(written) or mine for written, mine in zip(written_ids, own, strict=True)]
        try:
            return self._after_calls(parts, ids, tools)
        except ValueError:
            return self._after_calls(parts, own, tools)

    def _after_calls(self, parts: Sequence[CallPart], ids: Sequence[str], tools: Sequence[Tool]) -> list[int]:
        calls = [(call_id, part.name, ARGUMENTS) for call_id, part in zip(ids, parts, strict=True)]
        asked = call_message(calls, spelling=self.spelling)
        results = [result_message(call_id, part) for call_id, part in zip(ids, parts, strict=True)]
        definitions = self.definitions(tools)
        try:
            prompt = self._tokenizer.render([QUESTION], definitions, add_generation_prompt=True)
        except ValueError:  # then it was told about them in the system text
            definitions = None
            prompt = self._tokenizer.render([QUESTION], add_generation_prompt=True)
        rendered = self._tokenizer.render([QUESTION, asked, *results], definitions, add_generation_prompt=True)
        start = begin_of_reply(prompt, rendered, self._tokenizer, QUESTION["content"])
        end = start + self._length_of_calls(rendered[:start], rendered[start:], asked, len(parts))
        while end > start and rendered[end - 1] in self.stop_ids | self._tokenizer.stop_ids:
            end -= 1  # the end of a turn is never among the ids that a model wrote
        return rendered[end:]

    def _length_of_calls(self, before: Sequence[int], ids: Sequence[int], asked: Mapping[str, Any], count: int) -> int:
        """How many of ``ids``, which follow ``before``, belong to the message ``asked`` up to its last call."""
        written = list(spell(ids, self._tokenizer))
        if self.spelling.calls_as_text:
            texts = accumulate(piece.text for piece in written)
            length = next((place for place, text in enumerate(texts, start=1) if asked["content"] in text), None)
        else:
            schemas = {call["function"]["name"]: {"type": "object"} for call in asked["tool_calls"]}
            found = find_calls(written, open_filter(self._tokenizer, self.family, schemas, before), self.markers, count)
            length = found.length if len(found.calls) == count else None
        if length is None:
            raise ValueError("the chat template prints calls that cannot be read back")
        return length

    def without_thinking(self, prompt: Sequence[int]) -> list[int]:
        """Ids behind ``prompt`` with which the model has thought nothing."""
        opened = self._opened(prompt)
        pair = opened or next(iter(self.family.thinking), None)
        if pair is None:
            return []
        blank = self._tokenizer.encode("\n\n")
        return [*([] if opened else self._marker(pair.open)), *blank, *self._marker(pair.close), *blank]

    def begins_in_thoughts(self, prompt: Sequence[int]) -> bool:
        """Whether ``prompt`` has begun to think for the model."""
        return self._opened(prompt) is not None

    def _opened(self, prompt: Sequence[int]) -> Thinking | None:
        end = self._tokenizer.decode(list(prompt[-PROMPT_END:])).rstrip()
        return next((pair for pair in self.family.thinking if end.endswith(pair.open.rstrip())), None)

    def _marker(self, text: str) -> list[int]:
        known = [token for token, name in self.markers.items() if name == text]
        return known or self._tokenizer.encode(text)


def _checked(call_id: str) -> str:
    """``call_id`` where it can be printed again."""
    return call_id if len(call_id) <= _MAX_ID and is_plain(call_id.replace(":", "_")) else ""
