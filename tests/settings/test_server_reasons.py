"""What servers give as reasons reads as Chinese where the person reads Chinese, values kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nyanko_desktop.i18n import set_language
from nyanko_desktop.reasons.words import reason_in_words


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("the server time: did not answer within 60 seconds and was ended", "服务器 time：60 秒内没有回答，已被结束"),
        ("the server x: ended with the status 3; it said: no key", "服务器 x：已退出，状态 3；它说：no key"),
        ("cannot be started: No such file or directory", "无法启动：没有这个文件或文件夹"),
        (
            "is left alone for 9 seconds, or until Restart: did not greet within 30 seconds, but wrote: a; b",
            "9 秒内不再启动，除非点“重启”：30 秒内没有应答，却写了：a; b",
        ),
        ("docs: envFile is not read; write its variables under env", "docs：不读取 envFile；请把其中的变量写在 env 下"),
    ],
)
def test_a_reason_of_a_server_is_told_in_the_language_of_now(reason: str, words: str) -> None:
    assert reason_in_words(reason) == words
