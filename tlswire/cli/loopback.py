"""A real TLS server on this machine, for the demo: OpenSSL through Python's ssl, on loopback only.

It takes TLS 1.2 and newer with ECDHE suites, holds a certificate that nobody trusts, and serves
nothing: every handshake is closed as soon as it is done.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from tlswire.language import mark

ADDRESS = "127.0.0.1"
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
#: What the server says of itself.
TAKES = mark("TLS 1.2 and newer, ECDHE suites with AES-GCM or ChaCha20 only")
#: Seconds that one client may take.
PATIENCE = 5.0


class LoopbackServer:
    """Listens while it is entered; `port` is given by the system."""

    def __init__(self, name: str) -> None:
        self._context = context(name)
        self._listener = socket.create_server((ADDRESS, 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def target(self) -> str:
        """Return where it listens, as `host:port`."""
        return f"{ADDRESS}:{self.port}"

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed: the demo is over
                return
            with client:
                self._greet(client)

    def _greet(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE)
        try:
            with self._context.wrap_socket(client, server_side=True):
                pass
        except OSError:  # ssl.SSLError too: a handshake that fails is what the demo is about
            pass


def context(name: str) -> ssl.SSLContext:
    """Return a server's context with a fresh certificate for `name`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(SUITES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(certificate(name))
        made.load_cert_chain(path)
    return made


def certificate(name: str) -> bytes:
    """Return a key and a self-signed certificate for `name`, in PEM, good for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)
