"""The right port, but another machine.

What it is: an address is translated to the wrong host, a virtual server leads to the wrong pool,
a DNS name is stale. Another service answers.

At the client, at the server and in the middle: an answer that does not belong: unknown bytes in
place of a ServerHello, another TTL, a certificate of quite another organisation.

Mistaken for: server-speaks-first, when the protocol can be named; cert-default-vhost, when the
other machine speaks TLS.

Proof: replay to the member directly and compare what answers.

Sources: RFC 3022 (translation of addresses).
"""

from __future__ import annotations

from tlswire.causes import story
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "wrong-host-or-dnat"
STAGE: Stage = "preamble"
SUMMARY = mark("another service answers on this address and port")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Check which address and port the translation leads to.",
    ),
    Cited(
        "load_balancer",
        "Check which pool the virtual server uses.",
    ),
    Cited(
        "client",
        "Check what the name resolves to.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait", "cleartext")

ECHO = mark("the ClientHello is sent back: an echo service answers, or another client")


def look(case: Case) -> Finding | Refuted | None:
    """Bytes in answer to a ClientHello that are of no protocol known."""
    if case.hello is None or not case.stopped("SERVER_HELLO"):
        return None
    echo = case.said("client_hello", "server")
    if echo is not None:
        shown = cite(echo, say("the server sent a ClientHello as well"))
        return Finding("likely", (shown, case.closing), say(ECHO), 80)
    if not case.opening("server") or not case.ended("server", "non_tls", "fin", "rst"):
        return None
    told = story.cleartext(case.opening("server"), "server")
    shown = case.spoken("server", say("the server sent {told}", told=told))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 30)
