"""The two ways in which a turn reads calls and puts results in: slash and native. Know no stream and no desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from inference_worker.chat.call_grammar import Before, slash_grammars
from inference_worker.chat.calls import fit_tokens
from inference_worker.chat.generator import Generator
from inference_worker.chat.native import NativeStyle
from inference_worker.chat.native_messages import UNKNOWN
from inference_worker.chat.quoting import MAX_RESULT_CHARACTERS, one_line, quoted
from inference_worker.chat.reply import Reply
from inference_worker.chat.segment import NativeSegment, Segment, SlashSegment, ThinkingSegment
from inference_worker.protocol.messages import CallPart
from inference_worker.tools.base import Tool, ToolError
from inference_worker.tools.families import SlashFilter
from inference_worker.tools.filter import Called, Rejected
from inference_worker.tools.registry import read_argument

MAX_LINE_TOKENS = 512
"""A result on one line that is longer than this is cut, so that it cannot push the conversation out of the window."""
MAX_RESULT_TOKENS = 2_048
"""The same where results are messages of their own."""
MAX_RESULT_SHARE = 4
"""In a small window the results of one step may take no more than a quarter of it."""
ROOM_SHARE = 2
"""And of what is left of it no more than half, so that there is room for the next step and the answer."""
AROUND_RESULT = 96
"""Tokens of what stands around a result: marks of the template, whose words they are, how much was cut."""
LEAST_RESULT = 32
"""Tokens that a result gets in any case: the note of a cut is as long."""
_MAX_CHARACTERS = 8 * MAX_RESULT_TOKENS
"""Cut before counting tokens, because counting takes time with the length."""

Call = Called | Rejected


class Style(Protocol):
    """How one turn reads and answers calls."""

    def open(self, reply: Reply, prompt: Sequence[int], most: int) -> Segment:
        """The reader of a stream that follows ``prompt``; ``most`` is how many calls it may end in."""
        ...

    def checked(self, call: Call) -> Call:
        """``call`` with its arguments read, or why they cannot be."""
        ...

    def word(self, count: int, room: int) -> Callable[[str], str]:
        """What of a result the model may read, where there are ``count`` at once and ``room`` tokens for all."""
        ...

    def keep(self, reply: Reply) -> None:
        """Add the ids of the last segment to the reply, those of calls left out."""
        ...

    def add_answers(self, reply: Reply, parts: Sequence[CallPart]) -> None:
        """Add the last segment with its answered calls to the reply, and what stands before the model goes on."""
        ...

    def begins_in_thoughts(self, prompt: Sequence[int]) -> bool:
        """Whether the model thinks behind ``prompt`` before it answers."""
        ...

    def grammars(self, reply: Reply, prompt: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
        """What holds the stream that was opened last to a call of one of ``names``, the best first; may be none."""
        ...

    def without_thinking(self, prompt: Sequence[int]) -> list[int] | None:
        """Ids to ask again with, where the last segment thought a call and said nothing; ``None``: it did not."""
        ...


def style_of(generator: Generator, tools: Mapping[str, Tool]) -> Style:
    """The style in which the resident model uses ``tools``."""
    if generator.native is None:
        return _Slash(generator, tools)
    return _Native(generator, generator.native, list(tools.values()))


def _limit(most: int, generator: Generator, count: int, room: int) -> int:
    """Tokens of one of ``count`` results."""
    share = generator.info.context // MAX_RESULT_SHARE
    return max(LEAST_RESULT, min(most, share // count, room // ROOM_SHARE // count - AROUND_RESULT))


class _Slash:
    def __init__(self, generator: Generator, tools: Mapping[str, Tool]) -> None:
        self._generator, self._tools = generator, tools
        self._thinking: ThinkingSegment | None = None

    def open(self, reply: Reply, prompt: Sequence[int], most: int) -> Segment:  # noqa: ARG002 - always the first
        reader = SlashFilter(self._tools, before=reply.open_text, after_result=reply.ends_in_call)
        self._segment = segment = SlashSegment(reader)
        self._thinking = None
        thoughts = self._generator.thoughts
        if thoughts is None or reply.parts:  # thoughts come before everything else
            return segment
        self._thinking = ThinkingSegment(thoughts.open_filter(prompt), segment)
        return self._thinking

    def checked(self, call: Call) -> Call:
        if isinstance(call, Rejected):
            return call
        try:
            return Called(call.name, read_argument(self._tools[call.name], call.arguments["text"]), call.end)
        except ToolError as refusal:
            return Rejected(call.name, str(refusal), "malformed")

    def word(self, count: int, room: int) -> Callable[[str], str]:
        limit = _limit(MAX_LINE_TOKENS, self._generator, count, room)
        encode = self._generator.encode_text

        def word(result: str) -> str:
            whole = len(result) if len(result) > MAX_RESULT_CHARACTERS else 0
            return fit_tokens(one_line(result), limit, encode, whole)

        return word

    def keep(self, reply: Reply) -> None:
        self._keep_thoughts(reply)
        reply.add_ids(self._segment.tokens, self._segment.shown)

    def _keep_thoughts(self, reply: Reply) -> None:
        if self._thinking is not None:
            reply.add_tokens(self._thinking.before, thought=self._thinking.thought)

    def add_answers(self, reply: Reply, parts: Sequence[CallPart]) -> None:
        self._keep_thoughts(reply)
        (part,), (call,) = parts, self._segment.calls
        if isinstance(call, Called):
            reply.add_ids(self._segment.tokens, call.end)
            reply.add_call(part)
        else:
            reply.add_ids(self._segment.tokens, self._segment.shown)
            reply.add_unwritten_call(part)

    def begins_in_thoughts(self, prompt: Sequence[int]) -> bool:
        thoughts = self._generator.thoughts
        return self._thinking is not None and thoughts is not None and thoughts.begins(prompt)

    def grammars(self, reply: Reply, prompt: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
        thoughts = self._generator.thoughts if self._thinking is not None else None
        before = thoughts.before(prompt) if thoughts is not None else Before()
        on_new_line = bool(reply.open_text) and not reply.open_text.endswith("\n")
        return slash_grammars([self._tools[name] for name in names], before, on_new_line=on_new_line)

    def without_thinking(self, prompt: Sequence[int]) -> None:  # noqa: ARG002 - part of the interface
        return None


class _Native:
    def __init__(self, generator: Generator, native: NativeStyle, tools: list[Tool]) -> None:
        self._generator, self._native, self._tools = generator, native, tools

    def open(self, reply: Reply, prompt: Sequence[int], most: int) -> NativeSegment:
        tools = self._tools if most else []
        reader = self._native.open_filter(tools, prompt)
        if before := reply.open_text.rstrip():
            events = reader.feed(before)
            if reader.cut or any(isinstance(event, Called | Rejected) for event in events):
                reader = self._native.open_filter(tools, prompt)
        most = max(1, most) if self._native.parallel else 1
        self._segment = NativeSegment(reader, most, keeps_ends=self._native.spelling.calls_as_text)
        return self._segment

    def checked(self, call: Call) -> Call:
        if isinstance(call, Called) or call.name:
            return call
        return Rejected(UNKNOWN, call.reason, call.kind)

    def word(self, count: int, room: int) -> Callable[[str], str]:
        limit = _limit(MAX_RESULT_TOKENS, self._generator, count, room)
        encode = self._generator.encode_text
        return lambda result: fit_tokens(result[:_MAX_CHARACTERS] or "(empty)", limit, encode, len(result))

    def keep(self, reply: Reply) -> None:
        if self._segment.calls:
            reply.forget_ids()
        else:
            reply.add_tokens(self._segment.tokens, thought=bool(self._segment.thoughts))

    def add_answers(self, reply: Reply, parts: Sequence[CallPart]) -> None:
        reply.add_tokens(self._segment.kept, thought=bool(self._segment.thoughts))
        written = [call.id if isinstance(call, Called) else "" for call in self._segment.calls]
        try:
            behind = self._native.after_calls(parts, written, self._tools)
        except ValueError:  # the probe saw the template do it, but not with these words
            results = "\n".join(quoted(part.result, part.source) for part in parts)
            behind = self._generator.encode_text(f"\n\n{results}\n\n")
        reply.add_answered(parts, behind)

    def begins_in_thoughts(self, prompt: Sequence[int]) -> bool:
        return self._native.begins_in_thoughts(prompt)

    def grammars(self, reply: Reply, prompt: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
        if self._native.family.start is not None and reply.open_text.strip():
            return ()  # its calls may only stand at the start
        return self._native.grammars([tool for tool in self._tools if tool.name in names], prompt)

    def without_thinking(self, prompt: Sequence[int]) -> list[int] | None:
        segment = self._segment
        if segment.has_text or not self._native.has_call(segment.thoughts, self._tools):
            return None
        return self._native.without_thinking(prompt) or None
