"""The outside, on this machine: names, addresses and sites that a test makes up, over real HTTP and TLS."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from inference_worker.tools.safe_http import Network

PUBLIC = "93.184.216.34"
HANG_SECONDS = 30

Site = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Outside:
    """Every name resolves to ``addresses[name]``, else PUBLIC; every address leads to this server."""

    plain: int
    secure: int
    addresses: dict[str, Sequence[str]] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    """Address without scheme (``example.com/a``) -> what answers."""
    asked: list[str] = field(default_factory=list)
    """``GET example.com/a`` of each request, by its Host."""
    headers: list[dict[str, str]] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    """Addresses that were connected to."""
    server_names: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    trusted: bool = True
    """Whether the certificate is believed."""

    @property
    def network(self) -> Network:
        return Network(self._resolve, self._route, self._tls)

    def serve(self, address: str, body: str | bytes, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.sites[address] = lambda handler: answer(handler, status, {"Content-Type": kind}, data)

    def redirect(self, address: str, location: str, status: int = 302) -> None:
        self.sites[address] = lambda handler: answer(handler, status, {"Location": location})

    def _resolve(self, host: str, _port: int) -> Sequence[str]:
        self.resolved.append(host)
        return self.addresses.get(host, [PUBLIC])

    def _route(self, address: str, port: int) -> tuple[str, int]:
        self.connected.append(address)
        return "127.0.0.1", self.secure if port in (443, 8443) else self.plain

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.trusted:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


def answer(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes = b"") -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """An Outside that runs; ``folder`` holds its certificate."""
    plain, secure = _server(), _server()
    world = Outside(plain.server_port, secure.server_port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    context.sni_callback = lambda _socket, name, _context: world.server_names.append(name)
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    threads = []
    for server in (plain, secure):
        server.world = world  # type: ignore[attr-defined]
        threads.append(threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}))
        threads[-1].start()
    try:
        yield world
    finally:
        world.closing.set()
        for server, thread in zip((plain, secure), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = HANG_SECONDS

    def do_GET(self) -> None:
        world: Outside = self.server.world  # type: ignore[attr-defined]
        address = f"{self.headers['Host']}{self.path}"
        world.asked.append(f"GET {address}")
        world.headers.append({name.lower(): value for name, value in self.headers.items()})
        site = world.sites.get(address) or world.sites.get(address.partition("?")[0])
        try:
            if site:
                site(self)
            else:
                answer(self, 404, {})
        except OSError:
            pass  # the client went away, which is what some tests are about

    def log_message(self, *_args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        pass  # a handshake that the client broke off


def _server() -> _Server:
    return _Server(("127.0.0.1", 0), _Handler)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("example.com"), x509.IPAddress(ipaddress.ip_address(PUBLIC))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
