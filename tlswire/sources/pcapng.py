"""The pcapng file: sections of blocks; interfaces have their own clocks and link types.

Follows draft-ietf-opsawg-pcapng. Must never believe a length before it is checked; blocks that
carry no packet, secret or count are stepped over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .chunks import LONGEST_PACKET, Chunks
from .pcap import PacketTuple

MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

OPTION_END = 0
IF_TSRESOL = 9
IF_TSOFFSET = 14
ISB_IFDROP = 5
ISB_OSDROP = 7
TLS_KEY_LOG = 0x544C534B

#: Block type, total length ... total length.
FRAME = 12


class Interface(NamedTuple):
    """Where packets of a section were taken."""

    link: int
    snaplen: int
    fractions: int = 1_000_000
    offset: int = 0


class Pcapng:
    """One file being read; `secrets` grows as Decryption Secrets Blocks pass."""

    def __init__(self, chunks: Chunks, secrets: list[bytes]) -> None:
        self._chunks = chunks
        self._secrets = secrets
        self._order = "<"
        self._interfaces: list[Interface] = []
        self._number = 0
        self._dropped: dict[int, int] = {}
        self._readers = {
            INTERFACE_DESCRIPTION: self._read_interface,
            INTERFACE_STATISTICS: self._read_statistics,
            DECRYPTION_SECRETS: self._read_secrets,
        }

    def read_packets(self) -> Iterator[PacketTuple]:
        """Yield every whole packet; never raises on bad bytes."""
        chunks, position = self._chunks, 0
        while True:
            buffer = chunks.buffer
            last = len(buffer) - FRAME
            while position <= last:
                if buffer.startswith(MAGIC, position) and not self._begin_section(buffer, position):
                    return
                kind, total = struct.unpack_from(self._order + "II", buffer, position)
                if total < FRAME or total > LONGEST_PACKET:
                    self._note(f"broken after packet {self._number}: a block of {total} bytes")
                    return
                end = position + total + (-total & 3)
                if end > len(buffer):
                    break
                packet = self._read_block(kind, buffer, position + 8, position + total - 4)
                if packet is not None:
                    yield packet
                position = end
            if not chunks.advance(position):
                break
            position = 0
        if position < len(buffer):
            self._note(f"cut in the middle of a block after packet {self._number}")
        self._note_drops()

    def _read_block(self, kind: int, buffer: bytes, start: int, end: int) -> PacketTuple | None:
        try:
            if kind == ENHANCED_PACKET:
                which, high, low, captured, length = struct.unpack_from(
                    self._order + "5I", buffer, start
                )
                return self._packet(which, high, low, buffer, start + 20, end, captured, length)
            if kind == SIMPLE_PACKET:
                (length,) = struct.unpack_from(self._order + "I", buffer, start)
                captured = min(length, self._interfaces[0].snaplen or length, end - start - 4)
                return self._packet(0, 0, 0, buffer, start + 4, end, captured, length)
            if kind == OLD_PACKET:
                which, _, high, low, captured, length = struct.unpack_from(
                    self._order + "HHIIII", buffer, start
                )
                return self._packet(which, high, low, buffer, start + 20, end, captured, length)
            reader = self._readers.get(kind)
            if reader is not None:
                reader(buffer[start:end])
        except (struct.error, IndexError):
            self._note(f"a broken block after packet {self._number}")
        return None

    def _packet(
        self,
        which: int,
        high: int,
        low: int,
        buffer: bytes,
        start: int,
        end: int,
        captured: int,
        length: int,
    ) -> PacketTuple:
        interface = self._interfaces[which]
        self._number += 1
        at = (high << 32 | low) / interface.fractions + interface.offset
        end = min(end, start + captured)
        return self._number, at, interface.link, buffer, start, end, length

    def _begin_section(self, buffer: bytes, position: int) -> bool:
        order = BYTE_ORDERS.get(buffer[position + 8 : position + 12])
        if order is None:
            self._note(f"broken section header after packet {self._number}")
            return False
        self._order = order
        self._interfaces = []
        return True

    def _read_interface(self, body: bytes) -> None:
        link, _, snaplen = struct.unpack_from(self._order + "HHI", body)
        fractions, offset = 1_000_000, 0
        for code, value in self._options(body, 8):
            if code == IF_TSRESOL and value:
                exponent = value[0] & 0x7F
                fractions = 2**exponent if value[0] & 0x80 else 10**exponent
            elif code == IF_TSOFFSET and len(value) == 8:
                (offset,) = struct.unpack(self._order + "q", value)
        self._interfaces.append(Interface(link, snaplen, fractions, offset))

    def _read_statistics(self, body: bytes) -> None:
        (which,) = struct.unpack_from(self._order + "I", body)
        for code, value in self._options(body, 12):
            if code in (ISB_IFDROP, ISB_OSDROP) and len(value) == 8:
                (self._dropped[which * 16 + code],) = struct.unpack(self._order + "Q", value)

    def _read_secrets(self, body: bytes) -> None:
        kind, length = struct.unpack_from(self._order + "II", body)
        if kind == TLS_KEY_LOG:
            self._secrets.append(body[8 : 8 + length])

    def _options(self, body: bytes, position: int) -> Iterator[tuple[int, bytes]]:
        while position + 4 <= len(body):
            code, length = struct.unpack_from(self._order + "HH", body, position)
            if code == OPTION_END:
                return
            yield code, body[position + 4 : position + 4 + length]
            position += 4 + length + (-length & 3)

    def _note_drops(self) -> None:
        dropped = sum(self._dropped.values())
        if dropped:
            self._note(f"{dropped} packets were dropped while capturing")

    def _note(self, text: str) -> None:
        if text not in self._chunks.notes:
            self._chunks.notes.append(text)
