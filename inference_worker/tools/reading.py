"""Reading characters that come one at a time: what the readers of call formats are written in. Knows no format.

A reader is a generator that is sent one character after another. It looks ahead by taking characters and giving them
back, so that it decides the same however the text is cut, and it says how it ends by an exception.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from inference_worker.tools.values import CLOSERS, JSON, MAX_DEPTH, Notation

MAX_HEADER: Final = 256
"""Characters of a name with what stands around it."""
MAX_SPACE: Final = 256
"""White space that is waited through; more means that no call comes."""

T = TypeVar("T")
Reading = Generator[None, str, T]


class NotACallError(Exception):
    """It only looked like a call: what was read is text."""


class UnfitError(Exception):
    """A call that cannot be read; says why in short English for the model."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


class EndedError(Exception):
    """The text ended inside a call."""


class StopError(Exception):
    """The reply is over: what follows would be somebody else's turn."""


@dataclass(frozen=True, slots=True)
class RawCall:
    """A call as read, not yet compared with what is offered."""

    name: str
    arguments: Mapping[str, Any]
    """Values, or RawText where only the schema can tell what they are."""
    id: str = ""
    """As the model wrote it; most families write none."""


class ControlChar(str):
    """A character of a control token; the same characters as text are of type ``str`` and are no marker."""

    __slots__ = ()


def is_genuine(marker: Sequence[str], control: Collection[str]) -> bool:
    """Whether ``marker`` was written with the control token that it is or begins with, if it is or begins with one."""
    if not marker or isinstance(marker[0], ControlChar):
        return True
    text = "".join(marker)
    return not any(text.startswith(token) for token in control)


@dataclass(slots=True)
class Input:
    """The characters for one reader."""

    offered: Mapping[str, Any] = field(default_factory=dict)
    """The JSON schema of the arguments by the name of the tool."""
    control: Collection[str] = ()
    """Markers that are control tokens, so that plain text is never one of them."""
    boundaries: Sequence[str] = ()
    """Markers at which whatever came before is over."""
    stops: Sequence[str] = ()
    """Those of them that end the turn."""
    truncated: bool = False
    """The end of the text is not the model's own: nothing may be taken for finished."""
    calls: list[RawCall] = field(default_factory=list)
    becomes: str = ""
    """``text`` or ``thinking``, where the reader only read the header of what follows."""
    committed: bool = False
    """It is a call: if it cannot be read, it is not shown as text."""
    hides_end: bool = False
    """Not committed, but if the text ends here it was one."""
    taken: list[str] = field(default_factory=list)
    _back: list[str] = field(default_factory=list)
    _ended: bool = False

    def is_marker(self, chars: Sequence[str]) -> bool:
        """Whether ``chars``, which read like a marker, are one."""
        return is_genuine(chars, self.control)

    def next(self) -> Reading[str]:
        """The next character; EndedError at the end."""
        char = yield from self.next_or_end()
        if not char:
            raise EndedError
        return char

    def next_or_end(self) -> Reading[str]:
        """The next character, or nothing at the end."""
        if self._back:
            char = self._back.pop()
        elif self._ended:
            return ""
        else:
            char = yield
            self._ended = not char
        if char and not self.committed:
            self.taken.append(char)
        return char

    def give_back(self, chars: Sequence[str]) -> None:
        """Have ``chars`` come again; the characters themselves, since a joined text forgets what is control."""
        chars = [chars] if isinstance(chars, ControlChar) else chars
        self._back.extend(reversed(chars))
        if not self.committed and chars:
            del self.taken[-len(chars) :]

    def give_back_marker(self, marker: str) -> None:
        """Have a marker come again that was taken as one."""
        is_control = marker in self.control
        self.give_back([ControlChar(char) if is_control else char for char in marker])

    def commit(self) -> None:
        self.committed = True
        self.taken = []

    def rest(self) -> list[str]:
        """What was given back and not taken again."""
        rest, self._back = self._back[::-1], []
        return rest

    @property
    def unread(self) -> int:
        return len(self._back)


def peek(source: Input) -> Reading[str]:
    """The next character, which stays; nothing at the end."""
    char = yield from source.next_or_end()
    source.give_back(char)
    return char


def take(source: Input, text: str) -> Reading[None]:
    """Take ``text``, behind white space; UnfitError, or NotACallError before the commitment, where it does not come."""
    if not (yield from skip_spaces(source)):
        raise EndedError
    if not (yield from choice(source, (text,))):
        raise UnfitError(f"{text} is missing") if source.committed else NotACallError


def skip_spaces(source: Input) -> Reading[str]:
    """Take white space; the next other character, which stays, or nothing at the end."""
    for _ in range(MAX_SPACE):
        char = yield from peek(source)
        if not char or not char.isspace():
            return char
        yield from source.next()
    raise UnfitError("too much white space") if source.committed else NotACallError


def choice(source: Input, texts: Sequence[str]) -> Reading[str]:
    """The one of ``texts`` that comes next, taken, or nothing; EndedError in the middle of one.

    None of ``texts`` may begin another.
    """
    read, chars = "", list[str]()
    while read not in texts:
        char = yield from peek(source)
        if not char and read:
            raise EndedError
        if not char or not any(text.startswith(read + char) for text in texts):
            source.give_back(chars)
            return ""
        chars.append((yield from source.next()))
        read += char
    if source.is_marker(chars):
        return read
    source.give_back(chars)
    return ""


def until(source: Input, ends: Sequence[str], most: int | None = None) -> Reading[tuple[str, str]]:
    """The text up to one of ``ends`` and which one; both taken. EndedError if none comes."""
    firsts = {end[0] for end in ends}
    read: list[str] = []
    while True:
        char = yield from source.next()
        if char in firsts:
            source.give_back(char)
            end = yield from choice(source, ends)
            if end:
                return "".join(read), end
            yield from source.next()
        read.append(char)
        if most is not None and len(read) > most:
            raise UnfitError("the name is too long") if source.committed else NotACallError


def ends_here(source: Input) -> Reading[bool]:
    """Whether the text ends here on the model's own decision, or another region begins."""
    char = yield from skip_spaces(source)
    if not char:
        return not source.truncated
    return (yield from at_boundary(source))


def end_of_call(source: Input, end: str) -> Reading[None]:
    """Take ``end``, which the model's own end of the text stands for; what was read must be whole without it."""
    if not (yield from skip_spaces(source)):
        if source.truncated:
            raise EndedError
    elif not (yield from choice(source, (end,))) and not (yield from _at_stop(source)):
        raise UnfitError(f"{end} is missing")


def _at_stop(source: Input) -> Reading[bool]:
    """Whether the marker of the end of the turn comes next; it stays."""
    stop = yield from choice(source, source.stops)
    source.give_back_marker(stop)
    return bool(stop)


def at_boundary(source: Input) -> Reading[bool]:
    """Whether one of the family's boundaries comes next; it stays."""
    try:
        boundary = yield from choice(source, source.boundaries)
    except EndedError:
        return False
    source.give_back_marker(boundary)
    return bool(boundary)


def bracketed(source: Input, notation: Notation = JSON) -> Reading[str]:
    """From the bracket that comes next to the one that closes it. UnfitError as soon as it can be none of values."""
    firsts = {quote[0] for quote in notation.quotes}
    read: list[str] = []
    open_brackets: list[str] = []
    while True:
        char = yield from source.next()
        if char in firsts:
            source.give_back(char)
            quote = yield from (choice(source, notation.quotes) if len(notation.quotes) < 3 else _quote(source))
            if quote:
                read.append(quote)
                read.append((yield from _string(source, quote, notation)))
                continue
            char = yield from source.next()
        read.append(char)
        if char in CLOSERS:
            open_brackets.append(CLOSERS[char])
        elif open_brackets and char == open_brackets[-1]:
            open_brackets.pop()
            if not open_brackets:
                return "".join(read)
        elif not notation.bare_strings and not (char.isalnum() or char.isspace() or char in ",:+-._="):
            source.give_back(char)
            raise UnfitError(f"{char!r} is out of place")
        if len(open_brackets) > MAX_DEPTH:
            raise UnfitError("nested too deeply")


def _quote(source: Input) -> Reading[str]:
    """One quotation mark, or three of the same."""
    mark = yield from source.next()
    if (yield from peek(source)) != mark:
        return mark
    yield from source.next()
    if (yield from peek(source)) != mark:
        source.give_back(mark)
        return mark
    yield from source.next()
    return mark * 3


def _string(source: Input, quote: str, notation: Notation) -> Reading[str]:
    """What follows ``quote`` up to and with the next one."""
    read: list[str] = []
    while True:
        char = yield from source.next()
        if char == "\\" and notation.escapes_in(quote):
            read.append(char)
            char = yield from source.next()
        elif char == quote[0]:
            source.give_back(char)
            if (yield from choice(source, (quote,))):
                read.append(quote)
                return "".join(read)
            yield from source.next()
        read.append(char)


def is_name_char(char: str) -> bool:
    return char.isalnum() or (char != "" and char in "_-./:")


def read_name(source: Input) -> Reading[str]:
    """Characters of a tool's name, which may be none."""
    name: list[str] = []
    while len(name) < MAX_HEADER and is_name_char((yield from peek(source))):
        name.append((yield from source.next()))
    return "".join(name)
