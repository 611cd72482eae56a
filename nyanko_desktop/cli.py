"""The command line: what can be typed, and an exit code. Each command's work is in terminal/. Knows no Qt and no torch.

Exit codes: 0 all went well · 1 something failed (said on standard error, or as an ``error`` object) · 2 the arguments
cannot be understood · 130 Ctrl-C · 141 whoever read the output is gone.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Sequence
from typing import Any, Final

from nyanko_desktop.i18n import set_language, tr
from nyanko_desktop.terminal.parsers import Command, HelpLater, Parser

INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
QUANTIZED: Final = ("int8", "int8-zero-point", "llm-int8", "int4")
GROUPS: Final = (128, 64, 32)
"""As the protocol has them; importing it would cost every start of the app."""
EMBEDDED: Final = "nyanko-mini"
"""What ``--model`` calls the embedded model."""
_WITH_VALUE: Final = ("--profile", "--log-filter")
"""Options of the app that are followed by a value."""
_CALCULATION: Final = re.compile(r"-([\d.(√π]|pi\b|e\b|\w+\()")
"""How a calculation begins that begins with a minus; no option of ours looks like that."""


def is_cli_command(argv: Sequence[str]) -> bool:
    """Whether ``argv`` (without the program's name) is for :func:`main`; otherwise it starts the app."""
    words = iter(argv)
    for word in words:
        if not word.startswith("-") or word in ("-h", "--help", "--version"):
            return True
        if word in _WITH_VALUE:
            next(words, None)
    return False


def main(argv: Sequence[str] | None = None, *, heed_interrupts: bool = False) -> int:
    """Run one command; the exit code. Arguments that cannot be understood raise SystemExit(2).

    ``heed_interrupts`` takes Ctrl-C back from the system, to which the start of the program left it.
    """
    try:
        if heed_interrupts:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        set_language("auto")
        arguments = parse(sys.argv[1:] if argv is None else argv)
        # Only now: the app asks is_cli_command() at its start and must not wait for what only commands need.
        from nyanko_desktop.terminal.commands import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        let_go_of_the_output()
        return PIPE_CLOSED


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """``argv`` (without the program's name) as one command; SystemExit(2) where it cannot be understood."""
    parser = build_parser()
    # A blank before a calculation keeps it from being taken for an option; _word takes the blank away again.
    arguments = parser.parse_args([f" {word}" if _CALCULATION.match(word) else word for word in argv])
    if arguments.command is None and not arguments.version:
        parser.error(tr("a command is needed here"))
    _check(arguments)
    return arguments


def _check(arguments: argparse.Namespace) -> None:
    """What single arguments cannot say: SystemExit(2)."""
    if arguments.command == "ask" and bool(arguments.text) == arguments.stdin:
        arguments.complain(tr("ask needs either a question or --stdin"))
    if arguments.command == "tool" and arguments.argument and arguments.stdin and not arguments.about:
        arguments.complain(tr("with --stdin the arguments come from standard input: leave out ARG"))
    if arguments.command == "grants" and arguments.action == "revoke" and bool(arguments.ids) == arguments.all:
        arguments.complain(tr("say which grants: either numbers of the list, or --all"))


def build_parser() -> argparse.ArgumentParser:
    """All arguments; ``command`` is None when the app is to be started."""
    parser = Parser(prog="nyanko", description=tr("A private companion in your system tray."))
    parser.add_argument("--version", action="store_true", help=tr("print the version and end"))
    _add_common(parser, first=True)
    title = tr("commands (none starts the app)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title=title, parser_class=Command)

    def command(name: str, text: str, **more: Any) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, **more)

    _add_ask(command("ask", tr("answer one question, or one a line")))
    chat = command("chat", tr("talk in the terminal"))
    _add_common(chat)
    _add_model(chat)
    _add_allow(chat)
    chat.add_argument("--json", action="store_true", help=tr("one JSON object a line; index counts the turns"))
    _add_common(command("quick-ask", tr("open quick-ask in the running app")))
    more = tr(
        "A tool that takes several things gets one JSON object: {example}. One text that is needed may stand alone: "
        "{plain}. What a tool takes is said by: {help}",
        example="""nyanko tool fetch '{"url": "https://example.com", "part": 2}'""",
        plain="nyanko tool fetch https://example.com",
        help="nyanko tool fetch --help",
    )
    _add_tool(command("tool", tr("run one tool without a model"), epilog=more, add_help=False))
    _add_grants(command("grants", tr("list what tools may do unasked, and take it back")))
    _add_ledger(command("ledger", tr("say what tools did")))
    _add_models(command("models", tr("list, fetch, quantize and remove models")))
    _add_doctor(command("doctor", tr("say what is installed, loaded and left out")))
    _add_debug(command("debug", tr("look into a part of the program, for developers")))
    return parser


def _add_common(parser: argparse.ArgumentParser, *, first: bool = False) -> None:
    """Arguments that may stand before or behind the command; behind it they must not undo what stands before."""
    group = parser.add_argument_group(tr("everywhere"))

    def default(value: object) -> object:
        return value if first else argparse.SUPPRESS

    group.add_argument("--profile", metavar="DIR", default=default(None), help=tr("keep all state in DIR"))
    for name, text in (
        ("--debug", tr("log everything to standard error")),
        ("--trace-wire", tr("log kind, id and size of each message")),
    ):
        group.add_argument(name, action="store_true", default=default(False), help=text)
    only = tr("with --debug: only this logger")
    group.add_argument("--log-filter", metavar="LOGGER", type=_names, action="extend", default=default(None), help=only)


def _add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(tr("model"))
    group.add_argument("--model", metavar="NAME", help=tr("name or folder of the model, or {name}", name=EMBEDDED))
    group.add_argument("--precision", choices=("fp32", "bf16", "fp16", *QUANTIZED), help=tr("how the weights are held"))
    group.add_argument("--seed", type=_natural, metavar="N", help=tr("makes sampling repeatable"))
    group.add_argument("--max-tokens", type=_positive, metavar="N", help=tr("the longest reply, in tokens"))


def _add_allow(parser: argparse.ArgumentParser) -> None:
    words = tr("let this tool run unasked, within a folder, host or server; * also after words of others were read")
    parser.add_argument("--allow", metavar="NAME[:SCOPE]", type=_allowance, action="append", help=words)


def _allowance(text: str) -> object:
    from nyanko_desktop.permissions.allowances import NotAnAllowanceError, read_allowance

    try:
        return read_allowance(text)
    except NotAnAllowanceError as error:
        raise argparse.ArgumentTypeError(_why_not(error.kind, error.text)) from None


def _why_not(kind: str, text: str) -> str:
    match kind:
        case "nothing":
            return tr("write NAME or NAME:SCOPE, for example read_file:~/notes or fetch:example.org")
        case "empty":
            return tr("nothing stands behind “{name}:”; leave out the colon, or write a scope", name=text)
        case "tool":
            return tr("there is no tool {name}", name=text)
        case "folder":
            return tr("{path} is no folder", path=text)
        case "server":
            return tr("the tool is not one of the server {name}", name=text)
        case "host":
            return tr("{name} is no host: write a name such as example.org, without address or port", name=text)
        case _:
            return tr("{name} takes no scope", name=text)


def _add_ask(parser: argparse.ArgumentParser) -> None:
    _add_common(parser)
    _add_model(parser)
    _add_allow(parser)
    parser.set_defaults(complain=parser.error)
    parser.add_argument("text", nargs="*", type=_word, default=[], metavar="TEXT", help=tr("the question"))
    parser.add_argument("--stdin", action="store_true", help=tr("one question a line, each a fresh conversation"))
    words = tr("the answer has to begin with a call of this tool; any: of one that the model chooses")
    parser.add_argument("--must-call", metavar="NAME", type=_tool_name, help=words)
    parser.add_argument("--save", action="store_true", help=tr("keep the conversation"))
    parser.add_argument("--json", action="store_true", help=tr("one JSON object a line"))


def _add_tool(parser: argparse.ArgumentParser) -> None:
    words = tr("show this help; behind NAME: what that tool takes, and how it is allowed")
    parser.add_argument("-h", "--help", action=HelpLater, dest="about", help=words)
    _add_common(parser)
    _add_allow(parser)
    parser.set_defaults(complain=parser.error)
    parser.add_argument("name", metavar="NAME", help=tr("calculate, now, remind, read_file …"))
    words = tr("what the tool is given: a text or one JSON object; some take nothing")
    parser.add_argument("argument", nargs="*", type=_word, default=[], metavar="ARG", help=words)
    parser.add_argument("--stdin", action="store_true", help=tr("one argument a line"))
    parser.add_argument("--json", action="store_true", help=tr("one JSON object a line"))


def _add_models(parser: argparse.ArgumentParser) -> None:
    """Each action takes ``--json`` and what may stand everywhere."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, text: str, *, takes: str = "") -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=text, description=text)
        _add_common(made)
        made.add_argument("--json", action="store_true", help=tr("one JSON object a line"))
        if takes:
            made.add_argument("name", metavar=takes, help=tr("a model's name, folder or file"))
        return made

    columns = tr("columns of an int4 weight that share a scale")
    listing = action("list", tr("what there is, and what is not finished"))
    listing.add_argument("--catalogue", action="store_true", help=tr("instead: what can be pulled by a short name"))
    add = action("add", tr("put a folder or GGUF file of your own into the list; it stays where it is"))
    add.add_argument("path", metavar="PATH", help=tr("the folder or file"))
    pull = action("pull", tr("download a model, or go on with that"))
    pull.add_argument("name", metavar="OWNER/NAME", help=tr("a repository, or a name of the catalogue"))
    pull.add_argument("--revision", metavar="NAME", help=tr("branch, tag or commit"))
    pull.add_argument("--file", action="append", metavar="FILE", help=tr("take this file alone; may be repeated"))
    pull.add_argument("--endpoint", metavar="URL", help=tr("another hub, for example a mirror"))
    pull.add_argument("--modelscope", action="store_true", help=tr("the hub is ModelScope, or speaks like it"))
    pull.add_argument("--ask-token", action="store_true", help=tr("type an access token, or send it on standard input"))
    plan = action("plan", tr("what each precision would take here, and what fits"), takes="NAME")
    plan.add_argument("--context", type=_natural, metavar="N", help=tr("tokens"))
    plan.add_argument("--device", metavar="DEVICE", help=tr("auto, cpu, cuda:0, mps or split"))
    plan.add_argument("--kv-cache", choices=("16bit", "int8"), help=tr("how keys and values are held"))
    plan.add_argument("--group", type=_natural, choices=GROUPS, help=columns)
    quantize = action("quantize", tr("write a quantized copy, or go on with that"), takes="NAME")
    quantize.add_argument("--precision", choices=QUANTIZED, required=True, help=tr("how the weights are held"))
    quantize.add_argument("--group", type=_natural, choices=GROUPS, help=columns)
    remove = action("remove", tr("delete a model and its copies, after a question"), takes="NAME")
    remove.add_argument("--precision", choices=QUANTIZED, help=tr("only its quantized copies in this precision"))
    remove.add_argument("--yes", action="store_true", help=tr("do not ask"))
    inspect = action("inspect", tr("what a model's files hold"), takes="NAME")
    inspect.add_argument("--verify", action="store_true", help=tr("compare every byte of a copy with its manifest"))


def _add_grants(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    holds, back = tr("what holds now"), tr("take back; the next call asks")
    listing = actions.add_parser("list", help=holds, description=holds)
    revoke = actions.add_parser("revoke", help=back, description=back)
    revoke.set_defaults(complain=revoke.error)
    revoke.add_argument("ids", nargs="*", type=_natural, default=[], metavar="ID", help=tr("numbers of the list"))
    revoke.add_argument("--all", action="store_true", help=tr("take back all"))
    for made in (listing, revoke):
        _add_common(made)
        made.add_argument("--json", action="store_true", help=tr("one JSON object a line"))


def _add_ledger(parser: argparse.ArgumentParser) -> None:
    _add_common(parser)
    only = tr("only calls in which every word stands")
    parser.add_argument("words", nargs="*", type=_word, default=[], metavar="WORD", help=only)
    parser.add_argument("--limit", type=_positive, metavar="N", default=200, help=tr("the newest N calls"))
    parser.add_argument("--json", action="store_true", help=tr("one JSON object a line"))


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_common(parser)
    parser.add_argument("--json", action="store_true", help=tr("one JSON object"))
    parser.add_argument("--load", action="store_true", help=tr("load the chosen model and count its bytes"))


def _add_debug(parser: argparse.ArgumentParser) -> None:
    _add_common(parser)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    words = tr("read the tool calls in model output: JSON lines in, JSON lines out")
    details = tr(
        "In: family, output_text, tools, prefix_end. Out, for each line that is not blank: calls, visible, reasoning, "
        "status, deltas, appended, rejected; or error and line. The exit status is 1 if a line could not be read."
    )
    _add_common(parts.add_parser("toolcalls", help=words, description=words, epilog=details))


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _word(text: str) -> str:
    """As it was typed: without the blank that :func:`main` put before a calculation."""
    return text[1:] if text[:1] == " " and _CALCULATION.match(text[1:]) else text


def _tool_name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(tr("the name of a tool is missing"))
    return text.strip()


def _natural(text: str) -> int:
    text = _word(text)
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(tr("{text} is no natural number", text=text))
    if len(text) > 19 or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(tr("that number is too large"))
    return int(text)


def _positive(text: str) -> int:
    if _natural(text) == 0:
        raise argparse.ArgumentTypeError(tr("must be 1 or more"))
    return int(text)


def let_go_of_the_output() -> None:
    """Python writes what is left when it ends; that must not fail a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
