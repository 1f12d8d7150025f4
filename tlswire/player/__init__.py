"""Whose turn, what bytes: the client's first flight, exactly as it was captured (`flight`).

Opens no socket and knows no clock. A captured byte is never changed here: `variants` does that.
"""

from __future__ import annotations

from tlswire.player.flight import (
    LONGEST,
    LONGEST_PAUSE,
    SHORTEST_PAUSE,
    Flight,
    Piece,
    Tape,
    first_flight,
    is_ssl2,
    length_of,
)

__all__ = [
    "LONGEST",
    "LONGEST_PAUSE",
    "SHORTEST_PAUSE",
    "Flight",
    "Piece",
    "Tape",
    "first_flight",
    "is_ssl2",
    "length_of",
]
