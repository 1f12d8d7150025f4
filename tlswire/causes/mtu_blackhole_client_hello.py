"""The large ClientHello is lost on the way because a packet does not fit.

What it is: the path has a smaller MTU somewhere (a tunnel, a VPN, PPPoE), the packet may not be
fragmented, and the ICMP message that would say so is filtered. The TCP handshake is small and
passes.

At the client: the full-size segment of the ClientHello sent again and again, never acknowledged;
no ICMP. A client with a small hello passes, a browser with a post-quantum key share fails.
At the server: the TCP handshake, then only the tail of the ClientHello, or nothing.
In the middle: the full segment enters the tunnel and does not leave.

Mistaken for: sni-filter-drop, where a small hello is lost as well; pq-client-hello-too-big,
where it is acknowledged.

Proof: replay in small segments, or with a small MSS, passes; padded to more than a segment it
fails.

Sources: RFC 2923 section 2.1, RFC 4821, RFC 8899; NICMx/Jool#455,
Start9Labs/start-technologies#3262.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.flow import Segment
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "mtu-blackhole-client-hello"
STAGE: Stage = "tcp"
SUMMARY = mark(
    "a full-size segment of the ClientHello ({size} bytes) is lost on the way: it does not fit"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Clamp the MSS of TCP to the path's MTU at the tunnel.",
    ),
    Cited(
        "firewall",
        "Let ICMP type 3 code 4 (fragmentation needed) and ICMPv6 type 2 pass; clamp the MSS.",
    ),
    Cited(
        "client",
        "As a stop-gap lower the interface's MTU.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("segments", "mss", "padding")

#: A segment of so many bytes may be too large for a tunnel on the way.
LARGE = 1200
HEADLESS = mark(
    "the client's first {size} bytes never came here and were not acknowledged, {tail} bytes that "
    "follow them did"
)
SMALL_TOO = mark("the small segment after it was not acknowledged either, as out of order")


def look(case: Case) -> Finding | Refuted | None:
    """A ClientHello that was sent again and never acknowledged, in a large segment."""
    sender = case.flow.client
    if refusals.headless(case) and case.stopped("CLIENT_HELLO"):
        return _headless(case)
    unheard = case.ended("network", "silence") and sender.acked < sender.sent
    if not unheard or not case.stopped("SERVER_HELLO", "CLIENT_HELLO") or not sender.sent:
        return None
    lost = [s for s in sender.segments if s.offset + s.length > sender.acked]
    largest = max((s.length for s in lost), default=0)
    if largest < LARGE:
        return Refuted(
            say(
                "the largest segment that was lost has {largest} bytes, which fits any path",
                largest=largest,
            )
        )
    shown = _shown(case, next(s for s in lost if s.length == largest))
    why = say(SUMMARY, size=largest)
    if refusals.swallowed(case):
        small = Evidence(text=say(SMALL_TOO), sender="server")
        return Finding("possible", (shown, small, case.closing), why, 45)
    return Finding("likely", (shown, case.closing), why, 88)


def _headless(case: Case) -> Finding:
    """Beyond the place where it is lost only the small end of the hello arrives."""
    sender = case.flow.client
    size, tail = sender.lost_head, next(iter(sender.segments), None)
    text = say(HEADLESS, size=size, tail=sender.sent - size)
    shown = Evidence(text=text, frame=tail.frame if tail is not None else None, sender="client")
    return Finding("likely", (shown,), say(SUMMARY, size=size), 88)


def _shown(case: Case, lost: Segment) -> Evidence:
    text = say(
        "{largest} bytes sent, sent again {retransmissions} times, never acknowledged",
        largest=lost.length,
        retransmissions=case.flow.client.retransmissions,
    )
    return Evidence(
        text=text, frame=lost.frame, sender="client", offset=lost.offset, length=lost.length
    )
