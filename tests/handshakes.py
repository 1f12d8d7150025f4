"""Real handshakes of OpenSSL with itself, in memory: what each side wrote, in order."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import trustme

from tlswire.session import Session
from tlswire.transcript import Transcript

HOST = "server.example"
Wire = list[tuple[str, bytes]]
Tune = Callable[[ssl.SSLContext], object]


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def certificate() -> trustme.LeafCert:
    return authority().issue_cert(HOST, key_type=trustme.KeyType.RSA)


@cache
def client_certificate() -> trustme.LeafCert:
    return authority().issue_cert("client@example.com")


def tls12(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def suites(names: str) -> Tune:
    return lambda context: context.set_ciphers(names)


def demand_certificate(context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)


def both(*tunes: Tune) -> Tune:
    def tune(context: ssl.SSLContext) -> None:
        for each in tunes:
            each(context)

    return tune


def nothing(context: ssl.SSLContext) -> None:
    pass


class Server(NamedTuple):
    """OpenSSL after a handshake, and where it reads."""

    peer: ssl.SSLObject
    reads: ssl.MemoryBIO


def shake(server: Tune = nothing, client: Tune = nothing, *, trust: bool = True) -> Wire:
    """Let OpenSSL shake hands with itself and exchange a request; return what went by."""
    return introduce(server, client, trust=trust)[1]


def introduce(
    server: Tune = nothing, client: Tune = nothing, *, trust: bool = True
) -> tuple[Server, Wire]:
    """Do so, and return the server as well."""
    left, right = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate().configure_cert(right)
    if trust:
        authority().configure_trust(left)
    server(right)
    client(left)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    from_client, from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (
        ("client", left.wrap_bio(to_client, from_client, server_hostname=HOST)),
        ("server", right.wrap_bio(to_server, from_server, server_side=True)),
    )
    pipes = {"client": (from_client, to_server), "server": (from_server, to_client)}
    wire: Wire = []
    wrote: set[str] = set()
    for _ in range(6):
        for who, peer in sides:
            _turn(who, peer, wrote)
            written = pipes[who][0].read()
            if written:
                pipes[who][1].write(written)
                wire.append((who, written))
    return Server(sides[1][1], to_server), wire


def _turn(who: str, peer: ssl.SSLObject, wrote: set[str]) -> None:
    try:
        peer.do_handshake()
        if who not in wrote:
            wrote.add(who)
            peer.write(b"GET / HTTP/1.0\r\n\r\n")
        peer.read(100)
    except ssl.SSLError:
        pass


def pieces(wire: Wire, size: int | None = None) -> Iterator[tuple[str, bytes]]:
    """The same bytes in pieces of `size`; whole when None."""
    for who, data in wire:
        step = size or len(data) or 1
        for start in range(0, len(data), step):
            yield who, data[start : start + step]


def feed(wire: Wire, size: int | None = None, session: Session | None = None) -> Transcript:
    """Feed a handshake to a session, a tick of a millisecond a write."""
    session = session or Session()
    for tick, (who, data) in enumerate(wire):
        for _, piece in pieces([(who, data)], size):
            session.receive(who, piece, tick / 1000, tick + 1)
    return session.end(len(wire) / 1000)
