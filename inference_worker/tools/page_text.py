"""Text out of a page of HTML, in one pass, in time linear in its length. Fetches and follows nothing.

Not a browser and no tree: a scanner that knows which elements hold no text for a reader, which are hidden, and where
lines end. Parsers of the usual libraries were measured on 200,000 nested elements and took minutes; hostile pages are
the normal case here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

MOST_TEXT: Final = 400_000
"""Characters collected of one page."""
MOST_MARKUP: Final = 500_000
"""Tags and comments read of one page."""
MOST_LINKS: Final = 15
LONGEST_LINK: Final = 200
MOST_COLUMNS: Final = 30
"""Of a table whose empty first cells are kept, so that the others stand below their heads."""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RAW: Final = _names("script style xmp iframe noembed noframes textarea title")
"""Elements whose content is no markup."""
_LEFT_OUT: Final = _names(
    "script style iframe noembed noframes textarea noscript template svg math object audio video canvas select button "
    "dialog datalist"
)
_AROUND: Final = _names("nav footer aside")
_MAIN: Final = _names("main article")
_VOID: Final = _names("area base br col embed hr img input link meta param source track wbr")
_LINES: Final = _names(
    "address article aside blockquote body br center dd details dialog div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead "
    "tr ul"
)
_CELLS: Final = frozenset({"td", "th"})
_ENDS: Final = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "td": frozenset({"td", "th", "tr"}),
    "th": frozenset({"td", "th", "tr"}),
    "tr": frozenset({"tr"}),
    "option": frozenset({"option"}),
    "p": _LINES - {"br", "td", "th", "tr", "option"},
}
"""Open element -> those whose beginning ends it, because its own end may be left out."""
_HIDING: Final = (
    *("display:none", "visibility:hidden", "opacity:0;", "opacity:0.0;", "font-size:0;", "font-size:0px;"),
    *("font-size:0em;", "font-size:0rem;", "font-size:0pt;", ";color:transparent;", "left:-9999", "text-indent:-9999"),
)
_NAME: Final = re.compile(r"[A-Za-z][^\s/>]{0,40}")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']*)))?")


@dataclass(slots=True)
class Page:
    """What a reader would see."""

    title: str
    text: str
    links: tuple[tuple[str, str], ...]
    """Words and address of the first links in the text."""
    is_whole: bool = True
    """False where more came than is read of one page."""


def page_text(document: str, address: str = "") -> Page:
    """Of any text whatever; never raises. ``address`` is the page's own, for links that are relative to it."""
    reader = _Reader(document, address)
    reader.read()
    return reader.page()


def plain(text: str) -> str:
    """``text`` without characters that nobody sees but a model reads, and without control characters.

    Kept are signs that are printed although they count as format, and the joiners and selectors that scripts and emoji
    need: one behind a character that may take one, since a row of them can spell a message.
    """
    kept: list[str] = []
    before = ""
    for char in text.translate(_BREAKS).replace("\r\n", "\n").replace("\r", "\n"):
        if _joins(before, char) if char in _JOINERS else _is_seen(char):
            kept.append(char)
            before = char
    return "".join(kept)


_BREAKS: Final = {0x2028: "\n", 0x2029: "\n"}
_JOINERS: Final = "\u200c\u200d\ufe0e\ufe0f"
_SELECTED: Final = frozenset("0123456789#*©®")
"""Characters of Latin that a selector may follow."""
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0")


def _joins(before: str, char: str) -> bool:
    """Whether ``char``, which is not seen by itself, belongs to what stands before it."""
    if before in ("", *_JOINERS):
        return char == "\u200d" and before == "\ufe0f"  # an emoji of several
    return before > "\u024f" or before in _SELECTED


def _is_seen(char: str) -> bool:
    if char in "\n\t" or "\u0600" <= char <= "\u0605" or char in "\u06dd\u070f\u08e2":
        return True
    if "\U000e0000" <= char <= "\U000e0fff" or "\ufe00" <= char <= "\ufe0d" or char in _FILLERS:
        return False
    is_no_character = ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"
    return not is_no_character and unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs")


@dataclass(slots=True)
class _Reader:
    document: str
    address: str
    at: int = 0
    title: str = ""
    lines: list[tuple[str, bool, bool]] = field(default_factory=list)
    """``(text, inside the main part, around it)``."""
    line: list[str] = field(default_factory=list)
    cells: int = 0
    """Of a table, begun in this line."""
    open: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    hidden_from: int = -1
    """Depth at which something without text for a reader began."""
    links: list[tuple[str, str]] = field(default_factory=list)
    link: tuple[str, int] | None = None
    """Address of the open link, and the piece of the line at which its words begin."""
    size: int = 0
    markup: int = 0

    # ------------------------------------------------------------ scanning

    def read(self) -> None:
        end = len(self.document)
        while self.at < end and self.size < MOST_TEXT and self.markup < MOST_MARKUP:
            start = self.document.find("<", self.at)
            if start < 0:
                start = end
            self._add(self.document[self.at : start])
            self.at = start
            if start < end:
                self._markup()
        self._end_line()

    def _markup(self) -> None:
        self.markup += 1
        following = self.document[self.at + 1 : self.at + 2]
        if following in ("!", "?"):
            comment = self.document.startswith("<!--", self.at)
            self._skip_behind("-->" if comment else ">")
        elif following == "/":
            name = _NAME.match(self.document, self.at + 2)
            self._skip_behind(">")
            if name:
                self._close(name[0].lower())
        elif name := _NAME.match(self.document, self.at + 1):
            self.at = name.end()
            self._open(name[0].lower(), self._attributes())
        else:
            self._add("<")
            self.at += 1

    def _skip_behind(self, mark: str) -> None:
        """Where ``mark`` never comes, the rest is no text, and there is nothing to look for any more."""
        found = self.document.find(mark, self.at)
        self.at = len(self.document) if found < 0 else found + len(mark)

    def _attributes(self) -> dict[str, str]:
        """Those of the tag that is being read; stands behind its ``>`` afterwards."""
        found: dict[str, str] = {}
        while (match := _ATTRIBUTE.match(self.document, self.at)) is not None and match.end() > self.at:
            self.at = match.end()
            if len(found) < 50:
                value = next((group for group in match.groups()[1:] if group is not None), "")
                found.setdefault(match[1].lower()[:40], value[:4000])
            if match[4] == "" and self.document.startswith(('"', "'"), self.at):  # it never ends
                self.at = len(self.document)
                return found
        self._skip_behind(">")
        return found

    # ------------------------------------------------------------ elements

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        while self.open and name in _ENDS.get(self.open[-1], ()):
            self._pop()
        if name in _LINES:
            self._separate(name)
        if name in _VOID:
            return
        self.open.append(name)
        self.counts[name] += 1
        if self.hidden_from < 0 and (name in _LEFT_OUT or _is_hidden(attributes)):
            self.hidden_from = len(self.open)
        if name == "a" and self.hidden_from < 0:
            self.link = (attributes.get("href", ""), len(self.line))
        if name in _RAW:
            self._raw(name)

    def _raw(self, name: str) -> None:
        end = re.compile(f"</{name}", re.I | re.A).search(self.document, self.at)
        stop = end.start() if end else len(self.document)
        if name == "title" and not self.title:
            self.title = " ".join(_unescaped(self.document[self.at : min(stop, self.at + 2000)]).split())[:300]
        self.at = stop

    def _close(self, name: str) -> None:
        if not self.counts[name]:
            return
        if name == "a":
            self._end_link()
        while self.open[-1] != name:
            self._pop()
        if name in _LINES - _CELLS:
            self._separate(name)
        self._pop()

    def _pop(self) -> None:
        if len(self.open) == self.hidden_from:
            self.hidden_from = -1
        self.counts[self.open.pop()] -= 1

    def _separate(self, name: str) -> None:
        if name in _CELLS:
            if self.cells:
                self.line.append(" | ")
            self.cells += 1
            return
        self._end_line()
        if name == "li":
            self.line.append("- ")

    # ------------------------------------------------------------ text

    def _add(self, piece: str) -> None:
        if piece and self.hidden_from < 0:
            self.size += len(piece)
            self.line.append(_unescaped(piece))

    def _end_line(self) -> None:
        self.link = None
        joined, in_columns = "".join(self.line), 1 < self.cells <= MOST_COLUMNS
        self.line.clear()
        self.cells = 0
        inside_pre = self.counts["pre"] > 0
        for line in joined.splitlines() if inside_pre else (joined,):
            text = line.rstrip() if inside_pre else " ".join(line.split()).rstrip("| ")
            if not in_columns and not inside_pre:
                text = text.lstrip("| ")
            if text and text != "-":
                main = any(self.counts[name] for name in _MAIN)
                self.lines.append((text, main, any(self.counts[name] for name in _AROUND)))

    def _end_link(self) -> None:
        if self.link is None or len(self.links) >= MOST_LINKS or self.counts["nav"] or self.counts["footer"]:
            return
        target, start = self.link
        self.link = None
        words = " ".join("".join(self.line[start:]).split())[:100]
        try:
            whole = urljoin(self.address, _unescaped(target).strip())
        except ValueError:
            return
        if target and words and whole.startswith(("http://", "https://")) and len(whole) <= LONGEST_LINK:
            self.links.append((plain(words), plain(whole)))

    def page(self) -> Page:
        """The main part where the page says which that is and it holds something, else all but what is around it."""
        main = [line for line, inside, _ in self.lines if inside]
        rest = [line for line, _, around in self.lines if not around]
        lines = main if sum(map(len, main)) >= 200 else rest or [line for line, _, _ in self.lines]
        is_whole = self.at >= len(self.document)
        return Page(plain(self.title), plain("\n".join(lines)), tuple(dict.fromkeys(self.links)), is_whole)


def _is_hidden(attributes: dict[str, str]) -> bool:
    style = f";{''.join(attributes.get('style', '').split()).lower()};"
    hidden = "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true"
    return hidden or any(words in style for words in _HIDING)


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a number too long to be read
        return text
