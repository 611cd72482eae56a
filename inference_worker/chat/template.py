"""Conversations to token ids through a checkpoint's own chat template, found out by probing it. Knows no model by name.

Ids that a model generated are used again as they are: decoding and encoding again gives other ids, and the cached
prefix would be lost. Where a template does not allow that provably, its plain rendering is used.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inference_worker.chat.native import NativeStyle
from inference_worker.chat.native_messages import SIMPLE, Dicts, said
from inference_worker.chat.probe import System, probe
from inference_worker.chat.slash_prompt import as_text, tool_section
from inference_worker.chat.thoughts import Thoughts
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.protocol.messages import ChatMessage
from inference_worker.tools.base import Tool

_PLACEHOLDERS = ("Nyankoreply", "Replyofnyanko", "Catsaidthis")
"""Stand for a stored reply in a render; a word, so that it does not grow together with the line break before it."""
_log = logging.getLogger(__name__)


def usable_ids(message: ChatMessage, fingerprint: str) -> tuple[int, ...]:
    """The ids stored with ``message`` if they belong to this tokenizer and template, else none."""
    return message.ids if message.ids_model == fingerprint else ()


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one prompt is written: what the template is given beside the messages, and what stands in them."""

    definitions: Dicts | None = None
    section: str = ""
    """What the system text says about tools."""
    system: System = "printed"
    speaks: bool = False
    """Calls in history are messages of their own; otherwise they stand in the text."""
    difference: str = ""
    """To the best layout, for the log."""


class ChatTemplate:
    """The template of one loaded checkpoint."""

    def __init__(self, tokenizer: ChatTokenizer, *, is_taught: bool = False) -> None:
        """``is_taught``: the model was trained for its tools, and to answer without any words about them."""
        self._tokenizer = tokenizer
        found = probe(tokenizer)
        self._system: System = "merged" if found.system == "dropped" and not is_taught else found.system
        self.native = NativeStyle(tokenizer, found.native) if found.native else None
        self.thoughts = Thoughts(tokenizer, found.thinking) if found.thinking and self.native is None else None
        """How thoughts are told from answers where the model is not native, and may think at all."""
        self.reason = found.reason
        """Why a template that knows tools is not used for them; else empty."""

    @property
    def tool_style(self) -> Literal["native", "slash"]:
        return "native" if self.native else "slash"

    @property
    def reads_system(self) -> bool:
        """Whether system text reaches the model at all."""
        return self._system != "dropped"

    def encode(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        """Ids of the prompt, up to where the assistant writes on: a new reply, or with ``resume`` its last message.

        Raises ValueError with the template's own words where it refuses the conversation.
        """
        first, *others = self._layouts(tools)
        try:
            return self._encode(messages, first, resume)
        except ValueError as refusal:
            for layout in others:
                _log.info("%s; trying with %s", refusal, layout.difference)
                with contextlib.suppress(ValueError):
                    return self._encode(messages, layout, resume)
            raise

    def _layouts(self, tools: Sequence[Tool]) -> list[_Layout]:
        """The best first; the others are for what a template refuses."""
        if self.native is None:
            return [_Layout(section=tool_section(tools), system=self._system)]
        section, definitions = self.native.tool_section(tools), self.native.definitions(tools)
        system = self.native.system if tools else self._system
        layouts = [
            _Layout(definitions, section, system, speaks=True),
            _Layout(definitions, section, system, difference="earlier calls as text"),
        ]
        if definitions:
            section = self.native.tool_section(tools, told=False)
            layouts.append(_Layout(None, section, system, speaks=True, difference="tools in our own words"))
        return layouts

    def _encode(self, messages: Sequence[ChatMessage], layout: _Layout, resume: bool) -> list[int]:
        if not resume:
            return self._encode_finished(messages, layout)
        opened = messages[-1]
        stored = usable_ids(opened, self._tokenizer.fingerprint)
        if stored or not opened.parts:
            return self._encode_finished(messages[:-1], layout) + list(stored)
        dicts = self._dicts(messages, layout)
        ends_in_text = dicts[-1]["role"] == "assistant"
        try:
            return self._tokenizer.render(
                dicts, layout.definitions, continue_final=ends_in_text, add_generation_prompt=not ends_in_text
            )
        except ValueError:  # some templates change the text of a reply, so that its end cannot be found
            return self._encode_finished(messages[:-1], layout) + self._tokenizer.encode(as_text(opened.parts))

    def _encode_finished(self, messages: Sequence[ChatMessage], layout: _Layout) -> list[int]:
        """The prompt for a new reply."""
        messages = [m for m in messages if m.role != "assistant" or m.parts]
        spliced = self._splice(messages, layout)
        if spliced is not None:
            return spliced
        return self._tokenizer.render(self._dicts(messages, layout), layout.definitions, add_generation_prompt=True)

    # ------------------------------------------------------------ messages as the template takes them

    def _dicts(self, messages: Sequence[ChatMessage], layout: _Layout, placeholder: str = "") -> Dicts:
        """Messages with one text each, system text where this template reads it, no two of the person's in a row.

        A reply that has ids is ``placeholder``, where there is one.
        """
        system = [as_text(m.parts) for m in messages if m.role == "system"]
        dicts: Dicts = []
        for message in messages:
            if message.role == "system" or not message.parts:
                continue
            if message.role == "user" and dicts and dicts[-1]["role"] == "user":
                dicts[-1]["content"] += "\n\n" + as_text(message.parts)
            elif placeholder and self._has_ids(message):
                dicts.append({"role": message.role, "content": placeholder})
            elif layout.speaks and message.role == "assistant":
                dicts += said(message.parts, self.native.spelling if self.native else SIMPLE)
            else:
                dicts.append({"role": message.role, "content": as_text(message.parts)})
        return _with_system("\n\n".join(filter(None, [*system, layout.section])), dicts, layout.system)

    def _has_ids(self, message: ChatMessage) -> bool:
        return message.role == "assistant" and bool(usable_ids(message, self._tokenizer.fingerprint))

    # ------------------------------------------------------------ stored ids

    def _splice(self, messages: Sequence[ChatMessage], layout: _Layout) -> list[int] | None:
        """The rendered prompt with stored ids in the places of their messages; ``None`` where that cannot be proved."""
        used = [usable_ids(m, self._tokenizer.fingerprint) for m in messages if self._has_ids(m)]
        texts = [as_text(m.parts) for m in messages if not self._has_ids(m)]
        word = next((w for w in _PLACEHOLDERS if not any(w in text for text in texts)), None)
        if word is None or not used:
            return None
        marked = self._dicts(messages, layout, word)
        rendered = self._tokenizer.render(marked, layout.definitions, add_generation_prompt=True)
        mark = self._tokenizer.encode(word)
        places = _find(rendered, mark)
        if len(places) != len(used) or not self._is_where_replies_begin(rendered[: places[-1]], marked, word, layout):
            return None
        spliced: list[int] = []
        end = 0
        for place, ids in zip(places, used, strict=True):
            spliced += [*rendered[end:place], *ids]
            end = place + len(mark)
        return spliced + rendered[end:]

    def _is_where_replies_begin(self, rendered: Sequence[int], marked: Dicts, word: str, layout: _Layout) -> bool:
        """Whether history looks up to a reply as the prompt did when that reply was generated."""
        last = max(i for i, d in enumerate(marked) if d["content"] == word)
        try:
            before = self._tokenizer.render(marked[:last], layout.definitions, add_generation_prompt=True)
        except ValueError:  # a greeting without a question before it, for example
            return False
        return before == list(rendered)


def _with_system(text: str, dicts: Dicts, system: System) -> Dicts:
    if not text or system == "dropped":
        return dicts
    if system == "printed":
        return [{"role": "system", "content": text}, *dicts]
    if not dicts or dicts[0]["role"] != "user":
        return [{"role": "user", "content": text}, *dicts]
    return [{"role": "user", "content": f"{text}\n\n{dicts[0]['content']}"}, *dicts[1:]]


def _find(ids: Sequence[int], part: Sequence[int]) -> list[int]:
    """Where ``part`` occurs in ``ids``."""
    if not part:
        return []
    size = len(part)
    return [i for i in range(len(ids) - size + 1) if ids[i] == part[0] and list(ids[i : i + size]) == list(part)]
