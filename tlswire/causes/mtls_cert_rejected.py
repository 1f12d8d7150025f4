"""The server refuses the client's certificate.

What it is: the certificate was sent, but it is of an authority the server does not know,
expired, revoked, without its intermediates, or not fit for client authentication.

At the client, at the server and in the middle: up to TLS 1.2 the client's Certificate in the
clear, then the server's unknown_ca(48), bad_certificate(42), certificate_unknown(46) or the
like. In TLS 1.3 the client's long flight, and after its Finished the server's encrypted alert.

Mistaken for: mtls-client-sends-empty; mtls-client-key-mismatch, which is decrypt_error(51); a
server that answers HTTP 400 after a handshake that succeeded.

Proof: replay with a certificate that is known to be accepted.

Sources: RFC 5246 section 7.4.6, RFC 8446 section 4.4.2.4.
"""

from __future__ import annotations

from tlswire.causes import mtls_client_sends_empty, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "mtls-cert-rejected"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the server does not accept the certificate that the client sent")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Add the client's issuing authority, and its intermediates, to the authorities trusted "
        "for clients.",
    ),
    Cited(
        "client",
        "Present a valid certificate with its intermediates, of an authority that the server "
        "names in its request.",
    ),
    Cited(
        "load_balancer",
        "Check the client authority bundle of this virtual server.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)

HIDDEN = mark("the server does not accept the client's certificate (TLS 1.3 hides both)")
ISSUER = mark("the client's certificate is issued by {issuer}")

#: Alerts that judge a certificate.
SAID = (*refusals.OF_CERTIFICATE, Alert.handshake_failure, Alert.insufficient_security)


def look(case: Case) -> Finding | Refuted | None:
    """A client certificate that is not empty, and a server that ends it."""
    sent = case.client_certificate
    if sent is None or case.ending.side != "server" or case.ending.how == "silence":
        return None
    if sent.hidden:
        empty = sent.guess == "certificate"
        return None if empty else Finding("likely", (case.closing,), say(HIDDEN), 80)
    if mtls_client_sends_empty.names_none(sent):
        return Refuted(say("the client sent no certificate at all"))
    shown = cite(sent, say(ISSUER, issuer=_issuer(case)))
    if case.alerted("server", *refusals.OF_CERTIFICATE):
        return Finding("proved", (shown, case.closing), say(SUMMARY))
    likely = case.alerted("server", *SAID) or case.alert is None
    return Finding("likely" if likely else "possible", (shown, case.closing), say(SUMMARY), 65)


def _issuer(case: Case) -> str:
    own = case.certificates_of("client")
    return wording.quote(own[0].issuer) if own and own[0].issuer else say("an unreadable issuer")
