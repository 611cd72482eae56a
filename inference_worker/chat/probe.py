"""What a checkpoint's chat template does with system text and tools, found out with words that stand for them.

There is no list of models. A template takes tools natively where it prints a definition, a call and a result, and where
one of the families of calls reads the call that it printed back as that call.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inference_worker.chat.native_messages import Dicts, Spelling, call_message
from inference_worker.chat.round_trip import Found, Spelled, begin_of_reply, find_calls, marker_ids, open_filter, spell
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.tools.families import FAMILIES
from inference_worker.tools.families.family import Family, Thinking
from inference_worker.tools.filter import Called

System = Literal["printed", "merged", "dropped"]
"""Where system text goes: into a message of its own, into the first question, or nowhere."""

QUESTION = {"role": "user", "content": "hello"}
ARGUMENTS = {"marble": "heron lake"}
CALL_IDS = ("zebra0001", "zebra0002")
_SYSTEM = "zebra quartz"
NAME = "otter_lookup"
_RESULTS = ("walnut ferry", "cobalt meadow")
_ANSWER = "Nyananswer"
_UNKNOWN_FORM = "its chat template prints calls in a form that is not known"
_TOOL = {
    "type": "function",
    "function": {
        "name": NAME,
        "description": "Finds otters",
        "parameters": {
            "type": "object",
            "properties": {"marble": {"type": "string", "description": "which one"}},
            "required": ["marble"],
        },
    },
}
_SCHEMAS = {NAME: _TOOL["function"]["parameters"]}  # type: ignore[index]


_PAIRS = tuple(
    {pair.open: pair for family in FAMILIES.values() for pair in family.thinking if not pair.anywhere}.values()
)


@dataclass(frozen=True, slots=True)
class Native:
    """How a template takes tools."""

    family: Family
    system: System
    """With tools beside it; a template that drops it gets it in the first question."""
    defines: bool
    """It prints what it is told about tools; otherwise that is ours to say, in the system text."""
    parallel: bool
    """It prints several calls of one message and all of their results."""
    example: str
    """A call as the template prints it."""
    spelling: Spelling
    """How it takes calls."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probe found."""

    system: System
    native: Native | None
    reason: str = ""
    """Why it is not native although the template has something to say about tools; else empty."""
    thinking: tuple[Thinking, ...] = ()
    """What stands around thoughts, where the vocabulary has tokens for it or the prompt begins them."""


def probe(tokenizer: ChatTokenizer, families: Iterable[Family] = FAMILIES.values()) -> Probed:
    """Render a few short conversations and look at what became of the words in them."""
    system = _system(tokenizer, None)
    if not tokenizer.has_template:
        return Probed(system, None)
    thinking = _thinking(tokenizer)
    known = list(dict.fromkeys(families))
    native, reason = _probe_calls(tokenizer, known, Spelling())
    native = native or _probe_calls(tokenizer, known, Spelling(arguments_as_text=True))[0]
    if native is None and reason != _UNKNOWN_FORM:
        native, _ = _probe_calls(tokenizer, known, Spelling(calls_as_text=True))
    return Probed(system, native, reason if native is None and _mentions_tools(tokenizer) else "", thinking)


def _thinking(tokenizer: ChatTokenizer) -> tuple[Thinking, ...]:
    try:
        prompt = tokenizer.decode(tokenizer.render([QUESTION], add_generation_prompt=True))
    except ValueError:
        prompt = ""
    names = set(tokenizer.added_tokens.values())
    return tuple(pair for pair in _PAIRS if pair.open in names or prompt.rstrip().endswith(pair.open))


def _system(tokenizer: ChatTokenizer, tools: Sequence[dict[str, Any]] | None) -> System:
    asked: Dicts = [{"role": "system", "content": _SYSTEM}, QUESTION]
    try:
        rendered = tokenizer.render(asked, tools, add_generation_prompt=True)
    except ValueError:
        return "merged"
    return "printed" if _SYSTEM in tokenizer.decode(rendered) else "dropped"


def _mentions_tools(tokenizer: ChatTokenizer) -> bool:
    """Whether the template does anything at all when it is given tools."""
    try:
        given = tokenizer.render([QUESTION], [_TOOL], add_generation_prompt=True)
        return given != tokenizer.render([QUESTION], add_generation_prompt=True)
    except ValueError:
        return True


# ---------------------------------------------------------------- calls


def _conversation(calls: int, spelling: Spelling) -> Dicts:
    """A question, an answer of so many calls, and their results."""
    ids = CALL_IDS[:calls]
    asked = call_message([(call_id, NAME, ARGUMENTS) for call_id in ids], spelling=spelling)
    results = zip(ids, _RESULTS, strict=False)
    return [QUESTION, asked, *({"role": "tool", "tool_call_id": i, "name": NAME, "content": r} for i, r in results)]


def _probe_calls(tokenizer: ChatTokenizer, families: Sequence[Family], spelling: Spelling) -> tuple[Native | None, str]:
    """How calls are printed, or why that cannot be used."""
    try:
        return _native(tokenizer, families, spelling)
    except ValueError as refusal:
        return None, str(refusal)


def _native(tokenizer: ChatTokenizer, families: Sequence[Family], spelling: Spelling) -> tuple[Native | None, str]:
    prompt = tokenizer.render([QUESTION], [_TOOL], add_generation_prompt=True)
    rendered = tokenizer.render(_conversation(1, spelling), [_TOOL], add_generation_prompt=True)
    text = tokenizer.decode(rendered)
    if _RESULTS[0] not in text:
        return None, "its chat template does not print the result of a tool"
    if _leaks(tokenizer, rendered, spelling):
        return None, "its chat template makes control tokens of what a tool returns"
    start = begin_of_reply(prompt, rendered, tokenizer, QUESTION["content"])
    written = list(spell(rendered[start:], tokenizer))
    if spelling.calls_as_text:
        family = _best_by_vocabulary(tokenizer, families, text)
    else:
        family = _best(tokenizer, families, rendered[:start], written, text)
    if family is None:
        return None, _UNKNOWN_FORM if NAME in tokenizer.decode(
            rendered[start:]
        ) else "its chat template prints no calls"
    told = tokenizer.decode(prompt)
    defines = NAME in told and "marble" in told
    system = _system(tokenizer, [_TOOL])
    system = "merged" if system == "dropped" else system
    family = _completed(tokenizer, _hinted(family, families, told, written), text)
    if spelling.calls_as_text:
        parallel = _prints_results(tokenizer, spelling)
        return (Native(family, system, defines, parallel, "", spelling) if defines else None), ""
    reader = open_filter(tokenizer, family, _SCHEMAS, rendered[:start])
    length = find_calls(written, reader, marker_ids(tokenizer, family), 1).length
    example = "".join(piece.text for piece in written[:length])
    parallel = _is_parallel(tokenizer, family, prompt, spelling)
    return Native(family, system, defines, parallel, example, spelling), ""


def _leaks(tokenizer: ChatTokenizer, rendered: Sequence[int], spelling: Spelling) -> bool:
    """Whether the spelling of control tokens in a result becomes control tokens; some templates print texts anew."""
    names = [tokenizer.added_tokens[token] for token in rendered if token in tokenizer.special_ids]
    *asked, result = _conversation(1, spelling)
    hostile = {**result, "content": result["content"] + "".join(dict.fromkeys(names))}
    again = tokenizer.render([*asked, hostile], [_TOOL], add_generation_prompt=True)
    return [tokenizer.added_tokens[token] for token in again if token in tokenizer.special_ids] != names


def _best(
    tokenizer: ChatTokenizer, families: Sequence[Family], before: Sequence[int], written: list[Spelled], text: str
) -> Family | None:
    """The family that reads the printed call, and of several the one that shows least of what stands around it; then
    the one with most markers in the conversation."""
    found = {family: _read(tokenizer, family, before, written, 1) for family in families}
    shown = {family: read.shown for family, read in found.items() if _is_right(read, 1)}
    return max(shown, key=lambda one: (-shown[one], sum(marker in text for marker in one.markers)), default=None)


def _best_by_vocabulary(tokenizer: ChatTokenizer, families: Sequence[Family], text: str) -> Family | None:
    """The family whose marker of a call is a token of the vocabulary, where the template leaves calls to the content:
    so do those of LFM2 and Granite 3."""
    names = set(tokenizer.added_tokens.values())
    found = [family for family in families if any(opener.text in names for opener in family.openers)]
    return max(found, key=lambda family: sum(name in names or name in text for name in family.markers), default=None)


def _read(
    tokenizer: ChatTokenizer, family: Family, before: Sequence[int], written: Sequence[Spelled], count: int
) -> Found:
    reader = open_filter(tokenizer, family, _SCHEMAS, before)
    return find_calls(written, reader, marker_ids(tokenizer, family), count)


def _is_right(read: Found, count: int) -> bool:
    calls = [call for call in read.calls if isinstance(call, Called)]
    right = [call for call in calls if call.name == NAME and call.arguments == ARGUMENTS]
    return len(right) == len(read.calls) == count


def _hinted(family: Family, families: Sequence[Family], told: str, written: Sequence[Spelled]) -> Family:
    """A call printed without any marker says little; what the model is told about markers then says more.

    Phi-4-mini is taught to begin with ``functools``, and its template prints calls without it.
    """
    printed = "".join(piece.text for piece in written)
    if family.start is None or any(opener.text in printed for opener in family.openers):
        return family
    taught = [other for other in families if any(opener.text in told for opener in other.openers)]
    best = max(taught, key=lambda other: sum(marker in told for marker in other.markers), default=family)
    return dataclasses.replace(best, start=family.start)


def _is_parallel(tokenizer: ChatTokenizer, family: Family, prompt: Sequence[int], spelling: Spelling) -> bool:
    try:
        rendered = tokenizer.render(_conversation(2, spelling), [_TOOL], add_generation_prompt=True)
    except ValueError:
        return False
    text = tokenizer.decode(rendered)
    start = begin_of_reply(prompt, rendered, tokenizer, QUESTION["content"])
    written = list(spell(rendered[start:], tokenizer))
    read = _read(tokenizer, family, rendered[:start], written, 2)
    return all(result in text for result in _RESULTS) and _is_right(read, 2)


def _prints_results(tokenizer: ChatTokenizer, spelling: Spelling) -> bool:
    try:
        rendered = tokenizer.render(_conversation(2, spelling), [_TOOL], add_generation_prompt=True)
    except ValueError:
        return False
    return all(result in tokenizer.decode(rendered) for result in _RESULTS)


# ---------------------------------------------------------------- what a family lacks


def _completed(tokenizer: ChatTokenizer, family: Family, text: str) -> Family:
    """``family`` with the end of a turn and the marks of thinking that this template prints."""
    own = {pair.open for pair in family.thinking}
    every = {pair.open: pair for other in FAMILIES.values() for pair in other.thinking if other.start is None}
    thinking = [pair for mark, pair in every.items() if mark not in own and mark.rstrip() in text]
    ends = [end for end in _ends_of_turn(tokenizer) if end not in family.markers]
    return dataclasses.replace(family, thinking=(*family.thinking, *thinking), stops=(*family.stops, *ends))


def _ends_of_turn(tokenizer: ChatTokenizer) -> Iterator[str]:
    """The control token that the template prints behind a reply."""
    asked: Dicts = [QUESTION, {"role": "assistant", "content": _ANSWER}, QUESTION]
    try:
        rendered = tokenizer.render(asked)
    except ValueError:
        return
    before = ""
    for piece in spell(rendered, tokenizer):
        if _ANSWER in before and piece.id in tokenizer.special_ids:
            yield piece.text
            return
        before = (before + piece.text)[-200:]
