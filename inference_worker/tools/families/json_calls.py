"""Readers of calls that are JSON objects or lists of them. Know no family and no tool.

Sources of the formats: the chat templates of the models; llama.cpp ``common/chat.cpp``; vLLM ``tool_parsers``. A body
is read to its last bracket, with strings in mind, before the end marker is looked for: that may stand in a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from inference_worker.tools.families.family import PROSE, Reader
from inference_worker.tools.reading import (
    MAX_HEADER,
    EndedError,
    Input,
    NotACallError,
    RawCall,
    Reading,
    UnfitError,
    bracketed,
    choice,
    end_of_call,
    peek,
    skip_spaces,
)
from inference_worker.tools.values import JSON, BadValueError, Notation, parse_value

_NAME_KEYS: Final = ("name", "tool_name", "function")
_ARGUMENT_KEYS: Final = ("arguments", "parameters")
_QUOTES: Final = "\"'"


def value_of(text: str, notation: Notation = JSON) -> Any:
    """The value that ``text`` is; UnfitError for anything else."""
    try:
        return parse_value(text, notation)
    except BadValueError as reason:
        raise UnfitError(str(reason)) from reason


def object_of(text: str, notation: Notation = JSON) -> dict[str, Any]:
    """The object that ``text`` is; UnfitError for anything else."""
    value = value_of(text, notation)
    if not isinstance(value, dict):
        raise UnfitError("the arguments are no object")
    return value


def calls_in(value: Any) -> list[RawCall]:
    """The calls that a JSON value is: an object with a name and arguments, or a list of such; else UnfitError."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise UnfitError("there is no call in it")
    return [_call_in(item) for item in items]


def _call_in(item: Any) -> RawCall:
    if isinstance(item, Mapping) and isinstance(item.get("function"), Mapping):
        item = item["function"]
    if not isinstance(item, Mapping):
        raise UnfitError("a call is no object")
    names = [item[key] for key in _NAME_KEYS if isinstance(item.get(key), str)]
    if not names or not names[0]:
        raise UnfitError("the name is missing")
    arguments = [item[key] for key in _ARGUMENT_KEYS if key in item]
    if len(arguments) != 1:
        raise UnfitError("the arguments are missing" if not arguments else "there are two kinds of arguments", names[0])
    given = arguments[0]
    if isinstance(given, str):  # written as a text that holds JSON
        given = object_of(given)
    if given is not None and not isinstance(given, dict):
        raise UnfitError("the arguments are no object", names[0])
    written = item.get("id", item.get("tool_call_id", ""))
    return RawCall(names[0], given or {}, written if isinstance(written, str) else "")


def named_by_key(value: Any) -> list[RawCall]:
    """The calls of a list of objects ``{name: arguments}``, as Apertus writes them."""
    calls = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict) or len(item) != 1 or not isinstance(next(iter(item.values())), dict):
            raise UnfitError("a call is no object with one name")
        calls += [RawCall(name, arguments) for name, arguments in item.items()]
    return calls


def begin_call(source: Input, end: str, first: str = "") -> Reading[str]:
    """The first character of a body, which stays; raises where none begins here.

    A marker that is followed by a blank and a word, or by punctuation, is only talked about; ``first`` is what follows
    it, where that was taken already.
    """
    first = first or (yield from peek(source))
    char = yield from skip_spaces(source)
    if not char:
        source.hides_end = True
        raise EndedError
    if char in "{[" and (yield from begins_value(source)):
        source.commit()
        return char
    if char in "{[" or (first in PROSE and char not in "<"):
        raise NotACallError
    if char == "<" and end and not (yield from choice(source, (end,))):
        raise NotACallError
    source.commit()
    raise UnfitError("there is no JSON in it")


def begins_value(source: Input) -> Reading[bool]:
    """Whether the bracket that comes next, and stays, begins a JSON value that could be a call."""
    taken = [(yield from source.next())]
    while True:
        char = yield from source.next_or_end()
        taken += [char] if char else []
        if not char or not (char.isspace() or char in "[{"):
            break
    source.give_back(taken)
    if not char:
        source.hides_end = True
        raise EndedError
    return char in _QUOTES or char in "]}"


def json_calls(end: str, *, keyed: bool = False) -> Reader:
    """A reader of one JSON value or several up to ``end``, or of one value where there is no end marker.

    The model's own end of the text, or a marker that cannot stand in a call, is as good as ``end``.
    """

    def read(source: Input) -> Reading[None]:
        char = yield from begin_call(source, end)
        calls: list[RawCall] = []
        while char and char in "{[":
            value = value_of((yield from bracketed(source)))
            calls += named_by_key(value) if keyed else calls_in(value)
            if not end:
                source.calls += calls
                return
            char = yield from next_body(source)
        yield from end_of_call(source, end)
        source.calls += calls

    return read


def functools(source: Input) -> Reading[None]:
    """Phi-4-mini and FireFunction: ``functools[…]``, an ordinary word where no bracket touches it."""
    if (yield from peek(source)) not in ("[", "{"):
        raise NotACallError
    yield from json_calls("")(source)


def next_body(source: Input) -> Reading[str]:
    """Skip what stands between two bodies; the next character, which stays."""
    char = yield from skip_spaces(source)
    if char and char in ",;":
        yield from source.next()
        char = yield from skip_spaces(source)
    return char


def fenced_action(source: Input) -> Reading[None]:
    """Command R: ``Action:`` and a block of JSON with a list of ``{"tool_name", "parameters"}``."""
    for mark in ("```json", ""):
        yield from skip_spaces(source)
        if mark and not (yield from choice(source, (mark,))):
            raise NotACallError
    source.hides_end = True
    if (yield from peek(source)) not in ("[", "{"):
        raise NotACallError if (yield from peek(source)) else EndedError
    source.commit()
    calls = calls_in(value_of((yield from bracketed(source))))
    yield from skip_spaces(source)
    if not (yield from choice(source, ("```",))):
        raise UnfitError("``` is missing") if (yield from peek(source)) else EndedError
    source.calls += calls


def bare_json_calls(source: Input) -> Reading[None]:
    """Llama 3: ``{"name": …, "parameters": {…}}`` without any marker, several joined by ``;``, or a list of them.

    It is a call only if the name is offered; every other JSON is an answer. Before that is known it is not committed.
    """
    char = yield from skip_spaces(source)
    if not char or char not in "{[":
        raise NotACallError
    if not source.committed:
        yield from _look_at_head(source)
    while char and char in "{[":
        calls = yield from _calls_in_next_value(source)
        if not source.committed and not all(call.name in source.offered for call in calls):
            raise NotACallError
        source.commit()
        source.calls += calls
        char = yield from next_body(source)


def _calls_in_next_value(source: Input) -> Reading[list[RawCall]]:
    try:
        return calls_in(value_of((yield from bracketed(source))))
    except UnfitError:
        if source.committed:
            raise
        raise NotACallError from None


def _look_at_head(source: Input) -> Reading[None]:
    """Look ahead as far as the name: commit where it is offered and arguments follow, NotACallError where it cannot be.

    What was looked at stays.
    """
    taken: list[str] = []
    is_call = False
    key = yield from _look_at_text(source, taken, "{[")
    while key == "type":
        yield from _look_at_text(source, taken, ":")
        key = yield from _look_at_text(source, taken, ",")
    if key in ("name", "function"):
        name = yield from _look_at_text(source, taken, ":{" if key == "function" else ":")
        if key == "function" and name == "name":
            name = yield from _look_at_text(source, taken, ":")
        if name not in source.offered:
            raise NotACallError
        source.hides_end = True
        is_call = (yield from _look_at_text(source, taken, ",")) in _ARGUMENT_KEYS
    elif key not in (*_ARGUMENT_KEYS, "id"):
        raise NotACallError
    if is_call:
        source.commit()
    source.give_back(taken)


def _look_at_text(source: Input, taken: list[str], before: str) -> Reading[str]:
    """The next text in quotes, behind white space and any of ``before``; NotACallError for anything else."""
    quote, text = "", list[str]()
    while len(taken) < 4 * MAX_HEADER:
        char = yield from source.next()
        taken.append(char)
        if quote and char == quote:
            return "".join(text)
        if quote:
            text.append(char)
        elif char in _QUOTES:
            quote = char
        elif char not in before and not char.isspace():
            break
    raise NotACallError
