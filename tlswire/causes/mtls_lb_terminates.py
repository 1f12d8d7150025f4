"""A load balancer ends TLS, so that the server behind it never sees the client's certificate.

What it is: the client's certificate belongs to the client's handshake; the balancer opens a
second one, in which it has no certificate, or another.

At the client: a handshake without a CertificateRequest, that succeeds. At the server: a
CertificateRequest, an empty Certificate from the balancer's address, then alert 40, 42 or 116. In
the middle: on the balancer, both.

Mistaken for: mtls-client-sends-empty; ssl-inspection-breaks-mtls, the same with a firewall.

Proof: replay to the server directly, with a client certificate, passes.

Sources: RFC 5246 section 7.4.6 (the certificate is proved by a signature over this handshake),
RFC 9440 (the header that carries it on).
"""

from __future__ import annotations

from tlswire.causes import mtls_client_sends_empty
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "mtls-lb-terminates"
STAGE: Stage = "client_certificate"
SUMMARY = mark("a balancer that ended the client's TLS has no certificate of its own to show")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Pass TLS through (TCP mode) to this pool; or authenticate the client at the balancer "
        "and pass its certificate on in a header (RFC 9440 Client-Cert).",
    ),
    Cited(
        "server",
        "Accept the balancer's own client certificate, and read the client's from the header.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)


def look(case: Case) -> Finding | Refuted | None:
    """Where the client shows no certificate, a balancer may be the client."""
    found = mtls_client_sends_empty.look(case)
    if not isinstance(found, Finding):
        return None
    return Finding("possible", found.evidence, say(SUMMARY), 18)
