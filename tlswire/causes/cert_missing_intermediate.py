"""The server sends its certificate without the intermediate that leads to the root.

What it is: the Certificate message holds the leaf alone. Browsers fetch or remember the
intermediate and pass; Java, curl, Python and OpenSSL do not.

At the client, at the server and in the middle: up to TLS 1.2 a Certificate message with one
entry whose issuer is not itself, then the client's unknown_ca(48), or 42 or 46. In TLS 1.3 it is
hidden.

Mistaken for: cert-untrusted-root: to the byte the same alert. A leaf that points to its issuer's
certificate, to an OCSP or a CRL address is more likely to lack its intermediate; so is one whose
issuer calls itself an intermediate, or is of the house of a root that the client trusts.

Proof: replay up to the certificate, complete the chain from the issuer's address in the leaf: if
it validates then, this was it.

Sources: RFC 5246 section 7.4.2, RFC 8446 section 4.4.2; dCache/nfs4j#172, curl/curl#2197,
curl/curl#15747, psf/requests#2959.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.certificates import Certificate
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence
from tlswire.trust import Judged

ID = "cert-missing-intermediate"
STAGE: Stage = "certificate"
SUMMARY = mark("the server sent its certificate without the intermediate {issuer}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Install the chain file: the leaf, then each intermediate, without the root.",
    ),
    Cited(
        "load_balancer",
        "Bind the intermediate to the certificate of this virtual server.",
    ),
    Cited(
        "client",
        "As a stop-gap add the intermediate to the client's store.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

HIDDEN = mark("the server does not send its intermediate certificate ({hidden})")

#: Alerts of clients that find no way to a root.
SAID = (Alert.unknown_ca, Alert.bad_certificate, Alert.certificate_unknown)


def look(case: Case) -> Finding | Refuted | None:
    """A leaf alone, refused for want of trust."""
    if not refusals.of_certificate(case) or case.ending.outcome == "established":
        return None
    if case.alert is not None and not case.alerted("client", *SAID):
        return None
    if refusals.hidden(case):
        why = say(HIDDEN, hidden=refusals.hides(case))
        weight = 60 if case.alerted("client", Alert.unknown_ca) else 25
        return Finding("possible", (case.closing,), why, weight)
    if not case.chain or chain.misissued(case) is not None:
        return None
    if case.trust is not None and case.trust.way.trusted:
        return Refuted(
            say(
                "the chain as sent leads into {roots}, the client's own store",
                roots=case.trust.roots,
            )
        )
    if chain.leaf_only(case):
        return _visible(case)
    return _half(case, case.trust) or Refuted(_why_not(case))


def _half(case: Case, trust: Judged | None) -> Finding | None:
    """A chain that breaks off below a root of the same house, which the client trusts."""
    if trust is None:
        return _broken_off(case)
    top = trust.way.path[-1] if trust.way.path else None
    if top is None or top.self_signed or not trust.kin:
        return None
    return _above(case, top, "possible" if chain.flawed(case) else "likely")


def _broken_off(case: Case) -> Finding | None:
    """A chain may break off higher up: what its last certificate leads to was not sent.

    It may be a root, which need not be sent (RFC 5246 section 7.4.2), or one more intermediate.
    """
    top = chain.top_of(case)
    if top is None or top.self_signed or chain.flawed(case) or "root" in top.issuer.lower():
        return None
    between = chain.is_intermediate(top.issuer) and case.alerted("client", *SAID)
    return _above(case, top, "likely" if between else "possible")


def _above(case: Case, top: Certificate, sure: Confidence) -> Finding:
    """Something lacks above the last certificate that was sent."""
    issuer = wording.quote(top.issuer)
    text = say("the chain sent ends at issuer {issuer}", issuer=issuer)
    shown = cite(case.said("certificate", "server"), text)
    weight = 36 if sure == "possible" else 85
    return Finding(sure, (shown, case.closing), say(SUMMARY, issuer=issuer), weight)


def _visible(case: Case) -> Finding:
    leaf = case.chain[0]
    issuer = wording.quote(leaf.issuer)
    text = say("one certificate was sent, issued by {issuer}, which was not sent", issuer=issuer)
    told = case.alert is not None or case.trust is not None
    sure: Confidence = "likely" if told and not chain.flawed(case) else "possible"
    weight = 85 if chain.points_beyond(case) else 50 if case.alert is not None else 44
    evidence = (cite(case.said("certificate", "server"), text), case.closing)
    return Finding(sure, evidence, say(SUMMARY, issuer=issuer), weight)


def _why_not(case: Case) -> str:
    if len(case.chain) == 1:
        return say("the certificate sent is self-signed")
    return say("{number} certificates were sent", number=len(case.chain))
