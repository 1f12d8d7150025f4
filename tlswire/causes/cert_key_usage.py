"""The server's certificate is not made for a server.

What it is: extendedKeyUsage lacks serverAuth, or keyUsage does not fit the key exchange: a
client's certificate, or one from a template for something else.

At the client, at the server and in the middle: up to TLS 1.2 the certificate in the clear, then
unsupported_certificate(43), bad_certificate(42), certificate_unknown(46) or
illegal_parameter(47).

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


def look(case: Case) -> Finding | Refuted | None:
    """A leaf without serverAuth, refused."""
    leaf = chain.leaf_of(case)
    if leaf is None or leaf.server_auth or not refusals.of_certificate(case):
        return None
    if case.alerted("client", Alert.certificate_expired, Alert.unknown_ca):
        return None
    shown = cite(case.said("certificate", "server"), say("extendedKeyUsage lacks serverAuth"))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 84)
