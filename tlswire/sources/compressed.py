"""Compressed captures: what is around a capture file is peeled off in bounded chunks.

Must never hold a decompressed file whole, and never guess from a file's name.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple, Protocol, cast

from tlswire.language import say

from ..errors import CaptureError

#: Layers of compression peeled before it is called a bomb.
DEEPEST = 3


class Readable(Protocol):
    """Anything with `read`: a file, a pipe, a decompressor."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Return up to `size` bytes; b"" at the end."""


class Rewound(io.RawIOBase):
    """A stream whose first bytes were looked at and put back; counts what passes."""

    def __init__(self, source: Readable, head: int) -> None:
        self._source = source
        self._head = _read_fully(source, head)
        self.head = self._head
        self.passed = 0
        #: The file itself, where nothing is around it and it can be read from any place.
        self.plain = source if isinstance(source, io.FileIO) and source.seekable() else None

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, the head first."""
        data = self._head or self._source.read(size) or b""
        if 0 <= size < len(data):
            data, self._head = data[:size], data[size:]
        else:
            self._head = b""
        self.passed += len(data)
        return data

    def go(self, place: int, whence: int = io.SEEK_SET) -> None:
        """Read on from another place of a `plain` file; what was put back is forgotten."""
        assert self.plain is not None
        self._head = b""
        self.plain.seek(place, whence)

    def close(self) -> None:
        """Close what is inside."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()
        super().close()

    def readinto(self, buffer: Any, /) -> int:
        """Fill `buffer`; io wrappers ask this way."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _read_fully(source: Readable, size: int) -> bytes:
    """Read exactly `size` bytes, fewer only at the end; pipes give less than asked."""
    data = b""
    while len(data) < size:
        chunk = source.read(size - len(data))
        if not chunk:
            break
        data += chunk
    return data


def _open_gzip(source: Rewound) -> Readable:
    import gzip

    return gzip.GzipFile(fileobj=source, mode="rb")


def _open_bzip2(source: Rewound) -> Readable:
    import bz2

    return bz2.BZ2File(source)


def _open_xz(source: Rewound) -> Readable:
    import lzma

    return lzma.LZMAFile(io.BufferedReader(source))


def _open_zstd(source: Rewound) -> Readable:
    import zstandard

    return zstandard.ZstdDecompressor().stream_reader(
        source,  # type: ignore[arg-type]  # it needs `read` only
        read_across_frames=True,
    )


def _open_lz4(source: Rewound) -> Readable:
    import lz4.frame

    return cast(Readable, lz4.frame.LZ4FrameFile(source))


class Compression(NamedTuple):
    """One kind of compression: how it starts, who reads it."""

    magic: bytes
    name: str
    library: str
    open: Callable[[Rewound], Readable]


COMPRESSIONS: tuple[Compression, ...] = (
    Compression(b"\x1f\x8b", "gzip", "zlib", _open_gzip),
    Compression(b"BZh", "bzip2", "bz2", _open_bzip2),
    Compression(b"\xfd7zXZ\x00", "xz", "lzma", _open_xz),
    Compression(b"\x28\xb5\x2f\xfd", "zstd", "zstandard", _open_zstd),
    Compression(b"\x04\x22\x4d\x18", "lz4", "lz4", _open_lz4),
)
HEAD = max(len(each.magic) for each in COMPRESSIONS)


def _in(outer: str, inner: str) -> str:
    return say("{outer} in {inner}", outer=outer, inner=inner)


def peel(source: Readable) -> tuple[Rewound, tuple[str, ...]]:
    """Return the innermost stream and the names of the compressions peeled, outermost first.

    Raises:
        CaptureError: a compression whose library is absent, a broken head, or too many layers.

    """
    names: list[str] = []
    for _ in range(DEEPEST + 1):
        rewound = Rewound(source, HEAD)
        found = next((each for each in COMPRESSIONS if rewound.head.startswith(each.magic)), None)
        if found is None:
            return rewound, tuple(names)
        names.append(found.name)
        source = _open(found, rewound)
    raise CaptureError(
        say(
            "compressed more than {deepest} times: {names}",
            deepest=DEEPEST,
            names=reduce(_in, reversed(names)),
        )
    )


def _open(compression: Compression, source: Rewound) -> Readable:
    try:
        return compression.open(source)
    except ImportError:
        raise CaptureError(
            say(
                "compressed with {name}: install {library} to read it",
                name=compression.name,
                library=compression.library,
            )
        ) from None
