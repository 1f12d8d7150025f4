"""Suites and versions that OpenSSL no longer speaks, as tlslite-ng speaks them with itself."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from handshakes import Wire, certificate, feed

from tlswire.keys.keylog import KeyLog
from tlswire.session import Session

tlslite = pytest.importorskip("tlslite.api", reason="tlslite-ng is not installed")

VERSIONS = [(3, 0), (3, 1), (3, 2), (3, 3)]
CIPHERS = ["3des", "rc4", "aes128", "aes256", "null"]


class Overheard:
    """A socket that tells what is sent over it."""

    def __init__(self, own: socket.socket, who: str, wire: Wire) -> None:
        self._own, self._who, self._wire = own, who, wire

    def send(self, data: bytes) -> int:
        self._wire.append((self._who, bytes(data)))
        self._own.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.send(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def settings(version: tuple[int, int], cipher: str, *, etm: bool) -> Any:
    chosen = tlslite.HandshakeSettings()
    chosen.minVersion = chosen.maxVersion = version
    chosen.cipherNames, chosen.macNames = [cipher], ["sha", "md5", "sha256"]
    chosen.useEncryptThenMAC = etm
    chosen.keyExchangeNames = ["rsa"]
    return chosen


def shake(version: tuple[int, int], cipher: str, *, etm: bool) -> tuple[Wire, bytes]:
    """Return what went by and the master secret."""
    chain = tlslite.X509CertChain()
    chain.parsePemList(certificate().cert_chain_pems[0].bytes().decode())
    key = tlslite.parsePEMKey(certificate().private_key_pem.bytes().decode(), private=True)
    wire: Wire = []
    left, right = socket.socketpair()
    client = tlslite.TLSConnection(Overheard(left, "client", wire))
    server = tlslite.TLSConnection(Overheard(right, "server", wire))
    chosen = settings(version, cipher, etm=etm)

    def serve() -> None:
        server.handshakeServer(certChain=chain, privateKey=key, settings=chosen)
        server.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    left.settimeout(10)
    client.handshakeClientCert(settings=chosen)
    client.close()
    thread.join(10)
    return wire, bytes(client.session.masterSecret)


@pytest.mark.parametrize("etm", [False, True], ids=["mac-then-encrypt", "encrypt-then-mac"])
@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("version", VERSIONS, ids=["ssl3", "tls10", "tls11", "tls12"])
def test_old_suites(version: tuple[int, int], cipher: str, etm: bool) -> None:
    wire, master = shake(version, cipher, etm=etm)
    hello = next(data for who, data in wire if who == "client" and len(data) > 43)
    log = KeyLog()
    log.read(f"CLIENT_RANDOM {hello[11:43].hex()} {master.hex()}")
    transcript = feed(wire, None, Session(secrets=log))
    assert transcript.verified == {"client", "server"}
    assert not any(entry.hidden or entry.troubles for entry in transcript.entries)
    alerts = [entry for entry in transcript.entries if entry.what == "alert"]
    assert alerts
    assert all(alert.fields["description"] == 0 for alert in alerts)
