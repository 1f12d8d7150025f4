"""What is kept for one side while its stream is read: where it is, and which frame brought what.

Bookkeeping only: it knows no message, no order and no other side.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from tlswire.envelopes import Envelope
from tlswire.messages import MessageReader
from tlswire.records import RecordReader

Phase = Literal["opening", "tls"]


class Half:
    """What is kept for one side: where its stream is, and what is protected."""

    def __init__(self, midway: bool) -> None:
        self.phase: Phase = "opening"
        self.opening = bytearray()
        self.records = RecordReader(midway=midway)
        self.envelope: Envelope | None = None  # the packets that records travel in, if any
        self.messages = MessageReader()
        self.protected = False
        self.midway = midway
        self.seen = 0  # stream bytes so far
        self.data = 0  # application data so far
        self._ends: list[int] = []  # stream offsets at which pieces end
        self._marks: list[tuple[float, int]] = []  # the time and frame of each piece

    def mark(self, length: int, at: float, frame: int) -> None:
        """Remember which frame carried the next `length` bytes."""
        self.seen += length
        if self._marks and self._marks[-1] == (at, frame):
            self._ends[-1] = self.seen
        else:
            self._ends.append(self.seen)
            self._marks.append((at, frame))

    @property
    def first(self) -> tuple[float, int] | None:
        """Return time and frame of the first piece, as long as it is not forgotten."""
        return self._marks[0] if self._marks else None

    def frame_of(self, offset: int) -> int:
        """Return the frame that holds the stream byte at `offset`."""
        ends = self._ends
        if len(ends) > 1 and offset >= ends[-2]:  # it came with the last piece, as most do
            return self._marks[-1][1]
        index = min(bisect_right(ends, offset), len(self._marks) - 1)
        return self._marks[index][1] if index >= 0 else 0

    def forget(self) -> None:
        """Drop the marks but the last: nobody will ask for older bytes."""
        self._ends, self._marks = self._ends[-1:], self._marks[-1:]
