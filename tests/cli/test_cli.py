"""``nyanko`` in a terminal: real processes, the real worker server, a model that follows a script."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import CallPart, TextPart
from nyanko_desktop.cli import is_cli_command, parse
from nyanko_desktop.conversations.store import ConversationStore
from tests.cli.command_line import MAIN, WAIT_SECONDS, CommandLine

CALCULATED = {"replies": {"What's 6.5*7.5?": "/calculate 6.5*7.5\nIt is 48.75, nya."}, "default": "Hello."}
WORDS = " ".join(f"w{i}" for i in range(3000))


def of_type(objects: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    return [found for found in objects if found["type"] == type]


def stored(line: CommandLine, look: Callable[[ConversationStore], Any]) -> Any:
    async def run() -> Any:
        store = await ConversationStore.open(line.profile / "conversations.sqlite3")
        try:
            return await look(store)
        finally:
            await store.close()

    return asyncio.run(run())


def test_ask_json_shows_the_call_its_result_the_text_and_the_end(tmp_path: Path) -> None:
    code, objects = CommandLine(tmp_path, **CALCULATED).objects("ask", "--json", "What's 6.5*7.5?")
    assert code == 0
    assert of_type(objects, "tool_call") == [
        {"type": "tool_call", "name": "calculate", "arguments": {"text": "6.5*7.5"}}
    ]
    assert of_type(objects, "tool_result") == [{"type": "tool_result", "name": "calculate", "result": "48.75"}]
    assert "".join(found["text"] for found in of_type(objects, "text")) == "It is 48.75, nya."
    done = objects[-1]
    assert set(done) == {"type", "finish_reason", "usage", "timings", "window_start", "model"}
    assert (done["type"], done["finish_reason"]) == ("done", "stop")
    assert set(done["usage"]) == {"prompt_tokens", "reused_tokens", "completion_tokens"}
    assert done["model"] == {"name": "nyanko-mini", "precision": "int8", "device": "cpu", "bytes": 12_000_000}


def test_ask_prints_text_and_one_line_for_a_call(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path, **CALCULATED).run("ask", "What's", "6.5*7.5?")
    assert (code, out, err) == (0, "⚙ calculate 6.5*7.5 = 48.75\nIt is 48.75, nya.\n", "")


def test_a_models_words_cannot_steer_the_terminal(tmp_path: Path) -> None:
    code, out, _ = CommandLine(tmp_path, default="a\x1b[2Jb\x07c\td").run("ask", "hi")
    assert (code, out) == (0, "a[2Jbc\td\n")


def test_ask_stdin_answers_each_line_with_its_index_and_loads_once(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, replies={"one": "1", "二": "两"})
    code, objects = line.objects("ask", "--stdin", "--json", given="one\r\n二\none")
    assert code == 0
    assert [found["index"] for found in of_type(objects, "done")] == [0, 1, 2]
    assert [found["text"] for found in of_type(objects, "text")] == ["1", "两", "1"]


def test_a_line_that_fails_is_an_error_object_and_the_rest_goes_on(tmp_path: Path) -> None:
    code, objects = CommandLine(tmp_path).objects("ask", "--stdin", "--json", given="hi\n\nhi\n")
    assert code == 1
    (error,) = of_type(objects, "error")
    assert (error["index"], error["code"]) == (1, "bad_request")
    assert error["message"]
    assert error["hint"]
    assert [found["index"] for found in of_type(objects, "done")] == [0, 2]


def test_a_missing_model_is_an_error_for_every_line(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    code, objects = line.objects("ask", "--stdin", "--json", "--model", "/models/missing", given="a\nb\n")
    assert code == 1
    assert [(found["index"], found["code"]) for found in objects] == [(0, "model_not_found"), (1, "model_not_found")]
    code, out, err = line.run("ask", "--model", "/models/missing", "a")
    assert (code, out) == (1, "")
    assert "/models/missing" in err
    assert "Traceback" not in err


def test_ask_forgets_and_with_save_it_keeps(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, **CALCULATED)
    line.run("ask", "forget me")
    assert not (line.profile / "conversations.sqlite3").exists()
    code, objects = line.objects("ask", "--save", "--json", "What's 6.5*7.5?")
    assert (code, objects[-1]["type"]) == (0, "done")

    async def look(store: ConversationStore) -> None:
        (conversation,) = await store.conversations()
        person, reply = await store.messages(conversation.id)
        assert person.text == "What's 6.5*7.5?"
        assert isinstance(reply.parts[0], CallPart)
        assert reply.parts[1] == TextPart("It is 48.75, nya.")
        assert reply.status == "complete"

    stored(line, look)


def test_precision_tokens_and_profile_reach_the_worker_wherever_they_stand(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="a b c d e f")
    _, objects = line.objects("ask", "--json", "hi", "--precision", "fp32", "--max-tokens", "2", "--seed", "1")
    assert objects[-1]["finish_reason"] == "length"
    assert objects[-1]["model"]["precision"] == "fp32"
    assert "".join(found["text"] for found in of_type(objects, "text")) == "a b"
    assert line.profile.is_dir()


def test_a_reminder_is_stored_as_a_reminder_and_nothing_else_is(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="/remind 2h | 喝水\nI will.")
    code, _, err = line.run("ask", "remind me")
    assert code == 0
    assert "if it is running" in err

    async def look(store: ConversationStore) -> None:
        assert [reminder.text for reminder in await store.reminders()] == ["喝水"]
        assert await store.conversations() == ()

    stored(line, look)


def test_tool_runs_one_call_without_a_model(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    assert line.run("tool", "calculate", "0.1+0.2")[:2] == (0, "⚙ calculate 0.1+0.2 = 0.3\n")
    assert line.run("tool", "calculate", "-5+3")[:2] == (0, "⚙ calculate -5+3 = -2\n")
    assert line.run("tool", "now")[0] == 0
    expected = [
        {"type": "tool_call", "name": "calculate", "arguments": {"text": "6.5*7.5"}},
        {"type": "tool_result", "name": "calculate", "result": "48.75"},
    ]
    for words in (
        ("--json", "calculate", "6.5*7.5"),
        ("calculate", "--json", "6.5*7.5"),
        ("calculate", "6.5*7.5", "--json"),
    ):
        assert line.objects("tool", *words) == (0, expected)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["calculate", "-5+3"], "-5+3"),
        (["calculate", "--", "-5+3"], "-5+3"),
        (["calculate", "1", "--json", "-5"], "1 -5"),
        (["calculate", "-pi"], "-pi"),
        (["calculate", "-sqrt(4)"], "-sqrt(4)"),
        (["calculate", "--", "-x"], "-x"),
        (["calculate", "--allow", "now", "(1", "+", "2)", "--debug"], "(1 + 2)"),
        (["now"], ""),
    ],
)
def test_words_and_options_may_stand_in_any_order(words: list[str], given: str) -> None:
    parsed = parse(["tool", *words])
    assert " ".join(parsed.argument) == given


def test_numbers_are_checked_and_shown_as_they_were_typed(capsys: pytest.CaptureFixture[str]) -> None:
    said = {
        "-5": "-5 is no natural number",
        "0": "must be 1 or more",
        "9" * 5000: "too large",
        "٣": "٣ is no natural number",
    }
    for text, reason in said.items():
        with pytest.raises(SystemExit):
            parse(["ledger", "--limit", text])
        assert f"argument --limit: {reason}" in capsys.readouterr().err.replace("that number is ", "")
    assert parse(["ledger", "--limit", str(2**63 - 1)]).limit == 2**63 - 1


def test_tool_stdin_goes_on_behind_a_failure(tmp_path: Path) -> None:
    code, objects = CommandLine(tmp_path).objects("tool", "calculate", "--stdin", "--json", given="1/0\n2+2\n")
    assert code == 1
    assert (objects[0]["index"], objects[0]["type"], objects[0]["code"]) == (0, "error", "tool_failed")
    assert (objects[-1]["index"], objects[-1]["result"]) == (1, "4")


def test_an_unknown_tool_is_said_with_the_known_ones(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("tool", "bake", "cake")
    assert (code, out) == (1, "")
    assert "bake" in err
    assert "calculate" in err


def test_quick_ask_without_an_app_says_so(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).run("quick-ask")
    assert (code, out) == (1, "")
    assert "not running" in err


def test_doctor_tells_versions_places_model_and_what_is_left_out(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    line.environment.pop("DISPLAY", None)
    line.environment.pop("WAYLAND_DISPLAY", None)
    code, out, err = line.run("doctor", "--json", "--load")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["versions"]["torch"]
    assert found["paths"]["profile"] == str(line.profile)
    assert (found["display"], found["app"]["running"]) == ("", False)
    assert (found["model"]["bytes"], found["model"]["bytes_elsewhere"]) == (12_000_000, 0)
    assert (found["chosen"]["precision"], found["estimate"]["total"]) == ("int8", 1110)
    assert any("display" in sentence for sentence in found["left_out"])
    code, out, err = line.run("doctor")
    assert (code, err) == (0, "")
    assert "not running" in out
    assert "about 1 KB, fits" in out


@pytest.fixture
def running_app(tmp_path: Path) -> Any:
    line = CommandLine(tmp_path, default="never used")
    script = json.dumps({"default": "from the app"})
    command = [sys.executable, "-m", "tests.instance.app_process", str(line.profile), script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == "serving\n"
        yield line, app
        app.send_signal(signal.SIGTERM)
        app.stdout.read()


def test_the_running_app_is_asked_first(running_app: tuple[CommandLine, subprocess.Popen[str]]) -> None:
    line, app = running_app
    assert line.run("ask", "hi")[:2] == (0, "from the app\n")
    assert line.run("quick-ask")[0] == 0
    assert app.stdout is not None
    assert app.stdout.readline() == "quick-ask\n"
    code, objects = line.objects("ask", "--json", "--precision", "fp32", "hi")
    assert (code, objects[0]["code"]) == (1, "bad_request")
    assert "int8" in objects[0]["message"]
    code, objects = line.objects("ask", "--json", "--save", "hi")
    assert (code, objects[-1]["type"]) == (0, "done")
    _, out, _ = line.run("doctor", "--json")
    found = json.loads(out)
    assert (found["app"], found["tray"]) == ({"running": True, "pid": app.pid}, "none")
    assert found["model"]["name"] == "script"
    assert line.run("tool", "calculate", "2+2")[0] == 0


def test_ctrl_c_ends_ask_cleanly_and_takes_the_worker_along(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default=WORDS, holds_after=10)
    with line.start("ask", "count", "--save") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(10)
        child.send_signal(signal.SIGINT)
        child.stdout.read()
        assert child.wait(WAIT_SECONDS) == 130
        assert child.stderr.read() == ""

    async def look(store: ConversationStore) -> None:
        (conversation,) = await store.conversations()
        reply = (await store.messages(conversation.id))[-1]
        assert reply.status == "interrupted"
        assert reply.text.startswith("w0 w1")

    stored(line, look)


def test_ctrl_c_ends_ask_that_waits_for_a_line(tmp_path: Path) -> None:
    with CommandLine(tmp_path, default="yes").start("ask", "--stdin") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write("hello\n")
        child.stdin.flush()
        assert child.stdout.readline() == "yes\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(WAIT_SECONDS) == 130
        assert child.stderr.read() == ""


def test_a_closed_pipe_ends_ask_quietly(tmp_path: Path) -> None:
    with CommandLine(tmp_path, default=WORDS, rate=500).start("ask", "count") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(10)
        child.stdout.close()
        assert child.wait(WAIT_SECONDS) == 141
        assert child.stderr.read() == ""


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("arguments", [["ask", "hi"], ["ask", "--json", "hi"], ["tool", "now"], ["doctor"]])
def test_output_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    with FULL.open("w") as full, CommandLine(tmp_path).start(*arguments, stdout=full) as child:
        _, err = child.communicate(timeout=WAIT_SECONDS)
    assert (child.returncode, err) == (1, "The output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "--stdin", "x"],
        ["ask", "--seed", "-1", "x"],
        ["ask", "--precision", "int7", "x"],
        ["bake"],
        [],
        ["tool"],
        ["tool", "--stdin", "calculate", "1+1"],
        ["tool", "calculate", "--jason", "1+1"],
        ["grants", "revoke"],
        ["grants", "revoke", "--all", "1"],
    ],
)
def test_arguments_that_cannot_be_understood_end_with_2(tmp_path: Path, arguments: list[str]) -> None:
    code, out, err = CommandLine(tmp_path).run(*arguments)
    assert (code, out) == (2, "")
    assert "usage: nyanko" in err


def test_version_is_printed(tmp_path: Path) -> None:
    code, out, _ = CommandLine(tmp_path).run("--version")
    assert code == 0
    assert out.startswith("nyanko ")


def test_debug_and_trace_wire_log_to_standard_error_but_never_what_was_said(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="the secret answer")
    code, out, err = line.run("ask", "a secret question", "--trace-wire", "--debug")
    assert (code, out) == (0, "the secret answer\n")
    assert "sent run_turn" in err
    assert "received text_delta" in err
    assert "secret" not in err
    assert "secret" not in (line.profile / "logs" / "cli.log").read_text()
    _, _, err = line.run("ask", "a secret question", "--debug", "--log-filter", "nyanko_desktop.chat")
    assert "run_turn" not in err
    _, _, err = line.run("ask", "hi", "--debug", "--trace-wire", "--log-filter", "nyanko_desktop.chat,nyanko.wire")
    assert "run_turn" in err


def test_broken_settings_are_said_and_defaults_used(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    line.profile.mkdir()
    (line.profile / "settings.toml").write_text('theme = "pink"\n')
    code, out, err = line.run("tool", "calculate", "1+1")
    assert (code, out) == (0, "⚙ calculate 1+1 = 2\n")
    assert "theme" in err
    assert "broken-" in err


def test_a_profile_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    line.profile.write_text("in the way")
    code, out, err = line.run("tool", "now")
    assert (code, out) == (1, "")
    assert "The profile cannot be used" in err


def test_the_command_line_loads_neither_qt_nor_torch(tmp_path: Path) -> None:
    line = CommandLine(tmp_path, default="hi")
    look = MAIN.replace(
        "sys.exit(main())",
        "main(); sys.exit([m for m in sys.modules if m.partition('.')[0] in ('PySide6', 'torch', 'transformers', 'numpy')] or 0)",
    )
    command = [sys.executable, "-c", look, "--profile", str(line.profile), "ask", "hi"]
    done = subprocess.run(
        command, env=line.environment, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("argv", "cli"),
    [
        ([], False),
        (["--profile", "ask"], False),
        (["--debug", "--log-filter", "x"], False),
        (["ask", "x"], True),
        (["--profile", "d", "doctor"], True),
        (["--profile=d", "chat"], True),
        (["--version"], True),
        (["bake"], True),
    ],
)
def test_a_command_is_told_from_a_start_of_the_app(argv: list[str], cli: bool) -> None:
    assert is_cli_command(argv) is cli
