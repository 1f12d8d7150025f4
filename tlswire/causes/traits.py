"""What a ClientHello may hold that some server or box does not bear, by name.

Other connections to the same server tell whether it bears a trait: one that was served with it
acquits it, one that was served without it makes it suspect. Reads offers only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tlswire import codes
from tlswire.causes.suspects import offers_tls13
from tlswire.codes import ExtensionType, Suite
from tlswire.offer import Offer

#: A hello of so many bytes fills more than one segment on any path.
LARGE: Final = 1400
#: More suites than this are more than any usual client of today offers.
MANY: Final = 60
#: Lengths of a hello whose record begins as a message of SSL 2.0 does.
DANGEROUS: Final = range(256, 512)
#: All of them: to look a group up is quicker than to read its name.
_HYBRIDS: Final = frozenset(filter(codes.is_hybrid, codes.GROUPS))


def _holds(extension: int) -> Callable[[Offer], bool]:
    return lambda offer: extension in offer.extensions


#: Each trait, and how it is seen.
TRAITS: Final[dict[str, Callable[[Offer], bool]]] = {
    "tls13": offers_tls13,
    "large": lambda offer: offer.size > LARGE,
    "hybrid": lambda offer: not _HYBRIDS.isdisjoint(offer.groups or ()),
    "grease": lambda offer: offer.grease,
    "ech": _holds(ExtensionType.encrypted_client_hello),
    "dangerous length": lambda offer: offer.size in DANGEROUS,
    "empty end": lambda offer: offer.empty_end,
    "no master secret": lambda offer: (
        ExtensionType.extended_master_secret not in offer.extensions and not offers_tls13(offer)
    ),
    "no disguise": lambda offer: offers_tls13(offer) and not offer.session_id,
    "resumes": lambda offer: offer.resumes,
    "many suites": lambda offer: len(offer.suites) >= MANY,
    "fallback": lambda offer: Suite.TLS_FALLBACK_SCSV in offer.suites,
    "h2": lambda offer: b"h2" in (offer.alpn or ()),
}


def of(offer: Offer) -> frozenset[str]:
    """Return the traits that an offer has."""
    return frozenset(name for name, has in TRAITS.items() if has(offer))
