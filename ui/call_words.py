"""Tools and their calls as a person reads them. Pure; knows no widget, and decides nothing."""

from __future__ import annotations

import unicodedata
from typing import Final

from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.results import source_in_words

OF_SERVERS: Final = "__"
"""Between the name of a server and that of its tool."""
_HIDING: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
"""Categories of signs that show nothing, or put others into another order."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that look like no letter."""
_ICONS: Final = {
    "calculate": "calculate",
    "now": "now",
    "remind": "remind",
    "list_reminders": "remind",
    "edit_reminder": "remind",
    "remember": "note",
    "recall": "note",
    "forget": "note",
    "read_file": "file",
    "write_file": "file",
    "find_files": "folder",
    "read_clipboard": "copy",
    "fetch": "globe",
    "search": "search",
    "open": "globe",
    "run_python": "code",
}


def plainly(text: str) -> str:
    """``text`` with every sign that could hide or reorder others written out: it may be somebody else's."""
    if text.replace("\n", "").replace("\t", "").isprintable() and _BLANK.isdisjoint(text):
        return text
    return text.translate(_SIGNS)


def _shown(char: str) -> str:
    hides = char in _BLANK or (char not in "\n\t" and unicodedata.category(char) in _HIDING)
    return f"\\u{{{ord(char):x}}}" if hides else char


class _Signs(dict[int, str]):
    """Every sign that was met, by its number, as it is shown."""

    def __missing__(self, number: int) -> str:
        self[number] = shown = _shown(chr(number))
        return shown


_SIGNS: Final = _Signs()


def source_name(source: str) -> str:
    """What a person calls the place where words of others come from."""
    return plainly(source_in_words(source))


def tool_icon(tool: str) -> str:
    """Name of the line icon of a tool."""
    return _ICONS.get(tool, "tool")


def tool_name(tool: str) -> str:
    """What a person calls the tool; one of a server keeps the name that the server gave it."""
    match tool:
        case "calculate":
            return tr("Calculate")
        case "now":
            return tr("Clock")
        case "remind":
            return tr("Reminder")
        case "list_reminders":
            return tr("List of reminders")
        case "edit_reminder":
            return tr("Change a reminder")
        case "remember":
            return tr("Remember")
        case "recall":
            return tr("Recall")
        case "forget":
            return tr("Forget a note")
        case "read_file":
            return tr("Read a file")
        case "find_files":
            return tr("Find files")
        case "write_file":
            return tr("Write a file")
        case "read_clipboard":
            return tr("Clipboard")
        case "fetch":
            return tr("Fetch a page")
        case "search":
            return tr("Web search")
        case "open":
            return tr("Open a link")
        case "run_python":
            return tr("Run Python")
        case _:
            server, mark, name = tool.partition(OF_SERVERS)
            return f"{plainly(name)} · {plainly(server)}" if mark else plainly(tool)


def wish(call: ApprovalView) -> str:
    """What the call would do, in one sentence."""
    where = plainly(call.scope)
    match call.tool:
        case "remind":
            return tr("Nyanko wants to set a reminder")
        case "list_reminders":
            return tr("Nyanko wants to see your reminders")
        case "edit_reminder":
            return tr("Nyanko wants to change a reminder")
        case "remember":
            return tr("Nyanko wants to note something about you")
        case "forget":
            return tr("Nyanko wants to forget a note")
        case "read_file":
            return tr("Nyanko wants to read a file")
        case "find_files":
            return tr("Nyanko wants to look for files")
        case "write_file":
            return tr("Nyanko wants to write a file")
        case "read_clipboard":
            return tr("Nyanko wants to read your clipboard")
        case "fetch":
            if not where:
                return tr("Nyanko wants to fetch a page")
            return tr("Nyanko wants to fetch a page from {host}", host=where)
        case "search":
            return tr("Nyanko wants to search the web")
        case "open":
            return tr("Nyanko wants to open a link in your browser")
        case "run_python":
            return tr("Nyanko wants to run a program that it wrote")
        case tool:
            server, mark, name = tool.partition(OF_SERVERS)
            if mark:
                return tr(
                    "Nyanko wants to use “{tool}” of the server {server}", tool=plainly(name), server=plainly(server)
                )
            return tr("Nyanko wants to use “{tool}”", tool=plainly(tool))


def scope_name(call: ApprovalView) -> str:
    """What the scope of the call is."""
    match call.scope_kind:
        case "path":
            return tr("Real path")
        case "host":
            return tr("Host")
        case "server":
            return tr("Server")
        case "":
            return ""


def offer_words(offer: GrantOffer, call: ApprovalView) -> str:
    """What the button says that allows such calls for longer."""
    match offer.remember:
        case "chat":
            return tr("Allow in this chat")
        case "always":
            return tr("Always")
        case "scope":
            pass
    match call.scope_kind:
        case "path":
            return tr("Allow for this folder")
        case "host":
            return tr("Allow for this host")
        case _:
            return tr("Allow for this server")


def offer_covers(offer: GrantOffer, tool: str) -> str:
    """What the person would allow, in one sentence."""
    match offer.remember:
        case "chat":
            return tr("{tool} runs in this conversation without a question.", tool=tool_name(tool))
        case "scope":
            where = plainly(offer.scope)
            return tr("{tool} runs for {scope} without a question.", tool=tool_name(tool), scope=where)
        case "always":
            return tr("{tool} always runs without a question.", tool=tool_name(tool))
