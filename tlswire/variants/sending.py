"""How a flight leaves: cut into segments and records, behind a header, or not at all.

A cut is an edit as well, that changes no byte: it is listed where it falls. Nothing here opens a
socket.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise, repeat
from typing import Final, NamedTuple

from tlswire.flight import Flight, Piece
from tlswire.language import say
from tlswire.records import HEADER, LARGEST_PLAIN
from tlswire.variants.edits import Edit, apply
from tlswire.variants.hello import Hello

#: PROXY headers that name no addresses: the server keeps those of the connection.
PROXY_V1: Final = b"PROXY UNKNOWN\r\n"
PROXY_V2: Final = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00"
REQUEST: Final = b"GET / HTTP/1.0\r\n\r\n"
LINE: Final = b"HELP\r\n"
#: A maximum segment that passes every path of today, in bytes.
SMALL_MSS: Final = 1200
#: What every host of IPv4 takes (RFC 9293 section 3.7.1): paths of today pass more.
LEAST_MSS: Final = 536
#: Seconds between segments that must not arrive together.
APART: Final = 0.2
#: Seconds between those of a captured flight at least, and all of its pauses together at most.
MOMENT, MOMENTS = 0.02, 0.5


class Sending(NamedTuple):
    """What leaves: a flight, what was changed in it, and the largest segment when not usual.

    `preamble` is what is spoken before it, "" for nothing; None is what the way says.
    """

    flight: Flight
    edits: tuple[Edit, ...] = ()
    mss: int | None = None
    preamble: str | None = None


def edited(flight: Flight, edits: tuple[Edit, ...]) -> Sending | None:
    """Return the flight with its bytes changed; None when there is no change."""
    return Sending(apply(flight, edits), edits) if edits else None


# -- TCP segments ------------------------------------------------------------------------


def one_segment(flight: Flight) -> Sending | None:
    """Send everything at once; None when it was so before."""
    if len(flight.pieces) < 2:
        return None
    edits = tuple(_mark(at, say("no segment ends here")) for at in _ends(flight)[:-1])
    return Sending(Flight((Piece(flight.data),), flight.notes), edits)


def segments(flight: Flight, cuts: Sequence[int], pause: float = APART) -> Sending | None:
    """Cut the flight at these offsets, with a pause in seconds; None when nothing is cut."""
    data = flight.data
    inside = sorted({at for at in cuts if 0 < at < len(data)})
    parts = [data[a:b] for a, b in pairwise([0, *inside, len(data)])]
    pieces = tuple(Piece(part, pause if n else 0.0) for n, part in enumerate(parts))
    edits = tuple(
        _mark(at, say("a segment ends here, the next {pause:g} s later", pause=pause))
        for at in inside
    )
    return Sending(Flight(pieces, flight.notes), edits) if inside else None


def recut(flight: Flight, sizes: Sequence[int]) -> Flight:
    """Cut the flight into segments of these sizes, the last one repeated; all in one for ()."""
    data, pieces, at = flight.data, [], 0
    for size in chain(sizes[:-1], repeat(sizes[-1] if sizes else len(data))):
        if at >= len(data):
            break
        pieces.append(Piece(data[at : at + size]))
        at += size
    told = say(
        "segments of {sizes} bytes, not as captured",
        sizes=" ".join(str(len(p.data)) for p in pieces[:8]),
    )
    return Flight(tuple(pieces), (*flight.notes, told))


def apart(flight: Flight) -> Flight:
    """Keep segments so far apart that no server reads two at once by chance."""
    least = min(MOMENT, MOMENTS / max(1, len(flight.pieces)))
    pieces = (
        Piece(piece.data, max(piece.pause, least) if n else piece.pause)
        for n, piece in enumerate(flight.pieces)
    )
    return Flight(tuple(pieces), flight.notes)


def small_segments(flight: Flight, mss: int = SMALL_MSS) -> Sending:
    """Keep the segments of both directions at `mss` bytes at most (RFC 9293 section 3.7.1)."""
    return Sending(flight, (_mark(0, say("segments of {mss} bytes at most", mss=mss)),), mss)


def _ends(flight: Flight) -> list[int]:
    ends, at = [], 0
    for piece in flight.pieces:
        at += len(piece.data)
        ends.append(at)
    return ends


def _mark(at: int, why: str) -> Edit:
    return Edit(at, b"", b"", why)


# -- TLS records -------------------------------------------------------------------------


def one_record(hello: Hello) -> tuple[Edit, ...]:
    """Join the records of a hello; () when it has one, or they do not fit one (RFC 8446 5.1)."""
    spans = hello.message.spans
    total = sum(length for _, length in spans)
    first = spans[0][0]
    if len(spans) < 2 or total > LARGEST_PLAIN:
        return ()
    length = hello.data[first - 2 : first]
    edits = [Edit(first - 2, length, total.to_bytes(2, "big"), say("length of the record"))]
    for offset, _ in spans[1:]:
        header = hello.data[offset - HEADER : offset]
        edits.append(Edit(offset - HEADER, header, b"", say("no record begins here")))
    return tuple(edits)


def records(hello: Hello, size: int) -> tuple[Edit, ...]:
    """Cut a hello of one record into records of `size` bytes; () when it is smaller."""
    return records_at(hello, range(size, hello.size, size)) if size > 0 else ()


def records_at(hello: Hello, cuts: Sequence[int]) -> tuple[Edit, ...]:
    """Cut a hello of one record before these offsets of the message (RFC 8446 section 5.1)."""
    (offset, length), *more = hello.message.spans
    inside = sorted({at for at in cuts if 0 < at < length})
    if more or not inside:
        return ()
    kind = hello.data[offset - HEADER : offset - 2]
    old = hello.data[offset - 2 : offset]
    edits = [Edit(offset - 2, old, inside[0].to_bytes(2, "big"), say("length of the record"))]
    for start, stop in pairwise([*inside, length]):
        header = kind + (stop - start).to_bytes(2, "big")
        edits.append(Edit(offset + start, b"", header, say("a record begins here")))
    return tuple(edits)


# -- what is not a hello -----------------------------------------------------------------


def behind(flight: Flight, header: bytes, told: str) -> Sending:
    """Send a header first, in a segment of its own."""
    pieces = (Piece(header), *flight.pieces)
    return Sending(Flight(pieces, flight.notes), (Edit(0, b"", header, told),))


def cleartext(flight: Flight) -> Sending:
    """Send a request of HTTP in the hello's place."""
    return Sending(
        Flight((Piece(REQUEST),)),
        (Edit(0, flight.data, REQUEST, say("HTTP in the hello's place")),),
    )


def line(flight: Flight) -> Sending:
    """Send a line of text in the hello's place: who awaits lines answers, be it with an error."""
    return Sending(
        Flight((Piece(LINE),)),
        (Edit(0, flight.data, LINE, say("a line in the hello's place")),),
    )


def nothing(flight: Flight) -> Sending:
    """Connect and wait for what the server says of its own accord."""
    return Sending(Flight(), (Edit(0, flight.data, b"", say("nothing is sent")),))
