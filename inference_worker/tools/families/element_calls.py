"""Reader of calls in elements, every tag of which stands behind a mark: MiniMax M3. Knows no family and no tool.

An argument is an element that is called as it is. Objects have elements inside, lists those called ``item``; the mark
tells them from the tags that a text may hold.

Sources: the ``to_xml`` macro of the chat template of MiniMax M3 as ms-swift, SGLang and vLLM repeat it.
"""

from __future__ import annotations

from typing import Any

from inference_worker.tools.families.attribute_calls import attributes_of
from inference_worker.tools.families.family import Reader
from inference_worker.tools.families.tagged_calls import put
from inference_worker.tools.raw_text import RawElements, RawText
from inference_worker.tools.reading import (
    MAX_HEADER,
    EndedError,
    Input,
    NotACallError,
    RawCall,
    Reading,
    UnfitError,
    choice,
    peek,
    skip_spaces,
    until,
)
from inference_worker.tools.values import MAX_DEPTH

_INVOKE = "<invoke"
_INVOKE_END = "</invoke>"


def elements(mark: str, end: str) -> Reader:
    """Calls as ``<invoke name="f"><k>v</k></invoke>`` up to ``end``, with ``mark`` in front of every tag.

    Models leave the mark out in front of the first tag and of the last.
    """

    def read(source: Input) -> Reading[None]:
        source.hides_end = True
        while (yield from skip_spaces(source)):
            marked = yield from choice(source, (mark,))
            found = yield from choice(source, (_INVOKE, end))
            if found == end and source.committed:
                return
            if found == _INVOKE:
                source.commit()
                source.calls.append((yield from _invoke(source, mark)))
            elif not marked or not source.committed:
                raise UnfitError("there is something between the calls") if source.committed else NotACallError
        if source.truncated or not source.committed:
            raise EndedError

    return read


def one_element_call(mark: str) -> Reader:
    """Behind ``mark`` and ``<invoke``, where the tag around all calls was left out."""

    def read(source: Input) -> Reading[None]:
        source.commit()
        source.calls.append((yield from _invoke(source, mark)))

    return read


def _invoke(source: Input, mark: str) -> Reading[RawCall]:
    """Behind ``<invoke``: the name, an element for each argument, and the end tag."""
    head, _ = yield from until(source, (">",), MAX_HEADER)
    name = attributes_of(head).get("name", "")
    arguments: dict[str, Any] = {}
    while not head.rstrip().endswith("/"):
        if not (yield from skip_spaces(source)):
            raise EndedError
        marked = yield from choice(source, (mark,))
        if (yield from choice(source, (_INVOKE_END,))):
            break
        if not marked:
            raise UnfitError("an argument is not marked", name)
        if (yield from peek(source)) == "<":
            put(arguments, *(yield from _element(source, mark, 1)))
    return RawCall(name, arguments)


def _element(source: Input, mark: str, depth: int) -> Reading[tuple[str, RawText | RawElements]]:
    """The element that begins with the next character: its name and what it holds."""
    yield from source.next()
    name, _ = yield from until(source, (">",), MAX_HEADER)
    if not name.strip() or name.startswith("/") or "<" in name:
        raise UnfitError("a tag has no name")
    if depth > MAX_DEPTH:
        raise UnfitError("nested too deeply")
    inside = RawElements()
    text = ""
    while True:
        written, _ = yield from until(source, (mark,))
        text += written
        if (yield from choice(source, (f"</{name}>",))):
            break
        if text.endswith(f"</{name}>") and not inside:  # its end tag stands without the mark
            source.give_back_marker(mark)
            text = text.removesuffix(f"</{name}>")
            break
        if (yield from peek(source)) != "<":
            raise UnfitError("a tag is missing") if (yield from peek(source)) else EndedError
        inside.append((yield from _element(source, mark, depth + 1)))
    return name, _content(text, inside)


def _content(text: str, inside: RawElements) -> RawText | RawElements:
    """Either text or elements; nothing at all may be an empty list as well."""
    if text.strip() and inside:
        raise UnfitError("there is text between the elements")
    names = [name for name, _ in inside]
    if len(set(names)) < len(names) and set(names) != {RawElements.ITEM}:
        raise UnfitError("a name is given twice")
    return inside if inside or not text else RawText(text)
