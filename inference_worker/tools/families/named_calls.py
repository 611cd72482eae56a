"""Readers of calls that are a name and then a JSON object, with markers of the family between. Know no tool.

Sources: Mistral, ``mistral-common`` (tokenizers v3, v11, v13); the chat templates of DeepSeek V3, R1 and V3.1, Kimi K2,
Solar Open, GLM-4, Functionary 3.2; GLM-4 ``finetune/README.md``.
"""

from __future__ import annotations

from typing import Final

from inference_worker.tools.families.family import PROSE
from inference_worker.tools.families.json_calls import calls_in, object_of, value_of
from inference_worker.tools.reading import (
    MAX_HEADER,
    EndedError,
    Input,
    NotACallError,
    RawCall,
    Reading,
    UnfitError,
    at_boundary,
    bracketed,
    choice,
    ends_here,
    peek,
    read_name,
    skip_spaces,
    take,
    until,
)

_CALL: Final = "<｜tool▁call▁begin｜>"
_CALL_END: Final = "<｜tool▁call▁end｜>"
_CALLS_END: Final = "<｜tool▁calls▁end｜>"
_KIMI_CALL: Final = "<|tool_call_begin|>"
_KIMI_CALL_END: Final = "<|tool_call_end|>"


def mistral(source: Input) -> Reading[None]:
    """Behind ``[TOOL_CALLS]``: a list of objects (v3 to v7), or ``name[CALL_ID]id[ARGS]{…}`` (v11), or
    ``name[ARGS]{…}`` (v13). The last bracket is the end."""
    source.hides_end = True
    char = yield from skip_spaces(source)
    if char and char in "[{":
        if again := (yield from choice(source, ("[TOOL_CALLS]",))):
            source.give_back_marker(again)
            raise NotACallError
        source.commit()
        source.calls += calls_in(value_of((yield from bracketed(source))))
        return
    name = yield from read_name(source)
    char = yield from skip_spaces(source)
    if not char:
        raise EndedError
    if not name or char not in "[{":
        raise NotACallError
    source.commit()
    found = yield from choice(source, ("[ARGS]", "[CALL_ID]"))
    written = ""
    if found == "[CALL_ID]":
        written, _ = yield from until(source, ("[ARGS]",), MAX_HEADER)
    arguments = yield from _json_object(source)
    source.calls.append(RawCall(name, arguments, written.strip()))


def _json_object(source: Input) -> Reading[dict[str, object]]:
    char = yield from skip_spaces(source)
    if char != "{":
        raise UnfitError("the arguments are no object") if char else EndedError
    return object_of((yield from bracketed(source)))


def deepseek_section(source: Input) -> Reading[None]:
    """Behind ``<｜tool▁calls▁begin｜>``: calls up to ``<｜tool▁calls▁end｜>``."""
    yield from _section(source, _CALL, _CALLS_END, deepseek)


def _section(source: Input, opener: str, end: str, read: object) -> Reading[None]:
    assert callable(read)
    source.hides_end = True
    first = yield from peek(source)
    while char := (yield from skip_spaces(source)):
        found = yield from choice(source, (opener, end))
        if not found and not source.calls and char not in "<":
            found = yield from _behind_words(source, first, (opener, end))
        if found == end:
            source.commit()
            return
        if not found:
            raise UnfitError(f"{opener} is missing") if source.committed else NotACallError
        source.commit()
        yield from read(source)
    if source.truncated or not source.committed:
        raise EndedError


def _behind_words(source: Input, first: str, ends: tuple[str, str]) -> Reading[str]:
    """Skip words in front of the first call, which say nothing; they are prose if a blank comes ``first`` and no call
    behind them."""
    in_prose = first in PROSE
    source.hides_end = not in_prose
    if not in_prose:
        source.commit()
    _, found = yield from until(source, ends, MAX_HEADER)
    if in_prose and found != ends[0]:
        raise NotACallError
    return found


def deepseek(source: Input) -> Reading[None]:
    """Behind ``<｜tool▁call▁begin｜>``: ``function<｜tool▁sep｜>name`` and fenced JSON (V3, R1), or
    ``name<｜tool▁sep｜>{…}`` (V3.1)."""
    name = yield from _head(source, "<｜tool▁sep｜>")
    char = yield from skip_spaces(source)
    if char != "{":
        name = (yield from until(source, ("\n",), MAX_HEADER))[0].strip()
        yield from take(source, "```json")
        arguments = yield from _json_object(source)
        yield from take(source, "```")
    else:
        arguments = yield from _json_object(source)
    yield from _end_or_boundary(source, _CALL_END, (_CALL, _CALLS_END))
    source.calls.append(RawCall(name, arguments))


def _head(source: Input, mark: str) -> Reading[str]:
    """What stands up to ``mark``. Behind a blank it is a call only where that comes, else prose."""
    first = yield from peek(source)
    if not first or first not in PROSE:
        source.commit()
    written, _ = yield from until(source, (mark,), MAX_HEADER)
    source.commit()
    return written.strip()


def _end_or_boundary(source: Input, end: str, others: tuple[str, ...]) -> Reading[None]:
    """Take ``end``; one of ``others``, which stays, or the end of the text does as well."""
    if not (yield from skip_spaces(source)):
        if source.truncated:
            raise EndedError
        return
    found = yield from choice(source, (end, *others))
    if found in others:
        source.give_back_marker(found)
    elif not found and not (yield from at_boundary(source)):
        raise UnfitError(f"{end} is missing")


def kimi_section(source: Input) -> Reading[None]:
    """Behind ``<|tool_calls_section_begin|>``: calls up to its end."""
    yield from _section(source, _KIMI_CALL, "<|tool_calls_section_end|>", kimi)


def kimi(source: Input) -> Reading[None]:
    """Behind ``<|tool_call_begin|>``: ``functions.name:0``, a marker, and the arguments."""
    written = yield from _head(source, "<|tool_call_argument_begin|>")
    arguments = yield from _json_object(source)
    yield from _end_or_boundary(source, _KIMI_CALL_END, (_KIMI_CALL, "<|tool_calls_section_end|>"))
    name, _, index = written.rpartition(":")
    name = name if name and index.isdigit() else written
    source.calls.append(RawCall(name.removeprefix("functions."), arguments, written))


def solar(source: Input) -> Reading[None]:
    """Solar Open behind ``<|tool_call:begin|>``: an id of its own, the name and the arguments, each behind a marker."""
    source.hides_end = True
    written = yield from read_name(source)
    if not (yield from choice(source, ("<|tool_call:name|>",))):
        raise NotACallError if (yield from peek(source)) else EndedError
    source.commit()
    name = (yield from until(source, ("<|tool_call:args|>",), MAX_HEADER))[0].strip()
    arguments = yield from _json_object(source)
    yield from _end_or_boundary(source, "<|tool_call:end|>", ("<|tool_call:begin|>", "<|calls|>"))
    source.calls.append(RawCall(name, arguments, written))


def recipient(source: Input) -> Reading[None]:
    """Functionary 3.2: ``all`` on the first line and text behind it, or a name and its arguments."""
    if (yield from choice(source, ("all\n",))):
        source.becomes = "text"
        return
    yield from name_line(source)


def name_line(source: Input) -> Reading[None]:
    """GLM-4 and Functionary 3.2: an offered name on the first line, one JSON object behind it, and nothing more."""
    prefixes = {name[:length] for name in source.offered for length in range(len(name) + 1)}
    name = ""
    while (yield from peek(source)) and name + (yield from peek(source)) in prefixes:
        name += yield from source.next()
    if name not in source.offered or (yield from peek(source)) != "\n":
        raise NotACallError
    source.hides_end = True
    if (yield from skip_spaces(source)) != "{":
        raise NotACallError if (yield from peek(source)) else EndedError
    arguments = yield from _json_object(source)
    if not (yield from ends_here(source)):
        raise EndedError if not (yield from peek(source)) else NotACallError
    source.commit()
    source.calls.append(RawCall(name, arguments))
