"""The pcapng file: sections of blocks; interfaces have their own clocks and link types.

Follows draft-ietf-opsawg-pcapng. Must never believe a length before it is checked; blocks that
carry no packet, secret or count are stepped over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from tlswire.language import say

from .chunks import LONGEST_PACKET, Chunks
from .kept import LARGEST, MOST_PACKETS, Kept
from .pcap import Batch, PacketTuple
from .remarks import CAPTURE, INTERFACE, PACKET, Remarks
from .unwanted import (
    ETHERNET,
    IP_OFFSETS,
    LOOKED_AT,
    NO_KEY,
    QUIET,
    Unwanted,
    is_foreign,
    look,
)

MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
NAME_RESOLUTION = 4
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10
#: All kinds of blocks that are usual.
KINDS = frozenset(range(INTERFACE_DESCRIPTION, DECRYPTION_SECRETS + 1)) | {SECTION_HEADER}

OPTION_END = 0
OPTION_COMMENT = 1
IF_NAME = 2
IF_TSRESOL = 9
IF_TSOFFSET = 14
ISB_IFDROP = 5
ISB_OSDROP = 7
#: Kinds of a name resolution record, and how long the address in front of the name is.
NAME_RECORDS = {1: 4, 2: 16}
TLS_KEY_LOG = 0x544C534B

#: Block type, total length ... total length.
FRAME = 12
#: The length of an Enhanced Packet Block without a packet, and of what stands before it.
EMPTY_ENHANCED_PACKET, BEFORE_PACKET = 32, 28
SMALLEST_OPTION = 4
#: Where the options of a Section Header Block begin.
SECTION_OPTIONS = 24


class Interface(NamedTuple):
    """Where packets of a section were taken."""

    link: int
    snaplen: int
    fractions: int = 1_000_000
    offset: int = 0


class Lane:
    """How packets are read while all interfaces of a section are alike."""

    def __init__(self, order: str, interface: Interface, count: int) -> None:
        form = look(f"{order}7I", interface.link)
        self.unpack = form.unpack_from
        self.size = form.size
        self.least = IP_OFFSETS[interface.link] + LOOKED_AT
        self.fractions = interface.fractions
        self.offset = float(interface.offset)
        self.link = interface.link
        self.count = count


class Pcapng:
    """One file being read; `secrets` grows as Decryption Secrets Blocks pass."""

    #: A block begins at a multiple of it.
    STRIDE = 4

    def __init__(self, chunks: Chunks, secrets: list[bytes]) -> None:
        self._chunks = chunks
        self._secrets = secrets
        self._order = "<"
        self._interfaces: list[Interface] = []
        self._lane: Lane | None = None
        self._number = 0
        self._position = 0
        self._broken = False
        self.remarks = Remarks()
        self._readers = {
            INTERFACE_DESCRIPTION: self._read_interface,
            NAME_RESOLUTION: self._read_names,
            INTERFACE_STATISTICS: self._read_statistics,
            DECRYPTION_SECRETS: self._read_secrets,
        }

    def read_batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Yield every whole packet that is wanted; never raises on bad bytes."""
        chunks, self._number = self._chunks, unwanted.number
        while True:
            yield self._walk(chunks.buffer, unwanted)
            if self._broken or not chunks.advance(self._position):
                break
            self._position = 0
        if self._position < len(chunks.buffer) and not (self._broken or chunks.ended_early):
            self._note(
                say("cut in the middle of a block after packet {number}", number=self._number)
            )

    @property
    def place(self) -> int:
        """Return where in the file the next block begins."""
        return self._chunks.begins + self._position

    @property
    def manner(self) -> object:
        """Return what was said so far of how packets are to be read."""
        return self._order, tuple(self._interfaces)

    def begin(self) -> bool:
        """Read what stands before the first packet; False when there is none."""
        return any(True for batch in self.read_batches(Unwanted()) for _ in batch)

    def go(self, place: int) -> None:
        """Read on from where a block begins, as if the file had said nothing but its manner."""
        self._chunks.go(place)
        self._position, self.remarks = 0, Remarks()

    def end_of(self, buffer: bytes, position: int) -> int:
        """Return where a block would end that began here; 0: that is not likely."""
        if position > len(buffer) - FRAME:
            return len(buffer) + 1
        head = self._order + "II"
        kind, total = struct.unpack_from(head, buffer, position)
        end = position + total
        likely = kind in KINDS and FRAME <= total <= LONGEST_PACKET and not total & 3
        if likely and end <= len(buffer):
            likely = struct.unpack_from(head, buffer, end - 8)[1] == total
        return end if likely else 0

    def _walk(self, buffer: bytes, unwanted: Unwanted) -> Batch:
        """Yield what is whole in a buffer; step over what is unwanted without a second look."""
        while not self._broken:
            if self._lane is not None:
                yield from self._walk_lane(self._lane, buffer, unwanted)
            before = self._position
            if before > len(buffer) - FRAME:
                break
            yield from self._read_next(buffer)
            if self._position == before:
                break
        unwanted.number = self._number

    def _read_next(self, buffer: bytes) -> Batch:
        """Read one block of any kind, whose head is there; stay where it is not whole or broken."""
        position = self._position
        is_section = buffer.startswith(MAGIC, position)
        if is_section and not self._begin_section(buffer, position):
            return
        kind, total = struct.unpack_from(self._order + "II", buffer, position)
        if total < FRAME or total > LONGEST_PACKET:
            self._note(
                say(
                    "broken after packet {number}: a block of {total} bytes",
                    number=self._number,
                    total=total,
                )
            )
            self._broken = True
            return
        end = position + total + (-total & 3)
        if end > len(buffer):
            return
        if is_section:
            self._read_comments(CAPTURE, buffer[position:end], SECTION_OPTIONS)
        packet = self._read_block(kind, buffer, position + 8, position + total - 4)
        self._position = end
        if packet is not None:
            yield packet

    def _walk_lane(self, lane: Lane, buffer: bytes, unwanted: Unwanted) -> Batch:
        """Yield usual packets, up to the first block that is something else; see `Pcap._walk`."""
        find, latest, size, number = unwanted.flows.get, unwanted.last_at, len(buffer), self._number
        unpack, least, fractions, offset = lane.unpack, lane.least, lane.fractions, lane.offset
        wanted, behind = unwanted.wanted, unwanted.behind
        largest = LARGEST if lane.link == ETHERNET else 0
        position, last, count, link = self._position, size - lane.size, lane.count, lane.link
        era, since = -1, 0
        quiet, passing, before, row, back = QUIET, None, 0, NO_KEY, NO_KEY
        while position <= last:
            kind, total, which, high, low, captured, length, protocol, key, flags = unpack(
                buffer, position
            )
            padding, end = total - EMPTY_ENHANCED_PACKET - captured, position + total
            if kind != ENHANCED_PACKET or which >= count or end > size or padding >> 2 or total & 3:
                break
            if (
                (key == row or key == back)  # noqa: SIM109 (no tuple for each packet)
                and low >= before
                and high == era
                and protocol == quiet[flags]
                and captured >= least
            ):
                before, position = low, end
                number += 1
                continue
            start, position, flow = position + BEFORE_PACKET, end, find(key)
            plain = protocol == quiet[flags] and captured >= least
            if passing is not None:
                if flow is passing and plain and low >= before and high == era:
                    back, before = key, low
                    number += 1
                    continue
                at = (since | before) / fractions + offset
                passing.last_frame, passing.last_at = number, at
                if at > latest:
                    latest = at
                row, back, passing = NO_KEY, NO_KEY, None
            number += 1
            if high != era:
                era, since = high, high << 32
            if plain and flow is not None and type(flow) is not Kept:
                row, passing, before = key, flow, low
                continue
            at = (since | low) / fractions + offset
            if at > latest:
                latest = at
            end = start + captured
            if flow is None:
                if wanted is not None and is_foreign(wanted, key, buffer, start, link):
                    continue
                other = behind(buffer, start, end, link)
                if other is not None:
                    other.last_frame, other.last_at = number, at
                    continue
            elif (
                plain
                and type(flow) is Kept
                and captured <= largest
                and len(flow.packets) < MOST_PACKETS
            ):
                flow.packets.append((number, at, buffer[start:end], length))
                continue
            yield number, at, link, buffer, start, end, length
        if passing is not None:
            passing.last_frame, passing.last_at = number, (since | before) / fractions + offset
            latest = max(latest, passing.last_at)
        self._position, self._number, unwanted.last_at = position, number, latest

    def _read_block(self, kind: int, buffer: bytes, start: int, end: int) -> PacketTuple | None:
        try:
            if kind == ENHANCED_PACKET:
                which, high, low, captured, length = struct.unpack_from(
                    self._order + "5I", buffer, start
                )
                options = 20 + captured + (-captured & 3)
                if options + SMALLEST_OPTION <= end - start:
                    self._read_comments(PACKET, buffer[start:end], options)
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
            self._note(say("a broken block after packet {number}", number=self._number))
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
            self._note(say("broken section header after packet {number}", number=self._number))
            self._broken = True
            return False
        self._order = order
        self._interfaces, self._lane = [], None
        return True

    def _read_interface(self, body: bytes) -> None:
        link, _, snaplen = struct.unpack_from(self._order + "HHI", body)
        fractions, offset, name = 1_000_000, 0, b""
        for code, value in self._options(body, 8):
            if code == IF_NAME:
                name = value
            elif code == OPTION_COMMENT:
                self.remarks.comment(INTERFACE, len(self._interfaces), value)
            elif code == IF_TSRESOL and value:
                exponent = value[0] & 0x7F
                fractions = 2**exponent if value[0] & 0x80 else 10**exponent
            elif code == IF_TSOFFSET and len(value) == 8:
                (offset,) = struct.unpack(self._order + "q", value)
        self._interfaces.append(Interface(link, snaplen, fractions, offset))
        self.remarks.interface(name)
        self._choose_lane()

    def _choose_lane(self) -> None:
        kinds = {each._replace(snaplen=0) for each in self._interfaces}
        alike = len(kinds) == 1 and self._interfaces[0].link in IP_OFFSETS
        count = len(self._interfaces)
        self._lane = Lane(self._order, self._interfaces[0], count) if alike else None

    def _read_statistics(self, body: bytes) -> None:
        (which,) = struct.unpack_from(self._order + "I", body)
        for code, value in self._options(body, 12):
            if code in (ISB_IFDROP, ISB_OSDROP) and len(value) == 8:
                self.remarks.dropped(which, code, *struct.unpack(self._order + "Q", value))

    def _read_comments(self, on: str, body: bytes, position: int) -> None:
        for code, value in self._options(body, position):
            if code == OPTION_COMMENT:
                self.remarks.comment(on, self._number + 1, value)

    def _read_names(self, body: bytes) -> None:
        for code, value in self._options(body, 0):
            size = NAME_RECORDS.get(code)
            if size is not None and len(value) > size:
                self.remarks.name(value[:size], value[size:].split(b"\0")[0])

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

    def _note(self, text: str) -> None:
        if text not in self._chunks.notes:
            self._chunks.notes.append(text)
