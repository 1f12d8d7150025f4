"""Capture files of any size, packet by packet: read as tcpdump wrote them, written in two formats.

Must never hold more than one packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1)
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_INTERFACE = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
_PACKET = struct.Struct("<4I")
_BLOCK = struct.Struct("<7I")
_ENHANCED_PACKET = 6
_BUFFER = 1 << 20
_MICRO = 1_000_000


class Packet(NamedTuple):
    """One Ethernet frame; `at` in microseconds since the epoch."""

    at: int
    data: bytes


def read(path: Path) -> Iterator[Packet]:
    """Yield the packets of a little-endian microsecond pcap."""
    with path.open("rb", buffering=_BUFFER) as file:
        file.seek(len(_HEADER))
        while len(head := file.read(_PACKET.size)) == _PACKET.size:
            seconds, micros, captured, _ = _PACKET.unpack(head)
            yield Packet(seconds * _MICRO + micros, file.read(captured))


def write(packets: Iterable[Packet], stem: Path) -> None:
    """Write `stem`.pcap and `stem`.pcapng with the same packets."""
    classic, modern = stem.with_suffix(".pcap"), stem.with_suffix(".pcapng")
    with classic.open("wb", _BUFFER) as old, modern.open("wb", _BUFFER) as new:
        old.write(_HEADER)
        new.write(_SECTION + _INTERFACE)
        for at, data in packets:
            size = len(data)
            old.write(_PACKET.pack(*divmod(at, _MICRO), size, size))
            old.write(data)
            padding = -size % 4
            total = 32 + size + padding
            new.write(
                _BLOCK.pack(_ENHANCED_PACKET, total, 0, at >> 32, at & 0xFFFF_FFFF, size, size)
            )
            new.write(data)
            new.write(bytes(padding) + total.to_bytes(4, "little"))


def write_classic(packets: Iterable[Packet], path: Path) -> None:
    """Write a pcap alone."""
    with path.open("wb", _BUFFER) as file:
        file.write(_HEADER)
        for at, data in packets:
            file.write(_PACKET.pack(*divmod(at, _MICRO), len(data), len(data)))
            file.write(data)
