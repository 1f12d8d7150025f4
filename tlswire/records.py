"""One side's bytes to TLS records: joined, cut, oversized, SSL 2.0, or not TLS at all.

Knows framing only. It never parses a payload, never decides who is right, and never loses a byte:
what is not a record comes out as `Foreign`, what is not here yet stays `pending`.
RFC 8446 section 5.1, RFC 5246 section 6.2, RFC 6101 appendix E (the SSL 2.0 hello).
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import ContentType

HEADER = 5
#: RFC 5246 section 6.2.3: ciphertext may be 2^14 + 2048 long; longer is `record_overflow`.
LARGEST = (1 << 14) + 2048
#: The `type` of a record that holds an SSL 2.0 format hello; no content type has this number.
SSL2 = -2

CONTENT = range(ContentType.change_cipher_spec, ContentType.heartbeat + 1)


class Record(NamedTuple):
    """One record: `offset` is that of its header in the side's stream, `payload` what follows.

    `missing` counts payload bytes that the capture does not have.
    """

    type: int
    version: int
    offset: int
    payload: bytes
    length: int
    missing: int = 0

    @property
    def end(self) -> int:
        """Return the stream offset just after the record."""
        header = HEADER if self.type != SSL2 else 2
        return self.offset + header + self.length


class Foreign(NamedTuple):
    """Bytes at `offset` that no record begins with; all that follows is foreign too."""

    offset: int
    data: bytes


def may_begin_record(data: bytes | bytearray) -> bool:
    """Tell whether a record header, or the first bytes of one, stands at the start of `data`."""
    if not data:
        return True
    if data[0] not in CONTENT:
        return False
    return len(data) < 2 or (data[1] == 3 and (len(data) < 3 or data[2] <= 4))


def may_begin_ssl2(data: bytes | bytearray) -> bool:
    """Tell whether an SSL 2.0 format ClientHello, or its first bytes, stands at the start.

    Two-byte header with the top bit set, message type 1, version 0.2 or 3.x (RFC 6101 E.1).
    """
    if not data or data[0] & 0x80 == 0:
        return not data
    opening = bytes(data[2:5])
    if len(opening) < 3:
        return b"\x01".startswith(opening[:1]) and opening[1:] in (b"", b"\x00", b"\x03")
    return opening == b"\x01\x00\x02" or (opening[:2] == b"\x01\x03" and opening[2] <= 4)


class RecordReader:
    """Cuts one side's stream into records. Feed it bytes in order, in any pieces."""

    def __init__(self, offset: int = 0, *, midway: bool = False) -> None:
        """Begin at stream `offset`; `midway` when the capture began inside the stream."""
        self.offset = offset  # of the first byte in the buffer
        self.foreign = False
        self._buffer = bytearray()
        self._first = True
        self._unsure = midway  # no record boundary known: wait for bytes that begin like one
        self._missing = 0  # bytes of the current record that the capture lacks

    @property
    def pending(self) -> int:
        """Return how many bytes of an unfinished record are waiting."""
        return len(self._buffer) + self._missing

    @property
    def unfinished(self) -> Record | None:
        """Return the record that has begun and is not complete, with what is there of it."""
        if self.foreign or self._unsure or len(self._buffer) < HEADER:
            return None
        length = int.from_bytes(self._buffer[3:5], "big")
        payload = bytes(self._buffer[HEADER:])
        version = int.from_bytes(self._buffer[1:3], "big")
        return Record(self._buffer[0], version, self.offset, payload, length, self._missing)

    def feed(self, data: bytes) -> list[Record | Foreign]:
        """Take the next bytes and return what they complete."""
        if self.foreign:
            found: list[Record | Foreign] = [Foreign(self.offset, data)]
            self.offset += len(data)
            return found
        if self._unsure and not self._find_boundary(data):
            return []
        self._buffer += data
        return self._cut()

    def skip(self, length: int) -> None:
        """Take note that the next `length` bytes of the stream were not captured."""
        buffer = self._buffer
        if self.foreign:
            self.offset += length
        elif len(buffer) >= HEADER and length <= self._remaining():
            self._missing += length
        else:
            self.offset += len(buffer) + self._missing + length
            buffer.clear()
            self._missing, self._unsure = 0, True

    def _remaining(self) -> int:
        return HEADER + int.from_bytes(self._buffer[3:5], "big") - self.pending

    def _find_boundary(self, data: bytes) -> bool:
        if len(data) >= 3 and may_begin_record(data[:3]):
            self._unsure = False
            return True
        self.offset += len(data)
        return False

    def _cut(self) -> list[Record | Foreign]:
        found: list[Record | Foreign] = []
        buffer, start = self._buffer, 0
        while start < len(buffer):
            head = buffer[start : start + HEADER]
            if not may_begin_record(head):
                if self._first and may_begin_ssl2(head):
                    start += self._take_ssl2(found)
                else:
                    self.foreign = True
                    found.append(Foreign(self.offset + start, bytes(buffer[start:])))
                    start = len(buffer)
                break
            if len(head) < HEADER:
                break
            length = head[3] << 8 | head[4]
            end = start + HEADER + length - self._missing
            if end > len(buffer):
                break
            version = head[1] << 8 | head[2]
            payload = bytes(buffer[start + HEADER : end])
            record = Record(head[0], version, self.offset + start, payload, length, self._missing)
            found.append(record)
            self.offset += self._missing
            self._missing, self._first, start = 0, False, end
        del buffer[:start]
        self.offset += start
        return found

    def _take_ssl2(self, found: list[Record | Foreign]) -> int:
        buffer = self._buffer
        length = (buffer[0] & 0x7F) << 8 | buffer[1] if len(buffer) > 1 else 0
        if len(buffer) < 2 + length or length == 0:
            return 0
        version = int.from_bytes(buffer[3:5], "big")
        found.append(Record(SSL2, version, self.offset, bytes(buffer[2 : 2 + length]), length))
        self._first = False
        return 2 + length
