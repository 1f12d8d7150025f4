"""The SYN is refused: by a reset, or by an ICMP error.

What it is: the port is closed (no listener, a virtual server that is down), or a firewall or a
router rejects instead of dropping. TLS never begins.

At the client: SYN, then RST+ACK within a round trip, or ICMP type 3 (code 3 port, 9, 10 or 13
administratively prohibited).
At the server: the SYN and its own RST; or nothing, when a box on the way answered in its name.
In the middle: the refusal appears at the box that sent it.

Mistaken for: tcp-syn-filtered (no answer at all); a listener that is full and resets.

Proof: compare the TTL of the RST with that of an open port's SYN-ACK from the same host: another
TTL is another box.

Sources: RFC 9293 section 3.5.2, RFC 792, RFC 1812 section 5.2.7.1.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "tcp-syn-rejected"
STAGE: Stage = "tcp"
SUMMARY = mark("nothing listens on {server}, or a firewall rejects the connection in its name")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Start the service, and let it listen on this address and port."),
    Cited("load_balancer", "Enable the virtual server, and bring its pool up."),
    Cited(
        "firewall",
        "Permit the connection if it was a firewall that answered: compare the TTL "
        "of the refusal with that of the server's other packets.",
    ),
    Cited("client", "Check the address and the port that the client connects to."),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """A SYN that is answered with RST or ICMP was refused; there is nothing else it can be."""
    if not case.stopped("TCP_CONNECT"):
        return None
    if case.ending.how not in ("rst", "icmp"):
        return Refuted(say("no reset and no ICMP error came back"))
    return Finding("proved", (case.closing,), say(SUMMARY, server=case.flow.server.endpoint))
