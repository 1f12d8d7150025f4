"""What a server would have to accept for this client to pass: the best of what it offers.

Judges strength and names its price; a broken suite or version is never asked for. Knows no
product.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.codes import Version
from tlswire.language import in_turn, mark, say
from tlswire.offer import Offer
from tlswire.suites import SUITES, SuiteFacts
from tlswire.transcript import is_tls13

#: Suites named in one setting at most.
MOST = 4
#: Words in the names of suites that no server should be told to accept again.
BROKEN: Final = ("anon", "EXPORT", "RC4", "RC2", "IDEA", "MD5")
BETTER: Final = mark(
    "Better: update the client, or its TLS library, so that it offers {wanted}; take the setting "
    "back afterwards."
)
SHA1_ONLY: Final = mark(
    "The client verifies signatures with SHA-1 or MD5 only: update it. A server that signs so "
    "(OpenSSL at @SECLEVEL=0) can be impersonated."
)
OLD_HASHES: Final = ("sha1", "md5", "sha224")
MODERN: Final = mark("TLS 1.2 or 1.3 with ECDHE and AES-GCM or ChaCha20")


#: RFC 9325 section 4.2, with ChaCha20; and RFC 8446 section 9.1.
USUAL: Final = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
USUAL_TLS13: Final = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)


class Need(NamedTuple):
    """Suites to accept, the best offered, with what accepting them costs; none where broken."""

    suites: tuple[SuiteFacts, ...]
    price: str | None


def suites(offer: Offer) -> Need:
    """Return the suites up to TLS 1.2, or those of 1.3 where nothing else is offered."""
    known = [SUITES[suite] for suite in offer.suites if suite in SUITES]
    old = [facts for facts in known if facts.key_exchange != "any"]
    if not old:
        return Need(tuple(known[:MOST]), None)
    sound = sorted((f for f in old if not broken(f)), key=_rank)
    best = [facts for facts in sound if _rank(facts) == _rank(sound[0])]
    return Need(tuple(best[:MOST]), price(best[0]) if best else None)


def only_tls13(offer: Offer) -> bool:
    """Tell whether no suite offered belongs to a version below TLS 1.3."""
    known = [SUITES[suite] for suite in offer.suites if suite in SUITES]
    return bool(known) and all(facts.key_exchange == "any" for facts in known)


def usual_suites(beside: tuple[SuiteFacts, ...]) -> tuple[SuiteFacts, ...]:
    """Return the suites that servers of today have anyway, of the version of those beside them."""
    new = any(facts.key_exchange == "any" for facts in beside)
    named = {facts.name: facts for facts in SUITES.values()}
    return tuple(named[name] for name in (USUAL_TLS13 if new else USUAL))


def broken(facts: SuiteFacts) -> bool:
    """Tell whether a suite protects nothing worth the name (RFC 9325 section 4.1)."""
    return facts.bits < 112 or any(word in facts.name for word in BROKEN)


def _rank(facts: SuiteFacts) -> int:
    """Order suites: forward secrecy first, then AEAD, then whether every server has them."""
    secrecy = 0 if facts.key_exchange == "ECDHE" else 2 if facts.forward_secrecy else 4
    return secrecy + (facts.mac != "AEAD") + 8 * ("3DES" in facts.encryption)


def price(facts: SuiteFacts) -> str | None:
    """Say what accepting a suite costs; None for one that RFC 9325 recommends."""
    costs = []
    if not facts.forward_secrecy:
        costs.append(say("no forward secrecy: a stolen key opens recorded connections"))
    if "3DES" in facts.encryption:
        costs.append(say("64-bit blocks, which leak after some gigabytes (Sweet32)"))
    elif facts.mac != "AEAD":
        costs.append(say("CBC, which has a history of padding attacks (Lucky Thirteen)"))
    return in_turn(costs) if costs else None


#: What accepting a version costs; versions that are not here are never asked for.
VERSION_PRICES: Final[dict[int, str | None]] = {
    Version.tls_1_0: mark("TLS 1.0 is forbidden by RFC 8996 and PCI DSS"),
    Version.tls_1_1: mark("TLS 1.1 is forbidden by RFC 8996"),
    Version.tls_1_2: None,
    Version.tls_1_3: None,
}


def highest_version(offer: Offer) -> int | None:
    """Return the best version the client has, None where no server should accept it."""
    version = Version.tls_1_3 if is_tls13(offer.highest) else offer.highest
    return version if version in VERSION_PRICES else None


def lowest_version(offer: Offer) -> int | None:
    """Return the oldest version of those offered that a server may be raised to."""
    known = [v for v in offer.versions if v in VERSION_PRICES and v >= Version.tls_1_2]
    return min(known, default=None)
