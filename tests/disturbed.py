"""A capture in other clothes: the same conversations as another observer would have written them.

What is changed is what observers, cards and networks do: other links and tunnels around a packet,
two taps, receive offload, a short snap length, packets that were dropped or came in another order.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scapy.utils import RawPcapNgReader, RawPcapReader

ETHERNET, RAW, COOKED = 1, 101, 113
MACS = b"\2\0\0\0\0\2\2\0\0\0\0\1"
SYN, RST, FIN, PSH = 2, 4, 1, 8
#: Bytes of an Ethernet header.
LINK = 14


class Packet(NamedTuple):
    """An IP packet and when it passed, in seconds."""

    at: float
    ip: bytes


class Place(NamedTuple):
    """Where the parts of a TCP packet are."""

    ends: tuple[bytes, bytes]
    tcp: int
    payload: int
    end: int


Capture = list[Packet]
Disturb = Callable[[Capture, random.Random], Capture]


def read(path: Path) -> Capture:
    """Return the IP packets of a capture, read by scapy."""
    found = []
    with path.open("rb") as file:
        ng = file.read(4) == b"\n\r\r\n"
    reader = RawPcapNgReader(str(path)) if ng else RawPcapReader(str(path))
    for data, meta in reader:
        if ng:
            at = ((meta.tshigh << 32) | meta.tslow) / meta.tsresol
            link = meta.linktype
        else:
            at = meta.sec + meta.usec / (1e9 if reader.nano else 1e6)
            link = reader.linktype
        begin = {ETHERNET: LINK, RAW: 0, COOKED: 16}.get(link)
        if begin is not None and data[begin : begin + 1] and data[begin] >> 4 in (4, 6):
            found.append(Packet(at, data[begin:]))
    return found


def write(path: Path, capture: Capture, snap: int = 1 << 18) -> Path:
    """Write Ethernet packets as pcap with nanoseconds, at most `snap` bytes of each."""
    return write_frames(path, [(p.at, MACS + kind(p.ip) + p.ip) for p in capture], ETHERNET, snap)


def write_frames(
    path: Path, frames: list[tuple[float, bytes]], link: int, snap: int = 1 << 18
) -> Path:
    """Write frames of one link type."""
    out = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snap, link)]
    for at, data in frames:
        seconds, nanos = divmod(round(at * 1e9), 10**9)
        out.append(struct.pack("<4I", seconds, nanos, min(snap, len(data)), len(data)))
        out.append(data[:snap])
    path.write_bytes(b"".join(out))
    return path


def kind(ip: bytes) -> bytes:
    """Return the EtherType of a packet."""
    return b"\x08\x00" if ip[0] >> 4 == 4 else b"\x86\xdd"


def place(ip: bytes) -> Place | None:
    """Return where the parts of a TCP packet are, None for anything else."""
    if ip[0] >> 4 == 4:
        begin, total = (ip[0] & 15) * 4, int.from_bytes(ip[2:4], "big")
        source, destination, protocol = ip[12:16], ip[16:20], ip[9]
    else:
        begin, total = 40, 40 + int.from_bytes(ip[4:6], "big")
        source, destination, protocol = ip[8:24], ip[24:40], ip[6]
    if protocol != 6 or not begin + 20 <= total <= len(ip):
        return None
    payload = begin + (ip[begin + 12] >> 4) * 4
    ends = source + ip[begin : begin + 2], destination + ip[begin + 2 : begin + 4]
    return Place(ends, begin, payload, total)


# -- what an observer does ---------------------------------------------------------------


def seen_twice(capture: Capture, _: random.Random) -> Capture:
    """Two taps on one SPAN port: each packet twice, the second behind a router."""
    return in_time([*capture, *(Packet(p.at + 2e-5, _hop(p.ip)) for p in capture)])


def _hop(ip: bytes) -> bytes:
    ttl = 8 if ip[0] >> 4 == 4 else 7
    return ip[:ttl] + bytes([max(1, ip[ttl] - 1)]) + ip[ttl + 1 :]


def resent(capture: Capture, chance: random.Random) -> Capture:
    """Some data is sent again a moment later."""
    again = [
        Packet(p.at + 0.05, p.ip)
        for p in capture
        if (where := place(p.ip)) and where.end > where.payload and chance.random() < 0.3
    ]
    return in_time([*capture, *again])


def in_small_segments(capture: Capture, _: random.Random) -> Capture:
    """Segments of a hundred bytes."""
    found = []
    for at, ip in capture:
        where = place(ip)
        if where is None or where.end - where.payload <= 100 or ip[where.tcp + 13] & SYN:
            found.append(Packet(at, ip))
            continue
        cuts = range(where.payload, where.end, 100)
        for count, begin in enumerate(cuts):
            end = min(where.end, begin + 100)
            found.append(Packet(at + count * 1e-7, _part(ip, where, begin, end)))
    return in_time(found)


def _part(ip: bytes, where: Place, begin: int, end: int) -> bytes:
    head = bytearray(ip[: where.payload])
    sequence = int.from_bytes(head[where.tcp + 4 : where.tcp + 8], "big") + begin - where.payload
    head[where.tcp + 4 : where.tcp + 8] = (sequence & 0xFFFF_FFFF).to_bytes(4, "big")
    if end < where.end:
        head[where.tcp + 13] &= ~(FIN | PSH) & 0xFF
    return with_length(bytes(head) + ip[begin:end])


def with_length(ip: bytes) -> bytes:
    """Return a packet whose header says how long it is."""
    if ip[0] >> 4 == 4:
        return ip[:2] + len(ip).to_bytes(2, "big") + ip[4:]
    return ip[:4] + (len(ip) - 40).to_bytes(2, "big") + ip[6:]


def offloaded(capture: Capture, _: random.Random) -> Capture:
    """Receive offload: what follows on is one large segment."""
    found: Capture = []
    last: dict[tuple[bytes, bytes], int] = {}
    for at, ip in capture:
        where = place(ip)
        if where is None:
            found.append(Packet(at, ip))
            continue
        before = last.get(where.ends)
        plain = where.end > where.payload and not ip[where.tcp + 13] & (SYN | RST | FIN)
        if plain and before is not None and _follows(found[before].ip, ip, where):
            joined = found[before].ip + ip[where.payload : where.end]
            found[before] = Packet(found[before].at, with_length(joined))
            continue
        last.pop(where.ends[::-1], None)
        last.pop(where.ends, None)
        if plain:
            last[where.ends] = len(found)
        found.append(Packet(at, ip[: where.end]))
    return found


def _follows(before: bytes, ip: bytes, where: Place) -> bool:
    other = place(before)
    if other is None or len(before) + len(ip) > 60_000 or other.payload != where.payload:
        return False
    begin, data = other.tcp + 4, other.end - other.payload
    following = int.from_bytes(before[begin : begin + 4], "big") + data & 0xFFFF_FFFF
    same_ack = before[begin + 4 : begin + 8] == ip[where.tcp + 8 : where.tcp + 12]
    return same_ack and ip[where.tcp + 4 : where.tcp + 8] == following.to_bytes(4, "big")


def by_two_clocks(capture: Capture, _: random.Random) -> Capture:
    """Two captures merged whose clocks differ: the answers come 0.2 milliseconds late."""
    callers: dict[frozenset[bytes], bytes] = {}
    found = []
    for at, ip in capture:
        where = place(ip)
        caller = callers.setdefault(frozenset(where.ends), where.ends[0]) if where else b""
        found.append(Packet(at + (2e-4 if where and caller != where.ends[0] else 0), ip))
    return in_time(found)


def without_syn(capture: Capture, _: random.Random) -> Capture:
    """The first packet of each conversation was not captured."""
    seen: set[frozenset[bytes]] = set()
    found = []
    for packet in capture:
        where = place(packet.ip)
        if where and frozenset(where.ends) not in seen:
            seen.add(frozenset(where.ends))
        else:
            found.append(packet)
    return found


def dropped(capture: Capture, chance: random.Random) -> Capture:
    """The observer lost one packet in ten."""
    return [packet for packet in capture if chance.random() >= 0.1]


def begun_late(capture: Capture, _: random.Random) -> Capture:
    """The capture began with the sixth packet."""
    return capture[5:]


def ended_early(capture: Capture, _: random.Random) -> Capture:
    """The capture ended in the middle."""
    return capture[: max(1, len(capture) * 6 // 10)]


def one_way(capture: Capture, _: random.Random) -> Capture:
    """Only what the first speaker sent passed here."""
    first = next((where.ends[0] for p in capture if (where := place(p.ip))), b"")
    return [p for p in capture if (where := place(p.ip)) and where.ends[0] == first]


def in_time(capture: Capture) -> Capture:
    """Return the packets in the order of time."""
    return sorted(capture, key=lambda packet: packet.at)


# -- what is around a packet -------------------------------------------------------------


def outer(protocol: int, inside: bytes) -> bytes:
    """Return an Ethernet frame with IPv4 around a payload."""
    total = 20 + len(inside)
    head = struct.pack(
        ">BBHHHBBH8s", 0x45, 0, total, 1, 0, 64, protocol, 0, b"\x0a\xc8\0\1\x0a\xc8\0\2"
    )
    return MACS + b"\x08\x00" + head + inside


def datagram(port: int, inside: bytes) -> bytes:
    """Return UDP to a port."""
    return struct.pack(">4H", 40_000, port, 8 + len(inside), 0) + inside


def pppoe(ip: bytes) -> bytes:
    """RFC 2516: a session packet with PPP in it."""
    inside = (b"\x00\x21" if ip[0] >> 4 == 4 else b"\x00\x57") + ip
    return MACS + b"\x88\x64\x11\x00\x00\x01" + len(inside).to_bytes(2, "big") + inside


#: What a packet may travel in: link type, and the bytes around it.
WRAPS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "VLAN": (ETHERNET, lambda ip: MACS + b"\x81\x00\x00\x05" + kind(ip) + ip),
    "QinQ": (ETHERNET, lambda ip: MACS + b"\x88\xa8\x00\x07\x81\x00\x00\x05" + kind(ip) + ip),
    "MPLS": (ETHERNET, lambda ip: MACS + b"\x88\x47\x00\x01\x01\x40" + ip),
    "PPPoE": (ETHERNET, pppoe),
    "raw": (RAW, lambda ip: ip),
    "cooked": (COOKED, lambda ip: b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0" + kind(ip) + ip),
    "cooked 2": (276, lambda ip: kind(ip) + b"\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0" + ip),
    "loopback": (108, lambda ip: (b"\0\0\0\2" if ip[0] >> 4 == 4 else b"\0\0\0\x18") + ip),
    "GRE": (ETHERNET, lambda ip: outer(47, b"\0\0" + kind(ip) + ip)),
    "VXLAN": (
        ETHERNET,
        lambda ip: outer(17, datagram(4789, b"\x08\0\0\0\0\0\7\0" + MACS + kind(ip) + ip)),
    ),
    "GENEVE": (
        ETHERNET,
        lambda ip: outer(17, datagram(6081, b"\0\0\x65\x58\0\0\7\0" + MACS + kind(ip) + ip)),
    ),
    "IP in IP": (ETHERNET, lambda ip: outer(4 if ip[0] >> 4 == 4 else 41, ip)),
    "GTP-U": (
        ETHERNET,
        lambda ip: outer(17, datagram(2152, struct.pack(">BBHI", 0x30, 255, len(ip), 7) + ip)),
    ),
    "ERSPAN": (
        ETHERNET,
        lambda ip: outer(47, b"\x10\0\x88\xbe\0\0\0\1\x10\0\0\0\0\0\0\0" + MACS + kind(ip) + ip),
    ),
}
