"""The ClientHello has a key share for a group that it does not list.

What it is: a hand-built or patched stack sends key_share entries that are not in
supported_groups, or in another order, or none for TLS 1.3.

At the client, at the server and in the middle: illegal_parameter(47) or missing_extension(109)
of strict servers, nothing of lenient ones.

Mistaken for: pq-group-refused, groups-no-overlap.

Proof: read the captured hello; replay with the lists made consistent passes.

Sources: RFC 8446 section 4.2.8 and 9.2; boppreh/hello_tls#3.
"""

from __future__ import annotations

from tlswire.causes import wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.causes.suspects import offers_tls13
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.offer import Offer

ID = "key-share-inconsistent"
STAGE: Stage = "client_hello"
SUMMARY = mark("key_share has {shares}, which supported_groups does not list")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade or repair the stack: each key share must be of a group that supported_groups "
        "lists, in that order.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("groups",)

ABSENT = mark("the client offers TLS 1.3 and has no key_share, which TLS 1.3 requires")

SAID = (
    Alert.illegal_parameter,
    Alert.missing_extension,
    Alert.decode_error,
    Alert.handshake_failure,
)


def look(case: Case) -> Finding | Refuted | None:
    """A share outside the list, refused."""
    if case.offer is None or not case.stopped("SERVER_HELLO") or not case.alerted("server", *SAID):
        return None
    if case.offer.key_shares is None:
        return _absent(case, case.offer)
    stray = [share for share in case.offer.key_shares if share not in (case.offer.groups or ())]
    if not stray:
        return None
    why = say(SUMMARY, shares=wording.groups(stray))
    return Finding("likely", (cite(case.hello, why), case.closing), why, 88)


def _absent(case: Case, offer: Offer) -> Finding | None:
    """No shares at all, and the server misses an extension (RFC 8446 section 9.2)."""
    missed = case.alerted("server", Alert.missing_extension)
    if not missed or not offers_tls13(offer) or offer.signature_algorithms is None:
        return None
    return Finding("likely", (cite(case.hello, say(ABSENT)), case.closing), say(ABSENT), 80)
