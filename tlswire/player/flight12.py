"""Our second flight up to TLS 1.2: certificate, keys, proof, Finished (RFC 5246 section 7.3).

Makes messages and their protection; frames nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire import certificates
from tlswire.certificates import Certificate
from tlswire.codes import (
    Alert,
    AlertLevel,
    ContentType,
    ExtensionType,
    HandshakeType,
    Version,
)
from tlswire.keys.agreement import Agreed
from tlswire.keys.protection import Protection, protect
from tlswire.language import mark, say
from tlswire.player import records, signatures
from tlswire.player.credentials import Credentials
from tlswire.player.exchange import Exchanged, Offered, Psk, exchange
from tlswire.player.secrets import Secrets
from tlswire.player.stop import Stop
from tlswire.transcript import Entry, Transcript

WRONG_SIGNATURE: Final = mark("the server's signature does not fit its certificate")
UNSURE_SIGNATURE: Final = mark("the server's signature is of a kind that cannot be verified here")


class Flight12(NamedTuple):
    """What goes out: (content type, payload) in the clear, then messages that are protected."""

    clear: tuple[tuple[int, bytes], ...]
    sealed: tuple[bytes, ...]
    protection: Protection
    notes: list[str]


def answer(
    transcript: Transcript, secrets: Secrets, credentials: Credentials | None, psk: Psk | None
) -> Flight12:
    """Answer the server's flight. Raises Stop where keys cannot be exchanged."""
    agreed = secrets.agreed
    assert agreed is not None
    leaf = server_leaf(transcript)
    notes = list(_verified(transcript, agreed, leaf))
    asked = _said(transcript, "certificate_request")
    clear: list[tuple[int, bytes]] = []
    heard = bytearray(secrets.heard)

    def say(type_: int, body: bytes) -> None:
        heard.extend(records.message(type_, body))
        clear.append((ContentType.handshake, records.message(type_, body)))

    if asked is not None and agreed.version == Version.ssl_3_0:
        clear.append((ContentType.alert, bytes((AlertLevel.warning, Alert.no_certificate))))
        credentials = None  # RFC 6101 section 5.6.6; a signature of SSL 3.0 is not made here
    elif asked is not None:
        say(HandshakeType.certificate, _certificates(credentials))
    found = _exchange(transcript, agreed, leaf, psk)
    say(HandshakeType.client_key_exchange, found.message)
    master = secrets.settle(found.pre_master, bytes(heard))
    if asked is not None and credentials is not None:
        proof = _proof(credentials, agreed, asked, bytes(heard))
        say(HandshakeType.certificate_verify, proof)
    named = protocol(transcript)
    sealed = () if named is None else (_next_protocol(named),)
    heard += b"".join(sealed)
    verify_data = agreed.prf.verify_data(master, "client", bytes(heard))
    protection = protect(agreed, master, "client")
    return Flight12(tuple(clear), (*sealed, records.finished(verify_data)), protection, notes)


def protocol(transcript: Transcript) -> bytes | None:
    """Return what we choose of the protocols that the server lists (NPN, draft-agl-tls-…-04)."""
    answer = transcript.server_hello
    body = answer.extension(ExtensionType.next_protocol_negotiation) if answer else None
    if body is None:
        return None
    listed: list[bytes] = body.get("protocols") or [b"http/1.1"]
    return next((name for name in listed if name.startswith(b"http/1")), listed[0])


def _next_protocol(name: bytes) -> bytes:
    """Both are padded to a multiple of 32 bytes, so that the length does not tell the name."""
    padding = bytes(32 - (len(name) + 2) % 32)
    body = bytes((len(name),)) + name + bytes((len(padding),)) + padding
    return records.message(HandshakeType.next_protocol, body)


def server_leaf(transcript: Transcript) -> Certificate | None:
    """Return the server's own certificate, None where it showed none."""
    shown = transcript.certificates("server")
    return certificates.read(shown[0]) if shown else None


def _said(transcript: Transcript, what: str) -> Entry | None:
    own = (e for e in transcript.entries if e.what == what and e.who == "server")
    return next(own, None)


def _verified(transcript: Transcript, agreed: Agreed, leaf: Certificate | None) -> Sequence[str]:
    """Say whether the ServerKeyExchange was signed by the certificate's key (RFC 5246 7.4.3)."""
    sent = _said(transcript, "server_key_exchange")
    if sent is None or leaf is None or "signature" not in sent.fields:
        return ()
    named = isinstance(sent.fields.get("algorithm"), int)
    trailer = len(sent.fields["signature"]) + (4 if named else 2)
    signed = agreed.client_random + agreed.server_random + sent.body[: len(sent.body) - trailer]
    right = signatures.right(leaf, agreed.version, sent.fields, signed)
    transcript.server_proved = right
    return {True: (), False: (say(WRONG_SIGNATURE),), None: (say(UNSURE_SIGNATURE),)}[right]


def _exchange(
    transcript: Transcript, agreed: Agreed, leaf: Certificate | None, psk: Psk | None
) -> Exchanged:
    sent, hello = _said(transcript, "server_key_exchange"), transcript.client_hello
    assert hello is not None
    highest = hello.fields.get("legacy_version", agreed.version)
    params = {} if sent is None else sent.fields.get("params", {})
    key = None if leaf is None else certificates.public_key(leaf)
    offered = Offered(agreed.version, highest, params, key, psk)
    return exchange(agreed.facts.key_exchange, offered)


# -- our certificate -----------------------------------------------------------------------------


def _certificates(credentials: Credentials | None) -> bytes:
    """Return the body of our Certificate, empty where we have none (RFC 5246 section 7.4.6)."""
    chain = credentials.chain if credentials is not None else ()
    listed = b"".join(len(der).to_bytes(3, "big") + der for der in chain)
    return len(listed).to_bytes(3, "big") + listed


def _proof(credentials: Credentials, agreed: Agreed, asked: Entry, heard: bytes) -> bytes:
    """Return the body of our CertificateVerify (RFC 5246 section 7.4.8)."""
    if agreed.version < Version.tls_1_2:
        signature = signatures.sign_10(credentials.key, heard)
        return len(signature).to_bytes(2, "big") + signature
    wanted = tuple(asked.fields.get("supported_signature_algorithms", ()))
    if not wanted:
        raise Stop(say("the server's CertificateRequest names no signature scheme"))
    scheme = signatures.choose(credentials.key, wanted, tls13=False)
    signature = signatures.sign(credentials.key, scheme, heard)
    return scheme.to_bytes(2, "big") + len(signature).to_bytes(2, "big") + signature
