"""A live TCP connection to one named target: the other place where bytes come from.

Dials the way it is told, sends pieces as they are cut, and tells a `Sink` what comes back and how
it ends, as a capture would. It knows nothing of what the bytes mean, and talks to nobody but its
target. Times are seconds since the epoch; waiting is measured by a clock that cannot be set back.

    with Wire(resolve(host, port), session, Way(timeout=3)) as wire:
        wire.send(flight.pieces)
        wire.listen(lambda: answered(session))
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tlswire.errors import TargetError
from tlswire.flow import MOST_SEGMENTS, Endpoint, Flow, How, Segment, Side, Sink, Who
from tlswire.language import mark, reason, say
from tlswire.sources.overheard import Overheard
from tlswire.way import Way

#: Once the answer may be complete, what still comes within this time, in seconds, and two round
#: trips belongs to it: a long flight waits for acknowledgments.
LULL: Final = 0.1
#: Seconds that a client pauses between two writes without looking whether an answer has come.
CROSSING: Final = 0.05
#: Seconds after which whoever waits looks whether the run was broken off.
HEED: Final = 0.25
_READ: Final = 1 << 16

#: How the system's word for a failed connection reads on the wire; any other is misuse of it.
_REFUSALS: Final[dict[int, How]] = {
    errno.ECONNREFUSED: "rst",
    errno.ECONNRESET: "rst",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "icmp",
}
#: linux/sockios.h: bytes not yet acknowledged; linux/tcp.h: where tcp_info counts retransmissions.
_SIOCOUTQ: Final = 0x5411
_TOTAL_RETRANS: Final = 8 + 23 * 4
#: SO_LINGER: on, for no time.
_AT_ONCE: Final = struct.pack("ii", 1, 0)


class Address(NamedTuple):
    """One address of a target, as the resolver gave it."""

    family: socket.AddressFamily
    endpoint: Endpoint
    sockaddr: tuple[str | int, ...]


def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a name, the preferred first. Raises TargetError when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        told = getattr(error, "strerror", None) or mark("not a host name")
        raise TargetError(
            say("{host}: does not resolve: {reason}", host=host, reason=say(told))
        ) from None
    return [
        Address(family, Endpoint(str(where[0]), int(where[1])), where)
        for family, _, _, _, where in found
        if isinstance(where[0], str) and isinstance(where[1], int)
    ]


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
        self._overheard: Overheard | None = None
        self._ended = False
        self._refused: How | None = None  # what a write met; the system tells of a reset only once
        self._sending = self._crossing = False  # we speak, and what comes now crosses it
        self._overtook: list[bytes] = []  # what came so, told when all was said
        self._overtaken: How | None = None  # so did the end
        self._origin = now - time.monotonic()
        self._until = time.monotonic() + way.deadline
        if way.record is not None:
            self._told.append(way.record.begin(self.flow, way.remark))

    def __enter__(self) -> Wire:
        """Connect; a failure is told to the sink, unless it is of this machine's own making."""
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        """Close without waiting for anything; a chosen port is set free at once, by a reset."""
        if self._overheard is not None:
            self._overheard.tell(self.flow)
        if self._socket is not None:
            if self._way.source_port is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self._socket.close()

    @property
    def now(self) -> float:
        """Return the time since the epoch, never going back."""
        return self._origin + time.monotonic()

    @property
    def over(self) -> bool:
        """Tell whether nothing more can be sent: not connected, ended by the target, or hung up."""
        return self._ended or self._socket is None

    # -- connecting --------------------------------------------------------------------

    def _connect(self) -> None:
        """Try the addresses in turn until one accepts; the last failure is the one told."""
        if self._way.pace is not None:
            self._way.pace.wait()
        self._until = time.monotonic() + self._way.deadline
        deadline, how, said = self._soon(self._way.connect_timeout), None, say("no address")
        for index, address in enumerate(self._addresses):
            left = (deadline - time.monotonic()) / (len(self._addresses) - index)
            failure = self._dial(address, max(left, 0.001))
            if failure is None:
                return
            said = say("{endpoint}: {error}", endpoint=address.endpoint, error=reason(failure))
            self.flow.notes.append(said)
            how = _manner(failure) or how
        if how is None:
            raise TargetError(said)
        self._end(how)

    def _dial(self, address: Address, timeout: float) -> OSError | None:
        """Connect to one address within `timeout` seconds; return what went wrong."""
        flow = self.flow
        dialled = socket.socket(address.family, socket.SOCK_STREAM)
        if self._overheard is not None:
            self._overheard.close()
        self._overheard = Overheard(address.family, address.endpoint)
        flow.server.endpoint = address.endpoint
        flow.started = flow.client.syn_at = self.now
        flow.accepted_at = flow.opened_at = flow.server.syn_at = None
        flow.client.syn_frames = [0]
        flow.client.packets = 1
        try:
            self._prepare(dialled)
            if self._way.record is not None and not (self._way.bind or self._way.source_port):
                flow.client.endpoint = _reserve(dialled, address)
            dialled.settimeout(timeout)
            dialled.connect(address.sockaddr)
            if self._way.secured is not None:
                dialled = _secured(dialled, self._way.secured)
        except OSError as error:
            flow.client.syn_frames *= 1 + retransmissions(dialled)
            dialled.close()
            if error.errno == errno.ECONNRESET:
                self._reset_at_once()
            return error
        self._accepted(dialled)
        return None

    def _prepare(self, dialled: socket.socket) -> None:
        way = self._way
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if way.mss is not None:
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, way.mss)
        if way.bind is not None or way.source_port is not None:
            dialled.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            dialled.bind((way.bind or "", way.source_port or 0))

    def _accepted(self, dialled: socket.socket) -> None:
        flow, self._socket, self.connected = self.flow, dialled, True
        flow.notes.clear()
        flow.accepted_at = flow.opened_at = flow.server.syn_at = self.now
        flow.round_trip = flow.accepted_at - flow.started
        flow.client.endpoint = Endpoint(*dialled.getsockname()[:2])
        dialled.setblocking(False)
        flow.client.packets, flow.server.packets = 2, 1
        flow.client.mss = flow.server.mss = dialled.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_MAXSEG
        )

    def _reset_at_once(self) -> None:
        """Note that it was accepted: a SYN that is refused says so (ECONNREFUSED), this came later.

        The system saw the SYN-ACK and the reset before we saw either.
        """
        flow = self.flow
        flow.accepted_at = flow.opened_at = flow.server.syn_at = self.now
        flow.client.packets, flow.server.packets = 2, 1

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
                self._refused = _REFUSALS.get(error.errno or 0)
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
            self._end(_REFUSALS.get(error.errno or 0, "rst"))
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


def _reserve(dialled: socket.socket, address: Address) -> Endpoint:
    """Take a port before connecting, for a socket that is refused forgets where it came from."""
    dialled.bind(("", 0))
    with socket.socket(address.family, socket.SOCK_DGRAM) as asking:  # sends nothing
        asking.connect(address.sockaddr)
        return Endpoint(asking.getsockname()[0], dialled.getsockname()[1])


def _manner(failure: OSError) -> How | None:
    """Say how a failed attempt looks on the wire; None when nothing was sent at all."""
    if isinstance(failure, TimeoutError) and failure.errno is None:
        return "timeout"
    return _REFUSALS.get(failure.errno or 0)


def _secured(dialled: socket.socket, name: str) -> socket.socket:
    from tlswire.sources.secured import secure

    return secure(dialled, name)


def _ready(dialled: socket.socket, event: int, timeout: float) -> bool:
    """Wait until a socket can be read or written, at most `timeout` seconds."""
    if event == selectors.EVENT_READ and getattr(dialled, "pending", int)():
        return True  # what is inside TLS may be here already, and the system does not know
    with selectors.DefaultSelector() as selector:
        selector.register(dialled, event)
        return bool(selector.select(max(0.0, timeout)))


def unacknowledged(dialled: socket.socket) -> int:
    """Return how many bytes sent have not been acknowledged (Linux; elsewhere 0)."""
    if not sys.platform.startswith("linux"):
        return 0
    import fcntl

    try:
        answer = fcntl.ioctl(dialled.fileno(), _SIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)


def retransmissions(dialled: socket.socket) -> int:
    """Return how many segments the system had to send again (Linux; elsewhere 0)."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        info = dialled.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError:
        return 0
    if len(info) < _TOTAL_RETRANS + 4:
        return 0
    return int(struct.unpack_from("=I", info, _TOTAL_RETRANS)[0])
