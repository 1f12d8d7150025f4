"""What is kept of our own connections: their packets as a pcapng, their secrets as a key log.

The packets are rebuilt from what the sockets sent and received, in order and with the times of
the socket: handshakes of TCP, one packet for each write, FIN or RST as it was told. Retransmitted
packets, bare acknowledgments and our own goodbye are not in it: whoever reads the file sees what
the replay saw. Nothing is written before `close`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tlswire.flow import OTHER, Endpoint, Flow, How, Who
from tlswire.sources.pcap import PacketTuple
from tlswire.sources.pcapng_writer import PcapngWriter

#: LINKTYPE_RAW: packets that begin with the IP header.
_RAW: Final = 101
_TTL: Final = 64
_USUAL_MSS: Final = 1460
#: Initial sequence numbers; another connection from the same port begins elsewhere.
_BEGIN: Final[dict[Who, int]] = {"client": 1000, "server": 5000}
_APART: Final = 1 << 22
_MADE: Final = "rebuilt from what the socket sent and received"


@dataclass
class Kept:
    """One connection as it was heard: a `Sink` beside the one that understands it."""

    flow: Flow
    remark: str
    number: int = 0
    said: list[tuple[Who, bytes, float]] = field(default_factory=list)
    ends: list[tuple[Who, How, float]] = field(default_factory=list)
    done: bool = False

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        """Keep what a side said."""
        self.said.append((who, data, at))

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        """A socket loses nothing."""

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        """Keep how it ended."""
        self.ends.append((who, how, at))


class Record:
    """All connections of a run, and their secrets; `close` writes what was asked for."""

    def __init__(self, packets: str | None = None, keylog: str | None = None) -> None:
        """Begin; `packets` and `keylog` name the files, None where one is not wanted.

        Raises OSError for one that cannot be written.
        """
        for path in filter(None, (packets, keylog)):
            Path(path).touch(0o600)
        self.kept: list[Kept] = []
        self._packets, self._keylog = packets, keylog
        self._lines: list[str] = []

    def begin(self, flow: Flow, remark: str) -> Kept:
        """Return what is to be told of one connection."""
        kept = Kept(flow, remark, len(self.kept))
        if self._packets is not None:
            self.kept.append(kept)
        return kept

    def secrets(self, lines: str) -> None:
        """Take lines of a key log."""
        self._lines.append(lines)

    def close(self) -> None:
        """Write the files. Raises OSError."""
        lines = "".join(self._lines)
        if self._keylog is not None:
            with Path(self._keylog).open("a", encoding="ascii") as log:
                log.write(lines)
        if self._packets is not None:
            with Path(self._packets).open("wb") as out:
                writer = PcapngWriter(out, lines.encode())
                for kept in self.kept:
                    _write(kept, writer)


def _write(kept: Kept, writer: PcapngWriter) -> None:
    told = f"tlswire: {kept.remark or 'a connection'} ({_MADE})"
    for at, data in packets(kept):
        packet: PacketTuple = (0, at, _RAW, data, 0, len(data), len(data))
        writer.packet(packet, told)
        told = ""


def packets(kept: Kept) -> Iterator[tuple[float, bytes]]:
    """Yield the packets of one connection with their times."""
    flow, line = kept.flow, _Line(kept.flow, kept.number)
    if flow.client.endpoint.port == 0:
        return
    yield line.packet("client", "S", flow.started)
    if flow.accepted_at is None:
        yield from (line.packet(who, "RA", at) for who, how, at in kept.ends if how == "rst")
        return
    yield line.packet("server", "SA", flow.accepted_at)
    yield line.packet("client", "A", flow.opened_at or flow.accepted_at)
    for who, data, at in kept.said:
        mss = flow.side(who).mss or _USUAL_MSS
        for place in range(0, len(data), mss):
            yield line.packet(who, "PA", at, data[place : place + mss])
    for who, how, at in kept.ends:
        if how in ("fin", "rst"):
            yield line.packet(who, "FA" if how == "fin" else "R", at)


class _Line:
    """Numbers the packets of one connection as both TCPs did."""

    def __init__(self, flow: Flow, number: int) -> None:
        self._flow = flow
        self._next = {who: begin + number * _APART & 0x7FFF_FFFF for who, begin in _BEGIN.items()}
        self.last = flow.started

    def packet(self, who: Who, flags: str, at: float, data: bytes = b"") -> tuple[float, bytes]:
        """Return the next packet of a side."""
        from scapy.layers.inet import TCP

        source, target = self._flow.side(who), self._flow.side(OTHER[who])
        number, acknowledged = self._next[who], self._next[OTHER[who]] if "A" in flags else 0
        layer = TCP(sport=source.endpoint.port, dport=target.endpoint.port, flags=flags)
        layer.seq, layer.ack, layer.window = number, acknowledged, 0xFFFF
        if "S" in flags and source.mss:
            layer.options = [("MSS", source.mss)]
        self._next[who] += len(data) + any(flag in flags for flag in "SF")
        self.last = max(self.last, at)
        under = _network(source.endpoint, target.endpoint, self._ttl(who))
        return self.last, bytes(under / layer / data)

    def _ttl(self, who: Who) -> int:
        return (self._flow.side(who).ttl if who == "server" else None) or _TTL


def _network(source: Endpoint, target: Endpoint, ttl: int) -> Any:
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6

    if ":" in source.address:
        ends = (each.address.partition("%")[0] for each in (source, target))
        return IPv6(src=next(ends), dst=next(ends), hlim=ttl)
    return IP(src=source.address, dst=target.address, ttl=ttl, flags="DF")
