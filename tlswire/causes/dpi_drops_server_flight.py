"""A box drops the server's flight for what it looks like.

What it is: a filter recognises the ServerHello or the certificate, by size or by form, and drops
the packets. They are small enough for any path, so their size is not at fault.

At the server: its flight sent again and again and never acknowledged. At the client: nothing after
the ClientHello, or a reset. In the middle: the flight goes in and does not come out.

Mistaken for: mtu-blackhole-server-flight, where only full segments are lost;
tcp-asymmetric-routing.

Proof: replay from beyond the box passes; another certificate, or TLS 1.3, which hides it, passes.

Sources: telemt/telemt#844.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "dpi-drops-server-flight"
STAGE: Stage = "server_hello"
SUMMARY = mark("segments of the server that fit any path are lost: a filter may drop them")
REMEDIES: tuple[Cited, ...] = (
    Cited("firewall", "Find the rule that matches the server's answer, and exempt the server."),
    Cited("network", "Compare captures on both sides of each box."),
)
SPLIT_BY: tuple[str, ...] = ("mss", "version")

UNSEEN = mark("a filter may drop the server's answer, of which nothing is seen here")
#: How well it fits where nothing of the server is seen.
UNANSWERED = 21
SOME = mark("a filter may drop segments of the server's flight for what they hold")

#: A segment of this many bytes fits the smallest path of IPv6 (RFC 8200 section 5).
FITS = 1200


def look(case: Case) -> Finding | Refuted | None:
    """Small segments of the server that were repeated and never acknowledged."""
    server = case.flow.server
    if case.ending.how != "silence" or case.ending.side == "client" or case.hello is None:
        return None
    if server.holes:
        begin, length = server.holes[0]
        gap = Evidence(text=wording.gap(begin, length), sender="server")
        return Finding("possible", (gap, case.closing), say(SOME), 42)
    if case.ending.side == "network" and refusals.unanswered(case):
        return Finding("possible", (case.closing,), say(UNSEEN), UNANSWERED)
    lost = [s for s in server.segments if s.offset + s.length > server.acked]
    if not lost or not server.retransmissions or max(s.length for s in lost) > FITS:
        return None
    text = say(
        "{number} bytes of the server in small segments never got through",
        number=server.sent - server.acked,
    )
    shown = Evidence(text=text, frame=lost[0].frame or None, sender="server")
    return Finding("possible", (shown, case.closing), say(SUMMARY), 60)
