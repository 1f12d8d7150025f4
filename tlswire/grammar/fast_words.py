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

#: Bytes of an extension beyond which it is not remembered; 0: none is.
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


class Shorts(dict[int, Callable[[bytes, int], tuple[int, ...]]]):
    """Size in bytes -> what unpacks that many bytes as 16-bit numbers; an odd size is none."""

    def __missing__(self, size: int) -> Callable[[bytes, int], tuple[int, ...]]:
        """Make the unpacker of a size not seen before; only short ones are kept."""
        if size & 1:
            raise Unreadable
        unpack = Struct(f">{size >> 1}H").unpack_from
        if size <= 512:
            self[size] = unpack
        return unpack


SHORTS = Shorts()


def extensions(
    b: bytes, o: int, e: int, bodies: Mapping[int, Parser], known: dict[bytes, Any]
) -> list[Any]:
    """Return the extensions that fill `o` to `e`."""
    found: list[Any] = []
    get, append = known.get, found.append
    try:
        while o < e:
            stop = o + 4 + (b[o + 2] << 8 | b[o + 3])
            if stop > e:
                raise Unreadable
            whole = b[o:stop]
            append(get(whole) or extension(whole, bodies, known))
            o = stop
    except IndexError:
        raise Unreadable from None
    return found


def extension(
    whole: bytes, bodies: Mapping[int, Parser], known: dict[bytes, Any]
) -> dict[str, Any]:
    """Return what an extension says, and remember it."""
    number, size = whole[0] << 8 | whole[1], len(whole)
    body = bodies[number](whole, 4, size) if number in bodies else None
    item = {"type": number, "length": size - 4, "body": body, "raw": whole[4:]}
    if size <= LARGEST_KNOWN and number not in FRESH:
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[whole] = item
    return item
