"""The client begins with a ClientHello in the format of SSL 2.0.

What it is: very old clients wrap even a newer offer in the old format so that SSL 2.0 servers
understand it. Servers of today refuse the format, whatever it offers.

At the client, at the server and in the middle: a first byte of 0x80 or more and a third of 0x01;
then protocol_version(70), handshake_failure(40), a reset or a close.

Mistaken for: not TLS at all; version-client-too-old, which it often is as well.

Proof: replay of the same offer as a record of TLS passes, or fails for its version.

Sources: RFC 6176, RFC 5246 appendix E.2.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "sslv2-compat-hello"
STAGE: Stage = "client_hello"
SUMMARY = mark("the ClientHello has the format of SSL 2.0, which servers no longer take")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Switch off SSL 2.0 and its hello format (SSLv2Hello in Java); upgrade the client.",
    ),
    Cited(
        "load_balancer",
        "Put a device that still takes the format before clients that cannot be upgraded.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("version",)


def look(case: Case) -> Finding | Refuted | None:
    """An SSL 2.0 format hello that the server refused."""
    if case.offer is None or not case.offer.ssl2:
        return None
    if not case.stopped("SERVER_HELLO") or not case.ended("server", "alert", "fin", "rst"):
        return None
    shown = cite(case.hello, say("the ClientHello has the format of SSL 2.0"))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 80)
