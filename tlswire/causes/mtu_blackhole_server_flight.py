"""The server's large flight is lost on the way because its packets do not fit.

What it is: as mtu-blackhole-client-hello, in the other direction: the Certificate fills packets,
they do not fit the path back, and the ICMP message is filtered.

At the client: the ClientHello acknowledged, then nothing, or the end of the flight with a gap
before it: duplicate ACKs for what is missing.
At the server: full-size segments sent again with growing pauses, never acknowledged.
In the middle: full segments of the server lost, small ones pass.

Mistaken for: server-stall, because the client sees only silence.

Proof: replay with a small MSS passes: the server then sends small segments.

Sources: RFC 2923 section 2.1, RFC 4821; Palo Alto Networks KB kA10g000000PN0gCAG.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "mtu-blackhole-server-flight"
STAGE: Stage = "tcp"
SUMMARY = mark("full-size segments of the server's flight are lost on the way")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Clamp the MSS of TCP to the path's MTU at the tunnel.",
    ),
    Cited(
        "firewall",
        "Let ICMP type 3 code 4 and ICMPv6 type 2 pass to the server.",
    ),
    Cited(
        "load_balancer",
        "Lower the MSS of the virtual server.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("mss",)

NOTHING = mark("the number of the server's last packet shows that it had sent nothing")
AGAIN = mark("the server sent its segments again {count} times and they were not acknowledged")


def look(case: Case) -> Finding | Refuted | None:
    """A gap in the server's stream, or its segments never acknowledged."""
    asked = case.hello is not None or case.unseen == "client"
    if case.ending.how != "silence" or not asked or case.ending.side == "client":
        return None
    if case.stopped("TCP_CONNECT", "CLIENT_HELLO"):
        return None
    server = case.flow.server
    if server.holes:
        begin, length = server.holes[0]
        shown = Evidence(text=wording.gap(begin, length), sender="server")
        return Finding("likely", (shown, case.closing), say(SUMMARY), 88)
    if server.acked < server.sent and server.retransmissions:
        shown = Evidence(text=say(AGAIN, count=server.retransmissions), sender="server")
        return Finding("likely", (shown, case.closing), say(SUMMARY), 80)
    if case.ending.side == "network":
        return _possible(case, 40) if server.acked < server.sent else None
    if refusals.sent_nothing(case):
        return Refuted(say(NOTHING))
    return _possible(case, 45 if server.sent else 30)


def _possible(case: Case, weight: int) -> Finding:
    return Finding("possible", (case.closing,), say(SUMMARY), weight)
