"""Plain hellos: what most servers of today take, said as shortly as can be.

Each keeps the failing hello's name, session and shares, so that they differ in what is offered.
They are fixed but for a random where none was captured: two runs try the same. Nothing here sends.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tlswire.codes import (
    CIPHER_SUITES,
    GROUPS,
    VERSIONS,
    ECPointFormat,
    ExtensionType,
    Group,
    NameType,
    SignatureScheme,
    Suite,
    Version,
)
from tlswire.experiments.changes import AMBIGUOUS, Change
from tlswire.experiments.names import is_name
from tlswire.experiments.offers import (
    COMMON_GROUPS,
    COMMON_TLS13,
    MORE_GROUPS,
    MORE_SCHEMES,
    MORE_SUITES,
    SCHEMES,
    SUITES,
    called,
)
from tlswire.flight import Flight
from tlswire.language import say
from tlswire.variants import Sending, open_hello
from tlswire.variants.edits import words
from tlswire.variants.listings import LISTINGS, numbers
from tlswire.variants.shape import Extension, Shape, padded, put_together, spell, take_apart

PROTOCOLS: Final = (b"h2", b"http/1.1")
#: A point of x25519 that every server can work with: its base point (RFC 7748 section 4.1).
X25519_POINT: Final = bytes((9,)) + bytes(31)
DHE_KE: Final = 1  # psk_dhe_ke, RFC 8446 section 4.2.9
COMPATIBLE: Final = 32  # bytes of session id, RFC 8446 appendix D.4
RANDOM: Final = 32  # bytes


class Few(NamedTuple):
    """A short offer."""

    suites: tuple[int, ...]
    groups: tuple[int, ...]
    schemes: tuple[int, ...]


LEAN: Final = Few(
    called(
        "AES_128_GCM_SHA256",
        "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    (Group.x25519, Group.secp256r1),
    (
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pkcs1_sha256,
    ),
)
LEAN_ELSE: Final = Few(
    called(
        "AES_256_GCM_SHA384",
        "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    (Group.secp384r1,),
    (
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pkcs1_sha384,
    ),
)
#: As LEAN_ELSE, for a server whose key is of the curve that most have: it must find it offered.
LEAN_P256: Final = LEAN_ELSE._replace(
    groups=(Group.secp256r1,),
    schemes=(SignatureScheme.ecdsa_secp256r1_sha256, *LEAN_ELSE.schemes[1:]),
)
#: Extensions that a server can do without.
OPTIONAL: Final = (
    ExtensionType.extended_master_secret,
    ExtensionType.renegotiation_info,
    ExtensionType.ec_point_formats,
)


class Good(NamedTuple):
    """A hello to take things from, and what it is."""

    told: str
    shape: Shape
    named: bool = True  # else it asks for the failing hello's name, not for its own


def plain_hellos(bad: Shape, host: str | None) -> Iterator[Good]:
    """Yield the good hellos to try, the likeliest first; `host` is the target's name if it has one.

    Every field that a server may object to is as in the failing hello in none of them at least.
    """
    named = bad.body(ExtensionType.server_name)
    asked = named if named is not None else server_name(host) if host else None
    offered = _versions(bad)
    newest = (Version.tls_1_3, Version.tls_1_2)
    for version in newest if Version.tls_1_3 in offered else newest[::-1]:
        told = say("a plain hello up to {version}", version=VERSIONS[version])
        yield Good(told, _plain(bad, version, asked))
    for version in newest if asked is not None else ():
        told = say("a plain hello up to {version}, without a name", version=VERSIONS[version])
        yield Good(told, _plain(bad, version, None))
    for version in newest:
        told = say("a hello up to {version} that offers little", version=VERSIONS[version])
        yield Good(told, _lean(bad, version, asked, LEAN))
        told = say("a hello up to {version} that offers little else", version=VERSIONS[version])
        yield Good(told, _lean(bad, version, asked, LEAN_ELSE))
    groups = LEAN._replace(groups=LEAN_ELSE.groups)
    yield Good(
        say("a hello with few suites and another group"), _lean(bad, newest[0], asked, groups)
    )
    yield Good(say("a hello that offers much"), _wide(bad, asked))
    reordered = _reversed(_plain(bad, Version.tls_1_3, asked))
    yield Good(say("a plain hello in another order"), reordered)
    yield Good(say("a hello of TLS 1.2 without extensions"), _bare(Version.tls_1_2))
    yield Good(say("a hello of TLS 1.0 without extensions"), _bare(Version.tls_1_0))
    yield from _without_two(bad, asked)


def _without_two(bad: Shape, asked: bytes | None) -> Iterator[Good]:
    """Yield lean hellos that leave out two things at once: a name, a group, suites, TLS 1.3."""
    newest = (Version.tls_1_2, Version.tls_1_3)
    for version in newest:
        told = say("a hello up to {version} with one curve", version=VERSIONS[version])
        yield Good(told, _lean(bad, version, asked, LEAN_P256))
    for few in (LEAN, LEAN_P256, LEAN_ELSE) if asked is not None else ():
        for version in newest:
            told = say(
                "a hello up to {version} with {group} and without a name",
                version=VERSIONS[version],
                group=GROUPS[few.groups[0]],
            )
            yield Good(told, _lean(bad, version, None, few))


def _versions(shape: Shape) -> tuple[int, ...]:
    return numbers(ExtensionType.supported_versions, shape.body(ExtensionType.supported_versions))


def _plain(bad: Shape, newest: int, name: bytes | None) -> Shape:
    new = newest == Version.tls_1_3
    made = Shape(
        version=Version.tls_1_2,
        session_id=_session(bad) if new else b"",
        suites=(*COMMON_TLS13, *SUITES) if new else SUITES,
        compressions=b"\0",
        extensions=tuple(_extensions(bad, newest, name)),
        record_version=Version.tls_1_0,
    )
    return padded(made, AMBIGUOUS.stop) if made.size in AMBIGUOUS else made


def _session(bad: Shape) -> bytes:
    return bad.session_id if len(bad.session_id) == COMPATIBLE else bytes(range(COMPATIBLE))


def _extensions(bad: Shape, newest: int, name: bytes | None) -> Iterator[Extension]:
    if name is not None:
        yield Extension(ExtensionType.server_name, name)
    yield Extension(ExtensionType.extended_master_secret, b"")
    yield Extension(ExtensionType.renegotiation_info, b"\0")
    yield Extension(ExtensionType.supported_groups, _numbers(2, COMMON_GROUPS))
    yield Extension(ExtensionType.ec_point_formats, bytes((1, ECPointFormat.uncompressed)))
    yield Extension(ExtensionType.signature_algorithms, _numbers(2, SCHEMES))
    if newest == Version.tls_1_3:
        yield Extension(ExtensionType.key_share, _shares(bad))
        yield Extension(ExtensionType.psk_key_exchange_modes, bytes((1, DHE_KE)))
        versions = (Version.tls_1_3, Version.tls_1_2)
        yield Extension(ExtensionType.supported_versions, _numbers(1, versions))


def _numbers(prefix: int, numbers: tuple[int, ...]) -> bytes:
    return (2 * len(numbers)).to_bytes(prefix, "big") + words(numbers)


def _shares(bad: Shape) -> bytes:
    listing, body = LISTINGS[ExtensionType.key_share], bad.body(ExtensionType.key_share)
    captured = listing.split(body) if body is not None else None
    own = [m for m in captured or () if listing.number(m) == Group.x25519]
    usual = words((Group.x25519, len(X25519_POINT))) + X25519_POINT
    return listing.join(own[:1] or [usual])


def server_name(host: str) -> bytes | None:
    """Return the body of server_name for a host, None for no name (RFC 6066 section 3)."""
    try:
        name = host.encode("idna")
    except UnicodeError:
        return None
    entry = bytes((NameType.host_name,)) + len(name).to_bytes(2, "big") + name
    return len(entry).to_bytes(2, "big") + entry


def _wide(bad: Shape, name: bytes | None) -> Shape:
    made = _plain(bad, Version.tls_1_3, name)
    listed = b"".join(bytes((len(p),)) + p for p in PROTOCOLS)
    protocols = len(listed).to_bytes(2, "big") + listed
    for number, body in (
        (ExtensionType.supported_groups, _numbers(2, COMMON_GROUPS + MORE_GROUPS)),
        (ExtensionType.signature_algorithms, _numbers(2, SCHEMES + MORE_SCHEMES)),
        (ExtensionType.application_layer_protocol_negotiation, protocols),
        (ExtensionType.session_ticket, b""),
        (ExtensionType.encrypt_then_mac, b""),
        (ExtensionType.status_request, b"\x01\0\0\0\0"),
    ):
        made = made.with_body(number, body)
    versions = (Version.tls_1_3, Version.tls_1_2, Version.tls_1_1, Version.tls_1_0)
    made = made.with_body(ExtensionType.supported_versions, _numbers(1, versions))
    return padded(made._replace(suites=made.suites + MORE_SUITES), AMBIGUOUS.stop)


def _lean(bad: Shape, newest: int, name: bytes | None, few: Few) -> Shape:
    """One or two of each list, and no extension that can be missed."""
    made = _plain(bad, newest, name)
    for optional in OPTIONAL:
        made = made.with_body(optional, None)
    made = made.with_body(ExtensionType.supported_groups, _numbers(2, few.groups))
    made = made.with_body(ExtensionType.signature_algorithms, _numbers(2, few.schemes))
    if Group.x25519 not in few.groups and made.body(ExtensionType.key_share) is not None:
        made = made.with_body(ExtensionType.key_share, b"\0\0")
    return made._replace(suites=few.suites)


def _reversed(shape: Shape) -> Shape:
    return shape._replace(extensions=shape.extensions[::-1])


def _bare(version: int) -> Shape:
    """No extension at all: what servers before 2006 were made for (RFC 2246, RFC 5246)."""
    old = version < Version.tls_1_2
    suites = [s for s in SUITES + MORE_SUITES if not old or CIPHER_SUITES[s].endswith("CBC_SHA")]
    suites.append(Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
    return Shape(version, b"", tuple(suites), b"\0", (), Version.tls_1_0)


# -- where none was captured -------------------------------------------------------------


def hello_for(host: str | None) -> Flight:
    """Return a plain hello of our own, which asks for a host's name where it has one."""
    asked = server_name(host) if host and is_name(host) else None
    nobodys = Shape(Version.tls_1_2, b"", (), b"", (), Version.tls_1_0)
    return spell(_plain(nobodys, Version.tls_1_3, asked), os.urandom(RANDOM))


# -- in the captured hello's place -------------------------------------------------------


def _instead(make: Callable[[Shape, bytes | None], Shape]) -> Change:
    """Return the change that sends a plain hello, with the name that is asked for, if any."""

    def change(flight: Flight, host: str) -> Sending | None:
        hello = open_hello(flight)
        if hello is None:
            return None
        bad = take_apart(hello, flight)
        named = bad.body(ExtensionType.server_name)
        asked = named if named is not None else server_name(host) if is_name(host) else None
        return put_together(make(bad, asked), hello)

    return change


#: The likeliest to pass: up to TLS 1.3, up to TLS 1.2 and without a session id, and with little.
PLAIN: Final[tuple[Change, ...]] = (
    _instead(lambda bad, name: _plain(bad, Version.tls_1_3, name)),
    _instead(lambda bad, name: _plain(bad, Version.tls_1_2, name)),
    _instead(lambda bad, name: _lean(bad, Version.tls_1_3, name, LEAN)),
)
