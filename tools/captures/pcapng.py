"""Packets in a file: reads what tcpdump wrote, writes pcapng that tells nothing of the machine.

Never writes an option: a pcapng file usually names the hardware, the operating system and the
capturing program, and none of that belongs in a published capture.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_PCAP_MICROSECONDS = 0xA1B2C3D4
_LINK_ETHERNET = 1
_SECTION, _INTERFACE, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D


class Packet(NamedTuple):
    """One frame; `at` is in microseconds since the epoch."""

    at: int
    data: bytes


def read_pcap(path: Path) -> list[Packet]:
    """Read a little-endian microsecond pcap; ValueError for any other file."""
    raw = path.read_bytes()
    if raw[:4] != struct.pack("<I", _PCAP_MICROSECONDS):
        raise ValueError(f"{path.name} is not a little-endian microsecond pcap")
    packets, offset = [], 24
    while offset + 16 <= len(raw):
        seconds, micros, length, _ = struct.unpack_from("<IIII", raw, offset)
        packets.append(
            Packet(seconds * 1_000_000 + micros, raw[offset + 16 : offset + 16 + length])
        )
        offset += 16 + length
    return packets


def write_pcapng(packets: Iterable[Packet]) -> bytes:
    """Lay the packets out as one pcapng section with one Ethernet interface."""
    section = _block(_SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1))
    interface = _block(_INTERFACE, struct.pack("<HHI", _LINK_ETHERNET, 0, 0))
    return section + interface + b"".join(_packet_block(packet) for packet in packets)


def _packet_block(packet: Packet) -> bytes:
    high, low = packet.at >> 32, packet.at & 0xFFFFFFFF
    size = len(packet.data)
    return _block(_ENHANCED_PACKET, struct.pack("<IIIII", 0, high, low, size, size) + packet.data)


def _block(kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    total = struct.pack("<I", len(padded) + 12)
    return struct.pack("<I", kind) + total + padded + total
