"""Several captures read as one, in the order of time: the files of a ring buffer, two taps.

Packets are numbered through, as in the file that `mergecap` would write. A file is opened when its
first packet is due, so that a ring buffer of a thousand files has two or three of them open. Must
never hold more than one packet and one chunk of each open file.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tlswire.language import say

from .capture import STDIN, Capture, open_capture
from .pcap import Batch, PacketTuple
from .unwanted import Unwanted
from .watch import Watch

#: Packets read before the conversations that ended with them are handed out.
BATCH = 4096


class Member(NamedTuple):
    """One file: when its first packet came; `capture` is open where it cannot be opened again."""

    begins: float
    place: int
    name: str
    capture: Capture | None = None
    first: PacketTuple | None = None


class Merged:
    """The packets of several captures. Has what a `Capture` has."""

    format = "merged"

    def __init__(self, names: Sequence[str], watch: Watch | None = None) -> None:
        """Look at the first packet of each. Raises what `open_capture` raises."""
        self.notes: list[str] = []
        self.secrets: list[bytes] = []
        self._watch = watch
        self._names = names
        self._read_before = 0
        self._open: dict[int, Capture] = {}
        members = (self._look(place, name) for place, name in enumerate(names))
        self._waiting = sorted((each for each in members if each is not None), reverse=True)

    @property
    def bytes_read(self) -> int:
        """Bytes of the (decompressed) files read so far."""
        return self._read_before + sum(each.bytes_read for each in self._open.values())

    def batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Give all packets, some at a time, the earliest first."""
        packets, before = self.packets(), -1
        while before != unwanted.number:
            before = unwanted.number
            yield self._count(islice(packets, BATCH), unwanted)

    def _count(self, packets: Batch, unwanted: Unwanted) -> Batch:
        for packet in packets:
            unwanted.number = packet[0]
            yield packet

    def packets(self) -> Iterator[PacketTuple]:
        """Give all packets, the earliest first."""
        heads: list[tuple[float, int, PacketTuple, Iterator[PacketTuple]]] = []
        number = 0
        while heads or self._waiting:
            while self._waiting and (not heads or self._waiting[-1].begins <= heads[0][0]):
                self._begin(self._waiting.pop(), heads)
            if not heads:
                continue
            _, place, packet, rest = heads[0]
            number += 1
            yield (number, *packet[1:])
            following = next(rest, None)
            if following is None:
                heapq.heappop(heads)
                self._end(place)
            else:
                heapq.heapreplace(heads, (following[1], place, following, rest))

    def _look(self, place: int, name: str) -> Member | None:
        """Find out when a file begins; None, and a note, when it has no packet."""
        is_pipe = name == STDIN
        capture = open_capture(name, self._watch, self.secrets if is_pipe else None)
        first = next(capture.packets(), None)
        if first is None:
            self._note(place, [*capture.notes, say("it has no packet")])
            return None
        if is_pipe:
            return Member(first[1], place, name, capture, first)
        capture.close()
        return Member(first[1], place, name)

    def _begin(
        self, member: Member, heads: list[tuple[float, int, PacketTuple, Iterator[PacketTuple]]]
    ) -> None:
        capture = member.capture or open_capture(member.name, self._watch, self.secrets)
        packets = capture.packets()
        first = member.first or next(packets, None)
        if first is not None:
            self._open[member.place] = capture
            heapq.heappush(heads, (first[1], member.place, first, packets))

    def _end(self, place: int) -> None:
        capture = self._open.pop(place)
        self._read_before += capture.bytes_read
        self._note(place, capture.notes)
        capture.close()

    def _note(self, place: int, notes: Sequence[str]) -> None:
        self.notes += [f"{Path(self._names[place]).name}: {note}" for note in notes]
