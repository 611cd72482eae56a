"""Readers of calls in tags with attributes: ``<invoke name="f">``, ``<function name="f">``. Know no family and no tool.

As in ``tagged_calls`` none of it is XML: a value ends at the first end tag, and stands as it is.
"""

from __future__ import annotations

from typing import Any, Final

from inference_worker.tools.families.family import Reader
from inference_worker.tools.families.json_calls import object_of
from inference_worker.tools.families.tagged_calls import MAX_ARGUMENTS, put, without_outer_breaks
from inference_worker.tools.raw_text import RawText
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
    peek,
    read_name,
    skip_spaces,
    take,
    until,
)

_WRAPPERS: Final = ("arguments", "input")


# ---------------------------------------------------------------- <invoke name="…">


def invokes(mark: str, end: str, *, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Reader:
    """Calls as ``<invoke name="f"><parameter name="k">v</parameter></invoke>`` up to ``end``.

    Every tag begins with ``mark``: MiniMax M2 (none), DeepSeek V3.2 (``｜DSML｜``), Step3 (``steptml:``).
    ``before`` and ``after`` are markers around each call that say nothing.
    """

    def read(source: Input) -> Reading[None]:
        source.hides_end = True
        while True:
            char = yield from skip_spaces(source)
            if not char:
                if source.committed and not source.truncated:
                    return
                raise EndedError
            found = yield from choice(source, (f"<{mark}invoke", *before, *after, end))
            if found == end and source.committed:
                return
            if found == f"<{mark}invoke":
                source.commit()
                source.calls.append((yield from _invoke(source, mark)))
            elif found not in before + after:
                raise _is_no_call(source)

    return read


def _is_no_call(source: Input) -> Exception:
    if source.committed:
        return UnfitError("there is something between the calls")
    return NotACallError()


def _invoke(source: Input, mark: str) -> Reading[RawCall]:
    """Behind ``<invoke``: the name, the parameters, and the end tag."""
    head, _ = yield from until(source, (">",), MAX_HEADER)
    name = attributes_of(head).get("name", "")
    end = f"</{mark}invoke>"
    arguments: dict[str, Any] = {}
    if head.rstrip().endswith("/"):
        return RawCall(name, arguments)
    if (yield from skip_spaces(source)) == "{":
        arguments = object_of((yield from bracketed(source)))
        yield from take(source, end)
        return RawCall(name, arguments)
    while len(arguments) <= MAX_ARGUMENTS:
        yield from skip_spaces(source)
        found = yield from choice(source, (f"<{mark}parameter", end))
        if found == end:
            return RawCall(name, _unwrapped(arguments, source.offered.get(name)))
        if not found:
            raise UnfitError("a parameter is not marked") if (yield from peek(source)) else EndedError
        attributes = attributes_of((yield from until(source, (">",), MAX_HEADER))[0])
        value, _ = yield from until(source, (f"</{mark}parameter>",))
        text = without_outer_breaks(value) if not mark.startswith("｜") else value
        put(arguments, attributes.get("name", ""), text if attributes.get("string") == "true" else RawText(text))
    raise UnfitError("there are too many arguments")


def _unwrapped(arguments: dict[str, Any], schema: Any) -> dict[str, Any]:
    """``arguments``, or the object that models put around all of them under a name that the tool does not know."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if len(arguments) != 1 or not isinstance(properties, dict):
        return arguments
    [(key, value)] = arguments.items()
    if key not in _WRAPPERS or key in properties:
        return arguments
    try:
        inner = object_of(str(value))
    except UnfitError:
        return arguments
    return inner if inner.keys() <= properties.keys() else arguments


# ---------------------------------------------------------------- <function name="…">


def named_function(source: Input) -> Reading[None]:
    """MiniCPM5 behind ``<function name=``: ``"f"><param name="k">v</param></function>``. A value with ``<`` or ``&`` in
    it stands in ``<![CDATA[…]]>``."""
    source.hides_end = True
    mark = yield from choice(source, ('"', "'"))
    name = yield from read_name(source)
    if not mark or not (yield from choice(source, (f"{mark}>",))):
        raise NotACallError if (yield from peek(source)) else EndedError
    yield from skip_spaces(source)
    found = yield from choice(source, ("<param name=", "</function>"))
    if not found:
        raise NotACallError if (yield from peek(source)) else EndedError
    source.commit()
    arguments: dict[str, Any] = {}
    while found != "</function>":
        key = (yield from until(source, (">",), MAX_HEADER))[0].strip().strip("\"'")
        put(arguments, key, RawText((yield from _param_value(source))))
        yield from skip_spaces(source)
        found = yield from choice(source, ("<param name=", "</function>"))
        if not found:
            raise UnfitError("a parameter is not marked") if (yield from peek(source)) else EndedError
    source.calls.append(RawCall(name, arguments))


def _param_value(source: Input) -> Reading[str]:
    """Up to ``</param>``, which may stand in a block of CDATA."""
    value = ""
    while True:
        text, found = yield from until(source, ("</param>", "<![CDATA["))
        value += text
        if found == "</param>":
            return value
        value += (yield from until(source, ("]]>",)))[0]


def attributes_of(text: str) -> dict[str, str]:
    """``name="f" string="true"`` as a mapping; what is written otherwise is left out."""
    found: dict[str, str] = {}
    parts = text.replace("'", '"').split('"')
    for key, value in zip(parts[0::2], parts[1::2], strict=False):
        found[key.strip().removesuffix("=").strip()] = value
    return found
