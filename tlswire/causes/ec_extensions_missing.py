"""The ClientHello offers ECDHE and leaves out supported_groups.

What it is: an old or hand-built client offers elliptic-curve suites without saying which curves.
Strict servers then choose no such suite.

At the client, at the server and in the middle: handshake_failure(40) or a reset; the hello has
ECDHE suites and no supported_groups.

Mistaken for: cipher-no-overlap, groups-no-overlap.

Proof: replay with the extension added passes.

Sources: RFC 8422 section 4; Mbed-TLS/mbedtls#7458.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "ec-extensions-missing"
STAGE: Stage = "client_hello"
SUMMARY = mark("the client offers ECDHE suites and does not say which groups it has")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade the stack, or enable its elliptic-curve extensions.",
    ),
    Cited(
        "server",
        "Offer a suite without elliptic curves to such clients only as a stop-gap.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("extension",)


def look(case: Case) -> Finding | Refuted | None:
    """Elliptic-curve suites without supported_groups, refused."""
    if not refusals.wordless(case) or case.offer is None or case.offer.ssl2:
        return None
    if case.offer.groups is not None or not suspects.uses_groups(case.offer):
        return None
    shown = cite(case.hello, say("the ClientHello has ECDHE suites and no supported_groups"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 48)
