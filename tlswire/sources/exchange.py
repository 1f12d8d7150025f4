"""Two streams of one conversation while they run: acknowledgments, data, holes, FINs.

What one side acknowledges tells what of the other was lost by the capture. Everything reaches the
sink in the order in which it happened, across both directions. Must never look at what the bytes
mean, nor wait for missing ones without a bound.
"""

from __future__ import annotations

from tlswire.language import say

from ..flow import MOST_SEGMENTS, Flow, Segment, Sink
from .segment import Arrival, Flag
from .stream import FARTHEST, MOST_BYTES, MOST_PIECES, Overlap, Piece, Stream

#: An acknowledgment of bytes not captured yet waits so long for them: capturing may reorder.
PATIENT_PACKETS = 8
PATIENT_SECONDS = 0.25


class Budget:
    """Out-of-order bytes held over all conversations."""

    __slots__ = ("most", "used")

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0


class Exchange:
    """What two streams tell about each other, and in which order."""

    __slots__ = (
        "budget",
        "flow",
        "last_syn_at",
        "one",
        "over",
        "over_at",
        "overlap",
        "sink",
        "skipping",
        "two",
    )

    def __init__(
        self, flow: Flow, one: Stream, two: Stream, sink: Sink, overlap: Overlap, budget: Budget
    ) -> None:
        self.flow = flow
        self.one, self.two = one, two
        one.peer, two.peer = two, one
        self.sink = sink
        self.overlap: Overlap = overlap
        self.budget = budget
        self.skipping = False  # payload is no longer wanted
        self.over = False  # a RST, or the FINs of both
        self.over_at = self.last_syn_at = flow.started

    def process(self, stream: Stream, arrival: Arrival, patient: bool) -> None:
        """Take acknowledgment, payload and FIN of a segment, in this order."""
        at, frame = arrival.at, arrival.frame
        if arrival.flags & Flag.ACK and not self.acknowledge(
            stream, arrival.acknowledgment, at, frame, patient
        ):
            stream.postponed = []
            self.postpone(stream, arrival)
            return
        offset = stream.offset(arrival.sequence)
        if arrival.length:
            self._take_payload(stream, offset, arrival)
        if (
            arrival.flags & Flag.FIN
            and stream.fin is None
            and offset + arrival.length >= stream.next
        ):
            stream.fin = offset + arrival.length
            stream.side.fin_at, stream.side.fin_frame = at, frame
        if stream.fin is not None and stream.next >= stream.fin and not stream.closed:
            self.close(stream, stream.side.fin_at or at, stream.side.fin_frame or frame)

    # Acknowledgments

    def acknowledge(
        self, stream: Stream, acknowledgment: int, at: float, frame: int, patient: bool
    ) -> bool:
        """Take note of which of the peer's bytes arrived; False: wait, some were not captured."""
        peer, flow = stream.peer, self.flow
        if peer.base is None:
            peer.base = acknowledgment
            peer.started = bool(
                stream.side.syn_frames
            )  # it answers a SYN-ACK that was not captured
        elif acknowledgment == peer.rival:
            peer.choose_rival()
        if flow.opened_at is None and stream.who == "client" and flow.accepted_at is not None:
            flow.opened_at = at
            if flow.saw_syn:
                flow.round_trip = at - self.last_syn_at
        offset = peer.offset(acknowledgment)
        if peer.fin is not None and offset > peer.fin:
            offset = peer.fin
        if offset <= peer.side.acked or offset - peer.seen > FARTHEST:
            if offset == peer.side.acked:
                peer.acknowledged = acknowledgment
            elif not peer.side.sent:
                peer.rival = acknowledgment
            return True
        if offset > peer.next and peer.postponed:  # both wait for each other: nothing will come
            self.resume(peer, patient=False)
        if offset > peer.seen:
            if patient:
                stream.awaits = offset
                return False
            if self.awaits_syn_ack(peer) and not peer.side.sent:
                return True  # it belongs to another connection
        peer.side.acked = offset
        peer.acknowledged = acknowledgment
        if offset > peer.next:
            self._lose(peer, offset, at, frame)
        return True

    def awaits_syn_ack(self, stream: Stream) -> bool:
        """Say that a stream's side sent its SYN and was not answered by one yet."""
        return bool(stream.side.syn_frames) and not stream.peer.side.syn_frames

    def postpone(self, stream: Stream, arrival: Arrival) -> None:
        """Keep a segment until the bytes that it acknowledges are captured."""
        assert stream.postponed is not None
        stream.postponed.append(arrival)
        stream.seen = max(stream.seen, stream.offset(arrival.sequence) + arrival.length)
        self.look_at_postponed(stream, arrival.at)

    def look_at_postponed(self, stream: Stream, at: float) -> None:
        """Go on when the awaited bytes came, or when waiting has no more sense."""
        waiting = stream.postponed
        if not waiting:
            return
        if stream.peer.seen >= stream.awaits:
            self.resume(stream, patient=True)
        elif len(waiting) >= PATIENT_PACKETS or at - waiting[0].at > PATIENT_SECONDS:
            self.resume(stream, patient=False)

    def resume(self, stream: Stream, patient: bool) -> None:
        """Process what was postponed; without patience, what it acknowledges is lost."""
        waiting, stream.postponed = stream.postponed or [], None
        for each in waiting:
            if stream.postponed is None:
                self.process(stream, each, patient)
            else:
                stream.postponed.append(each)

    # Data

    def _take_payload(self, stream: Stream, offset: int, arrival: Arrival) -> None:
        side, end = stream.side, offset + arrival.length
        piece = Piece(offset, end, arrival.data, arrival.at, arrival.frame, arrival.identity)
        if offset - stream.next > FARTHEST:
            self.note(say("segments far outside the window were left out"))
            return
        if end > stream.high:
            if offset < stream.high:
                side.out_of_order += 1
            stream.high = side.sent = end
            stream.seen = max(stream.seen, end)
            self.cite(stream, offset, arrival.length, arrival.at, arrival.frame)
        elif stream.is_duplicate(piece) or stream.is_keep_alive(piece):
            return
        elif stream.has(piece):
            side.retransmissions += 1
            side.retransmitted_at = arrival.at
        else:
            side.out_of_order += 1
            self.cite(stream, offset, arrival.length, arrival.at, arrival.frame)
        if stream.fin is not None and end > stream.fin:
            self.note(say("data beyond the FIN was left out"))
            if offset >= stream.fin:
                return
            piece = piece.part(offset, stream.fin)
        if offset == stream.next and not stream.pending:
            self._deliver(stream, piece)
        else:
            self._insert(stream, piece)

    def cite(self, stream: Stream, offset: int, length: int, at: float, frame: int) -> None:
        """Write down an original segment, and whether it keeps to the size agreed."""
        side, mss = stream.side, stream.peer.side.mss
        if len(side.segments) < MOST_SEGMENTS:
            side.segments.append(Segment(frame, at, offset, length))
        if mss is not None and length > mss:
            side.larger_than_mss += 1

    def _insert(self, stream: Stream, piece: Piece) -> None:
        """Buffer a segment that is not simply next, then deliver what became next."""
        before = stream.buffered
        stream.add(piece, self.overlap)
        self.budget.used += stream.buffered - before
        self._drain(stream, piece)
        if stream.pending and (
            stream.buffered > MOST_BYTES
            or len(stream.pending) > MOST_PIECES
            or self.budget.used > self.budget.most
        ):
            self.note(say("a hole was given up: too many bytes behind it"))
            self._lose(stream, stream.pending[0].end, piece.at, piece.frame)

    def _deliver(self, stream: Stream, piece: Piece) -> None:
        stream.next = piece.end
        stream.history.append(piece)
        data = piece.data
        if data:
            self.sink.receive(stream.who, data, piece.at, piece.frame)
        missing = piece.end - piece.start - len(data)
        if missing:
            stream.note_hole(piece.start + len(data), missing)
            self.sink.lost(stream.who, missing, piece.at, piece.frame)

    def _drain(self, stream: Stream, filler: Piece | None) -> None:
        """Deliver what is next by now; what waited for `filler` counts as arriving with it."""
        before = stream.buffered
        for piece in stream.take_next():
            self._deliver(stream, piece if filler is None else piece.arriving_with(filler))
        self.budget.used += stream.buffered - before

    def _lose(self, stream: Stream, until: int, at: float, frame: int) -> None:
        """Give up on what is missing before `until`, deliver what is behind it."""
        while stream.next < until:
            length = stream.skip_hole(until)
            if length:
                self.sink.lost(stream.who, length, at, frame)
            self._drain(stream, None)

    def give_all(self, stream: Stream, at: float, frame: int) -> None:
        """Deliver everything that was captured, and the FIN behind it."""
        if stream.pending:
            self._lose(stream, stream.pending[-1].end, at, frame)
        if stream.fin is not None and not stream.closed:
            self._lose(stream, stream.fin, at, frame)
            self.close(stream, at, frame)

    # The end

    def close(self, stream: Stream, at: float, frame: int) -> None:
        """Tell the FIN: every byte before it was delivered, or is lost."""
        stream.closed = True
        if stream.side.fin_at is None:
            stream.side.fin_at, stream.side.fin_frame = at, frame
        self.sink.closed(stream.who, "fin", at, frame)
        if stream.peer.closed and not self.over:
            self.end(at)

    def end(self, at: float) -> None:
        """Say that the conversation is over; late packets may still come."""
        self.over, self.over_at = True, at

    def note(self, text: str) -> None:
        """Write down an oddity of the capture, once."""
        if text not in self.flow.notes:
            self.flow.notes.append(text)
