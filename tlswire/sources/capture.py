"""A capture: opened from a path, stdin or a stream; gives its packets in order.

Must never look into a packet, and never keep one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from tlswire.language import mark, reason, say

from ..errors import CaptureError
from .chunks import Chunks
from .compressed import Readable, peel
from .middle import WINDOW, Middle, find_chain
from .pcap import MAGICS, Batch, PacketTuple, Pcap
from .pcapng import MAGIC, Pcapng
from .remarks import Remarks
from .unwanted import Unwanted
from .watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from .hexdump import HexDump
    from .snoop import Snoop

#: The bytes that tell a capture's format.
MAGIC_LENGTH = 4
#: The name of the standard input.
STDIN = "-"
#: How files begin that other programs write and Wireshark's editcap converts.
OTHER_FORMATS = {
    b"\xac\x27\x00\x00": mark("a Network Monitor capture"),
    b"RTSS": mark("a Network Monitor capture"),
    b"GMBU": mark("a Network Monitor capture"),
    b"XCP\0": mark("a NetXRay capture"),
    b"TRSNIFF data": mark("a Sniffer capture"),
    b"NS": mark("a NetScaler trace (or trace with `nstrace -tcpdump ENABLED`)"),
    b"\x7fver": mark("an EtherPeek capture"),
    b"iptrace ": mark("an AIX iptrace"),
    b"<?xml": mark("an XML file, perhaps a dissection"),
}


class Packet(NamedTuple):
    """One packet as captured. `at` in seconds since the epoch; `length` as on the wire."""

    number: int
    at: float
    link: int
    data: bytes
    length: int


class Capture:
    """The packets of one capture, read once."""

    def __init__(
        self,
        chunks: Chunks,
        format: str,
        reader: Pcap | Pcapng | Snoop | HexDump,
        secrets: list[bytes] | None = None,
    ) -> None:
        self._chunks = chunks
        self._reader = reader
        self.format = format
        #: What is wrong with the file, as far as it was read.
        self.faults: list[str] = chunks.notes
        #: Grows while it is read; None where the format holds none.
        self.secrets = secrets

    def __iter__(self) -> Iterator[Packet]:
        for number, at, link, buffer, start, end, length in self.packets():
            yield Packet(number, at, link, buffer[start:end], length)

    def packets(self) -> Iterator[PacketTuple]:
        """Give the same packets uncopied."""
        return chain.from_iterable(self.batches(Unwanted()))

    def batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Give the same packets, less the unwanted ones, as each read of the file brings them.

        Each batch must be read to its end before the next.
        """
        return self._reader.read_batches(unwanted)

    @property
    def remarks(self) -> Remarks:
        """Return what the file says besides its packets, as far as it was read."""
        return self._reader.remarks if isinstance(self._reader, Pcapng) else Remarks()

    @property
    def notes(self) -> list[str]:
        """Return what is missing from it, and what else is worth telling of the file."""
        return [*self.faults, *self.remarks.told()]

    def find_middle(self, near: int) -> Middle | None:
        """Return a place from which it can be read too, as it seems, the first one behind another.

        None where there is none, or it can be read from the beginning only.
        """
        reader, chunks = self._reader, self._chunks
        if not isinstance(reader, Pcap | Pcapng) or not chunks.plain or not reader.begin():
            return None
        near = max(near - near % reader.STRIDE, reader.place)
        reader.go(near)
        chunks.need(WINDOW)
        found = find_chain(chunks.buffer, reader.end_of, reader.STRIDE)
        return None if found is None else Middle(near + found, reader.manner)

    def go(self, place: int) -> None:
        """Read only from a place on where a packet begins. To be called before packets are read."""
        reader = self._reader
        assert isinstance(reader, Pcap | Pcapng)
        reader.begin()
        reader.go(place)

    @property
    def reached(self) -> Middle | None:
        """Return the place up to which its packets were read, and what was learnt of it."""
        reader = self._reader
        return Middle(reader.place, reader.manner) if isinstance(reader, Pcap | Pcapng) else None

    def close(self) -> None:
        """Read no more; the file is closed."""
        self._chunks.close()

    @property
    def bytes_read(self) -> int:
        """Bytes of the (decompressed) file read so far."""
        return self._chunks.bytes_read


def open_capture(
    path: str | Path | BinaryIO, watch: Watch | None = None, secrets: list[bytes] | None = None
) -> Capture:
    """Open a pcap, pcapng or snoop file, compressed or not, or a hex dump; `-` is stdin.

    `watch` is told the bytes read so far, once a chunk; `secrets` is where those inside go.

    Raises:
        CaptureError: one line that says why this is no capture.

    """
    source, name = _open_source(path)
    try:
        stream, compressions = peel(source)
    except (OSError, EOFError) as error:
        raise CaptureError(say("{name}: cannot be read: {error}", name=name, error=error)) from None
    except CaptureError as error:
        raise CaptureError(f"{name}: {error}") from None
    chunks = Chunks(stream, [], watch)
    magic = chunks.need(MAGIC_LENGTH) or chunks.buffer
    capture = _recognise(magic, chunks, [] if secrets is None else secrets, _written_at(source))
    if capture is None:
        raise CaptureError(f"{name}: {_complain(magic, chunks)}")
    if compressions:
        capture.format = ", ".join((capture.format, *compressions))
    return capture


def _recognise(magic: bytes, chunks: Chunks, secrets: list[bytes], at: float) -> Capture | None:
    variant = MAGICS.get(magic)
    if variant is not None:
        return Capture(chunks, variant.name, Pcap(variant, chunks))
    if magic == MAGIC:
        return Capture(chunks, "pcapng", Pcapng(chunks, secrets), secrets)
    return _recognise_rarer(chunks, at)


def _recognise_rarer(chunks: Chunks, at: float) -> Capture | None:
    from . import hexdump, snoop

    if chunks.need(len(snoop.MAGIC)) == snoop.MAGIC:
        return Capture(chunks, "snoop", snoop.Snoop(chunks))
    is_text = hexdump.may_be_text(chunks.buffer[:512])
    dump = hexdump.read_text(chunks, at) if is_text else None
    return None if dump is None else Capture(chunks, "hex dump", dump)


def _complain(magic: bytes, chunks: Chunks) -> str:
    if chunks.notes:
        return chunks.notes[0]
    for beginning, what in OTHER_FORMATS.items():
        if chunks.buffer.startswith(beginning):
            return say("{what}: not read here, convert it with editcap", what=say(what))
    return (
        say("not a packet capture: starts with {hex}", hex=magic.hex(" "))
        if magic
        else say("empty file")
    )


def _open_source(path: str | Path | BinaryIO) -> tuple[Readable, str]:
    if not isinstance(path, str | os.PathLike):
        return path, getattr(path, "name", None) or say("the stream")
    if str(path) == STDIN:
        return getattr(sys.stdin.buffer, "raw", sys.stdin.buffer), "stdin"
    try:
        return open(path, "rb", buffering=0), str(path)
    except FileNotFoundError:
        raise CaptureError(say("{path}: no such file", path=path)) from None
    except IsADirectoryError:
        raise CaptureError(say("{path}: a directory, not a packet capture", path=path)) from None
    except (OSError, ValueError) as error:
        raise CaptureError(
            say(
                "{path}: cannot be read: {error}",
                path=path,
                error=reason(error),
            )
        ) from None


def _written_at(source: object) -> float:
    """Return when a file was written: a text has no other time."""
    try:
        return os.stat(source.fileno()).st_mtime  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return time.time()
