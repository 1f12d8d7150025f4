"""What the server's packets look like, beside the socket: TTL, IP id, TCP options, resets.

A socket tells none of it, and it is what tells a forged reset from a real one, and one member of
a pool from another. Needs the right to open raw sockets, and Linux; without them nothing is
heard, and nobody is worse off. Reads headers only, sends nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from tlswire.flow import TTL_TOLERANCE, Endpoint, Flow, Reset, Side

_SO_ATTACH_FILTER: Final = 26
_HEADERS, _WHOLE = 128, 1 << 16  # bytes of a packet that are wanted
_MOST: Final = 4096  # packets of one connection
_IP_IDS: Final = 16
_FARTHEST: Final = 1 << 24  # bytes: no server is read so far
_FIN, _SYN, _RST = 0x01, 0x02, 0x04
#: TCP options that a SYN-ACK may carry (RFC 9293 section 3.2, RFC 7323, RFC 2018).
_MSS, _WINDOW_SCALE, _SACK, _TIMESTAMPS = 2, 3, 4, 8


class Packet(NamedTuple):
    """The headers of one packet of the server."""

    at: float
    ttl: int | None
    ip_id: int
    tcp: bytes
    length: int  # of the payload

    @property
    def sequence(self) -> int:
        """Return the number of the first byte."""
        return int.from_bytes(self.tcp[4:8], "big")


class Overheard:
    """Hears the packets that one server sends to this machine, from the moment it is made."""

    def __init__(self, family: socket.AddressFamily, server: Endpoint) -> None:
        self._server = server
        self._socket = _raw(family, server)
        self._v6 = family == socket.AF_INET6

    def close(self) -> None:
        """Hear no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def tell(self, flow: Flow) -> None:
        """Fill in what is known of the server's side of one connection, and hear no more."""
        mine = [p for p in self._packets() if _port(p.tcp, 2) == flow.client.endpoint.port]
        if mine:
            _describe(flow.server, mine)
            _find_hole(flow.server, mine)
        self.close()

    def _packets(self) -> Iterator[Packet]:
        for _ in range(_MOST if self._socket is not None else 0):
            try:
                data, ancillary, _, sender = self._socket.recvmsg(_WHOLE, 64)  # type: ignore[union-attr]
            except OSError:
                return
            packet = _six(data, ancillary) if self._v6 else _four(data)
            if packet is not None and sender[0] == self._server.address:
                yield packet


def _raw(family: socket.AddressFamily, server: Endpoint) -> socket.socket | None:
    """Open a raw socket that hears this server only; None where that is not allowed."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        raw.setblocking(False)
        if family == socket.AF_INET6:
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        _filter(raw, family == socket.AF_INET6, server.port)
    return raw


def _filter(raw: socket.socket, v6: bool, port: int) -> None:
    """Let the kernel pass headers from this port only: four instructions of classic BPF."""
    begin = (0xB1, 0, 0, 0) if not v6 else (0x01, 0, 0, 0)  # X: where the TCP header begins
    kept = _WHOLE if v6 else _HEADERS  # nothing but its size tells how much a packet of IPv6 held
    code = [begin, (0x48, 0, 0, 0), (0x15, 0, 1, port), (0x06, 0, 0, kept), (0x06, 0, 0, 0)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in code))
    fprog = struct.pack("HP", len(code), ctypes.addressof(program))
    raw.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


def _four(data: bytes) -> Packet | None:
    head = 4 * (data[0] & 0xF) if data else 0
    if len(data) < head + 20 or head < 20:
        return None
    tcp = data[head:]
    length = int.from_bytes(data[2:4], "big") - head - _offset(tcp)
    return Packet(time.time(), data[8], int.from_bytes(data[4:6], "big"), tcp, max(0, length))


def _six(data: bytes, ancillary: list[tuple[int, int, bytes]]) -> Packet | None:
    if len(data) < 20:
        return None
    limits = [v for level, kind, v in ancillary if kind == socket.IPV6_HOPLIMIT]
    ttl = int.from_bytes(limits[0][:4], sys.byteorder) if limits else None
    return Packet(time.time(), ttl, 0, data, max(0, len(data) - _offset(data)))


def _offset(tcp: bytes) -> int:
    return 4 * (tcp[12] >> 4)


def _port(tcp: bytes, at: int) -> int:
    return int.from_bytes(tcp[at : at + 2], "big")


def _describe(side: Side, packets: list[Packet]) -> None:
    """Write down what the packets show, as a capture would have."""
    side.ttl = packets[0].ttl
    speaking = (p for p in packets if p.length or p.tcp[13] & _FIN)
    side.odd_ttl = next((p.ttl for p in speaking if _elsewhere(p, packets[0])), None)
    side.ip_ids = [packet.ip_id for packet in packets[:_IP_IDS]]
    side.packets = max(side.packets, len(packets))
    for packet in packets:
        flags = packet.tcp[13]
        if flags & _SYN:
            _options(side, packet.tcp[20 : _offset(packet.tcp)])
        if flags & _RST:
            window = _port(packet.tcp, 14)
            ttl = packet.ttl if packet.ttl is not None else side.ttl or 0
            side.resets.append(Reset(0, packet.at, ttl, packet.ip_id, window, True, b""))


def _elsewhere(packet: Packet, first: Packet) -> bool:
    """Tell whether a packet crossed another number of routers than the first one did."""
    ttl, usual = packet.ttl, first.ttl
    return ttl is not None and usual is not None and abs(ttl - usual) > TTL_TOLERANCE


def _find_hole(side: Side, packets: list[Packet]) -> None:
    """Tell whether later bytes of the server came and earlier ones never did: lost on the way."""
    began = next((packet.sequence for packet in packets if packet.tcp[13] & _SYN), None)
    if began is None:
        return
    held = [((p.sequence - began - 1) & 0xFFFF_FFFF, p.length) for p in packets if p.length]
    arrived = any(place <= side.sent < place + length for place, length in held)  # not read yet
    beyond = [place for place, _ in held if side.sent < place < _FARTHEST]
    if beyond and not arrived:
        side.holes.append((side.sent, min(beyond) - side.sent))


def _options(side: Side, options: bytes) -> None:
    """Read the options of a SYN-ACK."""
    while options and options[0] != 0:
        size = 1 if options[0] == 1 else options[1] if len(options) > 1 else 0
        if size == 0:
            return
        kind, value = options[0], options[2:size]
        if kind == _MSS:
            side.mss = int.from_bytes(value, "big")
        elif kind == _WINDOW_SCALE and value:
            side.window_scale = value[0]
        side.sack_permitted |= kind == _SACK
        side.timestamps |= kind == _TIMESTAMPS
        options = options[size:]
