"""The server's list of authorities is so long that it was cut.

What it is: Schannel cuts the list of a CertificateRequest at 16 KiB. A client whose authority is
cut off finds nothing that fits, and sends an empty Certificate.

At the client, at the server and in the middle: a CertificateRequest of about 16 KiB, an empty
Certificate, and the server's alert or an HTTP error. At the server: event 36885.

Mistaken for: mtls-client-sends-empty, where none is configured.

Proof: replay with the client certificate passes; a shorter list cures it.

Sources: Microsoft KB 2880390, KB 933430.
"""

from __future__ import annotations

from tlswire.causes import mtls_client_sends_empty
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "mtls-ca-list-truncated"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the server's list of authorities has {size} bytes: Schannel cuts it at 16 KiB")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Shorten the trusted roots, or do not send the list (SendTrustedIssuerList 0).",
    ),
    Cited("client", "Choose the certificate by configuration and not by the list."),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)

#: Lengths of a CertificateRequest whose list may have been cut, in bytes.
NEAR = range(15 * 1024, 17 * 1024)


def look(case: Case) -> Finding | Refuted | None:
    """A request near the limit, and an empty answer."""
    asked, sent = case.said("certificate_request", "server"), case.client_certificate
    if asked is None or sent is None or sent.hidden or asked.length not in NEAR:
        return None
    if case.ending.side != "server" or not mtls_client_sends_empty.names_none(sent):
        return None
    shown = cite(asked, say("the CertificateRequest has {length} bytes", length=asked.length))
    return Finding("likely", (shown, case.closing), say(SUMMARY, size=asked.length), 82)
