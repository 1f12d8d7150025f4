"""Packets that need no second look: told by the addresses and ports at their usual place.

Of a connection that has said all that is to be learnt only its last packet is kept in mind, and
one that is only kept takes its packets as they are. A walker through a file steps over both without
handing them out, which is most of the work. Must never hide a SYN, FIN or RST.
"""

from __future__ import annotations

import struct
from collections.abc import Container

from ..flow import Flow
from .kept import Kept

#: Where IP begins behind a link layer of fixed length, by LINKTYPE.
IP_OFFSETS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 276: 20}
#: The protocol that ports are looked for in: UDP may use the same ones.
TCP = 6
#: Ethernet, and what it says before IPv4 without options.
ETHERNET, PLAIN_IPV4 = 1, b"\x08\x00\x45"
#: Bytes of a packet, from IP on, that it must have to be looked at: the headers of IP and TCP.
LOOKED_AT = 40
#: FIN, SYN and RST.
NOTABLE = 0x07


class Unwanted:
    """The connections of which nothing more is wanted, and how far the walker has come."""

    __slots__ = ("flows", "last_at", "number", "wanted")

    def __init__(self) -> None:
        #: By source and destination address and both ports, as they stand in a packet.
        self.flows: dict[bytes, Flow | Kept] = {}
        #: Where it is set, all connections but these are unwanted too.
        self.wanted: Container[bytes] | None = None
        self.number = 0  # packets so far
        self.last_at = 0.0  # the latest of their times


def look(header: str, link: int) -> struct.Struct:
    """Return what reads a packet's header in the file and, behind it, what `Unwanted` asks for.

    Gives the header's numbers, then the protocol in IP, the key, the flags of TCP. With options in
    IP, or another protocol in its place, no key is found: it is 12 bytes of two known endpoints.
    """
    return struct.Struct(f"{header}{IP_OFFSETS.get(link, 0)}x9xB2x12s9xB")


def is_foreign(wanted: Container[bytes], key: bytes, buffer: bytes, start: int, link: int) -> bool:
    """Tell whether a packet is TCP over plain IPv4, and of no connection that is wanted."""
    return (
        link == ETHERNET
        and key not in wanted
        and buffer.startswith(PLAIN_IPV4, start + 12)
        and buffer[start + 23] == TCP
        and not (buffer[start + 20] & 0x3F or buffer[start + 21])  # no fragment
    )
