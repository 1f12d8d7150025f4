"""Packets that need no second look: told by the addresses and ports at their usual place.

Of a connection that has said all that is to be learnt only its last packet is kept in mind, and
one that is only kept takes its packets as they are. A walker through a file steps over both without
handing them out, which is most of the work. Must never hide a SYN, FIN or RST.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Container
from functools import lru_cache

from ..flow import Flow
from .chunks import LONGEST_PACKET
from .kept import Kept

#: Where IP begins behind a link layer of fixed length, by LINKTYPE.
IP_OFFSETS = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 276: 20}
#: The protocol that ports are looked for in: UDP may use the same ones.
TCP = 6
#: Ethernet, and what it says before IPv4 without options.
ETHERNET, PLAIN_IPV4 = 1, b"\x08\x00\x45"
#: Bytes of a packet, from IP on, that it must have to be looked at: the headers of IP and TCP.
LOOKED_AT = 40
#: The same with IPv6.
LOOKED_AT_IPV6 = 60
#: What begins an IPv4 header without options.
WITHOUT_OPTIONS = 0x45
#: EtherTypes of a tag of 802.1Q or 802.1ad, and its length.
TAGS, TAG = frozenset((b"\x81\x00", b"\x88\xa8", b"\x91\x00")), 4
#: Protocol, addresses and ports, flags of TCP behind a header without options or extensions.
_IPV4 = struct.Struct("9xB2x12s9xB").unpack_from
_IPV6 = struct.Struct("6xBx36s9xB").unpack_from
#: The key of no connection.
NO_KEY = b""
#: FIN, SYN and RST.
NOTABLE = 0x07
#: By flags, the protocol that a packet has which may be stepped over: TCP, and none with a notable
#: flag. So one look tells both.
QUIET = tuple(-1 if flags & NOTABLE else TCP for flags in range(256))


class Unwanted:
    """The connections of which nothing more is wanted, and how far the walker has come."""

    __slots__ = ("flows", "last_at", "number", "over", "wanted")

    def __init__(self) -> None:
        #: By source and destination address and both ports, as they stand in a packet.
        self.flows: dict[bytes, Flow | Kept] = {}
        #: Where it is set, all connections but these are unwanted too.
        self.wanted: Container[bytes] | None = None
        #: Told of one that is only kept, and the packet, its number and time, that may end it.
        self.over: Callable[[Kept, int, float], None] = _ignore
        self.number = 0  # packets so far
        self.last_at = 0.0  # the latest of their times

    def behind(self, buffer: bytes, start: int, end: int, link: int) -> Flow | None:
        """Return the connection of a packet of which nothing more is wanted; None of any other.

        Looks behind tags of VLANs and at IPv6; plain IPv4 was looked at.
        """
        ip = start + IP_OFFSETS.get(link, LONGEST_PACKET)
        if link == ETHERNET:
            if buffer.startswith(PLAIN_IPV4, start + 12):
                return None
            while buffer[ip - 2 : ip] in TAGS and ip < end:
                ip += TAG
        if ip + LOOKED_AT > end:
            return None
        if buffer[ip] == WITHOUT_OPTIONS:
            protocol, key, flags = _IPV4(buffer, ip)
        elif buffer[ip] >> 4 == 6 and ip + LOOKED_AT_IPV6 <= end:
            protocol, key, flags = _IPV6(buffer, ip)
        else:
            return None
        flow = self.flows.get(key)
        return flow if protocol == QUIET[flags] and isinstance(flow, Flow) else None


@lru_cache(maxsize=64)
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


def _ignore(kept: Kept, number: int, at: float) -> None:
    """Do nothing: nobody keeps."""
