"""What our own tools answer and announce, in the language of now: the model reads English, and so it is stored.

Knows their sentences by the tool's name. Words of others (pages, files, servers, output of programs) stay as they are;
only the notes that our tools put around them are read, where they put them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nyanko_desktop.i18n import N_, language, tr
from nyanko_desktop.reasons.words import note_translated, result_in_words, translated

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
FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "fetch": (N_("(part {part} of {count})"),),
    "find_files": (N_("(nothing was found)"),),
}
"""Notes in front of words of others, or of another note."""
LAST: Final[Mapping[str, tuple[str, ...]]] = {
    "run_python": (
        N_("(nothing was printed)"),
        N_("(ended: it computed for too long)"),
        N_("(ended by {signal})"),
        N_("(exit status {status})"),
    ),
    "read_file": (N_("(the file is empty)"), N_("(lines {first} to {last} of {count})")),
    "find_files": (
        N_("(nothing was found)"),
        N_("(there may be more than these {count})"),
        N_("(there are too many files to look at all of them: name a folder)"),
    ),
    "search": (N_("(nothing was found)"),),
}
"""Notes behind words of others, or instead of them."""
OF_SERVERS: Final = (
    N_("(nothing)"),
    N_("(something that is not shown)"),
    N_("(a picture, not shown: {kind}, {count} bytes)"),
    N_("(sound, not shown: {kind}, {count} bytes)"),
    N_("({uri}, not shown: {kind}, {count} bytes)"),
    N_("(cut: the result has {count} characters)"),
)
"""The last of what a server's tool gave back, or all of it."""
EMPTY: Final = (N_("(empty)"),)
WITHIN: Final[Mapping[str, tuple[str, ...]]] = {
    "run_python": (N_("(… {count} characters …)"),),
    "read_file": (N_("… ({count} more characters in this line)"),),
    "find_files": (N_("1: (over several lines)"),),
}
CUT: Final = (N_("… [cut: {kept} of {whole} characters]"),)
"""At the end of a result that took more tokens than there is room for."""
SOURCES: Final = (N_("search results of {host}"), N_("MCP server {name}"))
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
    if language() == "en":
        return result
    ours = EMPTY if source else (*EMPTY, *RESULTS.get(tool, ()))
    return translated(result, ours) or _with_notes(tool, result)


def source_in_words(source: str) -> str:
    """Whose words a result holds, as a person reads it; paths and addresses as they are."""
    return tr("Clipboard") if source == "clipboard" else translated(source, SOURCES) or source


def _with_notes(tool: str, result: str) -> str:
    """``result`` as it came, but for the notes of ours."""
    last = OF_SERVERS if "__" in tool else LAST.get(tool, ())
    text = note_translated(result, WITHIN.get(tool, ()), "anywhere")
    text = note_translated(text, FIRST.get(tool, ()), "begin")
    text = note_translated(text, last, "end")
    return note_translated(text, CUT, "close")


def preview_in_words(tool: str, preview: str) -> str:
    """What a call would do, as a person reads it; in a difference, only its first and its last line may be ours."""
    templates = PREVIEWS.get(tool)
    if not templates or language() == "en":
        return preview
    first, line_break, rest = preview.partition("\n")
    first = translated(first, templates) or first
    between, other_break, last = rest.rpartition("\n")
    return first + line_break + between + other_break + (translated(last, templates) or last)
