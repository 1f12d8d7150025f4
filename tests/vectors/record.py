"""Record the vectors of this folder from OpenSSL: real messages, none of our own making.

Every handshake runs in memory between two of Python's `ssl` objects; their message callback gives
each message in the clear, those that TLS 1.3 encrypts too. Run it only to add a vector: the
files are kept, not made anew, and the tests never run it.
Usage: `python tests/vectors/record.py <folder>`.
"""

from __future__ import annotations

import ssl
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import trustme

Message = tuple[str, int, bytes]  # who sent it, content type, its bytes

AUTHORITY = trustme.CA(organization_name="tlswire vectors")
MIDDLE = AUTHORITY.create_child_ca()
LOWER = MIDDLE.create_child_ca()


def contexts(kind: str = "RSA") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a client and a server that trust each other, of any version and strength."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key_type = getattr(trustme.KeyType, kind)
    LOWER.issue_cert("server.example", key_type=key_type).configure_cert(server)
    LOWER.issue_cert("client.example").configure_cert(client)
    for context in (client, server):
        AUTHORITY.configure_trust(context)
        with suppress(ssl.SSLError):
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
    return client, server


def talk(client: ssl.SSLContext, server: ssl.SSLContext) -> list[Message]:
    """Return all messages of one handshake and of one byte of data behind it."""
    told: list[Message] = []
    for who, context in (("client", client), ("server", server)):
        context._msg_callback = listener(who, told)  # type: ignore[attr-defined]
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(a, b, server_hostname="server.example"),
        server.wrap_bio(b, a, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            with suppress(ssl.SSLWantReadError, ssl.SSLError):
                end.do_handshake()
    with suppress(ssl.SSLError):
        ends[1].write(b"x")
        ends[0].read(1)
    return told


def listener(who: str, told: list[Message]) -> Any:
    """Return a callback that keeps what this end writes."""

    def listen(
        _: object, way: str, version: object, content: int, kind: object, data: bytes
    ) -> None:
        if way == "write" and int(content) in (20, 21, 22):
            told.append((who, int(content), data))

    return listen


def handshakes() -> Iterator[tuple[str, list[Message]]]:
    """Yield a name and the messages of each handshake worth keeping."""
    client, server = contexts()
    client.set_alpn_protocols(["h2", "http/1.1"])
    server.set_alpn_protocols(["h2"])
    yield "tls13", talk(client, server)
    client, server = contexts("ECDSA")
    server.verify_mode = ssl.CERT_REQUIRED
    server.set_ecdh_curve("secp521r1")
    yield "tls13-retry-client-certificate", talk(client, server)
    for name, version, ciphers in (
        ("tls12-ecdhe", ssl.TLSVersion.TLSv1_2, "ECDHE"),
        ("tls12-dhe", ssl.TLSVersion.TLSv1_2, "DHE"),
        ("tls12-rsa", ssl.TLSVersion.TLSv1_2, "kRSA"),
        ("tls12-ecdh-anon", ssl.TLSVersion.TLSv1_2, "AECDH"),
        ("tls10-ecdhe", ssl.TLSVersion.TLSv1, "ECDHE"),
        ("tls11-dhe", ssl.TLSVersion.TLSv1_1, "DHE"),
    ):
        client, server = contexts()
        client.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        client.maximum_version = server.maximum_version = version
        server.load_dh_params(str(dh_params()))
        if "anon" not in name:
            server.verify_mode = ssl.CERT_REQUIRED
        server.set_ciphers("ALL:@SECLEVEL=0")
        yield name, talk(client, server)


def dh_params() -> Path:
    """Return a file with the 2048-bit group of RFC 7919."""
    from cryptography.hazmat.primitives.asymmetric import dh
    from cryptography.hazmat.primitives.serialization import Encoding, ParameterFormat

    hexed = "".join(FFDHE2048.split())
    group = dh.DHParameterNumbers(int(hexed, 16), 2).parameters()
    path = Path(tempfile.gettempdir()) / "vectors-dh.pem"
    path.write_bytes(group.parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3))
    return path


FFDHE2048 = """
FFFFFFFFFFFFFFFF ADF85458A2BB4A9A AFDC5620273D3CF1 D8B9C583CE2D3695 A9E13641146433FB
CC939DCE249B3EF9 7D2FE363630C75D8 F681B202AEC4617A D3DF1ED5D5FD6561 2433F51F5F066ED0
856365553DED1AF3 B557135E7F57C935 984F0C70E0E68B77 E2A689DAF3EFE872 1DF158A136ADE735
30ACCA4F483A797A BC0AB182B324FB61 D108A94BB2C8E3FB B96ADAB760D7F468 1D4F42A3DE394DF4
AE56EDE76372BB19 0B07A7C8EE0A6D70 9E02FCE1CDF7E2EC C03404CD28342F61 9172FE9CE98583FF
8E4F1232EEF28183 C3FE3B1B4C6FAD73 3BB5FCBC2EC22005 C58EF1837D1683B2 C6F34A26C1B2EFFA
886B423861285C97 FFFFFFFFFFFFFFFF
"""


def main(folder: Path) -> None:
    """Write one file per handshake: a line per message, who sent it, its type, its hex."""
    program = ssl.OPENSSL_VERSION
    for name, messages in handshakes():
        lines = [f"# {name}: one handshake of {program}, both ends; sender, content type, message"]
        for who, content, data in messages:
            lines += ["", f"{who} {content}"]
            lines += textwrap.wrap(data.hex(), 96)
        (folder / f"handshake-{name}.txt").write_text("\n".join(lines) + "\n")
        print(name, [(who, content, data[0], len(data)) for who, content, data in messages])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
