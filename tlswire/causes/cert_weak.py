"""A key or a signature of the server's chain is too weak for the client.

What it is: an RSA key below 2048 bits, a signature with MD5 or SHA-1; libraries and
distributions raise the limit over time (OpenSSL's security level, Java's disabled algorithms).

At the client, at the server and in the middle: up to TLS 1.2 the certificate in the clear, then
the client's bad_certificate(42), unsupported_certificate(43), certificate_unknown(46) or
insufficient_security(71).

Mistaken for: cert-untrusted-root, for which many clients use the same alerts.

Proof: replay up to the certificate and read key size and signature.

Sources: RFC 9325 section 4.5, RFC 9155; openssl/openssl#20972, openssl/openssl#23126.
"""

from __future__ import annotations

from tlswire import hidden
from tlswire.causes import chain, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-weak"
STAGE: Stage = "certificate"
SUMMARY = mark("the server's chain has {weakness}, too weak for the client")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Renew the certificate with an RSA key of 2048 bits or more, or ECDSA P-256, signed "
        "with SHA-256.",
    ),
    Cited(
        "load_balancer",
        "Replace the certificate, and each weak intermediate, on the virtual server.",
    ),
    Cited(
        "client",
        "Lower the security level only as a stop-gap, for this server alone.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

HIDDEN = mark("a key or signature of the server's chain is too weak ({hidden})")


def look(case: Case) -> Finding | Refuted | None:
    """A weak chain in the clear; hidden, no more than a possibility."""
    objects = refusals.of_certificate(case) or case.alerted("client", *SAID)
    if not objects or case.ending.outcome == "established":
        return None
    if refusals.hidden(case):
        fits = case.alert is None or case.alerted("client", *SAID)
        weight = 35 if case.alert is not None else 24  # without a word the clock is likelier
        why = say(HIDDEN, hidden=refusals.hides(case))
        guess = Finding("possible", (case.closing,), why, weight) if fits else None
        return _by_size(case) or guess
    weakness = chain.weak(case)
    if weakness is None:
        return (
            Refuted(say("keys and signatures of the chain are strong enough"))
            if case.chain
            else None
        )
    shown = cite(
        case.said("certificate", "server"), say("the chain has {weakness}", weakness=weakness)
    )
    other = case.alert is None or not case.alerted("client", *SAID)
    why = say(SUMMARY, weakness=weakness)
    return Finding("possible" if other else "likely", (shown, case.closing), why, 85)


#: Alerts with which clients call a chain weak.
SAID = (
    Alert.bad_certificate,
    Alert.unsupported_certificate,
    Alert.certificate_unknown,
    Alert.insufficient_security,
)


def _by_size(case: Case) -> Finding | None:
    """A signature that is hidden is as long as the key that made it, where that is RSA."""
    own = [e for e in case.transcript.entries if e.who == "server" and e.what == "encrypted"]
    bits = hidden.weak_key(case.transcript.suite, [entry.length for entry in own])
    if bits is None:
        return None
    weakness = say("a {key} key of {bits} bits", key="RSA", bits=bits)
    shown = cite(own[-1], say("the signature before the server's Finished is as long as that"))
    return Finding("likely", (shown, case.closing), say(SUMMARY, weakness=weakness), 85)
