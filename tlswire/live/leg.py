"""One of the two connections of a relay's passage: what asyncio says of it, and what can be done.

Keeps nothing and decides nothing: what comes goes to its owner, at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

from tlswire.flow import Who
from tlswire.live.station import reset


class Owner(Protocol):
    """Whose connection it is."""

    def take(self, leg: Leg, data: bytes) -> None:
        """Hear what its peer sent."""

    def half_close(self, leg: Leg) -> None:
        """Hear that its peer sends nothing more."""

    def lost(self, leg: Leg, error: Exception | None) -> None:
        """Hear that it is gone: reset where there is an error."""

    def other(self, leg: Leg) -> Leg:
        """Return the connection to the other side."""


class Leg(asyncio.Protocol):
    """One of the two connections of a passage; the client's begins it."""

    def __init__(self, who: Who, begin: Callable[[Leg], Owner]) -> None:
        self.who: Who = who
        self.transport: asyncio.Transport | None = None
        self.open = False
        self.owner: Owner
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find the owner: what this begins, or the passage that dialled."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True
        transport.set_write_buffer_limits(high=0)
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.owner = self._begin(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        self.owner.take(self, data)

    def eof_received(self) -> bool:
        """Hand on that no more comes."""
        self.owner.half_close(self)
        return True  # this side may still be written to

    def connection_lost(self, error: Exception | None) -> None:
        """Hand on that it is gone."""
        self.open = False
        self.owner.lost(self, error)

    def pause_writing(self) -> None:
        """Let the other side wait until this one has taken what there is."""
        self.owner.other(self).hold(True)

    def resume_writing(self) -> None:
        """Let the other side go on."""
        self.owner.other(self).hold(False)

    def hold(self, wait: bool) -> None:
        """Read nothing more for now, or go on."""
        if self.transport is None or not self.open:
            return
        with contextlib.suppress(RuntimeError):
            if wait:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send, while it is open."""
        if self.transport is not None and self.open:
            self.transport.write(data)

    def write_eof(self) -> None:
        """Say that nothing more is sent."""
        if self.transport is not None and self.open and self.transport.can_write_eof():
            with contextlib.suppress(OSError):
                self.transport.write_eof()

    def reset(self) -> None:
        """Close so that the peer gets a RST."""
        if self.transport is not None and self.open:
            reset(self.transport)

    def close(self) -> None:
        """Close it in order."""
        if self.transport is not None and self.open:
            self.transport.close()
