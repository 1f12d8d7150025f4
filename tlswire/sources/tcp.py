"""The packets of a capture read into its TCP conversations, numbered as Wireshark's `tcp.stream`.

Looks no deeper into a packet than it must: most are taken by their addresses and ports at the
usual place, the others go the long way, layer by layer. Must never keep a packet (`keeping` does),
nor decide to whom it belongs (`table` does), and never raise on bad bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

from tlswire.language import say

from ..flow import Flow, Icmp, Sink
from .capture import Packet
from .datagrams import Datagrams
from .ends import print_address
from .frame import Frame
from .icmp import read_error
from .ip import Internet, Protocol
from .keeping import ETHERNET, Keeping
from .kept import CONTROL, ENDING, FLAGS, LARGEST, SYN_ACK, Kept
from .pcap import PacketTuple
from .segment import HEADER, MINIMUM, Flag, check_sum
from .stream import Overlap
from .table import MOST_CONVERSATIONS, NEVER

#: The first packets of a side, whose checksums are looked at where they carry data.
CHECKED = 6

#: Ethernet II, IPv4 without options: the addresses and ports lie in one slice.
PLAIN_IPV4 = b"\x08\x00\x45"
PLAIN_LENGTH = 54
PLAIN = struct.Struct(">16xHHHBx2x12xIIBBHH")
FRAGMENTED = 0x3FFF
NOTABLE = Flag.FIN | Flag.SYN | Flag.RST


class Conversations(Keeping):
    """All conversations of one capture; gives each, once its client is known, to `opened`."""

    def __init__(
        self,
        opened: Callable[[Flow], Sink],
        ended: Callable[[Flow], None] | None = None,
        *,
        overlap: Overlap = "first",
        most: int = MOST_CONVERSATIONS,
        keep: Callable[[int, PacketTuple], None] | None = None,
        recognise: Callable[[Kept], bool] | None = None,
        is_noise: Callable[[Kept], bool] | None = None,
    ) -> None:
        """Begin; `keep` is given every packet that is wanted, and its conversation's number.

        With `recognise`, a conversation is only kept until it seems over; if it is known then by
        its likeness to another, nothing more is told of it, else it is worked out. Of which
        `is_noise` says so, whoever settles waits longer than for the others.
        """
        super().__init__(opened, ended, overlap, most, recognise, is_noise)
        self.datagrams = Datagrams()
        self.notes: list[str] = []
        self.stray = 0  # the last packet with an ICMP error about a conversation not known here
        self._keep = keep
        self._current: PacketTuple | None = None  # what `keep` gets
        self._internet = Internet()

    def packet(self, packet: Packet) -> None:
        """Take one packet."""
        number, at, link, data, length = packet
        self.follow(((number, at, link, data, 0, len(data), length),))

    def follow(self, packets: Iterable[PacketTuple]) -> None:
        """Take packets as fast as may be: payload that nobody wants costs one look-up."""
        number, latest = self._follow(packets)
        self.packets = max(number, self.unwanted.number)
        self.last_at = max(latest, self.unwanted.last_at)
        if self.known_only:
            self._sweep(self.last_at)

    def _follow(self, packets: Iterable[PacketTuple]) -> tuple[int, float]:
        """Take packets; return the number of the last and the latest time."""
        find, unpack, read, admit = self._streams.get, PLAIN.unpack_from, self._read, self._admit
        number, latest, keep = self.packets, self.last_at, self._keep
        tcp, syn, begins = Protocol.TCP, Flag.SYN, self._recognise is not None
        for packet in packets:
            number, at, link, buffer, start, end, length = packet
            if at > latest:
                latest = at
            if (
                link != ETHERNET
                or end - start < PLAIN_LENGTH
                or buffer[start + 23] != tcp
                or not buffer.startswith(PLAIN_IPV4, start + 12)
            ):
                self._current = packet
                read(number, link, Frame(buffer, start, end, length, at))
                continue
            key = buffer[start + 26 : start + 38]
            stream, flags = find(key), buffer[start + FLAGS]
            if type(stream) is Kept:
                if (
                    end - start <= LARGEST
                    and len(stream.packets) < stream.most
                    and (not flags & syn or flags & SYN_ACK != syn)
                ):
                    stream.packets.append((number, at, buffer[start:end], length))
                    if flags & ENDING and stream.ends_with(key, flags):
                        self._seems_over(stream, number, at)
                    continue
                stream = self._find(key)
                if stream is None:
                    continue
            elif stream is not None:
                if stream.skipping and not flags & NOTABLE:
                    flow = stream.conversation.flow
                    flow.last_at = at
                    flow.last_frame = number
                    continue
            elif begins and flags & CONTROL == syn and self._begin_keeping(key, packet):
                continue
            total, identification, place, ttl, sequence, ack, size, flags, window, checksum = (
                unpack(buffer, start)
            )
            payload = start + 34 + (size >> 2 & 0x3C)
            wire_end = start + (14 + total if total and 14 + total < length else length)
            if place & FRAGMENTED or not start + PLAIN_LENGTH <= payload <= wire_end:
                self._current = packet
                read(number, link, Frame(buffer, start, end, length, at))
                continue
            if stream is None or flags & syn or stream.isn is None:
                stream = admit(key, flags, sequence, ack, at, number, None)
                if stream is None:
                    continue
            if keep is not None:
                keep(stream.conversation.flow.number, packet)
            if payload < wire_end <= end and stream.side.packets < CHECKED:
                check_sum(stream.side, key[:4], key[4:8], buffer[start + 34 : wire_end])
            stream.conversation.take(
                stream,
                sequence,
                ack,
                flags,
                window,
                buffer[payload : wire_end if wire_end < end else end],
                wire_end - payload,
                at,
                number,
                ttl,
                identification << 16 | checksum,
                buffer[start + PLAIN_LENGTH : payload] if flags & syn else b"",
            )
        return number, latest

    def finish(self) -> None:
        """The capture is over: everything still open is."""
        while self._over:
            self._end_first(self.last_at)
        for kept in list(self._waiting.values()):
            self._wait_no_more(kept)
        for kept in list(self._kept.values()):
            self._work_out(kept)
        for _, conversation in sorted(self._live.items()):
            self._close(conversation, self.last_at, NEVER)
        while self._over:
            self._end_first(self.last_at)
        if self.evicted:
            self.notes.append(
                say(
                    "{number} conversations were left before their end: too many at once",
                    number=self.evicted,
                )
            )
        if self._internet.fragments.dropped:
            self.notes.append(
                say(
                    "{number} fragmented datagrams were left incomplete",
                    number=self._internet.fragments.dropped,
                )
            )

    @property
    def fragments(self) -> int:
        """Return how many datagrams are incomplete, or were left so."""
        return len(self._internet.fragments) + self._internet.fragments.dropped

    # One packet, the long way

    def _read(self, number: int, link: int, frame: Frame) -> None:
        if not self._internet.read(frame, link):
            return
        try:
            if frame.protocol == Protocol.TCP:
                self._read_segment(frame, number)
            elif frame.protocol == Protocol.UDP:
                if not self.known_only:
                    self.datagrams.take(frame)
            elif frame.protocol in (Protocol.ICMP, Protocol.ICMPV6):
                self._read_icmp(frame, number)
        except (struct.error, IndexError):
            return

    def _read_segment(self, frame: Frame, number: int) -> None:
        data, start, at = frame.data, frame.start, frame.at
        _, _, sequence, ack, size, flags, window, checksum, _ = HEADER.unpack_from(data, start)
        key = frame.source + frame.destination + data[start : start + 4]
        stream = self._admit(key, flags, sequence, ack, at, number, frame.tunnels)
        payload = start + (size >> 2 & 0x3C)
        if stream is None or payload < start + MINIMUM:
            return
        if self._keep is not None and self._current is not None:
            self._keep(stream.conversation.flow.number, self._current)
        if payload < frame.wire_end == frame.end and stream.side.packets < CHECKED:
            check_sum(stream.side, frame.source, frame.destination, data[start : frame.end])
        stream.conversation.take(
            stream,
            sequence,
            ack,
            flags,
            window,
            data[payload : frame.end],
            max(frame.wire_end - payload, 0),
            at,
            number,
            frame.ttl,
            (frame.identification & 0xFFFF) << 16 | checksum,
            data[start + MINIMUM : min(payload, frame.end)],
        )

    def _read_icmp(self, frame: Frame, number: int) -> None:
        sender = print_address(frame.source)
        quote = read_error(frame)
        if quote is None:
            return
        stream = self._find(quote.key)
        if stream is None and quote.whole and not (self.known_only or quote.key in self._past):
            stream = self._open(quote.key, frame.at, number, frame.tunnels)
        if stream is None:
            self.stray = number
        else:
            error = Icmp(number, frame.at, sender, quote.type, quote.code, quote.mtu, "client")
            stream.conversation.take_icmp(stream, error, quote.ends)
