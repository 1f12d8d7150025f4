"""What a SOCKS proxy carries has a number of its own in Wireshark: here it takes one, no more.

Stands between a conversation on the proxy's port and whoever reads it, and looks at the first
bytes of each turn (RFC 1928 section 3, and SOCKS 4). Must never change what passes.
"""

from __future__ import annotations

from collections.abc import Callable

from ..flow import How, Sink, Who

#: The port on which Wireshark looks for SOCKS.
PORT = 1080
#: Turns until the proxy carries something, by the version that the client begins with: in
#: version 5 a user name may take one more.
TURNS = {4: 2, 5: 4}
USER_NAME = 2


class Proxied:
    """Passes everything on; tells once when the proxy carries its first bytes."""

    def __init__(self, sink: Sink, carries: Callable[[], None]) -> None:
        self._sink = sink
        self._carries: Callable[[], None] | None = carries
        self._turns = 0
        self._needed = 0
        self._last: Who | None = None

    @property
    def done(self) -> bool:
        """Tell whether no more payload is wanted: not before the number is taken."""
        return self._sink.done and self._carries is None

    @done.setter
    def done(self, value: bool) -> None:
        self._sink.done = value

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        """Pass bytes on."""
        if self._carries is not None:
            self._look(who, data)
        if not self._sink.done:
            self._sink.receive(who, data, at, frame)

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        """Pass a hole on."""
        self._sink.lost(who, length, at, frame)

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        """Pass an end on."""
        self._sink.closed(who, how, at, frame)

    def _look(self, who: Who, data: bytes) -> None:
        if not self._turns:
            self._needed = TURNS.get(data[0], 0) if who == "client" else 0
        elif self._turns == 1 and self._needed == TURNS[5] and data[1:2] == bytes((USER_NAME,)):
            self._needed += 2
        if not self._needed:
            self._carries = None
        elif self._turns >= self._needed and self._carries is not None:
            self._carries()
            self._carries = None
        if who != self._last:
            self._turns += 1
            self._last = who
