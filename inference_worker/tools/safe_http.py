"""One HTTP request to an address that a model or a page chose. Knows no tool and what no answer means.

A name is resolved once, every address it has must be public, and the connection goes to exactly one of those; Host and
server name stay the name. No proxy of the environment, no cookie, no redirect followed; bytes count after
decompression; the whole request has one limit in time and ends when its call is cancelled.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import logging
import os
import selectors
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from inference_worker.tools.addresses import Address, is_public, not_public
from inference_worker.tools.base import Run, ToolError

if TYPE_CHECKING:
    import httpcore2

SECONDS: Final = 20.0
"""From the first look-up to the last byte of one request."""
LARGEST_BODY: Final = 4 * 2**20
"""Bytes after decompression; a page of text is smaller."""
_CONNECT_SECONDS: Final = 6.0
_POLL_SECONDS: Final = 0.2
"""How late a cancelled call can be noticed."""
_MOST_TRIED: Final = 3
"""Addresses of one name; the first nearly always answers."""
_MOST_MEMBERS: Final = 1_000
"""Packed pieces in one answer."""

# They log whole addresses and headers, and a search service's key is one.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses of ``host`` as the system knows them; OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def system_tls() -> ssl.SSLContext:
    """Trusts what this system trusts."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Network:
    """How the outside is reached; another one lets a test be the outside."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    route: Callable[[str, int], tuple[str, int]] = lambda address, port: (address, port)
    """Where a connection to a checked address really goes."""
    tls: Callable[[], ssl.SSLContext] = system_tls


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, body decompressed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of several the first."""
    body: bytes


@dataclass(slots=True)
class _Watch:
    """Ends a request that was cancelled or takes too long, with a ToolError."""

    run: Run
    seconds: float = SECONDS
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        if self.run.cancelled.is_set():
            raise ToolError("stopped")
        if time.monotonic() - self.started > self.seconds:
            raise ToolError(f"took longer than {self.seconds:g} seconds")


def get(
    address: Address,
    run: Run,
    network: Network,
    headers: Mapping[str, str] | None = None,
    of_the_person: bool = False,
    seconds: float = SECONDS,
) -> Answer:
    """The answer to GET, of any status. ToolError for whatever goes wrong, in words.

    With ``of_the_person`` the address is one from the settings and may be in their own network.
    """
    if run.access.offline:
        raise ToolError("offline: nothing may reach out")
    import httpcore2

    watch = _Watch(run, seconds)
    watch.check()
    run.reaches(address.host)
    backend = _backend(network, of_the_person, watch)
    sent = {"User-Agent": "nyanko-desktop", "Accept-Encoding": "gzip", "Connection": "close", **(headers or {})}
    try:
        tls = network.tls() if address.scheme == "https" else None
        with (
            httpcore2.ConnectionPool(ssl_context=tls, network_backend=backend) as pool,
            pool.stream("GET", str(address), headers=list(sent.items())) as response,
        ):
            return _read(response, watch)
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, OSError) as error:
        raise ToolError(f"{address.host} cannot be reached: {_words(error)}") from None


def _words(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message[:100]})"
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection comes about ({(cause.reason or 'it broke off').lower().replace('_', ' ')})"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:100]
        cause = cause.__cause__ or cause.__context__
    return "its answer is no valid HTTP"


def _read(response: httpcore2.Response, watch: _Watch) -> Answer:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 12 or int(announced) > LARGEST_BODY):
        raise _too_large()
    unpacked = _unpacked(headers.get("content-encoding", "identity").strip().lower())
    body = bytearray()
    reported = 0
    for chunk in response.iter_stream():
        watch.check()
        body += unpacked.add(chunk, LARGEST_BODY + 1 - len(body))
        if len(body) > LARGEST_BODY:
            raise _too_large()
        if len(body) - reported >= 2**18:
            reported = len(body)
            watch.run.report(f"{reported // 2**10} KiB")
    unpacked.finish()
    return Answer(response.status, headers, bytes(body))


def _too_large() -> ToolError:
    return ToolError(f"the answer is too large (more than {LARGEST_BODY // 2**20} MiB)")


class _Unpacked:
    """What came, as it was before it was packed; ToolError where it is damaged or ends too early."""

    def __init__(self, packed: bool) -> None:
        self._reader = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
        self._left = b""
        self._members = 0

    def add(self, chunk: bytes, room: int) -> bytes:
        """At most ``room`` bytes more."""
        if self._reader is None:
            return chunk[:room]
        found, rest = b"", self._left + chunk
        while rest and len(found) < room and self._continues(rest):
            try:
                found += self._reader.decompress(rest, room - len(found))
            except zlib.error:
                raise _damaged() from None
            rest = self._reader.unused_data
        self._left = rest[:2] if self._reader.eof else b""
        return found

    def _continues(self, rest: bytes) -> bool:
        """Whether ``rest`` belongs to it: several packed pieces may follow one another (RFC 1952, section 2.2)."""
        if self._reader is None or not self._reader.eof:
            self._members = max(1, self._members)
            return True
        if not rest.startswith(b"\x1f\x8b"):
            return False
        if self._members == _MOST_MEMBERS:
            raise _damaged()
        self._reader, self._members = zlib.decompressobj(zlib.MAX_WBITS | 32), self._members + 1
        return True

    def finish(self) -> None:
        if self._reader is not None and self._members and not self._reader.eof:
            raise _damaged()


def _unpacked(coding: str) -> _Unpacked:
    """ToolError for what was not asked for."""
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise ToolError("the answer is packed in a way that was not asked for")
    return _Unpacked(coding not in ("", "identity"))


def _damaged() -> ToolError:
    return ToolError("the answer is damaged")


# ---------------------------------------------------------------- connecting


def checked_addresses(host: str, port: int, network: Network, of_the_person: bool) -> Sequence[str]:
    """What ``host`` resolves to; ToolError where it is nothing, or where a single one of them is not public."""
    try:
        found = [host] if _is_numeric(host) else list(network.resolve(host, port))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise ToolError(f"there is no {host}, or no connection to ask for it")
    for address in found:
        if not of_the_person and not _is_public(address):
            raise not_public(host)
    return _alternating(found)[:_MOST_TRIED]


def _alternating(addresses: Sequence[str]) -> list[str]:
    """The same, with the two versions of IP by turns: one of them may lead nowhere (RFC 8305, section 4)."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    return [address for pair in zip_longest(first, other) for address in pair if address is not None]


def _is_numeric(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


def _is_public(address: str) -> bool:
    with contextlib.suppress(ValueError):
        return is_public(ipaddress.ip_address(address))
    return False


def _backend(network: Network, of_the_person: bool, watch: _Watch) -> Any:
    import httpcore2

    class Backend(httpcore2.NetworkBackend):
        """Connects to a checked address in place of the name."""

        def connect_tcp(self, host: str, port: int, *_args: Any, **_options: Any) -> Any:
            addresses = checked_addresses(host, port, network, of_the_person)
            for index, address in enumerate(addresses):
                try:
                    return Stream(_connected(network.route(address, port), watch))
                except OSError:
                    if index == len(addresses) - 1:
                        raise
            raise AssertionError("no address to connect to")

    class Stream(httpcore2.NetworkStream):
        """A socket whose every wait is cut into short ones, between which the watch looks."""

        def __init__(self, connection: socket.socket) -> None:
            self._socket = connection
            connection.settimeout(_POLL_SECONDS)

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the watch's is ours
            return bytes(_patiently(lambda: self._socket.recv(max_bytes), watch))

        def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
            view = memoryview(buffer)
            while view:
                view = view[_patiently(functools.partial(self._socket.send, view), watch) :]

        def close(self) -> None:
            self._socket.close()

        def start_tls(
            self,
            ssl_context: ssl.SSLContext,
            server_hostname: str | None = None,
            timeout: float | None = None,  # noqa: ARG002
        ) -> Any:
            try:
                secure = ssl_context.wrap_socket(
                    self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
                )
                self._socket = secure
                _patiently(secure.do_handshake, watch)
            except BaseException:
                self._socket.close()
                raise
            return Stream(secure)

        def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - nothing here is ever used again
            return None

    return Backend()


def _patiently(attempt: Callable[[], Any], watch: _Watch) -> Any:
    """The result of ``attempt``, repeated while it only ran out of its short time."""
    while True:
        watch.check()
        with contextlib.suppress(TimeoutError):
            return attempt()


def _connected(where: tuple[str, int], watch: _Watch) -> socket.socket:
    """An open connection; OSError. Waits in short pieces, too."""
    family = socket.AF_INET6 if ":" in where[0] else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.connect_ex(where)
        _wait_for(connection, watch)
        if failure := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(failure, os.strerror(failure))
    except BaseException:
        connection.close()
        raise
    return connection


def _wait_for(connection: socket.socket, watch: _Watch) -> None:
    ends = time.monotonic() + _CONNECT_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while not selector.select(_POLL_SECONDS):
            watch.check()
            if time.monotonic() > ends:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
