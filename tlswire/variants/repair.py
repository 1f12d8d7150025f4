"""A hello put right where it breaks a rule of its own format, or of today's.

Each function mends one thing and leaves what it offers. Nothing here judges who broke it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tlswire.codes import EXTENSIONS, ContentType, HandshakeType, Version
from tlswire.flight import Flight, Piece
from tlswire.language import say
from tlswire.variants.edits import Draft, Edit
from tlswire.variants.hello import Hello
from tlswire.variants.sending import Sending

#: An SSL 2.0 CLIENT-HELLO behind its 2-byte header: type, version, three lengths (RFC 6101
#: appendix E.1), and the bytes of one cipher spec.
SSL2_HEADER: Final = 2
SSL2_FIXED: Final = 9
SSL2_SPEC: Final = 3
RANDOM: Final = 32


def once(hello: Hello) -> tuple[Edit, ...]:
    """Keep the first of extensions of the same type (RFC 8446 section 4.2)."""
    draft, met = Draft(hello), set[int]()
    for index, extension in enumerate(hello.extensions):
        if extension in met:
            name = EXTENSIONS.get(extension) or say("extension {number}", number=extension)
            draft.cut(f"extensions[{index}]", say("leave the second {name} out", name=name))
        met.add(extension)
    return draft.edits()


def in_a_record(flight: Flight) -> Sending | None:
    """Say an SSL 2.0 hello as a ClientHello in a record of TLS (RFC 5246 appendix E.2)."""
    said = _ssl2_offer(flight.data)
    if said is None:
        return None
    version, suites, challenge = said
    body = version + challenge.rjust(RANDOM, b"\0")[-RANDOM:] + b"\0"
    body += len(suites).to_bytes(2, "big") + suites + b"\1\0"
    message = bytes((HandshakeType.client_hello,)) + len(body).to_bytes(3, "big") + body
    header = bytes((ContentType.handshake,)) + Version.tls_1_0.to_bytes(2, "big")
    data = header + len(message).to_bytes(2, "big") + message
    told = say("the same offer as a ClientHello in a record of TLS")
    return Sending(Flight((Piece(data),), flight.notes), (Edit(0, flight.data, data, told),))


def _ssl2_offer(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Return version, suites and challenge of an SSL 2.0 hello; None when it is none."""
    body = data[SSL2_HEADER:]
    if len(body) < SSL2_FIXED or not data[0] & 0x80 or body[0] != HandshakeType.client_hello:
        return None
    specs, session, challenge = (int.from_bytes(body[n : n + 2], "big") for n in (3, 5, 7))
    listed = body[SSL2_FIXED : SSL2_FIXED + specs]
    suites = b"".join(_tls_suites(listed))
    start = SSL2_FIXED + specs + session
    return (body[1:3], suites, body[start : start + challenge]) if suites else None


def _tls_suites(specs: bytes) -> Iterator[bytes]:
    """Yield the suites that TLS knows; the kinds of SSL 2.0 itself begin with another byte."""
    for start in range(0, len(specs) - SSL2_SPEC + 1, SSL2_SPEC):
        if specs[start] == 0:
            yield specs[start + 1 : start + SSL2_SPEC]
