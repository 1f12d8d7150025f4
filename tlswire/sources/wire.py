"""A live TCP connection to one named target: the other place where bytes come from.

Dials the way it is told, sends pieces as they are cut, and tells a `Sink` what comes back and how
it ends, as a capture would. It knows nothing of what the bytes mean, and talks to nobody but its
target. Times are seconds since the epoch; waiting is measured by a clock that cannot be set back.

    with Wire(resolve(host, port), session, Way(timeout=3)) as wire:
        wire.send(flight.pieces)
        wire.listen(lambda: answered(session))
"""

from __future__ import annotations

import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import Final

from tlswire.flow import MOST_SEGMENTS, Endpoint, Flow, How, Segment, Side, Sink, Who
from tlswire.language import say
from tlswire.sources.dialling import REFUSALS, Address, Dialling
from tlswire.sources.tcp_info import retransmissions, unacknowledged
from tlswire.way import Way

#: Once the answer may be complete, what still comes within this time, in seconds, and two round
#: trips belongs to it: a long flight waits for acknowledgments.
LULL: Final = 0.1
#: Seconds that a client pauses between two writes without looking whether an answer has come.
CROSSING: Final = 0.05
#: Seconds after which whoever waits looks whether the run was broken off.
HEED: Final = 0.25
_READ: Final = 1 << 16

#: SO_LINGER on, for no time: a close sends a reset (RFC 9293 section 3.10.5).
AT_ONCE: Final = struct.pack("ii", 1, 0)


class Wire:
    """One connection. `flow` is filled as a capture would fill it, for whoever judges the ending.

    `connected` tells whether the target accepted, `read` how many bytes it answered. With `wrap`
    set, what is sent is put into packets of another protocol: TDS carries the handshake so.
    """

    def __init__(self, addresses: list[Address], sink: Sink, way: Way = Way()) -> None:  # noqa: B008
        """Take the addresses to try in turn, who is told what comes, and how to go."""
        now = time.time()
        where = addresses[0].endpoint
        self.flow = Flow(0, Side(Endpoint("0.0.0.0", 0)), Side(where), "dialled", now, 0, now, 0)
        self.flow.saw_syn = True
        self.connected = False
        self.read = 0
        self.wrap: Callable[[bytes], bytes] | None = None
        self._addresses = addresses
        self._told = [sink]
        self._way = way
        self._socket: socket.socket | None = None
        self._ended = False
        self._refused: How | None = None  # what a write met; the system tells of a reset only once
        self._sending = self._crossing = False  # we speak, and what comes now crosses it
        self._overtook: list[bytes] = []  # what came so, told when all was said
        self._overtaken: How | None = None  # so did the end
        self._origin = now - time.monotonic()
        self._dialling = Dialling(self.flow, way, lambda: self.now)
        self._until = time.monotonic() + way.deadline
        if way.record is not None:
            self._told.append(way.record.begin(self.flow, way.remark))

    def __enter__(self) -> Wire:
        """Connect; a failure is told to the sink, unless it is of this machine's own making."""
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        """Close without waiting for anything; a chosen port is set free at once, by a reset."""
        self._dialling.tell()
        if self._socket is not None:
            if self._way.source_port is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self._socket.close()

    @property
    def now(self) -> float:
        """Return the time since the epoch, never going back."""
        return self._origin + time.monotonic()

    @property
    def over(self) -> bool:
        """Tell whether nothing more can be sent: not connected, ended by the target, or hung up."""
        return self._ended or self._socket is None

    def _connect(self) -> None:
        """Dial, within the time there is for it; a failure is how it ended."""
        if self._way.pace is not None:
            self._way.pace.wait()
        self._until = time.monotonic() + self._way.deadline
        found = self._dialling.connect(self._addresses, self._soon(self._way.connect_timeout))
        if isinstance(found, str):
            self._end(found)
        else:
            self._socket, self.connected = found, True

    # -- talking -----------------------------------------------------------------------

    def send(self, pieces: Iterable[tuple[bytes, float]]) -> None:
        """Send (data, pause) pieces, each in a segment of its own; stop when the target objects.

        A reset overtakes, and so does all that comes in a pause too short for a client to look: it
        is told after the pieces that were to come, for neither side can know which of them crossed
        it on the way.
        """
        self._sending = True
        self._send(pieces)
        self._sending = self._crossing = False
        self._catch_up()
        if self._overtaken is not None:
            self._tell(self._overtaken)

    def _catch_up(self) -> None:
        """Tell what overtook."""
        came, self._overtook = self._overtook, []
        for data in came:
            self._receive("server", data)

    def _send(self, pieces: Iterable[tuple[bytes, float]]) -> None:
        side = self.flow.client
        for data, pause in pieces:
            self._crossing = pause <= CROSSING
            if not self._crossing:
                self._catch_up()
            if pause and not self._ended:
                self._take(time.monotonic() + pause, lambda: False)
            if self._socket is None or (self._ended and self._overtaken is None):
                return
            data = data if self.wrap is None else self.wrap(data)
            self._receive("client", data)
            if len(side.segments) < MOST_SEGMENTS:
                side.segments.append(Segment(0, self.now, side.sent, len(data)))
            side.sent += len(data)
            side.packets += 1
            if self._overtaken is None:
                self._write(self._socket, data)

    def _write(self, dialled: socket.socket, data: bytes) -> None:
        """Write it all; what ended it is told when all of the answer was read."""
        deadline = self._soon(self._way.timeout)
        while data:
            try:
                data = data[dialled.send(data) :]
            except BlockingIOError:
                if not _ready(dialled, selectors.EVENT_WRITE, deadline - time.monotonic()):
                    return
            except OSError as error:
                self._refused = REFUSALS.get(error.errno or 0)
                return

    def hear(self, enough: Callable[[], bool]) -> bool:
        """Read until the answer is `enough`; False when the target, time or bytes ended it before.

        An answer that is not enough in time is told as `timeout`. Nothing after it is awaited:
        for a dialogue.
        """
        satisfied = self._take(self._soon(self._way.timeout), enough)
        self._measure()
        return satisfied or self._unsatisfied()

    def listen(self, enough: Callable[[], bool]) -> None:
        """Read as `hear` does, and what still comes in a lull after an answer that is enough."""
        if self.hear(enough):
            self.rest()

    def rest(self, seconds: float = LULL, enough: Callable[[], bool] = lambda: False) -> None:
        """Read on for so long and two round trips, or until `enough`; silence is told to nobody."""
        lull = seconds + 2 * (self.flow.round_trip or 0.0)
        self._take(self._soon(min(lull, self._way.timeout)), enough)
        self._measure()

    def hang_up(self) -> None:
        """Send and read no more, by our own choice: nobody is told."""
        self._ended = True

    def _unsatisfied(self) -> bool:
        """Say why an answer is not enough, where nobody has said it; return False."""
        if self._ended or self._socket is None:
            return False
        if self.read >= self._way.most_bytes:
            self.flow.notes.append(say("reading stopped after {number} bytes", number=self.read))
            self._ended = True
        else:
            self._end("timeout")
        return False

    def _soon(self, seconds: float) -> float:
        """Return the moment so many seconds from now, at the latest the end of the whole."""
        return min(time.monotonic() + seconds, self._until)

    def _take(self, deadline: float, enough: Callable[[], bool]) -> bool:
        """Read until `enough` (True) or until the end, the deadline or the bound (False)."""
        while not self._ended and self._socket is not None and self.read < self._way.most_bytes:
            if enough():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if self._way.pace is not None:
                self._way.pace.heed()
            if _ready(self._socket, selectors.EVENT_READ, min(left, HEED)):
                self._hear(self._socket)
        return enough()

    def _hear(self, dialled: socket.socket) -> None:
        try:
            data = dialled.recv(min(_READ, self._way.most_bytes - self.read))
        except BlockingIOError:
            return
        except OSError as error:
            self._end(REFUSALS.get(error.errno or 0, "rst"))
            return
        if not data:
            if self._refused is None:
                self.flow.server.fin_at = self.now
            self._end(self._refused or "fin")
            return
        side = self.flow.server
        if len(side.segments) < MOST_SEGMENTS:
            side.segments.append(Segment(0, self.now, side.sent, len(data)))
        self.read += len(data)
        side.sent = side.acked = self.read
        side.packets += 1
        side.last_at = self.flow.last_at = self.now
        if self._crossing:
            self._overtook.append(data)
        else:
            self._receive("server", data)

    def _receive(self, who: Who, data: bytes) -> None:
        for each in self._told:
            each.receive(who, data, self.now, 0)

    # -- how it ends -------------------------------------------------------------------

    def _end(self, how: How) -> None:
        self._ended = True
        self.flow.last_at = self.now
        if self._sending and (how == "rst" or self._crossing):
            self._overtaken = how
        else:
            self._tell(how)

    def _tell(self, how: How) -> None:
        for each in self._told:
            each.closed("server", how, self.now, 0)

    def _measure(self) -> None:
        """Ask the system how much the target has acknowledged; assume all where it cannot say."""
        side = self.flow.client
        waiting = 0 if self._socket is None or self._ended else unacknowledged(self._socket)
        side.acked = side.sent - min(waiting, side.sent)
        if self._socket is not None:
            side.retransmissions = retransmissions(self._socket)


def _ready(dialled: socket.socket, event: int, timeout: float) -> bool:
    """Wait until a socket can be read or written, at most `timeout` seconds."""
    if event == selectors.EVENT_READ and getattr(dialled, "pending", int)():
        return True  # what is inside TLS may be here already, and the system does not know
    with selectors.DefaultSelector() as selector:
        selector.register(dialled, event)
        return bool(selector.select(max(0.0, timeout)))
