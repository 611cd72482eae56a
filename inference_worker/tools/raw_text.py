"""Arguments of families that write no quotes: what they are, only the tool's schema can tell. Reads no call.

Text between tags may be ``007``, ``true`` or ``[1]`` and mean just these characters; where the schema wants a number, a
truth or a list, it means that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from inference_worker.tools.schema import Check, as_list, is_of, mapping
from inference_worker.tools.values import JSON, PYTHON, BadValueError, number_of, parse_value

_BY_PREFERENCE: Final = ("null", "integer", "number", "boolean", "object", "array")
_ALTERNATIVES: Final = ("anyOf", "oneOf", "allOf")
_MAX_ALTERNATIVES: Final = 32
_NOTHING: Final = object()


class RawText(str):
    """An argument as a family without quotes wrote it; only the schema can tell ``007`` from 7."""

    __slots__ = ()


class RawElements(list[tuple[str, Any]]):
    """An argument that is written as elements, each a name and RawText or RawElements; none of them for nothing.

    A list or an object, which the schema tells apart; no two members of an object have one name.
    """

    ITEM: Final = "item"
    """What every element of a list is called."""


def typed(arguments: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """``arguments`` with everything raw as what the schema says about it; what does not fit stays text.

    A word of a list of allowed ones that is written with other capitals becomes the one of the list.
    """
    check = Check(schema)
    properties = mapping(mapping(schema).get("properties"))
    values = {name: _typed(value, properties.get(name), check) for name, value in arguments.items()}
    return {name: _respelled(value, mapping(properties.get(name))) for name, value in values.items()}


def _respelled(value: Any, rules: Mapping[str, Any]) -> Any:
    allowed = as_list(rules.get("enum"))
    if not isinstance(value, str) or value in allowed:
        return value
    alike = [word for word in allowed if isinstance(word, str) and word.casefold() == value.casefold()]
    return alike[0] if len(alike) == 1 else value


def _typed(value: Any, schema: Any, check: Check) -> Any:
    match value:
        case RawText():
            return _typed_text(str(value), check.types(schema))
        case RawElements():
            return _typed_elements(value, schema, check)
    return value


def _typed_text(text: str, types: set[str]) -> Any:
    if types == {"string"}:
        return text
    value = _parsed(text.strip())
    if value is _NOTHING and "string" not in types:
        value = _zero_filled(text.strip())
    if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
        value = int(value)
    if not types:
        return text if value is _NOTHING else value
    fits = value is not _NOTHING and any(is_of(value, name) for name in _BY_PREFERENCE if name in types)
    return value if fits else text


def _typed_elements(elements: RawElements, schema: Any, check: Check) -> Any:
    types = check.types(schema)
    if not elements and ("string" in types or not types & {"array", "object"}):
        return ""
    names = [name for name, _ in elements]
    is_list = set(names) <= {RawElements.ITEM} and (len(names) > 1 or "array" in types or "object" not in types)
    layers = _layers(schema, check)
    if is_list:
        items = next((rules["items"] for rules in layers if "items" in rules), None)
        return [_typed(value, items, check) for _, value in elements]
    properties = {name: one for rules in layers for name, one in mapping(rules.get("properties")).items()}
    return {name: _typed(value, properties.get(name), check) for name, value in elements}


def _layers(schema: Any, check: Check) -> list[Mapping[str, Any]]:
    """``schema``, what it refers to, and the forms that it allows."""
    layers = check.layers(schema)
    choices = [choice for rules in layers for key in _ALTERNATIVES for choice in as_list(rules.get(key))]
    return [*layers, *(layer for choice in choices[:_MAX_ALTERNATIVES] for layer in check.layers(choice))]


def _parsed(text: str) -> Any:
    if text.lower() in ("true", "false") and len(text) < 6:
        return text.lower() == "true"
    for notation in (JSON, PYTHON):
        try:
            return parse_value(text, notation)
        except BadValueError:
            continue
    number = number_of(text)
    return _NOTHING if number is None else number


def _zero_filled(text: str) -> Any:
    """``007`` is no number of JSON or Python, but where nothing else than a number is wanted it can be only one."""
    sign, digits = (text[:1], text[1:]) if text[:1] in ("+", "-") else ("", text)
    number = number_of(sign + digits.lstrip("0")) if digits[:1] == "0" else None
    return _NOTHING if number is None else number
