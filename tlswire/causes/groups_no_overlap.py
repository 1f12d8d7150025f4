"""No group for the key exchange is common to client and server.

What it is: supported_groups of the client and the server's curves have nothing in common: one
side is restricted to P-521, to brainpool or FIPS curves, the other to X25519.

At the client, at the server and in the middle: a ClientHello, and at once the server's
handshake_failure(40); Java says unexpected_message(10), others illegal_parameter(47) or
insufficient_security(71).

Mistaken for: cipher-no-overlap and sigalgs-no-overlap: to the byte the same alert. A group that
is common but has no key share is asked for by HelloRetryRequest and is no failure.

Proof: replay with one group more passes, and the exact hello fails again.

Sources: RFC 8422 section 4, RFC 8446 section 4.2.7.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Group
from tlswire.language import mark, say

ID = "groups-no-overlap"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server accepts none of the groups offered ({groups})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Enable secp256r1, secp384r1 and x25519.",
    ),
    Cited(
        "server",
        "Add a group that the client offers to the server's list.",
    ),
    Cited(
        "load_balancer",
        "Add a group that the client offers to the profile's list of curves.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("groups",)

#: What servers of today accept: hybrids count by their classical half only as themselves.
USUAL = frozenset({Group.x25519, Group.secp256r1, Group.secp384r1, Group.x25519mlkem768})


def look(case: Case) -> Finding | Refuted | None:
    """A refusal without a reason leaves the groups suspect, the more the fewer were offered."""
    if not refusals.wordless(case) or case.offer is None or refusals.old(case):
        return None
    if not suspects.uses_groups(case.offer):
        return Refuted(say("no suite offered takes its key from a named group"))
    offered = case.offer.groups
    if offered is None:
        return None
    weight = _suspicion(case, offered)
    evidence = (
        case.closing,
        cite(case.hello, say("groups offered: {groups}", groups=wording.groups(offered, 12))),
    )
    why = say(SUMMARY, groups=wording.groups(offered))
    return Finding("likely" if weight >= 70 else "possible", evidence, why, weight)


def _suspicion(case: Case, offered: tuple[int, ...]) -> int:
    base = 45 if case.alerted("server", Alert.unexpected_message) else 27
    if refusals.mute(case):
        base = 10
    elif case.offer is not None and suspects.groups_of_all(case.offer):
        base -= 17
    if not USUAL & set(offered):
        base += 50
    return base + {1: 50, 2: 20}.get(len(offered), 0)
