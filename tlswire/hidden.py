"""What a protected record must be, by its size and its place, when there are no keys.

Only sizes that were measured on real stacks are used; a size never tells *which* alert it is.
TLS 1.3 protects with an AEAD of a 16-byte tag and one byte of inner content type
(RFC 8446 section 5.2); all suites but the CCM_8 one have that tag.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tlswire import codes
from tlswire.flow import Who

_TAG, _TAG_8, _INNER_TYPE, _HANDSHAKE_HEADER = 16, 8, 1, 4
#: JSSE of Java pads what it protects by 16 bytes.
_PADDINGS = (0, 16)
_ALERT, _EMPTY_CERTIFICATE, _END_OF_EARLY_DATA = 2, _HANDSHAKE_HEADER + 4, _HANDSHAKE_HEADER


class Told(NamedTuple):
    """What a hidden record is called, and what it must be, None when that cannot be told."""

    what: str
    guess: str | None = None


@lru_cache(maxsize=1024)
def tell(who: Who, suite: int | None, length: int, *, early: bool) -> Told:
    """Tell a hidden record of a TLS 1.3 handshake; `early` when early data may be among them."""
    if is_alert(suite, length):
        return Told("encrypted", "alert")
    if who == "server":
        return Told("encrypted")
    if is_finished(suite, length):
        return Told("encrypted", "finished")
    if early:
        return Told(
            "early_data", "end_of_early_data" if is_end_of_early_data(suite, length) else None
        )
    return Told("encrypted", "certificate" if is_empty_certificate(suite, length) else None)


@lru_cache(maxsize=1024)
def traits(who: Who, suite: int | None, length: int) -> tuple[object, ...]:
    """Return all that the size of a hidden record of TLS 1.3 tells, no early data being offered."""
    told = tell(who, suite, length, early=False)
    return (*told, may_hold_finished(suite, length), is_finished(suite, length))


#: Bytes of the MAC, by the end of a suite's name.
MACS = {"MD5": 16, "SHA": 20, "SHA256": 32, "SHA384": 48}


@lru_cache(maxsize=256)
def unencrypted(suite: int | None) -> int | None:
    """Return the bytes of the MAC behind the content where a suite encrypts nothing, else None."""
    name = codes.CIPHER_SUITES.get(suite or 0, "")
    return MACS.get(name.rpartition("_")[2]) if "_WITH_NULL_" in name else None


def overhead(suite: int | None) -> int:
    """Return the bytes that TLS 1.3 record protection adds to the content."""
    name = codes.CIPHER_SUITES.get(suite or 0, "")
    return _INNER_TYPE + (_TAG_8 if "CCM_8" in name else _TAG)


@lru_cache(maxsize=1024)
def is_alert(suite: int | None, length: int) -> bool:
    """Tell whether a TLS 1.3 record of `length` bytes can only be an alert."""
    return length - overhead(suite) - _ALERT in _PADDINGS


def is_finished(suite: int | None, length: int) -> bool:
    """Tell whether the record holds exactly a Finished: the suite's hash (RFC 8446 4.4.4)."""
    return length - _finished(suite) in _PADDINGS


@lru_cache(maxsize=1024)
def may_hold_finished(suite: int | None, length: int) -> bool:
    """Tell whether a Finished, and something more or padding, fits into the record."""
    return length >= _finished(suite)


def _finished(suite: int | None) -> int:
    name = codes.CIPHER_SUITES.get(suite or 0, "")
    digest = 48 if name.endswith("SHA384") else 32
    return overhead(suite) + _HANDSHAKE_HEADER + digest


#: Bytes of a signature by an RSA key that is too weak: 1024 and 1536 bits. No other has so many.
WEAK_SIGNATURES = (128, 192)
_BEFORE_SIGNATURE = _HANDSHAKE_HEADER + 4


def weak_key(suite: int | None, lengths: Sequence[int]) -> int | None:
    """Return the bits of a weak RSA key that signed a server's flight, by the size of a record.

    The CertificateVerify stands right before the Finished (RFC 8446 section 4.4.3), and a
    signature of RSA is as long as its key. None where no such record is seen.
    """
    for signed, finished in itertools.pairwise(lengths):
        padding = finished - _finished(suite)
        size = signed - padding - overhead(suite) - _BEFORE_SIGNATURE
        if padding in _PADDINGS and size in WEAK_SIGNATURES:
            return size * 8
    return None


def is_empty_certificate(suite: int | None, length: int) -> bool:
    """Tell whether the record begins with a Certificate without any (RFC 8446 4.4.2).

    Nothing follows it, or in the same record the Finished (BoringSSL writes them so).
    """
    alone, joined = overhead(suite) + _EMPTY_CERTIFICATE, _finished(suite) + _EMPTY_CERTIFICATE
    return length - alone in _PADDINGS or length == joined


def is_end_of_early_data(suite: int | None, length: int) -> bool:
    """Tell whether the record holds exactly an EndOfEarlyData (RFC 8446 4.5)."""
    return length == overhead(suite) + _END_OF_EARLY_DATA
