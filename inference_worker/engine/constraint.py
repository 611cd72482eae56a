"""Which tokens may come next, where somebody wants the reply to begin in a certain form. Knows no tool and no chat.

The form is a grammar in the Lark notation of llguidance, an optional package; without it nothing is constrained. A
control token is written ``<[id]>``. Not ``llguidance.torch``: that is compiled at run time, with a compiler.
"""

from __future__ import annotations

import importlib.util
import json
import logging
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

logger = logging.getLogger(__name__)


class Constraint(Protocol):
    """Belongs to one generation."""

    def allowed(self) -> np.ndarray | None:
        """bool [vocabulary]: what may come next; ``None``: anything, from now on."""
        ...

    def accept(self, token: int) -> None:
        """``token`` has come."""
        ...


def is_installed() -> bool:
    return importlib.util.find_spec("llguidance") is not None


class GrammarConstraint:
    """Up to the end of what a grammar says; behind it everything is allowed."""

    def __init__(self, matcher: Any, vocabulary: int) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary

    def allowed(self) -> np.ndarray | None:
        if self._matcher is None:
            return None
        packed = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        mask = np.unpackbits(packed, count=self._vocabulary, bitorder="little").view(np.bool_)
        if self._matcher.is_error() or not mask.any():
            self._give_up()
            return None
        return mask

    def accept(self, token: int) -> None:
        if self._matcher is None:
            return
        if not self._matcher.consume_token(token):
            self._give_up()
        elif self._matcher.is_accepting():
            self._matcher = None

    def _give_up(self) -> None:
        """A matcher that has failed once answers nothing any more; what was written so far stays."""
        logger.info("the grammar is let go of: %s", _first_line(self._matcher.get_error()))
        self._matcher = None


class Grammars:
    """Makes constraints over one vocabulary. Making it takes up to a second, so it is kept."""

    def __init__(self, tokenizer: Any, controls: Sequence[int], vocabulary: int) -> None:
        """``tokenizer`` is one of the tokenizers library. ``controls`` are ids that no text becomes, an end of
        all text first; ``vocabulary`` is the number of logits. Raises ValueError for what llguidance cannot read."""
        import llguidance

        self._library = llguidance
        self._vocabulary = vocabulary
        controls = [token for token in controls if tokenizer.id_to_token(token) is not None]
        if not controls:  # the first token would be taken for the end of all text, whatever it is
            raise ValueError("it has no control token")
        written = _with_controls(tokenizer, controls)
        self._tokenizer = llguidance.LLTokenizer(written, n_vocab=vocabulary, eos_token=controls[0])

    def constraint(self, grammars: Sequence[str]) -> GrammarConstraint | None:
        """Of the first grammar that can be used; ``None`` where none can."""
        for grammar in grammars:
            matcher = self._library.LLMatcher(self._tokenizer, grammar, log_level=0)
            if not matcher.is_error():
                return GrammarConstraint(matcher, self._vocabulary)
            logger.info("a grammar cannot be used: %s", _first_line(matcher.get_error()))
        return None


def _with_controls(tokenizer: Any, controls: Sequence[int]) -> str:
    """``tokenizer`` as JSON; what it calls an ordinary word is a control token where ``controls`` has it."""
    written = json.loads(tokenizer.to_str())
    written["padding"] = written["truncation"] = None
    known = set(controls)
    for token in written["added_tokens"]:
        token["special"] = token["id"] in known
    return json.dumps(written)


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:200]
