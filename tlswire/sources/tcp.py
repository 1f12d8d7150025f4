"""The TCP conversations of a capture, numbered as Wireshark's `tcp.stream`.

Every conversation counts from 0 by its first packet; a SYN with another initial sequence number
on the same addresses and ports begins a new one. Must never keep more conversations than its
bounds, nor open a new number for a late packet of one that is over.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable
from socket import AF_INET, AF_INET6, inet_ntop

from ..flow import Endpoint, Flow, Icmp, Sink
from .capture import Capture, Packet
from .conversation import Conversation
from .datagrams import Datagrams
from .exchange import Budget
from .frame import Frame
from .icmp import read_error
from .ip import Internet, Protocol
from .pcap import PacketTuple
from .segment import HEADER, MINIMUM, Flag
from .stream import Overlap, Stream

#: Conversations followed at once, and those that are over but may still see late packets.
MOST_CONVERSATIONS = 20_000
MOST_OVER = 256
LINGER_SECONDS = 5.0
#: Conversations whose late packets are told from new ones, by nothing but their keys.
MOST_REMEMBERED = 100_000
#: Out-of-order bytes over all conversations.
MOST_BUFFERED = 32 << 20

#: Ethernet II, IPv4 without options: the addresses and ports lie in one slice.
ETHERNET = 1
PLAIN_IPV4 = b"\x08\x00\x45"
PLAIN_LENGTH = 54
PLAIN = struct.Struct(">16xHHxxBx2x12xIIBBHH")


class Conversations:
    """All conversations of one capture; gives each, once its client is known, to `opened`."""

    def __init__(
        self,
        opened: Callable[[Flow], Sink],
        ended: Callable[[Flow], None] | None = None,
        *,
        overlap: Overlap = "first",
        most: int = MOST_CONVERSATIONS,
    ) -> None:
        self.ended = ended or _ignore
        self.datagrams = Datagrams()
        self.count = 0
        self.notes: list[str] = []
        self._opened = opened
        self._overlap: Overlap = overlap
        self._most = most
        self._internet = Internet()
        self._budget = Budget(MOST_BUFFERED)
        self._streams: dict[bytes, Stream] = {}
        self._live: dict[int, Conversation] = {}
        self._over: deque[Conversation] = deque()
        self._past: dict[bytes, int | None] = {}
        self._evicted = 0

    def packet(self, packet: Packet | PacketTuple) -> None:
        """Take one packet."""
        self.follow((packet,))

    def follow(self, packets: Iterable[PacketTuple]) -> None:
        """Take packets as fast as may be: payload that nobody wants costs one look-up."""
        find, plain, read = self._streams.get, PLAIN.unpack_from, self._read
        for number, at, link, data, length in packets:
            if (
                link != ETHERNET
                or len(data) < PLAIN_LENGTH
                or data[23] != Protocol.TCP
                or data[20] & 0x3F
                or data[21]
                or not data.startswith(PLAIN_IPV4, 12)
            ):
                read(number, at, link, data, length)
                continue
            key = data[26:38]
            stream = find(key)
            if stream is not None and stream.skipping and not data[47] & 7:
                flow = stream.conversation.flow
                flow.last_at = at
                flow.last_frame = number
                continue
            total, identification, ttl, sequence, ack, size, flags, window, checksum = plain(data)
            start = 34 + (size >> 2 & 0x3C)
            end = 14 + total if total else length
            if stream is None or flags & Flag.SYN or start < PLAIN_LENGTH or start > end:
                read(number, at, link, data, length)
                continue
            stream.conversation.take(
                stream,
                sequence,
                ack,
                flags,
                window,
                data[start:end],
                end - start,
                at,
                number,
                ttl,
                identification << 16 | checksum,
            )
            if stream.conversation.over:
                self._retire(stream.conversation)

    def finish(self) -> None:
        """The capture is over: everything still open is."""
        for conversation in list(self._live.values()):
            self._close(conversation)
        if self._evicted:
            self.notes.append(
                f"{self._evicted} conversations were left before their end: "
                f"more than {self._most} at once"
            )
        if self._internet.fragments.dropped:
            self.notes.append(
                f"{self._internet.fragments.dropped} fragmented datagrams were left incomplete"
            )

    # One packet, the long way

    def _read(self, number: int, at: float, link: int, data: bytes, length: int) -> None:
        frame = self._internet.read(link, data, length, at)
        if frame is None:
            return
        try:
            if frame.protocol == Protocol.TCP:
                self._read_segment(frame, number)
            elif frame.protocol == Protocol.UDP:
                self.datagrams.take(frame)
            elif frame.protocol in (Protocol.ICMP, Protocol.ICMPV6):
                self._read_icmp(frame, number)
        except (struct.error, IndexError):
            return

    def _read_segment(self, frame: Frame, number: int) -> None:
        data, start = frame.data, frame.start
        _, _, sequence, ack, size, flags, window, checksum, _ = HEADER.unpack_from(data, start)
        key = frame.source + frame.destination + data[start : start + 4]
        syn = flags & (Flag.SYN | Flag.ACK) == Flag.SYN
        stream = self._find(key, sequence if syn else None)
        if stream is None:
            if key in self._past and not self._is_new(key, sequence if syn else None):
                return
            stream = self._open(key, frame, number)
        header = size >> 2 & 0x3C
        if header < MINIMUM:
            return
        if stream.isn is None:
            stream.isn = sequence if flags & Flag.SYN else sequence - 1 & 0xFFFF_FFFF
        if stream.peer.isn is None and flags & Flag.ACK:
            stream.peer.isn = ack - 1 & 0xFFFF_FFFF
        stream.conversation.take(
            stream,
            sequence,
            ack,
            flags,
            window,
            data[start + header : frame.end],
            max(frame.wire_end - start - header, 0),
            frame.at,
            number,
            frame.ttl,
            (frame.identification & 0xFFFF) << 16 | checksum,
            data[start + MINIMUM : min(start + header, frame.end)] if flags & Flag.SYN else b"",
        )
        if stream.conversation.over:
            self._retire(stream.conversation)

    def _read_icmp(self, frame: Frame, number: int) -> None:
        sender = _print(frame.source)
        quote = read_error(frame)
        if quote is None:
            return
        stream = self._streams.get(quote.key)
        if stream is None and quote.whole and quote.key not in self._past:
            half = (len(quote.key) - 4) // 2
            frame.source, frame.destination = quote.key[:half], quote.key[half : 2 * half]
            stream = self._open(quote.key, frame, number)
        if stream is not None:
            error = Icmp(number, frame.at, sender, quote.type, quote.code, quote.mtu, "client")
            stream.conversation.take_icmp(stream, error, quote.ends)

    # The table

    def _find(self, key: bytes, syn: int | None) -> Stream | None:
        """Return the stream of a key; a SYN with another number ends it and finds none."""
        stream = self._streams.get(key)
        if stream is None or syn is None or stream.isn is None or stream.isn == syn:
            return stream
        self._close(stream.conversation)
        return None

    def _is_new(self, key: bytes, syn: int | None) -> bool:
        """Say whether a packet on the addresses of a past conversation begins a new one."""
        return syn is not None and self._past[key] is not None and self._past[key] != syn

    def _open(self, key: bytes, frame: Frame, number: int) -> Stream:
        half = (len(key) - 4) // 2
        reverse = key[half : 2 * half] + key[:half] + key[-2:] + key[-4:-2]
        one = Stream(key, _endpoint(key[:half], key[-4:-2]), "client")
        two = Stream(reverse, _endpoint(key[half : 2 * half], key[-2:]), "server")
        flow = Flow(self.count, one.side, two.side, "port", frame.at, number, frame.at, number)
        flow.tunnel = " / ".join(frame.tunnels) or None
        conversation = Conversation(flow, one, two, self._opened, self._overlap, self._budget)
        self.count += 1
        for each in (one, two):
            self._streams[each.key] = each
            self._past.pop(each.key, None)
        self._live[flow.number] = conversation
        self._sweep(frame.at)
        return one

    def _retire(self, conversation: Conversation) -> None:
        """Let a conversation that is over wait for late packets, once."""
        if not conversation.retired:
            conversation.retired = True
            self._over.append(conversation)

    def _sweep(self, at: float) -> None:
        """Keep the table inside its bounds."""
        over = self._over
        while over and (len(over) > MOST_OVER or at - over[0].over_at > LINGER_SECONDS):
            self._close(over.popleft())
        while len(self._live) > self._most:
            conversation = next(iter(self._live.values()))
            conversation.flow.notes.append("left before its end: too many conversations at once")
            self._evicted += 1
            self._close(conversation)
        while len(self._past) > 2 * MOST_REMEMBERED:
            del self._past[next(iter(self._past))]

    def _close(self, conversation: Conversation) -> None:
        """Finish a conversation and keep nothing of it but its keys."""
        if self._live.pop(conversation.flow.number, None) is None:
            return
        conversation.finish()
        for stream in (conversation.one, conversation.two):
            if self._streams.get(stream.key) is stream:
                del self._streams[stream.key]
            self._past[stream.key] = stream.isn
        self.ended(conversation.flow)


def read_into(capture: Capture, conversations: Conversations) -> None:
    """Read a whole capture into the conversations, and finish them."""
    conversations.follow(capture.packets())
    conversations.finish()


def _endpoint(address: bytes, port: bytes) -> Endpoint:
    return Endpoint(_print(address), int.from_bytes(port))


def _print(address: bytes) -> str:
    return inet_ntop(AF_INET if len(address) == 4 else AF_INET6, address)


def _ignore(flow: Flow) -> None:
    """Do nothing: nobody asked to be told."""
