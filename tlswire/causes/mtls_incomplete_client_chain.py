"""The client sends its certificate without the intermediates that lead to the server's root.

What it is: the client's key store holds the leaf only; the server knows the root and cannot build
the way to it.

At the client, at the server and in the middle: up to TLS 1.2 a client Certificate with one entry
that it did not sign itself, then the server's unknown_ca(48), GnuTLS and Go bad_certificate(42),
Java certificate_unknown(46). In TLS 1.3 both are hidden.

Mistaken for: mtls-cert-rejected for an unknown authority: the same alert. The names in the
CertificateRequest tell: a root that is named there, and an issuer that is not.

Proof: replay with the leaf and its intermediates passes.

Sources: RFC 5246 section 7.4.6 and 7.4.2 (the chain is the sender's duty); HAProxy "SSL client CA
chain cannot be verified", Apache AH02040.
"""

from __future__ import annotations

from tlswire import issuers
from tlswire.causes import mtls_cert_rejected, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say
from tlswire.result import Confidence

ID = "mtls-incomplete-client-chain"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the client sent its certificate alone, without the intermediates to {issuer}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Send the whole chain: curl --cert with leaf and intermediates in one file, Java "
        "keystore with the chain imported, OpenSSL SSL_CTX_use_certificate_chain_file.",
    ),
    Cited(
        "server",
        "Add the intermediate authority to the trusted ones: nginx ssl_client_certificate, "
        "Apache SSLCACertificateFile, HAProxy ca-file.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)


def look(case: Case) -> Finding | Refuted | None:
    """A client certificate that stands alone and did not sign itself, and was not taken."""
    if not isinstance(mtls_cert_rejected.look(case), Finding):
        return None
    own = case.certificates_of("client")
    if len(own) != 1 or own[0].self_signed or not own[0].issuer:
        return Refuted(say("the client sent more than one certificate")) if len(own) > 1 else None
    if not case.alerted("server", *refusals.OF_CERTIFICATE):
        return None
    issuer = wording.quote(own[0].issuer)
    shown = cite(case.client_certificate, say("one certificate, issued by {issuer}", issuer=issuer))
    sure: Confidence = "likely" if _related(case) else "possible"
    return Finding(sure, (shown, case.closing), say(SUMMARY, issuer=issuer), 50)


def _related(case: Case) -> bool:
    """Tell whether the server names a root of the issuer's house, and not the issuer."""
    asked = case.said("certificate_request", "server")
    names = asked.fields.get("certificate_authorities", ()) if asked is not None else ()
    return issuers.issuer_is_kin(case.certificates_of("client")[0], names)
