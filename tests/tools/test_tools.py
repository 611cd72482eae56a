"""The clock, the reminder's words, and how any tool is found and run."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Run, Tool, ToolError
from inference_worker.tools.moments import is_another_day, moment, on_the_wire
from inference_worker.tools.now import now, written
from inference_worker.tools.registry import TOOLS, Outcome, find_tools, prepare, read_argument, run_tool
from inference_worker.tools.remind import parse_reminder

NOON = datetime(2026, 11, 21, 12, 0, 45)


# ---------------------------------------------------------------- now


def test_the_clock_reads_date_time_and_english_weekday() -> None:
    assert written(datetime(2026, 11, 21, 18, 30)) == "2026-11-21 18:30 Saturday"
    assert written(datetime(2026, 1, 5, 9, 5)) == "2026-01-05 09:05 Monday"


def test_now_is_the_local_time_and_no_other() -> None:
    before = written(datetime.now())
    assert before <= now(" ") <= written(datetime.now())
    with pytest.raises(ToolError, match="only the local time"):
        now("Tokyo")


# ---------------------------------------------------------------- remind


@pytest.mark.parametrize(
    ("text", "when", "what"),
    [
        ("10m | drink water", "2026-11-21 12:10", "drink water"),
        ("2h | call mum", "2026-11-21 14:00", "call mum"),
        ("90m|stand up", "2026-11-21 13:30", "stand up"),
        ("1h30m | tea", "2026-11-21 13:30", "tea"),
        ("1h 30m | tea", "2026-11-21 13:30", "tea"),
        ("1d | rent", "2026-11-22 12:00", "rent"),
        ("10M | loud", "2026-11-21 12:10", "loud"),
        ("18:30 | dinner", "2026-11-21 18:30", "dinner"),
        ("9:05 | breakfast", "2026-11-22 09:05", "breakfast"),
        ("12:00 | lunch", "2026-11-22 12:00", "lunch"),
        ("12:01 | soon", "2026-11-21 12:01", "soon"),
        ("2026-12-01 08:00 | dentist", "2026-12-01 08:00", "dentist"),
        ("2028-2-29 8:00 | leap", "2028-02-29 08:00", "leap"),
        ("１０ｍ｜喝水", "2026-11-21 12:10", "喝水"),
        ("１８：３０　｜　吃饭　饭", "2026-11-21 18:30", "吃饭 饭"),
        ("10m | a | b", "2026-11-21 12:10", "a | b"),
        ("明天下午三点 | 开会", "2026-11-22 15:00", "开会"),
        ("明天 15:00 | 开会", "2026-11-22 15:00", "开会"),
        ("后天上午十点半|x", "2026-11-23 10:30", "x"),
        ("今晚八点十五分|x", "2026-11-21 20:15", "x"),
        ("中午12点半|x", "2026-11-21 12:30", "x"),
        ("凌晨一点|x", "2026-11-22 01:00", "x"),
        ("二十点|x", "2026-11-21 20:00", "x"),
        ("2026年12月1日 下午3:05|x", "2026-12-01 15:05", "x"),
        ("十分钟后|喝水", "2026-11-21 12:10", "喝水"),
        ("两个小时以后|x", "2026-11-21 14:00", "x"),
        ("半小时|x", "2026-11-21 12:30", "x"),
        ("三十五分钟|x", "2026-11-21 12:35", "x"),
        ("in 10 minutes|x", "2026-11-21 12:10", "x"),
        ("1 day 2 hours|x", "2026-11-22 14:00", "x"),
        ("tomorrow 8:00 | x", "2026-11-22 08:00", "x"),
        ("Tomorrow at 3 PM|x", "2026-11-22 15:00", "x"),
        ("12:30 am|x", "2026-11-22 00:30", "x"),
        ("12pm|x", "2026-11-22 12:00", "x"),
        ("2026-12-01T08:00:00|x", "2026-12-01 08:00", "x"),
        ("10m|a\u202eb\u200bc", "2026-11-21 12:10", "abc"),
    ],
)
def test_when_and_what_are_read(text: str, when: str, what: str) -> None:
    reminder = parse_reminder(text, NOON)
    assert (f"{reminder.when:%Y-%m-%d %H:%M}", reminder.what) == (when, what)
    assert reminder.when > NOON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-21 11:59 | x", "that time is over"),
        ("2026-11-21 12:00 | x", "that time is over"),
        ("2020-01-01 00:00 | x", "that time is over"),
        ("0m | x", "that time is over"),
        ("25:00 | x", "there is no time"),
        ("12:60 | x", "there is no time"),
        ("2027-02-30 10:00 | x", "there is no date"),
        ("2027-13-01 10:00 | x", "there is no date"),
        ("0000-01-01 10:00 | x", "there is no date"),
        ("10m", "WHEN | WHAT"),
        ("10m |  ", "WHEN | WHAT"),
        ("", "WHEN | WHAT"),
        (" | x", "write the time as"),
        ("10 | x", "write the time as"),
        ("m | x", "write the time as"),
        ("-5m | x", "write the time as"),
        ("5m2h | x", "write the time as"),
        ("1.5h | x", "write the time as"),
        ("²m | x", "write the time as"),
        ("三点|x", "write the time as"),
        ("明天|x", "write the time as"),
        ("晚上12点|x", "write the time as"),
        ("下午0点|x", "write the time as"),
        ("13am|x", "write the time as"),
        ("every day 8:00|x", "write the time as"),
        ("2026-12-01T08:00:00Z|x", "write the time as"),
        ("今天上午8点|x", "that time is over"),
        ("1" * 5000 + "m|x", "write the time as"),
        ("8:0 | x", "there is no time"),
        ("soon | x", "write the time as"),
        ("999999d | x", "too far"),
        ("9999-12-31 23:59 | x", "too far"),
        ("10m | " + "x" * 600, "too long"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ToolError, match=words.replace("|", r"\|")):
        parse_reminder(text, NOON)


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("remind me tomorrow at 9pm to call mum", "21:00"),
        ("On Friday at 6pm, please", "6pm"),
        ("in three days at 18:00", "18:00"),
        ("every day at 18:00", "18:00"),
        ("明天晚上9点提醒我打电话", "晚上9点"),
        ("下周一15点开会", "15:00"),
        ("３天后下午三点", "15:00"),
        ("2026-12-24 18:00", "18:00"),
    ],
)
def test_a_clock_time_of_today_is_no_answer_to_another_day(question: str, written: str) -> None:
    assert is_another_day(written, moment(written, NOON), NOON, question)


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("remind me at 18:00 to call mum", "18:00"),
        ("in 10 minutes: the ticket for tomorrow", "10m"),
        ("tonight at 9pm, pack for tomorrow", "21:00"),
        ("今晚9点提醒我明天要考试", "晚上9点"),
        ("tomorrow at 9am", "tomorrow 9am"),
        ("tomorrow at 9am", "9am"),
        ("in 3 days", "3d"),
        ("on Friday", "2026-11-27 09:00"),
        ("", "18:00"),
    ],
)
def test_a_time_that_fits_the_question_is_taken(question: str, written: str) -> None:
    assert not is_another_day(written, moment(written, NOON), NOON, question)


@given(st.text(alphabet="0123456789dhm:-| 喝１：｜\n明天后下午上晚点半十三分钟小时年月日pt", max_size=40))
def test_any_text_is_a_future_reminder_or_a_tool_error(text: str) -> None:
    try:
        reminder = parse_reminder(text, NOON)
    except ToolError:
        return
    assert reminder.when > NOON
    assert reminder.what


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no other time zone can be tried here")
def test_hours_pass_although_the_clock_is_put_forward_or_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        forward, back = datetime(2026, 3, 28, 22, 15), datetime(2026, 10, 24, 22, 15)
        assert parse_reminder("10h|x", forward).when == datetime(2026, 3, 29, 9, 15)
        assert parse_reminder("10h|x", back).when == datetime(2026, 10, 25, 7, 15)
        assert parse_reminder("1d|x", forward).when == datetime(2026, 3, 29, 22, 15)
        assert parse_reminder("8:00|x", forward).when == datetime(2026, 3, 29, 8, 0)
        first, second = datetime(2026, 10, 25, 2, 50), datetime(2026, 10, 25, 2, 50, fold=1)
        assert on_the_wire(parse_reminder("10m|x", first).when) == "2026-10-25T02:00+01:00"
        assert on_the_wire(parse_reminder("5m|x", second).when) == "2026-10-25T02:55+01:00"
        assert on_the_wire(parse_reminder("10m|x", second).when) == "2026-10-25T03:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_host_gets_text_when_and_what() -> None:
    arguments = prepare(TOOLS["remind"], {"text": "2h | tea"}, Access()).arguments
    assert (arguments["text"], arguments["what"]) == ("2h | tea", "tea")
    when = datetime.fromisoformat(arguments["when"])
    assert 0 < (when.astimezone() - datetime.now().astimezone()).total_seconds() <= 7200


# ---------------------------------------------------------------- finding and running


def outcome(tool: Tool, text: str = "") -> Outcome:
    return asyncio.run(run_tool(tool, {"text": text}, Run(Access())))


def test_tools_are_found_by_exact_name_and_nothing_else() -> None:
    assert [tool.name for tool in find_tools(["now", "calculate"])] == ["now", "calculate"]
    for name in ("Now", "__class__", "", "calculate "):
        with pytest.raises(RequestError) as refused:
            find_tools([name])
        assert refused.value.error.code == ErrorCode.UNKNOWN_TOOL


def test_every_tool_shows_an_example_of_its_command() -> None:
    for name, tool in TOOLS.items():
        assert tool.name == name
        assert f"/{name}" in tool.description


def test_a_tool_runs_on_a_thread_of_its_own() -> None:
    got = outcome(
        Tool("where", "", run=lambda arguments, _run: f"{threading.current_thread().name} {arguments['text']}"), "x"
    )
    assert (got.result, got.failed) == ("tool-where x", False)
    assert outcome(TOOLS["calculate"], "0.1+0.2").result == "0.3"


def test_a_refusal_is_worded_for_the_model() -> None:
    got = outcome(TOOLS["calculate"], "1/0")
    assert (got.result, got.failed) == ("error: division by zero", True)


@pytest.mark.expects_log("tool broken broke")
def test_a_tool_that_breaks_is_logged_and_ends_as_an_error() -> None:
    def broken(arguments: Arguments, run: Run) -> str:
        raise RuntimeError(arguments, run)

    assert outcome(Tool("broken", "", run=broken)).result == "error: the tool broke"


def test_a_tool_that_takes_too_long_is_left_to_itself() -> None:
    release, ended = threading.Event(), threading.Event()

    def slow(arguments: Arguments, run: Run) -> str:
        release.wait(10)
        ended.set()
        return str((arguments, run.cancelled.is_set()))

    got = outcome(Tool("slow", "", run=slow, seconds=0.05))
    assert got.result == "error: took longer than 0.05 seconds"
    assert got.failed
    assert got.seconds >= 0.05
    release.set()
    assert ended.wait(10)


def test_a_host_tool_cannot_be_run_here() -> None:
    with pytest.raises(ValueError, match="host tool"):
        outcome(TOOLS["remind"], "10m | x")


def test_half_a_character_in_the_arguments_is_replaced_and_a_whole_one_kept() -> None:
    text = r'{"path": "\ud800 \ud83d\ude00", "\udfff": ["\udc00"]}'
    assert read_argument(TOOLS["read_file"], text) == {"path": "\ufffd 😀", "\ufffd": ["\ufffd"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"text": "6.5*7.5"}', "6.5*7.5"),
        ("{1, 2}", "{1, 2}"),
        ('{"expression": "1"}', '{"expression": "1"}'),
        ('{"text": "1", "more": 2}', '{"text": "1", "more": 2}'),
        ('{"text": 1}', '{"text": 1}'),
    ],
)
def test_a_tool_of_one_text_takes_it_by_its_name_too(text: str, words: str) -> None:
    assert read_argument(TOOLS["calculate"], text) == {"text": words}


def test_arguments_of_a_slash_line_are_read_as_those_of_any_model_and_nothing_is_guessed() -> None:
    assert read_argument(TOOLS["read_file"], "{'path': 'a.txt', 'first_line': 2,}") == {
        "path": "a.txt",
        "first_line": 2,
    }
    for text in ('{"path": "a", "path": "b"}', '{"path": NaN}', "[" * 100_000, "9" * 10_000, "a.txt"):
        with pytest.raises(ToolError, match="one JSON object"):
            read_argument(TOOLS["read_file"], text)
