"""From the Markdown of a model to blocks, HTML and coloured code. Pure text in, text out; knows no widget.

Text that is still growing is cut into blocks that stand alone: all but the last are closed and never change again, so
each is rendered once. A model's text is distrusted: no HTML of its own, links to http and https only, no pictures.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

from ui.theme import LINE_PIXELS, Ink, Theme, code_families

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

LONGEST_PARAGRAPH: Final = 2000
"""Characters after which a paragraph without an end is cut, so that rendering it stays a matter of milliseconds."""
CACHED_BLOCKS: Final = 400
"""Rendered blocks kept for scrolling back and forth."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`\n]*)$")
_NESTED_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^`\n]*$")
_BULLET = re.compile(r"[-*+] |\d{1,9}[.)] ")
_INTERRUPTS = re.compile(r"[-*+] \S|1[.)] \S")
_HEADING = re.compile(r"#{1,6}[ \t\n]")
_ADJACENT_LISTS = re.compile(r'</ul>\s*<ul>|</ol>\s*<ol(?: start="\d+")?>')
_BARE_LINK = re.compile(
    r"https?://[^\s<>\"'`，。；：！？、（）《》「」“”]+[^\s<>\"'`.,;:!?)\]，。；：！？、（）《》「」“”]"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text. The ``source`` of all blocks, joined, is the text."""

    kind: Literal["prose", "code"]
    source: str
    closed: bool
    language: str = ""
    code: str = ""
    """What stands between the fences."""


def split(text: str, *, final: bool) -> list[Block]:
    """Cut ``text`` where Markdown lets pieces stand alone; unless ``final``, the last block is open."""
    splitter = _Splitter()
    for line in _lines(text):
        splitter.add(line)
    return splitter.blocks(final)


def to_html(sources: list[str]) -> str:
    """Several blocks of prose as one HTML fragment, to be shown with :func:`document_css`."""
    return _ADJACENT_LISTS.sub("", "\n".join(_block_html(source) for source in sources))


def document_css(theme: Theme) -> str:
    """The stylesheet of a QTextDocument that shows :func:`to_html`, in the subset that Qt understands."""
    line = f"-qt-line-height-type: fixed; line-height: {LINE_PIXELS}px;"
    code = ", ".join(f"'{family}'" for family in code_families())
    return f"""
        p, li, td, th, dd {{ {line} }}
        p {{ margin-top: 0px; margin-bottom: 8px; }}
        ul, ol {{ margin-top: 0px; margin-bottom: 8px; }}
        li {{ margin-bottom: 2px; }}
        li p {{ margin-bottom: 4px; }}
        a {{ color: {theme.accent_text}; }}
        h1, h2, h3, h4, h5, h6 {{ font-weight: 600; margin-top: 14px; margin-bottom: 8px; }}
        h1 {{ font-size: 19px; }}
        h2 {{ font-size: 17px; }}
        h3 {{ font-size: 15px; }}
        h4, h5, h6 {{ font-size: 14px; }}
        code {{ font-family: {code}; font-size: 13px; background-color: {theme.panel}; }}
        pre {{ font-family: {code}; font-size: 13px; background-color: {theme.panel}; }}
        pre {{ margin: 4px 0px 8px 0px; white-space: pre-wrap; }}
        blockquote {{ color: {theme.soft}; margin: 0px 0px 0px 16px; }}
        th {{ font-weight: 600; }}
        table {{ border-collapse: collapse; border: 1px solid {theme.line}; margin: 8px 0px; }}
        td, th {{ border: 1px solid {theme.line}; padding: 4px 10px; }}
        hr {{ color: {theme.line}; }}
        strong {{ font-weight: 600; }}
    """


def is_web_link(target: str) -> bool:
    """Whether a link may be offered to the person at all."""
    return target.lower().startswith(("http://", "https://"))


def code_spans(code: str, language: str) -> Iterator[tuple[str, Ink]]:
    """The pieces of ``code`` with the ink of each; lazily, so that long code can be coloured a little at a time."""
    from pygments.token import Token  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    inks: tuple[tuple[Any, Ink], ...] = (
        (Token.Comment, "soft"),
        (Token.Keyword, "accent_text"),
        (Token.Operator.Word, "accent_text"),
        (Token.Literal.String, "string"),
        (Token.Literal.Number, "number"),
        (Token.Name.Function, "number"),
        (Token.Name.Class, "number"),
        (Token.Name.Decorator, "number"),
        (Token.Name.Tag, "accent_text"),
        (Token.Name.Attribute, "number"),
        (Token.Generic.Inserted, "string"),
        (Token.Generic.Deleted, "accent_text"),
    )
    try:
        lexer = _lexer(language)
    except ClassNotFound:
        yield code, "text"
        return
    for token, piece in lexer.get_tokens(code):
        yield piece, next((ink for kind, ink in inks if token in kind), "text")


@lru_cache(maxsize=32)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    whole_lines = language == "diff"  # its lexer knows no line without an end
    return get_lexer_by_name(language or "text", stripnl=False, ensurenl=whole_lines)


class _Splitter:
    """Takes whole lines (the last may be a part of one) and knows where one block ends."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[str] = []
        self._length = 0
        self._in_list = False
        self._fence = ""
        """The fence that must close, while inside one; ``nested`` ones belong to a list item."""
        self._nested = False
        self._language = ""
        self._blank = False
        """The line before was empty."""

    def add(self, line: str) -> None:
        if self._fence:
            self._add_fenced(line)
            return
        opening = self._opening(line)
        if opening:
            self._close()
            self._fence, self._nested = opening[1], False
            self._language = opening[2].strip().split(" ")[0].lower()
        elif self._begins_block(line):
            self._close()
        if not self._lines:
            self._in_list = _BULLET.match(line) is not None
        nested = _NESTED_FENCE.match(line) if self._in_list and not self._fence else None
        if nested:
            self._fence, self._nested = nested[1], True
        self._keep(line)
        if not self._fence and self._is_heading() and line.endswith("\n"):
            self._close()

    def blocks(self, final: bool) -> list[Block]:
        if self._lines:
            self._blocks.append(self._made(closed=final))
            self._lines = []
        return self._blocks

    def _opening(self, line: str) -> re.Match[str] | None:
        """The fence that ``line`` opens. A part of a line may still become something else: then nothing may close."""
        may_close = line.endswith("\n") or self._blank or not self._lines
        nested = self._in_list and line[0] == " "
        return _FENCE.match(line.rstrip("\r\n")) if may_close and not nested else None

    def _add_fenced(self, line: str) -> None:
        self._keep(line)
        if not line.endswith("\n") or not self._may_be_fence(line, closed=True):
            return
        if self._nested:
            self._fence = ""
        else:
            self._close()

    def _begins_block(self, line: str) -> bool:
        """Whether ``line``, outside of any fence, cannot belong to what was written before it."""
        if not self._lines or not line.strip():
            return False
        if self._length > LONGEST_PARAGRAPH:
            return True
        if line[0] in " \t":
            return False
        if self._blank or _HEADING.match(line):
            return True
        return (_BULLET if self._in_list else _INTERRUPTS).match(line) is not None

    def _may_be_fence(self, line: str, closed: bool) -> bool:
        """Whether ``line`` closes the fence, or in text that still grows is about to."""
        bare = line.strip()
        least = len(self._fence) if closed or line.endswith("\n") else 1
        return len(bare) >= least and set(bare) == {self._fence[0]}

    def _keep(self, line: str) -> None:
        self._lines.append(line)
        self._length += len(line)
        self._blank = not line.strip()

    def _is_heading(self) -> bool:
        return len(self._lines) == 1 and _HEADING.match(self._lines[0]) is not None

    def _close(self) -> None:
        if self._lines:
            self._blocks.append(self._made(closed=True))
        self._lines, self._length, self._blank, self._in_list = [], 0, False, False
        self._fence, self._nested = "", False

    def _made(self, closed: bool) -> Block:
        source = "".join(self._lines)
        if not self._fence or self._nested:
            return Block("prose", source, closed)
        inside = self._lines[1:]
        if inside and self._may_be_fence(inside[-1], closed):
            inside = inside[:-1]
        return Block("code", source, closed, self._language, "".join(inside).removesuffix("\n"))


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends; one that is longer than any paragraph comes in pieces."""
    for line in _LINE.findall(text):
        rest = line
        while len(rest) > LONGEST_PARAGRAPH:
            cut = rest.rfind(" ", 1, LONGEST_PARAGRAPH) + 1 or LONGEST_PARAGRAPH
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


@lru_cache(maxsize=CACHED_BLOCKS)
def _block_html(source: str) -> str:
    return str(_parser().render(source)).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Made when the first text is shown: the start of the program need not wait for it."""
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return is_web_link(url)

    parser = Parser("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.core.ruler.push("bare_links", _link_bare_addresses)
    parser.add_render_rule("image", _image_as_link)
    return parser


def _image_as_link(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    """A picture is never fetched; its address may be opened by the person."""
    token = tokens[index]
    address = str(token.attrs.get("src", ""))
    return f'<a href="{escape(address)}">{escape(token.content or address)}</a>'


def _link_bare_addresses(state: Any) -> None:
    """``https://…`` in running text becomes a link."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        children, inside = [], False
        for token in block.children:
            inside = token.type == "link_open" or (inside and token.type != "link_close")
            children += [token] if inside or token.type != "text" else _pieces(token)
        block.children = children


def _pieces(token: Any) -> list[Any]:
    """A text token as text, link, text, link, ..."""
    pieces, end = [], 0
    for found in _BARE_LINK.finditer(token.content):
        pieces.append(token.copy(content=token.content[end : found.start()]))
        opening = token.copy(type="link_open", tag="a", nesting=1, content="", attrs={"href": found[0]})
        pieces += [opening, token.copy(content=found[0])]
        pieces.append(token.copy(type="link_close", tag="a", nesting=-1, content=""))
        end = found.end()
    return [*pieces, token.copy(content=token.content[end:])]


def warm_up() -> None:
    """Import what rendering needs, some 60 ms, on a thread: the window must not wait for it."""
    threading.Thread(target=_import_all, name="markdown warm-up", daemon=True).start()


def _import_all() -> None:
    to_html([""])
    list(code_spans("", "python"))
