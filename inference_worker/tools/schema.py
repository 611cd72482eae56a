"""Whether the arguments of a call fit the tool's JSON schema. Knows no tool, fetches nothing and runs nothing.

The part of JSON Schema (draft 2020-12) that tools use. A schema comes from a tool or from an MCP server and is not
trusted: what is written wrongly in it restricts nothing, ``pattern`` and ``format`` are not looked at (a regular
expression can be made to run for ever), ``$ref`` reaches into the same schema only, and the work is bounded.

Stricter than the standard in one thing: an argument that the schema does not name is refused unless it says that
others are allowed, because a tool that never heard of it would drop it in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inference_worker.tools.values import JSON, PYTHON, BadValueError, number_of, parse_value

MAX_STEPS: Final = 20_000
"""Pairs of schema and value looked at for one call; alternatives inside alternatives could be made to take for ever."""
MAX_NESTING: Final = 100
_NAMES: Final = {"dict": "object", "float": "number", "double": "number", "int": "integer", "str": "string"}
_NAMES_TOO: Final = {"bool": "boolean", "list": "array", "tuple": "array", "none": "null"}
_TYPES: Final = {"object", "array", "string", "number", "integer", "boolean", "null"}
_BY_PREFERENCE: Final = ("null", "integer", "number", "boolean", "object", "array")


class RawText(str):
    """An argument as a family without quotes wrote it; only the schema can tell ``007`` from 7."""

    __slots__ = ()


class _MisfitError(Exception):
    """What does not fit, in words for the model."""


def misfit(arguments: Any, schema: Any) -> str | None:
    """Why ``arguments`` do not fit ``schema``, in short English for the model; ``None`` where they do."""
    try:
        _Check(schema).check(arguments, schema, "the arguments", 0)
    except _MisfitError as reason:
        return str(reason)
    return None


def typed(arguments: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """``arguments`` with every RawText as what the schema says about it; what does not fit stays text.

    A word of a list of allowed ones that is written with other capitals becomes the one of the list.
    """
    check = _Check(schema)
    properties = _mapping(_mapping(schema).get("properties"))
    values = {
        name: _typed(value, properties.get(name), check) if isinstance(value, RawText) else value
        for name, value in arguments.items()
    }
    return {name: _respelled(value, _mapping(properties.get(name))) for name, value in values.items()}


def _respelled(value: Any, rules: Mapping[str, Any]) -> Any:
    allowed = _list(rules.get("enum"))
    if not isinstance(value, str) or value in allowed:
        return value
    alike = [word for word in allowed if isinstance(word, str) and word.casefold() == value.casefold()]
    return alike[0] if len(alike) == 1 else value


def _typed(raw: RawText, schema: Any, check: _Check) -> Any:
    text = str(raw)
    types = check.types(schema)
    if types == {"string"}:
        return text
    value = _parsed(text.strip())
    if isinstance(value, float) and value.is_integer() and "integer" in types and "number" not in types:
        value = int(value)
    if not types:
        return text if value is _NOTHING else value
    fits = value is not _NOTHING and any(_is(value, name) for name in _BY_PREFERENCE if name in types)
    return value if fits else text


_NOTHING: Final = object()


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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _type_names(value: Any) -> set[str]:
    names = value if isinstance(value, list) else [value]
    lower = [name.lower() for name in names if isinstance(name, str)]
    return {_NAMES.get(name, _NAMES_TOO.get(name, name)) for name in lower} & _TYPES


def _is(value: Any, name: str) -> bool:
    match name:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or _is_whole(value)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
    return isinstance(value, dict)


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


def _default(rules: Mapping[str, Any]) -> list[Any]:
    """What stands for a value that is not given; tools name defaults that their own list does not have."""
    return [rules["default"]] if "default" in rules else []


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class _ComplexError(_MisfitError):
    """There is no end to it: neither this alternative nor another one can be said to fit."""


@dataclass(slots=True)
class _Check:
    root: Any
    steps: int = 0

    def check(self, value: Any, schema: Any, where: str, depth: int) -> None:
        """Nothing, or _MisfitError. Depth is bounded by that of values (values.MAX_DEPTH) and by MAX_NESTING."""
        self.steps += 1
        if self.steps > MAX_STEPS or depth > MAX_NESTING:
            raise _ComplexError("the arguments are too complex")
        if schema is False:
            raise _MisfitError(f"{where} may not be given")
        rules = self._resolved(schema)
        self._check_kind(value, rules, where)
        if isinstance(value, dict):
            self._check_object(value, rules, where, depth)
        elif isinstance(value, list):
            self._check_array(value, rules, where, depth)
        else:
            _check_bounds(value, rules, where)
        self._check_alternatives(value, rules, where, depth)

    def types(self, schema: Any) -> set[str]:
        """The types that ``schema`` allows; empty where it does not say."""
        rules = self._resolved(schema)
        found = _type_names(rules.get("type"))
        for key in ("anyOf", "oneOf", "allOf"):
            for choice in _list(rules.get(key))[:32]:
                found |= _type_names(self._resolved(choice).get("type"))
        values = [rules["const"]] if "const" in rules else _list(rules.get("enum"))
        if not found:
            found = {name for name in _TYPES for value in values if _is(value, name)}
        if rules.get("nullable") is True and found:
            found |= {"null"}
        return found

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        rules = _mapping(schema)
        for _ in range(16):
            reference = rules.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                return rules
            target: Any = self.root
            for part in reference[1:].split("/")[1:]:
                target = _mapping(target).get(part.replace("~1", "/").replace("~0", "~"))
            rules = _mapping(target)
        return {}

    def _check_kind(self, value: Any, rules: Mapping[str, Any], where: str) -> None:
        types = _type_names(rules.get("type"))
        if rules.get("nullable") is True and types:
            types |= {"null"}
        if types and not any(_is(value, name) for name in types):
            raise _MisfitError(f"{where} must be of type {' or '.join(sorted(types))}")
        if "const" in rules and not _same(value, rules["const"]):
            raise _MisfitError(f"{where} has a value that is not allowed")
        allowed = rules.get("enum")
        if (
            isinstance(allowed, list)
            and allowed
            and not any(_same(value, other) for other in [*allowed, *_default(rules)])
        ):
            raise _MisfitError(f"{where} must be one of {', '.join(str(other)[:40] for other in allowed[:20])}")

    def _check_object(self, value: dict[str, Any], rules: Mapping[str, Any], where: str, depth: int) -> None:
        properties = _mapping(rules.get("properties"))
        for name in _list(rules.get("required")):
            if isinstance(name, str) and name not in value:
                raise _MisfitError(f"{name} is missing")
        others = rules.get("additionalProperties", depth > 0 or not isinstance(rules.get("properties"), Mapping))
        for name, member in value.items():
            if name in properties:
                self.check(member, properties[name], name, depth + 1)
            elif others is False and not self._is_composed(rules):
                raise _MisfitError(f"{name[:40]} is no argument" if depth == 0 else f"{where} has no {name[:40]}")
            elif isinstance(others, Mapping):
                self.check(member, others, name, depth + 1)
        _check_count(len(value), rules, "minProperties", "maxProperties", where)

    def _is_composed(self, rules: Mapping[str, Any]) -> bool:
        """Whether members may be named elsewhere than in ``properties``."""
        return any(key in rules for key in ("anyOf", "oneOf", "allOf", "patternProperties"))

    def _check_array(self, value: list[Any], rules: Mapping[str, Any], where: str, depth: int) -> None:
        _check_count(len(value), rules, "minItems", "maxItems", where)
        first = _list(rules.get("prefixItems"))
        for index, item in enumerate(value):
            schema = first[index] if index < len(first) else rules.get("items", True)
            self.check(item, schema, f"an item of {where}", depth + 1)

    def _check_alternatives(self, value: Any, rules: Mapping[str, Any], where: str, depth: int) -> None:
        for choice in _list(rules.get("allOf")):
            self.check(value, choice, where, depth + 1)
        for key in ("anyOf", "oneOf"):
            choices = _list(rules.get(key))
            if choices and not any(self._fits(value, choice, where, depth + 1) for choice in choices):
                raise _MisfitError(f"{where} fits none of the allowed forms")
        if "not" in rules and self._fits(value, rules["not"], where, depth + 1):
            raise _MisfitError(f"{where} has a value that is not allowed")

    def _fits(self, value: Any, schema: Any, where: str, depth: int) -> bool:
        try:
            self.check(value, schema, where, depth)
        except _ComplexError:
            raise
        except _MisfitError:
            return False
        return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _check_bounds(value: Any, rules: Mapping[str, Any], where: str) -> None:
    if isinstance(value, str):
        _check_count(len(value), rules, "minLength", "maxLength", where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        least, most = _number(rules, "minimum"), _number(rules, "maximum")
        above, below = _number(rules, "exclusiveMinimum"), _number(rules, "exclusiveMaximum")
        if (least is not None and value < least) or (above is not None and value <= above):
            raise _MisfitError(f"{where} is too small")
        if (most is not None and value > most) or (below is not None and value >= below):
            raise _MisfitError(f"{where} is too large")


def _check_count(count: int, rules: Mapping[str, Any], least: str, most: str, where: str) -> None:
    low, high = _number(rules, least), _number(rules, most)
    if low is not None and count < low:
        raise _MisfitError(f"{where} is too short")
    if high is not None and count > high:
        raise _MisfitError(f"{where} is too long")


def _number(rules: Mapping[str, Any], key: str) -> int | float | None:
    value = rules.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
