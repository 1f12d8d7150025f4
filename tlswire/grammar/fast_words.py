"""What the generated parsers of `fast` share. They either read a body whole or give it up.

A parser takes the bytes, an offset and the end of its window. Never says what is wrong: that is
the interpreted grammar's part. Equal extensions are read once and remembered, in a bounded dict
per message, because the world's hellos repeat themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

from tlswire.codes import ExtensionType

Parser = Callable[[bytes, int, int], Any]

#: Bytes of an extension, header included, beyond which it is not remembered; 0: none is.
LARGEST_KNOWN = 512
#: Extensions that are remembered for one message; then all are forgotten.
MOST_KNOWN = 2048
#: Extensions that hold something fresh each time: not worth remembering.
FRESH = frozenset(
    {
        ExtensionType.key_share,
        ExtensionType.key_share_draft,
        ExtensionType.pre_shared_key,
        ExtensionType.session_ticket,
        ExtensionType.cookie,
        ExtensionType.encrypted_client_hello,
    }
)


class Unreadable(Exception):  # noqa: N818
    """The bytes are not what the parser reads."""


SHORTS = [Struct(f">{count}H").unpack_from for count in range(128)]


def shorts(b: bytes, o: int, e: int) -> list[int]:
    """Return the 16-bit numbers that fill `o` to `e`."""
    count = e - o
    if count & 1:
        raise Unreadable
    if count < 256:
        return list(SHORTS[count >> 1](b, o))
    return list(Struct(f">{count >> 1}H").unpack_from(b, o))


def extensions(
    b: bytes, o: int, e: int, bodies: Mapping[int, Parser], known: dict[bytes, Any]
) -> list[Any]:
    """Return the extensions that fill `o` to `e`."""
    found: list[Any] = []
    get, append = known.get, found.append
    while o < e:
        start = o + 4
        if start > e:
            raise Unreadable
        stop = start + (b[o + 2] << 8 | b[o + 3])
        if stop > e:
            raise Unreadable
        append(get(b[o:stop]) or extension(b, o, stop, bodies, known))
        o = stop
    return found


def extension(
    b: bytes, o: int, e: int, bodies: Mapping[int, Parser], known: dict[bytes, Any]
) -> dict[str, Any]:
    """Return the extension that fills `o` to `e`, and remember it."""
    start, number = o + 4, b[o] << 8 | b[o + 1]
    parser = bodies.get(number)
    body = parser(b, start, e) if parser else None
    item = {"type": number, "length": e - start, "body": body, "raw": b[start:e]}
    if e - o <= LARGEST_KNOWN and number not in FRESH:
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[b[o:e]] = item
    return item
