"""Grammars of one call, in the Lark notation of llguidance: in the form that a template prints, or in the slash style.

A reply that is held to one writes thoughts if it wants to, then a call of an offered tool with arguments that fit its
schema; behind it everything is free. Only calls with JSON in them have a grammar. Knows no model and no llguidance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inference_worker.chat.native_messages import parameters
from inference_worker.chat.probe import ARGUMENTS, CALL_IDS, NAME
from inference_worker.tools.base import Tool
from inference_worker.tools.families.family import Thinking
from inference_worker.tools.registry import takes_one_text

MAX_ARGUMENT: Final = 500
"""Characters on the line of a slash call; a weak model that finds no end is brought to one."""
_CHARACTER: Final = r"([^\r\n<]|<[^<\r\n])"
_FIRST: Final = r"([^ \t\r\n<]|<[^<\r\n])"
_END_OF_LINE: Final = r"( ?<<|\n)"
_ID: Final = "/[a-zA-Z0-9]{9}/"
_SLOTS: Final = re.compile(f"({re.escape(NAME)}|{re.escape(CALL_IDS[0])}|\x00)")
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$/]")

Ids = Mapping[str, int]
"""Control tokens by their spelling."""


@dataclass(frozen=True, slots=True)
class Form:
    """A call around its name and its arguments, as one template prints it."""

    text: str
    """With a NUL where the arguments stand."""
    key_separator: str


@dataclass(frozen=True, slots=True)
class Before:
    """What may stand before a call."""

    term: str = ""
    rules: tuple[str, ...] = ()


def read_form(example: str, thinking: Sequence[Thinking]) -> Form | None:
    """How ``example``, a printed call of the probe, is made; ``None`` where its arguments are no JSON object."""
    for pair in thinking:
        _, close, behind = example.rpartition(pair.close)
        example = behind if close and NAME in behind else example
    found = _find_arguments(example)
    if found is None or example.count(NAME) != 1:
        return None
    start, end = found
    colon = example[start:end].partition(":")[2]
    return Form(f"{example[:start]}\x00{example[end:]}".lstrip("\n"), ": " if colon.startswith(" ") else ":")


def _find_arguments(example: str) -> tuple[int, int] | None:
    decoder = json.JSONDecoder()
    for match in re.finditer("{", example):
        try:
            value, end = decoder.raw_decode(example, match.start())
        except ValueError:
            continue
        if value == ARGUMENTS:
            return match.start(), end
    return None


def native_grammars(form: Form, schemas: Mapping[str, Any], ids: Ids, before: Before) -> tuple[str, ...]:
    """Of a call in ``form`` of one of the tools in ``schemas``: with its arguments as they should be, and one with any
    object, for schemas that cannot be read."""
    any_object: dict[str, Any] = {name: {} for name in schemas}
    return tuple(_native_grammar(form, wanted, ids, before) for wanted in (schemas, any_object))


def _native_grammar(form: Form, schemas: Mapping[str, Any], ids: Ids, before: Before) -> str:
    rules = []
    for number, (name, schema) in enumerate(schemas.items()):
        slots = {NAME: _literal(name), CALL_IDS[0]: _ID, "\x00": f"args_{number}"}
        pieces = [piece for piece in _SLOTS.split(form.text) if piece]
        terms = [term for piece in pieces for term in ([slots[piece]] if piece in slots else _terms(piece, ids))]
        rules += [f"call_{number}: {' '.join(terms)}", f"args_{number}: {_json(schema, form.key_separator)}"]
    return _grammar([f"call_{number}" for number in range(len(schemas))], rules, before)


def slash_grammars(tools: Sequence[Tool], before: Before, *, on_new_line: bool) -> tuple[str, ...]:
    """Of one line that calls one of ``tools``; the two as for :func:`native_grammars`."""
    return tuple(_slash_grammar(tools, before, on_new_line, fitting=fitting) for fitting in (True, False))


def _slash_grammar(tools: Sequence[Tool], before: Before, on_new_line: bool, *, fitting: bool) -> str:
    rules = []
    for number, tool in enumerate(tools):
        begin = '"\\n" ' if on_new_line else ""
        if takes_one_text(tool):  # one lexeme, because the argument and the end both have blanks and "<"
            rules += [f"call_{number}: {begin}LINE_{number}", f"LINE_{number}: /\\/{_escaped(tool.name)}{_line(tool)}/"]
        else:
            schema = _json(parameters(tool) if fitting else {}, ": ")
            rules += [
                f"call_{number}: {begin}{_literal(f'/{tool.name} ')} args_{number} END",
                f"args_{number}: {schema}",
            ]
    return _grammar([f"call_{number}" for number in range(len(tools))], [*rules, f"END: /{_END_OF_LINE}/"], before)


def _line(tool: Tool) -> str:
    schema = parameters(tool)
    if "text" not in schema.get("properties", {}):
        return _END_OF_LINE
    argument = f" {_FIRST}{_CHARACTER}{{0,{MAX_ARGUMENT}}}"
    return (argument if "text" in schema.get("required", ()) else f"({argument})?") + _END_OF_LINE


def thoughts_before(ids: Ids, pairs: Sequence[Thinking], opened: Thinking | None, again: str = "") -> Before:
    """Thoughts: their rest where the prompt has ``opened`` them, otherwise whole ones or none.

    ``again`` is what stands between them and the call. Pairs that the vocabulary has no tokens for are left out.
    """
    known = [pair for pair in pairs if _terms(pair.open, ids)[0].startswith("<[")]
    rules: list[str] = []
    for number, pair in enumerate([opened] if opened else known):
        open_terms = [] if opened else _terms(pair.open, ids)
        first, *rest = _terms(pair.close, ids)
        if not first.startswith("<["):
            rules.append(f"thought_{number}[lazy]: /(.|\\n)*{_escaped(json.loads(first))}/")
        body = ["THOUGHT", first] if first.startswith("<[") else [f"thought_{number}"]
        behind = _terms(again, ids) if again else ["BREAKS"]
        rules.append(f"thoughts_{number}: {' '.join([*open_terms, *body, *rest, *behind])}")
    if not rules:
        return Before()
    names = " | ".join(rule.partition(":")[0] for rule in rules if rule.startswith("thoughts_"))
    return Before(f"({names})" if opened else f"({names})?", (*rules, "THOUGHT: /(.|\\n)*/", "BREAKS: /\\n*/"))


# ---------------------------------------------------------------- notation


def _grammar(calls: Sequence[str], rules: Sequence[str], before: Before) -> str:
    return "\n".join([f"start: {before.term} call", f"call: {' | '.join(calls)}", *rules, *before.rules, ""])


def _terms(text: str, ids: Ids) -> list[str]:
    """``text`` as literals, with control tokens by their ids."""
    if not ids:
        return [_literal(text)]
    marks = "|".join(re.escape(name) for name in sorted(ids, key=len, reverse=True))
    pieces = [piece for piece in re.split(f"({marks})", text) if piece]
    return [f"<[{ids[piece]}]>" if piece in ids else _literal(piece) for piece in pieces]


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0], text).replace("\n", "\\n")


def _json(schema: Mapping[str, Any], key_separator: str) -> str:
    """An object that fits ``schema``, on one line; parameters that it does not name are none."""
    style = {
        "whitespace_flexible": False,
        "key_separator": key_separator,
        "item_separator": key_separator.replace(":", ","),
        "lenient": True,
    }
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return "%json " + json.dumps({"type": "object", **closed, **schema, "x-guidance": style})
