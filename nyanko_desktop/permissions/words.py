"""Levels, kinds of grants and deciders as a person reads them, in the language of now."""

from __future__ import annotations

from inference_worker.protocol.messages import Level
from nyanko_desktop.chat.view_state import GrantOffer
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.view import CutOff, DecidedBy


def level_in_words(level: Level) -> str:
    """What a tool of that level can do."""
    match level:
        case "harmless":
            return tr("can do no harm")
        case "keep":
            return tr("notes something for you")
        case "private":
            return tr("reads what is yours")
        case "network":
            return tr("reaches out to the network")
        case "effect":
            return tr("changes or starts something")


def changed_in_words() -> str:
    """That what the person allowed was another tool."""
    return tr(
        "This is not the tool that you allowed: its server, or what that says of it, has changed since. Look at it in "
        "the settings (Servers) before you allow it again."
    )


def offer_in_words(offer: GrantOffer) -> str:
    """One kind of yes for longer."""
    match offer.remember:
        case "chat":
            return tr("always in this conversation")
        case "scope":
            return tr("always for {scope}", scope=offer.scope)
        case "always":
            return tr("always")


def decider_in_words(by: DecidedBy) -> str:
    """Who let a call run, or that nobody did."""
    match by:
        case "level":
            return tr("needs no permission")
        case "person":
            return tr("you were asked")
        case "grant":
            return tr("allowed before")
        case "command line":
            return tr("allowed by --allow")
        case "refused":
            return tr("nobody was asked")
        case "unanswered":
            return tr("no answer came")


def cut_off_in_words(cut_off: CutOff) -> str:
    """Why a call has no result; empty where it has one, or may get one."""
    match cut_off:
        case "":
            return ""
        case "lost":
            return tr("ended before it answered")
        case "unknown":
            return tr("not known how it ended")
