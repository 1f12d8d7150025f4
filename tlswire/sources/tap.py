"""A live interface: opened with rights, filtered in the kernel, read like a capture.

On Linux a ring of the kernel's own; elsewhere scapy's socket over libpcap or Npcap. Must never
send anything. Which of both is read, its reader need not know.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from tlswire.language import reason, say

from ..errors import SelectionError
from ..flow import Flow
from .pcap import PacketTuple
from .unwanted import Unwanted

#: The name that stands for every interface.
ANY = "any"
_ROUTES = Path("/proc/net/route")
_UP = 1
#: The classic filter `ret #0`.
TAKE_NOTHING = (0x06, 0, 0, 0)


class Tap(Protocol):
    """What a listener needs of an open interface."""

    name: str
    notes: list[str]  # what it cannot do

    @property
    def seen(self) -> int:
        """Return the packets that passed the filter, by the kernel's count."""

    @property
    def dropped(self) -> int:
        """Return those of them that did not fit into the buffer."""

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        """Yield what has come and is wanted; wait `seconds` for the first. Raises OSError: down."""

    def skip(self, flow: Flow) -> None:
        """Leave what a connection still carries in the kernel, where that is possible."""

    def only_data(self, wanted: bool) -> bool:
        """Leave segments without data in the kernel, or no longer; False where that is not done."""

    def count(self) -> None:
        """Bring `seen` and `dropped` up to date."""

    def revive(self) -> bool:
        """Begin again after the interface went; False while it is not there."""

    def shut(self) -> None:
        """Let no more packets in; those that wait can still be read."""

    def close(self) -> None:
        """Let go of it."""


def open_tap(
    name: str | None, expression: str | None, megabytes: int, *, promiscuous: bool = True
) -> Tap:
    """Open an interface, the one of the default route when none is named.

    Raises SelectionError: no such interface, no right to capture and what would give it, a filter
    that libpcap does not understand.
    """
    name = name or usual_interface()
    try:
        if sys.platform == "linux":
            return LinuxTap(name, expression, megabytes, promiscuous)
        return ScapyTap(name, expression, promiscuous)
    except PermissionError:
        raise SelectionError(_forbidden(name)) from None
    except OSError as error:
        raise SelectionError(
            say("cannot listen on {name}: {error}", name=name, error=_complain(error, name))
        ) from None


def usual_interface() -> str:
    """Return the interface of the default route; every one when there is none."""
    try:
        rows = [line.split() for line in _ROUTES.read_text().splitlines()[1:]]
    except OSError:
        return ANY
    routed = (row[0] for row in rows if len(row) > 3 and row[1] == "00000000")
    return next(routed, ANY)


def _forbidden(name: str) -> str:
    python = os.path.realpath(sys.executable)
    return say(
        "no right to capture on {name}: run it with sudo (it drops to you once "
        "the interface is open), or give Python the right once: sudo setcap "
        "cap_net_raw,cap_bpf+ep {python}; in a container: --cap-add NET_RAW. "
        "Without any right, `tlswire relay` needs none",
        name=name,
        python=python,
    )


def _complain(error: OSError, name: str) -> str:
    if error.errno in (errno.ENODEV, errno.ENOENT):
        there = sorted(name for _, name in socket.if_nameindex())
        return say("there is no such interface ({names}, {any})", names=", ".join(there), any=ANY)
    if error.errno == errno.ENOMEM:
        return say("no memory for the ring: take a smaller --buffer")
    return reason(error)


class LinuxTap:
    """The kernel's ring, with a program that keeps bulk data out of it."""

    def __init__(
        self, name: str, expression: str | None, megabytes: int, promiscuous: bool
    ) -> None:
        from .bulk_filter import BulkFilter, attach_classic
        from .packet_ring import ETHERNET, PacketRing
        from .pcap_filter import compile_filter

        self.name = name
        self.notes: list[str] = []
        if expression and re.search(r"\bvlan\b", expression):
            raise SelectionError(
                say(
                    "vlan: the kernel takes the tag off before a filter sees it; without the "
                    "word tagged packets pass like all others"
                )
            )
        self._ring = PacketRing(None if name == ANY else name, megabytes, promiscuous=promiscuous)
        self._bulk: BulkFilter | None = None
        try:
            wanted = compile_filter(expression, self._ring.link) if expression else []
            try:
                self._bulk = BulkFilter(14 if self._ring.link == ETHERNET else 0)
                self._bulk.attach(self._ring.socket, wanted)
            except OSError as error:
                self._no_bulk(error)
                if wanted:
                    attach_classic(self._ring.socket, wanted)
            self._ring.start()
        except BaseException:
            self.close()
            raise

    def _no_bulk(self, error: OSError) -> None:
        if self._bulk is not None:
            self._bulk.close()
        self._bulk = None
        self.notes.append(
            say(
                "bulk data is not left in the kernel ({error}: eBPF needs root or CAP_BPF)",
                error=reason(error),
            )
        )

    @property
    def seen(self) -> int:
        """Return the packets that passed the filter."""
        return self._ring.seen

    @property
    def dropped(self) -> int:
        """Return the packets that were lost for want of room."""
        return self._ring.dropped

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        """Yield what has come."""
        return self._ring.read(seconds, unwanted)

    def skip(self, flow: Flow) -> None:
        """Put a connection into the kernel's map."""
        if self._bulk is None:
            return
        try:
            self._bulk.drop(flow)
        except OSError as error:  # before Linux 6.0 the map is root's, and root was left
            self._no_bulk(error)

    def only_data(self, wanted: bool) -> bool:
        """Ask the kernel's program for segments with data only, or for all."""
        if self._bulk is None:
            return False
        try:
            self._bulk.only_data(wanted)
        except OSError as error:
            self._no_bulk(error)
            return False
        self._ring.only_data = wanted
        return True

    def count(self) -> None:
        """Ask the kernel."""
        self._ring.count()

    def revive(self) -> bool:
        """Bind again where the interface was made anew."""
        return self._ring.revive()

    def shut(self) -> None:
        """Put a filter in place that takes nothing."""
        from .bulk_filter import attach_classic

        attach_classic(self._ring.socket, [TAKE_NOTHING])

    def close(self) -> None:
        """Let go of ring and map."""
        self._ring.close()
        if self._bulk is not None:
            self._bulk.close()
            self._bulk = None


class ScapyTap:
    """scapy's socket over libpcap (macOS, BSD) or Npcap (Windows); slower, one packet a call."""

    def __init__(self, name: str, expression: str | None, promiscuous: bool) -> None:
        from scapy import arch as _sockets  # noqa: F401  (fills conf.L2listen)
        from scapy.config import conf
        from scapy.error import Scapy_Exception
        from scapy.layers import l2 as _links  # noqa: F401  (fills conf.l2types)

        self.name, self.notes = name, [say("the kernel's count of lost packets is not known here")]
        self.seen = self.dropped = 0
        try:
            self._socket: Any = conf.L2listen(
                iface=None if name == ANY else name, filter=expression, promisc=promiscuous
            )
        except Scapy_Exception as error:
            raise SelectionError(
                say("cannot listen on {name}: {error}", name=name, error=error)
            ) from None
        self._link = conf.l2types.layer2num.get(self._socket.LL, 1)

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        """Yield packets for a while."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._socket.select([self._socket], left):
                return
            _, data, at = self._socket.recv_raw()
            if data is not None:
                unwanted.number += 1
                self.seen += 1
                yield (
                    unwanted.number,
                    float(at or time.time()),
                    self._link,
                    data,
                    0,
                    *2 * (len(data),),
                )

    def skip(self, flow: Flow) -> None:
        """Do nothing: there is no such map."""

    def only_data(self, wanted: bool) -> bool:
        """Do nothing: there is no such program."""
        return False

    def count(self) -> None:
        """Do nothing: scapy does not tell."""

    def revive(self) -> bool:
        """Tell that it may be read again."""
        return True

    def shut(self) -> None:
        """Do nothing: what comes after the last reading is not read."""

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()
