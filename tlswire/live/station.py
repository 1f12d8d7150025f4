"""A place where clients come to, until it is stopped: what a relay and a played server share.

Keeps the time, and lets the watch tell what is over. Dials nobody, and reads nothing of what comes:
that is the business of its protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterable

from tlswire.flow import MOST_SEGMENTS, Flow, Segment, Who
from tlswire.live.watch import Watch
from tlswire.sources.wire import AT_ONCE

#: Seconds between two looks for handshakes that are over.
TICK = 0.25


class Clock:
    """Seconds since the epoch, never going back."""

    def __init__(self) -> None:
        self._origin = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Return the time."""
        return self._origin + time.monotonic()


class Station:
    """Listens at one place; `protocol` says what becomes of a connection, `last` how all end."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.clock = Clock()
        self.count = 0  # connections so far
        self._failure: BaseException | None = None
        self._stopped: asyncio.Event | None = None

    def protocol(self) -> asyncio.Protocol:
        """Return what takes the next connection."""
        raise NotImplementedError

    def last(self) -> Iterable[Flow]:
        """End what is still open, and return what is still to be told."""
        raise NotImplementedError

    async def run(self, listener: socket.socket, ready: Callable[[], None] | None = None) -> None:
        """Take connections until `stop`; raises what the watch's listener raised."""
        self._stopped = asyncio.Event()
        server = await asyncio.get_running_loop().create_server(self.protocol, sock=listener)
        ticking = asyncio.create_task(self._tick())
        if ready is not None:
            ready()
        try:
            await self._stopped.wait()
        finally:
            server.close()
            ticking.cancel()
            for flow in self.last():
                if self._failure is None:
                    self.tell(flow)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Let `run` come to its end."""
        if self._stopped is not None:
            self._stopped.set()

    def fail(self, error: BaseException) -> None:
        """Come to the end with this error."""
        self._failure = error
        self.stop()

    def tell(self, flow: Flow) -> None:
        """Let a flow be told; what the telling raises ends the run."""
        try:
            self.watch.close(flow, self.clock())
        except BaseException as error:  # a closed pipe, an interrupt: it is over
            self.fail(error)

    def settle(self, flow: Flow) -> None:
        """Let a flow be told that is over, for so long nothing has come."""
        self.tell(flow)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            for flow in self.watch.settled(self.clock()):
                self.settle(flow)


def note_sent(flow: Flow, who: Who, data: bytes, at: float) -> None:
    """Write down that a side sent these bytes, as a capture of them would show it."""
    side = flow.side(who)
    if len(side.segments) < MOST_SEGMENTS:
        side.segments.append(Segment(0, at, side.sent, len(data)))
    side.sent += len(data)
    side.acked = side.sent
    side.packets += 1
    side.last_at = flow.last_at = at


def reset(transport: asyncio.Transport) -> None:
    """Close a connection so that the peer gets a RST."""
    with contextlib.suppress(OSError):
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()
