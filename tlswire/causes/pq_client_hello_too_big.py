"""The ClientHello fills more than one segment, and the server reads one.

What it is: a post-quantum key share makes the hello larger than a packet. A server or a box that
does a single read takes the first segment for the whole.

At the client, at the server and in the middle: a hello in two segments, both acknowledged, then
a reset, a close or silence. Clients without the hybrid group pass.

Mistaken for: mtu-blackhole-client-hello, where the large segment is never acknowledged;
pq-group-refused, where the group and not the size is at fault.

Proof: replay without the group passes; without it and padded to the same size fails.

Sources: RFC 8446 section 5.1; golang/go#80573, canonical/lxd#14839, openssl/openssl#27557,
MetaCubeX/mihomo#1711.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "pq-client-hello-too-big"
STAGE: Stage = "client_hello"
SUMMARY = mark(
    "the ClientHello ({size} bytes) fills more than one segment, which the server cannot read"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade: the server must read until the record is complete.",
    ),
    Cited(
        "load_balancer",
        "Upgrade the firmware.",
    ),
    Cited(
        "firewall",
        "Upgrade the inspection engine.",
    ),
    Cited(
        "client",
        "As a stop-gap take the hybrid group out of the offer.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("groups", "segments", "padding")


#: What a server says that takes the first half of a hello for the whole.
SAID = (Alert.decode_error, Alert.unexpected_message, Alert.record_overflow)


def look(case: Case) -> Finding | Refuted | None:
    """A hello in several segments, acknowledged and not answered."""
    segments = case.flow.client.segments
    if case.offer is None or not case.stopped("SERVER_HELLO") or len(segments) < 2:
        return None
    if case.offer.size <= segments[0].length or not (_left(case) or _taken_away(case)):
        return None
    why = say(SUMMARY, size=case.offer.size)
    if refusals.swallowed(case) and suspects.hybrids(case.offer):
        return Finding("possible", (cite(case.hello, why), case.closing), why, SWALLOWED)
    if refusals.swallowed(case) or case.alerted("server", *SAID):
        return Finding("possible", (cite(case.hello, why), case.closing), why, OTHERWISE)
    return odds.judge(case, ID, (cite(case.hello, why),), why)


#: How well it fits where not even a small segment arrived, and where an alert was said.
SWALLOWED, OTHERWISE = 55, 50


def _left(case: Case) -> bool:
    """Tell whether the server had all of the hello, and did not know what to do with it."""
    heard = case.offer is not None and case.flow.client.acked >= case.offer.size
    silent = case.ended("server", "silence")
    return heard and (silent or refusals.mute(case) or case.alerted("server", *SAID))


def _taken_away(case: Case) -> bool:
    """Tell whether a box between reset it, or kept large and small segments alike."""
    return refusals.reset_on_the_way(case) or refusals.swallowed(case)
