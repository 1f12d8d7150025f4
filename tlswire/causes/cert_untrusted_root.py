"""The client does not trust the authority that issued the server's certificate.

What it is: the root is not in the client's store: a private authority, a self-signed certificate,
a new root before an old client, a store that was never updated.

At the client, at the server and in the middle: the server's flight, a moment of checking, then
the client's unknown_ca(48); GnuTLS and Go say bad_certificate(42), Java, Chrome and Schannel
certificate_unknown(46); some close without a word. In TLS 1.3 the certificate is hidden.

Mistaken for: cert-missing-intermediate (the root is trusted, the way to it was not sent: the same
alert), ssl-inspection-untrusted-ca (the certificate is not the server's own).

Proof: replay up to the certificate, build the chain against the client's store and against a
public one.

Sources: RFC 5280 section 6.1, RFC 8446 section 6.2.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence
from tlswire.trust import Judged

ID = "cert-untrusted-root"
STAGE: Stage = "certificate"
SUMMARY = mark("the client does not trust the issuer {issuer}")
SELF_SIGNED = mark("the server's certificate is self-signed and the client does not trust it")
HIDDEN = mark("the client does not trust the issuer of the server's certificate ({hidden})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Add the issuing root to the store that this client really uses: Java, Python, "
        "Node and browsers each have their own.",
    ),
    Cited("server", "Present a certificate of an authority that the clients trust."),
    Cited(
        "load_balancer",
        "Check that the virtual server presents that certificate and not a default one.",
    ),
    Cited("firewall", "If it inspects TLS, see whether the issuer is its own authority."),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: Alerts with which clients say that they do not trust, and how well each fits.
FITS = {Alert.unknown_ca: 80, Alert.certificate_unknown: 60, Alert.bad_certificate: 55}
WORDLESS = 45


def look(case: Case) -> Finding | Refuted | None:
    """A client that refuses a chain in which nothing else is wrong does not trust it."""
    if not refusals.of_certificate(case):
        return None
    if case.ending.outcome == "established" and (case.trust is None or case.trust.way.trusted):
        return None  # a client that drops what it completed: only its own store can tell
    alert = case.alert
    weight = WORDLESS if alert is None else FITS.get(alert.code, 0)
    if not weight:
        return (
            Refuted(say("the client says {alert}", alert=wording.alert(alert.code)))
            if alert
            else None
        )
    if refusals.hidden(case):
        return _hidden(case, weight)
    if case.trust is not None:
        return _judged(case, case.trust, weight)
    return _visible(case, weight) if case.chain else None


def _judged(case: Case, trust: Judged, weight: int) -> Finding | Refuted:
    """The client's own store is at hand: no guess is needed."""
    if trust.way.trusted:
        return Refuted(
            say("the chain leads into {roots}, the client's own store", roots=trust.roots)
        )
    told = trust.wrong or say("no way to a root")
    shown = cite(
        case.said("certificate", "server"), say("by {roots}: {told}", roots=trust.roots, told=told)
    )
    why = say(SUMMARY, issuer=wording.quote(case.chain[-1].issuer))
    alone = len(trust.way.path) == 1 or trust.kin  # then an intermediate may lack
    lacks = alone and bool(trust.way.path) and not trust.way.path[-1].self_signed
    sure: Confidence = "likely" if lacks or case.alert is None else "proved"
    sure = "possible" if chain.misissued(case) is not None else sure
    return Finding(sure, (shown, case.closing), why, weight)


def _hidden(case: Case, weight: int) -> Finding:
    """Who says 42 in clear in TLS 1.3 is OpenSSL, and it says 48 of an unknown issuer."""
    why = say(HIDDEN, hidden=refusals.hides(case))
    if case.alerted("client", Alert.unknown_ca):
        return Finding("likely", (case.closing,), why, weight)
    other = case.alerted("client", Alert.bad_certificate)
    return Finding(
        "possible",
        (case.closing,),
        why,
        31 if other else weight,
    )


def _visible(case: Case, weight: int) -> Finding:
    leaf, top = case.chain[0], case.chain[-1]
    issuer = wording.quote(top.issuer)
    shown = cite(
        case.said("certificate", "server"),
        say("the chain sent ends at issuer {issuer}", issuer=issuer),
    )
    why = say(SELF_SIGNED) if leaf.self_signed else say(SUMMARY, issuer=issuer)
    return Finding(_sure(case, leaf.self_signed), (shown, case.closing), why, weight)


def _sure(case: Case, self_signed: bool) -> Confidence:
    if case.alerted("client", Alert.unknown_ca):
        return "proved" if self_signed else "likely"
    return "possible" if chain.flawed(case) or case.alert is None else "likely"
