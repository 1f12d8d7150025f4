"""A clock is wrong: the certificate is valid, but not at the time that one side believes.

What it is: the client's clock stands before notBefore or after notAfter; or the certificate was
issued by a machine whose clock runs ahead.

At the client, at the server and in the middle: up to TLS 1.2 the dates in the clear and the
client's certificate_expired(45) or bad_certificate(42) although the capture's own time lies
within them; or notBefore lies after the time of the capture.

Mistaken for: cert-expired, where the dates are past for everybody.

Proof: compare notBefore and notAfter with the clocks of both sides.

Sources: RFC 5280 section 4.1.2.5; hashicorp/vault#1035, istio/istio#32176.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence

ID = "clock-skew"
STAGE: Stage = "certificate"
SUMMARY = mark("the client's clock is wrong: the certificate was valid when it was sent")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Set the clock by NTP; a device without a battery starts in the past.",
    ),
    Cited(
        "server",
        "Set the clock of the issuing machine; wait, or issue the certificate again.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

EARLY = mark(
    "the certificate of {subject} is not valid before {day}, after the time of the capture"
)
HIDDEN = mark("the certificate is not yet valid by the client's clock ({hidden})")


def look(case: Case) -> Finding | Refuted | None:
    """A certificate that is not yet valid, or one called expired that is not."""
    if not refusals.of_certificate(case):
        return None
    if refusals.hidden(case):
        return _hidden(case)
    early = chain.early(case)
    if early is not None:
        return _early(case, early.common_name or early.subject, early.not_before)
    valid = bool(case.chain) and chain.expired(case) is None
    if not valid or not case.alerted("client", Alert.certificate_expired):
        return None
    day = chain.day(case.chain[0].not_after)
    text = say("the certificate sent is valid until {day}", day=day)
    shown = cite(case.said("certificate", "server"), text)
    return Finding("likely", (shown, case.closing), say(SUMMARY), 70)


def _early(case: Case, subject: str, begins: float | None) -> Finding:
    day = chain.day(begins)
    shown = cite(case.said("certificate", "server"), say("notBefore is {day}", day=day))
    why = say(EARLY, subject=wording.quote(subject), day=day)
    sure: Confidence = "possible" if case.alerted("client", Alert.unknown_ca) else "likely"
    return Finding(sure, (shown, case.closing), why, 88)


def _hidden(case: Case) -> Finding | None:
    said = (Alert.bad_certificate, Alert.certificate_expired)
    wordless = case.alert is None
    if case.ending.outcome == "established" or not (wordless or case.alerted("client", *said)):
        return None
    why = say(HIDDEN, hidden=refusals.hides(case))
    return Finding("possible", (case.closing,), why, 30 if wordless else 33)
