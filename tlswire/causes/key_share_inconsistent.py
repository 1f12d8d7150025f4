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
from tlswire.codes import Alert
from tlswire.language import mark, say

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

SAID = (
    Alert.illegal_parameter,
    Alert.missing_extension,
    Alert.decode_error,
    Alert.handshake_failure,
)


def look(case: Case) -> Finding | Refuted | None:
    """A share outside the list, refused."""
    if case.offer is None or not case.stopped("SERVER_HELLO") or case.offer.key_shares is None:
        return None
    if not case.alerted("server", *SAID):
        return None
    stray = [share for share in case.offer.key_shares if share not in (case.offer.groups or ())]
    if not stray:
        return None
    why = say(SUMMARY, shares=wording.groups(stray))
    return Finding("likely", (cite(case.hello, why), case.closing), why, 88)
