"""A TCP connection being made: the addresses of a target, tried in turn until one accepts.

The flow learns what a capture would show of it. Must never talk to anybody but the addresses that
it is given.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from tlswire.errors import TargetError
from tlswire.flow import Endpoint, Flow, How
from tlswire.language import mark, reason, say
from tlswire.sources.overheard import Overheard
from tlswire.sources.tcp_info import retransmissions
from tlswire.way import Way

#: How the system's word for a failed connection reads on the wire; any other is misuse of it.
REFUSALS: Final[dict[int, How]] = {
    errno.ECONNREFUSED: "rst",
    errno.ECONNRESET: "rst",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "icmp",
}


class Address(NamedTuple):
    """One address of a target, as the resolver gave it."""

    family: socket.AddressFamily
    endpoint: Endpoint
    sockaddr: tuple[str | int, ...]


def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a name, the preferred first. Raises TargetError when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        told = getattr(error, "strerror", None) or mark("not a host name")
        raise TargetError(
            say("{host}: does not resolve: {reason}", host=host, reason=say(told))
        ) from None
    return [
        Address(family, Endpoint(str(where[0]), int(where[1])), where)
        for family, _, _, _, where in found
        if isinstance(where[0], str) and isinstance(where[1], int)
    ]


class Dialling:
    """Dials for one flow, and overhears what the packets of whom it dials look like."""

    def __init__(self, flow: Flow, way: Way, now: Callable[[], float]) -> None:
        """Take the flow to fill, how to go, and the clock, in seconds since the epoch."""
        self._flow, self._way, self._now = flow, way, now
        self._overheard: Overheard | None = None

    def connect(self, addresses: list[Address], deadline: float) -> socket.socket | How:
        """Try the addresses until one accepts; return how the last one failed if none does.

        `deadline` is a time of the monotonic clock. Raises TargetError when nothing could be sent.
        """
        how, said = None, say("no address")
        for index, address in enumerate(addresses):
            left = (deadline - time.monotonic()) / (len(addresses) - index)
            dialled = self._dial(address, max(left, 0.001))
            if isinstance(dialled, socket.socket):
                return dialled
            said = say("{endpoint}: {error}", endpoint=address.endpoint, error=reason(dialled))
            self._flow.notes.append(said)
            how = _manner(dialled) or how
        if how is None:
            raise TargetError(said)
        return how

    def tell(self) -> None:
        """Let the flow know what was overheard."""
        if self._overheard is not None:
            self._overheard.tell(self._flow)

    def _dial(self, address: Address, timeout: float) -> socket.socket | OSError:
        """Connect to one address within `timeout` seconds; return what went wrong."""
        dialled = socket.socket(address.family, socket.SOCK_STREAM)
        self._begin(address)
        try:
            self._prepare(dialled, address)
            dialled.settimeout(timeout)
            dialled.connect(address.sockaddr)
            if self._way.secured is not None:
                dialled = _secured(dialled, self._way.secured)
        except OSError as error:
            self._flow.client.syn_frames *= 1 + retransmissions(dialled)
            dialled.close()
            if error.errno == errno.ECONNRESET:
                self._reset_at_once()
            return error
        self._accepted(dialled)
        return dialled

    def _begin(self, address: Address) -> None:
        if self._overheard is not None:
            self._overheard.close()
        self._overheard = Overheard(address.family, address.endpoint)
        flow = self._flow
        flow.server.endpoint = address.endpoint
        flow.started = flow.client.syn_at = self._now()
        flow.accepted_at = flow.opened_at = flow.server.syn_at = None
        flow.client.syn_frames = [0]
        flow.client.packets = 1

    def _prepare(self, dialled: socket.socket, address: Address) -> None:
        way = self._way
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if way.mss is not None:
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, way.mss)
        if way.bind is not None or way.source_port is not None:
            dialled.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            dialled.bind((way.bind or "", way.source_port or 0))
        elif way.record is not None:
            self._flow.client.endpoint = _reserve(dialled, address)

    def _accepted(self, dialled: socket.socket) -> None:
        flow, at = self._flow, self._now()
        flow.notes.clear()
        flow.accepted_at = flow.opened_at = flow.server.syn_at = at
        flow.round_trip = at - flow.started
        flow.client.endpoint = Endpoint(*dialled.getsockname()[:2])
        dialled.setblocking(False)
        flow.client.packets, flow.server.packets = 2, 1
        flow.client.mss = flow.server.mss = dialled.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_MAXSEG
        )

    def _reset_at_once(self) -> None:
        """Note that it was accepted: a SYN that is refused says so (ECONNREFUSED), this came later.

        The system saw the SYN-ACK and the reset before we saw either.
        """
        flow = self._flow
        flow.accepted_at = flow.opened_at = flow.server.syn_at = self._now()
        flow.client.packets, flow.server.packets = 2, 1


def _reserve(dialled: socket.socket, address: Address) -> Endpoint:
    """Take a port before connecting, for a socket that is refused forgets where it came from."""
    dialled.bind(("", 0))
    with socket.socket(address.family, socket.SOCK_DGRAM) as asking:  # sends nothing
        asking.connect(address.sockaddr)
        return Endpoint(asking.getsockname()[0], dialled.getsockname()[1])


def _manner(failure: OSError) -> How | None:
    """Say how a failed attempt looks on the wire; None when nothing was sent at all."""
    if isinstance(failure, TimeoutError) and failure.errno is None:
        return "timeout"
    return REFUSALS.get(failure.errno or 0)


def _secured(dialled: socket.socket, name: str) -> socket.socket:
    from tlswire.sources.secured import secure

    return secure(dialled, name)
