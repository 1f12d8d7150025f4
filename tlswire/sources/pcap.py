"""The classic capture file: a header of 24 bytes, then packets, each behind its own header.

Reads libpcap's format in both byte orders, with micro- and nanoseconds, and the "modified"
format of old Linux distributions (longer packet headers). Must never believe a length before
it is checked, nor hold more than a chunk and one packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .chunks import LONGEST_PACKET, Chunks

#: number (from 1), seconds since the epoch, link type, buffer, start and end of the packet in it,
#: length on the wire. A buffer holds many packets: what is not wanted is never copied.
PacketTuple: TypeAlias = tuple[int, float, int, bytes, int, int, int]

HEADER_LENGTH = 24


class Variant(NamedTuple):
    """A kind of pcap: byte order, fractions of a second, length of a packet's header."""

    name: str
    order: str
    fractions: int
    packet_header: int


MAGICS: dict[bytes, Variant] = {
    b"\xd4\xc3\xb2\xa1": Variant("pcap", "<", 1_000_000, 16),
    b"\xa1\xb2\xc3\xd4": Variant("pcap", ">", 1_000_000, 16),
    b"\x4d\x3c\xb2\xa1": Variant("pcap, nanoseconds", "<", 1_000_000_000, 16),
    b"\xa1\xb2\x3c\x4d": Variant("pcap, nanoseconds", ">", 1_000_000_000, 16),
    b"\x34\xcd\xb2\xa1": Variant("pcap, modified", "<", 1_000_000, 24),
    b"\xa1\xb2\xcd\x34": Variant("pcap, modified", ">", 1_000_000, 24),
}


def read_packets(variant: Variant, chunks: Chunks) -> Iterator[PacketTuple]:
    """Yield every whole packet; `chunks` stands at the file header. Never raises on bad bytes."""
    header = chunks.need(HEADER_LENGTH)
    if header is None:
        chunks.notes.append("cut in the file header")
        return
    link = struct.unpack_from(variant.order + "I", header, 20)[0] & 0xFFFF
    unpack = struct.Struct(variant.order + "4I").unpack_from
    fractions, skip = variant.fractions, variant.packet_header
    buffer, position, number = chunks.buffer, HEADER_LENGTH, 0
    while True:
        last = len(buffer) - skip
        while position <= last:
            seconds, fraction, captured, length = unpack(buffer, position)
            end = position + skip + captured
            if end > last + skip:
                if captured > LONGEST_PACKET:
                    chunks.notes.append(
                        f"broken at packet {number + 1}: it claims {captured} bytes"
                    )
                    return
                break
            number += 1
            at = seconds + fraction / fractions
            yield number, at, link, buffer, position + skip, end, length
            position = end
        if not chunks.advance(position):
            break
        buffer, position = chunks.buffer, 0
    if position < len(buffer):
        chunks.notes.append(f"cut in the middle of packet {number + 1}")
