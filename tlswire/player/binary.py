"""Curves over binary fields: what clients of OpenSSL 1.0 offer first, and Erlang still chooses.

`cryptography` no longer has them. A share is used once and protects nothing, so this is neither
fast nor constant in time: affine points, a short scalar. Parameters: SEC 2 version 1 section 3,
as OpenSSL prints them. RFC 8422 section 5.10 for the secret.
"""

from __future__ import annotations

import secrets
from typing import Final, NamedTuple

from tlswire.codes import Group
from tlswire.language import say

#: Bits of a scalar: enough that a share differs from any other.
_SCALAR: Final = 128

#: A point; None is the one at infinity.
_Point = tuple[int, int] | None


class _Curve(NamedTuple):
    """y^2 + xy = x^3 + ax^2 + b modulo the polynomial with these terms, and its base point."""

    terms: tuple[int, ...]
    a: int
    b: int
    x: int
    y: int


# fmt: off
CURVES: Final[dict[int, _Curve]] = {
    Group.sect163k1: _Curve(
        (163, 7, 6, 3, 0),
        0x1,
        0x1,
        0x2fe13c0537bbc11acaa07d793de4e6d5e5c94eee8,
        0x289070fb05d38ff58321f2e800536d538ccdaa3d9,
    ),
    Group.sect163r1: _Curve(
        (163, 7, 6, 3, 0),
        0x7b6882caaefa84f9554ff8428bd88e246d2782ae2,
        0x713612dcddcb40aab946bda29ca91f73af958afd9,
        0x369979697ab43897789566789567f787a7876a654,
        0x435edb42efafb2989d51fefce3c80988f41ff883,
    ),
    Group.sect163r2: _Curve(
        (163, 7, 6, 3, 0),
        0x1,
        0x20a601907b8c953ca1481eb10512f78744a3205fd,
        0x3f0eba16286a2d57ea0991168d4994637e8343e36,
        0xd51fbc6c71a0094fa2cdd545b11c5c0c797324f1,
    ),
    Group.sect193r1: _Curve(
        (193, 15, 0),
        0x17858feb7a98975169e171f77b4087de098ac8a911df7b01,
        0xfdfb49bfe6c3a89facadaa7a1e5bbc7cc1c2e5d831478814,
        0x1f481bc5f0ff84a74ad6cdf6fdef4bf6179625372d8c0c5e1,
        0x25e399f2903712ccf3ea9e3a1ad17fb0b3201b6af7ce1b05,
    ),
    Group.sect193r2: _Curve(
        (193, 15, 0),
        0x163f35a5137c2ce3ea6ed8667190b0bc43ecd69977702709b,
        0xc9bb9e8927d4d64c377e2ab2856a5b16e3efb7f61d4316ae,
        0xd9b67d192e0367c803f39e1a7e82ca14a651350aae617e8f,
        0x1ce94335607c304ac29e7defbd9ca01f596f927224cdecf6c,
    ),
    Group.sect233k1: _Curve(
        (233, 74, 0),
        0x0,
        0x1,
        0x17232ba853a7e731af129f22ff4149563a419c26bf50a4c9d6eefad6126,
        0x1db537dece819b7f70f555a67c427a8cd9bf18aeb9b56e0c11056fae6a3,
    ),
    Group.sect233r1: _Curve(
        (233, 74, 0),
        0x1,
        0x66647ede6c332c7f8c0923bb58213b333b20e9ce4281fe115f7d8f90ad,
        0xfac9dfcbac8313bb2139f1bb755fef65bc391f8b36f8f8eb7371fd558b,
        0x1006a08a41903350678e58528bebf8a0beff867a7ca36716f7e01f81052,
    ),
    Group.sect239k1: _Curve(
        (239, 158, 0),
        0x0,
        0x1,
        0x29a0b6a887a983e9730988a68727a8b2d126c44cc2cc7b2a6555193035dc,
        0x76310804f12e549bdb011c103089e73510acb275fc312a5dc6b76553f0ca,
    ),
    Group.sect283k1: _Curve(
        (283, 12, 7, 5, 0),
        0x0,
        0x1,
        0x503213f78ca44883f1a3b8162f188e553cd265f23c1567a16876913b0c2ac2458492836,
        0x1ccda380f1c9e318d90f95d07e5426fe87e45c0e8184698e45962364e34116177dd2259,
    ),
    Group.sect283r1: _Curve(
        (283, 12, 7, 5, 0),
        0x1,
        0x27b680ac8b8596da5a4af8a19a0303fca97fd7645309fa2a581485af6263e313b79a2f5,
        0x5f939258db7dd90e1934f8c70b0dfec2eed25b8557eac9c80e2e198f8cdbecd86b12053,
        0x3676854fe24141cb98fe6d4b20d02b4516ff702350eddb0826779c813f0df45be8112f4,
    ),
    Group.sect409k1: _Curve(
        (409, 87, 0),
        0x0,
        0x1,
        0x60f05f658f49c1ad3ab1890f7184210efd0987e307c84c27accfb8f9f67cc2c460189eb5aaaa62ee222eb1b35540cfe9023746,
        0x1e369050b7c4e42acba1dacbf04299c3460782f918ea427e6325165e9ea10e3da5f6c42e9c55215aa9ca27a5863ec48d8e0286b,
    ),
    Group.sect409r1: _Curve(
        (409, 87, 0),
        0x1,
        0x21a5c2c8ee9feb5c4b9a753b7b476b7fd6422ef1f3dd674761fa99d6ac27c8a9a197b272822f6cd57a55aa4f50ae317b13545f,
        0x15d4860d088ddb3496b0c6064756260441cde4af1771d4db01ffe5b34e59703dc255a868a1180515603aeab60794e54bb7996a7,
        0x61b1cfab6be5f32bbfa78324ed106a7636b9c5a7bd198d0158aa4f5488d08f38514f1fdf4b4f40d2181b3681c364ba0273c706,
    ),
    Group.sect571k1: _Curve(
        (571, 10, 5, 2, 0),
        0x0,
        0x1,
        0x26eb7a859923fbc82189631f8103fe4ac9ca2970012d5d46024804801841ca44370958493b205e647da304db4ceb08cbbd1ba39494776fb988b47174dca88c7e2945283a01c8972,
        0x349dc807f4fbf374f4aeade3bca95314dd58cec9f307a54ffc61efc006d8a2c9d4979c0ac44aea74fbebbb9f772aedcb620b01a7ba7af1b320430c8591984f601cd4c143ef1c7a3,
    ),
    Group.sect571r1: _Curve(
        (571, 10, 5, 2, 0),
        0x1,
        0x2f40e7e2221f295de297117b7f3d62f5c6a97ffcb8ceff1cd6ba8ce4a9a18ad84ffabbd8efa59332be7ad6756a66e294afd185a78ff12aa520e4de739baca0c7ffeff7f2955727a,
        0x303001d34b856296c16c0d40d3cd7750a93d1d2955fa80aa5f40fc8db7b2abdbde53950f4c0d293cdd711a35b67fb1499ae60038614f1394abfa3b4c850d927e1e7769c8eec2d19,
        0x37bf27342da639b6dccfffeb73d69d78c6c27a6009cbbca1980f8533921e8a684423e43bab08a576291af8f461bb2a8b3531d2f0485c19b16e2f1516e23dd3c1a4827af1b8ac15b,
    ),
}
# fmt: on


class Binary:
    """A share of such a group: an uncompressed point goes out, one comes in."""

    def __init__(self, group: int) -> None:
        self._field = _Field(CURVES[group])
        self._scalar = secrets.randbits(_SCALAR) | 1 << (_SCALAR - 1)
        curve = CURVES[group]
        self.public = self._field.written(self._field.times(self._scalar, (curve.x, curve.y)))

    def secret(self, peer: bytes) -> bytes:
        """Return the shared secret: the x-coordinate, as long as a field element."""
        shared = self._field.times(self._scalar, self._field.read(peer))
        return self._field.written(shared)[1 : 1 + self._field.size]


class _Field:
    """Arithmetic of one curve; an element is an int whose bits are its coefficients."""

    def __init__(self, curve: _Curve) -> None:
        self._curve = curve
        self._degree = curve.terms[0]
        self._modulus = sum(1 << term for term in curve.terms)
        self.size = (self._degree + 7) // 8

    def read(self, data: bytes) -> tuple[int, int]:
        """Return the point that a peer sent; raises ValueError for what is on no such curve."""
        x, y = (
            int.from_bytes(part, "big") for part in (data[1 : 1 + self.size], data[1 + self.size :])
        )
        whole = len(data) == 1 + 2 * self.size and data[0] == 4
        if not whole or max(x, y) >> self._degree or not self._holds(x, y):
            raise ValueError(say("no element of the group"))
        return x, y

    def written(self, point: _Point) -> bytes:
        """Return a point uncompressed (RFC 8422 section 5.4.1).

        Raises ValueError for the point at infinity.
        """
        if point is None:
            raise ValueError(say("no element of the group"))
        return b"\x04" + b"".join(each.to_bytes(self.size, "big") for each in point)

    def times(self, scalar: int, point: _Point) -> _Point:
        """Return a multiple of a point, by doubling and adding."""
        found: _Point = None
        for bit in bin(scalar)[2:]:
            found = self._add(found, found)
            if bit == "1":
                found = self._add(found, point)
        return found

    def _holds(self, x: int, y: int) -> bool:
        square = self._mul(x, x)
        right = self._mul(square, x ^ self._curve.a) ^ self._curve.b
        return self._mul(y, y ^ x) == right

    def _add(self, one: _Point, other: _Point) -> _Point:
        """SEC 1 version 2 section 2.2.2."""
        if one is None or other is None:
            return other if one is None else one
        (x1, y1), (x2, y2) = one, other
        if x1 != x2:
            slope = self._mul(y1 ^ y2, self._inverse(x1 ^ x2))
            x3 = self._mul(slope, slope) ^ slope ^ x1 ^ x2 ^ self._curve.a
            return x3, self._mul(slope, x1 ^ x3) ^ x3 ^ y1
        if y1 != y2 or not x1:
            return None
        slope = x1 ^ self._mul(y1, self._inverse(x1))
        x3 = self._mul(slope, slope) ^ slope ^ self._curve.a
        return x3, self._mul(x1, x1) ^ self._mul(slope ^ 1, x3)

    def _mul(self, one: int, other: int) -> int:
        """Multiply four bits at a time, and reduce."""
        table = [0]
        for place in range(4):
            table += [one << place ^ each for each in table]
        product = 0
        for digit in f"{other:x}":
            product = product << 4 ^ table[int(digit, 16)]
        return self._reduced(product)

    def _reduced(self, value: int) -> int:
        low = (1 << self._degree) - 1
        while high := value >> self._degree:
            value &= low
            for term in self._curve.terms[1:]:
                value ^= high << term
        return value

    def _inverse(self, value: int) -> int:
        """The extended Euclidean algorithm, on polynomials."""
        u, v, one, other = value, self._modulus, 1, 0
        while u != 1:
            apart = u.bit_length() - v.bit_length()
            if apart < 0:
                u, v, one, other, apart = v, u, other, one, -apart
            u ^= v << apart
            one ^= other << apart
        return self._reduced(one)
