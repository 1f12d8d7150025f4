"""The client speaks TLS to a port where the server speaks plain HTTP.

What it is: `https` to a plain listener, a load balancer that re-encrypts to members that do not
speak TLS, a proxy address written with https:// for a plain proxy.

At the client and in the middle: a ClientHello, answered by the text `HTTP/1.1 400` or by an HTML
page. Clients say "wrong version number" or "record too long": they read the text as a record.
At the server: a request line of binary bytes in its log.

Mistaken for: a broken TLS server; a version problem, because of the client's words. The same bytes
come from a TLS port of nginx where a balancer on the way puts a PROXY header before the hello: a
capture alone proves nothing.

Proof: replay cleartext in place of the ClientHello: the port answers it.

Sources: RFC 9112 section 3; axios/axios#4840, cilium/cilium#32567, openssl/openssl#18757.
"""

from __future__ import annotations

from tlswire.causes import refusals, story
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "tls-to-http-port"
STAGE: Stage = "preamble"
SUMMARY = mark("the port speaks plain HTTP, not TLS")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Use the port where the server speaks TLS; a plain proxy is configured with an "
        "http:// address.",
    ),
    Cited("server", "Enable TLS on this listener."),
    Cited(
        "load_balancer",
        "Terminate TLS here and go on in plain HTTP, or point the pool at the members' TLS port.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("cleartext",)

PORT = mark("port {port} usually speaks plain HTTP, not TLS")
#: Ports of plain HTTP, and how well one fits a server that does not say a word.
HTTP_PORTS = frozenset({80, 3000, 5000, 8000, 8008, 8080, 8081})
BY_PORT = 62
#: Ports where a proxy usually listens, and words with which it tells itself.
PROXY_PORTS = frozenset({3128, 8118, 8123, 8888})
PROXY_WORDS = (b"squid", b"proxy-", b"via: ", b"x-cache")
HTTP = ("HTTP response", "HTTP/2 frames", "HTML")


def look(case: Case) -> Finding | Refuted | None:
    """A ClientHello that is answered in HTTP."""
    if case.hello is None or not case.stopped("SERVER_HELLO") or case.preamble is not None:
        return None
    reply, name = case.opening("server"), case.named("server")
    if not reply:
        return _by_port(case)
    if name is None or not name.startswith(HTTP):
        return Refuted(say("the server answered, but not in HTTP: {name}", name=story.kind(name)))
    told = story.cleartext(reply, "server")
    evidence = case.spoken("server", say("the server answered with {told}", told=told))
    return Finding("likely", (evidence, case.closing), say(SUMMARY), 70)


def _by_port(case: Case) -> Finding | None:
    """Without a word of the server only its port tells."""
    port = case.flow.server.endpoint.port
    silent = case.ended("server", "silence")
    if port not in HTTP_PORTS or case.served_others or not (silent or refusals.mute(case)):
        return None
    return Finding("possible", (case.closing,), say(PORT, port=port), BY_PORT)


def proxied(case: Case) -> bool:
    """Tell whether it is a proxy that answered, by its port or by its own words."""
    if case.flow.server.endpoint.port in PROXY_PORTS:
        return True
    reply = case.opening("server")[:2048].lower()
    return any(word in reply for word in PROXY_WORDS)
