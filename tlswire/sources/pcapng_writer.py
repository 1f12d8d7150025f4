"""Writes pcapng: one section, an interface for each link type, secrets first, comments.

Times to the nanosecond. Names no machine, no system, no interface: none of that is a reader's.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from .pcap import PacketTuple

NANO: Final = 1_000_000_000
_SECTION = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
_NANOSECONDS = struct.pack("<HHB3x", 9, 1, 9)
_KEY_LOG = 0x544C534B
_COMMENT, _APPLICATION = 1, 4
_SECTION_HEADER, _INTERFACE, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 6, 10


class PcapngWriter:
    """One file being written; `secrets` are lines of a key log, known before the first packet."""

    def __init__(self, out: BinaryIO, secrets: bytes = b"") -> None:
        self._out = out
        self._interfaces: dict[int, int] = {}
        self._block(_SECTION_HEADER, _SECTION + _option(_APPLICATION, b"tlswire") + bytes(4))
        if secrets:
            self._block(_SECRETS, struct.pack("<II", _KEY_LOG, len(secrets)) + _padded(secrets))

    def packet(self, packet: PacketTuple, remark: str = "") -> None:
        """Write one packet, with a comment if there is a remark."""
        _, at, link, buffer, start, end, length = packet
        if link not in self._interfaces:
            self._interfaces[link] = len(self._interfaces)
            self._block(_INTERFACE, struct.pack("<HHI", link, 0, 0) + _NANOSECONDS + bytes(4))
        data, ticks = buffer[start:end], max(0, round(at * NANO))
        head = struct.pack(
            *("<5I", self._interfaces[link], ticks >> 32 & 0xFFFF_FFFF, ticks & 0xFFFF_FFFF),
            *(len(data), length),
        )
        options = _option(_COMMENT, remark.encode()) + bytes(4) if remark else b""
        self._block(_PACKET, head + _padded(data) + options)

    def _block(self, kind: int, body: bytes) -> None:
        total = struct.pack("<I", len(body) + 12)
        self._out.write(struct.pack("<I", kind) + total + body + total)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) & 3)
