"""The certificate demands a stapled OCSP response and the server sends none.

What it is: the leaf has the TLS feature extension with status_request ("must staple"), the
client asked for a staple, and the server has none: not configured, or it could not fetch it.

At the client, at the server and in the middle: status_request in the ClientHello, no
CertificateStatus after the Certificate, then the client's bad_certificate(42) or
bad_certificate_status_response(113). Only clients that obey the feature fail: Firefox, GnuTLS.

Mistaken for: cert-untrusted-root, since most other clients pass.

Proof: replay up to the certificate with status_request in the hello, and look for the staple.

Sources: RFC 7633 section 4, RFC 6066 section 8; QROkes/webinoly#43,
acmesh-official/acme.sh#2357.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "ocsp-must-staple"
STAGE: Stage = "certificate"
SUMMARY = mark("the certificate demands a stapled OCSP response and none was sent")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Enable OCSP stapling, and let the server reach the OCSP responder; load the first "
        "staple before serving.",
    ),
    Cited(
        "firewall",
        "Let the server reach its authority's OCSP responder.",
    ),
    Cited(
        "load_balancer",
        "Enable stapling on the virtual server.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

BAD = mark("the client does not accept the stapled OCSP response")


def look(case: Case) -> Finding | Refuted | None:
    """A must-staple leaf without a staple, refused."""
    if case.alerted("client", Alert.bad_certificate_status_response):
        return Finding("likely", (case.closing,), say(BAD), 80)
    if not refusals.of_certificate(case) or not chain.staple_missing(case):
        return None
    text = say("the leaf has the TLS feature status_request, and no CertificateStatus followed")
    shown = cite(case.said("certificate", "server"), text)
    other = case.alerted("client", Alert.unknown_ca, Alert.certificate_expired)
    return Finding("possible" if other else "likely", (shown, case.closing), say(SUMMARY), 88)
