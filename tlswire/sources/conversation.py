"""One TCP conversation: its packets in, its facts and its two streams out.

Everything reaches the sink in the order in which it happened, across both directions. Must never
look at what the bytes mean; who the client is, when no SYN tells, is asked of `held`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..flow import OTHER, Flow, Icmp, Reset, Segment, Sink
from .held import Held
from .segment import Flag, read_options
from .sides import second_is_server
from .stream import FARTHEST, MOST_BYTES, MOST_PIECES, Overlap, Piece, Postponed, Stream

#: What is kept of a side for citing and replaying.
MOST_SEGMENTS = 64
MOST_IP_IDS = 16
MOST_RESETS = 16
#: An acknowledgment of bytes not captured yet waits so long for them: capturing may reorder.
PATIENT_PACKETS = 8
PATIENT_SECONDS = 0.25
#: The same packet seen twice within this time is one packet seen by two taps.
DUPLICATE_SECONDS = 0.005


class Budget:
    """Out-of-order bytes held over all conversations."""

    __slots__ = ("most", "used")

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0


class Conversation:
    """Two streams and what both tell about each other."""

    __slots__ = (
        "_budget",
        "_held",
        "_last_syn_at",
        "_opened",
        "_overlap",
        "flow",
        "one",
        "over",
        "over_at",
        "retired",
        "sink",
        "skipping",
        "two",
    )

    def __init__(
        self,
        number: int,
        one: Stream,
        two: Stream,
        at: float,
        frame: int,
        *,
        opened: Callable[[Flow], Sink],
        overlap: Overlap,
        budget: Budget,
    ) -> None:
        self.one, self.two = one, two
        one.peer, two.peer = two, one
        one.conversation = two.conversation = self
        self.flow = Flow(number, one.side, two.side, "port", at, frame, at, frame)
        self._held: Held | None = Held()
        self.sink: Sink = self._held
        self.over = False  # a RST, or the FINs of both
        self.over_at = at
        self.retired = False  # waits among those that are over
        self.skipping = False
        self._last_syn_at = at
        self._opened = opened
        self._overlap = overlap
        self._budget = budget

    # What arrives

    def take(
        self,
        stream: Stream,
        sequence: int,
        acknowledgment: int,
        flags: int,
        window: int,
        data: bytes,
        length: int,
        at: float,
        frame: int,
        ttl: int,
        identity: int,
        options: bytes = b"",
    ) -> None:
        """Take one segment that `stream` carries.

        `length` is the payload's length on the wire, `data` what was captured of it; `identity`
        is the IP identification and the TCP checksum, alike only in the same packet seen twice.
        """
        flow, side = self.flow, stream.side
        flow.last_at = side.last_at = at
        flow.last_frame = frame
        side.packets += 1
        if side.packets <= MOST_IP_IDS:
            if side.ttl is None:
                side.ttl = ttl
            side.ip_ids.append(identity >> 16)
        if flags & (Flag.SYN | Flag.RST):
            if flags & Flag.RST:
                self._take_reset(
                    stream, sequence, acknowledgment, flags, window, data, at, frame, ttl, identity
                )
                return
            self._take_syn(stream, sequence, acknowledgment, flags, at, frame, options)
            sequence = sequence + 1 & 0xFFFF_FFFF
        stream.window = window
        if self.skipping:
            if flags & Flag.FIN and not stream.closed:
                self._close(stream, at, frame)
            return
        if not stream.started:
            self._begin(stream, sequence, length)
        elif sequence == stream.rival and length:
            stream.choose_rival()
        if length:
            mark = sequence, identity, length
            if mark in stream.recent and at - (stream.recent_at) < DUPLICATE_SECONDS:
                return
            stream.recent.append(mark)
            stream.recent_at = at
        if stream.postponed is None:
            self._process(stream, sequence, acknowledgment, flags, data, length, at, frame, True)
        else:
            self._postpone(
                stream, Postponed(sequence, acknowledgment, flags, data, length, at, frame)
            )
        if stream.peer.postponed is not None:
            self._look_at_postponed(stream.peer, at)
        if self._held is not None:
            self._decide(self._held)
        if self.sink.done:
            self._skip()

    def take_icmp(self, stream: Stream, error: Icmp, ends: bool) -> None:
        """Take an ICMP error about a packet that `stream` carried."""
        flow = self.flow
        flow.last_at, flow.last_frame = error.at, error.frame
        if len(flow.icmp) < MOST_RESETS:
            flow.icmp.append(error._replace(about=stream.who))
        if ends and flow.accepted_at is None:
            self.sink.closed(OTHER[stream.who], "icmp", error.at, error.frame)

    def finish(self) -> None:
        """No packet will follow: give what is still waiting, holes told as lost."""
        at, frame = self.flow.last_at, self.flow.last_frame
        for stream in (self.one, self.two):
            self._resume(stream, patient=False)
        for stream in (self.one, self.two):
            self._give_all(stream, at, frame)
        if self._held is not None:
            self._know(self._held.client == "server" if self._held.client else None)
        for stream in (self.one, self.two):
            self._budget.used -= stream.buffered
            stream.forget()

    # The beginning

    def _begin(self, stream: Stream, sequence: int, length: int) -> None:
        """Find offset 0 in the middle of a stream: the first data, until then a guess."""
        if stream.base is None or (length and stream.next == 0):
            stream.base = sequence
        stream.started = bool(length)

    def _take_syn(
        self,
        stream: Stream,
        sequence: int,
        acknowledgment: int,
        flags: int,
        at: float,
        frame: int,
        options: bytes,
    ) -> None:
        side, flow = stream.side, self.flow
        if side.syn_at is None:
            side.syn_at = at
        if len(side.syn_frames) < MOST_SEGMENTS:
            side.syn_frames.append(frame)
        read_options(options, side)
        following = sequence + 1 & 0xFFFF_FFFF
        if not stream.started:
            stream.base, stream.started = following, True
        elif stream.base != following:
            stream.rival = following
        if flags & Flag.ACK:
            if flow.accepted_at is None:
                flow.accepted_at = at
        else:
            flow.saw_syn = True
            self._last_syn_at = at
        if self._held is not None:
            self.flow.client_by = "syn"
            self._know(swapped=(stream is self.one) == bool(flags & Flag.ACK))

    def _decide(self, held: Held) -> None:
        """Name the client as soon as the bytes tell, or when waiting costs too much."""
        if held.client is not None:
            self.flow.client_by = "hello"
            self._know(held.client == "server")
        elif held.full:
            self._know(None)

    def _know(self, swapped: bool | None) -> None:
        """Open the sink: the sides are known, or judged by their ports."""
        held, flow = self._held, self.flow
        if held is None:
            return
        if swapped is None:
            swapped = not second_is_server(self.one.side.endpoint.port, self.two.side.endpoint.port)
        if swapped:
            flow.client, flow.server = flow.server, flow.client
            self.one.who, self.two.who = self.two.who, self.one.who
            flow.icmp[:] = [each._replace(about=OTHER[each.about]) for each in flow.icmp]
        self._held = None
        self.sink = self._opened(flow)
        held.play(self.sink, swapped)

    def _skip(self) -> None:
        """Stop following payload: the sink wants no more."""
        self.skipping = True
        for stream in (self.one, self.two):
            stream.skipping = True
            self._budget.used -= stream.buffered
            stream.forget()
            if stream.fin is not None and not stream.closed:
                self._close(stream, self.flow.last_at, self.flow.last_frame)

    # Data

    def _process(
        self,
        stream: Stream,
        sequence: int,
        acknowledgment: int,
        flags: int,
        data: bytes,
        length: int,
        at: float,
        frame: int,
        patient: bool,
    ) -> None:
        """Take acknowledgment, payload and FIN of a segment, in this order."""
        if flags & Flag.ACK and not self._acknowledge(stream, acknowledgment, at, frame, patient):
            stream.postponed = []
            self._postpone(
                stream, Postponed(sequence, acknowledgment, flags, data, length, at, frame)
            )
            return
        offset = stream.offset(sequence)
        if length:
            self._take_payload(stream, offset, data, length, at, frame)
        if flags & Flag.FIN:
            self._take_fin(stream, offset + length, at, frame)
        if stream.fin is not None and stream.next >= stream.fin and not stream.closed:
            self._close(stream, stream.side.fin_at or at, stream.side.fin_frame or frame)

    def _acknowledge(
        self, stream: Stream, acknowledgment: int, at: float, frame: int, patient: bool
    ) -> bool:
        """Take note of what the peer's bytes arrived; False if some were not captured yet."""
        peer, flow = stream.peer, self.flow
        if peer.base is None:
            peer.base = acknowledgment
        elif acknowledgment == peer.rival:
            peer.choose_rival()
        offset = peer.offset(acknowledgment)
        if flow.opened_at is None and stream.who == "client" and flow.accepted_at is not None:
            flow.opened_at = at
            if flow.saw_syn:
                flow.round_trip = at - self._last_syn_at
        if peer.fin is not None and offset > peer.fin:
            offset = peer.fin
        if offset <= peer.side.acked or offset - peer.seen > FARTHEST:
            return True
        if offset > peer.next and peer.postponed:  # both waiting for each other: nothing will come
            self._resume(peer, patient=False)
        if offset > peer.seen:
            if patient:
                stream.awaits = offset
                return False
            if self._awaits_syn_ack(peer) and not peer.side.sent:
                return True
        peer.side.acked = offset
        if offset > peer.next:
            self._lose(peer, offset, at, frame)
        return True

    def _awaits_syn_ack(self, stream: Stream) -> bool:
        """Say that a stream's side sent its SYN and was not answered by one yet."""
        return bool(stream.side.syn_frames) and not stream.peer.side.syn_frames

    def _take_payload(
        self, stream: Stream, offset: int, data: bytes, length: int, at: float, frame: int
    ) -> None:
        side, end = stream.side, offset + length
        if end <= stream.high:
            if length == 1 and end == stream.high and side.acked >= end:
                return  # a keep-alive
            side.retransmissions += 1
            side.retransmitted_at = at
        elif offset - stream.next > FARTHEST:
            self._note("segments far outside the window were left out")
            return
        else:
            if offset < stream.high:
                side.out_of_order += 1
            stream.high = end
            stream.seen = max(stream.seen, end)
            side.sent = max(side.sent, end)
            self._cite(stream, offset, length, at, frame)
        if stream.fin is not None and end > stream.fin:
            self._note("data beyond the FIN was left out")
            end = stream.fin
            if offset >= end:
                return
            data = data[: end - offset]
        piece = Piece(offset, end, data, at, frame)
        if offset == stream.next and not stream.pending:
            self._deliver(stream, piece)
        else:
            self._insert(stream, piece, at, frame)

    def _cite(self, stream: Stream, offset: int, length: int, at: float, frame: int) -> None:
        side = stream.side
        if len(side.segments) < MOST_SEGMENTS:
            side.segments.append(Segment(frame, at, offset, length))
        mss = stream.peer.side.mss
        if mss and length > mss:
            side.larger_than_mss += 1

    def _insert(self, stream: Stream, piece: Piece, at: float, frame: int) -> None:
        """Buffer a segment that is not simply next, then deliver what became next."""
        before = stream.buffered
        stream.add(piece, self._overlap)
        self._budget.used += stream.buffered - before
        self._drain(stream, piece)
        if (
            stream.buffered > MOST_BYTES
            or len(stream.pending) > MOST_PIECES
            or self._budget.used > self._budget.most
        ):
            self._note("a hole was given up: too many bytes behind it")
            self._lose(
                stream, stream.pending[0].start if stream.pending else stream.next, at, frame
            )

    def _deliver(self, stream: Stream, piece: Piece) -> None:
        stream.remember(piece)
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
            late = piece if filler is None else piece.arriving_with(filler)
            self._deliver(stream, late)
        self._budget.used += stream.buffered - before

    def _lose(self, stream: Stream, until: int, at: float, frame: int) -> None:
        """Give up on what is missing before `until`, deliver what is behind it."""
        while stream.next < until:
            length = stream.skip_hole(until)
            if length:
                stream.side.sent = max(stream.side.sent, stream.next)
                self.sink.lost(stream.who, length, at, frame)
            self._drain(stream, None)

    def _give_all(self, stream: Stream, at: float, frame: int) -> None:
        """Deliver everything that was captured, and the FIN behind it."""
        if stream.pending:
            self._lose(stream, stream.pending[-1].end, at, frame)
        if stream.fin is not None and not stream.closed:
            self._lose(stream, stream.fin, at, frame)
            self._close(stream, at, frame)

    # Acknowledgments that came before what they acknowledge

    def _postpone(self, stream: Stream, segment: Postponed) -> None:
        assert stream.postponed is not None
        stream.postponed.append(segment)
        stream.seen = max(stream.seen, stream.offset(segment.sequence) + segment.length)
        self._look_at_postponed(stream, segment.at)

    def _look_at_postponed(self, stream: Stream, at: float) -> None:
        """Go on when the awaited bytes came, or when waiting has no more sense."""
        waiting = stream.postponed
        if not waiting:
            return
        if stream.peer.seen >= stream.awaits:
            self._resume(stream, patient=True)
        elif len(waiting) >= PATIENT_PACKETS or at - waiting[0].at > PATIENT_SECONDS:
            self._resume(stream, patient=False)

    def _resume(self, stream: Stream, patient: bool) -> None:
        waiting, stream.postponed = stream.postponed or [], None
        for each in waiting:
            if stream.postponed is not None:
                stream.postponed.append(each)
            else:
                self._process(stream, *each, patient)

    # The end

    def _take_fin(self, stream: Stream, offset: int, at: float, frame: int) -> None:
        if stream.fin is None and offset >= stream.next:
            stream.fin = offset
            stream.side.fin_at, stream.side.fin_frame = at, frame

    def _close(self, stream: Stream, at: float, frame: int) -> None:
        stream.closed = True
        if stream.side.fin_at is None:
            stream.side.fin_at, stream.side.fin_frame = at, frame
        self.sink.closed(stream.who, "fin", at, frame)
        if stream.peer.closed:
            self._end(at)

    def _take_reset(
        self,
        stream: Stream,
        sequence: int,
        acknowledgment: int,
        flags: int,
        window: int,
        data: bytes,
        at: float,
        frame: int,
        ttl: int,
        identity: int,
    ) -> None:
        fits = self._reset_fits(stream, sequence, acknowledgment, flags)
        resets = stream.side.resets
        reset = Reset(frame, at, ttl, identity >> 16, window, fits, data)
        if len(resets) < MOST_RESETS:
            resets.append(reset)
        if not fits and self._awaits_syn_ack(stream):
            return  # it answers a stray acknowledgment; the SYN still stands
        if fits and not self.skipping:
            for each in (self.one, self.two):
                self._resume(each, patient=False)
            for each in (self.one, self.two):
                self._give_all(each, at, frame)
        if not self.over:
            self.sink.closed(stream.who, "rst", at, frame)
            self._end(at)

    def _reset_fits(self, stream: Stream, sequence: int, acknowledgment: int, flags: int) -> bool:
        """Judge a RST as its receiver would (RFC 9293 section 3.5.3, RFC 5961 section 3)."""
        if self.skipping:
            return True
        if stream.base is None or (not stream.started and not sequence):
            peer = stream.peer
            if not flags & Flag.ACK or peer.base is None:
                return True
            return 0 <= peer.offset(acknowledgment) <= peer.seen
        offset = stream.offset(sequence)
        window = stream.peer.window << self._scale(stream.peer)
        return stream.side.acked - 1 <= offset <= max(stream.seen + 1, stream.side.acked + window)

    def _scale(self, stream: Stream) -> int:
        one, other = stream.side.window_scale, stream.peer.side.window_scale
        return one if one is not None and other is not None else 0

    def _end(self, at: float) -> None:
        if not self.over:
            self.over, self.over_at = True, at

    def _note(self, text: str) -> None:
        if text not in self.flow.notes:
            self.flow.notes.append(text)
