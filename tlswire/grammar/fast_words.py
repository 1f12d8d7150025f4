"""What the generated parsers of `fast` share. They either read a body whole or give it up.

A parser takes the bytes and their number. Never says what is wrong: that is the interpreted
grammar's part. Equal extensions are read once and remembered, in a bounded dict per message,
because the world's hellos repeat themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

from tlswire.codes import ExtensionType

Parser = Callable[[bytes, int], Any]

#: Bytes of an extension's body beyond which it is not remembered.
LARGEST_KNOWN = 128
#: Extensions that are remembered for one message; then all are forgotten.
MOST_KNOWN = 256
#: Extensions that hold something else in each message, and are not remembered.
FRESH = frozenset(
    {
        ExtensionType.key_share,
        ExtensionType.key_share_draft,
        ExtensionType.pre_shared_key,
        ExtensionType.cookie,
        ExtensionType.encrypted_client_hello,
    }
)
#: Type and length of an extension.
HEADER = Struct(">HH").unpack_from


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


class Memory(dict[bytes, dict[str, Any]]):
    """What extensions of a message say, by their bytes, so that equal ones are read once."""

    __slots__ = ("bodies",)

    def __init__(self, bodies: Mapping[int, Parser]) -> None:
        super().__init__()
        self.bodies = bodies


def extensions(b: bytes, o: int, e: int, memory: Memory) -> list[dict[str, Any]]:
    """Return the extensions that fill `o` to `e`. Raises Unreadable."""
    found: list[dict[str, Any]] = []
    append, known, parser_of = found.append, memory.get, memory.bodies.get
    while o < e:
        start = o + 4
        if start > e:
            raise Unreadable
        number, size = HEADER(b, o)
        stop = start + size
        if stop > e:
            raise Unreadable
        whole = b[o:stop]
        fields = known(whole) if size <= LARGEST_KNOWN else None
        if fields is None:
            raw, parser = b[start:stop], parser_of(number)
            body = parser(raw, size) if parser is not None else None
            fields = {"type": number, "length": size, "body": body, "raw": raw}
            if size <= LARGEST_KNOWN and number not in FRESH:
                memory[whole] = fields
        append(fields)
        o = stop
    if len(memory) > MOST_KNOWN:
        memory.clear()
    return found
