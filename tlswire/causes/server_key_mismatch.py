"""The server signs with a key that is not its certificate's.

What it is: certificate and private key on the server, the balancer or its HSM do not belong
together: renewed one and forgot the other.

At the client, at the server and in the middle: the client's decrypt_error(51), or
illegal_parameter(47), after the ServerKeyExchange (TLS 1.2) or the CertificateVerify (hidden in
TLS 1.3).

Mistaken for: tcp-corruption-or-offload, where the bytes were changed on the way; cert-untrusted-
root.

Proof: verify the signature of the ServerKeyExchange with the key of the certificate, both from
the capture (TLS 1.2). Replay fails in the same way.

Sources: RFC 5246 section 7.4.3, RFC 8446 section 4.4.3; catalogue entry 80.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert

ID = "server-key-mismatch"
STAGE: Stage = "finished"
SUMMARY = "the server's signature does not fit its certificate"
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Install the private key that belongs to the certificate, and reload.",
    ),
    Cited(
        "load_balancer",
        "Bind certificate and key as one pair; check every device of a cluster.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

VERIFIED = "the signature of the ServerKeyExchange does not verify with the key of the certificate"


def look(case: Case) -> Finding | Refuted | None:
    """A client that could not verify the server's signature."""
    if not case.alerted("client", Alert.decrypt_error) or case.transcript.server_hello is None:
        return None
    return Finding("likely", (case.closing,), SUMMARY, 75)
