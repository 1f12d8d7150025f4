"""A capture's bytes in chunks: what was not eaten yet stays in front of the next chunk.

Must never hold more than one chunk and one packet.
"""

from __future__ import annotations

import zlib
from os import SEEK_CUR

from tlswire.language import say

from .compressed import Rewound
from .watch import Watch

CHUNK = 1 << 19
#: So many bytes that are left of a chunk may be read once more.
MOST_AGAIN = 1 << 14
#: No packet or block is longer than this; a length field that says so is broken.
LONGEST_PACKET = 1 << 24


def _broken_stream_errors() -> tuple[type[BaseException], ...]:
    """Return what a cut or damaged file or decompressor raises (zstd and lz4: RuntimeError)."""
    import lzma

    return (EOFError, OSError, ValueError, RuntimeError, zlib.error, lzma.LZMAError)


class Chunks:
    """The unread part of a file; `buffer` always begins with the next unread byte."""

    def __init__(self, source: Rewound, notes: list[str], watch: Watch | None = None) -> None:
        self._source = source
        self._watch = watch or Watch()
        self.notes = notes
        self.buffer = b""
        self.bytes_read = 0

    def advance(self, eaten: int) -> bool:
        """Drop `eaten` bytes and append the next chunk; False at the end, the buffer unchanged.

        A little that is left of a plain file is read again: to append to it costs more.
        """
        left = len(self.buffer) - eaten
        again = left if self.plain and left < MOST_AGAIN <= eaten else 0
        if again:
            self._source.go(-again, SEEK_CUR)
        chunk = self._read()
        if len(chunk) <= again:
            return False
        self.buffer = chunk if again else self.buffer[eaten:] + chunk
        self.bytes_read += len(chunk) - again
        self._watch.told(self.bytes_read)
        return True

    def go(self, place: int) -> None:
        """Read on from another place in a plain file."""
        self._source.go(place)
        self.buffer, self.bytes_read = b"", place

    @property
    def plain(self) -> bool:
        """Tell whether it is a file as it stands, which can be read from any place."""
        return self._source.plain is not None

    @property
    def begins(self) -> int:
        """Return where in the (decompressed) file the buffer begins."""
        return self.bytes_read - len(self.buffer)

    def need(self, size: int) -> bytes | None:
        """Return the first `size` unread bytes without eating them, None if there are fewer."""
        while len(self.buffer) < size:
            if not self.advance(0):
                return None
        return self.buffer[:size]

    @property
    def ended_early(self) -> bool:
        """Tell whether the reading was ended before the end: what is left over is not cut."""
        return self._watch.over

    def close(self) -> None:
        """Close the file."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()

    def _read(self) -> bytes:
        watch = self._watch
        if watch.over:
            return b""
        watch.about_to_wait()
        try:
            watch.waiting = True
            return self._source.read(CHUNK) or b""
        except KeyboardInterrupt:
            watch.over = True
            return b""
        except Exception as error:
            if not isinstance(error, _broken_stream_errors()):
                raise
            self.notes.append(
                say(
                    "unreadable after {number} bytes: {error}",
                    number=self.bytes_read,
                    error=error or say("cut"),
                )
            )
            return b""
        finally:
            watch.waiting = False
