"""HTTP to one model hub: who gets the token, which addresses are allowed, and what an answer means as an error.

Knows no kind of hub and writes no file. Redirects are followed here, one by one, because the token goes to the hub's
own origin alone: the storage that a hub sends us to has its own permission inside its address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, TypeVar

import httpx2
import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import Hub

CONNECT_SECONDS: Final = 15.0
READ_SECONDS: Final = 30.0
"""Silence after which a transfer counts as broken."""
LARGEST_ANSWER: Final = 32 * 2**20
"""Bytes of one JSON answer."""
MOST_REDIRECTS: Final = 5
LONGEST_WAIT: Final = 30.0
"""Seconds; a hub may ask for a longer pause, and then the person does better to come back."""

_TEMPORARY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,119}")
_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")
"""Says nothing to a person."""
_TOKEN = re.compile(r"[\x21-\x7e]{0,512}")

# They log whole addresses and headers, and those of storage hold a signature that lets anybody in for some minutes.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something that broke off is tried again, and how many seconds lie between; the pause doubles."""

    tries: int = 6
    first_pause: float = 0.5
    longest_pause: float = 8.0

    def pause(self, failures: int, asked: float = 0.0) -> float:
        """Seconds to wait after so many failures in a row; ``asked`` is what the hub wants."""
        return max(min(self.first_pause * 2.0 ** (failures - 1), self.longest_pause), min(asked, LONGEST_WAIT))


class Interrupted(Exception):  # noqa: N818 - trying again is the normal answer
    """A transfer broke off in a way that may not last."""

    def __init__(self, reason: str, asked_pause: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.asked_pause = asked_pause


class HubClient:
    """Connections to one hub for one repository. All methods raise RequestError; :meth:`stream` also Interrupted."""

    def __init__(self, hub: Hub, repository: str, patience: Patience) -> None:
        """Raises RequestError when endpoint, token or name cannot be right."""
        self.endpoint, self.repository, self.patience = _shown(hub.endpoint), repository, patience
        self._origin = self._checked_endpoint(hub.endpoint)
        self.endpoint = str(self._origin).rstrip("/")
        if not _TOKEN.fullmatch(hub.token):
            raise self.refused("the access token holds characters that no token has")
        if not _REPOSITORY.fullmatch(repository) or ".." in repository:
            raise self.not_found()
        self._authorization = _authorization(hub)
        self._has_token = bool(hub.token)
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"Accept-Encoding": "identity", "User-Agent": "nyanko-desktop"},
            trust_env=not _is_loopback(self._origin),  # no proxy stands between us and this machine
        )

    async def __aenter__(self) -> HubClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    # ------------------------------------------------------------ asking

    async def json(self, path: str, answer: type[T]) -> tuple[T, httpx2.Response]:
        """The JSON at ``path`` below the endpoint as ``answer``, and the response it came in (body not kept)."""

        async def once() -> tuple[T, httpx2.Response]:
            async with self.stream(path) as response:
                return self._decoded(await self._body(response), answer), response

        return await self.patiently(once)

    async def patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of ``attempt``, which is repeated while it is Interrupted and patience lasts."""
        for failures in range(1, self.patience.tries + 1):
            try:
                return await attempt()
            except Interrupted as broken:
                if failures == self.patience.tries:
                    raise self.unreachable(broken.reason) from broken
                await asyncio.sleep(self.patience.pause(failures, broken.asked_pause))
        raise AssertionError("patience allows no try at all")

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx2.Response]:
        """The answer to GET, its body not read yet: status 200, 206 or 416. Transport errors inside the ``with`` are
        Interrupted, too."""
        try:
            response = await self._follow(httpx2.URL(self.endpoint + path), dict(headers or {}))
            try:
                yield response
            finally:
                await response.aclose()
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise Interrupted(_ERRNO.sub("", str(error))[:200] or type(error).__name__) from error

    async def _follow(self, url: httpx2.URL, headers: dict[str, str]) -> httpx2.Response:
        for _ in range(MOST_REDIRECTS):
            response = await self._send(url, headers)
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or location is None:
                return response
            await response.aclose()
            url = url.join(location)
            if not self._is_allowed(url):
                raise self.unreachable("it sends us to an address without https")
        raise self.unreachable("it sends us from address to address without an end")

    async def _send(self, url: httpx2.URL, headers: dict[str, str]) -> httpx2.Response:
        own = self._authorization if _origin(url) == _origin(self._origin) else {}
        response = await self._http.send(self._http.build_request("GET", url, headers={**headers, **own}), stream=True)
        if response.status_code in (200, 206, 416) or response.status_code in _REDIRECTS:
            return response
        await response.aclose()
        raise self._error_of(response)

    async def _body(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise self.unreachable("its answer is too long to be a list of files")
        return bytes(body)

    def _decoded(self, body: bytes, answer: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self.unreachable(f"its answer is not a list of files ({str(error)[:120]})") from error

    # ------------------------------------------------------------ addresses

    def _checked_endpoint(self, endpoint: str) -> httpx2.URL:
        try:
            url = httpx2.URL(endpoint)
        except httpx2.InvalidURL as error:
            raise self.unreachable("this is no web address") from error
        if not url.host or url.userinfo or url.query or url.fragment:
            raise self.unreachable("this is no web address of a hub; it looks like https://huggingface.co")
        if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url)):
            raise self.unreachable("only https is allowed, except on this machine")
        return url

    def _is_allowed(self, url: httpx2.URL) -> bool:
        """https, or a server on this machine if the hub is one itself."""
        return url.scheme == "https" or (url.scheme == "http" and _is_loopback(url) and _is_loopback(self._origin))

    # ------------------------------------------------------------ errors

    def _error_of(self, response: httpx2.Response) -> RequestError | Interrupted:
        status, code = response.status_code, response.headers.get("x-error-code", "")
        if status in (401, 403):
            return self._refusal(code)
        if status in (404, 410):
            return self.not_found()
        if status in _TEMPORARY:
            asked = response.headers.get("retry-after", "")
            return Interrupted(f"status {status}", float(asked) if asked.isascii() and asked.isdigit() else 0.0)
        return self.unreachable(f"status {status}")

    def _refusal(self, code: str) -> RequestError:
        """The Hugging Face hub names the reason in ``X-Error-Code``; to strangers it also hides what does not exist."""
        if code == "GatedRepo":
            return self.refused("its licence must be accepted on the hub's page, with the access token's account")
        if code == "RepoNotFound" and self._has_token:
            return self.not_found()
        if not self._has_token:
            return self.refused("no access token was sent, and it is private or does not exist")
        return self.refused("the access token is not valid, or not for this repository")

    def refused(self, reason: str) -> RequestError:
        return RequestError(
            ErrorCode.HUB_REFUSED, endpoint=self.endpoint, repository=self.repository[:200], reason=reason
        )

    def not_found(self, revision: str = "") -> RequestError:
        name = f"{self.repository}@{revision}" if revision else self.repository
        return RequestError(ErrorCode.REPOSITORY_NOT_FOUND, endpoint=self.endpoint, repository=name[:200])

    def unreachable(self, reason: str) -> RequestError:
        return RequestError(ErrorCode.HUB_UNREACHABLE, endpoint=self.endpoint, reason=reason)

    def checked_revision(self, revision: str) -> str:
        """``revision`` if it can be a branch, tag or commit. Raises RequestError."""
        if not _REVISION.fullmatch(revision) or ".." in revision:
            raise self.not_found(revision)
        return revision


def _authorization(hub: Hub) -> dict[str, str]:
    """ModelScope's older addresses read the token from a cookie (modelscope_hub, ``_legacy_api.py``)."""
    if not hub.token:
        return {}
    bearer = {"Authorization": f"Bearer {hub.token}"}
    return bearer | {"Cookie": f"m_session_id={hub.token}"} if hub.kind == "modelscope" else bearer


def _shown(untrusted_endpoint: str) -> str:
    """An endpoint for a message: without what stands before ``@``, which may be a password."""
    scheme, separator, rest = untrusted_endpoint.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"[:200]


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_loopback(url: httpx2.URL) -> bool:
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host.strip("[]")).is_loopback
    except ValueError:
        return False
