"""The ring's walker gives what is wanted and puts the rest where it belongs; blocks by hand."""

from __future__ import annotations

import mmap
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_listen import Reel, line_of
from test_skim import conversation, copied

from tlswire import findings
from tlswire.live.listen import Listener
from tlswire.live.watch import Watch
from tlswire.result import Connection
from tlswire.seen import Seen
from tlswire.sources.packet_ring import BLOCK, ETHERNET, TP_STATUS_USER, PacketRing
from tlswire.sources.pcap import PacketTuple
from tlswire.sources.unwanted import Unwanted

#: From a packet's own head to its Ethernet header, as the kernel has it, and elsewhere.
USUAL, OTHER = 82, 98


class Nobody:
    """Polls, and nobody is there."""

    def poll(self, milliseconds: float) -> list[tuple[int, int]]:
        return []


def block(packets: list[PacketTuple], mac: int) -> bytes:
    """One block of the kernel's: TPACKET_V3 of linux/if_packet.h."""
    made = bytearray(48)
    for at, buffer, start, end, length in ((p[1], *p[3:]) for p in packets):
        data = buffer[start:end]
        size = (mac + len(data) + 15) // 16 * 16
        head = struct.pack(
            "=IIIIIIHH", size, int(at), round(at % 1 * 1e9), len(data), length, 1, mac, mac + 14
        )
        made += (head.ljust(mac, b"\0") + data).ljust(size, b"\0")
    struct.pack_into("=8xIIII", made, 0, TP_STATUS_USER, len(packets), 48, len(made))
    assert len(made) <= BLOCK
    return bytes(made).ljust(BLOCK, b"\0")


def ring_of(packets: list[PacketTuple], mac: int = USUAL, each: int = 100) -> PacketRing:
    parts = [packets[n : n + each] for n in range(0, len(packets), each)]
    content = b"".join(block(part, mac) for part in parts)
    ring: Any = object.__new__(PacketRing)
    ring._map = mmap.mmap(-1, len(content))
    ring._map[:] = content
    ring._blocks, ring._next, ring._poll = len(parts), 0, Nobody()
    ring.whole, ring.link, ring.only_data = True, ETHERNET, False
    assert isinstance(ring, PacketRing)
    return ring


class Ringed(Reel):
    """A tap that reads a ring."""

    def __init__(self, ring: PacketRing) -> None:
        super().__init__([])
        self._ring = ring

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        before = unwanted.number
        yield from self._ring.read(0, unwanted)
        self.listener.stopping = unwanted.number == before


def many(captures: Path) -> list[PacketTuple]:
    """Conversations of our captures, several times, mixed."""
    chance, rows = random.Random(1), list[tuple[float, bytes, int]]()
    originals = [conversation(path) for path in sorted(captures.glob("*.pcapng"))]
    for number, original in enumerate([rows for rows in originals if len(rows) > 1] * 4):
        began = 1000 + number * 0.05 - original[0][0]
        rows += [(at + began, data, n) for at, data, n in copied(original, number, chance)]
    rows.sort(key=lambda row: row[0])
    return [(n, at, 1, d, 0, len(d), length) for n, (at, d, length) in enumerate(rows, 1)]


def told(tap: Reel) -> tuple[dict[int, object], Listener]:
    lines: dict[int, object] = {}

    def tell(seen: Seen, listed: bool) -> Connection:
        connection = findings.connection(seen, brief=True)
        lines[connection.id] = line_of(connection)[0]
        return connection

    def retell(found: Connection, listed: bool) -> bool:
        lines[found.id] = line_of(found)[0]
        return True

    listener = Listener(tap, lambda t: Watch(t, explains=False), tell, print, retell=retell)
    tap.listener = listener
    listener.run(lambda: None)
    return lines, listener


@pytest.mark.parametrize("mac", [USUAL, OTHER])
def test_a_ring_tells_what_a_list_of_packets_tells(captures: Path, mac: int) -> None:
    packets = many(captures)
    lines, listener = told(Ringed(ring_of(packets, mac)))
    wanted, by_list = told(Reel(packets))
    assert lines == wanted
    assert len(lines) > 50
    assert listener.conversations.packets == by_list.conversations.packets == len(packets)


def test_packets_of_what_is_kept_are_not_handed_out(captures: Path) -> None:
    packets = many(captures)
    ring, unwanted = ring_of(packets), Unwanted()
    assert len(list(_all(ring, unwanted))) == len(packets)
    handed: list[int] = []
    ring = ring_of(packets)
    tap = Ringed(ring)
    read = tap.read

    def counting(seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        for packet in read(seconds, unwanted):
            handed.append(packet[0])
            yield packet

    tap.read = counting  # type: ignore[method-assign]
    told(tap)
    assert len(handed) < len(packets) / 2
    assert handed == sorted(handed)


def test_in_a_flood_segments_without_data_stay_out(captures: Path) -> None:
    packets = many(captures)
    ring = ring_of(packets)
    ring.only_data = True
    left = list(_all(ring, Unwanted()))
    assert 0 < len(left) < len(packets)
    for _, _, _, buffer, start, _, _ in left:
        data = start + 34 + (buffer[start + 46] >> 2 & 0x3C)
        end = start + 14 + int.from_bytes(buffer[start + 16 : start + 18])
        assert end > data or buffer[start + 47] & 5


def _all(ring: PacketRing, unwanted: Unwanted) -> Iterator[PacketTuple]:
    before = -1
    while unwanted.number != before:
        before = unwanted.number
        yield from ring.read(0, unwanted)
