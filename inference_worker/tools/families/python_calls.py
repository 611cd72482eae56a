"""Readers of calls that are written as Python: ``[f(a=1), g()]`` and ChatGLM3's ``tool_call(a=1)``. Know no tool.

Nothing is evaluated and no Python parser sees it: names, keywords and literals are read by hand, everything else
(positional arguments, operators, comprehensions, f-strings, attributes) is no call.

Sources: Llama 3.2 and 4 prompt formats; the LFM2 and OLMo 3 chat templates; ChatGLM3 ``PROMPT.md``, whose own example
code evaluates what the model writes.
"""

from __future__ import annotations

from typing import Any, Final

from inference_worker.tools.families.family import PROSE, Reader
from inference_worker.tools.families.json_calls import bare_json_calls, begins_value, calls_in, value_of
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
    ends_here,
    is_name_char,
    peek,
    read_name,
    skip_spaces,
    take,
)
from inference_worker.tools.values import PYTHON, BadValueError, read_value, skip_space

_FENCE: Final = "```"


class _PositionalError(UnfitError):
    """An argument without a name: a call in Python, but none that the format knows."""


def keywords_of(text: str) -> dict[str, Any]:
    """``(a='x', b=[1, 2])`` as a mapping; UnfitError for anything but keywords with literals."""
    found: dict[str, Any] = {}
    at = skip_space(text, 1)
    while at < len(text) - 1:
        end = text.find("=", at, at + MAX_HEADER)
        key = text[at:end].strip() if end > 0 else ""
        if not key.isidentifier():
            raise _PositionalError("an argument has no name")
        if key in found:
            raise UnfitError(f"{key} is given twice")
        try:
            found[key], at = read_value(text, end + 1, PYTHON)
        except BadValueError as reason:
            raise UnfitError(str(reason)) from reason
        at = skip_space(text, at)
        if text[at : at + 1] not in (",", ")") or (text[at] == ")" and at != len(text) - 1):
            raise UnfitError("an argument is no plain value")
        at = skip_space(text, at + (text[at] == ","))
    return found


def _call(source: Input) -> Reading[RawCall]:
    """``f(a=1)``"""
    name = yield from read_name(source)
    char = yield from skip_spaces(source)
    if not name or char != "(":
        raise EndedError if not char else UnfitError("there is no call in it")
    return RawCall(name, keywords_of((yield from bracketed(source, PYTHON))))


def _list_of_calls(source: Input) -> Reading[list[RawCall]]:
    """``[f(a=1), g()]``"""
    calls: list[RawCall] = []
    yield from source.next()
    while (yield from skip_spaces(source)) != "]":
        calls.append((yield from _call(source)))
        char = yield from skip_spaces(source)
        if char == ",":
            yield from source.next()
        elif char != "]":
            raise EndedError if not char else UnfitError("a comma is missing")
    yield from source.next()
    return calls


def bare_list(source: Input) -> Reading[None]:
    """A list without any marker; a call only if all names are offered, since Markdown begins with ``[`` as well."""
    char = yield from skip_spaces(source)
    if char != "[":
        raise NotACallError
    taken = [(yield from source.next())]
    while (yield from peek(source)).isspace() and len(taken) < MAX_HEADER:
        taken.append((yield from source.next()))
    name = yield from read_name(source)
    if name in source.offered:
        source.hides_end = True
    if (yield from peek(source)) != "(" or name not in source.offered:
        raise NotACallError if (yield from peek(source)) else EndedError
    source.give_back([*taken, *name])
    try:
        calls = yield from _list_of_calls(source)
    except UnfitError:
        raise NotACallError from None
    if not all(call.name in source.offered for call in calls):
        raise NotACallError
    source.commit()
    source.calls += calls


def python_tag(source: Input) -> Reading[None]:
    """Llama 3 behind ``<|python_tag|>``: JSON, or ``name.call(a=1)``; other code is text and never runs."""
    char = yield from skip_spaces(source)
    if char and char in "{[":
        if (yield from begins_value(source)):
            source.commit()
        yield from bare_json_calls(source)
        return
    name = yield from read_name(source)
    if not name.endswith(".call") or (yield from peek(source)) != "(":
        raise NotACallError
    source.commit()
    arguments = keywords_of((yield from bracketed(source, PYTHON)))
    source.calls.append(RawCall(name.removesuffix(".call"), arguments))


def _begins_call(source: Input) -> Reading[bool]:
    """Whether a name and a bracket come next, and stay; of a text that ends behind the name of a tool nobody knows."""
    name = yield from read_name(source)
    taken = [*name]
    while (char := (yield from peek(source))).isspace() and len(taken) < MAX_HEADER:
        taken.append((yield from source.next()))
    if not char and (source.truncated or name in source.offered):
        source.hides_end = True
        raise EndedError
    source.give_back(taken)
    return char == "("


def marked_calls(end: str) -> Reader:
    """A list between two markers (LFM2, Llama 4), or one call on each line (OLMo 3)."""

    def read(source: Input) -> Reading[None]:
        first = yield from peek(source)
        char = yield from skip_spaces(source)
        if not char:
            source.hides_end = True
            raise EndedError
        if char not in "[{" and not (is_name_char(char) and (first not in PROSE or (yield from _begins_call(source)))):
            raise NotACallError
        is_json = char in "[{" and (yield from begins_value(source))
        if char == "{" and not is_json:
            raise NotACallError
        source.commit()
        if is_json:  # LFM2, where the prompt asks for it
            calls = calls_in(value_of((yield from bracketed(source))))
        else:
            calls = yield from (_list_of_calls(source) if char == "[" else _calls_by_line(source, end))
        if not calls:
            raise UnfitError("there is no call in it")
        if char in "[{":
            yield from end_of_call(source, end)
        else:
            yield from take(source, end)
        source.calls += calls

    return read


def _calls_by_line(source: Input, end: str) -> Reading[list[RawCall]]:
    calls: list[RawCall] = []
    while (char := (yield from skip_spaces(source))) and char != end[0]:
        calls.append((yield from _call(source)))
        if (yield from skip_spaces(source)) in (",", ";"):
            yield from source.next()
    return calls


def chatglm3(source: Input) -> Reading[None]:
    """The tool's name on the first line of a message, and a block of Python with one ``tool_call(…)``.

    A name that is not offered counts only where the block follows.
    """
    name = yield from _first_line(source)
    source.hides_end = name in source.offered
    yield from skip_spaces(source)
    fenced = yield from choice(source, (f"{_FENCE}python",))
    yield from skip_spaces(source)
    source.hides_end = source.hides_end or bool(fenced)
    if not (yield from choice(source, ("tool_call(",))):
        if not (yield from peek(source)):
            raise EndedError
        if not fenced or name not in (*source.offered, "interpreter"):
            raise NotACallError
        source.commit()
        raise UnfitError("there is no tool_call(…) in it", name)
    source.give_back("(")
    try:
        arguments = keywords_of((yield from bracketed(source, PYTHON)))
    except _PositionalError:
        raise NotACallError from None
    except UnfitError:
        source.commit()
        raise
    source.commit()
    if fenced and (yield from skip_spaces(source)) == "`":
        yield from choice(source, (_FENCE,))
    elif fenced:
        raise EndedError if not (yield from peek(source)) else UnfitError("something follows the call", name)
    if not (yield from ends_here(source)):
        raise EndedError if not (yield from peek(source)) else UnfitError("something follows the call", name)
    source.calls.append(RawCall(name, arguments))


def _first_line(source: Input) -> Reading[str]:
    name = ""
    while (char := (yield from peek(source))) != "\n":
        written = name + char
        is_offered = any(offered.startswith(written) for offered in source.offered)
        if not char or not (is_offered or (char.isascii() and is_name_char(char))) or len(name) > MAX_HEADER:
            raise NotACallError
        name += yield from source.next()
    if not name:
        raise NotACallError
    return name
