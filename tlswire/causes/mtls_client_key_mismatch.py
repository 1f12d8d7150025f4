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

from tlswire import certificates
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import HANDSHAKE_TYPES, Alert
from tlswire.language import mark, say
from tlswire.transcript import Entry

ID = "mtls-client-key-mismatch"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the client's signature does not fit the certificate it sent")
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


WRONG = mark("the CertificateVerify does not verify with the key of the client's certificate")
#: Handshake messages that no signature covers (RFC 5246 section 7.4.1.1).
UNSIGNED = frozenset({"hello_request"})
TYPES = {name: number for number, name in HANDSHAKE_TYPES.items()}


def look(case: Case) -> Finding | Refuted | None:
    """A CertificateVerify that the server could not verify, and whether it can be verified."""
    signed = case.said("certificate_verify", "client")
    if signed is None or case.ending.side != "server":
        return None
    verified = signature_verifies(case, signed)
    said = case.alerted("server", Alert.decrypt_error)
    if verified is False and (said or case.alert is None or case.alerted("server", *SAID)):
        return Finding("likely", (cite(signed, say(WRONG)), case.closing), say(SUMMARY), 92)
    if verified and said:
        return Refuted(
            say("the CertificateVerify verifies with the key of the client's certificate")
        )
    evidence = (cite(signed, say("the client's CertificateVerify")), case.closing)
    return Finding("likely", evidence, say(SUMMARY), 85) if said else None


def signature_verifies(case: Case, signed: Entry) -> bool | None:
    """Verify the CertificateVerify of TLS 1.2, which signs all messages before (RFC 5246 7.4.8)."""
    own = case.certificates_of("client")
    signature, scheme = signed.fields.get("signature"), signed.fields.get("algorithm")
    if not own or not isinstance(signature, bytes) or not isinstance(scheme, int):
        return None
    entries = case.transcript.entries
    messages = [e for e in entries[: entries.index(signed)] if e.what in TYPES]
    if case.transcript.tls13 or any(e.hidden or e.protected for e in messages):
        return None
    if any(e.kind == "ssl2_client_hello" for e in messages):
        return None
    heard = b"".join(_whole(entry) for entry in messages if entry.what not in UNSIGNED)
    return certificates.verifies(own[0], scheme, signature, heard)


def _whole(message: Entry) -> bytes:
    """Return a handshake message with its header (RFC 5246 section 7.4)."""
    return bytes((TYPES[message.what],)) + len(message.body).to_bytes(3, "big") + message.body


#: What else servers say of a signature that does not verify.
SAID = (Alert.handshake_failure, Alert.bad_certificate, Alert.illegal_parameter)
