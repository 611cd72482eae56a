"""How answers leave the program: text for people, or one JSON object a line for programs. Knows no worker.

JSON objects: ``text`` · ``tool_call`` · ``tool_result`` · ``done`` · ``error``; with ``--stdin`` and in a chat each has
``index``. Every answer ends with exactly one ``done`` or one ``error`` and says nothing behind it; ``not_called`` of a
``done`` names the tool of ``--must-call`` that was not called. Every ``tool_call`` has its ``tool_result``, also one
whose worker died in the middle of it, but for a call that nobody allowed: that one is the ``error``. A call of
``nyanko tool`` ends with its ``tool_result`` or one ``error``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, Final, Protocol, TextIO

import msgspec

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import Done, Event, Failed, TextDelta, ToolCalled, ToolFinished, ToolProgress
from nyanko_desktop.chat.draft import UNENDED, argument_in_words
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain, explain_finish, in_one_line
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.results import call_result_in_words
from nyanko_desktop.reasons.words import reason_in_words, result_in_words
from nyanko_desktop.terminal.columns import cut_to_one_line

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What could steer a terminal; a model's words are only words."""
_OF_A_CALL: Final = (ErrorCode.APPROVAL_REQUIRED, ErrorCode.TOOLS_CHANGED)
"""Errors that are the end of the call that they name; nothing else need be said of it."""


def without_controls(text: str) -> str:
    """``text`` from a model or a hub, for a terminal: without what could steer it."""
    return _CONTROL.sub("", text)


class OutputLostError(Exception):
    """The output cannot be written, for example because it goes to a file on a full disk; says why."""


class Output(Protocol):
    """Where the events of one answer after another go."""

    def begin(self, index: int | None) -> None:
        """A new answer; ``index`` counts lines of ``--stdin`` from 0."""
        ...

    def take(self, event: Event) -> None:
        """One event of the answer, the last one included."""
        ...

    def fail(self, error: WireError) -> None:
        """There is no answer."""
        ...

    def missed(self, name: str) -> None:
        """The answer, which is about to end, had to begin with a call of ``name``, and there was none."""
        ...

    def note(self, text: str) -> None:
        """Something a person should know; programs need not."""
        ...


class JsonOutput:
    """One JSON object a line, written at once."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._index: int | None = None
        self._missed: dict[str, str] = {}
        self._calls: dict[str, str] = {}
        """Names of the calls that have not ended."""

    def begin(self, index: int | None) -> None:
        self._index = index
        self._missed = {}

    def take(self, event: Event) -> None:
        match event:
            case TextDelta(text=text):
                self._write("text", text=text)
            case ToolCalled(call_id=call, name=name, arguments=arguments):
                self._calls[call] = name
                self._write("tool_call", name=name, arguments=arguments)
            case ToolFinished(call_id=call, name=name, result=result, undo=undo):
                self._calls.pop(call, None)
                self._write("tool_result", name=name, result=result, **({"undo": undo} if undo else {}))
            case Done():
                self._end_calls()
                self._write("done", **done_fields(event), **self._missed)
            case Failed(error=error):
                self.fail(error)
            case _:
                pass

    def fail(self, error: WireError) -> None:
        self._end_calls(error)
        words = explain(error)
        self._write("error", code=words.code, message=in_one_line(words), hint=_hint(words))

    def missed(self, name: str) -> None:
        self._missed = {"not_called": name}

    def note(self, text: str) -> None:
        pass

    def _end_calls(self, error: WireError | None = None) -> None:
        if error is None or error.code not in _OF_A_CALL:
            for name in self._calls.values():
                self._write("tool_result", name=name, result=UNENDED)
        self._calls.clear()

    def _write(self, type: str, **fields: Any) -> None:
        index = {} if self._index is None else {"index": self._index}
        put(self._out, json.dumps({"type": type, **index, **fields}, ensure_ascii=False) + "\n")


def put(out: TextIO, text: str) -> None:
    """Write ``text`` at once. Raises OutputLostError, or BrokenPipeError when the reader is gone."""
    try:
        out.write(text)
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLostError(error.strerror) from error


def _hint(words: Explanation) -> str:
    """What to do next, where no button stands."""
    return tr("Ask again.") if words.action == "continue" else words.hint


def done_fields(done: Done) -> dict[str, Any]:
    """What a program learns at the end of an answer; seconds and bytes."""
    model = done.model
    return {
        "finish_reason": done.finish_reason,
        "usage": msgspec.to_builtins(done.usage),
        "timings": msgspec.to_builtins(done.timings),
        "window_start": done.window_start,
        "model": {"name": model.name, "precision": model.precision, "device": model.device, "bytes": model.bytes},
    }


class TextOutput:
    """Text as it comes, a tool call as one line; what went wrong goes to standard error."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._calls: dict[str, str] = {}
        self._at_line_start = True
        self._progress_shown = False
        """The terminal's last line says how far a call is, and goes when something else is said."""
        self._forgotten = 0
        """Messages at the beginning of the chat that the model no longer sees."""

    def begin(self, index: int | None) -> None:
        if index:
            self._write("\n")

    def take(self, event: Event) -> None:
        match event:
            case TextDelta(text=text):
                self._write(without_controls(text))
            case ToolCalled(call_id=call, name=name, arguments=arguments):
                self._calls[call] = f"{name} {argument_in_words(arguments)}".rstrip()
            case ToolProgress(call_id=call, text=text):
                self._show_progress(f"{self._calls.get(call, '')}: {reason_in_words(text)}")
            case ToolFinished(call_id=call, name=name, result=result, failed=failed):
                result = call_result_in_words(name, result, event.source, failed=failed)
                self._write_call(self._calls.pop(call, name), result)
                if event.undo:
                    self.note(tr("Take it back with: nyanko tool undo_write {name}", name=event.undo))
            case Done(finish_reason=reason, window_start=start):
                self._end_calls()
                self._end_line()
                self._note_memory(start)
                if (words := explain_finish(reason)) is not None:
                    self.note(words.title)
            case Failed(error=error):
                self.fail(error)
            case _:
                pass

    def fail(self, error: WireError) -> None:
        self._end_calls(error)
        words = explain(error)
        self.note(without_controls(in_one_line(words)))
        self.note(without_controls(_hint(words)))

    def missed(self, name: str) -> None:
        self.note(tr("The model has not called {name}. “nyanko doctor” says if it can be held to calls.", name=name))

    def note(self, text: str) -> None:
        self._end_line()
        print(text, file=self._err, flush=True)

    def _end_calls(self, error: WireError | None = None) -> None:
        """The worker, or the app, was gone before these had ended."""
        if error is None or error.code not in _OF_A_CALL:
            for call in self._calls.values():
                self._write_call(call, result_in_words(UNENDED))
        self._calls.clear()

    def _write_call(self, call: str, result: str) -> None:
        self._end_line()
        self._write(f"⚙ {without_controls(call)} = {without_controls(result)}\n")

    def _note_memory(self, forgotten: int) -> None:
        """One dim line when the memory of the chat has moved on."""
        if forgotten > self._forgotten:
            words = tr("Nyanko no longer remembers the first {count} messages of this conversation.", count=forgotten)
            self.note(_dim(words) if self._is_terminal() else words)
        self._forgotten = forgotten

    def _show_progress(self, words: str) -> None:
        """One dim line that is written over and over, where there is a terminal that can do that."""
        if self._is_terminal():
            self._end_line()
            self._err.write(_dim(cut_to_one_line("⚙ " + " ".join(without_controls(words).split()))))
            self._err.flush()
            self._progress_shown = True

    def _is_terminal(self) -> bool:
        return self._err.isatty() and os.environ.get("TERM") != "dumb"

    def _end_line(self) -> None:
        if self._progress_shown:
            self._progress_shown = False
            self._err.write("\r\x1b[K")
            self._err.flush()
        if not self._at_line_start:
            self._write("\n")

    def _write(self, text: str) -> None:
        if self._progress_shown:
            self._end_line()
        if text:
            put(self._out, text)
            self._at_line_start = text.endswith("\n")


def _dim(words: str) -> str:
    return f"\x1b[2m{words}\x1b[0m"
