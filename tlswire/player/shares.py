"""Key shares of our own: one for each named group, made fresh and used once.

RFC 8446 section 4.2.8 and RFC 8422 section 5.4 for curves, RFC 7919 for finite fields,
draft-ietf-tls-ecdhe-mlkem for the hybrids. Knows no message. What cannot be made, or does not fit
what the peer sent, is None.
"""

from __future__ import annotations

import contextlib
import secrets
import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, Protocol

from tlswire.codes import Group
from tlswire.language import say
from tlswire.player import binary

#: RFC 7919 appendix A: what makes the modulus a safe prime, and the private exponent's bits that
#: its strength asks for (section 5.2).
_FINITE: Final = {
    Group.ffdhe2048: (2048, 560316, 225),
    Group.ffdhe3072: (3072, 2625351, 275),
    Group.ffdhe4096: (4096, 5736041, 325),
    Group.ffdhe6144: (6144, 15705020, 375),
    Group.ffdhe8192: (8192, 10965728, 400),
}
#: That of every group of RFC 7919.
_GENERATOR: Final = 2
#: The class of a curve in `cryptography`.
_CURVES: Final = {
    Group.secp192r1: "SECP192R1",
    Group.secp224r1: "SECP224R1",
    Group.secp256k1: "SECP256K1",
    Group.secp256r1: "SECP256R1",
    Group.secp384r1: "SECP384R1",
    Group.secp521r1: "SECP521R1",
    Group.brainpoolp256r1: "BrainpoolP256R1",
    Group.brainpoolp384r1: "BrainpoolP384R1",
    Group.brainpoolp512r1: "BrainpoolP512R1",
    Group.brainpoolp256r1tls13: "BrainpoolP256R1",
    Group.brainpoolp384r1tls13: "BrainpoolP384R1",
    Group.brainpoolp512r1tls13: "BrainpoolP512R1",
}
#: Bits that the sum of a series may lose.
_GUARD: Final = 64
#: Bits of a private exponent for a group that the server made itself: a strength of 128 bits.
_EXPONENT: Final = 256


class Share(Protocol):
    """A key share: `public` goes out, the peer's comes in."""

    public: bytes

    def secret(self, peer: bytes) -> bytes:
        """Return the shared secret; raises ValueError for what is no share of the group."""


class _Montgomery:
    """X25519 and X448 (RFC 7748)."""

    def __init__(self, name: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import x448, x25519

        module: Any = {"X25519": x25519, "X448": x448}[name]
        self._private = getattr(module, f"{name}PrivateKey").generate()
        self._peer = getattr(module, f"{name}PublicKey").from_public_bytes
        self.public: bytes = self._private.public_key().public_bytes_raw()

    def secret(self, peer: bytes) -> bytes:
        found: bytes = self._private.exchange(self._peer(peer))
        return found


class _Curve:
    """Prime curves, uncompressed points (RFC 8422 section 5.4.1)."""

    def __init__(self, name: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._private = ec.generate_private_key(getattr(ec, name)())
        self.public: bytes = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    def secret(self, peer: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import ec

        public = ec.EllipticCurvePublicKey.from_encoded_point(self._private.curve, peer)
        return self._private.exchange(ec.ECDH(), public)


class Finite:
    """Finite field Diffie-Hellman, of any modulus: weak ones must be played too.

    Up to TLS 1.2 leading zeros of the secret go (RFC 5246 section 8.1.2), in TLS 1.3 they stay
    (RFC 8446 section 7.4.1).
    """

    def __init__(self, modulus: int, generator: int, bits: int = _EXPONENT) -> None:
        if modulus < 5:
            raise ValueError(say("no modulus"))
        self._modulus = modulus
        self._exponent = secrets.randbits(min(bits, modulus.bit_length() - 1)) | 1
        self._size = (modulus.bit_length() + 7) // 8
        self.public = self._power(generator).to_bytes(self._size, "big")

    def secret(self, peer: bytes) -> bytes:
        """Return the shared secret, as long as the modulus."""
        public = int.from_bytes(peer, "big")
        if not 1 < public < self._modulus - 1:
            raise ValueError(say("no element of the group"))
        return self._power(public).to_bytes(self._size, "big")

    def _power(self, base: int) -> int:
        """Raise to the private exponent, by the library where it knows the group: it is faster.

        Of another modulus it would prove first that it is prime, which takes longer.
        """
        if self._modulus in _named_moduli():
            with contextlib.suppress(ImportError, ValueError):
                return _power_of_library(base, self._exponent, self._modulus)
        return pow(base, self._exponent, self._modulus)


@cache
def _named_moduli() -> frozenset[int]:
    return frozenset(map(modulus, _FINITE))


def _power_of_library(base: int, exponent: int, modulus: int) -> int:
    """Return a power by an exchange with a peer whose public key is the base.

    Raises ImportError where the library no longer has finite fields, ValueError where it refuses.
    """
    with warnings.catch_warnings(action="ignore"):  # that it will have them no longer
        from cryptography.hazmat.primitives.asymmetric import dh

        numbers = dh.DHParameterNumbers(modulus, _GENERATOR)
        unused = dh.DHPublicNumbers(_GENERATOR, numbers)  # an exchange needs no public key of ours
        private = dh.DHPrivateNumbers(exponent, unused).private_key()
        return int.from_bytes(private.exchange(dh.DHPublicNumbers(base, numbers).public_key()))


class _Mlkem:
    """ML-KEM alone: the encapsulation key goes out, a ciphertext comes in."""

    def __init__(self, name: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import mlkem

        self._private = getattr(mlkem, f"{name}PrivateKey").generate()
        self.public: bytes = self._private.public_key().public_bytes_raw()

    def secret(self, peer: bytes) -> bytes:
        found: bytes = self._private.decapsulate(peer)
        return found


class _Hybrid:
    """Two shares one after the other; the server's is cut behind `first_of_server` bytes."""

    def __init__(self, first: Share, second: Share, first_of_server: int) -> None:
        self._first, self._second, self._cut = first, second, first_of_server
        self.public = first.public + second.public

    def secret(self, peer: bytes) -> bytes:
        return self._first.secret(peer[: self._cut]) + self._second.secret(peer[self._cut :])


#: Bytes of an ML-KEM-768 ciphertext (FIPS 203 table 3), and of uncompressed points.
_CIPHERTEXT_768, _POINT_256, _POINT_384 = 1088, 65, 97


def _x25519mlkem768() -> Share:
    """Return the one hybrid in which ML-KEM stands first."""
    return _Hybrid(_Mlkem("MLKEM768"), _Montgomery("X25519"), _CIPHERTEXT_768)


def _secp256r1mlkem768() -> Share:
    return _Hybrid(_Curve("SECP256R1"), _Mlkem("MLKEM768"), _POINT_256)


def _secp384r1mlkem1024() -> Share:
    return _Hybrid(_Curve("SECP384R1"), _Mlkem("MLKEM1024"), _POINT_384)


def _finite(group: int) -> Share:
    return Finite(modulus(group), _GENERATOR, _FINITE[group][2])


@cache
def modulus(group: int) -> int:
    """Return the modulus of a group of RFC 7919: 2^b - 2^(b-64) + ([2^(b-130) e] + X) 2^64 - 1."""
    bits, plus, _ = _FINITE[group]
    inside = (1 << bits) - (1 << (bits - 64))
    return inside + (_euler(bits - 130) + plus << 64) - 1


def _euler(bits: int) -> int:
    """Return 2^bits times e, rounded down: the sum of 1/n!, with guard bits."""
    term, total, number = 1 << (bits + _GUARD), 0, 0
    while term:
        total += term
        number += 1
        term //= number
    return total >> _GUARD


_MAKERS: Final[dict[int, Callable[[], Share]]] = {
    Group.x25519: partial(_Montgomery, "X25519"),
    Group.x448: partial(_Montgomery, "X448"),
    **{group: partial(_Curve, name) for group, name in _CURVES.items()},
    **{group: partial(binary.Binary, group) for group in binary.CURVES},
    **{group: partial(_finite, group) for group in _FINITE},
    Group.mlkem768: partial(_Mlkem, "MLKEM768"),
    Group.mlkem1024: partial(_Mlkem, "MLKEM1024"),
    Group.x25519mlkem768: _x25519mlkem768,
    Group.secp256r1mlkem768: _secp256r1mlkem768,
    Group.secp384r1mlkem1024: _secp384r1mlkem1024,
}


def make(group: int) -> Share | None:
    """Return a fresh share of a group; None when it cannot be made here."""
    maker = _MAKERS.get(group)
    if maker is None:
        return None
    try:
        return maker()
    except Exception:  # a library without the group says so in its own ways
        return None


def agree(share: Share, peer: bytes) -> bytes | None:
    """Return the secret shared with the peer; None when its share is none of the group."""
    try:
        return share.secret(peer)
    except Exception:  # the peer's bytes are hostile
        return None
