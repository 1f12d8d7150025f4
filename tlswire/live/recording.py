"""The packets of the handshakes that were told, in pcapng files that replace each other.

A connection's packets are held until its handshake is told, then written at once and flushed: a
file on the disk is whole at any moment. The file that is written has the name that was asked for;
full or old, it gets its time into its name, and the oldest goes. No logrotate is needed.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tlswire.language import say
from tlswire.sources.pcap import PacketTuple

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
#: Packets of handshakes in progress, in bytes, and of one of them.
MOST_HELD = 128 << 20
MOST_OF_ONE = 512 << 10


class Limits(NamedTuple):
    """When a file is full or old, and how many old ones are kept."""

    size: int = 100 << 20
    seconds: float = 86_400.0
    files: int = 10


class Recording:
    """The file that is written, and what waits for it."""

    def __init__(
        self, path: Path, limits: Limits | None = None, say: Callable[[str], None] | None = None
    ) -> None:
        """Begin a file; one of the same name is kept under another. Raises OSError."""
        self.path, self.lost = path, 0
        self._limits = limits or Limits()
        self._say = say or (lambda text: None)
        self._held: dict[int, tuple[list[bytes], int]] = {}
        self._bytes = 0
        self._links: list[int] = []
        if path.exists():
            self._put_away(path.stat().st_mtime)
        self._file: BinaryIO | None = self._begin()

    # -- packets -----------------------------------------------------------------------

    def keep(self, number: int, packet: PacketTuple) -> None:
        """Hold a packet of a conversation."""
        _, at, link, buffer, start, end, length = packet
        if number not in self._held:
            self._held[number] = [], 0
        blocks, size = self._held[number]
        if size > MOST_OF_ONE or self._bytes > MOST_HELD:
            self.lost += 1
            return
        block = _packet_block(self._link(link), at, buffer[start:end], length)
        blocks.append(block)
        self._held[number] = blocks, size + len(block)
        self._bytes += len(block)

    def drop(self, number: int) -> None:
        """Forget a conversation."""
        _, size = self._held.pop(number, ([], 0))
        self._bytes -= size

    def save(self, number: int) -> None:
        """Write a conversation's packets; a full disk ends the recording, not the listening."""
        blocks, size = self._held.pop(number, ([], 0))
        self._bytes -= size
        if self._file is None:
            return
        try:
            self._file.write(b"".join(blocks))
            self._file.flush()
            self._rotate(time.time())
        except OSError as error:
            self._say(
                say(
                    "{path}: {strerror}; nothing more is recorded",
                    path=self.path,
                    strerror=error.strerror,
                )
            )
            self._file = None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _link(self, link: int) -> int:
        """Return the number of the file's interface of a link type, a new one where it is new."""
        if link not in self._links:
            self._links.append(link)
            if self._file is not None:
                self._file.write(_interface_block(link))
        return self._links.index(link)

    # -- files -------------------------------------------------------------------------

    def _begin(self) -> BinaryIO:
        file = self.path.open("wb")
        self._begun = time.time()
        heads = [_interface_block(link) for link in self._links]
        file.write(_block(_SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1)) + b"".join(heads))
        file.flush()
        return file

    def _rotate(self, now: float) -> None:
        if self._file is None:
            return
        full = self._file.tell() >= self._limits.size
        if full or now - self._begun >= self._limits.seconds:
            self._file.close()
            self._put_away(self._begun)
            self._file = self._begin()

    def _put_away(self, at: float) -> None:
        """Give a file its time as part of its name, and remove the oldest."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(at))
        name, count = f"{self.path.stem}-{stamp}{self.path.suffix}", 1
        while (there := self.path.with_name(name)).exists():
            count += 1
            name = f"{self.path.stem}-{stamp}-{count:03}{self.path.suffix}"
        self.path.rename(there)
        for old in self._old()[: -self._limits.files or None]:
            old.unlink(missing_ok=True)

    def _old(self) -> list[Path]:
        """Return the files put away before, the oldest first."""
        stem, suffix = re.escape(self.path.stem), re.escape(self.path.suffix)
        named = re.compile(rf"{stem}-\d{{8}}-\d{{6}}(-\d{{3,}})?{suffix}")
        found = (path for path in self.path.parent.iterdir() if named.fullmatch(path.name))
        return sorted(found, key=lambda path: path.stem)


def _interface_block(link: int) -> bytes:
    return _block(_INTERFACE, struct.pack("<HHI", link, 0, 0))


def _packet_block(interface: int, at: float, data: bytes, length: int) -> bytes:
    micros = int(at * 1e6)
    head = struct.pack("<IIIII", interface, micros >> 32, micros & 0xFFFF_FFFF, len(data), length)
    return _block(_PACKET, head + data)


def _block(kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    total = struct.pack("<I", len(padded) + 12)
    return struct.pack("<I", kind) + total + padded + total
