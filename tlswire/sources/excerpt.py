"""Just the packets of some conversations, written as pcapng: a capture is read a second time.

A packet belongs to the conversation that began last on its addresses and ports; ICMP errors belong
to what they quote, fragments to the datagram that they make. Link types, lengths on the wire and
times to the nanosecond stay; secrets inside the capture go along only for what was chosen. Must
never hold more than the fragments that still wait.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import BinaryIO

from ..flow import Endpoint, Flow
from .fragments import MOST, Key
from .frame import Frame
from .icmp import read_error
from .ip import Internet, Protocol
from .pcap import PacketTuple
from .pcapng_writer import PcapngWriter

#: Fragments of one datagram that are kept until it is whole.
MOST_PIECES = 64


class Excerpt:
    """Which conversations are to be written, and where each of all begins."""

    def __init__(self) -> None:
        self._begun: dict[bytes, list[tuple[int, int]]] = {}
        self.chosen: dict[int, str] = {}
        self.randoms: set[bytes] = set()

    def saw(self, flow: Flow) -> None:
        """Take note of a conversation of the capture, chosen or not."""
        key = _either_way(_key(flow.client.endpoint, flow.server.endpoint))
        self._begun.setdefault(key, []).append((flow.first_frame, flow.number))

    def take(self, flow: Flow, remark: str, random: bytes | None) -> None:
        """Choose a conversation; the remark is written beside its first packet."""
        self.chosen[flow.number] = remark
        if random:
            self.randoms.add(random)

    def owner(self, key: bytes, frame: int) -> int | None:
        """Return the chosen conversation that a packet belongs to, if any."""
        begun = self._begun.get(_either_way(key))
        if begun is None:
            return None
        place = bisect_right(begun, (frame, 1 << 62))
        number = begun[place - 1][1] if place else None
        return number if number in self.chosen else None

    def write(self, packets: Iterable[PacketTuple], secrets: Iterable[bytes], out: BinaryIO) -> int:
        """Write the packets of the chosen conversations; return how many."""
        for begun in self._begun.values():
            begun.sort()
        writer = PcapngWriter(out, self._own(secrets))
        remarks, count = dict(self.chosen), 0
        for owner, packet in self.select(packets):
            writer.packet(packet, remarks.pop(owner, ""))
            count += 1
        return count

    def select(self, packets: Iterable[PacketTuple]) -> Iterator[tuple[int, PacketTuple]]:
        """Yield the packets of the chosen conversations, each with the number of its own."""
        internet, waiting = Internet(), _Fragments()
        for packet in packets:
            number, at, link, buffer, start, end, length = packet
            frame = Frame(buffer, start, end, length, at)
            whole = internet.read(frame, link)
            if frame.fragment is not None:
                waiting.add(frame.fragment, packet)
            key = _key_of(frame) if whole else None
            owner = None if key is None else self.owner(key, number)
            if owner is None:
                continue
            pieces = [packet] if frame.fragment is None else waiting.take(frame.fragment)
            yield from ((owner, piece) for piece in pieces)

    def _own(self, secrets: Iterable[bytes]) -> bytes:
        """Return the key log lines of the chosen conversations."""
        lines = (line for block in secrets for line in block.splitlines())
        wanted = {random.hex().encode() for random in self.randoms}
        own = [line for line in lines if _named(line) in wanted]
        return b"".join(line + b"\n" for line in own)


class _Fragments:
    """Packets that hold a part of a datagram."""

    def __init__(self) -> None:
        self._pieces: dict[Key, list[PacketTuple]] = {}

    def add(self, key: Key, packet: PacketTuple) -> None:
        """Keep a packet; the oldest datagrams give way."""
        if key not in self._pieces and len(self._pieces) >= MOST:
            del self._pieces[next(iter(self._pieces))]
        pieces = self._pieces.setdefault(key, [])
        number, at, link, buffer, start, end, length = packet
        if len(pieces) < MOST_PIECES:
            data = buffer[start:end]
            pieces.append((number, at, link, data, 0, len(data), length))

    def take(self, key: Key) -> list[PacketTuple]:
        """Return the packets of a datagram that is whole now."""
        return self._pieces.pop(key, [])


def _named(line: bytes) -> bytes:
    """Return what tells whose secret a key log line is."""
    words = line.split()
    return words[1].lower() if len(words) == 3 else b""


def _key_of(frame: Frame) -> bytes | None:
    """Return the addresses and ports that a packet is about."""
    try:
        if frame.protocol == Protocol.TCP:
            return frame.source + frame.destination + frame.number(0, 4).to_bytes(4)
        if frame.protocol in (Protocol.ICMP, Protocol.ICMPV6):
            quote = read_error(frame)
            return None if quote is None else quote.key
    except (struct.error, IndexError):
        return None
    return None


def _key(source: Endpoint, destination: Endpoint) -> bytes:
    ports = source.port.to_bytes(2) + destination.port.to_bytes(2)
    addresses = (ip_address(each.address).packed for each in (source, destination))
    return b"".join(addresses) + ports


def _either_way(key: bytes) -> bytes:
    """Return the same for both directions."""
    half = (len(key) - 4) // 2
    return min(key, key[half:-4] + key[:half] + key[-2:] + key[-4:-2])
