"""What tools are for and take, as a person at a command line reads it; the model is told so by the worker, in English.

Tools of servers, and arguments that are not known here, are described in their own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nyanko_desktop.i18n import N_, tr_marked
from nyanko_desktop.reasons.words import translated

PURPOSES: Final[Mapping[str, str]] = {
    "calculate": N_("Works out an arithmetic expression exactly."),
    "now": N_("Tells the local date, time and weekday."),
    "remind": N_("Sets a reminder."),
    "list_reminders": N_("Lists the reminders that are still to come, with their numbers."),
    "edit_reminder": N_("Changes or deletes a reminder."),
    "remember": N_("Notes something about you for later conversations."),
    "recall": N_("Finds notes from earlier conversations."),
    "forget": N_("Strikes out the one note that holds these words."),
    "read_file": N_("Reads a text file in a folder that is open to tools."),
    "find_files": N_("Finds files in the folders that are open to tools, by their names or by words in them."),
    "write_file": N_("Writes a text file in a folder that is open to tools; this can be taken back."),
    "undo_write": N_("Takes back what write_file wrote."),
    "run_python": N_("Runs a Python program without network or files."),
    "fetch": N_("Fetches a web page as text."),
    "search": N_("Searches the web."),
    "open": N_("Shows a web page in your browser."),
}
TEXTS: Final[Mapping[str, str]] = {
    "calculate": N_("the expression"),
    "remind": N_("WHEN | WHAT; WHEN is 10m, 2h, 18:30 or 2026-11-21 18:30"),
    "edit_reminder": N_("NUMBER | WHEN | WHAT, or NUMBER | delete"),
    "remember": N_("what shall be noted"),
    "forget": N_("words of the note"),
    "undo_write": N_("the name that was told when the file was written"),
    "open": N_("the whole address, with https://"),
}
"""What the one text of a tool is, where the worker's description says it with an example alone."""
NOTES: Final = (
    N_("in an open folder, for example notes/today.txt"),
    N_("part of the name, or a pattern like *.txt"),
    N_("words that the file must hold"),
    N_("where to look; else in all open folders"),
    N_("all that the file shall hold"),
    N_("prints what shall be known"),
    N_("the whole address, with https://"),
    N_("which part of a long page; 1 is the beginning"),
    N_("a few words"),
    N_("words of the notes; none for all of them"),
)
"""What the worker says of single arguments."""


def purpose_in_words(name: str, description: str, *, ours: bool) -> str:
    """What the tool ``name`` is for."""
    return tr_marked(PURPOSES[name]) if ours and name in PURPOSES else description


def argument_in_words(tool: str, name: str, description: str, *, ours: bool) -> str:
    """What the argument ``name`` of ``tool`` is; may be empty."""
    if not ours:
        return description
    if not description and name == "text" and tool in TEXTS:
        return tr_marked(TEXTS[tool])
    return translated(description, NOTES) or description
