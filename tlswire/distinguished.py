"""Distinguished names as text (RFC 4514), from their DER: the authorities of a CertificateRequest.

Reads the few shapes of ASN.1 that a name has, and no other. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: The attribute types that names are made of, by the DER of their identifiers (RFC 4514 section 3,
#: and what certificates have besides); any other is shown by its number.
TYPES: Final[dict[bytes, str]] = {
    bytes.fromhex("550403"): "CN",
    bytes.fromhex("550406"): "C",
    bytes.fromhex("550407"): "L",
    bytes.fromhex("550408"): "ST",
    bytes.fromhex("550409"): "STREET",
    bytes.fromhex("55040a"): "O",
    bytes.fromhex("55040b"): "OU",
    bytes.fromhex("550405"): "serialNumber",
    bytes.fromhex("0992268993f22c640101"): "UID",
    bytes.fromhex("0992268993f22c640119"): "DC",
    bytes.fromhex("2a864886f70d010901"): "emailAddress",
}
#: Bytes of an identifier that is read; those in use have a dozen.
LONGEST: Final = 64
_SEQUENCE, _SET = 0x30, 0x31
#: How the strings of ASN.1 are encoded, by their tag, where it is not UTF-8 or a part of it.
_WIDE: Final[dict[int, str]] = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}
#: RFC 4514 section 2.4.
_SPECIAL = re.compile(r'[\\"+,;<>]|^[ #]| $')


def distinguished(der: bytes) -> str:
    """Return a name as text, most specific first; its DER in hex where it cannot be read."""
    try:
        parts = list(_relative(der))
    except (IndexError, ValueError):
        return der.hex()
    return ",".join(reversed(parts)) or der.hex()


def _relative(der: bytes) -> Iterator[str]:
    (name,) = _elements(der, _SEQUENCE)
    for relative in _elements(name, _SET):
        yield "+".join(map(_attribute, _elements(relative, _SEQUENCE)))


def _attribute(pair: bytes) -> str:
    (_, kind), (tag, value) = _items(pair)
    text = value.decode(_WIDE.get(tag, "utf-8"), "backslashreplace")
    escaped = _SPECIAL.sub(r"\\\g<0>", text).replace("\0", "\\00")
    return f"{TYPES.get(kind) or _number(kind)}={escaped}"


def _number(identifier: bytes) -> str:
    """Return an object identifier in dots (X.690 section 8.19). Raises ValueError for none."""
    if not 0 < len(identifier) <= LONGEST or identifier[-1] & 0x80:
        raise ValueError("no identifier")
    numbers, number = list[int](), 0
    for each in identifier:
        number = number << 7 | each & 0x7F
        if not each & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


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
