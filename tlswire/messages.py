"""Handshake fragments of one side to whole handshake messages.

RFC 8446 section 5.1: a message may span records, a record may hold several. Knows the 4-byte
header and nothing of what a body means.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tlswire.records import HEADER, Record

#: Type and 24-bit length (RFC 8446 section 4).
MESSAGE_HEADER = 4
#: Of a longer message only so much is kept; its length is told, the rest is passed over.
LARGEST_MESSAGE = 1 << 20


class Message(NamedTuple):
    """One handshake message. `spans` are (stream offset, length) of its bytes, header included.

    The body of a `damaged` one ends where the first byte is missing.
    """

    type: int
    body: bytes
    length: int
    spans: tuple[tuple[int, int], ...]
    damaged: bool = False

    @property
    def header(self) -> bytes:
        """Return the four bytes before the body."""
        return bytes((self.type,)) + self.length.to_bytes(3, "big")

    @property
    def offset(self) -> int:
        """Return the stream offset of the message's first byte."""
        return self.spans[0][0]


class MessageReader:
    """Joins fragments in order of arrival."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._spans: deque[tuple[int, int]] = deque()
        self._sound: int | None = None  # so many of the bytes kept are sure; None: all
        self._passing = 0  # bytes of an oversized message still to be passed over

    @property
    def pending(self) -> int:
        """Return how many bytes of an unfinished message are waiting."""
        return len(self._bytes)

    @property
    def begun(self) -> int | None:
        """Return where in the stream an unfinished message began."""
        return self._spans[0][0] if self._bytes else None

    @property
    def unfinished(self) -> Message | None:
        """Return the message that has begun, with as much of its body as is there."""
        if len(self._bytes) < MESSAGE_HEADER:
            return None
        length = int.from_bytes(self._bytes[1:4], "big")
        body = bytes(self._bytes[MESSAGE_HEADER:])
        return Message(self._bytes[0], body, length, tuple(self._spans), self._sound is not None)

    def feed(self, record: Record) -> list[Message]:
        """Take a record of content type handshake and return the messages it completes."""
        if self._bytes or self._passing or record.missing:
            return self._join(record)
        found: list[Message] = []
        payload, offset, start = record.payload, record.offset + HEADER, 0
        while len(payload) - start >= MESSAGE_HEADER:
            body = start + MESSAGE_HEADER
            length = int.from_bytes(payload[start + 1 : body], "big")
            end = body + length
            if end > len(payload):
                break
            span = (offset + start, end - start)
            found.append(Message(payload[start], payload[body:end], length, (span,)))
            start = end
        if start < len(payload):
            self._keep(payload[start:], offset + start)
        return found

    def _keep(self, fragment: bytes, offset: int) -> None:
        self._bytes += fragment
        self._spans.append((offset, len(fragment)))

    def _join(self, record: Record) -> list[Message]:
        """Take a fragment of a message that began earlier, or one with missing bytes."""
        payload = record.payload + bytes(record.missing)
        passed = min(self._passing, len(payload))
        self._passing -= passed
        if record.hole is not None and self._sound is None:
            self._sound = len(self._bytes) + max(0, record.hole - passed)
        self._keep(payload[passed:], record.offset + HEADER + passed)
        found = []
        while (message := self._take()) is not None:
            found.append(message)
        if self._sound is not None and self._sound < MESSAGE_HEADER:
            self._forget()
        return found

    def _forget(self) -> None:
        """Begin anew with the next record: which message comes next is not in the capture."""
        self._bytes.clear()
        self._spans.clear()
        self._sound = None

    def _take(self) -> Message | None:
        sound = len(self._bytes) if self._sound is None else self._sound
        if sound < MESSAGE_HEADER:
            return None
        length = int.from_bytes(self._bytes[1:4], "big")
        whole = MESSAGE_HEADER + length
        if len(self._bytes) < min(whole, LARGEST_MESSAGE):
            return None
        body = bytes(self._bytes[MESSAGE_HEADER : min(whole, sound)])
        message = Message(self._bytes[0], body, length, self._take_spans(whole), len(body) < length)
        self._passing = max(0, whole - len(self._bytes))
        del self._bytes[:whole]
        if self._sound is not None:
            self._sound = max(0, sound - whole) if self._bytes else None
        return message

    def _take_spans(self, length: int) -> tuple[tuple[int, int], ...]:
        taken: list[tuple[int, int]] = []
        while length > 0 and self._spans:
            offset, size = self._spans.popleft()
            if size > length:
                self._spans.appendleft((offset + length, size - length))
                size = length
            if size:
                taken.append((offset, size))
            length -= size
        return tuple(taken)
