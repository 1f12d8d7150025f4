"""Bytes written down as text: a hex stream, a hex dump, what `openssl s_client -msg` prints.

A dump of whole packets gives those packets. Of anything else only the bytes of the conversation
are known: they are put into packets between unknown addresses, in the order of the text, so that
a hello can be read, compared and replayed like a captured one. Must never read more than a bound.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import groupby, takewhile
from typing import NamedTuple

from ..codes import ContentType, HandshakeType
from ..flow import Who
from ..language import say
from .chunks import Chunks
from .pcap import Batch, PacketTuple
from .segment import PROTOCOL, Flag
from .unwanted import Unwanted

#: Bytes of text that are read.
MOST = 8 << 20
#: LINKTYPEs of packets that begin with Ethernet, and with IP.
ETHERNET, RAW_IP = 1, 101
#: Ports that stand for the unknown ones; the address is 0.0.0.0.
PORTS: dict[Who, int] = {"client": 1, "server": 443}
#: Bytes put into one packet.
LARGEST_SEGMENT = 16_000
RECORD, MESSAGE = 5, 4

#: A row of a dump: its offset, then bytes in groups; what is written behind them is no hex.
_ROW = re.compile(
    r"^\s*(?:0x)?([0-9a-fA-F]{4,8})(?::|\s-)?\s+((?:(?:[0-9a-fA-F]{2}){1,8}[ \-]{0,2}){1,16})"
)
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
#: What stands between hex digits in a stream or an array: 0x16, "\x16", 16:03, braces.
_BETWEEN = re.compile(r"0x|\\x|[\s,:;{}()\[\]\"'|\-]+")
_DECLARATION = re.compile(r"(?:static |const |unsigned |uint8_t |char )+(\w+)\s*\[[^\]]*\]\s*=")
#: Headings of `openssl s_client -msg`, and of `-debug`.
_MESSAGE = re.compile(r"^(>>>|<<<) (.*?)(?:, (\w+))? \[length [0-9a-f]+\]", re.MULTILINE)
_DEBUG = re.compile(r"^(write to|read from) 0x[0-9a-f]+ \[", re.MULTILINE)
_CONTENT = {
    "Handshake": ContentType.handshake,
    "Alert": ContentType.alert,
    "ChangeCipherSpec": ContentType.change_cipher_spec,
}


class Blob(NamedTuple):
    """Some bytes, and who is said to have sent them."""

    data: bytes
    who: Who | None = None


def may_be_text(head: bytes) -> bool:
    """Tell whether a file may be a dump: nothing but printable ASCII, and some hex."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    printable = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in text)
    return printable and bool(re.search(rb"[0-9a-fA-F]{2}", text))


class HexDump:
    """A text being read; its bytes come as packets."""

    def __init__(self, blobs: list[Blob], at: float, notes: list[str]) -> None:
        self._blobs = blobs
        self._at = at
        self._notes = notes

    def read_batches(self, unwanted: Unwanted) -> Iterator[Batch]:
        """Yield all packets at once."""
        packets = list(self._packets())
        unwanted.number, unwanted.last_at = len(packets), self._at
        yield iter(packets)

    def _packets(self) -> Iterator[PacketTuple]:
        number, sequence = 0, {"client": 1, "server": 1}
        invented = False
        for data, told in self._blobs:
            link = _link_of(data)
            if link is not None:
                number += 1
                yield number, self._at, link, data, 0, len(data), len(data)
                continue
            invented, stream = True, _as_records(data)
            who: Who = told or _sender(stream)
            for start in range(0, len(stream), LARGEST_SEGMENT):
                part = stream[start : start + LARGEST_SEGMENT]
                packet = _wrap(part, who, sequence)
                number += 1
                yield number, self._at, RAW_IP, packet, 0, len(packet), len(packet)
        if invented:
            self._notes.append(say("read from a hex dump: addresses, times and TCP are not known"))


def read_text(chunks: Chunks, at: float) -> HexDump | None:
    """Return the dump that a text holds; None when it holds none."""
    chunks.need(MOST)
    text = chunks.buffer[:MOST].decode("ascii", "replace").removeprefix("\ufeff")
    blobs = [blob for blob in _read(text.replace("\r\n", "\n")) if blob.data]
    return HexDump(blobs, at, chunks.notes) if any(map(_tells, blobs)) else None


def _tells(blob: Blob) -> bool:
    """Tell whether bytes are a packet or may hold TLS: any text has some hex in it."""
    beginning = _as_records(blob.data)[:-RECORD]
    return _link_of(blob.data) is not None or b"\x16\x03" in beginning


def _read(text: str) -> list[Blob]:
    if _MESSAGE.search(text):
        return list(_read_messages(text))
    if _DEBUG.search(text):
        return list(_read_debug(text))
    rows = [blob for blob in _read_rows(text) if blob.data]
    return rows or list(_read_stream(text))


def _read_messages(text: str) -> Iterator[Blob]:
    """Read what `-msg` prints: messages without their records, which are put around them again."""
    headings = list(_MESSAGE.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        kind = next((k for word, k in _CONTENT.items() if word in heading[2]), None)
        kind = kind or _CONTENT.get(heading[3] or "")
        body = _leading_hex(text[text.find("\n", heading.end()) : following and following.start()])
        if kind is not None and body:
            who: Who = "client" if heading[1] == ">>>" else "server"
            yield Blob(b"".join(_records(kind, body)), who)


def _leading_hex(text: str) -> bytes:
    """Return the bytes of the indented rows that a heading is followed by."""
    found = bytearray()
    for line in text.strip("\n").splitlines():
        digits = line.replace(" ", "")
        if not line.startswith(" ") or not digits or not _is_hex(digits):
            break
        found += bytes.fromhex(digits)
    return bytes(found)


def _read_debug(text: str) -> Iterator[Blob]:
    """Read what `-debug` prints: reads of a few bytes, of one side until the other speaks."""
    for who, blobs in groupby(_read_transfers(text), key=lambda blob: blob.who):
        yield Blob(b"".join(blob.data for blob in blobs), who)


def _read_transfers(text: str) -> Iterator[Blob]:
    headings = list(_DEBUG.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        who: Who = "client" if heading[1] == "write to" else "server"
        lines = text[heading.end() : following and following.start()].splitlines()[1:]
        rows = "\n".join(takewhile(_ROW.match, lines))
        yield Blob(b"".join(blob.data for blob in _read_rows(rows)), who)


def _read_rows(text: str) -> Iterator[Blob]:
    """Read a dump with offsets; where they begin again, so do the bytes."""
    data = bytearray()
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is None:
            continue
        offset = int(row[1], 16)
        if offset == 0 and data:
            yield Blob(bytes(data))
            data = bytearray()
        if offset == len(data):
            data += bytes.fromhex(row[2].replace("-", " "))[:16]
    yield Blob(bytes(data))


def _read_stream(text: str) -> Iterator[Blob]:
    """Read hex digits with anything usual between them; arrays of C one by one."""
    text = _COMMENTS.sub(" ", text)
    parts = _DECLARATION.split(text)
    named = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    for name, part in named:
        digits = _BETWEEN.sub("", part)
        if len(digits) % 2 == 0 and _is_hex(digits):
            sides: dict[str, Who] = {"peer0": "client", "peer1": "server"}
            yield Blob(bytes.fromhex(digits), sides.get(name[:5]))


def _is_hex(digits: str) -> bool:
    return re.fullmatch("[0-9a-fA-F]*", digits) is not None


def _link_of(data: bytes) -> int | None:
    """Return the link layer when these are a whole packet, None for bytes of a stream."""
    if len(data) > 34 and data[12:15] in (b"\x08\x00\x45", b"\x86\xdd\x60", b"\x81\x00\x00"):
        return ETHERNET
    if len(data) >= 40 and data[0] >> 4 == 4 and int.from_bytes(data[2:4]) == len(data):
        return RAW_IP
    if len(data) >= 60 and data[0] >> 4 == 6 and int.from_bytes(data[4:6]) == len(data) - 40:
        return RAW_IP
    return None


def _as_records(data: bytes) -> bytes:
    """Put records around a handshake message that stands alone (RFC 8446 section 4)."""
    whole = len(data) >= MESSAGE and int.from_bytes(data[1:4]) == len(data) - MESSAGE
    known = data[:1] and data[0] in (HandshakeType.client_hello, HandshakeType.server_hello)
    return b"".join(_records(ContentType.handshake, data)) if whole and known else data


def _records(kind: int, body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1 << 14):
        part = body[start : start + (1 << 14)]
        yield bytes((kind, 3, 3)) + len(part).to_bytes(2) + part


def _sender(data: bytes) -> Who:
    is_answer = data[:1] == bytes((ContentType.handshake,)) and (
        data[RECORD : RECORD + 1] == bytes((HandshakeType.server_hello,))
    )
    return "server" if is_answer else "client"


def _wrap(data: bytes, who: Who, sequence: dict[str, int]) -> bytes:
    """Return an IPv4 packet with the next bytes of a side."""
    other: Who = "server" if who == "client" else "client"
    total = 40 + len(data)
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, total, 0, 0, 64, PROTOCOL, 0, 0, 0)
    tcp = struct.pack(
        *(">HHIIBBHHH", PORTS[who], PORTS[other], sequence[who], sequence[other], 0x50),
        *(Flag.ACK, 0xFFFF, 0, 0),
    )
    sequence[who] += len(data)
    checksum = _sum(tcp + data)
    return ip + tcp[:16] + checksum.to_bytes(2) + tcp[18:] + data


def _sum(segment: bytes) -> int:
    """Return the TCP checksum between two unspecified addresses (RFC 9293 section 3.1)."""
    total = PROTOCOL + len(segment)
    total += int.from_bytes(segment) << 8 * (len(segment) & 1)
    return 0xFFFF - total % 0xFFFF
