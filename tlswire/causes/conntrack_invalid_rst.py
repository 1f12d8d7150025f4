"""A box that translates addresses lets a packet pass untranslated, and the peer resets.

What it is: connection tracking holds a late or repeated segment for invalid and does not translate
it. The receiver knows no such connection and answers with a reset, which cuts the real one.

At the client: a reset, or a packet from the inner address of the server. At the server: a reset
that it did not provoke. In the middle: a segment out of the window, forwarded with its inner
address.

Mistaken for: server-abrupt-eof, sni-filter-rst-injected, ids-reset-both-sides.

Proof: count invalid packets in connection tracking; look for packets with untranslated addresses.

Sources: kubernetes/kubernetes#74839, kubernetes/kubernetes#117924, moby/libnetwork#1090.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "conntrack-invalid-rst"
STAGE: Stage = "tcp"
SUMMARY = mark(
    "the reset came while segments were repeated or out of order: address translation may cause it"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Drop packets that connection tracking holds for invalid instead of forwarding them.",
    ),
    Cited(
        "network",
        "Accept segments out of the window in connection tracking (nf_conntrack_tcp_be_liberal).",
    ),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """A reset in the middle of the server's flight, amid repeated or late segments."""
    if case.ending.how != "rst" or case.stopped("TCP_CONNECT", "PREAMBLE", "CLIENT_HELLO"):
        return None
    client, server = case.flow.client, case.flow.server
    repeated = client.retransmissions + server.retransmissions
    late = client.out_of_order + server.out_of_order
    if not server.sent or not (repeated or late):
        return None
    text = say(
        "{repeated} segments were sent again and {late} came out of order before the reset",
        repeated=repeated,
        late=late,
    )
    return Finding("possible", (Evidence(text=text), case.closing), say(SUMMARY), 20)
