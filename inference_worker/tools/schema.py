"""Whether the arguments of a call fit the tool's JSON schema. Knows no tool, fetches nothing and runs nothing.

JSON Schema (draft 2020-12, and what tools write in the words of older ones and of Python). A schema comes from a tool
or from an MCP server and is not trusted: what is written wrongly in it restricts nothing, ``$ref`` reaches into the
same schema only, and the work is bounded; what takes more is refused. ``format`` restricts nothing, as in the standard,
nor does a ``pattern`` that :mod:`inference_worker.tools.patterns` cannot follow.

Stricter than the standard in one thing: an argument that the schema does not name is refused unless it says that
others are allowed, because a tool that never heard of it would drop it in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any, Final
from urllib.parse import unquote

from inference_worker.tools.patterns import read_pattern

MAX_STEPS: Final = 20_000
"""Pairs of schema and value looked at for one call; alternatives inside alternatives could be made to take for ever."""
MAX_NESTING: Final = 100
MAX_PATTERN_STEPS: Final = 100_000_000
"""Of all patterns that are looked for in one call: a fraction of a second."""
MAX_REFERENCES: Final = 16
"""One ``$ref`` behind the other."""
_NAMES: Final = {"dict": "object", "float": "number", "double": "number", "int": "integer", "str": "string"}
_NAMES_TOO: Final = {"bool": "boolean", "list": "array", "tuple": "array", "none": "null"}
_TYPES: Final = {"object", "array", "string", "number", "integer", "boolean", "null"}
_NOTHING_FITS: Final = "\0nothing fits"


class _MisfitError(Exception):
    """What does not fit, in words for the model."""


def misfit(arguments: Any, schema: Any) -> str | None:
    """Why ``arguments`` do not fit ``schema``, in short English for the model; ``None`` where they do."""
    try:
        Check(schema).check(arguments, schema, "the arguments", 0)
    except _MisfitError as reason:
        return str(reason)
    except RecursionError:
        return "the arguments are too complex"
    return None


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _type_names(value: Any) -> set[str]:
    names = value if isinstance(value, list) else [value]
    lower = [name.lower() for name in names if isinstance(name, str)]
    return {_NAMES.get(name, _NAMES_TOO.get(name, name)) for name in lower} & _TYPES


def is_of(value: Any, name: str) -> bool:
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


def _key(value: Any, depth: int = 0) -> Any:
    """Of equal values the same, and hashable. Equal as JSON: 1 is 1.0, but true is not 1."""
    match value:
        case dict() | list() if depth > MAX_NESTING:
            return "deep", id(value)
        case dict():
            return "object", frozenset((name, _key(member, depth + 1)) for name, member in value.items())
        case list():
            return "array", tuple(_key(item, depth + 1) for item in value)
    return isinstance(value, bool), value


def _same(one: Any, other: Any) -> bool:
    return bool(_key(one) == _key(other))


class _ComplexError(_MisfitError):
    """There is no end to it: neither this alternative nor another one can be said to fit."""


@dataclass(slots=True)
class Check:
    """Of one call; ``root`` is where references begin."""

    root: Any
    steps: int = 0
    pattern_steps: int = 0

    def check(self, value: Any, schema: Any, where: str, depth: int) -> None:
        """Nothing, or _MisfitError. Depth is bounded by that of values (values.MAX_DEPTH) and by MAX_NESTING."""
        self.steps += 1
        if self.steps > MAX_STEPS or depth > MAX_NESTING:
            raise _ComplexError("the arguments are too complex")
        layers = self.layers(schema)
        named = {name for rules in layers for name in mapping(rules.get("properties"))}
        for rules in layers:
            if rules.get(_NOTHING_FITS) is True:
                raise _MisfitError(f"{where} may not be given")
            self._check_kind(value, rules, where)
            if isinstance(value, dict):
                self._check_object(value, rules, where, depth, named)
            elif isinstance(value, list):
                self._check_array(value, rules, where, depth)
            elif isinstance(value, str):
                self._check_text(value, rules, where)
            else:
                _check_number(value, rules, where)
            self._check_alternatives(value, rules, where, depth)

    def types(self, schema: Any) -> set[str]:
        """The types that ``schema`` allows; empty where it does not say."""
        found: set[str] = set()
        values: list[Any] = []
        for rules in self.layers(schema):
            found |= _type_names(rules.get("type"))
            for key in ("anyOf", "oneOf", "allOf"):
                for choice in as_list(rules.get(key))[:32]:
                    found |= {name for layer in self.layers(choice) for name in _type_names(layer.get("type"))}
            values += [rules["const"]] if "const" in rules else as_list(rules.get("enum"))
            if rules.get("nullable") is True and found:
                found |= {"null"}
        return found or {name for name in _TYPES for value in values if is_of(value, name)}

    def layers(self, schema: Any) -> list[Mapping[str, Any]]:
        """``schema`` and what it refers to, all of which must fit; one that refers to itself adds nothing."""
        layers: list[Mapping[str, Any]] = []
        while schema is not None and len(layers) < MAX_REFERENCES:
            rules = {_NOTHING_FITS: True} if schema is False else mapping(schema)
            if any(rules is other for other in layers):
                break
            layers.append(rules)
            schema = self._target(rules.get("$ref", rules.get("$dynamicRef")))
        return layers

    def _target(self, reference: Any) -> Any:
        """What ``reference`` names in the same schema; ``None`` where it names nothing there."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        path = unquote(reference[1:])
        if path and not path.startswith("/"):
            places = [*mapping(mapping(self.root).get("$defs")).values()]
            return next(
                (p for p in places if path in (mapping(p).get("$anchor"), mapping(p).get("$dynamicAnchor"))), None
            )
        target: Any = self.root
        for part in path.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list):
                target = target[int(name)] if name.isdecimal() and len(name) < 6 and int(name) < len(target) else None
            else:
                target = mapping(target).get(name)
        return target

    def _check_kind(self, value: Any, rules: Mapping[str, Any], where: str) -> None:
        types = _type_names(rules.get("type"))
        if rules.get("nullable") is True and types:
            types |= {"null"}
        if types and not any(is_of(value, name) for name in types):
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

    def _check_object(
        self, value: dict[str, Any], rules: Mapping[str, Any], where: str, depth: int, named: Collection[str]
    ) -> None:
        """``named`` are the properties of all layers."""
        properties = mapping(rules.get("properties"))
        for name in as_list(rules.get("required")):
            if isinstance(name, str) and name not in value:
                raise _MisfitError(f"{name} is missing")
        others = rules.get("additionalProperties", rules.get("unevaluatedProperties"))
        if others is None and depth == 0 and isinstance(rules.get("properties"), Mapping) and not _is_composed(rules):
            others = all(name in named for name in value)
        for name, member in value.items():
            self.check(name, rules.get("propertyNames", True), f"the name {name[:40]}", depth + 1)
            fitting = self._schemas_of(name, properties, mapping(rules.get("patternProperties")))
            for schema in fitting:
                self.check(member, schema, name, depth + 1)
            if others is False and not fitting and not ("additionalProperties" not in rules and name in named):
                raise _MisfitError(f"{name[:40]} is no argument" if depth == 0 else f"{where} has no {name[:40]}")
            if isinstance(others, Mapping) and not fitting:
                self.check(member, others, name, depth + 1)
        self._check_dependents(value, rules, where, depth)
        _check_count(len(value), rules, "minProperties", "maxProperties", where)

    def _schemas_of(self, name: str, properties: Mapping[str, Any], patterns: Mapping[str, Any]) -> list[Any]:
        """What a member called ``name`` must fit; nothing where it is not named."""
        found = [properties[name]] if name in properties else []
        return found + [schema for pattern, schema in patterns.items() if self._matches(pattern, name) is not False]

    def _check_dependents(self, value: dict[str, Any], rules: Mapping[str, Any], where: str, depth: int) -> None:
        dependents = [*mapping(rules.get("dependentRequired")).items(), *mapping(rules.get("dependencies")).items()]
        for name, others in dependents:
            missing = [other for other in as_list(others) if isinstance(other, str) and other not in value]
            if name in value and missing:
                raise _MisfitError(f"{missing[0]} is missing")
        for key in ("dependentSchemas", "dependencies"):
            for name, schema in mapping(rules.get(key)).items():
                if name in value and isinstance(schema, Mapping | bool):
                    self.check(value, schema, where, depth + 1)

    def _matches(self, pattern: Any, text: str) -> bool | None:
        """Whether ``pattern`` is in ``text``; ``None`` where it cannot be followed."""
        read = read_pattern(pattern) if isinstance(pattern, str) else None
        if read is None:
            return None
        self.pattern_steps += read.cost(text)
        if self.pattern_steps > MAX_PATTERN_STEPS:
            raise _ComplexError("the arguments are too complex")
        return read.is_in(text)

    def _check_text(self, value: str, rules: Mapping[str, Any], where: str) -> None:
        _check_count(len(value), rules, "minLength", "maxLength", where)
        if self._matches(rules.get("pattern"), value) is False:
            raise _MisfitError(f"{where} must match {str(rules['pattern'])[:80]}")

    def _check_array(self, value: list[Any], rules: Mapping[str, Any], where: str, depth: int) -> None:
        _check_count(len(value), rules, "minItems", "maxItems", where)
        items, first = rules.get("items", True), as_list(rules.get("prefixItems"))
        if isinstance(items, list):
            first, items = items, rules.get("additionalItems", True)
        for index, item in enumerate(value):
            self.check(item, first[index] if index < len(first) else items, f"an item of {where}", depth + 1)
        if rules.get("uniqueItems") is True and len({_key(item) for item in value}) < len(value):
            raise _MisfitError(f"an item of {where} is given twice")
        if "contains" in rules:
            fitting = sum(self._fits(item, rules["contains"], where, depth + 1) for item in value)
            _check_count(fitting, {"minContains": 1, **rules}, "minContains", "maxContains", f"what {where} must hold")

    def _check_alternatives(self, value: Any, rules: Mapping[str, Any], where: str, depth: int) -> None:
        for choice in as_list(rules.get("allOf")):
            self.check(value, choice, where, depth + 1)
        for key in ("anyOf", "oneOf"):
            choices = as_list(rules.get(key))
            fitting = sum(self._fits(value, choice, where, depth + 1) for choice in choices)
            if choices and not fitting:
                raise _MisfitError(f"{where} fits none of the allowed forms")
            if key == "oneOf" and fitting > 1:
                raise _MisfitError(f"{where} fits more than one of the allowed forms")
        if "if" in rules:
            branch = "then" if self._fits(value, rules["if"], where, depth + 1) else "else"
            self.check(value, rules.get(branch, True), where, depth + 1)
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


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_composed(rules: Mapping[str, Any]) -> bool:
    """Whether members may be named elsewhere than in ``properties``."""
    return any(key in rules for key in ("anyOf", "oneOf", "allOf", "patternProperties", "if", "dependentSchemas"))


def _check_number(value: Any, rules: Mapping[str, Any], where: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    least, most = _number(rules, "minimum"), _number(rules, "maximum")
    above, below = _number(rules, "exclusiveMinimum"), _number(rules, "exclusiveMaximum")
    above = least if rules.get("exclusiveMinimum") is True else above  # as draft 4 had it
    below = most if rules.get("exclusiveMaximum") is True else below
    if (least is not None and value < least) or (above is not None and value <= above):
        raise _MisfitError(f"{where} is too small")
    if (most is not None and value > most) or (below is not None and value >= below):
        raise _MisfitError(f"{where} is too large")
    step = _number(rules, "multipleOf")
    if (
        step is not None
        and step > 0
        and isfinite(step)
        and isfinite(value)
        and Fraction(str(value)) % Fraction(str(step))
    ):
        raise _MisfitError(f"{where} must be a multiple of {step}")


def _check_count(count: int, rules: Mapping[str, Any], least: str, most: str, where: str) -> None:
    low, high = _number(rules, least), _number(rules, most)
    if low is not None and count < low:
        raise _MisfitError(f"{where} is too short")
    if high is not None and count > high:
        raise _MisfitError(f"{where} is too long")


def _number(rules: Mapping[str, Any], key: str) -> int | float | None:
    value = rules.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
