"""Readers of headers and calls of families with channels: gpt-oss (harmony) and Gemma 4. Know no tool.

Sources: openai/harmony ``docs/format.md``; the chat templates of gpt-oss, Gemma 4 and FunctionGemma.
"""

from __future__ import annotations

from typing import Final

from inference_worker.tools.families.family import Reader
from inference_worker.tools.families.json_calls import object_of
from inference_worker.tools.reading import (
    MAX_HEADER,
    EndedError,
    Input,
    NotACallError,
    RawCall,
    Reading,
    StopError,
    UnfitError,
    bracketed,
    choice,
    end_of_call,
    peek,
    read_name,
    skip_spaces,
    until,
)
from inference_worker.tools.values import Notation

_HEADER_ENDS: Final = ("<|message|>", "<|start|>", "<|end|>")
_WORDS: Final = ("analysis", "commentary", "final", "assistant", "user", "system", "developer", "tool", "json", "code")
_MAX_STRANGE: Final = 3
"""Words in a header that belong into none, before it is taken for prose; models mix up what belongs."""
HARMONY_ENDS: Final = ("<|call|>", "<|end|>", "<|return|>", "<|start|>")


def harmony_message(source: Input) -> Reading[None]:
    """Behind ``<|start|>``: ``assistant``, perhaps with a recipient, then the channel."""
    yield from _header(source, "")


def harmony_channel(source: Input) -> Reading[None]:
    """Behind ``<|channel|>``: ``analysis``, ``commentary`` or ``final``, perhaps with a recipient."""
    yield from _header(source, "assistant<|channel|>")


def harmony_start(source: Input) -> Reading[None]:
    """The prompt ended behind ``<|start|>assistant``, so a recipient may come first."""
    yield from skip_spaces(source)
    if not (yield from choice(source, ("to=",))):
        raise NotACallError
    source.give_back("to=")
    yield from _header(source, "assistant ")


def _header(source: Input, read: str) -> Reading[None]:
    """Up to ``<|message|>``. Models write recipient, channel and content type in any order and twice; the last
    channel counts."""
    written, found = yield from _up_to_message(source)
    if found != "<|message|>":
        source.give_back_marker(found)
        raise NotACallError
    header = read + written
    author, _, rest = header.partition("<|channel|>")
    role, *_ = author.split() or [""]
    channel = rest.rpartition("<|channel|>")[2].replace("<|", " ").split()
    recipients = [word.removeprefix("to=") for word in header.replace("<|", " ").split() if word.startswith("to=")]
    if role not in ("assistant", ""):  # some messages of the model name nobody
        raise StopError
    source.commit()
    if recipients and recipients[-1] not in ("assistant", "user", "all"):
        yield from _harmony_call(source, recipients[-1].removeprefix("functions."))
    else:
        source.becomes = "thinking" if channel[:1] == ["analysis"] else "text"


def _up_to_message(source: Input) -> Reading[tuple[str, str]]:
    """The header and what ends it; NotACallError as soon as it is a sentence, or where the text ends in one."""
    read = ""
    source.hides_end = True
    while len(read) <= MAX_HEADER:
        char = yield from peek(source)
        if not char:
            source.hides_end = source.truncated or not _strange_words(read)
            raise EndedError
        if char == "<" and (found := (yield from choice(source, _HEADER_ENDS))):
            return read, found
        read += yield from source.next()
        if char.isspace():
            strange = _strange_words(read)
            source.hides_end = not strange
            if strange > _MAX_STRANGE:
                break
    raise NotACallError


def _strange_words(header: str) -> int:
    """How many words of what may be a header belong into none; the last one may be unfinished."""
    *words, last = header.split(" ")
    strange = [word for word in words if word and not _belongs(word)]
    return len(strange) + (not any(known.startswith(last) for known in _WORDS) and not _belongs(last))


def _belongs(word: str) -> bool:
    return word in _WORDS or "<|" in word or word.startswith(("to=", "functions.", "browser."))


def _harmony_call(source: Input, name: str) -> Reading[None]:
    char = yield from skip_spaces(source)
    if name not in source.offered:
        source.calls.append(RawCall(name, {}))  # said at once: the body may be anything
        yield from until(source, HARMONY_ENDS)
        return
    if char not in ("{", "<", ""):
        raise UnfitError("the arguments are no object", name)
    arguments = object_of((yield from bracketed(source))) if char == "{" else {}
    if not (yield from skip_spaces(source)):
        if source.truncated or not char:
            raise EndedError
    elif not (end := (yield from choice(source, HARMONY_ENDS))):
        raise UnfitError("something follows the call", name)
    elif end == "<|start|>":
        source.give_back_marker(end)
    source.calls.append(RawCall(name, arguments))


def gemma_call(end: str, notation: Notation) -> Reader:
    """Behind ``<|tool_call>``: ``call:name{key:value}`` and ``end``; texts stand between markers of their own."""

    def read(source: Input) -> Reading[None]:
        source.hides_end = True
        yield from skip_spaces(source)
        if not (yield from choice(source, ("call:",))):
            raise NotACallError if (yield from peek(source)) else EndedError
        source.commit()
        name = yield from read_name(source)
        if (yield from skip_spaces(source)) != "{":
            raise UnfitError("the arguments are missing", name) if (yield from peek(source)) else EndedError
        arguments = object_of((yield from bracketed(source, notation)), notation)
        yield from end_of_call(source, end)
        source.calls.append(RawCall(name, arguments))

    return read
