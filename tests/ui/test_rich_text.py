"""Replies as they grow: what was shown stays, nothing is fetched, nothing is opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDeadlineTimer, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtNetwork import QHostAddress, QTcpServer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui import theme
from ui.widgets.code_block import CodeBlock
from ui.widgets.prose import ProseView
from ui.widgets.rich_text import RichText

PATIENCE_MS = 60_000
"""For what takes half a second on an idle machine."""
REPLY = """Hello **you**, here is `code`.

1. one
2. two
   - nested

```python
x = 1  # why
```

## Heading

| a | b |
|---|---|
| 1 | 2 |

The end.
"""


@pytest.fixture
def text(qtbot: QtBot) -> RichText:
    widget = RichText()
    qtbot.addWidget(widget)
    widget.set_width(600)
    widget.show()
    return widget


def views(text: RichText) -> list[ProseView]:
    return text.findChildren(ProseView)


def said(text: RichText) -> str:
    """Everything that can be read, in order, once it is all there."""
    deadline = QDeadlineTimer(PATIENCE_MS)
    while not text.is_settled() and not deadline.hasExpired():
        QApplication.processEvents()
    layout = text.layout()
    assert layout is not None
    parts = [layout.itemAt(i).widget() for i in range(layout.count())]
    return "\n".join(p.toPlainText() if isinstance(p, ProseView) else p.code() for p in parts)


@pytest.mark.parametrize("step", [1, 7, 60])
def test_a_reply_that_came_in_pieces_looks_like_one_that_came_at_once(text: RichText, qtbot: QtBot, step: int) -> None:
    for end in range(0, len(REPLY), step):
        text.set_text(REPLY[:end], streaming=True)
    text.set_text(REPLY, streaming=False)
    qtbot.waitUntil(text.is_settled)
    whole = RichText()
    qtbot.addWidget(whole)
    whole.set_width(600)
    whole.set_text(REPLY)
    qtbot.waitUntil(whole.is_settled)
    assert said(text) == said(whole)
    assert text.sizeHint() == whole.sizeHint()


def test_markdown_of_the_open_block_waits_until_it_is_closed(text: RichText) -> None:
    text.set_text("**bold", streaming=True)
    assert said(text) == "**bold"
    text.set_text("**bold**\n\nnext", streaming=True)
    assert said(text) == "bold\nnext"


def test_growing_text_only_adds_to_what_is_there(text: RichText) -> None:
    text.set_text("a long sentence", streaming=True)
    document = views(text)[0].document()
    changes: list[tuple[int, int, int]] = []
    document.contentsChange.connect(lambda *change: changes.append(change))
    text.set_text("a long sentence that goes on", streaming=True)
    assert changes == [(15, 0, 13)]


def test_a_long_text_is_built_in_slices(text: RichText, qtbot: QtBot) -> None:
    long = "\n\n".join(f"Paragraph {i} with **some** words in it, enough for a line or two." for i in range(800))
    text.set_text(long)
    assert not text.is_settled()
    qtbot.waitUntil(text.is_settled, timeout=PATIENCE_MS)
    assert "Paragraph 799" in said(text)


def test_a_reply_that_is_continued_goes_on_in_its_last_paragraph(text: RichText) -> None:
    text.set_text("Half a senten", streaming=False)
    text.set_text("Half a senten", streaming=True)
    text.set_text("Half a sentence is whole.", streaming=True)
    assert said(text) == "Half a sentence is whole."


def test_another_text_takes_the_place_of_the_first(text: RichText) -> None:
    text.set_text("one\n\ntwo")
    text.set_text("three")
    assert said(text) == "three"


def test_words_that_turn_out_to_be_code_become_code(text: RichText, qtbot: QtBot) -> None:
    for piece in ("Look\n\n", "`", "``py", "thon\nx", " = 1\n"):
        text.set_text(text.text() + piece, streaming=True)
    assert [block.code() for block in text.findChildren(CodeBlock) if block.isVisible()] == ["x = 1"]


def test_code_gets_its_colours_when_it_is_closed(text: RichText, qtbot: QtBot) -> None:
    text.set_text("```python\nx = 1  # why\n```\n")
    view = text.findChildren(CodeBlock)[0]._view
    block = view.document().firstBlock()
    qtbot.waitUntil(lambda: len(block.layout().formats()) > 0)
    assert {f.format.foreground().color().name().upper() for f in block.layout().formats()} >= {
        theme.LIGHT.number.upper(),
        theme.LIGHT.soft.upper(),
    }


def test_long_lines_of_code_are_shown_from_their_beginning(text: RichText, qtbot: QtBot) -> None:
    text.set_text(f"```python\nx = 1\ny = '{'z' * 300}'\n```\n")
    view = text.findChildren(CodeBlock)[0]._view
    view.setFocus()
    QApplication.processEvents()
    bar = view.horizontalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == 0


def test_code_is_copied_without_its_fences(text: RichText, qtbot: QtBot) -> None:
    text.set_text("```python\nx = 1\ny = 2\n```\n")
    button = text.findChildren(CodeBlock)[0]._copy
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "x = 1\ny = 2"
    assert button.text() == "Copied"


def test_long_code_arrives_whole(text: RichText, qtbot: QtBot) -> None:
    code = "\n".join(f"value_{i} = {i}" for i in range(600))
    text.set_text(f"```python\n{code}\n```\n")
    view = text.findChildren(CodeBlock)[0]._view
    qtbot.waitUntil(lambda: view.toPlainText() == code)
    qtbot.waitUntil(lambda: len(view.document().lastBlock().layout().formats()) > 0)


def test_nothing_that_a_reply_names_is_fetched(text: RichText, qtbot: QtBot) -> None:
    server = QTcpServer()
    assert server.listen(QHostAddress.SpecialAddress.LocalHost)
    address = f"http://127.0.0.1:{server.serverPort()}/cat.png"
    text.set_text(f'![a cat]({address})\n\n<img src="{address}">\n\n[link]({address})\n')
    view = views(text)[0]
    view.document().setHtml(f'<img src="{address}"><img src="file:///etc/hostname">')
    view.grab()
    with qtbot.assertNotEmitted(server.newConnection, wait=200):
        pass
    for resource in (QUrl(address), QUrl("file:///etc/hostname"), QUrl("qrc:/x")):
        assert view.loadResource(QTextDocument.ResourceType.ImageResource.value, resource) is None


def test_a_link_is_announced_and_not_opened(text: RichText, qtbot: QtBot) -> None:
    text.set_text("[site](https://example.com/a)")
    view = views(text)[0]
    with qtbot.waitSignal(text.link_clicked) as clicked:
        view.anchorClicked.emit(QUrl("https://example.com/a"))
    assert clicked.args == ["https://example.com/a"]
    assert view.toPlainText() == "site"


def test_only_web_links_are_announced(text: RichText, qtbot: QtBot) -> None:
    text.set_text("x")
    with qtbot.assertNotEmitted(text.link_clicked):
        views(text)[0].anchorClicked.emit(QUrl("file:///etc/passwd"))


def test_the_caret_stands_at_the_end_only_while_text_streams(text: RichText) -> None:
    text.set_text("wor", streaming=True)
    assert views(text)[0]._caret
    text.set_text("words", streaming=False)
    assert not any(view._caret for view in views(text))


def test_a_theme_that_changes_repaints_what_is_shown(text: RichText, qapp: QApplication) -> None:
    text.set_text("closed\n\nopen", streaming=True)
    theme.apply(qapp, theme.DARK)
    assert said(text) == "closed\nopen"
    assert theme.DARK.text.lower() in views(text)[0].document().toHtml().lower()
