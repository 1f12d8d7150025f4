"""Our second flight of TLS 1.3: certificate and proof where asked, Finished (RFC 8446 section 2).

Makes messages and their protection; frames nothing and sends nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import ExtensionType, HandshakeType
from tlswire.keys.agreement import hash_name
from tlswire.keys.keylog import HANDSHAKE, TRAFFIC
from tlswire.keys.protection import Protection, Protection13
from tlswire.keys.schedule import Traffic
from tlswire.language import say
from tlswire.player import records, signatures
from tlswire.player.credentials import Credentials
from tlswire.player.flight12 import UNSURE_SIGNATURE, WRONG_SIGNATURE, server_leaf
from tlswire.player.secrets import Secrets
from tlswire.player.stop import Stop
from tlswire.transcript import Entry, Transcript


class Flight13(NamedTuple):
    """What goes out, and what protects it."""

    messages: tuple[bytes, ...]
    protection: Protection
    notes: list[str]


def answer(transcript: Transcript, secrets: Secrets, credentials: Credentials | None) -> Flight13:
    """Answer the server's flight. Raises Stop where it cannot be read to its end."""
    traffic, agreed = secrets.traffic(HANDSHAKE["client"]), secrets.agreed
    if traffic is None or agreed is None or secrets.traffic(TRAFFIC["client"]) is None:
        raise Stop(
            say("the server's encrypted flight cannot be read with the keys of this handshake")
        )
    asked, first = _said(transcript, "certificate_request"), _settings(transcript)
    heard = secrets.heard + b"".join(first)
    own = _identify(asked, traffic, heard, credentials) if asked is not None else ()
    protection = Protection13(agreed.facts, traffic, agreed.version)
    said = (*first, *(own or (_finish(traffic, heard),)))
    return Flight13(said, protection, _odd(transcript, secrets))


def _settings(transcript: Transcript) -> tuple[bytes, ...]:
    """Return our settings of the application protocol, none, where the server sent its own.

    It awaits them before our Finished (draft-vvv-tls-alps-01 section 4; BoringSSL has two numbers).
    """
    answer = transcript.encrypted_extensions
    for number in (ExtensionType.application_settings, ExtensionType.application_settings_old):
        if answer is not None and answer.has_extension(number):
            extension = number.to_bytes(2, "big") + b"\0\0"
            body = len(extension).to_bytes(2, "big") + extension
            return (records.message(HandshakeType.encrypted_extensions, body),)
    return ()


def late_answer(
    asked: Entry, secrets: Secrets, credentials: Credentials | None
) -> tuple[bytes, ...]:
    """Answer a CertificateRequest after the handshake (RFC 8446 section 4.6.2)."""
    traffic = secrets.traffic(TRAFFIC["client"])
    return () if traffic is None else _identify(asked, traffic, secrets.heard, credentials)


def _identify(
    asked: Entry, traffic: Traffic, heard: bytes, credentials: Credentials | None
) -> tuple[bytes, ...]:
    """Return Certificate, CertificateVerify unless it is empty, and Finished."""
    context = asked.fields.get("certificate_request_context", b"")
    certificate = records.message(HandshakeType.certificate, _certificates(context, credentials))
    said = [certificate]
    if credentials is not None:
        body = _proof(credentials, asked, traffic.hash, heard + certificate)
        said.append(records.message(HandshakeType.certificate_verify, body))
    said.append(_finish(traffic, heard + b"".join(said)))
    return tuple(said)


def _finish(traffic: Traffic, heard: bytes) -> bytes:
    return records.finished(traffic.verify_data(heard))


def _certificates(context: bytes, credentials: Credentials | None) -> bytes:
    """RFC 8446 section 4.4.2: each certificate is followed by extensions, here none."""
    chain = credentials.chain if credentials is not None else ()
    listed = b"".join(len(der).to_bytes(3, "big") + der + b"\0\0" for der in chain)
    return bytes((len(context),)) + context + len(listed).to_bytes(3, "big") + listed


def _proof(credentials: Credentials, asked: Entry, hash_: str, heard: bytes) -> bytes:
    body = asked.extension(ExtensionType.signature_algorithms) or {}
    wanted = tuple(body.get("supported_signature_algorithms", ()))
    scheme = signatures.choose(credentials.key, wanted, tls13=True)
    signature = signatures.sign(
        credentials.key, scheme, signatures.signed_13("client", hash_, heard)
    )
    return scheme.to_bytes(2, "big") + len(signature).to_bytes(2, "big") + signature


# -- what the server showed ----------------------------------------------------------------------


def _odd(transcript: Transcript, secrets: Secrets) -> list[str]:
    """Say what is wrong with the server's proof (RFC 8446 section 4.4.3)."""
    proof, agreed = _said(transcript, "certificate_verify"), secrets.agreed
    if proof is None or agreed is None or not secrets.proved:
        return []
    leaf = server_leaf(transcript)
    if leaf is None:
        return []
    signed = signatures.signed_13("server", hash_name(agreed.facts), secrets.proved)
    right = signatures.right(leaf, agreed.version, proof.fields, signed)
    transcript.server_proved = right
    return {True: [], False: [WRONG_SIGNATURE], None: [UNSURE_SIGNATURE]}[right]


def _said(transcript: Transcript, what: str) -> Entry | None:
    own = (e for e in transcript.entries if e.what == what and e.who == "server")
    return next(own, None)
