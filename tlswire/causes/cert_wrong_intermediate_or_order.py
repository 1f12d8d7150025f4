"""The certificates that the server sends do not lead from one to the next.

What it is: an intermediate of another authority, an old one after a renewal, or the right ones
in the wrong order. Tolerant clients sort it out, strict ones fail. Or a certificate that has the
issuer's name and is not the issuer: of another key, of no authority, for other names.

At the client, at the server and in the middle: up to TLS 1.2 a Certificate message in which an
issuer is not the subject that follows, then unknown_ca(48), bad_certificate(42) or
certificate_unknown(46).

Mistaken for: cert-untrusted-root, cert-missing-intermediate.

Proof: replay up to the certificate, and walk the chain by names and key identifiers.

Sources: RFC 5246 section 7.4.2, RFC 8446 section 4.4.2; jhy/jsoup#1146.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-wrong-intermediate-or-order"
STAGE: Stage = "certificate"
SUMMARY = mark(
    "the chain sent does not lead from certificate to certificate: {issuer} is not {subject}"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Install the chain in order: the leaf, then the certificate that issued it, and so on.",
    ),
    Cited(
        "load_balancer",
        "Bind the intermediate that issued this certificate.",
    ),
)
MISISSUED = mark("the chain sent does not hold together: {told}")
SPLIT_BY: tuple[str, ...] = ("twin",)


def look(case: Case) -> Finding | Refuted | None:
    """A break in the chain, refused."""
    if case.ending.outcome == "established":
        return None
    if not refusals.of_certificate(case):
        return _misissued(case) if _unverified(case) else None
    if case.alerted("client", Alert.certificate_expired, Alert.certificate_revoked):
        return None
    broken = chain.broken_at(case)
    if broken is None:
        return _misissued(case)
    child, parent = broken
    issuer, subject = wording.quote(child.issuer), wording.quote(parent.subject)
    text = say(
        "issuer {issuer} is followed by a certificate of {subject}", issuer=issuer, subject=subject
    )
    shown = cite(case.said("certificate", "server"), text)
    why = say(SUMMARY, issuer=issuer, subject=subject)
    return Finding("likely", (shown, case.closing), why, 82)


def _misissued(case: Case) -> Finding | None:
    """A certificate that has the issuer's name and is not the issuer, or may not be."""
    found = chain.misissued(case)
    if found is None:
        return None
    shown = cite(case.said("certificate", "server"), found[1])
    return Finding("likely", (shown, case.closing), say(MISISSUED, told=found[1]), 86)


def _unverified(case: Case) -> bool:
    """Tell whether the client said that a signature does not verify; OpenSSL does of these too."""
    return case.stopped(*refusals.WEIGHING) and case.alerted("client", Alert.decrypt_error)
