"""Where DER holds text (X.690), and a certificate its signature. Never raises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: Universal types that are text, one byte a character.
TEXTS: Final = frozenset({0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B})
#: Text with two and four bytes a character.
WIDE: Final = {0x1E: 2, 0x1C: 4}
BIT_STRING, OCTET_STRING, SEQUENCE = 0x03, 0x04, 0x30
#: An e-mail address, a DNS name, a URI as a general name (RFC 5280 section 4.2.1.6), an address.
GENERAL: Final = frozenset({0x81, 0x82, 0x86})
ADDRESS: Final = 0x87
DEEPEST: Final = 24


def texts(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int]]:
    """Yield (offset, length, bytes a character) of each text, 0 for an IP address."""
    yield from _walk(data, start, len(data) if end is None else end, 0)


def signature(data: bytes, start: int = 0) -> tuple[int, int] | None:
    """Return (offset, length) of the signature of the certificate that begins there.

    A certificate is what is signed, how, and the bits (RFC 5280 section 4.1); None for all else.
    """
    outer = _header(data, start, len(data))
    if outer is None or outer[0] != SEQUENCE:
        return None
    _, at, end = outer
    begin = end
    for tag in (SEQUENCE, SEQUENCE, BIT_STRING):
        found = _header(data, at, end)
        if found is None or found[0] != tag:
            return None
        _, begin, at = found
    begin += 1  # the first byte counts the bits that are not used
    return (begin, at - begin) if begin < at == end else None


def _walk(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[int, int, int]]:
    while at < end and depth < DEEPEST:
        found = _header(data, at, end)
        if found is None:
            return
        tag, begin, stop = found
        if tag in TEXTS or (tag in GENERAL and _ascii(data[begin:stop])):
            yield begin, stop - begin, 1
        elif tag in WIDE:
            yield begin, stop - begin, WIDE[tag]
        elif tag == ADDRESS and stop - begin in (4, 16):
            yield begin, stop - begin, 0
        elif tag & 0x20 or (tag == OCTET_STRING and _whole(data, begin, stop)):
            yield from _walk(data, begin, stop, depth + 1)
        at = stop


def _header(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """Return tag, begin and end of the contents, None where this is no DER."""
    if at + 2 > end or data[at] & 0x1F == 0x1F:
        return None
    length, begin = data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= 4 or begin + size > end:
            return None
        length, begin = int.from_bytes(data[begin : begin + size]), begin + size
    return (data[at], begin, begin + length) if begin + length <= end else None


def _whole(data: bytes, at: int, end: int) -> bool:
    """Tell whether an OCTET STRING holds one SEQUENCE and nothing else."""
    found = _header(data, at, end)
    return found is not None and found[0] == SEQUENCE and found[2] == end


def _ascii(text: bytes) -> bool:
    """Tell text from what other structures keep under the same tag: a serial number, a hash."""
    return bool(text) and text.isascii()
