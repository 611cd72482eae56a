"""Parsers of the command line: argparse with options anywhere, in the language of now. Knows no command of ours.

argparse asks gettext for each of its sentences, and that knows no language but the one of the environment. Here they
are looked up where all our sentences are; one that a later Python words differently stays English.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from nyanko_desktop.i18n import N_, language, tr_marked
from nyanko_desktop.terminal.columns import width_of, wrapped

SENTENCES: Final = (
    N_("usage:"),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("ignored explicit argument %r"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
)
"""What argparse of Python 3.11 to 3.13 says of arguments like ours, without blanks and line ends around it."""
_HEADING: Final = r"(?m)(?<=[\u3400-\u9fff）]):$"


class Words(argparse.HelpFormatter):
    """Help whose lines fit the terminal in Chinese too, where a sign takes two columns and no blank is between words.

    Overrides what argparse calls its own affair, and asks each of it first: at worst a line is broken badly.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._wider = width_of(in_words("usage: ")) - len(in_words("usage: "))
        self._width -= self._wider

    def format_help(self) -> str:
        return re.sub(_HEADING, "：", super().format_help())

    def _format_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Any, prefix: str | None
    ) -> str:
        made = super()._format_usage(usage, actions, groups, prefix)
        return made if usage else made.replace("\n ", f"\n {' ' * self._wider}")

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if language() == "en" else wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if language() == "en":
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in wrapped(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """A parser in the language that is set when it is made."""

    def __init__(self, *, formatter_class: Any = Words, **options: Any) -> None:
        argparse._ = in_words  # type: ignore[attr-defined]
        super().__init__(formatter_class=formatter_class, **options)


class Command(Parser):
    """A command whose options may stand anywhere, also between and behind what it is given."""

    asked_for_help = False
    """Help was asked for, and whoever parses will give it; what cannot be understood is answered with ours."""
    _reads_words = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As in the base class, which finds options first and words afterwards only where it is told to.

        What is left over is refused here, where the usage is that of the command.
        """
        if self._reads_words:
            return super().parse_known_args(args, namespace)
        if self._subparsers is not None:  # behind a command each has its own options
            found, left = super().parse_known_args(args, namespace)
        else:
            self._reads_words = True
            if self.usage is None:  # Python 3.11 and 3.12 would take it without as many signs as English has before it
                self.usage = self.format_usage().removeprefix(in_words("usage: "))
            try:
                found, left = self.parse_known_intermixed_args(args, namespace)
            finally:
                self._reads_words = False
        if left:
            self.error(in_words("unrecognized arguments: %s") % " ".join(left))
        return found, left

    def error(self, message: str) -> NoReturn:
        if self.asked_for_help:
            self.print_help()
            self.exit()
        super().error(message)


class HelpLater(argparse.Action):
    """``--help`` that whoever parses answers: what is to be said depends on words that stand before or behind it."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        setattr(namespace, self.dest, True)
        if isinstance(parser, Command):
            parser.asked_for_help = True


def in_words(message: str) -> str:
    """A sentence of argparse, as it asks for it, in the language of now. Python 3.11 asks for ``None``, too."""
    if language() == "en" or not message or (known := message.strip()) not in SENTENCES:
        return message
    return tr_marked(known) + ("\n" if message.endswith("\n") else "")
