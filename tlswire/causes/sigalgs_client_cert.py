"""The client's key cannot make a signature that the server accepts.

What it is: the server lists signature algorithms in its CertificateRequest, and the client's key,
token or TPM can make none of them (RSA-PSS is the usual one).

At the client, at the server and in the middle: CertificateRequest, then the client's
internal_error(80), handshake_failure(40) or a close; or a CertificateVerify that the server
answers with illegal_parameter(47).

Mistaken for: mtls-client-sends-empty, mtls-client-key-mismatch.

Proof: read the algorithms of the CertificateRequest; replay with a client certificate of another
key passes.

Sources: RFC 5246 section 7.4.4, RFC 8446 section 4.3.2; firezone/firezone#15026,
iterate-ch/cyberduck#13932.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Version
from tlswire.language import mark, say

ID = "sigalgs-client-cert"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the client cannot sign in any way that the server accepts")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Use a key or token that can make the signatures asked for, or upgrade its driver.",
    ),
    Cited("server", "Accept more signature algorithms of clients."),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate", "version")

#: What a client says that cannot sign.
SAID = (Alert.internal_error, Alert.handshake_failure)


def look(case: Case) -> Finding | Refuted | None:
    """A request for a certificate, and a failure over the signature."""
    asked = case.said("certificate_request", "server")
    if asked is None or (case.transcript.version or 0) < Version.tls_1_2:
        return None  # which name no algorithms (RFC 4346 section 7.4.4)
    listed = asked.fields.get("supported_signature_algorithms") or ()
    shown = cite(
        asked,
        say(
            "the server accepts {schemes}",
            schemes=wording.schemes(listed) or say("no algorithm listed"),
        ),
    )
    signed = case.said("certificate_verify", "client") is not None
    if signed and case.alerted("server", Alert.illegal_parameter):
        return Finding("likely", (shown, case.closing), say(SUMMARY), 70)
    if case.stopped(*refusals.WEIGHING) and case.alerted("client", *SAID):
        return Finding("likely", (shown, case.closing), say(SUMMARY), 55)
    return None
