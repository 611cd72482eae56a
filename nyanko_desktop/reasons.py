"""The reasons that come as plain English from the worker, its tools and the system, in the language of now.

A reason crosses the wire and is stored as English, because the model reads it too and a log must be searchable. Here
the known ones are matched, with the values in them. Knows no error code.
"""

from __future__ import annotations

import functools
import re

from nyanko_desktop.call_reasons import CALL_REASONS, PLACES
from nyanko_desktop.i18n import N_, language, tr, tr_marked
from nyanko_desktop.model_reasons import MODEL_REASONS
from nyanko_desktop.server_reasons import SERVER_REASONS

KNOWN = (
    # tools
    N_("division by zero"),
    N_("nothing to calculate"),
    N_("too long (more than {limit} characters)"),
    N_("a closing bracket too many"),
    N_("nested too deeply"),
    N_("something is missing at the end"),
    N_("unclosed bracket"),
    N_("write {example}"),
    N_("write one JSON object with {names}"),
    N_("write the time as 10m, 2h, 18:30 or 2026-11-21 18:30"),
    N_("write NUMBER | WHEN | WHAT or NUMBER | delete, for example 3 | 18:30 | water the plants"),
    N_('unexpected "{text}"'),
    N_('unexpected "{text}" inside brackets'),
    N_('unknown name "{name}"'),
    N_('a number is missing before "{text}"'),
    N_('an operator is missing before "{text}"'),
    N_('cannot read the number "{text}"'),
    N_('cannot read "{text}": write decimals with a point'),
    N_('"{text}" could be one number or two: write a space after the comma'),
    N_('a number is missing after "e" (for 2·e write 2*e)'),
    N_('"!!" is not offered: write (5!)! for the factorial of a factorial'),
    N_("{name} takes one number"),
    N_("round takes a number and, if wanted, a whole number of decimals"),
    N_("only decimal numbers"),
    N_("the numbers get too large"),
    N_("the exponent is too large"),
    N_("the result is too large"),
    N_("the result is too small"),
    N_("the result is too large to write down"),
    N_("the result is too large (! goes up to {limit})"),
    N_("! needs a whole number that is not negative"),
    N_("no square root of a negative number"),
    N_("a negative number needs a whole exponent"),
    N_("only the local time is known: write /now alone"),
    N_("write WHEN | WHAT, for example 10m | drink water"),
    N_("the text is too long (more than {limit} characters)"),
    N_("that time is over"),
    N_("that is too far ahead"),
    N_("there is no time {text}"),
    N_("there is no date {text}"),
    N_("there is no tool {name}"),
    N_("took longer than {seconds} seconds"),
    N_("the tool broke"),
    N_("stopped"),
    N_("not allowed"),
    N_("the arguments cannot be read"),
    N_("it could not be stored"),
    N_("it could not be recorded, so it did not run"),
    N_("nobody is there to be asked"),
    N_("offline"),
    N_("say what is meant"),
    N_("that is no link"),
    N_("only links that begin with http:// or https:// are opened"),
    N_("links are opened by the running app alone"),
    N_("the desktop did not open it"),
    N_("there is no reminder #{number} to come"),
    N_("nothing is noted about that"),
    N_("{count} notes hold these words: say more of the one"),
    N_("there are too many notes: forget some first"),
    N_("there are too many reminders: delete some first"),
    # files, pages, searches and programs
    N_("an address in numbers is written as four decimal numbers"),
    N_("an address with a user name in it is not reached"),
    N_("that is no web address: write it whole, for example https://example.com/page"),
    N_("only http and https addresses can be reached"),
    N_("port {port} is not one of the web: only 80, 443, 8080 and 8443 are reached"),
    N_("{host} is on this machine or in a local network: it is not reached"),
    N_("{name} is a name of this machine or of a local network: it is not reached"),
    N_("there is no {host}, or no connection to ask for it"),
    N_("{host} cannot be reached: {reason}"),
    N_("{host} answered with the status {status}"),
    N_("{host} redirects to {address}: fetch that address if it is wanted"),
    N_("{host} redirects to an address that is not reached: {reason}"),
    N_("{host} redirects to something that is no web address"),
    N_("{host} redirects without an end"),
    N_("the answer is too large (more than {limit} MiB)"),
    N_("the answer is damaged"),
    N_("the answer is packed in a way that was not asked for"),
    N_("what is there is no text"),
    N_("what is there is no text ({kind})"),
    N_("what is there defines entities of its own, which is not read"),
    N_("there is no such part: the page has {count}"),
    N_("offline: nothing may reach out"),
    N_("no search engine is set: the person can set one in the settings"),
    N_("the search engine wants a key: the person can set one in the settings"),
    N_("the search library is not installed: pip install 'nyanko-desktop[search]'"),
    N_("{host} does not let us search (status {status}): see the settings"),
    N_("{host} did not answer with search results"),
    N_("{host} gave no results"),
    N_("say what to search for"),
    N_("say a name or a text to look for"),
    N_("no folder is open to tools: the person can open one in the settings"),
    N_("write the path of a file, for example notes/today.txt"),
    N_("there is no folder for {path}"),
    N_("there is no {path}"),
    N_("{path} is a folder"),
    N_("{path} is no path"),
    N_("{path} leads elsewhere now than when it was asked about: try again"),
    N_("{path} is no ordinary file"),
    N_("{path} is outside of the folders that are open to tools"),
    N_("{path} cannot be opened: {reason}"),
    N_("{path} goes through something that is no folder"),
    N_("{path} may not be touched: permission denied"),
    N_("{path} is a path of another system: write / between folders"),
    N_("{path} is a path of the network or of a device"),
    N_("{path} is no path below an open folder: no variable, ~ or address is filled in"),
    N_("{path} is the name of a device or another name of a file"),
    N_("the file is too large (more than {limit} MiB)"),
    N_("the file holds no text"),
    N_("there is no such line: the file has {count}"),
    N_("the folders are nested too deeply, or vanished meanwhile"),
    N_("the file changed meanwhile: read it again"),
    N_("the file changed since, so it is left alone"),
    N_("there is no place to keep what is replaced, so nothing is written"),
    N_("what would be replaced cannot be kept, so nothing is written"),
    N_("what was replaced cannot be read any more"),
    N_("it was taken back already, or is too long ago"),
    N_("that is no name of a kept file"),
    N_("running Python is switched off: the person can switch it on in the settings"),
    N_("this system cannot confine a program, so none is run"),
    N_("this system cannot confine a program, so none is run ({reason})"),
    N_("this system cannot start a program"),
    N_("the program ran longer than {seconds} seconds"),
    N_("the program printed too much"),
    # ends of processes and connections
    N_("the worker closed the connection"),
    N_("the app closed the connection"),
    N_("the other side closed the connection"),
    N_("the connection was closed"),
    N_("the worker was silent for {seconds} s"),
    N_("the worker did not stop within {seconds} s"),
    N_("no answer within {seconds} s"),
    N_("memory was given back"),
    N_("the app closes"),
    N_("it was ended"),
    N_("the reply has no end"),
    N_("still running"),
    N_("ended by signal {number} ({name})"),
    N_("ended by signal {number} ({name}): {line}"),
    N_("ended with exit code {code}"),
    N_("ended with exit code {code}: {line}"),
    # models
    N_("there is no {file} in it"),
    N_("there are no weights ({kinds}) in it"),
    N_("its {file} names no model_type"),
    N_("transformers {version} has no model type {kind}"),
    N_("its weights are already quantized"),
    N_("it is not a causal language model"),
    N_("this machine has {devices}"),
    N_("the tensor {name} is missing"),
    N_("the tokenizer is missing"),
    N_("the tokenizer is missing; an older kind cannot be used"),
    N_("the tokenizer has no vocabulary"),
    N_("{name} has the shape {shape}, the model needs {needed}"),
    N_("{name} has the shape {shape}, not {needed}"),
    N_("{name} holds values that are no finite numbers"),
    N_("{name} is not in it, although {index} says so"),
    N_("the model computed values that are no finite numbers"),
    N_("the file is cut short: {size} bytes of {end}"),
    N_("the file is cut short: its header is not complete"),
    N_("the file is damaged or cut short"),
    N_("the file is missing, although {index} names it"),
    N_("the header is not valid JSON"),
    N_("the header is not a table of tensors"),
    N_("not valid JSON: {detail}"),
    N_("not a JSON object"),
    # what was asked for
    N_("The question is empty."),
    N_("jobs run in a process of their own, not in the running app"),
    N_("the model was trained for other tools"),
    N_("it is switched off in the settings"),
    N_("offered are {names}"),
    N_("the running app chooses its model itself: change it in Settings"),
    N_("Nyanko is running with {model} and chooses its model itself (Settings, or another --profile)"),
    N_("Nyanko is running without a model and chooses one itself (Settings, or another --profile)"),
    N_("the running app"),
    N_("handshake"),
    N_("there is no folder {path}"),
    N_("{path} is too much: choose a folder in it"),
    N_("{path} belongs to Nyanko itself: choose another folder"),
    N_("{path} is no whole path: write it from the root on"),
    N_("{path} is no folder"),
    N_("{path} does not answer"),
    N_("a SearXNG instance needs its address"),
    N_("there is no grant {id}"),
    # files
    N_("it was written by a newer version ({version})"),
    N_("not readable as TOML: {detail}"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("No space left on device"),
    N_("Input/output error"),
    *CALL_REASONS,
    *MODEL_REASONS,
    *SERVER_REASONS,
)

TO_THE_MODEL = "; answer in plain words now"
"""Behind the last error of a model that cannot write calls: no person need read it."""
_FORMS = {"count": r"\d+", "where": r"(?:an item of |the name |what )*(?:the arguments|\S+)(?: must hold)*"}
"""Of values whose templates would else be taken for other sentences."""


def reason_in_words(reason: str) -> str:
    """``reason`` in the language of now. One that is not known stays English, in quotes where that is not the language.

    Two reasons with ``; `` between them are taken one by one, and so is a reason behind ``FILE: ``.
    """
    if language() == "en" or not reason:
        return reason
    about, _, why = reason.partition(": ")
    whole, behind = _translated(reason), _translated(why)
    if behind is not None and (whole is None or _translated(about) is not None):
        return tr("{path}: {reason}", path=_translated(about) or about, reason=behind)
    if whole is not None:
        return whole
    first, _, rest = reason.partition("; ")
    if rest and (known := _translated(first)) is not None:
        return tr("{first}; {rest}", first=known, rest=reason_in_words(rest))
    return tr("“{reason}”", reason=reason)


def result_in_words(result: str) -> str:
    """The result of a failed call, ``error: …`` as the model reads it, for a person."""
    reason = result.removeprefix("error: ")
    if reason == result:
        return result
    return tr("error: {reason}", reason=reason_in_words(reason.removesuffix(TO_THE_MODEL)))


def translated(text: str, templates: tuple[str, ...]) -> str | None:
    """``text`` in the language of now, by the one of ``templates`` that it is made of; ``None`` where it is of none."""
    for template, pattern in _patterns(templates):
        if (found := pattern.fullmatch(text)) is not None:
            return tr_marked(template, **{name: _value(name, value) for name, value in found.groupdict().items()})
    return None


def _translated(reason: str) -> str | None:
    return translated(reason, KNOWN)


def _value(name: str, value: str) -> str:
    match name:
        case "where":
            return translated(value, PLACES) or value
        case "types":
            return value.replace(" or ", "/")
        case _:
            return value


@functools.cache
def _patterns(templates: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most particular first: sentences without values, then those with the longest fixed text."""
    ordered = sorted(templates, key=lambda template: ("{" in template, -len(re.sub(r"{\w+}", "", template))))
    return tuple((template, _pattern(template)) for template in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"{(\w+)}", template)
    fields = (re.escape(p) if i % 2 == 0 else f"(?P<{p}>{_FORMS.get(p, '.+?')})" for i, p in enumerate(pieces))
    return re.compile("".join(fields), re.S)
