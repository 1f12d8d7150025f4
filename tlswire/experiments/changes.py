"""The changes that experiments make: what is common among servers of today, put into a hello.

A change takes the captured flight and the target's host name, and returns what is to leave, or
None when it makes no sense for this hello. Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from tlswire import variants
from tlswire.codes import (
    CIPHER_SUITES,
    SIGNATURE_SCHEMES,
    ExtensionType,
    Group,
    SignatureScheme,
    Version,
)
from tlswire.flight import Flight
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER
from tlswire.variants import Edit, Hello, Sending
from tlswire.variants.shape import put_together, take_apart

#: The captured flight and the host of the target -> what is to leave.
Change = Callable[[Flight, str], Sending | None]


def _called(*names: str) -> tuple[int, ...]:
    numbers = {name: code for code, name in CIPHER_SUITES.items()}
    return tuple(numbers[name] for name in names)


#: Suites that nearly every server of today takes, by the key of its certificate.
COMMON: Final[dict[str, tuple[int, ...]]] = {
    "RSA": _called(
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    "ECDSA": _called(
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
}
#: Those of TLS 1.3, for any certificate (RFC 8446 appendix B.4).
COMMON_TLS13: Final = _called(
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
)
COMMON_GROUPS: Final = (Group.secp256r1, Group.x25519, Group.secp384r1, Group.secp521r1)
COMMON_SCHEMES: Final = (
    SignatureScheme.rsa_pss_rsae_sha256,
    SignatureScheme.rsa_pkcs1_sha256,
    SignatureScheme.ecdsa_secp256r1_sha256,
    SignatureScheme.rsa_pss_rsae_sha384,
    SignatureScheme.rsa_pkcs1_sha384,
    SignatureScheme.ecdsa_secp384r1_sha384,
    SignatureScheme.rsa_pss_rsae_sha512,
    SignatureScheme.rsa_pkcs1_sha512,
)
#: A record payload of these sizes was taken for an SSL 2.0 hello; the first size beyond.
AMBIGUOUS, BEYOND = range(256, 512), 512
#: A first segment of fewer bytes than this was met with a reset.
TINY: Final = 8


def edit(make: Callable[[Hello], tuple[Edit, ...]]) -> Change:
    """Return the change that edits a hello's fields."""

    def change(flight: Flight, host: str) -> Sending | None:
        hello = variants.open_hello(flight)
        return variants.edited(flight, make(hello)) if hello is not None else None

    return change


def way(make: Callable[[Flight], Sending | None]) -> Change:
    """Return the change of how the flight is sent."""
    return lambda flight, host: make(flight)


# -- suites ------------------------------------------------------------------------------


def authentications(suites: Sequence[int]) -> frozenset[str]:
    """Return the kinds of certificate that suites up to TLS 1.2 can be used with."""
    exchanges = {CIPHER_SUITES.get(suite, "").partition("_WITH_") for suite in suites}
    names = {before for before, found, _ in exchanges if found}
    return frozenset(kind for kind in COMMON for name in names if name.rpartition("_")[2] == kind)


def one_suite(hello: Hello) -> tuple[Edit, ...]:
    """Add the one suite that most servers take, for a certificate that the client takes."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    first = next(COMMON[kind][0] for kind in COMMON if kind in kinds)
    return () if first in hello.suites else variants.suites(hello, [first])


def same_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the certificates that the client already takes; for all if none."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    return _adding(hello, kinds, COMMON_TLS13 if _offers_tls13(hello) else ())


def other_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the kind of certificate that the client does not take yet."""
    return () if _lacks_scheme(hello) else _other_kind(hello)


def other_kind_and_schemes(hello: Hello) -> tuple[Edit, ...]:
    """The same where the client accepts no signature of that kind either: two changes."""
    return _other_kind(hello) if _lacks_scheme(hello) else ()


def _other_kind(hello: Hello) -> tuple[Edit, ...]:
    offered = authentications(hello.suites)
    return _adding(hello, frozenset(COMMON) - offered) if offered else ()


def schemes_of_its_kind(hello: Hello) -> tuple[Edit, ...]:
    """Accept more signatures of the kinds of key that the client accepts already."""
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms)) or frozenset(COMMON)
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) in kinds])


def schemes_of_ecdsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of ECDSA, where the client accepts those of RSA alone."""
    if kinds_of(hello.listed(ExtensionType.signature_algorithms)) != {"RSA"}:
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "ECDSA"])


def schemes_of_rsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of RSA, where the client accepts others only."""
    if "RSA" in kinds_of(hello.listed(ExtensionType.signature_algorithms)):
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "RSA"])


def kinds_of(schemes: Iterable[int]) -> frozenset[str]:
    """Return the kinds of key whose signatures these schemes are."""
    return frozenset(kind for kind in map(_kind, schemes) if kind in COMMON)


def _kind(scheme: int) -> str:
    """Return the kind of key that makes a signature; rsa_pss_pss needs a key of its own."""
    name = SIGNATURE_SCHEMES.get(scheme, "")
    return "" if name.startswith("rsa_pss_pss") else name.partition("_")[0].upper()


def _lacks_scheme(hello: Hello) -> bool:
    """Tell whether a client of ECDSA alone accepts no signature of RSA either.

    Then two things are in the way, and OpenSSL drops the suites for want of the signatures. A
    client of RSA alone is one thing: it was made so.
    """
    if "RSA" in authentications(hello.suites):
        return False
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms))
    return bool(kinds) and "RSA" not in kinds


def _adding(hello: Hello, kinds: frozenset[str], more: Sequence[int] = ()) -> tuple[Edit, ...]:
    added = [suite for kind in COMMON if kind in kinds for suite in COMMON[kind]]
    missing = [suite for suite in (*added, *more) if suite not in hello.suites]
    return variants.suites(hello, missing) if missing else ()


def _offers_tls13(hello: Hello) -> bool:
    return Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)


# -- names -------------------------------------------------------------------------------


def named(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where it was given by name and the hello asks for none."""
    hello = variants.open_hello(flight)
    if (
        hello is None
        or not host
        or not is_name(host)
        or ExtensionType.server_name in hello.extensions
    ):
        return None
    return variants.edited(flight, variants.sni(hello, host))


def renamed(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where the hello asks for another one."""
    hello = variants.open_hello(flight)
    if hello is None or not host or not is_name(host) or host == _asked(hello):
        return None
    if ExtensionType.server_name not in hello.extensions:
        return None
    return variants.edited(flight, variants.sni(hello, host))


def name_in_two(flight: Flight) -> Sending | None:
    """Let a segment end inside the server name: a filter that joins none does not see it."""
    hello = variants.open_hello(flight)
    place = hello.places.get(_name_place(hello)) if hello is not None else None
    if hello is None or place is None or len(hello.message.spans) > 1:
        return None
    begin = hello.message.spans[0][0] + MESSAGE_HEADER + place[0]
    return variants.segments(flight, [begin + place[1] // 2])


def _name_place(hello: Hello) -> str:
    at = hello.index(ExtensionType.server_name)
    return f"extensions[{at}].body.server_name_list[0].host_name"


def _asked(hello: Hello) -> str | None:
    place = hello.places.get(_name_place(hello))
    return None if place is None else hello.body[place[0] : sum(place)].decode("ascii", "ignore")


def is_name(host: str) -> bool:
    """Tell whether a target is a name, not an address: its last label has a letter."""
    return ":" not in host and any(c.isalpha() for c in host.rpartition(".")[2])


def cleaned_name(hello: Hello) -> tuple[Edit, ...]:
    """Ask for the same name as RFC 6066 section 3 wants it: no dot at the end, no port."""
    name = _asked(hello)
    if name is None:
        return ()
    clean = name.partition(":")[0].rstrip(".").lower()
    if clean == name:
        return ()
    return variants.sni(hello, clean if is_name(clean) else None)


# -- order -------------------------------------------------------------------------------


def elsewhere(extension: int) -> tuple[Change, ...]:
    """Return the changes that only move an extension: to the front, to the end."""
    return tuple(partial(_moved, extension, last) for last in (False, True))


def _moved(extension: int, last: bool, flight: Flight, host: str) -> Sending | None:
    hello = variants.open_hello(flight)
    if hello is None or ExtensionType.pre_shared_key in hello.extensions:
        return None  # which must be the last (RFC 8446 section 4.2.11)
    shape = take_apart(hello, flight)
    moved = [e for e in shape.extensions if e.type == extension]
    others = [e for e in shape.extensions if e.type != extension]
    order = tuple([*others, *moved] if last else [*moved, *others])
    if not moved or order == shape.extensions:
        return None
    return put_together(shape._replace(extensions=order), hello)


# -- size and cuts -----------------------------------------------------------------------


def out_of_the_ambiguous(hello: Hello) -> tuple[Edit, ...]:
    """Pad a hello of 256 to 511 bytes to 512 (RFC 7685 section 1)."""
    body = len(hello.body)
    return variants.padded(hello, BEYOND + MESSAGE_HEADER) if body in _AMBIGUOUS_BODY else ()


def whole_start(flight: Flight) -> Sending | None:
    """Send a tiny first segment together with the rest."""
    tiny = bool(flight.pieces) and len(flight.pieces[0].data) < TINY
    return variants.one_segment(flight) if tiny else None


_AMBIGUOUS_BODY: Final = range(AMBIGUOUS.start - HEADER, AMBIGUOUS.stop)
