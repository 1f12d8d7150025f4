"""Our share where the peer's came first: what a server answers to a client's key share.

The same groups as `shares`; ML-KEM answers with a ciphertext (draft-ietf-tls-ecdhe-mlkem).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tlswire.codes import Group
from tlswire.player import shares


class Response(NamedTuple):
    """What goes out, and the secret that both sides have then."""

    public: bytes
    secret: bytes


class _Hybrid(NamedTuple):
    """An ML-KEM with an elliptic curve: which stands first, and how long its client share is."""

    kem: str
    curve: int
    kem_first: bool
    kem_length: int  # of the encapsulation key


_KEMS: Final[dict[int, str]] = {Group.mlkem768: "MLKEM768", Group.mlkem1024: "MLKEM1024"}
_HYBRIDS: Final[dict[int, _Hybrid]] = {
    Group.x25519mlkem768: _Hybrid("MLKEM768", Group.x25519, True, 1184),
    Group.secp256r1mlkem768: _Hybrid("MLKEM768", Group.secp256r1, False, 1184),
    Group.secp384r1mlkem1024: _Hybrid("MLKEM1024", Group.secp384r1, False, 1568),
}


def respond(group: int, peer: bytes) -> Response | None:
    """Answer a client's share of a group; None when it is none of it, or not done here."""
    try:
        if group in _KEMS:
            return _encapsulate(_KEMS[group], peer)
        if group in _HYBRIDS:
            return _hybrid(_HYBRIDS[group], peer)
    except Exception:  # the peer's bytes are hostile, and a library may lack the group
        return None
    own = shares.make(group)
    secret = None if own is None else shares.agree(own, peer)
    return None if own is None or secret is None else Response(own.public, secret)


def _encapsulate(name: str, peer: bytes) -> Response:
    from cryptography.hazmat.primitives.asymmetric import mlkem

    kind: Any = getattr(mlkem, f"{name}PublicKey")
    secret, ciphertext = kind.from_public_bytes(peer).encapsulate()
    return Response(ciphertext, secret)


def _hybrid(how: _Hybrid, peer: bytes) -> Response | None:
    cut = how.kem_length if how.kem_first else len(peer) - how.kem_length
    parts = peer[:cut], peer[cut:]
    kem, curve = parts if how.kem_first else parts[::-1]
    one, other = _encapsulate(how.kem, kem), respond(how.curve, curve)
    if other is None:
        return None
    first, second = (one, other) if how.kem_first else (other, one)
    return Response(first.public + second.public, first.secret + second.secret)
