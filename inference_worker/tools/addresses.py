"""Which web addresses may be reached at all. Resolves no name and opens no connection.

An address in numbers is judged here; a name is judged by what it resolves to, which safe_http does with
:func:`is_public`. Written as what is allowed, not as what is known to be bad: an odd form is refused although it might
be harmless.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from inference_worker.tools.base import ToolError

LONGEST_ADDRESS: Final = 4_000
"""Characters."""
PORTS: Final = frozenset({80, 443, 8080, 8443})
"""Where web servers listen; others belong to services that a forged request could talk to."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_LOCAL_NAMES: Final = frozenset(
    (
        "localhost",
        "local",
        "internal",
        "intranet",
        "corp",
        "home",
        "lan",
        "private",
        "localdomain",
        "domain",
        "workgroup",
        "onion",
        "svc",
        "test",
        "invalid",
    )
)
"""Last labels that are no public names (RFC 6761, RFC 6762, RFC 7686, and names that ICANN promised never to give)."""
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_CHARACTERS: Final = "%/:=&~+!$,;'@()*-._"
_NO_WEB_ADDRESS: Final = "that is no web address: write it whole, for example https://example.com/page"


@dataclass(frozen=True, slots=True)
class Address:
    """A checked web address."""

    scheme: str
    host: str
    """In ASCII, lower case, without brackets and without a dot at the end."""
    port: int
    target: str
    """Path and query, in ASCII."""

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """Host and port as written in an address; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.target}"


def parse_address(untrusted: str, of_the_person: bool = False) -> Address:
    """``untrusted`` if it may be reached as far as its text tells; else ToolError.

    One ``of_the_person``, from the settings, may lie in their own network and on any port.
    """
    text = untrusted.strip()
    if not text or len(text) > LONGEST_ADDRESS or not all(_is_plain(char) for char in text):
        raise ToolError(_NO_WEB_ADDRESS)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ToolError(_NO_WEB_ADDRESS) from None
    if parts.scheme and parts.scheme not in ("http", "https"):
        raise ToolError("only http and https addresses can be reached")
    if text[len(parts.scheme) :][:3] != "://" or not host or parts.netloc.endswith(":"):
        raise ToolError(_NO_WEB_ADDRESS)
    if "@" in parts.netloc:
        raise ToolError("an address with a user name in it is not reached")
    host = _host_in_brackets(host) if "[" in parts.netloc else _host_name(host, of_the_person)
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    if not of_the_person:
        _check_public(host, port)
    target = quote(parts.path or "/", _PATH_CHARACTERS) + ("?" if parts.query else "")
    return Address(parts.scheme, host, port, target + quote(parts.query, _PATH_CHARACTERS + "?"))


def _is_plain(char: str) -> bool:
    """Browsers read a backslash as a slash and drop what cannot be seen; both are used to hide the real host."""
    return char > " " and char != "\\" and unicodedata.category(char)[0] not in "CZ"


def _host_in_brackets(host: str) -> str:
    try:
        if "%" in host:
            raise ValueError("a zone is a network card of this machine")
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise ToolError(_NO_WEB_ADDRESS) from None


def _host_name(host: str, of_the_person: bool) -> str:
    name = _in_ascii(host).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ToolError(_NO_WEB_ADDRESS)
    if _NUMBER.fullmatch(labels[-1]):
        return _four_numbers(name)
    if not of_the_person and (len(labels) == 1 or labels[-1] in _LOCAL_NAMES or name.endswith(".home.arpa")):
        raise ToolError(f"{name} is a name of this machine or of a local network: it is not reached")
    return name


def _in_ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise ToolError(_NO_WEB_ADDRESS) from None


def _four_numbers(name: str) -> str:
    """Resolvers also take ``127.1``, ``0x7f000001`` and ``0177.0.0.1``; nobody means those."""
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        raise ToolError("an address in numbers is written as four decimal numbers") from None


def _check_public(host: str, port: int) -> None:
    if port not in PORTS:
        raise ToolError(f"port {port} is not one of the web: only 80, 443, 8080 and 8443 are reached")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name: what it resolves to is checked when it is
    if not is_public(address):
        raise not_public(host)


def not_public(host: str) -> ToolError:
    return ToolError(f"{host} is on this machine or in a local network: it is not reached")


# ---------------------------------------------------------------- addresses in numbers

_NOT_PUBLIC_4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider
        "127.0.0.0/8",
        "168.63.129.16/32",  # answers for the host of a virtual machine
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_PUBLIC_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
"""Bits 64 to 95 of addresses that carry one of version 4 (RFC 5214)."""


def is_public(address: IPAddress) -> bool:
    """Whether ``address`` is one of the public internet by the registries of IANA, and no wrapping of another one."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None or address not in _PUBLIC_6:
        return False
    wraps = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return not wraps and not any(address in network for network in _NOT_PUBLIC_6)
