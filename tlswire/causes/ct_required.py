"""The certificate has no proof that it was logged, and the browser wants one.

What it is: browsers refuse certificates of public authorities without signed certificate
timestamps (SCTs), in the certificate, in the ServerHello or in the OCSP response.

At the client, at the server and in the middle: up to TLS 1.2 a certificate without the list of
timestamps, then certificate_unknown(46), bad_certificate(42) or a close.

Mistaken for: cert-untrusted-root: a private authority needs no timestamps.

Proof: a browser fails where other clients pass; it names ERR_CERTIFICATE_TRANSPARENCY_REQUIRED.

Sources: RFC 6962 section 3.3, RFC 9162.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say

ID = "ct-required"
STAGE: Stage = "certificate"
SUMMARY = mark("the certificate has no timestamps of a log (SCTs), which browsers ask for")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Let the authority issue the certificate with timestamps.",
    ),
    Cited("client", "Exempt a private authority by policy."),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: The extension 1.3.6.1.4.1.11129.2.4.2 in DER (RFC 6962 section 3.3).
OF_TIMESTAMPS = bytes.fromhex("060a2b06010401d679020402")


def look(case: Case) -> Finding | Refuted | None:
    """A client that asks for timestamps, a certificate without, and a refusal."""
    if case.ending.outcome == "established":
        return None
    leaf, server = chain.leaf_of(case), case.transcript.server_hello
    if leaf is None or leaf.self_signed or case.offer is None or chain.flawed(case):
        return None
    wants = case.offer.has(ExtensionType.signed_certificate_timestamp)
    if not wants or OF_TIMESTAMPS in leaf.der or case.said("certificate_status"):
        return None
    if server is not None and server.has_extension(ExtensionType.signed_certificate_timestamp):
        return None
    if not refusals.of_certificate(case) or case.alerted("client", Alert.unknown_ca):
        return None
    shown = cite(case.said("certificate", "server"), say("the certificate has no timestamps"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 14)
