"""A new connection meets the remains of an old one with the same addresses and ports.

What it is: the source port was used a moment ago, and the server, the balancer or a firewall still
holds that connection: it answers the SYN with an ACK of the old stream (a challenge ACK), or not
at all.

At the client, at the server and in the middle: a SYN, then an ACK instead of a SYN-ACK, then the
client's RST; the retry passes. Behind address translation with few ports it comes and goes.

Mistaken for: tcp-syn-rejected, where the first answer is a RST; tcp-syn-filtered.

Proof: the same source port fails at once after a close, a new one passes.

Sources: RFC 9293 section 3.10.7, RFC 5961 section 4, RFC 6191; cilium/cilium#45863,
cloudfoundry/silk-release#29.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-port-reuse"
STAGE: Stage = "tcp"
SUMMARY = mark(
    "the SYN met an old connection with the same ports: it was answered with an ACK, not a SYN-ACK"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Give address translation more ports or addresses, so that each port may rest.",
    ),
    Cited(
        "load_balancer",
        "Shorten the time that closed connections are kept, and use TCP timestamps.",
    ),
    Cited("client", "Let the system choose the source port; do not bind to a fixed one."),
)
SPLIT_BY: tuple[str, ...] = ()

SHOWN = mark("the client reset a connection whose SYN had been answered without a SYN-ACK")


def look(case: Case) -> Finding | Refuted | None:
    """A server that answered the SYN, with neither SYN-ACK nor RST."""
    client, server = case.flow.client, case.flow.server
    if not case.flow.saw_syn or server.syn_frames or server.resets or not server.packets:
        return None
    if not client.resets or server.sent:
        return None
    frame = client.resets[0].frame or None
    shown = Evidence(text=say(SHOWN), frame=frame, sender="client")
    return Finding("likely", (shown, case.closing), say(SUMMARY), 75)
