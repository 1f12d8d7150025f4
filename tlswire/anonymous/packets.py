"""The packets of a connection written anew: Ethernet, IP, TCP, with checksums that are right.

Tunnels, VLAN tags and fragments are left out; what TCP said stays. Of what is cut the length on the
wire is kept, as a capture with a small snaplen has it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from tlswire.anonymous.edits import Redaction
from tlswire.anonymous.names import Pseudonyms
from tlswire.flow import OTHER, Who
from tlswire.seen import Seen
from tlswire.sources.frame import Frame
from tlswire.sources.icmp import read_error
from tlswire.sources.ip import Internet, Protocol
from tlswire.sources.pcap import PacketTuple
from tlswire.sources.pcapng_writer import PcapngWriter
from tlswire.sources.segment import Flag

ETHERNET = 1
MACS: dict[Who, bytes] = {
    "client": bytes.fromhex("00005e005301"),
    "server": bytes.fromhex("00005e005302"),
}
#: Packets of one connection that a bundle may hold: a handshake has few.
MOST_PACKETS = 20_000
#: A frame for local experiments (RFC 7042 section 3), and the comment beside it.
MARK = MACS["server"] + MACS["client"] + b"\x88\xb5" + bytes(46)
MARKED = "tlswire: the capture went on until here, without this connection"
_SEQUENCE = 1 << 32
_IPV6_FIRST = 6 << 28


class Taken(NamedTuple):
    """One packet of a chosen connection, peeled."""

    number: int
    at: float
    owner: int
    frame: Frame
    header: bytes  # of TCP; of ICMP all of it
    data: bytes
    length: int  # of the payload on the wire
    who: Who


def write(
    selected: Iterable[tuple[int, PacketTuple]],
    redactions: Mapping[int, tuple[Seen, Redaction]],
    names: Pseudonyms,
    out: BinaryIO,
    until: float,
) -> int:
    """Write the packets of the chosen connections; return how many.

    A last one, of no protocol, says that the capture went on `until` then: whether somebody fell
    silent depends on it.
    """
    taken = list(_peel(selected, redactions))
    bases = _bases(taken, redactions)
    writer, count = PcapngWriter(out), 0
    for packet in taken:
        seen, redaction = redactions[packet.owner]
        made = _made(packet, seen, redaction, bases, names)
        if made is not None:
            data, length = made
            frame = (packet.number, packet.at, ETHERNET, data, 0, len(data), length)
            writer.packet(frame, "")
            count += 1
    if taken and until > taken[-1].at:
        writer.packet((count + 1, until, ETHERNET, MARK, 0, len(MARK), len(MARK)), MARKED)
    return count


def _peel(
    selected: Iterable[tuple[int, PacketTuple]], redactions: Mapping[int, tuple[Seen, Redaction]]
) -> Iterator[Taken]:
    internet = Internet()
    left = dict.fromkeys(redactions, MOST_PACKETS)
    for owner, (number, at, link, buffer, start, end, length) in selected:
        frame = Frame(buffer[start:end], 0, end - start, length, at)
        if not internet.read(frame, link) or not left[owner]:
            continue
        found = _read(number, at, owner, frame, redactions[owner][0])
        if found is not None:
            left[owner] -= 1
            yield found


def _read(number: int, at: float, owner: int, frame: Frame, seen: Seen) -> Taken | None:
    try:
        if frame.protocol == Protocol.TCP:
            size = (frame.number(12, 1) >> 4) * 4
            header = frame.data[frame.start : min(frame.end, frame.start + size)]
            data = frame.data[frame.start + size : frame.end]
            ports = frame.number(0), frame.number(2)
            who = _sender(seen, frame.source, ports)
            length = frame.wire_end - frame.start - size
            return Taken(number, at, owner, frame, header, data, length, who)
        quoted = Frame(frame.data, frame.start, frame.end, frame.wire_end - frame.start)
        quoted.protocol = frame.protocol
        error = read_error(quoted)
        if error is None:
            return None
        half = (len(error.key) - 4) // 2
        ports = int.from_bytes(error.key[-4:-2]), int.from_bytes(error.key[-2:])
        about = _sender(seen, error.key[:half], ports)
        whole = frame.data[frame.start : frame.end]
        # What is quoted: the first 8 bytes of the TCP header (RFC 792) and what follows.
        data = quoted.data[quoted.start : quoted.end][:8]
        return Taken(number, at, owner, frame, whole[:8], data, 0, about)
    except (struct.error, IndexError):
        return None


def _sender(seen: Seen, source: bytes, ports: tuple[int, int]) -> Who:
    from ipaddress import ip_address

    client = seen.flow.client.endpoint
    own = ip_address(client.address).packed == source and client.port == ports[0]
    return "client" if own else "server"


def _bases(
    taken: Iterable[Taken], redactions: Mapping[int, tuple[Seen, Redaction]]
) -> dict[tuple[int, Who], int]:
    """Return the sequence number of the first byte of each stream.

    The SYN tells it; else a segment whose place in the stream is known.
    """
    known = {
        (number, who, segment.frame): segment
        for number, (seen, _) in redactions.items()
        for who in OTHER
        for segment in seen.flow.side(who).segments
    }
    bases: dict[tuple[int, Who], int] = {}
    for packet in taken:
        if packet.frame.protocol != Protocol.TCP:
            continue
        stream = packet.owner, packet.who
        sequence = int.from_bytes(packet.header[4:8])
        segment = known.get((*stream, packet.number))
        if packet.header[13] & Flag.SYN:
            bases.setdefault(stream, (sequence + 1) % _SEQUENCE)
        elif segment is not None and segment.length == packet.length:
            bases.setdefault(stream, (sequence - segment.offset) % _SEQUENCE)
    return bases


def _made(
    packet: Taken,
    seen: Seen,
    redaction: Redaction,
    bases: Mapping[tuple[int, Who], int],
    names: Pseudonyms,
) -> tuple[bytes, int] | None:
    """Return a frame, and its length on the wire."""
    if packet.frame.protocol != Protocol.TCP:
        return _icmp(packet, seen, names)
    base = bases.get((packet.owner, packet.who))
    data = packet.data
    if packet.header[13] & Flag.RST:
        data = b""  # a reset may carry text of its sender
    elif packet.data and base is None:
        data = b""  # its place is not known, so what it holds is not either
    elif packet.data and base is not None:
        sequence = int.from_bytes(packet.header[4:8]) + bool(packet.header[13] & Flag.SYN)
        offset = (sequence - base) % _SEQUENCE
        offset -= _SEQUENCE if offset >= _SEQUENCE // 2 else 0
        data = redaction.apply(packet.who, offset, packet.data)
    length = 0 if packet.header[13] & Flag.RST else packet.length
    source, destination = _hosts(seen, packet.who, names)
    segment = bytearray(packet.header + data)
    if len(segment) >= 18:
        segment[16:18] = bytes(2)
        whole = bytes(segment) + bytes(max(0, length - len(data)))
        segment[16:18] = _checksum(source, destination, Protocol.TCP, whole)
    total = len(packet.header) + length
    return _framed(packet, source, destination, Protocol.TCP, bytes(segment), total)


def _icmp(packet: Taken, seen: Seen, names: Pseudonyms) -> tuple[bytes, int] | None:
    """Return an ICMP error about a packet of the connection, quoting no more than it must."""
    source, destination = _hosts(seen, packet.who, names)
    quoted = _internet(source, destination, Protocol.TCP, packet.frame.ttl, 0, 20) + packet.data
    sender = names.host(packet.frame.source, 2)
    own = {names.host(_packed(seen.flow.side(who).endpoint.address), p): who for p, who in PLACES}
    sender = source if sender in own and own[sender] == packet.who else sender
    body = bytearray(packet.header + quoted)
    body[2:4] = bytes(2)
    pseudo = (sender, source) if len(source) == 16 else (b"", b"")
    body[2:4] = _checksum(*pseudo, packet.frame.protocol, bytes(body))
    return _framed(packet, sender, source, packet.frame.protocol, bytes(body), len(body))


#: Which documentation network stands for which side.
PLACES: tuple[tuple[int, Who], ...] = ((0, "client"), (1, "server"))


def _hosts(seen: Seen, who: Who, names: Pseudonyms) -> tuple[bytes, bytes]:
    """Return the stand-ins of the sender and the receiver."""
    client = names.host(_packed(seen.flow.client.endpoint.address), 0)
    server = names.host(_packed(seen.flow.server.endpoint.address), 1)
    return (client, server) if who == "client" else (server, client)


def _packed(address: str) -> bytes:
    from ipaddress import ip_address

    return ip_address(address).packed


def _framed(
    packet: Taken, source: bytes, destination: bytes, protocol: int, data: bytes, length: int
) -> tuple[bytes, int]:
    head = _internet(
        *(source, destination, protocol, packet.frame.ttl, packet.frame.identification, length)
    )
    kind = b"\x08\x00" if len(source) == 4 else b"\x86\xdd"
    link = MACS[OTHER[packet.who]] + MACS[packet.who] + kind
    return link + head + data, len(link) + len(head) + max(length, len(data))


def _internet(
    source: bytes, destination: bytes, protocol: int, ttl: int, identification: int, length: int
) -> bytes:
    """Return an IP header for so many bytes."""
    if len(source) == 16:
        return (
            struct.pack(">IHBB", _IPV6_FIRST, min(length, 0xFFFF), protocol, ttl)
            + source
            + destination
        )
    total = min(20 + length, 0xFFFF)
    head = struct.pack(
        ">BBHHHBBH", 0x45, 0, total, identification & 0xFFFF, 0x4000, ttl, protocol, 0
    )
    checksum = _sum(head + source + destination)
    return head[:10] + checksum + source + destination


def _checksum(source: bytes, destination: bytes, protocol: int, data: bytes) -> bytes:
    pseudo = struct.pack(">II", protocol, len(data)) if source else b""
    return _sum(source + destination + pseudo + data)


def _sum(data: bytes) -> bytes:
    """Return the Internet checksum (RFC 1071): the ones' complement sum is a remainder."""
    even = data if len(data) % 2 == 0 else data + b"\0"
    return (0xFFFF - int.from_bytes(even) % 0xFFFF).to_bytes(2)
