"""Packets that nobody wants any more: told by the addresses and ports at their usual place.

Of a connection that has said all that is to be learnt only its last packet is kept in mind. A
walker through a file steps over such packets without handing them out, which is most of the work
in a capture of downloads. Must never hide a SYN, FIN or RST.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from typing import Protocol

from ..flow import Endpoint, Flow, Side

#: Where IP begins behind a link layer of fixed length, by LINKTYPE.
IP_OFFSETS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 276: 20}
#: The protocol that ports are looked for in: UDP may use the same ones.
TCP = 6
#: Bytes of a packet, from IP on, that are looked at: up to TCP's flags.
LOOKED_AT = 34
#: FIN, SYN and RST.
NOTABLE = 0x07


class Flows(Protocol):
    """What tells a connection of which nothing more is wanted by its key."""

    def get(self, key: bytes, /) -> Flow | None:
        """Return it, None for any other."""

    def pop(self, key: bytes, default: None, /) -> Flow | None:
        """Forget one."""


class AllBut:
    """Everything is unwanted but some connections, and of those what `known` holds."""

    def __init__(self, wanted: Container[bytes], known: dict[bytes, Flow]) -> None:
        self._wanted = wanted
        self._known = known
        nowhere = Side(Endpoint("", 0))
        self._any = Flow(-1, nowhere, nowhere, "port", 0.0, 0, 0.0, 0)

    def get(self, key: bytes, /) -> Flow | None:
        """Return one that stands for all, None for one that is wanted."""
        return self._known.get(key) if key in self._wanted else self._any

    def pop(self, key: bytes, default: None, /) -> Flow | None:
        """Forget one of those that were wanted."""
        return self._known.pop(key, default)


class Unwanted:
    """The connections of which nothing more is wanted, and how far the walker has come."""

    __slots__ = ("flows", "last_at", "number")

    def __init__(self) -> None:
        #: By source and destination address and both ports, as they stand in a packet.
        self.flows: Flows = {}
        self.number = 0  # packets so far
        self.last_at = 0.0  # the latest of their times


def look(header: str, link: int) -> struct.Struct:
    """Return what reads a packet's header in the file and, behind it, what `Unwanted` asks for.

    Gives the header's numbers, then the protocol in IP, the key, the flags of TCP. With options in
    IP, or another protocol in its place, no key is found: it is 12 bytes of two known endpoints.
    """
    return struct.Struct(f"{header}{IP_OFFSETS.get(link, 0)}x9xB2x12s9xB")
