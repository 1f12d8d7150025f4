"""The suites fit, the kind of certificate does not.

What it is: the server has an ECDSA certificate alone and the client offers suites for RSA alone,
or the other way round. The lists look as if they overlapped.

At the client, at the server and in the middle: a ClientHello whose suites up to TLS 1.2 all
authenticate in one way, and at once the server's handshake_failure(40).

Mistaken for: cipher-no-overlap: to the byte the same alert. In TLS 1.3 the suites do not say how
the server authenticates: there it is sigalgs-no-overlap.

Proof: replay with a suite and a signature scheme of the other kind passes.

Sources: RFC 8422 section 2; tlsfuzzer/tlslite-ng#346, ossec/ossec-hids#679,
openssl/openssl#21643.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "ecdsa-cert-rsa-client"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server's certificate is not of the kind that all suites offered need ({kind})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Install an RSA certificate beside the ECDSA one, or the other way round.",
    ),
    Cited(
        "load_balancer",
        "Bind certificates of both kinds to the virtual server.",
    ),
    Cited(
        "client",
        "Enable suites with ECDHE_ECDSA as well as ECDHE_RSA.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites", "signature_algorithms")


def look(case: Case) -> Finding | Refuted | None:
    """All suites offered need the same kind of certificate."""
    if not refusals.bare(case) or case.offer is None or refusals.old(case):
        return None
    if suspects.offers_tls13(case.offer):
        return Refuted(say("the suites of TLS 1.3 fit every kind of certificate"))
    kind = suspects.lone_kind(case.offer)
    if kind is None:
        several = Refuted(say("suites for several kinds of certificate are offered"))
        return several if suspects.authentications(case.offer) else None
    text = say("every suite offered authenticates with {kind}", kind=kind)
    said = case.alerted("server", Alert.handshake_failure, Alert.insufficient_security)
    weight = (55 if suspects.kind_is_telling(case.offer) else 45) if said else 20
    evidence = (case.closing, cite(case.hello, text))
    return Finding("possible", evidence, say(SUMMARY, kind=kind), weight)
