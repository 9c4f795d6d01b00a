"""Certificates and servers for the tests of models behind an address: an authority of its own, gone with the tests."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "models.bank.test"


@dataclass(frozen=True)
class Authority:
    """Signs certificates; ``file`` is its own one, for who trusts it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    @classmethod
    def make(cls, folder: Path) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        made = _builder(name, name, key.public_key(), days=30).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        certificate = made.sign(key, hashes.SHA256())
        found = cls(folder, key, certificate)
        found.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return found

    def server_context(self, *names: str, days: int = 30) -> ssl.SSLContext:
        """What a server needs to be ``names``; negative days = expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        made = _builder(subject, self.certificate.subject, key.public_key(), days=days)
        alternatives = x509.SubjectAlternativeName([_name(n) for n in names])
        certificate = made.add_extension(alternatives, critical=False).sign(self.key, hashes.SHA256())
        file = self.folder / f"server-{certificate.serial_number}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, *, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    begins = now - timedelta(days=60)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(now + timedelta(days=days))
    )


@contextmanager
def tls_server(context: ssl.SSLContext, serve: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """Listen on a free port of this machine; each connection goes to ``serve`` in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends = threading.Event()
    threads: list[threading.Thread] = []

    def talk(raw: socket.socket) -> None:
        # A client that refuses the certificate, or hangs up, is what the tests are about.
        with suppress(OSError), raw, context.wrap_socket(raw, server_side=True) as sock:
            serve(sock)

    def accept() -> None:
        while not ends.is_set():
            with suppress(OSError):
                raw, _ = listener.accept()
                raw.settimeout(30)
                threads.append(threading.Thread(target=talk, args=(raw,), daemon=True))
                threads[-1].start()

    loop = threading.Thread(target=accept, daemon=True)
    loop.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ends.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        loop.join(5)
        for thread in threads:
            thread.join(5)


@contextmanager
def tls_in_front(context: ssl.SSLContext, port: int) -> Iterator[int]:
    """Speak TLS in front of a server that does not, on a port of this machine."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve(sock: ssl.SSLSocket) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as behind:
            back = threading.Thread(target=pump, args=(behind, sock), daemon=True)
            back.start()
            pump(sock, behind)
            back.join(5)

    with tls_server(context, serve) as found:
        yield found
