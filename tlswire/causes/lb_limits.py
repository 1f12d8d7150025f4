"""A balancer or server is at its limit and turns connections away.

What it is: the licence for TLS transactions, the number of connections, a rate limit or memory is
used up.

At the client, at the server and in the middle: at busy times a part of the connections ends with
RST or FIN and no byte of TLS; the rest passes.

Mistaken for: server-abrupt-eof, lb-tcp-accept-no-member, pool-member-differs.

Proof: replay at a quiet time passes; the box counts what it turned away.

Sources: haproxy/haproxy src/connection.c, Palo Alto Networks on session end reasons.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.ending import PATIENCE
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "lb-limits"
STAGE: Stage = "client_hello"
SUMMARY = mark("a limit has been reached at the server or its balancer, which serve others")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Look at the counters of connections, TLS transactions and rates; raise what is reached.",
    ),
    Cited("firewall", "Look for sessions that ended for want of resources."),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """A server that left without a byte, and serves others."""
    unheard = case.unused and case.ended("server", "fin", "rst") and case.waited < PATIENCE
    if not (refusals.mute(case) or unheard) or not case.served_others:
        return None
    shown = Evidence(text=say("another connection to the same address and port was established"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 62 if unheard else 35)
