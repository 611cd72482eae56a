"""The offer of a larger model in an empty conversation: quiet, and gone for good when it is declined."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from nyanko_desktop.i18n import set_language
from nyanko_desktop.models.view import Recommendation
from ui.chat_window import ChatWindow
from ui.widgets.first_offer import FirstOffer

GB = 2**30
OFFERED = Recommendation("qwen3-4b", "Qwen3 4B", "int8", 5 * GB, 8 * GB, "It fits.")


def open_window(qtbot: QtBot, height: int = 740) -> tuple[ChatWindow, FirstOffer]:
    window = ChatWindow()
    qtbot.addWidget(window)
    window.resize(1040, height)
    window.show()
    return window, window.findChild(FirstOffer)


def test_it_says_what_a_larger_model_takes_and_leads_to_the_models(qtbot: QtBot) -> None:
    window, offer = open_window(qtbot)
    assert not offer.isVisible(), "nothing is known yet"
    window.render_offer(OFFERED)
    assert offer.isVisible()
    said: list[str] = []
    window.offer_opened.connect(lambda: said.append("open"))
    window.offer_dismissed.connect(lambda: said.append("dismiss"))
    for button in offer.findChildren(QPushButton):
        assert "Qwen3 4B knows more: 5.0 GB of memory in int8, 8.0 GB" in button.accessibleDescription()
        button.click()
    assert sorted(said) == ["dismiss", "open"]
    window.render_offer(None)
    assert not offer.isVisible()


def test_it_does_not_keep_the_window_from_being_small(qtbot: QtBot) -> None:
    window, offer = open_window(qtbot, 480)
    window.render_offer(OFFERED)
    assert not offer.isVisible()
    assert window.height() == 480
    window.resize(1040, 740)
    qtbot.waitUntil(offer.isVisible)


def test_it_speaks_another_language_at_once(qtbot: QtBot) -> None:
    window, offer = open_window(qtbot)
    window.render_offer(OFFERED)
    english = [button.text() for button in offer.findChildren(QPushButton)]
    set_language("zh_CN")
    assert all(button.text() not in english for button in offer.findChildren(QPushButton))
