"""A box inspects TLS, and has no client certificate to show when the server asks for one.

What it is: the firewall or proxy ends the client's TLS session; the client's private key never
leaves the client, so that the box answers the server's CertificateRequest with nothing.

At the client: no CertificateRequest at all, or the session dropped. At the server: a
CertificateRequest, an empty Certificate from an address or with a fingerprint that is the box's,
then alert 40, 42 or 116. In the middle: the two sessions differ in exactly that.

Mistaken for: mtls-client-sends-empty, where the client itself has none.

Proof: replay with the client certificate from beyond the box passes.

Sources: Check Point CheckMates m-p/274986; dkcheckpoint.blogspot.com (client certificates under
HTTPS inspection).
"""

from __future__ import annotations

from tlswire.causes import mtls_client_sends_empty
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "ssl-inspection-breaks-mtls"
STAGE: Stage = "client_certificate"
SUMMARY = mark("a box that inspects TLS on the way has no client certificate to show")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Exempt this server name from TLS inspection: client certificates cannot pass through it.",
    ),
    Cited(
        "server",
        "Compare the ClientHello that arrives with the client's own (`tlswire diff`): another "
        "fingerprint is another client.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)


def look(case: Case) -> Finding | Refuted | None:
    """Where the client shows no certificate, a box may stand in the client's place."""
    found = mtls_client_sends_empty.look(case)
    if not isinstance(found, Finding):
        return None
    return Finding("possible", found.evidence, say(SUMMARY), 20)
