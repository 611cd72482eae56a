"""A ChatTokenizer over any Jinja chat template, with a growing vocabulary of words: no model files, no transformers.

It cuts text as byte-level BPE does (a word with the blank before it, runs of white space, single signs), so that pieces
of a template can grow together with the text beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MARKER = re.compile(r"<[^<>\s]{1,40}>|\[[A-Z_/]{3,20}\]")
_PIECE = re.compile(rf"{_MARKER.pattern}| ?\w+|\s+|.", re.DOTALL)
VARIABLES = {"bos_token": "<BOS>", "eos_token": "<EOS>", "pad_token": "<PAD>", "unk_token": "<UNK>"}


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


class JinjaTokenizer:
    """Renders like ``apply_chat_template``."""

    has_template = True
    stop_ids: frozenset[int] = frozenset()

    def __init__(self, source: str, fingerprint: str = "jinja-1") -> None:
        self.fingerprint = fingerprint
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = lambda x, indent=None, **_: json.dumps(x, ensure_ascii=False, indent=indent)
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = datetime(2026, 1, 15, 9, 30).strftime
        self._template = environment.from_string(source)
        self._vocabulary: dict[str, int] = {}

    @property
    def added_tokens(self) -> dict[int, str]:
        """What looks like a control token is one."""
        return {id_: piece for piece, id_ in self._vocabulary.items() if _MARKER.fullmatch(piece)}

    @property
    def special_ids(self) -> frozenset[int]:
        return frozenset(self.added_tokens)

    def encode(self, text: str) -> list[int]:
        return [self._vocabulary.setdefault(piece, len(self._vocabulary)) for piece in _PIECE.findall(text)]

    def decode(self, ids: Sequence[int]) -> str:
        pieces = list(self._vocabulary)
        return "".join(pieces[id_] for id_ in ids)

    def text(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> str:
        """The rendered conversation before it is cut into pieces."""
        try:
            text = self._template.render(
                messages=[dict(m) for m in messages],
                tools=[dict(tool) for tool in tools] if tools else None,
                add_generation_prompt=add_generation_prompt,
                **VARIABLES,
            )
        except (TemplateError, TypeError) as refusal:
            raise ValueError(str(refusal)) from refusal
        if not continue_final:
            return text
        last = messages[-1]["content"]
        if last not in text:
            raise ValueError("the last message was changed")
        return text[: text.rindex(last) + len(last)]

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        return self.encode(
            self.text(messages, tools, add_generation_prompt=add_generation_prompt, continue_final=continue_final)
        )
