"""The server wants a PROXY header before TLS, and none came.

What it is: the listener was set to take the client's address from a PROXY header (accept-proxy,
proxy_protocol), and somebody connects who does not send one: a client past the balancer, a
health check, a balancer without send-proxy.

At the client, at the server and in the middle: the ClientHello, and at once a reset or a close
without a byte, or after a fixed wait; the server's log names the broken header.

Mistaken for: server-abrupt-eof and lb-tcp-accept-no-member, which look the same on the wire.

Proof: replay with a PROXY header before the ClientHello passes.

Sources: the PROXY protocol specification, versions 1 and 2.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "proxy-protocol-missing"
STAGE: Stage = "preamble"
SUMMARY = mark("the server waits for a PROXY header, and the connection began with TLS")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Enable sending the PROXY header to these members, in health checks as well.",
    ),
    Cited(
        "server",
        "Accept connections without the header from addresses that do not send it, or switch it "
        "off.",
    ),
    Cited(
        "client",
        "Connect through the balancer, not past it.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("preamble",)

WITH_IT = mark("the connections that the same server served began with a PROXY header")


def look(case: Case) -> Finding | Refuted | None:
    """A close without a byte; a reset at once fits best."""
    if not refusals.mute(case):
        return None
    if case.preamble is not None and case.preamble.protocol.startswith("proxy"):
        return Refuted(say("a PROXY header was sent"))
    if case.served_after("proxy"):
        shown = Evidence(text=say(WITH_IT))
        return Finding("likely", (shown, case.closing), say(SUMMARY), 90)
    if case.served_others:
        return Refuted(say("another connection to the same server passed without a PROXY header"))
    return odds.judge(case, ID, (), say(SUMMARY))
