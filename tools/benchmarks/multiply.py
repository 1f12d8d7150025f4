"""Real connections, many times over: other addresses and other random bytes, mixed in time.

What a client or server draws by lot is drawn anew for each copy (randoms, session ids, key
shares), so that no reader gains by having seen the same hello before; all else stays real, and
checksums are right. Knows as much of TLS as that needs, from RFC 8446 section 4.1.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable, Iterator
from hashlib import shake_128
from pathlib import Path

from benchmarks.files import Packet, read

#: Copies begin so far apart, in microseconds.
SHIFT = 700_000
_ETHERNET, _IP, _TCP = 14, 20, 6
_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO, _KEY_SHARE = b"\x16\x03", 1, 2, 51
_HELLOS = (bytes((_CLIENT_HELLO, 0)), bytes((_SERVER_HELLO, 0)))
_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

Lots = Callable[[bytearray], bytes]


def multiply(path: Path, times: int, shift: int = SHIFT) -> Iterator[Packet]:
    """Yield the packets of a capture `times` times over, ordered by time."""
    copies = (copy(path, number, shift) for number in range(times))
    return heapq.merge(*copies, key=lambda p: p.at)


def copy(path: Path, number: int, shift: int) -> Iterator[Packet]:
    """Yield the packets of one copy."""

    def draw(old: bytearray) -> bytes:
        return shake_128(bytes((number,)) + old).digest(len(old))

    for at, data in read(path):
        yield Packet(at + number * shift, rewrite(data, number, draw))


def rewrite(frame: bytes, number: int, draw: Lots) -> bytes:
    """Return a frame of the copy; what is not TCP over plain IPv4 only moves in time."""
    start = _ETHERNET + _IP
    if frame[12:15] != b"\x08\x00\x45" or frame[23] != _TCP:
        return frame
    total = _ETHERNET + int.from_bytes(frame[16:18])
    payload = start + (frame[start + 12] >> 4) * 4
    addresses = bytearray(frame[26:34])
    addresses[2] = addresses[6] = number  # 192.0.N.10 and 198.51.N.20
    segment = bytearray(frame[start:total])
    segment[payload - start :] = renew(bytearray(frame[payload:total]), draw)
    segment[16:18] = bytes(2)
    pseudo = bytes(addresses) + struct.pack(">HH", _TCP, len(segment))
    segment[16:18] = checksum(pseudo + bytes(segment))
    head = bytearray(frame[_ETHERNET : start - 8] + addresses)
    head[10:12] = bytes(2)
    head[10:12] = checksum(bytes(head))
    return frame[:_ETHERNET] + bytes(head) + bytes(segment)


def checksum(data: bytes) -> bytes:
    """Return the Internet checksum (RFC 1071): the ones' complement sum is a remainder."""
    even = data if len(data) % 2 == 0 else data + b"\0"
    return (0xFFFF - int.from_bytes(even) % 0xFFFF).to_bytes(2)


def renew(payload: bytearray, draw: Lots) -> bytearray:
    """Draw anew what is random in the hello that a segment begins with, if it does."""
    if len(payload) < 80 or payload[:2] != _HANDSHAKE or payload[5:7] not in _HELLOS:
        return payload
    end = min(len(payload), 9 + int.from_bytes(payload[6:9]))
    if payload[11:43] != _RETRY_RANDOM:
        payload[11:43] = draw(payload[11:43])
    place = 44 + payload[43]
    payload[44:place] = draw(payload[44:place])
    if payload[5] == _CLIENT_HELLO:
        place += 2 + int.from_bytes(payload[place : place + 2])
        place += 1 + payload[place]
    else:
        place += 3
    renew_shares(payload, place + 2, end, draw)
    return payload


def renew_shares(payload: bytearray, place: int, end: int, draw: Lots) -> None:
    """Draw the key shares anew; the first byte of each, which tells a point's form, stays."""
    listed = payload[5] == _CLIENT_HELLO
    while place + 4 <= end:
        kind, size = struct.unpack_from(">HH", payload, place)
        place += 4
        share = place + 2 * listed
        while kind == _KEY_SHARE and share + 5 <= place + size:
            begin = share + 5
            share += 4 + int.from_bytes(payload[share + 2 : share + 4])
            payload[begin:share] = draw(payload[begin:share])
        place += size
