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

from tlswire.causes import chain, mtls_client_sends_empty, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.transcript import Entry

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
UNSEEN = mark("the server does not accept the client's certificate, which the capture lacks")
ISSUER = mark("the client's certificate is issued by {issuer}")
FLAWED = mark("the server does not accept the certificate that the client sent: {told}")
EXPIRED = mark("the client's certificate had expired, on {day}")
EARLY = mark("the client's certificate was not yet valid: it is from {day}")

#: Alerts that judge a certificate.
SAID = (*refusals.OF_CERTIFICATE, Alert.handshake_failure, Alert.insufficient_security)


def look(case: Case) -> Finding | Refuted | None:
    """A client certificate that is not empty, and a server that ends it."""
    if case.unseen == "client":
        return _by_size(case)
    sent = case.client_certificate
    if sent is None or case.ending.side != "server":
        return None
    if case.ending.how == "silence":
        return _unanswered(case, sent)
    if sent.hidden:
        empty = sent.guess == "certificate"
        return None if empty else Finding("likely", (case.closing,), say(HIDDEN), 80)
    if mtls_client_sends_empty.names_none(sent):
        return Refuted(say("the client sent no certificate at all"))
    told, flawed = _of(case, sent)
    shown, why = cite(sent, told), _why(told, flawed)
    if case.alerted("server", *refusals.OF_CERTIFICATE):
        return Finding("proved", (shown, case.closing), why)
    likely = case.alerted("server", *SAID) or case.alert is None
    return Finding("likely" if likely else "possible", (shown, case.closing), why, 65)


def _unanswered(case: Case, sent: Entry) -> Finding | None:
    """Some servers drop a handshake that they refuse and never say so (Puma, measured)."""
    if sent.hidden or mtls_client_sends_empty.names_none(sent):
        return None
    told, flawed = _of(case, sent)
    evidence, why = (cite(sent, told), case.closing), _why(told, flawed)
    return Finding("likely" if flawed else "possible", evidence, why, 75 if flawed else 45)


def _why(told: str, flawed: bool) -> str:
    return say(FLAWED, told=told) if flawed else say(SUMMARY)


def _of(case: Case, sent: Entry) -> tuple[str, bool]:
    """Return what there is to say of the certificate sent, and whether that is a flaw."""
    own = next(iter(case.certificates_of("client")), None)
    if own is not None and own.expired_at(sent.at):
        return say(EXPIRED, day=chain.day(own.not_after)), True
    if own is not None and own.early_at(sent.at):
        return say(EARLY, day=chain.day(own.not_before)), True
    return say(ISSUER, issuer=_issuer(case)), False


def _issuer(case: Case) -> str:
    own = case.certificates_of("client")
    return wording.quote(own[0].issuer) if own and own[0].issuer else say("an unreadable issuer")


def _by_size(case: Case) -> Finding | None:
    """The capture lacks the client's flight, which was large enough to hold a certificate."""
    shown, size = mtls_client_sends_empty.answer_by_size(case)
    enough = size >= mtls_client_sends_empty.WITH_ONE and case.alerted("server", *SAID)
    if shown is None or not enough:
        return None
    return Finding("likely", (shown, case.closing), say(UNSEEN), 65)
