"""A proxy stands between, and it refuses the tunnel.

What it is: the client asks an HTTP or SOCKS proxy for a tunnel and is refused: authentication is
due (407), the destination is not permitted (403), the proxy cannot reach it (502, 503, 504).

At the client and in the middle: CONNECT host:port, an answer other than 200, and no ClientHello.
In SOCKS a reply other than "succeeded".
At the server: nothing.

Mistaken for: a failure of the server, which never hears of it.

Proof: replay with the preamble to the same proxy is refused again, directly to the server it
passes.

Sources: RFC 9110 section 9.3.6, RFC 1928 section 6.
"""

from __future__ import annotations

from tlswire.causes import story, tls_to_http_port, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import in_turn, mark, say

ID = "explicit-proxy-mismatch"
STAGE: Stage = "preamble"
DIRECT = mark("the client spoke TLS to a proxy that wants CONNECT first")
SUMMARY = mark("the proxy refused to open the tunnel: {words}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Configure the proxy's address, port and credentials, and the exceptions for which it "
        "is not to be used.",
    ),
    Cited(
        "firewall",
        "Permit the destination in the proxy's rules.",
    ),
    Cited(
        "network",
        "Let the proxy reach the destination.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("preamble", "cleartext")

TUNNELS = ("http-connect", "socks")


def look(case: Case) -> Finding | Refuted | None:
    """A tunnel that was asked for and refused, in words."""
    preamble = case.preamble
    if case.hello is not None:
        return _direct(case)
    if not case.stopped("PREAMBLE") or preamble is None or preamble.refused is None:
        return None
    if not any(tunnel in preamble.protocol for tunnel in TUNNELS):
        return None
    words = wording.quote(preamble.refused)
    asked = case.spoken("client", in_turn(map(_said, preamble.steps[:3])))
    told = "http-connect" in preamble.protocol
    return Finding("proved" if told else "likely", (asked, case.closing), say(SUMMARY, words=words))


def _direct(case: Case) -> Finding | None:
    """A ClientHello sent to the proxy itself, which answers in HTTP."""
    name = case.named("server") or ""
    asks = case.stopped("SERVER_HELLO") and case.preamble is None and name.startswith("HTTP")
    if not asks or not tls_to_http_port.proxied(case):
        return None
    told = story.cleartext(case.opening("server"), "server")
    shown = case.spoken("server", say("a proxy answered with {told}", told=told))
    return Finding("likely", (shown, case.closing), say(DIRECT), 60)


def _said(step: str) -> str:
    who, _, words = step.partition(": ")
    words = wording.escape(words)
    return say("client: {words}" if who == "client" else "server: {words}", words=words)
