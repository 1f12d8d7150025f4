"""What the generated parsers of `fast` share. They either read a body whole or give it up.

A parser takes the bytes and their number. Never says what is wrong: that is the interpreted
grammar's part. Equal extensions in a row are read once and remembered, in a bounded dict per
message, because the world's hellos repeat themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

from tlswire.codes import ExtensionType

Parser = Callable[[bytes, int], Any]

#: Bytes of a run of extensions beyond which it is not remembered; 0: none is.
LARGEST_KNOWN = 512
#: Bytes of the runs that are remembered for one message; then all are forgotten.
MOST_KNOWN = 1 << 16
#: Extensions that hold something fresh each time, unless they are shorter than this.
FRESH_FROM = 32
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


class Memory:
    """What a message's extensions were the last times, so that equal ones are read once.

    `runs` holds the extensions between two fresh ones by their bytes, `lengths` how long the run
    was that last began so many bytes before the end of a list; `size` counts the bytes of runs.
    """

    __slots__ = ("bodies", "lengths", "runs", "size")

    def __init__(self, bodies: Mapping[int, Parser]) -> None:
        self.bodies = bodies
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.runs: dict[bytes, list[dict[str, Any]]] = {}
        self.lengths: dict[int, int] = {}
        self.size = 0

    def keep(self, run: bytes, items: list[dict[str, Any]], left: int) -> None:
        """Remember extensions in a row that began `left` bytes before the end of their list."""
        if self.size + len(run) > MOST_KNOWN:
            self.forget()
        self.size += len(run)
        self.runs[run] = items
        self.lengths[left] = len(run)


def extensions(b: bytes, o: int, e: int, memory: Memory) -> list[dict[str, Any]]:
    """Return the extensions that fill `o` to `e`."""
    found: list[dict[str, Any]] = []
    lengths, runs = memory.lengths, memory.runs
    while o < e:
        length = lengths.get(e - o, 0)
        if length and (run := runs.get(b[o : o + length])) is not None:
            found += run
            o += length
        else:
            o = one_by_one(b, o, e, memory, found)
    return found


def one_by_one(b: bytes, o: int, e: int, memory: Memory, found: list[dict[str, Any]]) -> int:
    """Read extensions up to the end or behind the first fresh one; return where that is."""
    begin, before, stop = o, len(found), o
    parser_of, append = memory.bodies.get, found.append
    while o < e:
        start = o + 4
        if start > e:
            raise Unreadable
        number, size = HEADER(b, o)
        stop = start + size
        if stop > e:
            raise Unreadable
        raw = b[start:stop]
        parser = parser_of(number)
        body = parser(raw, size) if parser is not None else None
        append({"type": number, "length": size, "body": body, "raw": raw})
        if size >= FRESH_FROM and (number in FRESH or size > LARGEST_KNOWN):
            break
        o = stop
    if 0 < o - begin <= LARGEST_KNOWN:
        memory.keep(b[begin:o], found[before:] if o == stop else found[before:-1], e - begin)
    return stop
