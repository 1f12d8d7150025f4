"""A ClientHello to be asked with: what it offers, written as the RFCs write it.

Built from nothing, or in the shape of a captured hello: its extensions, in its order, with only
the offer exchanged. Opens no socket and remembers no answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tlswire.codes import (
    CertificateStatusType,
    ContentType,
    ECPointFormat,
    ExtensionType,
    Group,
    HandshakeType,
    PskKeyExchangeMode,
    Suite,
    Version,
)
from tlswire.experiments.changes import AMBIGUOUS
from tlswire.survey import registry
from tlswire.variants.edits import EXTENSION_HEADER

_E = ExtensionType
#: The extensions of a hello that nobody captured, in the order of common clients.
USUAL: Final[tuple[int, ...]] = (
    _E.server_name,
    _E.extended_master_secret,
    _E.renegotiation_info,
    _E.supported_groups,
    _E.ec_point_formats,
    _E.session_ticket,
    _E.application_layer_protocol_negotiation,
    _E.status_request,
    _E.encrypt_then_mac,
    _E.signature_algorithms,
    _E.key_share,
    _E.psk_key_exchange_modes,
    _E.supported_versions,
)
#: What is asked with, whatever a captured hello lacks.
ASKED: Final = (
    _E.renegotiation_info,
    _E.supported_groups,
    _E.ec_point_formats,
    _E.signature_algorithms,
    _E.key_share,
    _E.psk_key_exchange_modes,
    _E.supported_versions,
)
#: Of these only TLS 1.3 knows, and a hello for an older version does without.
NEW: Final = frozenset((_E.key_share, _E.psk_key_exchange_modes, _E.supported_versions))
#: Of these a hello for TLS 1.3 alone does without.
OLD: Final = frozenset(
    (
        _E.extended_master_secret,
        _E.renegotiation_info,
        _E.ec_point_formats,
        _E.session_ticket,
        _E.encrypt_then_mac,
    )
)


UNSHAPED: Final[tuple[tuple[int, bytes | None], ...]] = tuple((each, None) for each in USUAL)


class Share(NamedTuple):
    """One entry of key_share (RFC 8446 section 4.2.8)."""

    group: int
    key: bytes


class Shape(NamedTuple):
    """What all hellos of one survey have in common; `extensions` are (type, body or None)."""

    name: str | None = None
    alpn: tuple[bytes, ...] = ()
    extensions: tuple[tuple[int, bytes | None], ...] = UNSHAPED


class Question(NamedTuple):
    """One hello: the highest version offered, and what is offered with it."""

    version: int
    suites: tuple[int, ...]
    groups: tuple[int, ...] | None = registry.USUAL_CURVES
    schemes: tuple[int, ...] | None = registry.USUAL_SCHEMES
    shares: tuple[Share, ...] | None = None  # None: one of x25519, of which nobody has the key
    versions: tuple[int, ...] | None = None  # None: only `version`
    compressions: tuple[int, ...] = (0,)
    session_id: bytes | None = None  # None: as the version has it
    added: tuple[tuple[int, bytes], ...] = ()
    dropped: frozenset[int] = frozenset()


def ordinary(version: int, suites: Sequence[int]) -> Question:
    """Return the question for suites of a version, with the groups and schemes that are usual."""
    question = Question(version, tuple(suites))
    if version < Version.tls_1_3:
        return question
    return question._replace(groups=registry.USUAL_GROUPS_13, schemes=registry.USUAL_SCHEMES_13)


def everything() -> Question:
    """Return the question that every server answers that takes TLS 1.0 or newer."""
    suites = [
        suite
        for version in (Version.tls_1_3, Version.tls_1_2)
        for suite in registry.suites_of(version)
        if registry.is_likely(suite, version)
    ]
    return Question(Version.tls_1_3, tuple(suites), versions=registry.VERSIONS[:4])


def hello(question: Question, shape: Shape) -> bytes:
    """Return the ClientHello as a handshake message (RFC 8446 section 4.1.2)."""
    body = _fixed_part(question)
    if question.version > Version.ssl_3_0:
        extensions = b"".join(_extension(*each) for each in _extensions(question, shape))
        added = {number for number, _ in question.added}
        if not added & {
            _E.padding,
            _E.pre_shared_key,
        }:  # nothing may follow a key (RFC 8446 4.2.11)
            extensions += _padding(len(body) + len(extensions) + 6)
        body += _vector16(extensions)
    return bytes((HandshakeType.client_hello,)) + len(body).to_bytes(3, "big") + body


def record(message: bytes, version: int) -> bytes:
    """Return a handshake message in one record (RFC 8446 section 5.1, RFC 5246 appendix E.1)."""
    outer = Version.ssl_3_0 if version == Version.ssl_3_0 else Version.tls_1_0
    head = bytes((ContentType.handshake,)) + outer.to_bytes(2, "big")
    return head + _vector16(message)


def flight(question: Question, shape: Shape) -> bytes:
    """Return the bytes that ask the question."""
    if question.version == Version.ssl_2_0:
        return ssl2_hello(question.suites)
    return record(hello(question, shape), question.version)


def ssl2_hello(kinds: Iterable[int]) -> bytes:
    """Return the hello of SSL 2.0 with its record header (RFC 6101 appendix E)."""
    ciphers = b"".join(kind.to_bytes(3, "big") for kind in kinds)
    challenge = os.urandom(16)
    lengths = (len(ciphers), 0, len(challenge))
    body = b"\x01\x00\x02" + b"".join(n.to_bytes(2, "big") for n in lengths) + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def _fixed_part(question: Question) -> bytes:
    legacy = min(question.version, Version.tls_1_2)
    session = question.session_id
    if session is None:  # RFC 8446 appendix D.4: as TLS 1.2 resuming looks to boxes between
        session = os.urandom(32) if question.version >= Version.tls_1_3 else b""
    suites = question.suites
    if question.version == Version.ssl_3_0:  # no extensions: RFC 5746 section 3.4
        suites = (*suites, Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
    return b"".join(
        (
            legacy.to_bytes(2, "big"),
            os.urandom(32),
            _vector8(session),
            numbers16(suites),
            _vector8(bytes(question.compressions)),
        )
    )


def _extensions(question: Question, shape: Shape) -> Iterator[tuple[int, bytes]]:
    """Yield the extensions of the shape with the question's own offer, then what it lacked."""
    said = {number for number, _ in shape.extensions}
    needed = [(number, None) for number in ASKED if number not in said]
    added = dict(question.added)
    for number, body in (*shape.extensions, *needed):
        if number in question.dropped or number in added or not _fits(number, question):
            continue
        if number in WRITTEN:
            written = WRITTEN[number](question, shape)
            if written is not None:
                yield number, written
        elif body is not None:
            yield number, body
    yield from question.added


def _fits(number: int, question: Question) -> bool:
    offered = question.versions or (question.version,)
    if number in NEW:
        return max(offered) >= Version.tls_1_3
    return number not in OLD or min(offered) < Version.tls_1_3


def _padding(size: int) -> bytes:
    if size + EXTENSION_HEADER not in AMBIGUOUS and size not in AMBIGUOUS:
        return b""
    room = max(0, AMBIGUOUS.stop - size - EXTENSION_HEADER)
    return _extension(_E.padding, bytes(room))


# -- the offer, extension by extension ---------------------------------------------------


def _name(question: Question, shape: Shape) -> bytes | None:
    if shape.name is None:
        return None
    return server_name(shape.name)


def server_name(name: str) -> bytes:
    """Return the body of server_name (RFC 6066 section 3)."""
    host = name.encode("ascii", "backslashreplace")
    return _vector16(b"\0" + _vector16(host))


def _protocols(question: Question, shape: Shape) -> bytes | None:
    return protocols(shape.alpn) if shape.alpn else None


def protocols(names: Iterable[bytes]) -> bytes:
    """Return the body of application_layer_protocol_negotiation (RFC 7301 section 3.1)."""
    return _vector16(b"".join(map(_vector8, names)))


def _groups(question: Question, shape: Shape) -> bytes | None:
    return numbers16(question.groups) if question.groups else None


def _points(question: Question, shape: Shape) -> bytes | None:
    return _vector8(bytes((ECPointFormat.uncompressed,))) if question.groups else None


def _schemes(question: Question, shape: Shape) -> bytes | None:
    """RFC 5246 section 7.4.1.4.1: not for versions before TLS 1.2."""
    if question.version < Version.tls_1_2 or not question.schemes:
        return None
    return numbers16(question.schemes)


def _shares(question: Question, shape: Shape) -> bytes | None:
    shares = question.shares
    if shares is None:
        shares = (Share(Group.x25519, random_x25519()),)
        if question.groups is not None and Group.x25519 not in question.groups:
            shares = ()
    entries = (s.group.to_bytes(2, "big") + _vector16(s.key) for s in shares)
    return _vector16(b"".join(entries))


def random_x25519() -> bytes:
    """Return bytes that pass for a public key: wolfSSL wants the first bit clear (RFC 7748 5)."""
    key = bytearray(os.urandom(32))
    key[-1] &= 0x7F
    return bytes(key)


def _versions(question: Question, shape: Shape) -> bytes | None:
    offered = question.versions or (question.version,)
    return _vector8(b"".join(version.to_bytes(2, "big") for version in offered))


#: Extensions that are written anew for every question; the others are as the shape has them.
WRITTEN: Final = {
    _E.server_name: _name,
    _E.extended_master_secret: lambda question, shape: b"",
    _E.renegotiation_info: lambda question, shape: b"\0",
    _E.supported_groups: _groups,
    _E.ec_point_formats: _points,
    _E.session_ticket: lambda question, shape: b"",
    _E.application_layer_protocol_negotiation: _protocols,
    _E.status_request: lambda question, shape: bytes((CertificateStatusType.ocsp, 0, 0, 0, 0)),
    _E.encrypt_then_mac: lambda question, shape: b"",
    _E.signature_algorithms: _schemes,
    _E.key_share: _shares,
    _E.psk_key_exchange_modes: lambda question, shape: _vector8(
        bytes((PskKeyExchangeMode.psk_dhe_ke,))
    ),
    _E.supported_versions: _versions,
}


def numbers16(numbers: Iterable[int]) -> bytes:
    """Return 16-bit numbers as a list with its 16-bit length."""
    return _vector16(b"".join(number.to_bytes(2, "big") for number in numbers))


def _extension(number: int, body: bytes) -> bytes:
    return number.to_bytes(2, "big") + _vector16(body)


def _vector8(content: bytes) -> bytes:
    return len(content).to_bytes(1, "big") + content


def _vector16(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content
