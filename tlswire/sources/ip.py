"""IP: from the link layer to TCP, UDP or ICMP, through options, fragments and tunnels.

Must never look into a transport header beyond the two ports that tell a UDP tunnel.
"""

from __future__ import annotations

import struct

from .fragments import Fragments
from .frame import EtherType, Frame
from .link import read_link
from .tunnels import PORTS, PROTOCOLS, read_tunnel


class Protocol:
    """IP protocol numbers (IANA) that this package acts on."""

    HOP_BY_HOP = 0
    ICMP = 1
    TCP = 6
    UDP = 17
    ROUTING = 43
    FRAGMENT = 44
    AUTHENTICATION = 51
    ICMPV6 = 58
    DESTINATION_OPTIONS = 60
    MOBILITY = 135
    HOST_IDENTITY = 139
    SHIM6 = 140


#: IPv6 extension headers whose second byte is a length in words of 8 bytes, less one.
EXTENSION_HEADERS = {
    Protocol.HOP_BY_HOP,
    Protocol.ROUTING,
    Protocol.DESTINATION_OPTIONS,
    Protocol.MOBILITY,
    Protocol.HOST_IDENTITY,
    Protocol.SHIM6,
}
#: IP headers inside each other, and extension headers in a row, that are still believed.
DEEPEST = 16

IPV4_HEADER = struct.Struct(">BxHHHBB2x4s4s")
IPV6_HEADER = struct.Struct(">IHBB16s16s")
MORE_FRAGMENTS = 0x2000


class Internet:
    """Reads packets down to their transport header; keeps only unfinished fragments."""

    def __init__(self) -> None:
        self.fragments = Fragments()

    def read(self, frame: Frame, link: int) -> bool:
        """Peel a frame down to its transport header; False if there is none."""
        try:
            return self._peel(frame, read_link(frame, link))
        except (struct.error, IndexError):
            return False

    def _peel(self, frame: Frame, ethertype: int) -> bool:
        for _ in range(DEEPEST):
            if ethertype == EtherType.IPV4:
                whole = self._read_ipv4(frame)
            elif ethertype == EtherType.IPV6:
                whole = self._read_ipv6(frame)
            else:
                return False
            if not whole:
                return False
            ethertype = _read_tunnel(frame)
            if ethertype == EtherType.NONE:
                return True
        return False

    def _read_ipv4(self, frame: Frame) -> bool:
        first, total, identification, flags, ttl, protocol, source, destination = (
            IPV4_HEADER.unpack_from(frame.data, frame.start)
        )
        header = (first & 15) * 4
        if first >> 4 != 4 or header < 20:
            return False
        if total:  # 0: segmentation offload, the packet is as long as it was captured
            if total < header:
                return False
            frame.limit(total)
        frame.start += header
        _describe(frame, source, destination, protocol, ttl, identification)
        if flags & 0x3FFF and not self._collect(frame, flags & 0x1FFF, not flags & MORE_FRAGMENTS):
            return False
        return protocol != Protocol.AUTHENTICATION or self._read_extension_headers(frame)

    def _read_ipv6(self, frame: Frame) -> bool:
        first, length, follows, hops, source, destination = IPV6_HEADER.unpack_from(
            frame.data, frame.start
        )
        if first >> 28 != 6:
            return False
        frame.start += 40
        if length:  # 0: a jumbogram, or segmentation offload
            frame.limit(length)
        _describe(frame, source, destination, follows, hops, 0)
        return self._read_extension_headers(frame)

    def _read_extension_headers(self, frame: Frame) -> bool:
        for _ in range(DEEPEST):
            if frame.protocol in EXTENSION_HEADERS:
                follows, size = frame.number(0, 1), 8 + 8 * frame.number(1, 1)
            elif frame.protocol == Protocol.AUTHENTICATION:
                follows, size = frame.number(0, 1), 8 + 4 * frame.number(1, 1)
            elif frame.protocol == Protocol.FRAGMENT:
                if not self._read_fragment_header(frame):
                    return False
                continue
            else:
                return True
            frame.protocol = follows
            frame.start += size
        return False

    def _read_fragment_header(self, frame: Frame) -> bool:
        follows, place, identification = (
            frame.number(0, 1),
            frame.number(2),
            frame.number(4, 4),
        )
        frame.start += 8
        frame.protocol, frame.identification = follows, identification
        if not place & 0xFFF9:  # an atomic fragment (RFC 6946)
            return True
        return self._collect(frame, place >> 3, not place & 1)

    def _collect(self, frame: Frame, words: int, last: bool) -> bool:
        """Add a fragment; go on with the whole payload if it is the missing one."""
        if frame.end < frame.wire_end:
            return False
        key = (frame.source, frame.destination, frame.protocol, frame.identification)
        frame.fragment = key
        data = frame.data[frame.start : frame.end]
        whole = self.fragments.add(key, 8 * words, data, last, frame.at)
        if whole is None:
            return False
        frame.replace(whole)
        return True


def _describe(
    frame: Frame, source: bytes, destination: bytes, protocol: int, ttl: int, identification: int
) -> None:
    frame.source, frame.destination = source, destination
    frame.protocol, frame.ttl, frame.identification = protocol, ttl, identification


def _read_tunnel(frame: Frame) -> int:
    """Return what is in the tunnel, its header peeled; NONE if the payload is no tunnel."""
    before = frame.start, len(frame.tunnels)
    if frame.protocol == Protocol.UDP:
        reader = PORTS.get(frame.number(2)) or PORTS.get(frame.number(0))
        frame.start += 8
    else:
        reader = PROTOCOLS.get(frame.protocol)
    if reader is None:
        frame.start = before[0]
        return EtherType.NONE
    try:
        ethertype = read_tunnel(frame, reader)
    except (struct.error, IndexError):
        ethertype = EtherType.NONE
    if ethertype not in (EtherType.IPV4, EtherType.IPV6):
        frame.start = before[0]
        del frame.tunnels[before[1] :]
        return EtherType.NONE
    return ethertype
