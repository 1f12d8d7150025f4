"""The client signs with a key that is not its certificate's.

What it is: certificate and private key of the client do not belong together, or its token signs
with another key or algorithm than it says.

At the client, at the server and in the middle: the client's Certificate and CertificateVerify,
then the server's decrypt_error(51). In TLS 1.3 all of it is hidden.

Mistaken for: mtls-cert-rejected, where the certificate itself is refused; bad-record-mac, where
the Finished cannot be read.

Proof: verify the CertificateVerify with the key of the certificate, both from the capture (TLS
1.2); replay with a pair that belongs together.

Sources: RFC 5246 section 7.4.8, RFC 8446 section 4.4.3.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert

ID = "mtls-client-key-mismatch"
STAGE: Stage = "client_certificate"
SUMMARY = "the client's signature does not fit the certificate it sent"
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Configure the private key that belongs to the certificate; check the token or key store.",
    ),
    Cited(
        "server",
        "Nothing is wrong here, unless other clients fail in the same way.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)


def look(case: Case) -> Finding | Refuted | None:
    """A CertificateVerify that the server could not verify."""
    signed = case.said("certificate_verify", "client")
    if signed is None or not case.alerted("server", Alert.decrypt_error):
        return None
    evidence = (cite(signed, "the client's CertificateVerify"), case.closing)
    return Finding("likely", evidence, SUMMARY, 85)
