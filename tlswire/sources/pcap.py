"""The classic capture file: a header of 24 bytes, then packets, each behind its own header.

Reads libpcap's format in both byte orders, with micro- and nanoseconds, and the "modified"
format of old Linux distributions (longer packet headers). Must never believe a length before
it is checked, nor hold more than a chunk and one packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from tlswire.language import say

from .chunks import LONGEST_PACKET, Chunks
from .kept import LARGEST, MOST_PACKETS, Kept
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

#: number (from 1), seconds since the epoch, link type, buffer, start and end of the packet in it,
#: length on the wire. A buffer holds many packets: what is not wanted is never copied.
PacketTuple: TypeAlias = tuple[int, float, int, bytes, int, int, int]
#: The packets that one read of the file completed.
Batch: TypeAlias = Iterator[PacketTuple]

HEADER_LENGTH = 24
#: What a packet is likely to be: not longer on the wire, in bytes, and not so many seconds before
#: or behind the first.
LIKELY_LENGTH, LIKELY_PAUSE, LIKELY_TIME = 1 << 18, 1 << 17, 1 << 25


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
#: Packet headers that files with the magic of another have: those of Red Hat 6.1 and of Nokia's
#: IPSO, which Check Point ran on; those of SuSE 6.3. Only where they lead to tells.
COUSINS: dict[int, tuple[int, ...]] = {16: (16, 24, 20), 24: (24, 28)}
#: So many packets tell.
TELLING = 8


class Pcap:
    """One file being read; `chunks` stands at the file header."""

    #: A packet begins at a multiple of it.
    STRIDE = 1

    def __init__(self, variant: Variant, chunks: Chunks) -> None:
        self._variant = variant
        self._chunks = chunks
        self._link = 0
        self._position = 0
        self._since = 0  # the seconds of the first packet
        self._begun = self._broken = False
        self._headers = struct.Struct(variant.order + "4I").unpack_from

    def read_batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Yield every whole packet that is wanted; never raises on bad bytes."""
        chunks = self._chunks
        if not self._begin():
            chunks.notes.append(say("cut in the file header"))
            return
        while True:
            yield self._walk(chunks.buffer, unwanted)
            if self._broken or not chunks.advance(self._position):
                break
            self._position = 0
        if self._position < len(chunks.buffer) and not (self._broken or chunks.ended_early):
            chunks.notes.append(
                say("cut in the middle of packet {number}", number=unwanted.number + 1)
            )

    @property
    def place(self) -> int:
        """Return where in the file the next packet begins."""
        return self._chunks.begins + self._position

    @property
    def manner(self) -> object:
        """Return what is known besides the file's header: nothing."""
        return None

    def begin(self) -> bool:
        """Read what stands before the first packet; False when it is not whole."""
        first = self._chunks.need(HEADER_LENGTH + 4) if self._begin() else None
        if first is not None:
            (self._since,) = struct.unpack_from(self._variant.order + "I", first, HEADER_LENGTH)
        return first is not None

    def go(self, place: int) -> None:
        """Read on from where a packet begins."""
        self._chunks.go(place)
        self._position = 0

    def end_of(self, buffer: bytes, position: int) -> int:
        """Return where a packet would end that began here; 0: that is not likely."""
        if position > len(buffer) - self._variant.packet_header:
            return len(buffer) + 1
        seconds, fraction, captured, length = self._headers(buffer, position)
        likely = (
            fraction < self._variant.fractions
            and 0 < captured <= length <= LIKELY_LENGTH
            and -LIKELY_PAUSE < seconds - self._since < LIKELY_TIME
        )
        return position + self._variant.packet_header + captured if likely else 0

    def _begin(self) -> bool:
        """Read the file header, once; False when it is not whole."""
        if self._begun:
            return True
        if self._chunks.need(HEADER_LENGTH) is None:
            return False
        start = self._chunks.buffer[: HEADER_LENGTH + 4].ljust(HEADER_LENGTH + 4, b"\0")
        link, self._since = struct.unpack_from(self._variant.order + "II", start, 20)
        self._link, self._begun, self._position = link & 0xFFFF, True, HEADER_LENGTH
        lengths = COUSINS[self._variant.packet_header]
        self._variant = max(map(self._with_headers, lengths), key=self._leads_far)
        return True

    def _with_headers(self, length: int) -> Variant:
        return self._variant._replace(packet_header=length)

    def _leads_far(self, variant: Variant) -> int:
        """Return over how many likely packets it leads."""
        self._variant, buffer, position = variant, self._chunks.buffer, HEADER_LENGTH
        for links in range(TELLING):
            end = self.end_of(buffer, position) if position < len(buffer) else 0
            if not end or end > len(buffer):
                return links
            position = end
        return TELLING

    def _walk(self, buffer: bytes, unwanted: Unwanted) -> Batch:
        """Yield what is whole in a buffer; step over what is unwanted without a second look.

        Of a connection's packets in a row, in one second and with times in order, the last counts:
        `passing` is that connection, `row` and `back` are its keys, as far as they were met.
        """
        _, order, fractions, skip = self._variant
        link, position, number = self._link, self._position, unwanted.number
        find, latest, size = unwanted.flows.get, unwanted.last_at, len(buffer)
        wanted, behind, second, since = unwanted.wanted, unwanted.behind, -1, 0.0
        unpack = look(f"{order}4I{skip - 16}x", link).unpack_from
        least = IP_OFFSETS.get(link, LONGEST_PACKET) + LOOKED_AT
        last, largest = size - skip - least, LARGEST if link == ETHERNET else 0
        quiet, passing, before, row, back = QUIET, None, 0, NO_KEY, NO_KEY
        while position <= last:
            seconds, fraction, captured, length, protocol, key, flags = unpack(buffer, position)
            position += skip + captured
            if position > size:
                position -= skip + captured
                break
            if (
                (key == row or key == back)  # noqa: SIM109 (no tuple for each packet)
                and fraction >= before
                and seconds == second
                and protocol == quiet[flags]
                and captured >= least
            ):
                before = fraction
                number += 1
                continue
            start, end, flow = position - captured, position, find(key)
            plain = protocol == quiet[flags] and captured >= least
            if passing is not None:
                if flow is passing and plain and fraction >= before and seconds == second:
                    back, before = key, fraction
                    number += 1
                    continue
                at = since + before / fractions
                passing.last_frame, passing.last_at = number, at
                if at > latest:
                    latest = at
                row, back, passing = NO_KEY, NO_KEY, None
            number += 1
            if seconds != second:
                second, since = seconds, float(seconds)
            if plain and flow is not None and type(flow) is not Kept:
                row, passing, before = key, flow, fraction
                continue
            at = since + fraction / fractions
            if at > latest:
                latest = at
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
            passing.last_frame, passing.last_at = number, since + before / fractions
            latest = max(latest, passing.last_at)
        unpack = self._headers
        while position <= size - skip:
            seconds, fraction, captured, length = unpack(buffer, position)
            end = position + skip + captured
            if end > size:
                self._broken = captured > LONGEST_PACKET
                break
            number += 1
            at = seconds + fraction / fractions
            yield number, at, link, buffer, position + skip, end, length
            position = end
        if self._broken:
            self._chunks.notes.append(
                say(
                    "broken at packet {number}: it claims {captured} bytes",
                    number=number + 1,
                    captured=captured,
                )
            )
        self._position, unwanted.number, unwanted.last_at = position, number, latest
