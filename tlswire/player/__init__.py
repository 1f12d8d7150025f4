"""Whose turn, what bytes: the client's first flight as captured, and what follows it.

    flight.py       the ClientHello, exactly as it was captured
    shares.py       key shares of our own, by group
    exchange.py     up to TLS 1.2: from the server's parameters to a pre-master secret
    secrets.py      the secrets of a handshake of our own, as it goes by
    credentials.py  a client's certificate and key
    play.py         the next bytes, in the state that the session is in

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
