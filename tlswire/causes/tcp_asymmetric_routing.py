"""A stateful firewall sees only one direction of the connection.

What it is: packets go one way through one firewall and come back through another, or past it.
The one that saw no SYN, or no SYN-ACK, drops what follows. Often it depends on the source port,
because of hashing over several paths.

At the client: the SYN-ACK is missing; or TCP opens and the ClientHello is sent again and again.
At the server: the client's packets arrive, its answers are not acknowledged.
In the middle: one direction only; the firewall logs that the first packet is no SYN.

Mistaken for: tcp-syn-filtered, mtu-blackhole-client-hello, sni-filter-drop.

Proof: replay many times from varied source ports: what passes depends on the port.

Sources: the documentation of Cisco ASA on asymmetric routing.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-asymmetric-routing"
STAGE: Stage = "tcp"
SUMMARY = mark("a stateful firewall sees one direction of the connection and drops the other")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Make both directions pass the same firewall.",
    ),
    Cited(
        "firewall",
        "Share state between the firewalls, or exempt this flow from state checks.",
    ),
    Cited(
        "load_balancer",
        "Translate the source address so that answers come back the same way.",
    ),
)
SPLIT_BY: tuple[str, ...] = ()

#: How well it fits beside the more usual causes of the same silence.
UNHEARD, OTHERWISE = 30, 20
ANOTHER_WAY = mark(
    "the client acknowledged a SYN-ACK, and the capture holds no packet of the server: its answers "
    "do not come by here"
)


def look(case: Case) -> Finding | Refuted | None:
    """Silence of the network: before the SYN-ACK, or over the first data."""
    if not case.ended("network", "silence"):
        return None
    if case.flow.server.holes:
        return Refuted(say("packets came through in both directions, some of the server's did not"))
    if case.unseen == "server" and case.stopped("SERVER_HELLO"):
        return _elsewhere(case)
    weight = UNHEARD if case.stopped("SERVER_HELLO") else OTHERWISE
    return Finding("possible", (case.closing,), say(SUMMARY), weight)


def _elsewhere(case: Case) -> Finding:
    """The client heard a SYN-ACK that did not come by here: answers take another way."""
    shown = Evidence(text=say(ANOTHER_WAY), sender="client")
    return Finding("likely", (shown, case.closing), say(SUMMARY), 78)
