"""Packets that nobody wants any more: told by the addresses and ports at their usual place.

Of a connection that has said all that is to be learnt only its last packet is kept in mind. A
walker through a file steps over such packets without handing them out, which is most of the work
in a capture of downloads. Must never hide a SYN, FIN or RST.
"""

from __future__ import annotations

import struct

from ..flow import Flow

#: Where IP begins behind a link layer of fixed length, by LINKTYPE.
IP_OFFSETS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 276: 20}
#: IPv4 without options, and TCP in it.
PLAIN_IPV4, TCP = 0x45, 6
#: Bytes of a packet, from IP on, that are looked at: up to TCP's flags.
LOOKED_AT = 34
#: FIN, SYN and RST.
NOTABLE = 0x07


class Unwanted:
    """The connections of which nothing more is wanted, and how far the walker has come."""

    __slots__ = ("flows", "last_at", "number")

    def __init__(self) -> None:
        #: By source and destination address and both ports, as they stand in a packet.
        self.flows: dict[bytes, Flow] = {}
        self.number = 0  # packets so far
        self.last_at = 0.0  # the latest of their times


def look(header: str, link: int) -> struct.Struct:
    """Return what reads a packet's header in the file and, behind it, what `Unwanted` asks for.

    Gives the header's numbers, then version and length of IP, protocol, key, flags of TCP.
    """
    return struct.Struct(f"{header}{IP_OFFSETS.get(link, 0)}xB8xB2x12s9xB")
