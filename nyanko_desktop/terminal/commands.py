"""Each command of the command line, from its parsed arguments to an exit code."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import Sampling
from nyanko_desktop.app_connection import version
from nyanko_desktop.app_link import find_app
from nyanko_desktop.cli import let_go_of_the_output
from nyanko_desktop.errors import explain, explain_profile, in_one_line, two_sentences
from nyanko_desktop.i18n import set_language, tr
from nyanko_desktop.logs import start_logging, stop_logging
from nyanko_desktop.paths import Paths, profile_paths
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.terminal.ask import ask, ask_each
from nyanko_desktop.terminal.chat import chat
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.debug import read_tool_calls
from nyanko_desktop.terminal.doctor import as_json, as_text, examine
from nyanko_desktop.terminal.lines import input_lines
from nyanko_desktop.terminal.output import JsonOutput, OutputLostError, TextOutput, put
from nyanko_desktop.terminal.tool import run_tool, run_tool_on_each
from nyanko_desktop.worker.command import worker_command

OK: Final = 0
FAILED: Final = 1


def run(arguments: argparse.Namespace) -> int:
    """Carry out what was parsed by cli.py; the exit code."""
    _speak_utf8()
    if arguments.version:
        print(f"nyanko {version()}")
        return OK
    try:
        paths = profile_paths(arguments.profile)
    except OSError as error:
        print(explain_profile(error), file=sys.stderr)
        return FAILED
    only = arguments.log_filter or ()
    start_logging(paths.cli_log, debug=arguments.debug, only=only, trace_wire=arguments.trace_wire)
    try:
        context = _context(arguments, paths)
        return _try(_COMMANDS[arguments.command], arguments, context)
    finally:
        stop_logging()


def _speak_utf8() -> None:
    """Whatever the terminal's own encoding is: JSON is UTF-8, and a missing character must not end an answer."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _try(command: Command, arguments: argparse.Namespace, context: Context) -> int:
    try:
        return OK if command(arguments, context) else FAILED
    except RequestError as error:
        context.output.fail(error.error)
    except OutputLostError as error:
        let_go_of_the_output()
        print(tr("The output cannot be written: {reason}", reason=error), file=sys.stderr)
    return FAILED


def _context(arguments: argparse.Namespace, paths: Paths) -> Context:
    settings = SettingsStore(paths.settings)
    set_language(settings.current.language)
    if settings.problem is not None:
        words = explain(settings.problem)
        print(two_sentences(in_one_line(words), words.hint), file=sys.stderr)
    level = "DEBUG" if arguments.debug else "INFO"
    for_programs = getattr(arguments, "json", False) and arguments.command != "doctor"
    return Context(
        paths,
        settings.current,
        partial(worker_command, log_level=level, trace_wire=arguments.trace_wire),
        JsonOutput() if for_programs else TextOutput(),
        model=getattr(arguments, "model", None),
        precision=getattr(arguments, "precision", None),
        sampling=Sampling(seed=getattr(arguments, "seed", None), max_tokens=getattr(arguments, "max_tokens", None)),
        allowances=tuple(getattr(arguments, "allow", None) or ()),
        must_call=getattr(arguments, "must_call", None) or "",
        interactive=_has_person(arguments, for_programs),
    )


def _has_person(arguments: argparse.Namespace, for_programs: bool) -> bool:
    """Whether somebody at a terminal can be asked: they see the question, and their line is read by nobody else."""
    stdin_is_taken = getattr(arguments, "stdin", False)
    return not (for_programs or stdin_is_taken) and all(s and s.isatty() for s in (sys.stdin, sys.stderr))


def _ask(arguments: argparse.Namespace, context: Context) -> bool:
    if arguments.stdin:
        return asyncio.run(ask_each(context, input_lines(), save=arguments.save))
    return asyncio.run(ask(context, " ".join(arguments.text).strip(), save=arguments.save))


def _chat(_: argparse.Namespace, context: Context) -> bool:
    return chat(context)


def _quick_ask(_: argparse.Namespace, context: Context) -> bool:
    return asyncio.run(_show_quick_ask(context))


async def _show_quick_ask(context: Context) -> bool:
    app = await find_app(context.paths)
    if app is None:
        context.output.note(tr("Nyanko is not running, so there is no quick-ask to open. Start it with: nyanko"))
        return False
    try:
        await app.show_quick_ask()
    finally:
        await app.close()
    return True


def _tool(arguments: argparse.Namespace, context: Context) -> bool:
    if arguments.about:
        from nyanko_desktop.terminal.tool_help import tell_tool

        return asyncio.run(tell_tool(context, arguments.name))
    if arguments.stdin:
        return asyncio.run(run_tool_on_each(context, arguments.name, input_lines()))
    return asyncio.run(run_tool(context, arguments.name, " ".join(arguments.argument).strip()))


def _models(arguments: argparse.Namespace, context: Context) -> bool:
    from nyanko_desktop.terminal.models import run_models  # the other commands need not wait for it

    return run_models(arguments, context)


def _doctor(arguments: argparse.Namespace, context: Context) -> bool:
    found = asyncio.run(examine(context, load=arguments.load))
    text = json.dumps(as_json(found), ensure_ascii=False) if arguments.json else as_text(found)
    put(sys.stdout, f"{text}\n")
    return not found.problems


def _debug(_arguments: argparse.Namespace, context: Context) -> bool:
    return read_tool_calls(context.worker_command())


def _grants(arguments: argparse.Namespace, context: Context) -> bool:
    from nyanko_desktop.terminal.permissions import manage_grants

    return asyncio.run(manage_grants(context, arguments))


def _ledger(arguments: argparse.Namespace, context: Context) -> bool:
    from nyanko_desktop.terminal.permissions import show_ledger

    return asyncio.run(show_ledger(context, arguments))


Command = Callable[[argparse.Namespace, Context], bool]
_COMMANDS: Mapping[str, Command] = {
    "ask": _ask,
    "chat": _chat,
    "quick-ask": _quick_ask,
    "tool": _tool,
    "grants": _grants,
    "ledger": _ledger,
    "models": _models,
    "doctor": _doctor,
    "debug": _debug,
}
