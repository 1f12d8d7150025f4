"""The snoop file (RFC 1761): Solaris' captures, and what Check Point's `fw monitor -o` writes.

A monitor writes each packet once a chain: where it came in and where it went out. The same packet
seen again within moments is one packet; a translated one is another conversation. Must never
believe a length before it is checked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tlswire.language import say

from .chunks import LONGEST_PACKET, Chunks
from .pcap import Batch
from .unwanted import Unwanted

MAGIC = b"snoop\0\0\0"
HEADER_LENGTH = 16
RECORD = struct.Struct(">6I")  # original, included, record length, drops, seconds, microseconds
#: Datalink types of the RFC, as LINKTYPEs: IEEE 802.3 and Ethernet.
LINKS = {0: 1, 4: 1, 8: 105, 18: 105, 26: 101}


class Snoop:
    """One file being read; `chunks` stands at the file header."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._link = -1
        self._position = HEADER_LENGTH
        self._broken = False
        self._dropped = 0

    def read_batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Yield every whole packet; never raises on bad bytes."""
        chunks = self._chunks
        header = chunks.need(HEADER_LENGTH)
        if header is None:
            chunks.notes.append(say("cut in the file header"))
            return
        self._link = LINKS.get(struct.unpack_from(">I", header, 12)[0], -1)
        while True:
            yield self._walk(chunks.buffer, unwanted)
            if self._broken or not chunks.advance(self._position):
                break
            self._position = 0
        if self._position < len(chunks.buffer) and not (self._broken or chunks.ended_early):
            chunks.notes.append(
                say("cut in the middle of packet {number}", number=unwanted.number + 1)
            )
        if self._dropped:
            chunks.notes.append(
                say("{dropped} packets were dropped while capturing", dropped=self._dropped)
            )

    def _walk(self, buffer: bytes, unwanted: Unwanted) -> Batch:
        position, number = self._position, unwanted.number
        while position <= len(buffer) - RECORD.size:
            length, included, record, dropped, seconds, micros = RECORD.unpack_from(
                buffer, position
            )
            start, end = position + RECORD.size, position + record
            if not RECORD.size + included <= record <= LONGEST_PACKET:
                self._broken = True
                self._chunks.notes.append(
                    say(
                        "broken at packet {number}: {included} bytes in a record of {record}",
                        number=number + 1,
                        included=included,
                        record=record,
                    )
                )
                break
            if end > len(buffer):
                break
            number += 1
            self._dropped = dropped
            at = seconds + micros / 1_000_000
            unwanted.last_at = max(unwanted.last_at, at)
            yield number, at, self._link, buffer, start, start + included, length
            position = end
        self._position, unwanted.number = position, number
