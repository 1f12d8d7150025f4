"""ICMP and ICMPv6 errors: which packet they quote, and what they say of it.

RFC 792, RFC 1191, RFC 4443. Must never believe more of the quote than addresses and ports.
"""

from __future__ import annotations

from typing import NamedTuple

from .frame import Frame
from .ip import IPV4_HEADER, IPV6_HEADER, Protocol

#: (protocol, type) of the errors that quote a packet.
ERRORS = {
    *((Protocol.ICMP, each) for each in (3, 4, 5, 11, 12)),
    *((Protocol.ICMPV6, each) for each in (1, 2, 3, 4)),
}
#: Types whose packet cannot have arrived: unreachable, time exceeded.
ENDS = {(Protocol.ICMP, 3), (Protocol.ICMP, 11), (Protocol.ICMPV6, 1), (Protocol.ICMPV6, 3)}
FRAGMENTATION_NEEDED = (3, 4)
PACKET_TOO_BIG = 2


class Quote(NamedTuple):
    """What an ICMP error says, and the conversation key of the packet it quotes."""

    key: bytes
    whole: bool  # a whole TCP header is quoted
    type: int
    code: int
    mtu: int  # bytes; 0 when none is told
    ends: bool


def read_error(frame: Frame) -> Quote | None:
    """Read the ICMP message at the frame's payload; None if it quotes no TCP packet.

    Raises:
        IndexError, struct.error: the quote ends too early.

    """
    kind, code = frame.number(0, 1), frame.number(1, 1)
    if (frame.protocol, kind) not in ERRORS:
        return None
    mtu = 0
    if frame.protocol == Protocol.ICMPV6:
        mtu = frame.number(4, 4) if kind == PACKET_TOO_BIG else 0
    elif (kind, code) == FRAGMENTATION_NEEDED:
        mtu = frame.number(6)
    ends = (frame.protocol, kind) in ENDS and (kind, code) != FRAGMENTATION_NEEDED
    frame.start += 8
    addresses = _read_quoted_header(frame)
    if addresses is None:
        return None
    ports = frame.number(0, 4).to_bytes(4)
    whole = frame.end - frame.start >= 20
    return Quote(addresses + ports, whole, kind, code, mtu, ends)


def _read_quoted_header(frame: Frame) -> bytes | None:
    """Move behind the quoted IP header; return both addresses, None if TCP does not follow."""
    if frame.number(0, 1) >> 4 == 4:
        first, _, _, place, _, protocol, source, destination = IPV4_HEADER.unpack_from(
            frame.data, frame.start
        )
        length, place = (first & 15) * 4, place & 0x1FFF
    else:
        _, _, protocol, _, source, destination = IPV6_HEADER.unpack_from(frame.data, frame.start)
        length, place = 40, 0
    frame.start += length
    return source + destination if protocol == Protocol.TCP and not place else None
