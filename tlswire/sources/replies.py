"""The first packet that answers each SYN: its flags and TTL, as a raw socket hears them.

Needs the right to open raw sockets; without it nothing is heard, and that is said. Knows TCP's
fixed header and nothing else.
"""

from __future__ import annotations

import socket
import struct
from typing import Final, NamedTuple

_FIN_SYN_RST_ACK: Final = 0x17
_SYN, _RST = 0x02, 0x04
_READ: Final = 256
#: Packets that may wait to be read; a scan is slower than that.
_BACKLOG: Final = 1 << 20
_HOP_LIMIT: Final = 52  # IPV6_HOPLIMIT


class Reply(NamedTuple):
    """Who answered, from which port to which, with what and how many hops it had left."""

    source: str
    port: int
    to_port: int
    reset: bool
    syn: bool
    ttl: int | None


class Replies:
    """Hears replies from one address while it is entered; `able` tells whether it may."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.able = False
        self._six = ":" in address
        self._socket: socket.socket | None = None

    def __enter__(self) -> Replies:
        family = socket.AF_INET6 if self._six else socket.AF_INET
        try:
            self._socket = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BACKLOG)
            if self._six:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            self._socket.setblocking(False)
            self.able = True
        except OSError:  # PermissionError, or no such thing here
            self._socket = None
        return self

    def __exit__(self, *error: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def heard(self) -> list[Reply]:
        """Return what has come since the last time."""
        found: list[Reply] = []
        while self._socket is not None:
            try:
                data, extra, _, source = self._socket.recvmsg(_READ, 64)
            except OSError:  # nothing more
                break
            reply = self._read(data, extra, str(source[0]))
            if reply is not None:
                found.append(reply)
        return found

    def _read(self, data: bytes, extra: list[tuple[int, int, bytes]], source: str) -> Reply | None:
        ttl: int | None = None
        if self._six:
            hops = [body for _, kind, body in extra if kind == _HOP_LIMIT and len(body) >= 4]
            ttl = struct.unpack("=I", hops[0][:4])[0] if hops else None
        elif len(data) >= 20:
            ttl, data = data[8], data[4 * (data[0] & 0x0F) :]
        if len(data) < 14 or source.partition("%")[0] != self.address.partition("%")[0]:
            return None
        port, to_port = struct.unpack_from(">HH", data)
        flags = data[13] & _FIN_SYN_RST_ACK
        return Reply(source, port, to_port, bool(flags & _RST), bool(flags & _SYN), ttl)
