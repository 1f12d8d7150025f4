"""What an offer leaves possible: which keys, groups and certificates its lists need."""

from __future__ import annotations

from typing import Final

from tlswire import codes
from tlswire.codes import Group, SignatureScheme
from tlswire.offer import Offer
from tlswire.transcript import is_tls13


def uses_groups(offer: Offer) -> bool:
    """Tell whether some suite offered takes its key from a named elliptic or hybrid group."""
    from tlswire.suites import SUITES

    exchanges = [SUITES[suite].key_exchange for suite in offer.suites if suite in SUITES]
    return any(kind == "any" or kind.startswith("EC") for kind in exchanges)


def authentications(offer: Offer) -> frozenset[str]:
    """Return the kinds of certificate that the suites up to TLS 1.2 need."""
    from tlswire.suites import SUITES

    known = (SUITES[suite].authentication for suite in offer.suites if suite in SUITES)
    return frozenset(kind for kind in known if kind not in ("any", "NULL"))


def kinds_of_key(schemes: tuple[int, ...]) -> frozenset[str]:
    """Return the kinds of key that signature schemes need: "rsa", "ecdsa", "ed25519" …"""
    names = (codes.SIGNATURE_SCHEMES.get(scheme, "") for scheme in schemes)
    return frozenset(name.partition("_")[0] for name in names if name)


def offers_tls13(offer: Offer) -> bool:
    """Tell whether TLS 1.3, or a draft of it, is among the versions offered."""
    return any(is_tls13(version) for version in offer.versions)


def contradicts_itself(offer: Offer) -> bool:
    """Tell whether no suite offered belongs to any version offered."""
    from tlswire.suites import SUITES

    known = [SUITES[suite] for suite in offer.suites if suite in SUITES]
    new = [facts for facts in known if facts.key_exchange == "any"]
    has_new, has_old = offers_tls13(offer), not all(is_tls13(v) for v in offer.versions)
    return bool(known) and not ((new and has_new) or (len(new) < len(known) and has_old))


def hybrids(offer: Offer) -> tuple[int, ...]:
    """Return the groups offered that hold a post-quantum part."""
    return tuple(filter(codes.is_hybrid, offer.groups or ()))


#: What a server of any age and kind finds something in: one that refuses a hello with all of them
#: has its reason elsewhere.
GROUPS_OF_ALL: Final = frozenset({Group.x25519, Group.secp256r1, Group.secp384r1, Group.secp521r1})
SCHEMES_OF_ALL: Final = frozenset(
    {
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pkcs1_sha256,
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.ed25519,
    }
)


def is_usual(suite: int) -> bool:
    """Tell whether servers of today take it: TLS 1.3, or ECDHE with GCM or ChaCha20.

    RFC 9325 section 4.2 names them. CCM is for small devices, and servers seldom have it enabled.
    """
    from tlswire.suites import SUITES

    facts = SUITES.get(suite)
    if facts is None or "CCM" in facts.encryption:
        return False
    return facts.key_exchange == "any" or (facts.key_exchange == "ECDHE" and facts.mac == "AEAD")


def lone_kind(offer: Offer) -> str | None:
    """Return the one kind of certificate that every suite needs; TLS 1.3 suits every kind."""
    kinds = authentications(offer)
    if offers_tls13(offer) or len(kinds) != 1 or not kinds <= {"RSA", "ECDSA"}:
        return None
    (kind,) = kinds
    return kind


def kind_is_telling(offer: Offer) -> bool:
    """Tell whether the kind of certificate is likelier at fault than the suites themselves.

    Of two usual suites of one kind a server with that kind has one; ECDSA alone is rare.
    """
    usual = sum(map(is_usual, offer.suites))
    return usual > {"ECDSA": 0, "RSA": 1}.get(lone_kind(offer) or "", usual)


def suits_all(suites: tuple[int, ...]) -> bool:
    """Tell whether old servers and new ones find a suite here: ECDHE with an AEAD, and CBC.

    Suites of TLS 1.3 alone suit all servers of TLS 1.3 when two usual ones are offered.
    """
    from tlswire.suites import SUITES

    old = [SUITES[s] for s in suites if s in SUITES and SUITES[s].key_exchange != "any"]
    if not old:
        return sum(map(is_usual, suites)) > 1
    return any(map(is_usual, suites)) and any(facts.mac != "AEAD" for facts in old)


def one_strength(suites: tuple[int, ...]) -> bool:
    """Tell whether AES-GCM is offered with keys of one length alone: a list written by hand.

    No library leaves one of the two out by itself, and many a server takes only the other.
    """
    from tlswire.suites import SUITES

    ciphers = {SUITES[s].encryption for s in suites if s in SUITES and is_usual(s)}
    return len({cipher for cipher in ciphers if "AES" in cipher}) == 1


def groups_of_all(offer: Offer) -> bool:
    """Tell whether a server with any usual curve finds it offered."""
    return GROUPS_OF_ALL.issubset(offer.groups or ())


def is_of_all(offer: Offer) -> bool:
    """Tell whether any usual server finds a suite, a group and a signature scheme offered."""
    return suits_all(offer.suites) and groups_of_all(offer) and schemes_of_all(offer)


def schemes_of_all(offer: Offer) -> bool:
    """Tell whether a server with any usual key finds its signature accepted."""
    return SCHEMES_OF_ALL.issubset(offer.signature_algorithms or ())
