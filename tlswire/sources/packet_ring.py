"""Packets of a Linux interface, through a ring that the kernel fills and this process reads.

AF_PACKET with TPACKET_V3 (packet_mmap of the kernel's documentation): whole blocks of packets
change hands, so a packet costs no system call. Gives the packets of a capture's reader, in order,
and steps over those that need no second look as the walkers through files do. Must never keep a
block longer than it takes to copy it.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import select
import socket
import struct
from collections.abc import Iterator

from tlswire.language import say

from ..flow import Flow
from .kept import LARGEST, MOST_PACKETS, SYN_ACK, Kept
from .pcap import PacketTuple
from .segment import Flag
from .unwanted import LOOKED_AT, NOTABLE, TCP, Unwanted

#: linux/if_packet.h, linux/if_ether.h, linux/if_arp.h
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 1, 1
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, PACKET_IGNORE_OUTGOING = 5, 6, 10, 23
TPACKET_V3 = 2
TP_STATUS_KERNEL, TP_STATUS_USER = 0, 1
TP_STATUS_CSUMNOTREADY = 8
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCGIFHWADDR = 0x8927
NO_HARDWARE = -1
ETHERNET_TYPES = {1, 772}  # ARPHRD_ETHER, ARPHRD_LOOPBACK
NO_HEADER = {65534, 519}  # ARPHRD_NONE, ARPHRD_RAWIP: a packet begins with IP
#: The link types of what is given: Ethernet, or IP without a header before it.
ETHERNET, IP = 1, 101

#: One block; a packet is never larger. A block that is not full changes hands after so many ms.
BLOCK = 1 << 18
RETIRE_MS = 40
#: Blocks given in one reading: between two of them their reader looks at the clock.
MOST_BLOCKS = 4
_FRAME = 2048
_BLOCK_HEAD = struct.Struct("=8xIIII")  # status, packets, offset of the first, bytes used
_PACKET_HEAD = struct.Struct("=IIIIIIHH")  # next, s, ns, captured, length, status, mac, net
#: Where a packet with an Ethernet header begins behind its own head; what stands elsewhere takes
#: the long way.
_MAC = 82
#: The head without its status, then the protocol in IP, the key and TCP's flags.
_LOOK = struct.Struct(f"=5I4xH{_MAC - 26 + 23}xB2x12s9xB")
_LEAST = 14 + LOOKED_AT
#: By flags: what goes on, what may end a connection that is only kept, what is looked at.
_GOES_ON, _MAY_END, _LOOKED_AT = range(3)
_KINDS = tuple(
    _GOES_ON
    if not flags & NOTABLE or flags & (NOTABLE | SYN_ACK) == SYN_ACK
    else _LOOKED_AT
    if flags & Flag.SYN
    else _MAY_END
    for flags in range(256)
)
_STATUS = struct.Struct("=I")
_ADDRESS_KIND = 48 + 10  # of a packet's sockaddr_ll: sll_pkttype
_ADDRESS_INDEX = struct.Struct("=i")
_LOOPBACK = 1
PLAIN_IPV4 = 0x45  # version 4, no options


class PacketRing:
    """An open ring; `read` gives what has come."""

    def __init__(self, interface: str | None, megabytes: int, *, promiscuous: bool = True) -> None:
        """Open it on one interface, or on all of them (None). Raises OSError."""
        self.interface = interface
        self.seen = 0
        self.dropped = 0
        self.only_data = False  # of what waits already, leave out segments without data
        hardware = _kind(interface)
        self.whole = hardware in ETHERNET_TYPES | NO_HEADER
        self.link = ETHERNET if hardware in ETHERNET_TYPES else IP
        kind = socket.SOCK_RAW if self.whole else socket.SOCK_DGRAM
        self.socket = socket.socket(socket.AF_PACKET, kind, 0)
        try:
            self._map = self._share(megabytes)
        except OSError:
            self.socket.close()
            raise
        self._blocks = len(self._map) // BLOCK
        self._next = 0
        self._index = 0
        self._poll = select.poll()
        self._poll.register(self.socket, select.POLLIN | select.POLLERR)
        self._promiscuous = promiscuous

    def start(self) -> None:
        """Begin to capture: only now, so that a filter attached before sees every packet."""
        if self.interface == "lo":
            self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self._bind()

    def _bind(self) -> None:
        self._index = socket.if_nametoindex(self.interface) if self.interface else 0
        if self.interface is not None:
            self.socket.bind((self.interface, ETH_P_ALL))
            if self._promiscuous:
                member = struct.pack("=iHH8x", self._index, PACKET_MR_PROMISC, 0)
                self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)
        else:
            _bind_everywhere(self.socket)

    def revive(self) -> bool:
        """Bind again if the interface was made anew; False while it is not there."""
        try:
            if self.interface and socket.if_nametoindex(self.interface) != self._index:
                self._bind()
        except OSError:
            return False
        return True

    def _share(self, megabytes: int) -> mmap.mmap:
        blocks = max(2, (megabytes << 20) // BLOCK)
        frames = BLOCK // _FRAME * blocks
        asked = struct.pack("=7I", BLOCK, blocks, _FRAME, frames, RETIRE_MS, 0, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, asked)
        return mmap.mmap(self.socket.fileno(), BLOCK * blocks)

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        """Yield the packets of the blocks that are ready; wait `seconds` for the first.

        Raises OSError with ENETDOWN when the interface went down; it may come back.
        """
        if not self._ready():
            for _, event in self._poll.poll(seconds * 1000):
                if event & select.POLLERR:
                    self._raise()
        for _ in range(MOST_BLOCKS):
            if not self._ready():
                return
            start = self._next * BLOCK
            _, count, first, used = _BLOCK_HEAD.unpack_from(self._map, start)
            block = self._map[start : start + used]
            _STATUS.pack_into(self._map, start + 8, TP_STATUS_KERNEL)
            self._next = (self._next + 1) % self._blocks
            walk = self._walk if self.link == ETHERNET and not self.only_data else self._packets
            if count:
                yield from walk(block, count, first, unwanted)

    def _ready(self) -> bool:
        status: int = _BLOCK_HEAD.unpack_from(self._map, self._next * BLOCK)[0]
        return bool(status & TP_STATUS_USER)

    def _walk(
        self, block: bytes, count: int, position: int, unwanted: Unwanted
    ) -> Iterator[PacketTuple]:
        """Yield what is wanted of a block, and its last packet; what is only kept is put there."""
        unpack, head, find = _LOOK.unpack_from, _PACKET_HEAD.unpack_from, unwanted.flows.get
        link, before, at = self.link, unwanted.number, unwanted.last_at
        usual, tcp, least, largest, most = _MAC, TCP, _LEAST, LARGEST, MOST_PACKETS
        kinds, looked_at, goes_on, kept = _KINDS, _LOOKED_AT, _GOES_ON, Kept
        for number in range(before + 1, before + count):
            following, seconds, nanoseconds, size, length, mac, protocol, key, flags = unpack(
                block, position
            )
            at, start = seconds + nanoseconds / 1e9, position + mac
            position += following
            kind = kinds[flags]
            if kind != looked_at and mac == usual and protocol == tcp:
                flow = find(key)
                if type(flow) is kept:
                    if least <= size <= largest and len(flow.packets) < most:
                        flow.packets.append((number, at, block[start : start + size], length))
                        if kind != goes_on and flow.ends_with(key, flags):
                            unwanted.over(flow, number, at)
                        continue
                elif type(flow) is Flow and size >= least and not flags & NOTABLE:
                    flow.last_frame, flow.last_at = number, at
                    continue
            yield number, at, link, block, start, start + size, length
        _, seconds, nanoseconds, size, length, _, mac, _ = head(block, position)
        unwanted.number += count
        unwanted.last_at = max(at, unwanted.last_at)
        at, start = seconds + nanoseconds / 1e9, position + mac
        yield unwanted.number, at, link, block, start, start + size, length

    def _packets(
        self, block: bytes, count: int, position: int, unwanted: Unwanted
    ) -> Iterator[PacketTuple]:
        """Yield a block's packets, but those that come a second time or may be left out."""
        unpack, link, number, whole = (
            _PACKET_HEAD.unpack_from,
            self.link,
            unwanted.number,
            self.whole,
        )
        only_data = self.only_data
        for _ in range(count):
            following, seconds, nanoseconds, size, length, _, mac, net = unpack(block, position)
            start = position + (mac if whole else net)
            if (whole or not _is_second_look(block, position)) and not (
                only_data and _is_bare(block, position + net)
            ):
                number += 1
                at = seconds + nanoseconds / 1e9
                yield number, at, link, block, start, start + size, length
            position += following
        unwanted.number = number

    def _raise(self) -> None:
        """Raise what the kernel has against the socket, if anything."""
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, say("the interface is down"))

    def count(self) -> None:
        """Add to `seen` and `dropped` what the kernel has counted since."""
        raw = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12)
        seen, dropped, _ = struct.unpack("=III", raw)
        self.seen += seen
        self.dropped += dropped

    def close(self) -> None:
        """Give the ring back."""
        self._map.close()
        self.socket.close()


def _bind_everywhere(to: socket.socket) -> None:
    """Bind to interface 0, every one, for which Python has no name. Raises OSError."""
    address = struct.pack("=HHi12x", socket.AF_PACKET, socket.htons(ETH_P_ALL), 0)
    held = ctypes.create_string_buffer(address, len(address))
    if ctypes.CDLL(None, use_errno=True).bind(to.fileno(), held, len(address)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _is_bare(block: bytes, begin: int) -> bool:
    """Tell whether a packet is a TCP segment, over plain IPv4, without data, FIN and RST."""
    if block[begin] != PLAIN_IPV4 or block[begin + 9] != socket.IPPROTO_TCP:
        return False
    total = block[begin + 2] << 8 | block[begin + 3]
    return not block[begin + 33] & 5 and total == 20 + (block[begin + 32] >> 2 & 0x3C)


def _is_second_look(block: bytes, position: int) -> bool:
    """Tell whether a packet of `any` leaves through lo: it comes in there as well."""
    if block[position + _ADDRESS_KIND] != PACKET_OUTGOING:
        return False
    index: int = _ADDRESS_INDEX.unpack_from(block, position + 48 + 4)[0]
    return index == _LOOPBACK


def _kind(interface: str | None) -> int:
    """Return the ARPHRD number of an interface. Raises OSError when there is none of the name."""
    if interface is None:
        return NO_HARDWARE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        answer = fcntl.ioctl(asking, SIOCGIFHWADDR, struct.pack("16s24x", interface.encode()[:15]))
    return int(struct.unpack_from("=H", answer, 16)[0])
