"""The server signs with a key that is not its certificate's.

What it is: certificate and private key on the server, the balancer or its HSM do not belong
together: renewed one and forgot the other.

At the client, at the server and in the middle: the client's decrypt_error(51), or
illegal_parameter(47), after the ServerKeyExchange (TLS 1.2) or the CertificateVerify (hidden in
TLS 1.3).

Mistaken for: tcp-corruption-or-offload, where the bytes were changed on the way;
cert-untrusted-root.

Proof: verify the signature of the ServerKeyExchange with the key of the certificate, both from
the capture (TLS 1.2). Replay fails in the same way.

Sources: RFC 5246 section 7.4.3, RFC 8446 section 4.4.3; google/nomulus#80,
chromium/badssl.com#502, openssl/openssl#7370, thalesgroup/luna-openssl-provider#24.
"""

from __future__ import annotations

from tlswire import certificates
from tlswire.causes import chain
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "server-key-mismatch"
STAGE: Stage = "finished"
SUMMARY = mark("the server's signature does not fit its certificate")
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

VERIFIED = mark("the server's signature does not verify with the key of its certificate")


#: How clients end it when they cannot verify a signature.
SAID = (Alert.decrypt_error, Alert.illegal_parameter, Alert.bad_certificate)


def look(case: Case) -> Finding | Refuted | None:
    """A client that could not verify the server's signature, and whether it can be verified."""
    if case.ending.side != "client" or case.transcript.server_hello is None:
        return None
    said = case.alerted("client", Alert.decrypt_error)
    verified = key_exchange_verifies(case)
    if verified is None and case.revealed is not None:
        verified = case.revealed.server_proved
    if verified is False and (case.alerted("client", *SAID) or case.alert is None):
        shown = cite(case.said("server_key_exchange"), say(VERIFIED))
        return Finding("likely", (shown, case.closing), say(SUMMARY), 90)
    if verified and said:
        return Refuted(say("the server's signature verifies with the certificate's key"))
    return Finding("likely", (case.closing,), say(SUMMARY), 75) if said else None


def key_exchange_verifies(case: Case) -> bool | None:
    """Verify the ServerKeyExchange of TLS 1.2; None when it cannot be (RFC 5246 section 7.4.3)."""
    sent, answer = case.said("server_key_exchange"), case.transcript.server_hello
    leaf = chain.leaf_of(case)
    if sent is None or answer is None or case.hello is None or leaf is None:
        return None
    signature, scheme = sent.fields.get("signature"), sent.fields.get("algorithm")
    randoms = case.hello.fields.get("random", b"") + answer.fields.get("random", b"")
    if not isinstance(signature, bytes) or not isinstance(scheme, int):
        return None
    params = sent.body[: len(sent.body) - len(signature) - SIGNATURE_HEADER]
    return certificates.verifies(leaf, scheme, signature, randoms + params)


#: SignatureAndHashAlgorithm and the length of the signature, in bytes.
SIGNATURE_HEADER = 4
