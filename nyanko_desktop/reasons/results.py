"""What our own tools answer and announce, in the language of now: the model reads English, and so it is stored.

Knows their sentences by the tool's name. Words of others (pages, files, servers, output of programs) stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nyanko_desktop.i18n import N_, language
from nyanko_desktop.reasons.words import result_in_words, translated

RESULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "write_file": (
        N_("made {path} (1 byte)"),
        N_("made {path} ({count} bytes)"),
        N_("replaced {path} (1 byte)"),
        N_("replaced {path} ({count} bytes)"),
    ),
    "undo_write": (N_("put back {path}"), N_("removed {path}")),
    "open": (N_("ok, the person sees it"),),
    "remind": (N_("ok {time}"),),
    "edit_reminder": (N_("ok #{number} {time}"), N_("deleted #{number}")),
    "list_reminders": (N_("there are no reminders"), N_("{listed}; and {count} more")),
    "remember": (N_("ok"),),
    "recall": (N_("nothing is noted about that"), N_("{listed}; and {count} more")),
    "forget": (N_("forgot: {text}"),),
    "now": (
        N_("{time} Monday"),
        N_("{time} Tuesday"),
        N_("{time} Wednesday"),
        N_("{time} Thursday"),
        N_("{time} Friday"),
        N_("{time} Saturday"),
        N_("{time} Sunday"),
    ),
}
LAST_LINES: Final = (
    N_("(nothing was printed)"),
    N_("(ended: it computed for too long)"),
    N_("(ended by {signal})"),
    N_("(exit status {status})"),
)
"""Of run_python, below what the program printed."""
PREVIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "write_file": (
        N_("(changes nothing)"),
        N_("(replaces 1 byte of what is no text)"),
        N_("(replaces {count} bytes of what is no text)"),
        N_("(replaces 1 line from line {line} on by {number})"),
        N_("(replaces {count} lines from line {line} on by {number})"),
        N_("(… {count} characters in all)"),
    ),
    "undo_write": (N_("puts back {path}"), N_("removes {path}")),
}


def call_result_in_words(tool: str, result: str, source: str = "", *, failed: bool = False) -> str:
    """The result of a call as a person reads it; ``source`` as in CallPart."""
    if failed:
        return result_in_words(result)
    if source or language() == "en":
        return result
    if tool == "run_python":
        printed, line_break, last = result.rpartition("\n")
        return printed + line_break + (translated(last, LAST_LINES) or last)
    return translated(result, RESULTS.get(tool, ())) or result


def preview_in_words(tool: str, preview: str) -> str:
    """What a call would do, as a person reads it; in a difference, only its first and its last line may be ours."""
    templates = PREVIEWS.get(tool)
    if not templates or language() == "en":
        return preview
    first, line_break, rest = preview.partition("\n")
    first = translated(first, templates) or first
    between, other_break, last = rest.rpartition("\n")
    return first + line_break + between + other_break + (translated(last, templates) or last)
