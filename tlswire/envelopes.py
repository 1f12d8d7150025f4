"""TLS records that travel inside another protocol's packets, taken out again.

SQL Server up to TDS 7.x carries the handshake inside TDS packets of type PRELOGIN or response,
and goes bare when it is over ([MS-TDS] section 3.2.5.2). Framing only: it reads no record.
"""

from __future__ import annotations

from collections.abc import Iterator

#: Type, status, 16-bit length of the whole packet, SPID, packet number, window.
_HEADER = 8
_KINDS = (0x12, 0x04)


class Envelope:
    """Takes one side's TDS packets off. Feed it bytes in order, in any pieces."""

    def __init__(self) -> None:
        self._over = False
        self._head = b""
        self._left = 0  # payload of the current packet still to come

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield pairs: how many bytes of framing stand here, and the payload that follows."""
        while data:
            if not (self._over or self._left or self._head) and data[0] not in _KINDS:
                self._over = True
            if self._over:
                yield 0, data
                return
            if self._left:
                payload, data = data[: self._left], data[self._left :]
                self._left -= len(payload)
                yield 0, payload
            else:
                data = self._take_head(data)
                if not self._head:
                    yield _HEADER, b""

    def _take_head(self, data: bytes) -> bytes:
        missing = _HEADER - len(self._head)
        self._head += data[:missing]
        if len(self._head) == _HEADER:
            self._left = max(0, int.from_bytes(self._head[2:4]) - _HEADER)
            self._head = b""
        return data[missing:]
