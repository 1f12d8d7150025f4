"""What the system tells of a TCP connection besides its bytes: what arrived, what was sent again.

Linux only; elsewhere nothing is known, and everybody counts on that. Reads, and changes nothing.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Final

#: linux/sockios.h: bytes not yet acknowledged; linux/tcp.h: where tcp_info counts retransmissions.
_SIOCOUTQ: Final = 0x5411
_TOTAL_RETRANS: Final = 8 + 23 * 4


def unacknowledged(dialled: socket.socket) -> int:
    """Return how many bytes sent have not been acknowledged (Linux; elsewhere 0)."""
    if not sys.platform.startswith("linux"):
        return 0
    import fcntl

    try:
        answer = fcntl.ioctl(dialled.fileno(), _SIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)


def retransmissions(dialled: socket.socket) -> int:
    """Return how many segments the system had to send again (Linux; elsewhere 0)."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        info = dialled.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError:
        return 0
    if len(info) < _TOTAL_RETRANS + 4:
        return 0
    return int(struct.unpack_from("=I", info, _TOTAL_RETRANS)[0])
