"""The client's first flight, exactly as it was captured.

The flight is the bytes of the ClientHello with its own records and TCP segments; nothing is
rebuilt. It never plays more than that, never changes a byte (`variants` does), and opens no
socket.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from tlswire.codes import ExtensionType, Version
from tlswire.flow import Flow, How, Segment, Who
from tlswire.language import say
from tlswire.records import HEADER, LARGEST
from tlswire.transcript import Entry, Transcript

#: A first flight longer than this is not replayed: nothing sane sends it.
LONGEST: Final = 1 << 18
#: Pauses between captured segments, in seconds: shorter ones are the network's own, longer ones
#: are cut, for nobody waits for a replay.
SHORTEST_PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 2.0


class Piece(NamedTuple):
    """Bytes for one TCP segment, to be sent `pause` seconds after the piece before."""

    data: bytes
    pause: float = 0.0


class Flight(NamedTuple):
    """What to send, and what to know about it; without pieces there is nothing to send, and why.

    `notes` are sentences for the user.
    """

    pieces: tuple[Piece, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """Return the bytes without their segmentation."""
        return b"".join(piece.data for piece in self.pieces)

    def __bool__(self) -> bool:
        """Tell whether there is anything to send."""
        return bool(self.pieces)


class Tape:
    """Records the beginning of a client's stream: a `Sink`, fed by a capture or by hand."""

    def __init__(self, length: int = LONGEST) -> None:
        """Begin; more than `length` bytes are not wanted, with 0 none at all."""
        self.stream = bytearray()
        self.holes: list[tuple[int, int]] = []  # (offset, length), zeros in `stream`
        self.done = length <= 0
        self._length = length

    def receive(self, who: Who, data: bytes, at: float, frame: int = 0) -> None:
        """Keep the client's bytes."""
        if who == "client" and not self.done:
            self.stream += data
            self.done = len(self.stream) >= self._length

    def lost(self, who: Who, length: int, at: float, frame: int = 0) -> None:
        """Keep the place of bytes that are not in the capture."""
        if who == "client" and not self.done:
            self.holes.append((len(self.stream), length))
            self.stream += bytes(min(length, self._length))
            self.done = len(self.stream) >= self._length

    def closed(self, who: Who, how: How, at: float, frame: int = 0) -> None:
        """How a stream ended does not matter here."""

    def whole(self, begin: int, end: int) -> bool:
        """Tell whether every byte between two offsets was captured."""
        if end > len(self.stream):
            return False
        return all(hole >= end or hole + length <= begin for hole, length in self.holes)


def first_flight(transcript: Transcript, flow: Flow, tape: Tape) -> Flight:
    """Return the captured ClientHello as it was sent: the same bytes, records and segments."""
    hello = transcript.client_hello
    if hello is None:
        return Flight(notes=(_absence(transcript),))
    if hello.offset + hello.length > LONGEST:
        return Flight(
            notes=(
                say(
                    "the ClientHello has {length} bytes: too long to be replayed",
                    length=hello.length,
                ),
            )
        )
    begin = _begin(hello)
    end = _end(hello, tape)
    if not tape.whole(begin, end):
        return Flight(
            notes=(say("the ClientHello is not whole in the capture: it cannot be replayed"),)
        )
    pieces = tuple(_cut(bytes(tape.stream), begin, end, flow.client.segments))
    return Flight(pieces, tuple(_notes(transcript, flow, hello, begin, end)))


def length_of(transcript: Transcript) -> int:
    """Return how much of the client's stream a `Tape` must hold for the first flight; 0: none."""
    hello = transcript.client_hello
    if hello is None or hello.offset + hello.length > LONGEST:
        return 0
    return sum(hello.spans[-1]) + (0 if is_ssl2(hello) else LARGEST)


def _absence(transcript: Transcript) -> str:
    if transcript.unfinished.get("client"):
        return say("the ClientHello is not whole in the capture: it cannot be replayed")
    return say("the capture has no ClientHello on this connection: there is nothing to replay")


def _begin(hello: Entry) -> int:
    """Return the offset of the first record's header; an SSL 2.0 entry includes its own."""
    return hello.spans[0][0] - (0 if is_ssl2(hello) else HEADER)


def _end(hello: Entry, tape: Tape) -> int:
    """Return the offset behind the record in which the hello ends (RFC 8446 section 5.1)."""
    offset, length = hello.spans[-1]
    if is_ssl2(hello):
        return offset + length
    announced = int.from_bytes(tape.stream[offset - 2 : offset], "big")
    return max(offset + length, offset + announced)


def is_ssl2(hello: Entry) -> bool:
    """Tell whether a hello has the SSL 2.0 format (RFC 6101 appendix E)."""
    return hello.situation.version == Version.ssl_2_0


def _cut(stream: bytes, begin: int, end: int, segments: list[Segment]) -> Iterable[Piece]:
    """Cut where the captured segments were cut, with the pauses between them."""
    edges = {s.offset for s in segments} | {s.offset + s.length for s in segments}
    cuts = sorted({begin, end} | {edge for edge in edges if begin < edge < end})
    sent = [_sent_at(start, segments) for start in cuts[:-1]]
    for index, (start, stop) in enumerate(pairwise(cuts)):
        yield Piece(stream[start:stop], _pause(sent[index - 1], sent[index]) if index else 0.0)


def _sent_at(offset: int, segments: list[Segment]) -> float | None:
    return next((s.at for s in segments if s.offset <= offset < s.offset + s.length), None)


def _pause(before: float | None, after: float | None) -> float:
    if before is None or after is None or after - before < SHORTEST_PAUSE:
        return 0.0
    return min(after - before, LONGEST_PAUSE)


# -- what the user should know -----------------------------------------------------------


def _notes(transcript: Transcript, flow: Flow, hello: Entry, begin: int, end: int) -> Iterable[str]:
    if (
        begin > 0
        and not transcript.cleartext.get("client")
        and not transcript.cleartext.get("server")
    ):
        yield say(
            "the client sent {begin} bytes before its ClientHello: they are not replayed",
            begin=begin,
        )
    if hello.has_extension(ExtensionType.early_data):
        yield say("the hello announces early data: the data itself is not replayed")
    side = flow.client
    if not any(s.offset <= begin < s.offset + s.length for s in side.segments):
        yield say(
            "the capture does not tell the segments of the ClientHello: it goes out in one write"
        )
    elif side.segments[-1].offset + side.segments[-1].length < end:
        yield say("not all segments of the ClientHello are known: its tail goes out in one write")
    if side.larger_than_mss:
        yield say(
            "captured segments are larger than the path allows (offloading): cut again on the way"
        )
    inside = [s.offset for s in side.segments if begin < s.offset + s.length and s.offset < end]
    if inside != sorted(inside):
        yield say("the segments of the ClientHello came out of order: they are sent in order")
