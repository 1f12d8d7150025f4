"""The server's certificate is not made for a server.

What it is: extendedKeyUsage lacks serverAuth, or keyUsage does not fit the key exchange: a
client's certificate, or one from a template for something else.

At the client, at the server and in the middle: up to TLS 1.2 the certificate in the clear, then
unsupported_certificate(43), bad_certificate(42), certificate_unknown(46), illegal_parameter(47)
or internal_error(80). A suite with RSA key exchange needs keyEncipherment, all others of today
digitalSignature.

Mistaken for: cert-untrusted-root.

Proof: replay up to the certificate, and read its extensions.

Sources: RFC 5280 section 4.2.1.3 and 4.2.1.12; quay/mirror-registry#5, primait/localauth0#96,
erlang/otp#1820.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-key-usage"
STAGE: Stage = "certificate"
SUMMARY = mark("the certificate is not permitted for servers (extendedKeyUsage without serverAuth)")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Issue the certificate again with extendedKeyUsage serverAuth and a fitting keyUsage.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)


MISFIT = mark("the certificate's keyUsage does not permit what the suite agreed on needs ({usage})")

#: How the key of the certificate is used, by key exchange.
ENCIPHERING = frozenset({"RSA"})
SIGNED = frozenset({"any", "ECDHE", "DHE"})
#: How clients say it beyond the alerts about certificates: BoringSSL 47, GnuTLS 80 (measured).
SAID = (Alert.illegal_parameter, Alert.internal_error, Alert.handshake_failure)


def look(case: Case) -> Finding | Refuted | None:
    """A leaf without serverAuth, or that may not do what the suite asks of it, refused."""
    leaf = chain.leaf_of(case)
    if leaf is None or case.alerted("client", Alert.certificate_expired, Alert.unknown_ca):
        return None
    sent = case.said("certificate", "server")
    if not leaf.server_auth and refusals.of_certificate(case):
        shown = cite(sent, say("extendedKeyUsage lacks serverAuth"))
        return Finding("likely", (shown, case.closing), say(SUMMARY), 84)
    needed = _needed(case)
    if needed is None or leaf.usages is None or needed in leaf.usages or not _refused(case):
        return None
    shown = cite(sent, say("keyUsage lacks {usage}", usage=needed))
    return Finding("likely", (shown, case.closing), say(MISFIT, usage=needed), 86)


def _needed(case: Case) -> str | None:
    """Return the keyUsage that the key exchange agreed on needs (RFC 5246 section 7.4.2)."""
    from tlswire.suites import SUITES

    facts = SUITES.get(case.transcript.suite or 0)
    if facts is None:
        return None
    if facts.key_exchange in ENCIPHERING:
        return "keyEncipherment"
    return "digitalSignature" if facts.key_exchange in SIGNED else None


def _refused(case: Case) -> bool:
    """Tell whether the client objected after the certificate, in any of the ways in use."""
    return refusals.of_certificate(case) or (
        case.stopped(*refusals.WEIGHING) and case.alerted("client", *SAID)
    )
