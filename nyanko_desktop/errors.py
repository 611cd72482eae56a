"""From a stable error code to what a person reads: what happened, why, what to do next. Knows no widget and no wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.messages import FinishReason
from nyanko_desktop.chat.view_state import Action, Explanation
from nyanko_desktop.i18n import tr
from nyanko_desktop.reasons.words import reason_in_words

_SPOKEN = ("reason", "what")
"""Parameters that are words rather than names, numbers and paths."""


def explain(error: WireError) -> Explanation:
    """``error`` in words, in the language of now."""
    params = {name: reason_in_words(text) if name in _SPOKEN else text for name, text in error.params.items()}
    title, reason, hint, action = _WORDS[error.code](_Params(params))
    return Explanation(title=title, reason=reason, hint=hint, action=action, code=error.code.value)


def in_one_line(words: Explanation) -> str:
    """Title and reason for where there is one line; a reason that is a sentence of its own begins with a capital."""
    if words.reason[:1].isupper():
        return tr("{title}. {reason}", title=words.title, reason=words.reason)
    return tr("{title}: {reason}", title=words.title, reason=words.reason)


def two_sentences(first: str, then: str) -> str:
    """One behind the other, with the full stop that a reason without one lacks; either may be empty."""
    if not first or not then:
        return first or then
    if first[-1] in "。！？":
        return first + then
    return f"{first} {then}" if first[-1] in ".!?…" else tr("{title}. {reason}", title=first, reason=then)


def explain_profile(error: OSError) -> str:
    """Why the profile folder cannot be used, in one line: before there is a profile there is no log and no card."""
    reason = reason_in_words(f"{error.filename}: {error.strerror}")
    return tr("The profile cannot be used: {reason}", reason=reason)


def explain_finish(reason: FinishReason) -> Explanation | None:
    """Why a reply ended early, in words; ``None`` for one that is simply over."""
    words = _FINISH_WORDS.get(reason)
    if words is None:
        return None
    title, why, hint, action = words()
    return Explanation(title=title, reason=why, hint=hint, action=action, code=reason)


def explain_interrupted() -> Explanation:
    """What a person reads below a reply that the program could not end, for example after a crash."""
    return Explanation(
        title=tr("This reply was interrupted"),
        reason=tr("The program ended before the reply did. Everything that was written until then is here."),
        hint=tr("Continue goes on from the last word."),
        action="continue",
        code="interrupted",
    )


def bytes_in_words(count: float) -> str:
    """``5368709120`` -> ``5.0 GB``; units of 1024, as memory is counted."""
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


class _Params(dict[str, str]):
    """Parameters of an error from the other side of the wire: one that is missing must not hide the error itself."""

    def __missing__(self, name: str) -> str:
        return "?"

    def size(self, name: str) -> str:
        value = self[name]
        return bytes_in_words(int(value)) if value.isdigit() else value


_Words = tuple[str, str, str, Action]


def _protocol_mismatch(p: _Params) -> _Words:
    return (
        tr("Two versions of Nyanko met"),
        tr("This program speaks protocol {ours}, the other one {theirs}.", ours=p["ours"], theirs=p["theirs"]),
        tr("Quit Nyanko, make sure that only one version is installed, and start it again."),
        "none",
    )


def _bad_token(_: _Params) -> _Words:
    return (
        tr("The connection was refused"),
        tr("The other program did not know the secret of this start."),
        tr("Quit Nyanko and start it again."),
        "restart_worker",
    )


def _bad_request(p: _Params) -> _Words:
    return (
        tr("This cannot be done"),
        p["reason"],
        _where_to_change(p) or tr("Change the request and try again."),
        "none",
    )


def _busy(p: _Params) -> _Words:
    if "job" in p:
        return (
            tr("This is being done already"),
            tr("Another program, perhaps the Nyanko in your tray, does just this: {job}.", job=p["job"]),
            tr("Wait until it has ended, or pause it there."),
            "none",
        )
    return (
        tr("Nyanko is busy"),
        tr("Another task must end first."),
        tr("Wait a moment and try again."),
        "retry",
    )


def _no_model(_: _Params) -> _Words:
    return (
        tr("No model is loaded"),
        tr("The memory was given back, or loading has not begun."),
        tr("Try again, or choose a model in Settings."),
        "retry",
    )


def _model_not_found(p: _Params) -> _Words:
    if "name" in p:
        return (
            tr("There is no such model here"),
            tr("No model, folder or file is called {name}.", name=p["name"]),
            tr("“nyanko models list” shows what is here; with --catalogue it shows what can be downloaded."),
            "none",
        )
    return (
        tr("The model folder is missing"),
        tr("There is no folder {path}.", path=p["path"]),
        tr("Choose another model in Settings, or bring the folder back."),
        "open_settings",
    )


def _not_a_model(p: _Params) -> _Words:
    return (
        tr("This folder is no model"),
        tr("{path}: {reason}", path=p["path"], reason=p["reason"]),
        tr("Choose a folder that holds config.json and .safetensors files."),
        "open_settings",
    )


def _broken_checkpoint(p: _Params) -> _Words:
    return (
        tr("A file of the model is damaged"),
        tr("{path}: {reason}", path=p["path"], reason=p["reason"]),
        tr("Download or copy this file again, or choose another model in Settings."),
        "open_settings",
    )


def _unsupported_model(p: _Params) -> _Words:
    return (
        tr("This kind of model is not supported"),
        tr("{path} ({architecture}): {reason}.", path=p["path"], architecture=p["architecture"], reason=p["reason"]),
        tr("Choose another model in Settings."),
        "open_settings",
    )


def _unsupported_device(p: _Params) -> _Words:
    return (
        tr("This device cannot be used"),
        tr("{device}: {reason}", device=p["device"], reason=p["reason"]),
        tr("Choose another device in Settings; “auto” takes the best one."),
        "open_settings",
    )


def _out_of_memory(p: _Params) -> _Words:
    return (
        tr("The model does not fit into memory"),
        tr(
            "{device} has {free} free; {needed} are needed.",
            device=p["device"],
            free=p.size("free"),
            needed=p.size("needed"),
        ),
        _what_fits(p),
        "open_settings",
    )


def _what_fits(p: _Params) -> str:
    """Where the plan knows it, what would fit instead."""
    match "context" in p, "precision" in p:
        case True, True:
            return tr(
                "It fits with a context of {context} tokens, or as {precision}: choose one in Settings.",
                context=p["context"],
                precision=p["precision"],
            )
        case True, False:
            return tr("It fits with a context of {context} tokens: choose that in Settings.", context=p["context"])
        case False, True:
            return tr("It fits as {precision}: choose that in Settings.", precision=p["precision"])
    return tr("Close other programs, or choose a smaller precision or model in Settings.")


def _context_full(p: _Params) -> _Words:
    return (
        tr("This is too long for the model"),
        tr("It has {tokens} tokens; {fits} fit.", tokens=p["tokens"], fits=p.get("fits", p["context"])),
        tr("Shorten the message, or choose a model with a longer context in Settings."),
        "open_settings",
    )


def _unknown_tool(p: _Params) -> _Words:
    return (
        tr("There is no such tool"),
        tr("“{name}” is none of: {known}.", name=p["name"], known=p["known"]),
        tr("Use one of these names."),
        "none",
    )


def _tool_failed(p: _Params) -> _Words:
    return (
        tr("The tool {name} could not do it", name=p["name"]),
        p["reason"],
        _where_to_change(p) or _what_it_takes(p) or tr("Change what the tool is asked for and try again."),
        "retry",
    )


def _where_to_change(p: _Params) -> str:
    """For a command line, whose person may have no display: the line of the settings file that is missing."""
    if "line" not in p:
        return ""
    return tr(
        "Use Settings, or write {line} below [{section}] in {file} while Nyanko is not running.",
        line=p["line"],
        section=p["section"],
        file=p["file"],
    )


def _what_it_takes(p: _Params) -> str:
    """For a command line, where no card shows the arguments of a tool."""
    match "needed" in p, "optional" in p:
        case True, True:
            words = tr("It needs {needed}, and takes {optional}", needed=p["needed"], optional=p["optional"])
        case True, False:
            words = tr("It needs {needed}", needed=p["needed"])
        case False, True:
            words = tr("It takes {optional}", optional=p["optional"])
        case _:
            return ""
    return tr("{words}, for example: {example}", words=words, example=p["example"])


def _approval_required(p: _Params) -> _Words:
    return (
        tr("The tool {name} needs your permission", name=p["name"]),
        tr("This call did not run."),
        tr("Allow it beforehand: {options}", options=p["options"]),
        "retry",
    )


def _worker_start_failed(p: _Params) -> _Words:
    return (
        tr("The worker did not start"),
        p["reason"],
        tr("Try to start it again; “nyanko doctor” in a terminal shows what is missing."),
        "restart_worker",
    )


def _worker_lost(p: _Params) -> _Words:
    if "tool" in p:
        return (
            tr("The worker stopped while {tool} ran", tool=p["tool"]),
            p["reason"],
            tr("How far the call came is not known. Look before you run it again."),
            "none",
        )
    return (
        tr("The worker stopped in the middle of the reply"),
        p["reason"],
        tr("Everything written so far is kept. Continue goes on from the last word."),
        "continue",
    )


def _job_lost(p: _Params) -> _Words:
    return (
        tr("The task stopped before its end"),
        p["reason"],
        tr("What was done so far is kept. Go on with it whenever you like."),
        "retry",
    )


def _timed_out(p: _Params) -> _Words:
    return (
        tr("This took too long"),
        tr("{what} did not end within {seconds} seconds.", what=p["what"], seconds=p["seconds"]),
        tr("Try again; if it happens often, restart the worker."),
        "retry",
    )


def _disk_full(p: _Params) -> _Words:
    return (
        tr("The disk is full"),
        _what_is_missing(p),
        tr("Free some space, then try again."),
        "retry",
    )


def _what_is_missing(p: _Params) -> str:
    if "needed" not in p:
        return tr("{path} could not be written. What was stored before is safe.", path=p["path"])
    return tr("{path} needs {needed}; {free} are free.", path=p["path"], needed=p.size("needed"), free=p.size("free"))


def _folders_closed(p: _Params) -> _Words:
    reasons = [reason_in_words(reason) for reason in p["reasons"].split("\n")]
    return (
        tr("Not every folder is open to tools"),
        reduce(lambda first, rest: tr("{first}; {rest}", first=first, rest=rest), reasons),
        tr("Choose other folders in Settings. What your settings say is kept."),
        "open_settings",
    )


def _tools_changed(p: _Params) -> _Words:
    return (
        tr("Tools of servers have changed"),
        tr("They are not what they were when you switched them on: {names}", names=p["names"]),
        tr("Models are not offered them until you look at them in Settings (Servers) and switch them on again."),
        "open_settings",
    )


def _offline(p: _Params) -> _Words:
    if "variable" in p:
        return (
            tr("Nyanko is offline"),
            tr("{variable} is set in the environment, so nothing is fetched from any hub.", variable=p["variable"]),
            tr("Start Nyanko without it to download models."),
            "none",
        )
    return (
        tr("Nyanko is offline"),
        tr("The offline switch in Settings is on, so nothing is fetched."),
        tr("Turn the switch off to download models."),
        "open_settings",
    )


def _hub_unreachable(p: _Params) -> _Words:
    return (
        tr("The model hub cannot be reached"),
        tr("{endpoint}: {reason}", endpoint=p["endpoint"], reason=p["reason"]),
        tr("Check the connection, or choose a mirror in Settings. What was fetched so far is kept."),
        "retry",
    )


def _hub_refused(p: _Params) -> _Words:
    return (
        tr("The model hub refused"),
        tr(
            "{endpoint} does not hand out {repository}: {reason}",
            endpoint=p["endpoint"],
            repository=p["repository"],
            reason=p["reason"],
        ),
        tr("It may need an access token, or its licence accepted on the hub's page. Set the token in Settings."),
        "open_settings",
    )


def _repository_not_found(p: _Params) -> _Words:
    return (
        tr("There is no such model"),
        tr("{endpoint} knows no repository {repository}.", endpoint=p["endpoint"], repository=p["repository"]),
        tr("Check the name: it looks like owner/model."),
        "none",
    )


def _file_corrupt(p: _Params) -> _Words:
    return (
        tr("A file arrived damaged"),
        tr("{path}: {reason}", path=p["path"], reason=p["reason"]),
        tr("It was put aside. Try again to fetch it anew."),
        "retry",
    )


def _not_writable(p: _Params) -> _Words:
    return (
        tr("Nothing can be stored here"),
        tr("{path}: {reason}", path=p["path"], reason=p["reason"]),
        tr("Allow Nyanko to write to this folder, or choose another one with --profile."),
        "retry",
    )


def _store_broken(p: _Params) -> _Words:
    return (
        tr("The conversation file could not be read"),
        tr("{path}: {reason}. It is kept as it was, and a new one is begun.", path=p["path"], reason=p["reason"]),
        tr("Your earlier conversations are in the kept file; nothing was deleted."),
        "none",
    )


def _settings_broken(p: _Params) -> _Words:
    return (
        tr("The settings could not be read completely"),
        tr("{path}: {reason}. What could not be read has its default value.", path=p["path"], reason=p["reason"]),
        tr("Your file is kept as {backup}.", backup=p["backup"]),
        "open_settings",
    )


def _settings_unknown(p: _Params) -> _Words:
    return (
        tr("Some settings are not known"),
        tr("{path}: {keys}. They are kept, and do nothing.", path=p["path"], keys=p["keys"]),
        tr("Look for a typing mistake; or a newer version wrote them."),
        "none",
    )


def _internal(p: _Params) -> _Words:
    return (
        tr("Something went wrong inside Nyanko"),
        p["reason"],
        tr("Try again. If it happens once more, copy the report and tell us."),
        "copy_report",
    )


_WORDS: Mapping[ErrorCode, Callable[[_Params], _Words]] = {
    ErrorCode.PROTOCOL_MISMATCH: _protocol_mismatch,
    ErrorCode.BAD_TOKEN: _bad_token,
    ErrorCode.BAD_REQUEST: _bad_request,
    ErrorCode.BUSY: _busy,
    ErrorCode.NO_MODEL: _no_model,
    ErrorCode.MODEL_NOT_FOUND: _model_not_found,
    ErrorCode.NOT_A_MODEL: _not_a_model,
    ErrorCode.BROKEN_CHECKPOINT: _broken_checkpoint,
    ErrorCode.UNSUPPORTED_MODEL: _unsupported_model,
    ErrorCode.UNSUPPORTED_DEVICE: _unsupported_device,
    ErrorCode.OUT_OF_MEMORY: _out_of_memory,
    ErrorCode.CONTEXT_FULL: _context_full,
    ErrorCode.UNKNOWN_TOOL: _unknown_tool,
    ErrorCode.TOOL_FAILED: _tool_failed,
    ErrorCode.APPROVAL_REQUIRED: _approval_required,
    ErrorCode.WORKER_START_FAILED: _worker_start_failed,
    ErrorCode.WORKER_LOST: _worker_lost,
    ErrorCode.JOB_LOST: _job_lost,
    ErrorCode.TIMED_OUT: _timed_out,
    ErrorCode.DISK_FULL: _disk_full,
    ErrorCode.NOT_WRITABLE: _not_writable,
    ErrorCode.STORE_BROKEN: _store_broken,
    ErrorCode.SETTINGS_BROKEN: _settings_broken,
    ErrorCode.SETTINGS_UNKNOWN: _settings_unknown,
    ErrorCode.FOLDERS_CLOSED: _folders_closed,
    ErrorCode.TOOLS_CHANGED: _tools_changed,
    ErrorCode.OFFLINE: _offline,
    ErrorCode.HUB_UNREACHABLE: _hub_unreachable,
    ErrorCode.HUB_REFUSED: _hub_refused,
    ErrorCode.REPOSITORY_NOT_FOUND: _repository_not_found,
    ErrorCode.FILE_CORRUPT: _file_corrupt,
    ErrorCode.INTERNAL: _internal,
}


def _stopped() -> _Words:
    return (
        tr("You stopped this reply"),
        tr("What was written until then is kept."),
        tr("Continue goes on from the last word."),
        "continue",
    )


def _length() -> _Words:
    return (
        tr("The reply reached its length limit"),
        tr("It may end in the middle of a thought."),
        tr("Continue goes on from the last word."),
        "continue",
    )


def _tool_limit() -> _Words:
    return (
        tr("The reply used too many tools in a row"),
        tr("Nyanko stopped it so that it does not go round in circles."),
        tr("Ask again in other words."),
        "retry",
    )


_FINISH_WORDS: Mapping[str, Callable[[], _Words]] = {
    "cancelled": _stopped,
    "length": _length,
    "tool_limit": _tool_limit,
}


def internal(error: BaseException) -> WireError:
    """An unexpected exception as an error that can be shown; its text may hold no more than a class and its message."""
    return WireError(ErrorCode.INTERNAL, {"reason": f"{type(error).__name__}: {error}"})
