"""The way out that the kit gives a plugin: it notes what is sent, and can lead to nowhere."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum, auto
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from threading import Thread

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from perkhub.kit.clock import now

CLOSED = "http://127.0.0.1:9"  # the discard port: nothing listens there
NAMELESS = "http://no-such-supplier.invalid"


class Detour(StrEnum):
    """Where requests go instead."""

    NO_ADDRESS = auto()
    NO_CONNECTION = auto()
    NO_CERTIFICATE = auto()


@dataclass(frozen=True)
class Seen:
    """A request that was on its way out."""

    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    status: int | None  # None where there was no answer

    def carries(self, text: str) -> bool:
        """Whether that text is anywhere in it."""
        return text in self.url or text.encode() in self.body or any(text in value for _, value in self.headers)


class Outbound(httpx2.AsyncHTTPTransport):
    """A true transport that keeps notes."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())
        self.seen: list[Seen] = []
        self.elsewhere: httpx2.URL | None = None

    def lead(self, elsewhere: str) -> None:
        """Send everything there from now on."""
        self.elsewhere = httpx2.URL(elsewhere)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, or send it elsewhere."""
        body = await request.aread()
        url, status = str(request.url), None
        if self.elsewhere is not None:
            there = self.elsewhere
            request.url = request.url.copy_with(scheme=there.scheme, host=there.host, port=there.port)
        try:
            response = await super().handle_async_request(request)
            status = response.status_code
            return response
        finally:
            self.seen.append(Seen(url, tuple(request.headers.items()), body, status))

    def sent_with(self, reference: str) -> int:
        """How many requests carried our reference."""
        return sum(seen.carries(reference) for seen in self.seen)


@cache
def _trusted() -> ssl.SSLContext:
    """What certificates are checked by. Reading them takes longer than most rules: once for all."""
    return httpx2.create_ssl_context()


@contextmanager
def nowhere(detour: Detour) -> Iterator[str]:
    """An address at which no request can ever be read."""
    if detour is Detour.NO_ADDRESS:
        yield NAMELESS
    elif detour is Detour.NO_CONNECTION:
        yield CLOSED
    else:
        with _untrusted_server() as address:
            yield address


@contextmanager
def _untrusted_server() -> Iterator[str]:
    """A server that shows a certificate of its own making, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(_self_signed())
        context.load_cert_chain(path)
    listening = create_server(("127.0.0.1", 0))

    def greet() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    continue

    thread = Thread(target=greet, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(2)
        listening.close()
        thread.join(timeout=10)


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    today = now()  # the certificate is true but for its issuer: that alone must be refused
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)
