"""Something on the way drops the SYN: nobody answers, not even with a refusal.

What it is: a packet filter without a rule for this address and port, or a route that leads
nowhere, swallows the first packet. TLS never begins.

At the client: the SYN is sent again after about 1, 3 and 7 seconds; no answer, no ICMP.
At the server: nothing at all.
In the middle: the SYN enters the box that drops it and does not leave; the box logs a deny.

Mistaken for: tcp-synack-lost (the server did answer, its answer was lost; only a capture at the
server tells), a server that is switched off.

Proof: connect from both sides of each box on the way. The SYN that is answered on the near side
of the server and not on the far side of a box names the box.

Sources: RFC 9293 section 3.8.1 (retransmission).
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import counted, mark, say
from tlswire.result import Evidence

ID = "tcp-syn-filtered"
STAGE: Stage = "tcp"
SUMMARY = mark("a firewall on the way drops the SYN to {server}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit TCP from the client's address to this address and port; mind whether "
        "the rule wants the address before or after translation.",
    ),
    Cited("network", "Check the route to the server, and back, from every hop."),
    Cited(
        "server", "Make sure that the host is up and that its own packet filter lets the port in."
    ),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """Unanswered SYNs are a filter, most likely."""
    if not case.stopped("TCP_CONNECT"):
        return None
    if case.ending.how != "silence":
        return Refuted(say("the SYN was answered with a refusal"))
    if case.flow.server.syn_frames:
        return Refuted(say("the server answered the SYN with a SYN-ACK"))
    syns = case.flow.client.syn_frames
    waited = case.lasting("within")
    text = counted(
        "{number} SYN, no answer of any kind {waited}",
        "{number} SYNs, no answer of any kind {waited}",
        len(syns),
        waited=waited,
    )
    evidence = Evidence(text=text, frame=syns[0] if syns else None, sender="client")
    return Finding("likely", (evidence,), say(SUMMARY, server=case.flow.server.endpoint), 70)
