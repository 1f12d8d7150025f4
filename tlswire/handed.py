"""What the second half of a capture hands to the first: a file, written by the one process alone.

What was told of conversations stands in it in two kinds of lists by turns: marks, by which the
first half knows what it saw too, and what was told. The rest comes last, and is read first.
"""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Container, Iterator
from itertools import count
from typing import Any, BinaryIO, Final, NamedTuple, cast

from tlswire.skim import Told
from tlswire.sources.datagrams import Datagrams
from tlswire.sources.middle import Middle
from tlswire.sources.remarks import Remarks

_LENGTH: Final = struct.Struct("<I")
#: The place of both kinds of lists among all.
_MARKS, _TOLD = 0, 1


class Mark(NamedTuple):
    """By what a conversation is known to both halves, and its first and last packet."""

    number: int
    key: bytes
    isn: int | None
    first_frame: int
    last_frame: int


#: Where a mark has its key, and what is told its number.
_KEY, _NUMBER = Mark._fields.index("key"), Told._fields.index("number")


class Rest(NamedTuple):
    """What the second half's process says in the end."""

    packets: int
    conversations: int
    began_at: float
    last_at: float
    reached: Middle | None
    faults: int
    remarks: Remarks
    datagrams: Datagrams
    stray: int
    torn: bool


class Handed:
    """The file between two processes."""

    def __init__(self) -> None:
        self._file = _nameless_file()

    def tell(self, told: list[Told]) -> None:
        """Write what is told of conversations: as plain tuples, a sixth of the work."""
        if told:
            self._put([_mark(each) for each in told])
            self._put([tuple(each) for each in told])

    def end(self, rest: Rest) -> None:
        """Write all else."""
        self._put(rest)
        self._file.flush()

    def rest(self) -> Rest:
        """Return what was written last."""
        file = self._file
        file.seek(-_LENGTH.size, os.SEEK_END)
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        file.seek(-_LENGTH.size - length, os.SEEK_END)
        rest = pickle.loads(file.read(length))
        assert isinstance(rest, Rest)
        return rest

    def marks(self, known: Container[bytes]) -> Iterator[Mark]:
        """Yield the marks of conversations with known addresses and ports."""
        for marks in self._lists(_MARKS):
            yield from (Mark(*mark) for mark in marks if mark[_KEY] in known)

    def told(self, but: Container[int]) -> Iterator[tuple[Any, ...]]:
        """Yield the fields of what was told of all conversations but those of some numbers."""
        for told in self._lists(_TOLD):
            yield from (each for each in told if each[_NUMBER] not in but) if but else told

    def close(self) -> None:
        """Close the file, which is gone by that."""
        self._file.close()

    def _put(self, thing: object) -> None:
        """Write one thing, its length on both sides: it can be read from either end."""
        data = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        length = _LENGTH.pack(len(data))
        self._file.write(length + data + length)

    def _lists(self, which: int) -> Iterator[list[Any]]:
        file = self._file
        file.seek(0)
        for turn in count():
            head = file.read(_LENGTH.size)
            if not head:
                return
            (length,) = _LENGTH.unpack(head)
            if turn % 2 != which:
                file.seek(length, os.SEEK_CUR)
            elif isinstance(things := pickle.loads(file.read(length)), list):
                yield things
            file.seek(_LENGTH.size, os.SEEK_CUR)


def _nameless_file() -> BinaryIO:
    """Return a new file; where the system makes none without a name, the library that knows how."""
    try:
        folder = os.environ.get("TMPDIR") or "/tmp"
        return open(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b")
    except (AttributeError, OSError):
        import tempfile  # it takes a twentieth of the start

        return cast(BinaryIO, tempfile.TemporaryFile())


def _mark(told: Told) -> tuple[object, ...]:
    number, first_frame, last_frame, _, key, isn, _ = told
    return number, key, isn, first_frame, last_frame
