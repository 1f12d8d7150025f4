"""A box on the way swallows ClientHellos with this name.

What it is: a filter reads server_name and drops the packet, silently.

At the client: TCP opens, the ClientHello is sent again and again and is never acknowledged,
although it fits into one small segment.
At the server: the TCP handshake, then nothing.
In the middle: the ClientHello enters the filter and does not leave.

Mistaken for: mtu-blackhole-client-hello, where only large segments are lost; app-id-policy-drop,
where the name does not matter.

Proof: replay with another name of the same length passes.

Sources: RFC 8744 section 2; Lochnair/xt_tls#71.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "sni-filter-drop"
STAGE: Stage = "tcp"
SUMMARY = mark("a box on the way drops the ClientHello with the name {name}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit this name in the URL or application filter.",
    ),
    Cited(
        "network",
        "Capture on both sides of each box and find the one that the ClientHello does not leave.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni", "segments", "records")

#: A hello in larger segments may be lost for its size.
SMALL = 1200


def look(case: Case) -> Finding | Refuted | None:
    """A small ClientHello, or the small end of one, that was never acknowledged."""
    sender = case.flow.client
    if not case.stopped("SERVER_HELLO") or not case.ended("network", "silence"):
        return None
    if sender.acked >= sender.sent:
        return Refuted(say("the ClientHello was acknowledged"))
    if case.server_name is None:
        return None
    lost = [s for s in sender.segments if s.offset + s.length > sender.acked]
    small = all(segment.length < SMALL for segment in lost)
    text = say(
        "the ClientHello was sent again {retransmissions} times, never acknowledged",
        retransmissions=sender.retransmissions,
    )
    why = say(SUMMARY, name=wording.quote(case.server_name))
    other = case.served_other_name
    served = say(
        "the same server served {other} in another connection", other=wording.quote(other or "")
    )
    evidence = (cite(case.hello, text), *[Evidence(text=served)] * bool(other), case.closing)
    return Finding("likely" if small else "possible", evidence, why, _weight(case, small))


def _weight(case: Case, small: bool) -> int:
    """Weigh a large hello by whether its small last segment was lost as well as the large one."""
    if small:
        return 75
    return 52 if refusals.swallowed(case) else 35
