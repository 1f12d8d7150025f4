"""The ClientHello has a length that an old balancer takes for SSL 2.0.

What it is: a record of 256 to 511 bytes has a length whose first byte is 1; a parser of old
firmware reads that as an SSL 2.0 message type and waits for more.

At the client, at the server and in the middle: a hello of that length, acknowledged, then
silence, a reset, or what a parser says that stumbled: decode_error(50).

Mistaken for: server-stall.

Proof: replay padded to 512 bytes passes.

Sources: RFC 7685 section 1; mirleft/ocaml-tls#4, golang/go#39271, openssl/openssl#12351.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals, traits
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "ch-length-256-511"
STAGE: Stage = "client_hello"
SUMMARY = mark("the ClientHello has {size} bytes, a length at which old balancers hang")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Upgrade the firmware.",
    ),
    Cited(
        "client",
        "Enable padding of the hello.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("padding",)


def look(case: Case) -> Finding | Refuted | None:
    """A hello of that length that was not answered at all."""
    if case.offer is None or case.offer.ssl2 or case.offer.size not in traits.DANGEROUS:
        return None
    if case.flow.server.sent and not refusals.puzzled(case):
        return None
    why = say(SUMMARY, size=case.offer.size)
    return odds.judge(case, ID, (cite(case.hello, why),), why)
