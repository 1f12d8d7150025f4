"""Distinguished names as text (RFC 4514), from the DER of a CertificateRequest. Never raises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: The attribute types that names are made of (RFC 4519), by the DER of their identifiers.
TYPES: Final[dict[bytes, str]] = {
    bytes.fromhex("550403"): "CN",
    bytes.fromhex("550406"): "C",
    bytes.fromhex("550407"): "L",
    bytes.fromhex("550408"): "ST",
    bytes.fromhex("55040a"): "O",
    bytes.fromhex("55040b"): "OU",
    bytes.fromhex("550405"): "serialNumber",
    bytes.fromhex("0992268993f22c640119"): "DC",
    bytes.fromhex("2a864886f70d010901"): "emailAddress",
}
_SEQUENCE, _SET, _OID, _BMP = 0x30, 0x31, 0x06, 0x1E


def distinguished(der: bytes) -> str:
    """Return a name as text, most specific first; hex where it cannot be read."""
    try:
        parts = list(_attributes(der))
    except (IndexError, ValueError):
        return der.hex()
    return ",".join(reversed(parts)) or der.hex()


def _attributes(der: bytes) -> Iterator[str]:
    (name,) = _elements(der, _SEQUENCE)
    for relative in _elements(name, _SET):
        for pair in _elements(relative, _SEQUENCE):
            (_, kind), (tag, value) = _items(pair)
            text = value.decode("utf-16-be" if tag == _BMP else "utf-8", "backslashreplace")
            yield f"{TYPES.get(kind, kind.hex())}={text}"


def _elements(der: bytes, tag: int) -> list[bytes]:
    found = _items(der)
    if any(each != tag for each, _ in found):
        raise ValueError("another tag")
    return [content for _, content in found]


def _items(der: bytes) -> list[tuple[int, bytes]]:
    """Cut DER into its elements. Raises ValueError or IndexError where it is none."""
    found, at = [], 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("cut short")
        found.append((tag, der[at : at + length]))
        at += length
    return found
