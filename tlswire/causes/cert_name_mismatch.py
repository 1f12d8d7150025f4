"""The server's certificate is not good for the name that the client asked for.

What it is: the name is missing from subjectAltName: a new name, a wildcard that covers one label
only, a redirect to another host, a proxy that answers for others.

At the client, at the server and in the middle: up to TLS 1.2 the certificate and server_name can
be compared in the clear; the client says bad_certificate(42) or certificate_unknown(46). curl
and Node complete the handshake and only then leave, without any data. In TLS 1.3 it is hidden.

Mistaken for: cert-untrusted-root; cert-default-vhost, when the certificate is that of another
virtual host.

Proof: replay up to the certificate and compare its names with server_name and with the name in
the address that the user typed.

Sources: RFC 9525 section 6.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence

ID = "cert-name-mismatch"
STAGE: Stage = "certificate"
SUMMARY = mark("the certificate is good for {names}, not for {asked}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Install a certificate whose subjectAltName has this name.",
    ),
    Cited(
        "load_balancer",
        "Check which certificate this virtual server presents for this name.",
    ),
    Cited(
        "client",
        "Use a name that the certificate has.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin", "sni")

NO_NAMES = mark(
    "the certificate has no subjectAltName, and clients of today pass its common name over"
)
HIDDEN = mark("the certificate is not good for {asked} ({hidden})")
UNASKED = mark("the certificate is not good for the name asked for ({hidden})")

#: What clients say that pass the common name over. OpenSSL, which does not, says 48 of an issuer.
VAGUE = (Alert.bad_certificate, Alert.certificate_unknown)
#: A flaw in plain sight weighs more than trust, of which the bytes say nothing.
UNNAMED = 62


def look(case: Case) -> Finding | Refuted | None:
    """A leaf that does not cover server_name, refused."""
    asked = case.server_name
    unnamed = refusals.vaguely_of_certificate(case) and chain.misnamed(case)
    if case.unseen == "client" and refusals.hidden(case) and refusals.of_certificate(case):
        return Finding("possible", (case.closing,), say(UNASKED, hidden=refusals.hides(case)), 40)
    if asked is None or not (refusals.of_certificate(case) or unnamed):
        return None
    if refusals.hidden(case):
        return _hidden(case, asked)
    leaf = chain.leaf_of(case)
    if leaf is None or leaf.trouble:
        return None
    if not chain.misnamed(case):
        if _common_name_alone(case):
            return _unnamed(case)
        return Refuted(say("the certificate is good for {asked}", asked=wording.quote(asked)))
    names = wording.listing([wording.quote(name) for name in leaf.names], 4)
    shown = cite(
        case.said("certificate", "server"), say("the certificate is good for {names}", names=names)
    )
    why = say(SUMMARY, names=names, asked=wording.quote(asked))
    other = case.alerted("client", Alert.unknown_ca, Alert.certificate_expired)
    return Finding("possible" if other else "likely", (shown, case.closing), why, 80)


def _common_name_alone(case: Case) -> bool:
    """Tell whether the leaf has no subjectAltName, and nothing else in plain sight is wrong."""
    leaf = chain.leaf_of(case)
    named = leaf is not None and bool(leaf.dns_names or leaf.addresses)
    other = case.alerted("client", Alert.unknown_ca, Alert.certificate_expired)
    return not named and not other and not chain.flawed(case)


def _unnamed(case: Case) -> Finding | None:
    """Go, rustls and browsers pass the common name over (RFC 9525 section 6.3); OpenSSL does not.

    Where the client trusts the chain there is nothing else to mind.
    """
    untrusted = case.trust is not None and not case.trust.way.trusted
    if case.ending.outcome == "established" or untrusted:
        return None
    shown = cite(case.said("certificate", "server"), say(NO_NAMES))
    vague = case.alerted("client", *VAGUE)
    sure: Confidence = "likely" if vague or case.trust is not None else "possible"
    return Finding(sure, (shown, case.closing), say(NO_NAMES), UNNAMED)


def _hidden(case: Case, asked: str) -> Finding | None:
    """OpenSSL, Go and GnuTLS say 42 of a name; nobody says 48 or 45."""
    if case.ending.outcome == "established":
        return None
    if case.alert is not None and not case.alerted("client", *VAGUE):
        return None
    why = say(HIDDEN, asked=wording.quote(asked), hidden=refusals.hides(case))
    return Finding("possible", (case.closing,), why, 40)
