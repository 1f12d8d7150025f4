"""What a client's hello lets a played server do: which share to answer, how to sign.

Reads a hello; makes nothing but a signature.
"""

from __future__ import annotations

from tlswire.codes import ExtensionType, is_grease
from tlswire.language import say
from tlswire.player import signatures
from tlswire.player.credentials import Credentials
from tlswire.player.stop import Stop
from tlswire.transcript import Entry


def share_of(hello: Entry, group: int) -> bytes | None:
    """Return the client's share of a group."""
    body = hello.extension(ExtensionType.key_share) or {}
    found = (s["key_exchange"] for s in body.get("client_shares", ()) if s["group"] == group)
    return next(found, None)


def first_group(hello: Entry) -> int | None:
    """Return the group of the first share that a client sent, where no server chose one."""
    body = hello.extension(ExtensionType.key_share) or {}
    groups = (s["group"] for s in body.get("client_shares", ()))
    return next((group for group in groups if not is_grease(group)), None)


def sign(credentials: Credentials, hello: Entry, signed: bytes, *, tls13: bool) -> bytes:
    """Return a signature that this client accepts, its scheme and length in front. Raises Stop."""
    body = hello.extension(ExtensionType.signature_algorithms) or {}
    wanted = tuple(body.get("supported_signature_algorithms", ()))
    try:
        scheme = signatures.choose(credentials.key, wanted, tls13=tls13)
    except Stop:
        raise Stop(
            say("our key can sign with none of the schemes that the client accepts")
        ) from None
    made = signatures.sign(credentials.key, scheme, signed)
    return scheme.to_bytes(2, "big") + len(made).to_bytes(2, "big") + made
