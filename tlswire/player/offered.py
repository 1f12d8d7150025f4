"""What a hello lets a played server do: whether to go on, which share to answer, how to sign.

A server answers with nothing that was not offered. Reads a hello; makes nothing but a signature.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import CIPHER_SUITES, GROUPS, VERSIONS, Alert, ExtensionType, is_grease
from tlswire.language import say
from tlswire.offer import Offer, read_offer
from tlswire.player import signatures
from tlswire.player.credentials import Credentials
from tlswire.player.stop import Stop
from tlswire.transcript import Entry


def share_of(hello: Entry, group: int) -> bytes | None:
    """Return the client's share of a group."""
    body = hello.extension(ExtensionType.key_share) or {}
    found = (s["key_exchange"] for s in body.get("client_shares", ()) if s["group"] == group)
    return next(found, None)


class Lack(NamedTuple):
    """Why a client cannot be answered as the captured one was, and the alert that tells it."""

    why: str
    alert: int


def lack(hello: Entry, version: int, suite: int) -> Lack | None:
    """Return what a client lacks of the version and suite that the captured server chose."""
    offer = read_offer(hello)
    if offer is None or (suite in offer.suites and _allows(offer, version)):
        return None
    if not _allows(offer, version):
        chosen, alert = VERSIONS.get(version, hex(version)), Alert.protocol_version
    else:
        chosen, alert = CIPHER_SUITES.get(suite, hex(suite)), Alert.handshake_failure
    return Lack(
        say(
            "this client does not offer {chosen}, which the captured server chose; what that one "
            "would have said to it is not known",
            chosen=chosen,
        ),
        int(alert),
    )


def _allows(offer: Offer, version: int) -> bool:
    """RFC 8446 section 4.2.1: with supported_versions only what it lists, else all up to one."""
    if offer.has(ExtensionType.supported_versions):
        return version in offer.versions
    return version <= offer.highest


def group_for(hello: Entry, captured: int | None, notes: list[str]) -> int | None:
    """Return the captured server's group, or the first of a client that does not have it."""
    body = hello.extension(ExtensionType.supported_groups) or {}
    listed = [g for g in body.get("named_group_list", ()) if not is_grease(g)]
    if captured in listed or (captured is not None and not listed):
        return captured
    shares = (hello.extension(ExtensionType.key_share) or {}).get("client_shares", ())
    first = [s["group"] for s in shares if not is_grease(s["group"])] or listed
    if captured is not None:
        notes.append(
            say(
                "this client does not have the captured server's group {group}: {other} is taken",
                group=GROUPS.get(captured, hex(captured)),
                other=GROUPS.get(first[0], hex(first[0])),
            )
        )
    return first[0] if first else None


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
