"""A sink for a conversation whose client is not known yet: keeps events, then plays them.

Must never hold more than its bound; the conversation looks at `full` and decides.
"""

from __future__ import annotations

from typing import Literal

from ..flow import OTHER, How, Sink, Who
from .sides import tell_sender

MOST_EVENTS = 64
MOST_BYTES = 64 << 10


class Held:
    """Records events under provisional names; `client` is who the bytes say it is."""

    done = False

    def __init__(self) -> None:
        self._events: list[
            tuple[Literal["receive"], Who, bytes, float, int]
            | tuple[Literal["lost"], Who, int, float, int]
            | tuple[Literal["closed"], Who, How, float, int]
        ] = []
        self._bytes = 0
        self.client: Who | None = None

    @property
    def full(self) -> bool:
        """Say that waiting longer is not worth the memory."""
        return self._bytes > MOST_BYTES or len(self._events) >= MOST_EVENTS

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        """Keep bytes, and look whether they tell sides."""
        self._events.append(("receive", who, data, at, frame))
        self._bytes += len(data)
        if self.client is None and (sender := tell_sender(data)) is not None:
            self.client = who if sender == "client" else OTHER[who]

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        """Keep a hole."""
        self._events.append(("lost", who, length, at, frame))

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        """Keep an end."""
        self._events.append(("closed", who, how, at, frame))

    def play(self, sink: Sink, swapped: bool) -> None:
        """Give everything to the real sink, sides swapped if the provisional names were wrong."""
        for event in self._events:
            who = OTHER[event[1]] if swapped else event[1]
            if event[0] == "receive":
                if not sink.done:
                    sink.receive(who, event[2], event[3], event[4])
            elif event[0] == "lost":
                sink.lost(who, event[2], event[3], event[4])
            else:
                sink.closed(who, event[2], event[3], event[4])
        self._events.clear()
