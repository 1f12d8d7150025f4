"""One side's bytes to TLS records: joined, cut, oversized, SSL 2.0, or not TLS at all.

Knows framing only. It never parses a payload, never decides who is right, and never loses a byte:
what is not a record comes out as `Foreign`, what is not here yet stays `pending`.
RFC 8446 section 5.1, RFC 5246 section 6.2, RFC 6101 appendix E (the SSL 2.0 hello).
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from tlswire.codes import ContentType
from tlswire.language import mark

HEADER = 5
#: What is found where the capture lacks bytes of a message.
MISSING: Final = mark("bytes are missing")
#: The high byte of every version since SSL 3.0, and the last low byte.
_MAJOR, _LAST_MINOR = 3, 4
#: The version of TLCP, the Chinese national profile with SM2 certificates (GB/T 38636-2020 6.3.3).
TLCP = 0x0101
#: The versions that a record may carry.
VERSIONS = frozenset({*range(_MAJOR << 8, (_MAJOR << 8) + _LAST_MINOR + 1), TLCP})
#: RFC 5246 section 6.2.3: ciphertext may be 2^14 + 2048 long; longer is `record_overflow`.
LARGEST = (1 << 14) + 2048
#: Bytes of cleartext that one record may hold (RFC 8446 section 5.1).
LARGEST_PLAIN = 1 << 14
#: The `type` of a record that holds an SSL 2.0 format hello; no content type has this number.
SSL2 = -2

_HEAD = struct.Struct(">BHH")  # type, legacy_record_version, length
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
    hole: int | None = None  # where in the payload the first missing byte belongs

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
    if len(data) < 2:
        return True
    return (data[1] == _MAJOR and (len(data) < 3 or data[2] <= _LAST_MINOR)) or (
        TLCP.to_bytes(2, "big").startswith(data[1:3])
    )


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


def is_foreign(data: bytes) -> bool:
    """Tell whether a stream that begins so is not TLS, whatever follows."""
    begins = data[:HEADER]
    return len(data) >= HEADER and not (may_begin_record(begins) or may_begin_ssl2(begins))


class RecordReader:
    """Cuts one side's stream into records. Feed it bytes in order, in any pieces."""

    def __init__(self, offset: int = 0, *, midway: bool = False) -> None:
        """Begin at stream `offset`; `midway` when the capture began inside the stream."""
        self.offset = offset  # of the first byte in the buffer
        self.foreign = False
        self._buffer = b""
        self._first = True
        self._unsure = midway  # no record boundary known: wait for bytes that begin like one
        self._missing = 0  # bytes of the current record that the capture lacks
        self._hole: int | None = None  # where in the buffer the first of them belongs
        self._passed = 0  # bytes of another framing inside the current record
        self._awaited = 0  # bytes that the current record still needs at least, as far as known

    @property
    def pending(self) -> int:
        """Return how many bytes of an unfinished record are waiting."""
        return len(self._buffer) + self._missing

    @property
    def in_step(self) -> bool:
        """Tell whether it is known where the next record begins, or that none does."""
        return self.foreign or not self._unsure

    @property
    def unfinished(self) -> Record | None:
        """Return the record that has begun and is not complete, with what is there of it."""
        if self.foreign or self._unsure or len(self._buffer) < HEADER:
            return None
        length = int.from_bytes(self._buffer[3:5], "big")
        payload = self._buffer[HEADER:]
        version = int.from_bytes(self._buffer[1:3], "big")
        hole = self._hole_in_payload()
        return Record(self._buffer[0], version, self.offset, payload, length, self._missing, hole)

    def feed(self, data: bytes) -> list[Record | Foreign]:
        """Take the next bytes and return what they complete."""
        if self._awaited > len(data):  # inside a record, as most data is
            self._awaited -= len(data)
            self._buffer += data
            return []
        if self.foreign:
            found: list[Record | Foreign] = [Foreign(self.offset, data)]
            self.offset += len(data)
            return found
        if self._unsure and not self._find_boundary(data):
            return []
        if len(self._buffer) < HEADER:
            return self._cut(self._buffer + data)
        whole = self._remaining() <= len(data)
        self._buffer += data
        return self._cut(self._buffer) if whole else []

    def skip(self, length: int) -> list[Record | Foreign]:
        """Take note that the next `length` bytes were not captured; return what ends with them."""
        buffer, self._awaited = self._buffer, 0
        if self.foreign:
            self.offset += length
            return []
        found: list[Record | Foreign] = []
        if len(buffer) >= HEADER:
            inside = min(length, self._remaining())
            self._missing += inside
            self._hole = len(buffer) if self._hole is None else self._hole
            found, buffer, length = self._cut(buffer), self._buffer, length - inside
        if length:
            self.offset += len(buffer) + length
            self._buffer, self._unsure, self._awaited = b"", True, 0
        return found

    def pass_over(self, length: int) -> None:
        """Take note that the next `length` bytes of the stream are another protocol's framing."""
        if self._buffer:
            self._passed += length
        else:
            self.offset += length

    def _hole_in_payload(self) -> int | None:
        return None if self._hole is None else self._hole - HEADER

    def _remaining(self) -> int:
        return HEADER + int.from_bytes(self._buffer[3:5], "big") - self.pending

    def _find_boundary(self, data: bytes) -> bool:
        if len(data) >= 3 and may_begin_record(data[:3]):
            self._unsure = False
            return True
        self.offset += len(data)
        return False

    def _cut(self, buffer: bytes) -> list[Record | Foreign]:
        found: list[Record | Foreign] = []
        start, size, self._awaited = 0, len(buffer), 0
        while size - start >= HEADER:
            kind, version, length = _HEAD.unpack_from(buffer, start)
            if kind not in CONTENT or version not in VERSIONS:
                break
            end = start + HEADER + length - self._missing
            if end > size:
                self._awaited = end - size
                break
            payload = buffer[start + HEADER : end]
            place, hole = self.offset + start, self._hole_in_payload()
            found.append(Record(kind, version, place, payload, length, self._missing, hole))
            self.offset += self._missing + self._passed
            self._missing, self._passed, self._first, start = 0, 0, False, end
            self._hole = None
        self.offset += start
        rest = buffer[start:]
        self._buffer = rest if may_begin_record(rest[:HEADER]) else self._take_other(rest, found)
        return found

    def _take_other(self, buffer: bytes, found: list[Record | Foreign]) -> bytes:
        """Take what begins like no record; return what is left of it."""
        if self._first and may_begin_ssl2(buffer[:HEADER]):
            return self._take_ssl2(buffer, found)
        self.foreign = True
        found.append(Foreign(self.offset, buffer))
        self.offset += len(buffer)
        return b""

    def _take_ssl2(self, buffer: bytes, found: list[Record | Foreign]) -> bytes:
        length = (buffer[0] & 0x7F) << 8 | buffer[1] if len(buffer) > 1 else 0
        end = 2 + length
        if len(buffer) < end or length == 0:
            return buffer
        version = int.from_bytes(buffer[3:5], "big")
        found.append(Record(SSL2, version, self.offset, buffer[2:end], length))
        self._first = False
        self.offset += end
        return buffer[end:]
