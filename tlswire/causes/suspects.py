"""What an offer leaves possible: which keys, groups and certificates its lists need."""

from __future__ import annotations

from tlswire import codes
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
    names = ((group, codes.GROUPS.get(group, "").lower()) for group in offer.groups or ())
    return tuple(group for group, name in names if "mlkem" in name or "kyber" in name)
