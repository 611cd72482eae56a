"""Finds passwords and keys in a server's command and address, so that the key store keeps them, not a file.

Careful in both directions. What may be a path, a package, a number or a variable is no secret. What could be a command
to a shell is never taken for one, whatever it is called: a person reads the command before it starts, and nothing that
runs may be hidden from them. Keeps nothing, and knows no server.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from inference_worker.protocol.placeholders import names_in, place_of

_HARMLESS: Final = re.compile(r"[\w.~+/=:@!#%^*,?$-]+", re.ASCII)
"""Signs of a value that no shell runs: no blank, quote, bracket, pipe or semicolon."""
_SHORTEST: Final = 4
_FLAG: Final = re.compile(r"--?[A-Za-z][\w.-]*|[Xx]-[\w-]+|[Aa]uthorization")
_NAMED: Final = re.compile(r"-{0,2}([A-Za-z_][\w.-]*)=")
_HEADER: Final = re.compile(r"(?:([A-Za-z][\w-]*):\s*)?(?:(Bearer|Basic|Token|ApiKey)\s+)?(\S+)\s*", re.IGNORECASE)
_LOGIN: Final = re.compile(r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]*://([^\s/?#:@\"']*):([^\s/?#\"']+)@")
"""Without the signs that end a host: what is hidden must not be where a request really goes."""
_PAIR: Final = re.compile(r"(?<![\w.$-])-{0,2}([A-Za-z_][\w.-]*)=([^\s&;\"']+)")
_IN_JSON: Final = re.compile(r"[\"']([A-Za-z_][\w.-]*)\\?[\"']\s*:\s*\\?[\"']([^\s\"'\\]+)")
_FLAG_INSIDE: Final = re.compile(r"(?<!\S)--?([A-Za-z][\w.-]*)\s+([^\s&;\"'|]+)")
_KNOWN: Final = re.compile(
    r"(?<![\w.@-])(?:"
    r"sk-(?=[\w-]*\d)[\w-]{16,}|[sr]k_(?:live|test)_\w{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|hf_\w{20,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|npm_\w{30,}|pypi-[\w-]{30,}"
    r"|dop_v1_\w{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|BSA(?=[\w-]*\d)[\w-]{20,}|tvly-[\w-]{16,}|gsk_\w{20,}|ntn_\w{20,}"
    r"|secret_\w{30,}|lin_api_\w{20,}|figd_[\w-]{20,}|shp(?:at|pa|ss)_\w{20,}|sbp_\w{20,}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+"
    r")(?![\w-])",
    re.ASCII,
)
"""What well-known services begin their keys with."""
_SECRET_ENDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "secret", "token", "bearer", "cookie", "credential", "credentials"),
    *("apikey", "accesskey", "secretkey", "privatekey", "authkey", "authorization"),
)
_SECRET_WORDS: Final = frozenset({"pass", "pat"})
_PERHAPS: Final = frozenset({"key", "auth", "code", "sig", "signature"})
"""Names that a secret may have, and much else: the value must look like one."""
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NO_SECRET: Final = re.compile(
    r"""
    [+-]?[\d.,:]+                                  # a number, a time
  | (?i:true|false|yes|no|none|null|on|off|auto|default|oauth2?|basic|bearer|required|optional|prompt|stdin|env|keyring)
  | \$\w+ | %\w+% | [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+  # a variable, and the name of one
  | (?:\.{1,2}|~)?/[\w.@~/-]* | [A-Za-z]:/.*       # a path
  | [a-z0-9_.-]+(?:/[a-z0-9_.-]+)+
  | .*\.(?i:json|pem|key|crt|txt|env|ya?ml|toml|ini|conf|p12|pfx|[jt]s|py)
  | @[\w.-]+/[\w.@-]+                             # a package
  | .*://.*                                       # an address, whose own parts are looked at
  | -.*                                           # another flag
    """,
    re.VERBOSE,
)


class Apart(NamedTuple):
    """A command and an address with places where their secrets were."""

    command: tuple[str, ...]
    url: str
    secrets: dict[str, str]
    """Values by the names in the places."""


class _Found(NamedTuple):
    start: int
    end: int
    name: str


def set_apart(command: tuple[str, ...], url: str = "") -> Apart:
    """What is secret in them, and the rest. What is a place already stays one.

    The same texts give the same places, so a server is the same before and after its secrets moved.
    """
    names = _Names(names_in((*command, url)))
    secrets: dict[str, str] = {}
    texts: list[str] = []
    for before, text in zip(("", *command), (*command, url), strict=True):
        kept, at = "", 0
        for found in _secrets_in(text, before if len(texts) < len(command) else ""):
            name = names.free(found.name)
            secrets[name] = text[found.start : found.end]
            kept += text[at : found.start] + place_of(name)
            at = found.end
        texts.append(kept + text[at:])
    return Apart(tuple(texts[:-1]), texts[-1], secrets)


def _secrets_in(text: str, before: str) -> list[_Found]:
    """In order, none inside another; ``before`` is the argument in front."""
    found: list[_Found] = []
    for one in (*_after_flag(text, before), *(one for look in _LOOKS for one in look(text))):
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    return sorted(found)


def _after_flag(text: str, before: str) -> Iterator[_Found]:
    """``--token VALUE`` or ``X-API-Key VALUE`` in two arguments."""
    name = before.lstrip("-")
    if _FLAG.fullmatch(before) and _is_secret(name, text):
        yield _Found(0, len(text), name)


def _named(text: str) -> Iterator[_Found]:
    """``--token=VALUE``, ``NAME=VALUE``, ``Authorization: Bearer VALUE``, and these behind ``--env=``."""
    start = 0
    for _ in range(3):
        header = _HEADER.fullmatch(text, start)
        if header and (_is_secret(header[1] or "", header[3]) or (header[2] and _is_secret("auth", header[3]))):
            yield _Found(*header.span(3), header[1] or header[2])
        named = _NAMED.match(text, start)
        if named is None:
            return
        start = named.end()
        if _is_secret(named[1], text[start:]):
            yield _Found(start, len(text), named[1])
            return


def _logins(text: str) -> Iterator[_Found]:
    """``scheme://user:VALUE@host``: what stands there is a password, whatever it looks like."""
    for login in _LOGIN.finditer(text):
        if _HARMLESS.fullmatch(login[2]) and not login[2].startswith("$"):
            yield _Found(*login.span(2), "password")


def _pairs(text: str) -> Iterator[_Found]:
    """Parameters of an address, pieces of a connection string, texts in JSON, and flags inside a longer text."""
    for pattern in (_PAIR, _IN_JSON, _FLAG_INSIDE):
        for pair in pattern.finditer(text):
            if _is_secret(pair[1], pair[2]):
                yield _Found(*pair.span(2), pair[1])


def _known(text: str) -> Iterator[_Found]:
    for known in _KNOWN.finditer(text):
        if known.start() == 0 or text[known.start() - 1] != "/" or "://" in text:
            yield _Found(*known.span(), "token")


_LOOKS: Final[tuple[Callable[[str], Iterator[_Found]], ...]] = (_named, _logins, _pairs, _known)


def _is_secret(name: str, value: str) -> bool:
    """Whether ``value`` under ``name`` is one."""
    words = [word.lower() for word in _WORD.findall(name)] or [""]
    if not _could_be(value):
        return False
    if "".join(words).endswith(_SECRET_ENDS) or words[-1] in _SECRET_WORDS:
        return True
    return (words[-1] in _PERHAPS or words[-1].endswith("key")) and _looks_random(value)


def _could_be(value: str) -> bool:
    return len(value) >= _SHORTEST and bool(_HARMLESS.fullmatch(value)) and not _NO_SECRET.fullmatch(value)


def _looks_random(value: str) -> bool:
    """Several kinds of signs, as no word has."""
    kinds = (str.isdigit, str.islower, str.isupper)
    return len(value) >= 8 and sum(any(map(kind, value)) for kind in kinds) >= 2


class _Names:
    """Names of places, each unlike all others where big and small letters are one, as in some key stores."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}
        self._counts: Counter[str] = Counter()

    def free(self, wanted: str) -> str:
        """``wanted``, or that with a number."""
        wanted = name = re.sub(r"[^A-Za-z0-9_.-]", "", wanted)[:56] or "secret"
        while name.lower() in self._taken:
            self._counts[wanted.lower()] += 1
            name = f"{wanted}-{self._counts[wanted.lower()] + 1}"
        self._taken.add(name.lower())
        return name
