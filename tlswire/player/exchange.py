"""Key exchange up to TLS 1.2: from what the server said to a pre-master secret and our message.

RFC 5246 sections 7.4.7 and 8.1, RFC 8422 section 5.7, RFC 4279 and 5489 for pre-shared keys,
RFC 2246 for exported RSA keys, RFC 6101 for SSL 3.0. Knows no record and verifies nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tlswire import codes
from tlswire.codes import ECCurveType, Version
from tlswire.language import say
from tlswire.player import shares
from tlswire.player.shares import Finite, Share
from tlswire.player.stop import Stop

#: RFC 5246 section 7.4.7.1: what follows the version in a pre-master secret.
_RANDOM: Final = 46
#: A modulus beyond this, in bytes, costs seconds: nobody's server has one.
LARGEST_MODULUS: Final = 2048


class Psk(NamedTuple):
    """A pre-shared key and the name under which the server knows it (RFC 4279)."""

    identity: bytes
    key: bytes


class Offered(NamedTuple):
    """What the exchange begins with; `params` are those of the ServerKeyExchange, if it came."""

    version: int  # the chosen one
    highest: int  # legacy_version of the ClientHello, which RSA binds (RFC 5246 7.4.7.1)
    params: dict[str, Any]
    certificate_key: Any = None  # the public key of the server's certificate
    psk: Psk | None = None


class Exchanged(NamedTuple):
    """The pre-master secret, and the body of our ClientKeyExchange."""

    pre_master: bytes
    message: bytes


def exchange(kind: str, offered: Offered) -> Exchanged:
    """Exchange keys by one of `suites`' methods; raises Stop for one that is not done here."""
    how = _KINDS.get(kind)
    if how is None:
        raise Stop(say("the key exchange {kind} is not done here", kind=kind))
    return how(offered)


def _rsa(offered: Offered) -> Exchanged:
    return _encrypted(offered, offered.certificate_key)


def _rsa_export(offered: Offered) -> Exchanged:
    """The key in the ServerKeyExchange counts, where one came (RFC 2246 section 7.4.3)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    if "rsa_modulus" not in offered.params:
        return _rsa(offered)
    numbers = [_int(offered.params[name]) for name in ("rsa_exponent", "rsa_modulus")]
    try:
        return _encrypted(offered, RSAPublicNumbers(*numbers).public_key())
    except ValueError as error:
        raise Stop(
            say("the server's RSA key of this handshake cannot be used: {error}", error=error)
        ) from None


def _encrypted(offered: Offered, key: Any) -> Exchanged:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if not isinstance(key, RSAPublicKey):
        raise Stop(say("the server's certificate has no RSA key, which its suite needs"))
    secret = offered.highest.to_bytes(2, "big") + os.urandom(_RANDOM)
    sealed = key.encrypt(secret, PKCS1v15())
    bare = offered.version == Version.ssl_3_0  # RFC 6101 section 5.6.7.1
    return Exchanged(secret, sealed if bare else _opaque16(sealed))


def _dhe(offered: Offered) -> Exchanged:
    """Leading zeros of the secret go (RFC 5246 section 8.1.2)."""
    params = offered.params
    if "dh_p" not in params:
        raise Stop(say("the server sent no Diffie-Hellman parameters"))
    if len(params["dh_p"]) > LARGEST_MODULUS:
        raise Stop(say("the server's modulus has {number} bytes", number=len(params["dh_p"])))
    try:
        own = Finite(_int(params["dh_p"]), _int(params["dh_g"]))
    except ValueError as error:
        raise Stop(say("the server's Diffie-Hellman parameters: {error}", error=error)) from None
    secret = _agreed(own, params["dh_Ys"]).lstrip(b"\0")
    return Exchanged(secret, _opaque16(own.public))


def _ecdhe(offered: Offered) -> Exchanged:
    params = offered.params
    if params.get("curve_type") != ECCurveType.named_curve:
        raise Stop(say("the server names no curve that is known here"))
    group = params["parameters"]["named_curve"]
    own = shares.make(group)
    if own is None:
        raise Stop(
            say(
                "the server's group {group} is not done here",
                group=codes.GROUPS.get(group, hex(group)),
            )
        )
    return Exchanged(_agreed(own, params["public"]), _opaque8(own.public))


def _ecdh(offered: Offered) -> Exchanged:
    """The server's share is in its certificate (RFC 4492 section 2.1)."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = offered.certificate_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Stop(say("the server's certificate has no elliptic-curve key, which its suite needs"))
    own = ec.generate_private_key(key.curve)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Exchanged(own.exchange(ec.ECDH(), key), _opaque8(point))


def _agreed(own: Share, peer: bytes) -> bytes:
    secret = shares.agree(own, peer)
    if secret is None:
        raise Stop(say("the server's key share is no element of its group"))
    return secret


# -- pre-shared keys -----------------------------------------------------------------------------


def _psk(offered: Offered) -> Exchanged:
    """Without another secret, zeros stand in its place (RFC 4279 section 2)."""
    own = _known(offered)
    return _with_psk(own, Exchanged(bytes(len(own.key)), b""))


def _known(offered: Offered) -> Psk:
    if offered.psk is None:
        raise Stop(say("the suite needs a pre-shared key, and none was given"))
    return offered.psk


def _with_psk(own: Psk, other: Exchanged) -> Exchanged:
    secret = _opaque16(other.pre_master) + _opaque16(own.key)
    return Exchanged(secret, _opaque16(own.identity) + other.message)


def _and_psk(other: Callable[[Offered], Exchanged]) -> Callable[[Offered], Exchanged]:
    return lambda offered: _with_psk(_known(offered), other(offered))


#: By `SuiteFacts.key_exchange`.
_KINDS: Final[dict[str, Callable[[Offered], Exchanged]]] = {
    "RSA": _rsa,
    "RSA_EXPORT": _rsa_export,
    "DHE": _dhe,
    "DH_anon": _dhe,
    "ECDHE": _ecdhe,
    "ECDH_anon": _ecdhe,
    "ECDH": _ecdh,
    "PSK": _psk,
    "RSA_PSK": _and_psk(_rsa),
    "DHE_PSK": _and_psk(_dhe),
    "ECDHE_PSK": _and_psk(_ecdhe),
}


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _opaque8(data: bytes) -> bytes:
    return bytes((len(data),)) + data


def _opaque16(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
