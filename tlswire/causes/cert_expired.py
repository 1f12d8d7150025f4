"""A certificate of the server's chain has expired.

What it is: the leaf, an intermediate or a cross-signed root is past its notAfter. Judged here at
the time of the capture, not of today.

At the client, at the server and in the middle: up to TLS 1.2 the Certificate message with its
dates in the clear, then the client's certificate_expired(45); GnuTLS and Go say
bad_certificate(42), Java certificate_unknown(46); some just close. In TLS 1.3 the certificate is
hidden, and often the alert too.

Mistaken for: clock-skew, where the dates are right and the client's clock is wrong;
cert-untrusted-root, which clients refuse at the same place.

Proof: replay up to the certificate and read its dates.

Sources: RFC 5280 section 4.1.2.5, RFC 8446 section 6.2.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-expired"
STAGE: Stage = "certificate"
SUMMARY = mark("the certificate of {subject} expired on {day}")
HIDDEN = mark("a certificate of the server has expired (TLS 1.3 hides which)")
UNSEEN = mark("a certificate that the client has, and the server did not send, has expired")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Renew the certificate, install it with its intermediates, and reload."),
    Cited(
        "load_balancer",
        "Install the renewed certificate and chain on every virtual server and "
        "every member that presents it.",
    ),
    Cited("client", "Only where an old root is at fault: upgrade the trust store."),
)
SPLIT_BY: tuple[str, ...] = ("twin",)


def look(case: Case) -> Finding | Refuted | None:
    """An expired certificate in the clear, or an alert that says so."""
    if not refusals.of_certificate(case):
        return None
    said_so = case.alerted("client", Alert.certificate_expired)
    if refusals.hidden(case):
        return _hidden(case, said_so)
    expired = chain.expired(case)
    if expired is None:
        return _refuted(case, said_so)
    blamed_issuer = case.alerted("client", Alert.unknown_ca)
    day = chain.day(expired.not_after)
    subject = wording.quote(expired.common_name or expired.subject)
    shown = cite(
        case.said("certificate", "server"),
        say("notAfter of {subject} is {day}", subject=subject, day=day),
    )
    why = say(SUMMARY, subject=subject, day=day)
    if said_so:
        return Finding("proved", (shown, case.closing), why)
    # unknown_ca is of the issuer: who says it was not yet at the dates, or minds them less
    return Finding("likely", (shown, case.closing), why, 70 if blamed_issuer else 90)


def _hidden(case: Case, said_so: bool) -> Finding | None:
    if case.ending.outcome == "established":
        return None
    if said_so:
        return Finding("likely", (case.closing,), say(HIDDEN), 90)
    if case.alerted("client", Alert.unknown_ca):
        return None
    # who alerts in clear in TLS 1.3 is of OpenSSL's family, and that says 45 of an expired one
    return Finding("possible", (case.closing,), say(HIDDEN), 20 if case.alert is not None else 36)


def _refuted(case: Case, said_so: bool) -> Finding | Refuted | None:
    if said_so:
        return Finding("possible", (case.closing,), say(UNSEEN), 40)
    return Refuted(say("no certificate sent had expired when it was sent")) if case.chain else None
