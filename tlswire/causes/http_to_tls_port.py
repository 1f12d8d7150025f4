"""The client speaks plain HTTP to a port where the server speaks TLS.

What it is: `http` where `https` was meant, a load balancer that re-encrypts nothing, a health
check without TLS.

At the client and in the middle: the first bytes are `GET `, `POST ` or the like, or the HTTP/2
preface; the server answers 400 in clear, or a TLS alert (10, 22, 70, 80), or closes without a byte.
At the server: the same.

Mistaken for: tls-to-http-port (the other way round); a plain web server that refuses a request.

Proof: a replay sends a plain hello of its own in the request's place, and it is answered in TLS; a
request of HTTP is not served. Each twice. The captured request itself is never sent again.

Sources: RFC 9110 section 4.2.2, RFC 9113 section 3.4.
"""

from __future__ import annotations

from tlswire.causes import story
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "http-to-tls-port"
STAGE: Stage = "preamble"
SUMMARY = mark("the client spoke plain HTTP to a TLS port")
REMEDIES: tuple[Cited, ...] = (
    Cited("client", "Use an https:// address, or the port where the server speaks plain HTTP."),
    Cited(
        "load_balancer",
        "Enable TLS towards the pool members (re-encryption), for health checks as well.",
    ),
    Cited("server", "Answer plain HTTP on port 80 and redirect it to https."),
)
SPLIT_BY: tuple[str, ...] = ("cleartext",)

#: The words of servers that understood that HTTP came where TLS was due.
COMPLAINTS = (b"http request was sent to https", b"speaking plain http to an ssl", b"tls required")
#: HTTP answers that are no complaint.
CONTENT = ("HTTP response 1", "HTTP response 2", "HTTP response 3")


def look(case: Case) -> Finding | Refuted | None:
    """An HTTP request in place of the ClientHello, and a server that does not serve it."""
    name = case.named("client") or ""
    if case.hello is not None or not name.startswith(("HTTP request", "HTTP/2", "HTTP CONNECT")):
        return None
    answer = case.named("server") or ""
    if answer.startswith(CONTENT):
        return Refuted(
            say("the server answered in plain HTTP: {answer}", answer=story.kind(answer))
        )
    if case.preamble is not None and case.preamble.refused and not _wants_tls(case):
        return None  # a proxy that will not, in its own words
    request = story.cleartext(case.opening("client"), "client")
    asked = case.spoken("client", say("the client sent {request}", request=request))
    return Finding("proved" if _wants_tls(case) else "likely", (asked, *_reply(case)), say(SUMMARY))


def _wants_tls(case: Case) -> bool:
    """Tell whether the server showed that it speaks TLS: it says so, alerts, or just leaves."""
    reply = case.opening("server")[:2048].lower()
    if reply:
        return any(words in reply for words in COMPLAINTS)
    left = next((e.who for e in case.transcript.entries if e.what in ("fin", "rst")), None)
    return left == "server" or case.said("alert", "server") is not None


def _reply(case: Case) -> tuple[Evidence, ...]:
    reply = case.opening("server")
    if not reply:
        return (Evidence(text=say("the server answered no byte of HTTP"), sender="server"),)
    told = story.cleartext(reply, "server")
    return (case.spoken("server", say("the server answered with {told}", told=told)),)
