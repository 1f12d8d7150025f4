"""Where a command listens, and until when: an address of the user's words to a socket, enough open
files, and the signals that end it.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.live.station import Station

#: Files wanted open at once, where the system allows it.
WANTED_FILES = 65_536
BACKLOG = 4096


def open_listener(text: str) -> socket.socket:
    """Listen at `ADDR:PORT`, `[ADDR]:PORT` or `:PORT` (every address). Raises SelectionError."""
    address, port = parse_place(text)
    try:
        if address:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return socket.create_server((address, port), family=family, backlog=BACKLOG)
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        return socket.create_server(("", port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        raise SelectionError(
            say("cannot listen on {text}: {complain}", text=text, complain=_complain(error, port))
        ) from None


def keep(
    station: Station,
    listener: socket.socket,
    begun: Callable[[], None],
    counts: Callable[[], None] | None = None,
) -> None:
    """Let clients come until a signal ends it; another one asks for the counts."""
    import asyncio

    from tlswire.cli import signals

    def ready() -> None:
        loop = asyncio.get_running_loop()
        for number in signals.endings():
            loop.add_signal_handler(number, station.stop)
        if counts is not None and signals.COUNTS is not None:
            loop.add_signal_handler(signals.COUNTS, counts)
        begun()

    asyncio.run(station.run(listener, ready))


def place_of(listener: socket.socket) -> Endpoint:
    """Return the address and port that a socket listens on."""
    return Endpoint(*listener.getsockname()[:2])


def parse_place(text: str) -> tuple[str, int]:
    """Return address and port; the address is empty when only a port is named.

    Raises SelectionError.
    """
    address, colon, port = text.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else -1
    if not colon or not 0 <= number <= 65535:
        raise SelectionError(
            say("'{text}' is no place to listen: ADDR:PORT, [ADDR]:PORT or :PORT", text=text)
        )
    return address.removeprefix("[").removesuffix("]"), number


def _complain(error: OSError, port: int) -> str:
    if error.errno == errno.EACCES and port < 1024:
        return say("port {port} is for root: run with sudo, or take a port from 1024 on", port=port)
    if error.errno == errno.EADDRINUSE:
        return say("something listens there already (ss -ltnp shows what)")
    return error.strerror or str(error)


def raise_file_limit() -> int:
    """Let this process open as many files as the system allows it; return how many."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return WANTED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)
