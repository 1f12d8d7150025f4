"""One TCP conversation: its packets in, its facts and its two streams out.

Adds to `exchange` how a conversation begins (SYNs, who is the client) and how it ends (resets,
ICMP errors, the end of the capture). Must never look at what the bytes mean; who the client is,
when no SYN tells, is asked of `held`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..flow import MOST_SEGMENTS, OTHER, TTL_TOLERANCE, Flow, Icmp, Reset, Segment, Sink
from .exchange import Budget, Exchange
from .held import Held
from .kept import Kept
from .segment import Arrival, Flag, read_options
from .sides import second_is_server
from .stream import Overlap, Stream

#: What is kept of a side for citing.
MOST_IP_IDS = 16
MOST_RESETS = 16
LONGEST_RESET = 512
NOTABLE = Flag.SYN | Flag.RST | Flag.FIN | Flag.ACK
ONLY_ACK = Flag.ACK


class Conversation(Exchange):
    """One conversation from its first packet to its last."""

    __slots__ = ("_ended", "_held", "_opened", "_unwanted", "plain")

    def __init__(
        self,
        flow: Flow,
        one: Stream,
        two: Stream,
        opened: Callable[[Flow], Sink],
        ended: Callable[[Conversation], None],
        overlap: Overlap,
        budget: Budget,
        unwanted: dict[bytes, Flow | Kept],
    ) -> None:
        self._held: Held | None = Held()
        super().__init__(flow, one, two, self._held, overlap, budget)
        one.conversation = two.conversation = self
        self.plain = False  # nothing is late, early, held or ending
        self._opened, self._ended, self._unwanted = opened, ended, unwanted

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
        """Take one segment that `stream` carries; what is plainly next is done at once.

        `length` is the payload's length on the wire, `data` what was captured of it; `identity`
        is the IP identification and the TCP checksum, alike only in the same packet seen twice.
        """
        flow, side = self.flow, stream.side
        flow.last_at = side.last_at = at
        flow.last_frame = frame
        side.packets = count = side.packets + 1
        if count <= MOST_IP_IDS:
            if side.ttl is None:
                side.ttl = ttl
            elif length and side.odd_ttl is None and abs(ttl - side.ttl) > TTL_TOLERANCE:
                side.odd_ttl = ttl
            side.ip_ids.append(identity >> 16)
        if (
            self.plain
            and flags & NOTABLE == ONLY_ACK
            and (not length or stream.is_next(sequence, data, length))
            and (
                acknowledgment == stream.peer.acknowledged
                or self.acknowledge(stream, acknowledgment, at, frame, True)
            )
        ):
            stream.window = window
            if length:
                self._take_next(stream, data, length, at, frame, identity)
            else:
                stream.latest = sequence
            return
        self._take_slowly(
            stream,
            Arrival(
                sequence,
                acknowledgment,
                flags,
                window,
                data,
                length,
                at,
                frame,
                ttl,
                identity,
                options,
            ),
        )

    def take_icmp(self, stream: Stream, error: Icmp, ends: bool) -> None:
        """Take an ICMP error about a packet that `stream` carried."""
        flow = self.flow
        flow.last_at, flow.last_frame = error.at, error.frame
        if len(flow.icmp) < MOST_RESETS:
            flow.icmp.append(error._replace(about=stream.who))
        if ends and flow.accepted_at is None:
            self.sink.closed(OTHER[stream.who], "icmp", error.at, error.frame)

    def end(self, at: float) -> None:
        """Say that it is over; its owner decides how long late packets are waited for."""
        super().end(at)
        self.flow.over_frame = self.flow.last_frame
        self._ended(self)

    def finish(self) -> None:
        """No packet will follow: give what is still waiting, holes told as lost."""
        self._give_up(self.flow.last_at, self.flow.last_frame)
        if self._held is not None:
            self._decide(self._held, at_last=True)
        for stream in (self.one, self.two):
            stream.note_unseen()
            self.budget.used -= stream.buffered
            stream.forget()

    def let_go(self) -> None:
        """Break the circle between both streams: nothing is read from them any more."""
        for stream in (self.one, self.two):
            del stream.peer, stream.conversation

    def _take_next(
        self, stream: Stream, data: bytes, length: int, at: float, frame: int, identity: int
    ) -> None:
        """Take data that is neither late nor early nor the last."""
        side, start = stream.side, stream.next
        stream.next = stream.high = side.sent = end = start + length
        if end > stream.seen:
            stream.seen = end
        stream.history.append((start, end, data, at, frame, identity))
        segments = side.segments
        if len(segments) < MOST_SEGMENTS:
            segments.append(Segment(frame, at, start, length))
        mss = stream.peer.side.mss
        if mss is not None and length > mss:
            side.larger_than_mss += 1
        sink = self.sink
        sink.receive(stream.who, data, at, frame)
        if sink.done:
            self._skip()

    def _take_slowly(self, stream: Stream, arrival: Arrival) -> None:
        if arrival.flags & Flag.RST:
            self._take_reset(stream, arrival)
            return
        if arrival.flags & Flag.SYN:
            self._take_syn(stream, arrival)
            arrival = arrival._replace(sequence=arrival.sequence + 1 & 0xFFFF_FFFF)
        stream.window = arrival.window
        if self.skipping:
            if arrival.flags & Flag.FIN and not stream.closed:
                self.close(stream, arrival.at, arrival.frame)
            return
        stream.begin(arrival.sequence, arrival.length)
        if not arrival.length:
            stream.latest = arrival.sequence
        if stream.postponed is None:
            self.process(stream, arrival, patient=True)
        else:
            self.postpone(stream, arrival)
        if stream.peer.postponed is not None:
            self.look_at_postponed(stream.peer, arrival.at)
        if self._held is not None:
            self._decide(self._held)
        if self.sink.done:
            self._skip()
        self.plain = self._is_plain()

    def _is_plain(self) -> bool:
        """Say that nothing waits for anything: data that is next may be taken at once."""
        return (
            self._held is None and not self.skipping and self.one.is_plain() and self.two.is_plain()
        )

    # The beginning

    def _take_syn(self, stream: Stream, arrival: Arrival) -> None:
        side, flow = stream.side, self.flow
        accepts = bool(arrival.flags & Flag.ACK)
        if stream.begin_at_syn(arrival):
            side.packets -= 1  # seen by two taps, it is one
            return
        if side.syn_at is None:
            side.syn_at = arrival.at
        if len(side.syn_frames) < MOST_SEGMENTS:
            side.syn_frames.append(arrival.frame)
        read_options(arrival.options, side)
        if not accepts:
            flow.saw_syn = True
            self.last_syn_at = arrival.at
        elif flow.accepted_at is None:
            flow.accepted_at = arrival.at
            if stream.peer.side.packets > len(stream.peer.side.syn_frames):
                flow.opened_at = arrival.at  # captured in another order: the ACK stands before it
        if accepts:
            stream.peer.begin_as_accepted(arrival.acknowledgment)
        if self._held is not None:
            flow.client_by = "syn"
            self._know(self._held, swapped=(stream is self.one) == accepts)

    def _decide(self, held: Held, at_last: bool = False) -> None:
        """Name the client as soon as the bytes tell, or when waiting costs too much."""
        if held.client is not None:
            self.flow.client_by = "hello"
            self._know(held, held.client == "server")
        elif at_last or held.full:
            one, two = self.one.side.endpoint.port, self.two.side.endpoint.port
            self._know(held, not second_is_server(one, two))

    def _know(self, held: Held, swapped: bool) -> None:
        """Open the sink: it is known whether the first packet came from the client."""
        flow = self.flow
        if swapped:
            flow.client, flow.server = flow.server, flow.client
            self.one.who, self.two.who = self.two.who, self.one.who
            flow.icmp[:] = [each._replace(about=OTHER[each.about]) for each in flow.icmp]
        self._held = None
        self.sink = self._opened(flow)
        held.play(self.sink, swapped)

    # The end

    def _skip(self) -> None:
        """Stop following payload: the sink wants no more."""
        self.skipping, self.plain = True, False
        for stream in (self.one, self.two):
            stream.skipping = True
            self._unwanted[stream.key] = self.flow
            self.budget.used -= stream.buffered
            stream.forget()
            if stream.fin is not None and not stream.closed:
                self.close(stream, self.flow.last_at, self.flow.last_frame)

    def _take_reset(self, stream: Stream, arrival: Arrival) -> None:
        fits = self._reset_fits(stream, arrival)
        resets = stream.side.resets
        if len(resets) < MOST_RESETS:
            resets.append(_describe_reset(arrival, fits))
        if not fits and self.awaits_syn_ack(stream):
            return  # it answers a stray acknowledgment; the SYN still stands
        if fits and not self.skipping:
            self._give_up(arrival.at, arrival.frame)
        if not self.over:
            self.sink.closed(stream.who, "rst", arrival.at, arrival.frame)
            self.end(arrival.at)

    def _reset_fits(self, stream: Stream, arrival: Arrival) -> bool:
        """Judge a RST as its receiver would (RFC 9293 section 3.5.3, RFC 5961 section 3)."""
        if self.skipping:
            return True
        peer = stream.peer
        if stream.base is None or (not stream.started and not arrival.sequence):
            if not arrival.flags & Flag.ACK or peer.base is None:
                return True
            return 0 <= peer.offset(arrival.acknowledgment) <= peer.seen
        window = peer.window << self._scale(peer)
        highest = max(stream.seen + 1, stream.side.acked + window)
        return stream.side.acked - 1 <= stream.offset(arrival.sequence) <= highest

    def _scale(self, stream: Stream) -> int:
        """Return the shift of a side's window: both must have offered one (RFC 7323)."""
        one, other = stream.side.window_scale, stream.peer.side.window_scale
        return one if one is not None and other is not None else 0

    def _give_up(self, at: float, frame: int) -> None:
        """Wait for nothing any more: process and deliver everything that was captured."""
        waiting = [each for each in (self.one, self.two) if each.postponed]
        for stream in sorted(waiting, key=_waits_since):
            self.resume(stream, patient=False)
        for stream in (self.one, self.two):
            self.give_all(stream, at, frame)


def _waits_since(stream: Stream) -> int:
    return stream.postponed[0].frame if stream.postponed else 0


def _describe_reset(arrival: Arrival, fits: bool) -> Reset:
    ip_id, payload = arrival.identity >> 16, arrival.data[:LONGEST_RESET]
    return Reset(arrival.frame, arrival.at, arrival.ttl, ip_id, arrival.window, fits, payload)
