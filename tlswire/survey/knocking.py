"""A SYN to each of many ports, and what each came to: accepted, refused, silent, or an ICMP error.

Sends nothing on a connection that is accepted. Only Linux says who sent an ICMP error.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from tlswire.language import mark
from tlswire.sources.dialling import Address
from tlswire.survey.caller import Limits

#: ICMP destination unreachable, by code (RFC 792, RFC 1812 section 5.2.7.1).
ICMP: Final[dict[int, str]] = {
    0: mark("ICMP network unreachable"),
    1: mark("ICMP host unreachable"),
    2: mark("ICMP protocol unreachable"),
    3: mark("ICMP port unreachable"),
    9: mark("ICMP network administratively prohibited"),
    10: mark("ICMP host administratively prohibited"),
    13: mark("ICMP communication administratively prohibited"),
}
ICMP_6: Final[dict[int, str]] = {
    0: mark("ICMPv6 no route to destination"),
    1: mark("ICMPv6 administratively prohibited"),
    3: mark("ICMPv6 address unreachable"),
    4: mark("ICMPv6 port unreachable"),
}
#: linux/in.h, linux/in6.h, linux/errqueue.h.
_RECVERR, _RECVERR_6 = 11, 25
_EXTENDED: Final = struct.Struct("=IBBBxII")
_ORIGIN_ICMP, _ORIGIN_ICMP_6 = 2, 3


class Knock(NamedTuple):
    """What one SYN came to."""

    port: int
    error: OSError | None
    own_port: int
    icmp: tuple[str, str] | None  # by whom, and what
    elapsed: float


async def knock_all(address: Address, ports: Sequence[int], limits: Limits) -> list[Knock]:
    """Try the ports side by side, within the limits."""
    gate = asyncio.Semaphore(limits.parallel)
    began = time.monotonic()

    async def one(place: int, port: int) -> Knock:
        async with gate:
            due = began + place / limits.rate - time.monotonic()
            if due > 0:
                await asyncio.sleep(due)
            return await _knock(address, port, limits.timeout)

    return list(await asyncio.gather(*(one(n, port) for n, port in enumerate(ports))))


async def _knock(address: Address, port: int, timeout: float) -> Knock:
    began = time.monotonic()
    with socket.socket(address.family, socket.SOCK_STREAM) as knocking:
        knocking.setblocking(False)
        _listen_for_icmp(knocking)
        failure: OSError | None = None
        own = 0
        try:
            with suppress(OSError):
                knocking.bind(("", 0))
                own = int(knocking.getsockname()[1])
            async with asyncio.timeout(timeout):
                where = (address.sockaddr[0], port, *address.sockaddr[2:])
                await asyncio.get_running_loop().sock_connect(knocking, where)
        except OSError as error:  # TimeoutError too
            failure = error
        icmp = _icmp(knocking)
    return Knock(port, failure, own, icmp, time.monotonic() - began)


def _listen_for_icmp(knocking: socket.socket) -> None:
    with suppress(OSError):
        if knocking.family == socket.AF_INET6:
            knocking.setsockopt(socket.IPPROTO_IPV6, _RECVERR_6, 1)
        else:
            knocking.setsockopt(socket.IPPROTO_IP, _RECVERR, 1)


def _icmp(knocking: socket.socket) -> tuple[str, str] | None:
    """Return who sent an ICMP error about this connection, and which (Linux only)."""
    queue = getattr(socket, "MSG_ERRQUEUE", 0x2000)
    try:
        _, extra, _, _ = knocking.recvmsg(256, 512, queue)
    except OSError:
        return None
    for _, kind, body in extra:
        if kind in (_RECVERR, _RECVERR_6) and len(body) >= _EXTENDED.size:
            _, origin, type_, code, _, _ = _EXTENDED.unpack_from(body)
            names = {_ORIGIN_ICMP: ICMP, _ORIGIN_ICMP_6: ICMP_6}.get(origin)
            if names is not None:
                told = names.get(code, f"ICMP type {type_} code {code}")
                return _offender(body[_EXTENDED.size :]), told
    return None


def _offender(address: bytes) -> str:
    """Read the sockaddr of whoever sent the ICMP message."""
    if len(address) < 8:
        return "unknown"
    family = struct.unpack_from("=H", address)[0]
    if family == socket.AF_INET6 and len(address) >= 24:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return socket.inet_ntop(socket.AF_INET, address[4:8]) if family == socket.AF_INET else "unknown"
