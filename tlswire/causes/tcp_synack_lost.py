"""The SYN arrives, its answer does not come back.

What it is: the server answers, and the SYN-ACK is lost on its way: no route back, a load
balancer without source translation, a stateful firewall that saw only one direction.

At the client: the SYN sent again and again, no answer; the same as tcp-syn-filtered.
At the server: SYN, SYN-ACK, and the SYN-ACK again after 1, 3 and 7 seconds.
In the middle: the SYN-ACK on another interface, or not at all.

Mistaken for: tcp-syn-filtered; only a capture at the server tells them apart.

Proof: capture at the client and at the server at the same time and compare.

Sources: RFC 9293 section 3.10.7; openzro/openzro#196.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-synack-lost"
STAGE: Stage = "tcp"
SUMMARY = mark("the server's SYN-ACK is lost on its way back to the client")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Give the server a route back to the client that passes the same firewalls.",
    ),
    Cited(
        "load_balancer",
        "Translate the source address, or be the members' default gateway.",
    ),
    Cited(
        "firewall",
        "Let the SYN-ACK pass: check the state table and the rules of the direction back.",
    ),
)
SPLIT_BY: tuple[str, ...] = ()

REPEATED = mark(
    "the server repeated its SYN-ACK {count} times and the client never acknowledged it"
)


def look(case: Case) -> Finding | Refuted | None:
    """Unanswered SYNs, or SYN-ACKs that the client never heard."""
    flow = case.flow
    if not case.stopped("TCP_CONNECT") or case.ending.how != "silence":
        return None
    count = len(flow.server.syn_frames) - 1
    if count < 1:
        evidence = Evidence(text=say("no SYN-ACK was seen here; the server may have sent one"))
        return Finding("possible", (evidence,), say(SUMMARY), 40)
    text = say(REPEATED, count=count)
    evidence = Evidence(text=text, frame=flow.server.syn_frames[-1], sender="server")
    return Finding("likely", (evidence,), say(SUMMARY), 85)
