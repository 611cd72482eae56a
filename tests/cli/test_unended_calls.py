"""A call whose worker is killed in the middle of it: it is told as one that never ended, and the command fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import ToolCalled
from nyanko_desktop.chat.draft import UNENDED
from nyanko_desktop.paths import profile_paths
from nyanko_desktop.settings.schema import ServerSettings, Settings, ToolSettings
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.terminal.output import JsonOutput
from tests.cli.command_line import WAIT_SECONDS, CommandLine
from tests.mcp.reach import server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")

ALLOWED = ("--allow", "hangs__echo")


class Hanging:
    """A command line with a tool that never comes back; its file says when it runs."""

    def __init__(self, folder: Path) -> None:
        self.began = folder / "pids"
        call = f"/hangs__echo {self.began}\n"
        self.line = CommandLine(folder, replies={"go": f"Let me see.\n{call}There.", "hi": "Hello."})
        one = ServerSettings("hangs", server("Hangs").command, enabled=True)
        tools = ToolSettings(servers=(one,), beyond_training=True)
        SettingsStore(profile_paths(self.line.profile).settings).save(Settings(tools=tools))

    def killed_in_the_call(self, *words: str, given: str | None = None, then: str = "") -> tuple[int, str, str]:
        """Exit code, output and errors of ``words``, whose worker is killed as soon as the call runs."""
        with self.line.start(words[0], *ALLOWED, *words[1:]) as child:
            if given is not None and child.stdin is not None:
                child.stdin.write(given)
                child.stdin.flush()
            self.wait_for_the_call(child)
            os.kill(worker_of(child), signal.SIGKILL)
            out, err = child.communicate(then, timeout=WAIT_SECONDS)
        return child.returncode, out, err

    def wait_for_the_call(self, child: subprocess.Popen[str]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not self.began.exists():
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)

    def end_what_is_left(self) -> None:
        """The server ignores every wish that it end."""
        for pid in self.began.read_text().split() if self.began.exists() else ():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Hanging]:
    made = Hanging(tmp_path)
    yield made
    made.end_what_is_left()


def worker_of(child: subprocess.Popen[str]) -> int:
    threads = Path(f"/proc/{child.pid}/task").glob("*/children")
    (worker,) = "".join(file.read_text() for file in threads).split()
    return int(worker)


@pytest.mark.parametrize("save", [(), ("--save",)])
def test_ask_says_that_the_call_ended_before_it_answered(hanging: Hanging, save: tuple[str, ...]) -> None:
    code, out, err = hanging.killed_in_the_call("ask", *save, "go")
    assert code == 1
    assert out == f"Let me see.\n⚙ hangs__echo {hanging.began} = error: ended before it answered\n"
    assert err.splitlines()[1:] == ["Ask again."]
    assert "[allowed by --allow; ended before it answered]" in hanging.line.run("ledger")[1]


def test_a_program_gets_a_result_for_the_call_and_one_error(hanging: Hanging) -> None:
    code, out, err = hanging.killed_in_the_call("ask", "--json", "go")
    objects = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (1, "")
    assert [found["type"] for found in objects if found["type"] != "text"] == ["tool_call", "tool_result", "error"]
    assert objects[-2] == {"type": "tool_result", "name": "hangs__echo", "result": UNENDED}
    assert (objects[-1]["code"], objects[-1]["hint"]) == ("worker_lost", "Ask again.")


def test_a_chat_says_it_too_and_goes_on(hanging: Hanging) -> None:
    code, out, _ = hanging.killed_in_the_call("chat", given="go\n", then="hi\n")
    assert code == 0
    assert out.split("\n")[1:3] == [f"⚙ hangs__echo {hanging.began} = error: ended before it answered", ""]
    assert out.endswith("Hello.\n")


def test_in_a_chat_of_a_program_the_turn_is_one_that_failed(hanging: Hanging) -> None:
    code, out, _ = hanging.killed_in_the_call("chat", "--json", given="go\n", then="hi\n")
    objects = [json.loads(line) for line in out.splitlines()]
    told = [(o["type"], o["index"]) for o in objects if o["type"] != "text"]
    assert told == [("tool_call", 0), ("tool_result", 0), ("error", 0), ("done", 1)]
    assert code == 1


def test_a_tool_of_its_own_fails_with_the_worker(hanging: Hanging) -> None:
    code, out, err = hanging.killed_in_the_call("tool", "hangs__echo", str(hanging.began))
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "How far the call came is not known. Look before you run it again."
    (line,) = hanging.line.objects("ledger", "--json")[1]
    assert (line["ended"], line["failed"], line["cut_off"]) == (True, True, "lost")


def test_of_a_call_whose_command_was_killed_the_ledger_does_not_know_how_it_ended(hanging: Hanging) -> None:
    with hanging.line.start("ask", *ALLOWED, "go") as child:
        hanging.wait_for_the_call(child)
        (running,) = hanging.line.run("ledger")[1].splitlines()
        child.kill()
        child.communicate(timeout=WAIT_SECONDS)
    assert running.endswith("[allowed by --allow; has not ended]")
    (line,) = hanging.line.run("ledger")[1].splitlines()
    assert line == running.replace("has not ended", "not known how it ended")


def test_a_call_that_nobody_allowed_is_told_by_its_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    output = JsonOutput()
    output.take(ToolCalled("t", "c", "fetch", {}, True))
    output.fail(WireError(ErrorCode.APPROVAL_REQUIRED, {"name": "fetch", "options": ""}))
    assert [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()] == ["tool_call", "error"]
