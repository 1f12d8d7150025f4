"""One direction of a conversation: segments in any order become bytes in order.

Counts in stream offsets: 0 is the byte after the SYN, and they never wrap (RFC 9293 section 3.4
wraps; a capture's stream may be longer). Knows of no sink: what becomes deliverable is handed to
`Conversation.deliver`. Must never hold more than its bounds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from operator import ne
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..flow import Endpoint, Side, Who
from .segment import Arrival

if TYPE_CHECKING:
    from .conversation import Conversation

Overlap = Literal["first", "last"]

#: Out-of-order bytes and pieces held for one direction.
MOST_BYTES = 4 << 20
MOST_PIECES = 4096
#: Delivered pieces kept to compare what is sent again with what was sent before.
REMEMBERED = 32
#: The same packet seen twice within this time is one packet seen by two taps.
DUPLICATE_SECONDS = 0.005
#: A sequence number this far from the expected one belongs to no window (RFC 7323 section 2.3).
FARTHEST = 1 << 30
#: Bytes: no side sends so many before it awaits an answer.
FLIGHT = 1 << 24
MOST_HOLES = 64


class Piece(NamedTuple):
    """Bytes at their place in the stream; fewer than `end - start` if the packet was cut."""

    start: int
    end: int
    data: bytes
    at: float
    frame: int
    identity: int  # of the packet: see `segment.Arrival`

    def part(self, start: int, end: int) -> Piece:
        """Return what lies between two offsets."""
        data = self.data[start - self.start : end - self.start]
        return self._replace(start=start, end=end, data=data)

    def arriving_with(self, filler: Piece) -> Piece:
        """Return the same bytes, told as of the packet that filled the gap before them."""
        return self._replace(at=filler.at, frame=filler.frame)


class Stream:
    """One direction: where it stands, what is out of order, what its `Side` should know."""

    __slots__ = (
        "acknowledged",
        "awaits",
        "base",
        "buffered",
        "closed",
        "conversation",
        "fin",
        "high",
        "history",
        "isn",
        "key",
        "latest",
        "next",
        "peer",
        "pending",
        "postponed",
        "rival",
        "seen",
        "side",
        "skipping",
        "started",
        "syn_at",
        "syn_identity",
        "who",
        "window",
    )

    peer: Stream
    conversation: Conversation

    def __init__(self, key: bytes, endpoint: Endpoint, who: Who) -> None:
        self.key = key
        self.who: Who = who  # provisional until the conversation knows
        self.side = Side(endpoint)
        self.isn: int | None = None  # as Wireshark keeps it: of the first packet, or guessed
        self.base: int | None = None  # the sequence number of offset 0
        self.started = False  # a SYN or data was seen: `base` is no guess
        self.syn_identity = -1  # of the last SYN
        self.syn_at = 0.0
        self.rival: int | None = None  # `base` by another SYN of the same side
        self.next = 0  # delivered up to here
        self.high = 0  # the end of the farthest byte taken in
        self.seen = 0  # the end of the farthest byte captured, postponed ones included
        self.acknowledged: int | None = None  # the peer's latest acknowledgment, as sent
        self.window = 0
        self.fin: int | None = None
        self.closed = False
        self.skipping = False  # payload is no longer wanted
        self.pending: list[Piece] = []
        self.buffered = 0
        #: What was delivered last, as plain tuples: seldom looked at, written for every packet.
        self.history: deque[tuple[int, int, bytes, float, int, int]] = deque(maxlen=REMEMBERED)
        self.postponed: list[Arrival] | None = None
        self.awaits = 0
        self.latest: int | None = None  # the sequence number of the last segment without data

    def isn_of(self, key: bytes) -> int | None:
        """Return the initial sequence number of the side whose packets have this key: its own."""
        return self.isn

    def offset(self, sequence: int) -> int:
        """Return the stream offset of a sequence number, taken as near to the expected one."""
        following = self.next
        distance = (sequence - (self.base or 0) - following + 0x8000_0000) & 0xFFFF_FFFF
        return following + distance - 0x8000_0000

    def is_next(self, sequence: int, data: bytes, length: int) -> bool:
        """Say that a whole segment begins at the expected number, and no FIN was before."""
        expected = (self.base or 0) + self.next & 0xFFFF_FFFF
        return sequence == expected and len(data) == length and self.fin is None

    def is_plain(self) -> bool:
        """Say that nothing is late or early."""
        return self.started and not self.pending and self.postponed is None and self.rival is None

    # Where offset 0 is

    def begin(self, sequence: int, length: int) -> None:
        """Find offset 0 in the middle of a stream: the first data, until then a guess."""
        if self.started:
            if length and sequence == self.rival:
                self.choose_rival()
            return
        if self.base is None or (length and self.next == 0):
            self.base = sequence
        self.started = bool(length)

    def begin_at_syn(self, arrival: Arrival) -> bool:
        """Take offset 0 from a SYN; True if this very packet was seen already."""
        following = arrival.sequence + 1 & 0xFFFF_FFFF
        if not self.started:
            self.base, self.started = following, True
        elif self.base != following:
            self.rival = following
        same = arrival.identity == self.syn_identity
        seen_twice = same and arrival.at - self.syn_at < DUPLICATE_SECONDS
        self.syn_identity, self.syn_at = arrival.identity, arrival.at
        return seen_twice

    def begin_as_accepted(self, acknowledgment: int) -> None:
        """Take offset 0 from the peer's SYN-ACK, where this side's SYN was not captured."""
        if not self.started:
            self.base, self.started = acknowledgment, True

    def choose_rival(self) -> None:
        """Believe the other of two SYNs: the peer acknowledged it, or data follows it."""
        if self.next == 0 and not self.pending:
            self.base = self.rival
        self.rival = None

    # What was seen before

    def is_duplicate(self, piece: Piece) -> bool:
        """Say that the very packet of these bytes was seen a moment ago, by another tap."""
        return any(
            each.identity == piece.identity
            and each.start == piece.start
            and piece.at - each.at < DUPLICATE_SECONDS
            for each in (*map(Piece._make, self.history), *self.pending[-REMEMBERED:])
        )

    def is_keep_alive(self, piece: Piece) -> bool:
        """Say that this is the one byte before the next, sent to be acknowledged again."""
        return piece.end - piece.start == 1 and piece.end == self.high == self.side.acked

    def has(self, piece: Piece) -> bool:
        """Say that these bytes are here already, or were given up."""
        if piece.end <= self.next:
            return True
        index = bisect_right(self.pending, piece.start, key=_start_of)
        return index > 0 and self.pending[index - 1].end >= piece.end

    # Out of order

    def add(self, piece: Piece, overlap: Overlap) -> None:
        """Take a segment that is not simply the next one."""
        if piece.start < self.next:
            self._compare(piece, map(Piece._make, self.history))
            if piece.end <= self.next:
                return
            piece = piece.part(self.next, piece.end)
        first = bisect_right(self.pending, piece.start, key=_start_of)
        if first and self.pending[first - 1].end > piece.start:
            first -= 1
        last = bisect_right(self.pending, piece.end - 1, lo=first, key=_start_of)
        old = self.pending[first:last]
        self._compare(piece, old)
        merged = list(_cover(piece, old) if overlap == "first" else _cover_old(old, piece))
        self.buffered += sum(len(each.data) for each in merged)
        self.buffered -= sum(len(each.data) for each in old)
        self.pending[first:last] = merged

    def _compare(self, piece: Piece, old: Iterable[Piece]) -> None:
        for each in old:
            start, end = max(piece.start, each.start), min(piece.end, each.end)
            if start < end:
                ours, theirs = piece.part(start, end).data, each.part(start, end).data
                if ours != theirs:
                    self.side.overlaps_differ += sum(map(ne, ours, theirs))

    def take_next(self) -> list[Piece]:
        """Return the pieces that are next by now, and forget them."""
        place, count = self.next, 0
        for piece in self.pending:
            if piece.start != place:
                break
            place = piece.end
            count += 1
        ready = self.pending[:count]
        del self.pending[:count]
        self.buffered -= sum(len(piece.data) for piece in ready)
        return ready

    def skip_hole(self, until: int) -> int:
        """Skip the missing bytes before the next piece, at most up to `until`; return how many."""
        end = min(until, self.pending[0].start) if self.pending else until
        length = end - self.next
        if length > 0:
            self.note_hole(self.next, length)
            self.next = end
            self.high = self.side.sent = max(self.high, end)
            self.seen = max(self.seen, end)
        return max(length, 0)

    def note_hole(self, offset: int, length: int) -> None:
        """Write down bytes that are not in the capture; neighbours become one hole."""
        holes = self.side.holes
        if holes and sum(holes[-1]) == offset:
            holes[-1] = holes[-1][0], holes[-1][1] + length
        elif len(holes) < MOST_HOLES:
            holes.append((offset, length))

    def note_unseen(self) -> None:
        """Write down what a side had sent by its last empty segment, and nobody saw arrive.

        A segment without data has the number of the next byte (RFC 9293 section 3.4).
        """
        if self.latest is None or self.fin is not None or not self.started:
            return
        missing = self.offset(self.latest) - self.seen
        if 0 < missing <= FLIGHT:
            self.note_hole(self.seen, missing)

    def forget(self) -> None:
        """Drop what is buffered: nobody wants the payload any more."""
        self.pending.clear()
        self.history.clear()
        self.buffered = 0
        self.postponed = None


def _start_of(piece: Piece) -> int:
    return piece.start


def _cover(new: Piece, old: list[Piece]) -> Iterator[Piece]:
    """Yield the old pieces and, between them, what only the new one has."""
    place = new.start
    for each in old:
        if each.start > place:
            yield new.part(place, each.start)
        yield each
        place = max(place, each.end)
    if place < new.end:
        yield new.part(place, new.end)


def _cover_old(old: list[Piece], new: Piece) -> Iterator[Piece]:
    """Yield the new piece and, around it, what only the old ones have."""
    if old and old[0].start < new.start:
        yield old[0].part(old[0].start, new.start)
    yield new
    if old and old[-1].end > new.end:
        yield old[-1].part(new.end, old[-1].end)
