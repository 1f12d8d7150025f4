"""Packets for the tests of sources: scapy builds them, a list of calls is what came of them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from tlswire.flow import Flow, How, Who
from tlswire.sources.capture import Packet
from tlswire.sources.tcp import Conversations

#: Addresses are given: scapy would ask the network for them.
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 443)


def pcap_bytes(packets: Iterable[bytes], link: int = 1, order: str = "<") -> bytes:
    """A classic capture file, one packet a millisecond."""
    file = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for number, data in enumerate(packets):
        file += struct.pack(order + "4I", 1, number * 1000, len(data), len(data)) + data
    return file


@dataclass
class Record:
    """A sink that writes down every call."""

    flow: Flow
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    enough: int = 1 << 60
    done: bool = False

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        assert not self.done
        assert data
        self.calls.append((who, data, frame))
        self.done = sum(len(c[1]) for c in self.calls if len(c) == 3) >= self.enough

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        self.calls.append(("lost", who, length, frame))

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        self.calls.append(("closed", who, how, frame))

    def stream(self, who: Who) -> bytes:
        """The bytes of one side; a hole is one question mark a byte."""
        parts = []
        for call in self.calls:
            if call[0] == who:
                parts.append(call[1])
            elif call[:2] == ("lost", who):
                parts.append(b"?" * call[2])
        return b"".join(parts)

    def ends(self) -> list[tuple[str, str]]:
        return [call[1:3] for call in self.calls if call[0] == "closed"]


@dataclass
class Tap:
    """Where packets of one connection pass; numbers are relative to both initial numbers."""

    client_isn: int = 1000
    server_isn: int = 5000
    enough: int = 1 << 60
    options: dict[str, Any] = field(default_factory=dict)
    sinks: list[Record] = field(default_factory=list)
    ended: list[Flow] = field(default_factory=list)
    at: float = 1.0
    number: int = 0

    def __post_init__(self) -> None:
        self.conversations = Conversations(self._open, self.ended.append, **self.options)

    def _open(self, flow: Flow) -> Record:
        self.sinks.append(Record(flow, enough=self.enough))
        return self.sinks[-1]

    def feed(
        self, data: bytes, link: int = 1, length: int | None = None, after: float = 0.01
    ) -> None:
        """Let one packet pass, `after` seconds behind the last."""
        self.number += 1
        self.at += after
        size = len(data) if length is None else length
        self.conversations.packet(Packet(self.number, self.at, link, data, size))

    def client(
        self, flags: str, seq: int = 0, ack: int = 0, data: bytes = b"", **more: Any
    ) -> None:
        """Pass a segment of the client: `seq` and `ack` count from the initial numbers."""
        self._segment(
            CLIENT, SERVER, flags, self.client_isn + seq, self.server_isn + ack, data, more
        )

    def server(
        self, flags: str, seq: int = 0, ack: int = 0, data: bytes = b"", **more: Any
    ) -> None:
        """Pass a segment of the server."""
        self._segment(
            SERVER, CLIENT, flags, self.server_isn + seq, self.client_isn + ack, data, more
        )

    def _segment(
        self,
        sender: tuple[str, int],
        receiver: tuple[str, int],
        flags: str,
        seq: int,
        ack: int,
        data: bytes,
        more: dict[str, Any],
    ) -> None:
        after, cut = more.pop("after", 0.01), more.pop("cut", 0)
        ip_id, ttl = more.pop("ip_id", self.number + 1), more.pop("ttl", 64)
        tcp = TCP(
            sport=sender[1],
            dport=receiver[1],
            flags=flags,
            seq=seq & 0xFFFFFFFF,
            ack=ack & 0xFFFFFFFF if "A" in flags else 0,
            **more,
        )
        packet = bytes(ETHER / IP(src=sender[0], dst=receiver[0], id=ip_id, ttl=ttl) / tcp / data)
        self.feed(packet[: len(packet) - cut], length=len(packet), after=after)

    def shake_hands(self) -> Tap:
        """Pass SYN, SYN-ACK, ACK."""
        self.client("S", window=1000)
        self.server("SA", ack=1, window=1000)
        self.client("A", 1, 1, window=1000)
        return self

    def finish(self) -> Record:
        """End the capture; return the only conversation's record."""
        self.conversations.finish()
        (sink,) = self.sinks
        return sink


def records(file_packets: Iterable[Packet]) -> Iterator[Record]:
    """What became of every conversation of some packets."""
    sinks: list[Record] = []

    def opened(flow: Flow) -> Record:
        sinks.append(Record(flow))
        return sinks[-1]

    conversations = Conversations(opened)
    for packet in file_packets:
        conversations.packet(packet)
    conversations.finish()
    yield from sinks
