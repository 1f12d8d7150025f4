"""Mbed TLS as a server and as a client: what small devices speak, up to TLS 1.2.

It alone still has static ECDH. As in `stacks`; without the package its tests skip.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
from peers import NAME, free_port, identity, running
from stacks import own_identity

from tlswire.flow import Endpoint

PSK = bytes.fromhex("0123456789abcdef0123456789abcdef")
IDENTITY = "lab"
#: One suite of a kind for a quick look; `suites` has all.
QUICK = (
    "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256",
    "TLS-ECDHE-ECDSA-WITH-AES-256-CCM-8",
    "TLS-ECDH-ECDSA-WITH-AES-128-CBC-SHA",
    "TLS-RSA-WITH-CAMELLIA-128-CBC-SHA256",
    "TLS-RSA-PSK-WITH-AES-128-CBC-SHA",
    "TLS-ECDHE-PSK-WITH-CHACHA20-POLY1305-SHA256",
    "TLS-RSA-WITH-ARIA-128-GCM-SHA256",
)
#: Versions by the names of the package.
VERSIONS = {"TLS 1.0": "TLSv1", "TLS 1.1": "TLSv1_1", "TLS 1.2": "TLSv1_2"}

PROGRAM = """
import contextlib, os, signal, socket, sys
from mbedtls import pk, tls, x509
role, version, *rest = sys.argv[1:]
highest = tls.TLSVersion[version]
def serve(port, cert, key, kind, psk, who):
    named = open(cert).read().partition('-----END CERTIFICATE-----')
    chain = (x509.CRT.from_PEM(named[0] + named[1] + chr(10)),)
    own = getattr(pk, kind).from_buffer(open(key, 'rb').read())
    context = tls.ServerContext(tls.TLSConfiguration(
        validate_certificates=False, certificate_chain=(chain, own),
        ciphers=tls.ciphers_available(), highest_supported_version=highest,
        pre_shared_key_store={who: bytes.fromhex(psk)}))
    at = socket.create_server(('127.0.0.1', int(port)), backlog=9)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        accepted = at.accept()[0]
        if os.fork() == 0:
            signal.alarm(5)
            secured = context.wrap_socket(accepted)
            secured.do_handshake()
            secured.recv(4096)
            secured.send(b'HTTP/1.0 200 OK\\r\\n\\r\\n')
            secured.close()
            os._exit(0)
        accepted.close()
def hello(cipher, name, psk, who):
    shared = {'pre_shared_key': (who, bytes.fromhex(psk))} if 'PSK' in cipher else {}
    context = tls.ClientContext(tls.TLSConfiguration(
        validate_certificates=False, ciphers=(cipher,), highest_supported_version=highest,
        **shared))
    client = context.wrap_buffers(name)
    with contextlib.suppress(tls.WantReadError, tls.WantWriteError):
        while True:
            client.do_handshake()
    print(client.peek_outgoing(1 << 14).hex())
{'serve': serve, 'hello': hello}[role](*rest)
"""


def _command(role: str, version: str, *rest: str) -> list[str]:
    pytest.importorskip("mbedtls")
    return [sys.executable, "-c", PROGRAM, role, VERSIONS[version], *rest]


@contextlib.contextmanager
def mbed_server(version: str = "TLS 1.2", key: str = "RSA") -> Iterator[Endpoint]:
    """Serve with every suite that it has for this key."""
    port = free_port()
    kind, own = ("RSA", identity()) if key == "RSA" else ("ECC", None)
    # A certificate without key usage: static ECDH agrees with its key, ECDSA signs with it.
    files = map(str, own_identity("P-256") if own is None else (own.certificate, own.key))
    command = _command("serve", version, str(port), *files, kind, PSK.hex(), IDENTITY)
    with running(command, port) as where:
        yield where


def mbed_hello(cipher: str, version: str = "TLS 1.2") -> bytes:
    command = _command("hello", version, cipher, NAME, PSK.hex(), IDENTITY)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return bytes.fromhex(done.stdout)


def suites() -> tuple[str, ...]:
    """Return every suite that it can serve; the package gives no Diffie-Hellman parameters."""
    try:
        from mbedtls.tls import ciphers_available
    except ImportError:
        return QUICK
    return tuple(name for name in ciphers_available() if "-DHE-" not in name)


def versions(suite: str) -> tuple[str, ...]:
    """Return the versions that have the suite: SHA-2 and AEAD came with TLS 1.2."""
    return tuple(VERSIONS) if suite.endswith("-SHA") else ("TLS 1.2",)


def has_key(suite: str) -> str:
    """Return the kind of key of a server that can serve the suite."""
    return "ECDSA" if "-ECDH-" in suite or "-ECDSA-" in suite else "RSA"
