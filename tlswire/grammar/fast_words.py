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
#: Extensions that are remembered for one message, and runs of them; then all are forgotten.
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


class Memory:
    """What a message's extensions were the last times, so that equal ones are read once.

    `items` holds single extensions by their bytes, `runs` the extensions between two fresh ones,
    and `lengths` how long the run was that last began so many bytes before the end of a list.
    """

    __slots__ = ("bodies", "items", "lengths", "runs")

    def __init__(self, bodies: Mapping[int, Parser]) -> None:
        self.bodies = bodies
        self.items: dict[bytes, dict[str, Any]] = {}
        self.runs: dict[bytes, list[dict[str, Any]]] = {}
        self.lengths: dict[int, int] = {}

    def forget(self) -> None:
        """Begin anew."""
        self.items.clear()
        self.runs.clear()
        self.lengths.clear()

    def make_room(self) -> None:
        """Forget everything when there is much of it."""
        if len(self.items) >= MOST_KNOWN or len(self.runs) >= MOST_KNOWN:
            self.forget()

    def keep_run(self, run: bytes, items: list[dict[str, Any]], left: int) -> None:
        """Remember extensions in a row that began `left` bytes before the end of their list."""
        self.runs[run] = items
        self.lengths[left] = len(run)


def extensions(b: bytes, o: int, e: int, memory: Memory) -> list[dict[str, Any]]:
    """Return the extensions that fill `o` to `e`."""
    found: list[dict[str, Any]] = []
    while o < e:
        length = memory.lengths.get(e - o)
        run = memory.runs.get(b[o : o + length]) if length else None
        if run is None:
            o = one_by_one(b, o, e, memory, found)
        else:
            found += run
            o += length or 0
    return found


def one_by_one(b: bytes, o: int, e: int, memory: Memory, found: list[dict[str, Any]]) -> int:
    """Read extensions up to the end or behind the first fresh one; return where that is."""
    memory.make_room()
    begin, before, stop = o, len(found), o
    items, parsers = memory.items, memory.bodies
    item: Any = None
    try:
        while o < e:
            stop = o + 4 + (b[o + 2] << 8 | b[o + 3])
            if stop > e:
                raise Unreadable
            whole = b[o:stop]
            size = stop - o
            item = items.get(whole) if size <= LARGEST_KNOWN else None
            if item is None:
                number = b[o] << 8 | b[o + 1]
                parser = parsers.get(number)
                body = parser(whole, 4, size) if parser else None
                item = {"type": number, "length": size - 4, "body": body, "raw": whole[4:]}
                if size > LARGEST_KNOWN or (number in FRESH and size > 4):
                    break
                items[whole] = item
            found.append(item)
            o = stop
    except IndexError:
        raise Unreadable from None
    if 0 < o - begin <= LARGEST_KNOWN:
        memory.keep_run(b[begin:o], found[before:], e - begin)
    if o < stop:
        found.append(item)
    return stop
