"""The client's handshake with the balancer is fine; the balancer's own with the server fails.

What it is: the balancer is a TLS client of the server, with its own offer: old suites, no
server_name, no trust in the server's authority, no client certificate.

At the client: a good handshake, then a reset or HTTP 502 or 503. At the server, and on the balancer
towards it: the balancer's ClientHello, and any cause of this catalogue with it. In the middle: two
sessions, the second fails.

Mistaken for: a fault of the server, since clients that reach it directly pass.

Proof: replay the balancer's ClientHello, not the client's.

Sources: envoyproxy/envoy#15584, envoyproxy/envoy#17361, Apache AH01997, nginx "while SSL
handshaking to upstream"; AWS TargetTLSNegotiationErrorCount.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "lb-server-side-profile"
STAGE: Stage = "client_hello"
SUMMARY = mark(
    "the client here is itself a TLS server of the capture: a balancer whose own offer fails"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Set the offer towards the servers: server name, versions, suites, trusted authorities (F5 "
        "server-ssl profile, nginx proxy_ssl_*, HAProxy server ... ssl sni verify ca-file, Envoy "
        "UpstreamTlsContext).",
    ),
    Cited(
        "server",
        "Accept what the balancer offers, or give it a certificate that it trusts.",
    ),
)
SPLIT_BY: tuple[str, ...] = (
    "sni",
    "version",
    "suites",
)


def look(case: Case) -> Finding | Refuted | None:
    """A failing client that serves TLS itself in the same capture."""
    if case.hello is None or not case.client_serves_tls:
        return None
    address = case.flow.client.endpoint.address
    shown = Evidence(
        text=say(
            "{address} is the server of other TLS connections of this capture", address=address
        )
    )
    return Finding("possible", (shown, case.closing), say(SUMMARY), 28)
