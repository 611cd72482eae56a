"""Readers of calls that are written in tags: one for the function, one for each argument. Know no family and no tool.

None of it is XML: values stand between the tags as they are, with ``<``, ``&&`` and quotation marks in them. The end
tag of a value cannot be escaped, so a value ends at the first one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from inference_worker.tools.families.family import PROSE, Reader
from inference_worker.tools.families.json_calls import begin_call, calls_in, object_of, value_of
from inference_worker.tools.raw_text import RawText
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
    end_of_call,
    peek,
    read_name,
    skip_spaces,
    take,
    until,
)

MAX_ARGUMENTS: Final = 256


def without_outer_breaks(text: str) -> str:
    """``text`` without the one line break that the format puts at either end; further ones belong to the value."""
    text = text[1:] if text.startswith("\n") else text.removeprefix("\r\n")
    return text[:-1] if text.endswith("\n") else text


class KeyTags(NamedTuple):
    """The tags of a name with keys and values."""

    key: str
    key_end: str
    value: str
    value_end: str
    separator: str


def key_tags(before: str = "", behind: str = "") -> KeyTags:
    """Those of GLM-4.5, or of a family that writes more ``before`` or ``behind`` each word of them."""
    words = ("arg_key", "/arg_key", "arg_value", "/arg_value", "tool_sep")
    return KeyTags(*(f"<{'/' * (word[0] == '/')}{before}{word.removeprefix('/')}{behind}>" for word in words))


_GLM_TAGS: Final = key_tags()


def tool_call_tag(end: str = "</tool_call>", *, lists_end: bool = False, tags: KeyTags = _GLM_TAGS) -> Reader:
    """What stands between ``<tool_call>`` and ``end``: JSON (Hermes, Qwen 2.5 and 3), ``<function=`` with parameters
    (Qwen3-Coder, Qwen3.5, Seed-OSS, Step-3.5) or a name with keys and values (GLM-4.5, LongCat): models mix them up."""

    def read(source: Input) -> Reading[None]:
        first = yield from peek(source)
        char = yield from skip_spaces(source)
        source.hides_end = char == "<" and first not in PROSE
        if char == "<" and (yield from choice(source, ("<function=",))):
            source.commit()
            yield from _function(source, end)
        elif char and (char.isalnum() or char in "_/"):
            if first == " ":
                yield from _look_for_keys(source, tags)
            yield from _keys_and_values(source, end, tags)
        else:
            yield from _json_bodies(source, end, lists_end, first)

    return read


def _json_bodies(source: Input, end: str, lists_end: bool, first: str) -> Reading[None]:
    char = yield from begin_call(source, end, first)
    calls: list[RawCall] = []
    while char and char in "{[":
        calls += calls_in(value_of((yield from bracketed(source))))
        if lists_end and char == "[":
            source.calls += calls
            return
        char = yield from skip_spaces(source)
    yield from end_of_call(source, end)
    source.calls += calls


# ---------------------------------------------------------------- <function=name>


def bare_function(source: Input) -> Reading[None]:
    """``<function=name>`` without the tag around it, which Qwen3-Coder often leaves out, and Functionary and Llama
    never write; only an offered name makes it a call."""
    source.hides_end = True
    name = yield from read_name(source)
    if not name or (yield from peek(source)) != ">":
        raise EndedError if not (yield from peek(source)) else NotACallError
    yield from _look_behind_name(source, name)
    source.commit()
    source.give_back(name)
    yield from _function(source, "</tool_call>", wrapped=False)


def _look_behind_name(source: Input, name: str) -> Reading[None]:
    """NotACallError unless ``>`` and then arguments follow; what was looked at stays.

    Behind an offered name, anything but prose is taken for arguments that are written wrongly.
    """
    taken = [(yield from source.next())]
    following = yield from peek(source)
    if not following and name in source.offered:
        raise EndedError
    is_prose = following in PROSE
    while (yield from peek(source)).isspace() and len(taken) < MAX_HEADER:
        taken.append((yield from source.next()))
    if (yield from peek(source)) != "{" and (is_prose or name not in source.offered):
        found = yield from choice(source, ("<parameter=", "</function>"))
        if not found:
            raise NotACallError
        taken += found
    source.give_back(taken)


def _function(source: Input, end: str, wrapped: bool = True) -> Reading[None]:
    """``name>``, the parameters, ``</function>`` and ``end``."""
    name = (yield from until(source, (">",), MAX_HEADER))[0].strip().strip("\"'")
    if not name:
        raise UnfitError("the name is missing")
    if (yield from skip_spaces(source)) == "{":  # Functionary 3.1, Llama 3.1 with tools of one's own
        arguments: dict[str, Any] = object_of((yield from bracketed(source)))
        yield from take(source, "</function>")
        closed = "</function>"
    else:
        arguments, closed = yield from _parameters(source, name, end)
    if wrapped and closed != end:
        yield from end_of_call(source, end)
    source.calls.append(RawCall(name, arguments))


def _parameters(source: Input, function: str, end: str) -> Reading[tuple[dict[str, Any], str]]:
    """All ``<parameter=key>value</parameter>`` and what ended them."""
    arguments: dict[str, Any] = {}
    ends = ("</function>", end) if end else ("</function>",)
    while len(arguments) <= MAX_ARGUMENTS:
        yield from skip_spaces(source)
        found = yield from choice(source, ("<parameter=", *ends))
        if found in ends:
            return arguments, found
        if not found:
            raise UnfitError("a parameter is not marked") if (yield from peek(source)) else EndedError
        key = (yield from until(source, (">",), MAX_HEADER))[0].strip().strip("\"'")
        value = yield from _parameter_value(source, function, arguments, ends)
        put(arguments, key, RawText(without_outer_breaks(value)))
    raise UnfitError("there are too many arguments")


def _parameter_value(source: Input, function: str, arguments: dict[str, Any], ends: tuple[str, ...]) -> Reading[str]:
    """Up to ``</parameter>``; models that leave it out go on with the next parameter, or end the function or the call.

    An end behind which something else comes is text, if ``</parameter>`` comes after all.
    """
    value = ""
    is_text = False
    while True:
        text, found = yield from until(source, ("</parameter>", "<parameter=", *ends))
        value += text
        if found == "</parameter>":
            return value
        if found in ends and not (yield from _is_over(source, found, ends[-1])):
            is_text = True
        elif found in ends or (yield from _is_next_parameter(source, function, arguments)):
            if is_text:
                raise UnfitError("</parameter> is missing")
            source.give_back_marker(found)
            return value
        value += found


def _is_over(source: Input, found: str, end: str) -> Reading[bool]:
    """Whether nothing but ``end`` and another marker or the end of the text follows ``found``; what follows stays."""
    spaces = yield from _spaces(source)
    ended = "" if found == end else (yield from choice(source, (end,)))
    more = (yield from _spaces(source)) if ended else ""
    is_over = found in source.control or ended in source.control
    is_over = is_over or not (yield from peek(source)) or (yield from at_boundary(source))
    source.give_back(more)
    source.give_back_marker(ended)
    source.give_back(spaces)
    return is_over


def _spaces(source: Input) -> Reading[str]:
    spaces = ""
    while (yield from peek(source)).isspace() and len(spaces) < MAX_HEADER:
        spaces += yield from source.next()
    return spaces


def _is_next_parameter(source: Input, function: str, arguments: dict[str, Any]) -> Reading[bool]:
    """Whether the name that comes next, and stays, is one of the tool's that has no value yet."""
    name = yield from read_name(source)
    source.give_back(name)
    schema = source.offered.get(function)
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return isinstance(properties, dict) and name in properties and name not in arguments


def put(arguments: dict[str, Any], key: str, value: Any) -> None:
    """Add an argument; UnfitError where it has no name, or one that is there already."""
    if not key:
        raise UnfitError("a parameter has no name")
    if key in arguments:
        raise UnfitError(f"{key} is given twice")
    arguments[key] = value


# ---------------------------------------------------------------- name, <arg_key>, <arg_value>


def _look_for_keys(source: Input, tags: KeyTags) -> Reading[None]:
    """NotACallError unless an offered name and the tag of an argument come next; what was looked at stays.

    A blank and a word behind the marker are prose in all other cases.
    """
    name = yield from read_name(source)
    spaces = ""
    while (yield from peek(source)).isspace() and len(spaces) < MAX_HEADER:
        spaces += yield from source.next()
    if name not in source.offered or not (yield from peek(source)):
        raise NotACallError
    found = yield from choice(source, (tags.key,))
    if not found:
        raise NotACallError
    source.give_back_marker(found)
    source.give_back([*name, *spaces])


def _keys_and_values(source: Input, end: str, tags: KeyTags) -> Reading[None]:
    """GLM-4.5 and later: ``name``, then ``<arg_key>k</arg_key><arg_value>v</arg_value>`` for each argument."""
    name = yield from read_name(source)
    char = yield from skip_spaces(source)
    if not char:
        source.hides_end = True
        raise EndedError
    if char != "<":
        source.commit()
        raise UnfitError("there is neither JSON nor a tag in it")
    source.commit()
    arguments: dict[str, Any] = {}
    while True:
        yield from skip_spaces(source)
        found = yield from choice(source, (tags.key, tags.separator, end))
        if found == end:
            source.calls.append(RawCall(name, arguments))
            return
        if found == tags.key:
            key = (yield from until(source, (tags.key_end,), MAX_HEADER))[0].strip()
            yield from take(source, tags.value)
            put(arguments, key, RawText((yield from _value_of_key(source, name, arguments, tags))))
        elif not found:
            raise UnfitError("an argument is not marked") if (yield from peek(source)) else EndedError


def _value_of_key(source: Input, function: str, arguments: dict[str, Any], tags: KeyTags) -> Reading[str]:
    """Up to ``</arg_value>``; models that leave it out go on with the next argument."""
    value = ""
    while True:
        text, found = yield from until(source, (tags.value_end, tags.key))
        value += text
        if found == tags.value_end:
            return value
        if (yield from _is_next_parameter(source, function, arguments)):
            source.give_back_marker(found)
            return value
        value += found
