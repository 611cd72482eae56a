"""The check of arguments: what fits a schema and what does not, with schemas that nobody vouches for."""

from __future__ import annotations

import re
import time
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_worker.tools.patterns import read_pattern
from inference_worker.tools.raw_text import RawText, typed
from inference_worker.tools.schema import misfit
from tests.support.sample_data import sample_lines


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


FITS: list[tuple[Any, Any]] = [
    (of(a={"type": "string"}), {"a": "x"}),
    (of(a={"type": "string"}), {}),
    (of(a={"type": "integer"}), {"a": 3.0}),
    (of(a={"type": "number"}), {"a": 3}),
    (of(a={"type": ["string", "null"]}), {"a": None}),
    (of(a={"type": "string", "nullable": True}), {"a": None}),
    (of(a={"enum": [1, "x", None]}), {"a": None}),
    (of(a={"type": "array", "items": {"type": "integer"}}), {"a": [1, 2]}),
    (of(a={"anyOf": [{"type": "string"}, {"type": "integer"}]}), {"a": 3}),
    (of(a={"$ref": "#/$defs/b"}) | {"$defs": {"b": {"type": "integer"}}}, {"a": 3}),
    (of(a={"type": "dict"}), {"a": {}}),
    (of(a={"type": "any"}), {"a": [1]}),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"b": 1}),
    ({}, {"b": 1}),
    (None, {"b": 1}),
    ({"type": 3, "required": "a", "properties": []}, {"b": 1}),
    (of(a={"pattern": "(a+)+$"}), {"a": "!" + "a" * 60}),
    (of(a={"pattern": "^\\d{4}-\\d{2}$"}), {"a": "2026-11"}),
    (of(a={"pattern": "^[\\u4e00-\\u9fff]+$"}), {"a": "喵酱"}),
    (of(a={"pattern": "^\\\\u4e00$"}), {"a": "\\u4e00"}),
    (of(a={"pattern": "(?=a)"}), {"a": "b"}),
    (of(a={"pattern": "["}), {"a": "b"}),
    (of(a={"$ref": "#a"}) | {"$defs": {"b": {"$anchor": "a", "type": "integer"}}}, {"a": 3}),
    ({"$ref": "#/$defs/all", "$defs": {"all": of(a={"type": "integer"})}}, {"a": 3}),
    ({"$defs": {"t": of(next={"$ref": "#/$defs/t"})}, "$ref": "#/$defs/t"}, {"next": {"next": {}}}),
    (of(a={"uniqueItems": True}), {"a": [1, True, "1"]}),
    (of(a=True), {"a": [1]}),
    (of() | {"patternProperties": {"^x-": {"type": "string"}}}, {"x-a": "b"}),
    (of(a={"format": "date"}), {"a": "no date"}),
    (of(a={"$ref": "#/properties/a"}), {"a": 1}),
    (of(a={"$ref": "https://example.com/schema"}), {"a": 1}),
]
MISFITS: list[tuple[Any, Any]] = [
    (of(a={"type": "string"}), {"a": 3}),
    (of(a={"type": "integer"}), {"a": True}),
    (of(a={"type": "integer"}), {"a": "3"}),
    (of(a={"type": "integer"}), {"a": 3.5}),
    (of(a={"type": "string"}), {"b": 1}),
    (of(), {"__class__": "x"}),
    (of(a={}) | {"required": ["a"]}, {}),
    (of(a={"enum": ["x", "y"]}), {"a": "z"}),
    (of(a={"const": 1}), {"a": True}),
    (of(a={"type": "array", "items": {"type": "integer"}}), {"a": [1, "2"]}),
    (of(a={"type": "array", "maxItems": 1}), {"a": [1, 2]}),
    (of(a={"type": "integer", "minimum": 1, "exclusiveMaximum": 3}), {"a": 3}),
    (of(a={"type": "string", "minLength": 2}), {"a": "x"}),
    (of(a={"oneOf": [{"type": "string"}, {"type": "null"}]}), {"a": 3}),
    (of(a={"not": {"type": "string"}}), {"a": "x"}),
    (of(a=False), {"a": 1}),
    (of(a={"pattern": "(a+)+$"}), {"a": "a" * 60 + "!"}),
    (of(a={"pattern": "^[\\u4e00-\\u9fff]+$"}), {"a": "nyanko"}),
    (of(a={"pattern": "(x+x+)+y"}), {"a": "x" * 60_000}),
    (of(a={"$ref": "#/$defs/b", "maximum": 3}) | {"$defs": {"b": {"type": "integer"}}}, {"a": 4}),
    (of(a={"$ref": "#/$defs/b"}) | {"$defs": {"b": False}}, {"a": 4}),
    ({"$ref": "#/$defs/all", "$defs": {"all": of(a={"type": "integer"})}}, {"b": 3}),
    ({"$defs": {"t": of(next={"$ref": "#/$defs/t"})}, "$ref": "#/$defs/t"}, {"next": {"next": 1}}),
    (of(a={"uniqueItems": True}), {"a": [{"b": 1}, {"b": 1.0}]}),
    (of(a={"oneOf": [{"type": "number"}, {"type": "integer"}]}), {"a": 3}),
    (of(a={"enum": [[1]]}), {"a": [True]}),
    (of(a={"items": [{"type": "string"}], "additionalItems": False}), {"a": ["x", "y"]}),
    (of(a={"contains": {"const": 1}}), {"a": [2]}),
    (of(a={"multipleOf": 0.1}), {"a": 0.25}),
    (of(a={"minimum": 1, "exclusiveMinimum": True}), {"a": 1}),
    (of(a={"additionalProperties": {"type": "integer"}}), {"a": {"b": "c"}}),
    (of(a={"if": {"type": "string"}, "then": {"minLength": 2}}), {"a": "x"}),
    (of(a={}, b={}) | {"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    (of(a=of(b={"type": "string"}) | {"required": ["b"]}), {"a": {}}),
]


@pytest.mark.parametrize(("schema", "arguments"), FITS)
def test_it_fits(schema: Any, arguments: Any) -> None:
    assert misfit(arguments, schema) is None


@pytest.mark.parametrize(("schema", "arguments"), MISFITS)
def test_it_does_not_fit(schema: Any, arguments: Any) -> None:
    assert misfit(arguments, schema)


def test_a_schema_cannot_make_the_check_run_for_ever() -> None:
    deep: Any = {"type": "integer"}
    for _ in range(30):
        deep = {"anyOf": [deep, deep]}
    assert misfit({"a": "x"}, of(a=deep)) == "the arguments are too complex"
    assert misfit({"a": "x"}, of(a={"not": deep})) == "the arguments are too complex"
    assert misfit({"a": 1}, {"properties": {"a": {"allOf": [{"$ref": "#/properties/a"}]}}}) is not None


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "007", "007"),
        ({"type": "integer"}, "007", 7),
        ({"type": "number"}, "-00.50", -0.5),
        ({"type": ["integer", "string"]}, "007", "007"),
        ({"type": "string"}, " true\n", " true\n"),
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, "7.0", 7),
        ({"type": "integer"}, "seven", "seven"),
        ({"type": "number"}, "-0.5", -0.5),
        ({"type": "boolean"}, "True", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "array"}, "['a', 1]", ["a", 1]),
        ({"type": "object"}, '{"a": null}', {"a": None}),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "x", "x"),
        ({"enum": ["on", "off"]}, "on", "on"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "x1", "x1"),
        ({}, "x", "x"),
        ({}, "3", 3),
    ],
)
def test_the_schema_says_what_a_text_without_quotes_is(schema: Any, text: str, value: Any) -> None:
    found = typed({"a": RawText(text)}, of(a=schema))["a"]
    assert (found, type(found)) == (value, type(value))


def test_a_word_of_a_list_may_have_other_capitals() -> None:
    assert typed({"a": "bronze"}, of(a={"enum": ["Bronze", "Wood"]})) == {"a": "Bronze"}
    assert typed({"a": "bronze"}, of(a={"enum": ["Bronze", "BRONZE"]})) == {"a": "bronze"}


def alternatives(value: Any) -> Any:
    """BFCL lists what may stand for each member of an object; the first of it."""
    if isinstance(value, dict):
        return {
            key: alternatives(options[0] if isinstance(options, list) else options) for key, options in value.items()
        }
    return value


def accepted(arguments: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Each accepted value once; an empty text in the list says that the argument may be left out."""
    given = {name: [value for value in values if value != ""] for name, values in arguments.items()}
    named = {name: values for name, values in given.items() if values}
    first = {name: alternatives(values[0]) for name, values in named.items()}
    return [first | {name: alternatives(value)} for name, values in named.items() for value in values]


def test_every_accepted_value_of_the_leaderboard_fits() -> None:
    for case in sample_lines("bfcl.jsonl"):
        schemas = {tool["name"]: tool["parameters"] for tool in case["tools"]}
        calls = [
            (name, found) for call in case["accept"] or [] for name, given in call.items() for found in accepted(given)
        ]
        calls += [(call["name"], call["arguments"]) for call in case.get("example_calls") or []]
        for name, arguments in calls:
            assert misfit(typed(arguments, schemas[name]), schemas[name]) is None, case["id"]


def test_values_of_every_kind_meet_schemas_of_every_kind_without_an_error() -> None:
    values: list[Any] = [None, True, 0, -1.5, "", "x", [], [1, [2]], {}, {"a": {"b": []}}]
    keys = ("type", "enum", "const", "properties", "items", "anyOf", "required", "minimum", "maxLength", "$ref", "not")
    for key, odd, value in product(keys, values, values):
        misfit({"a": value}, of(a={key: odd}))
        misfit(value, {key: odd})
        typed({"a": RawText(str(value))}, of(a={key: odd}))


@pytest.mark.parametrize(
    "pattern", ["(a|a)*b", "(a+)+$", "(x+x+)+y", "((a{9}){9}){9}", "(" * 200, "a{9999}", "[^", "\\p{Lu}"]
)
def test_a_pattern_takes_time_linear_in_the_text(pattern: str) -> None:
    started = time.process_time()
    misfit({"a": "a" * 60_000 + "!"}, of(a={"pattern": pattern}))
    assert time.process_time() - started < 5


pieces = st.recursive(
    st.sampled_from(["a", "b", ".", "\\d", "\\w", "[ab]", "[^a]", "[a-c1]", "\\b", "^", "1"]),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map("(?:%s|%s)".__mod__)
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?"])).map("(?:%s)%s".__mod__)
    ),
    max_leaves=8,
)


@given(pieces, st.text(alphabet="abc1 .\n", max_size=8))
@settings(max_examples=500, deadline=None)
def test_a_pattern_says_what_pythons_own_says(pattern: str, text: str) -> None:
    read = read_pattern(pattern)
    assert read is not None
    assert read.is_in(text) == bool(re.search(pattern, text, re.A))
