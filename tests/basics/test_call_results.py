"""What our own tools answer and announce, in the language of now; words of others as they came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nyanko_desktop.i18n import set_language
from nyanko_desktop.reasons.results import call_result_in_words, preview_in_words


@pytest.fixture
def chinese() -> Iterator[None]:
    set_language("zh_CN")
    yield
    set_language("en")


def test_english_stays_as_the_model_reads_it() -> None:
    assert call_result_in_words("write_file", "made a.txt (1 byte)") == "made a.txt (1 byte)"
    assert preview_in_words("write_file", "(changes nothing)") == "(changes nothing)"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("tool", "result", "words"),
    [
        ("write_file", "made notes/a (b).txt (1 byte)", "已新建 notes/a (b).txt（1 字节）"),
        ("write_file", "replaced a.txt (20 bytes)", "已替换 a.txt（20 字节）"),
        ("undo_write", "put back /home/me/a.txt", "已恢复 /home/me/a.txt"),
        ("undo_write", "removed /home/me/a.txt", "已删除 /home/me/a.txt"),
        ("open", "ok, the person sees it", "好，已为你打开"),
        ("remind", "ok 2026-11-21 18:30", "好，定在 2026-11-21 18:30"),
        ("edit_reminder", "ok #3 2026-11-21 18:30", "好，#3 改到 2026-11-21 18:30"),
        ("edit_reminder", "deleted #3", "已删除 #3"),
        ("list_reminders", "#1 tea; and some milk; #2 cat; and 2 more", "#1 tea; and some milk; #2 cat；另有 2 条"),
        ("list_reminders", "#1 tea; and some more", "#1 tea; and some more"),
        ("remember", "ok", "好"),
        ("forget", "forgot: likes tea", "已忘掉：likes tea"),
        ("now", "2026-11-21 18:30 Saturday", "2026-11-21 18:30 星期六"),
        ("run_python", "made a.txt (1 byte)\n(exit status 3)", "made a.txt (1 byte)\n（退出状态 3）"),
        ("run_python", "(nothing was printed)", "（没有输出）"),
        ("shelf__put", "made a.txt (1 byte)", "made a.txt (1 byte)"),
        ("calculate", "48.75", "48.75"),
    ],
)
def test_our_own_tools_are_read_in_chinese(tool: str, result: str, words: str) -> None:
    assert call_result_in_words(tool, result) == words


@pytest.mark.usefixtures("chinese")
def test_words_of_others_and_failures_are_not_taken_for_answers_of_ours() -> None:
    assert call_result_in_words("recall", "nothing is noted about that", "https://a.example") == (
        "nothing is noted about that"
    )
    assert call_result_in_words("write_file", "error: not allowed", failed=True) == "错误：未获允许"


@pytest.mark.usefixtures("chinese")
def test_a_difference_is_shown_as_it_is_but_for_what_we_say_around_it() -> None:
    diff = "--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-(changes nothing)\n+removes x"
    assert preview_in_words("write_file", diff) == diff
    assert preview_in_words("write_file", f"{diff}\n(… 70000 characters in all)") == f"{diff}\n（… 共 70000 个字符）"
    head = "(replaces 4000 lines from line 2 on by 1)"
    assert preview_in_words("write_file", f"{head}\n+x") == "（从第 2 行起，用 1 行替换 4000 行）\n+x"
    assert preview_in_words("write_file", "(changes nothing)") == "（没有任何改动）"
    assert preview_in_words("write_file", "(replaces 1 byte of what is no text)") == "（替换 1 字节的非文本内容）"
    assert preview_in_words("undo_write", "removes /home/me/a.txt") == "将删除 /home/me/a.txt"
    assert preview_in_words("run_python", "removes x") == "removes x"
