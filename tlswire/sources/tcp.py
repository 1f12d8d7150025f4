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

from tlswire.language import mark, say

from ..flow import Endpoint, Flow, Icmp, Sink
from .capture import Capture, Packet
from .conversation import Conversation
from .datagrams import Datagrams
from .exchange import Budget
from .frame import Frame
from .icmp import read_error
from .ip import Internet, Protocol
from .kept import CONTROL, FLAGS, LARGEST, MOST_KEPT, MOST_PACKETS, SYN_ACK, Kept
from .past import Past
from .pcap import PacketTuple
from .proxied import PORT, Proxied
from .segment import HEADER, MINIMUM, Flag, check_sum
from .stream import Overlap, Stream
from .unwanted import Unwanted

#: Conversations followed at once, of them those of which only a SYN was seen when so many others
#: had begun, and those that are over but may still see late packets.
MOST_CONVERSATIONS = 20_000
MOST_HALF_OPEN = 4_000
MOST_OVER = 256
LINGER_SECONDS = 5.0
#: Stands for the packet with which conversations are over that were not when the capture ended.
NEVER = 1 << 62
#: Keys, two of each conversation, by which late packets are told from new ones: at least so many.
MOST_REMEMBERED = 30_000
#: The note of a conversation that had to make room.
LEFT = mark("left before its end: too many conversations at once")
#: The first packets of a side, whose checksums are looked at where they carry data.
CHECKED = 6
#: Out-of-order bytes over all conversations.
MOST_BUFFERED = 32 << 20
#: The port of SOCKS proxies, as it stands in a packet.
PROXY = PORT.to_bytes(2)

#: Ethernet II, IPv4 without options: the addresses and ports lie in one slice.
ETHERNET = 1
PLAIN_IPV4 = b"\x08\x00\x45"
PLAIN_LENGTH = 54
PLAIN = struct.Struct(">16xHHHBx2x12xIIBBHH")
FRAGMENTED = 0x3FFF
NOTABLE = Flag.FIN | Flag.SYN | Flag.RST


class Conversations:
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
    ) -> None:
        """Begin; `keep` is given every packet that is wanted, and its conversation's number.

        With `recognise`, a conversation is only kept until it seems over; if it is known then by
        its likeness to another, nothing more is told of it, else it is worked out.
        """
        self.ended = ended or _ignore
        self.datagrams = Datagrams()
        self.count = 0
        self.packets = 0  # the number of the last packet
        self.last_at = 0.0  # the latest time of a packet, seconds since the epoch
        self.began = 0.0  # when the first conversation began
        self.notes: list[str] = []
        self.unwanted = Unwanted()
        self.evicted = 0
        self.known_only = False  # take no packet that would begin a conversation
        self.skipped = 0  # numbers given to what proxies carry
        self.stray = 0  # the last packet with an ICMP error about a conversation not known here
        self._sink_of = opened
        self._keep = keep
        self._recognise = recognise
        self._current: PacketTuple | None = None  # what `keep` gets
        self._overlap: Overlap = overlap
        self._most = most
        self._internet = Internet()
        self._budget = Budget(MOST_BUFFERED)
        self._streams: dict[bytes, Stream | Kept] = {}
        self._kept: dict[int, Kept] = {}  # those that are not over
        self._live: dict[int, Conversation] = {}
        self._young: dict[int, Conversation] = {}
        self._mute: dict[int, Conversation] = {}  # no longer young, and nobody had said anything
        self._over: deque[Conversation | Kept] = deque()
        self._past = Past(MOST_REMEMBERED)

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
            stream = find(key)
            if type(stream) is Kept:
                if (
                    not buffer[start + FLAGS] & NOTABLE
                    and end - start <= LARGEST
                    and len(stream.packets) < MOST_PACKETS
                ):
                    stream.packets.append((number, at, buffer[start:end], length))
                    continue
                stream = self._keep_on(stream, packet)
                if stream is None:
                    continue
            elif stream is not None:
                if stream.skipping and not buffer[start + FLAGS] & NOTABLE:
                    flow = stream.conversation.flow
                    flow.last_at = at
                    flow.last_frame = number
                    continue
            elif (
                begins
                and buffer[start + FLAGS] & CONTROL == syn
                and self._begin_keeping(key, packet)
            ):
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

    def leave(self, flow: Flow, at: float) -> None:
        """Close a conversation of which nothing more is wanted; late packets are passed over."""
        conversation = self._live.get(flow.number)
        if conversation is not None:
            self._close(conversation, max(at, self.last_at), flow.last_frame)
            self._over.remove(conversation)
            self.ended(flow)

    def settle(self, at: float, patience: float = LINGER_SECONDS) -> None:
        """Close what is over and has been waited for; without packets nobody else does.

        What is only kept, and began or seems over so many seconds ago, is waited for no longer.
        """
        while self._kept:
            kept = next(iter(self._kept.values()))
            if at - kept.packets[0][1] < patience:
                break
            self._work_out(kept)
        over = self._over
        while over and isinstance(over[0], Kept) and at - over[0].over_at >= patience:
            self._end_first(at)
        self._sweep(at)

    def begin_no_more(self) -> None:
        """Take from now on only what belongs to conversations that have begun."""
        self.known_only = True
        self.unwanted.wanted = self._streams

    def known(self) -> dict[bytes, int | None]:
        """Return the keys of all conversations begun, and the initial sequence number of each."""
        begun = self._streams.items()
        return self._past.all() | {key: stream.isn_of(key) for key, stream in begun}

    def is_open(self, key: bytes) -> bool:
        """Tell whether packets with such addresses and ports still belong to a conversation."""
        return key in self._streams

    @property
    def busy(self) -> bool:
        """Tell whether some conversation is not closed."""
        return bool(self._live or self._kept or self._over)

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
        sender = _print(frame.source)
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

    def _opened(self, flow: Flow) -> Sink:
        """Return who reads a conversation; what a proxy carries takes a number, as in Wireshark."""
        sink = self._sink_of(flow)
        return Proxied(sink, self._skip_number) if flow.server.endpoint.port == PORT else sink

    def _skip_number(self) -> None:
        self.count += 1
        self.skipped += 1

    # The table

    def _admit(
        self,
        key: bytes,
        flags: int,
        sequence: int,
        ack: int,
        at: float,
        number: int,
        tunnels: list[str] | None,
    ) -> Stream | None:
        """Return the stream that a segment belongs to, a new one where it begins; None: too late.

        As Wireshark does: the initial sequence number is the SYN's, or guessed from the first
        segment or acknowledgment; a SYN with another one begins a new conversation.
        """
        syn = flags & SYN_ACK == Flag.SYN
        stream = self._find(key)
        if stream is not None and syn and stream.isn is not None and stream.isn != sequence:
            self._close(stream.conversation, at, number)
            stream = None
        if stream is None:
            if self.known_only:
                return None
            if key in self._past and not (syn and self._past[key] not in (None, sequence)):
                return None
            stream = self._open(key, at, number, tunnels)
            if syn:
                stream.conversation.flow.isn = sequence
        if stream.isn is None:
            stream.isn = sequence if flags & Flag.SYN else sequence - 1 & 0xFFFF_FFFF
        if stream.peer.isn is None and flags & Flag.ACK:
            stream.peer.isn = ack - 1 & 0xFFFF_FFFF
        return stream

    def _open(self, key: bytes, at: float, number: int, tunnels: list[str] | None) -> Stream:
        one = self._begin(self.count, key, at, number, tunnels)
        self.count += 1
        self.began = self.began or at
        self._sweep(at)
        return one

    def _begin(
        self, index: int, key: bytes, at: float, number: int, tunnels: list[str] | None
    ) -> Stream:
        """Return the client's stream of a conversation that has a number."""
        half = (len(key) - 4) // 2
        source, destination, ports = key[:half], key[half:-4], key[-4:]
        one = Stream(key, _endpoint(source, ports[:2]), "client")
        reverse = destination + source + ports[2:] + ports[:2]
        two = Stream(reverse, _endpoint(destination, ports[2:]), "server")
        flow = Flow(index, one.side, two.side, "port", at, number, at, number)
        flow.tunnel = " / ".join(tunnels) if tunnels else None
        self._live[index] = self._young[index] = Conversation(
            *(flow, one, two, self._opened, self._over.append, self._overlap, self._budget),
            self.unwanted.flows,
        )
        self._streams[key], self._streams[reverse] = one, two
        self._past.forget(key)
        self._past.forget(reverse)
        return one

    # Those that are only kept

    def _begin_keeping(self, key: bytes, packet: PacketTuple) -> bool:
        """Keep a conversation from its SYN on; False: it is to be followed, or passed over."""
        number, at, _, buffer, start, end, length = packet
        isn = int.from_bytes(buffer[start + 38 : start + 42])
        past = self._past
        fragmented = buffer[start + 20] & 0x3F or buffer[start + 21]
        if self.known_only or key[10:] == PROXY or end - start > LARGEST or fragmented:
            return False
        again = key in past
        if again and past[key] in (None, isn):
            return False
        kept = Kept(self.count, key, isn)
        kept.packets.append((number, at, buffer[start:end], length))
        self.count += 1
        self.began = self.began or at
        reverse, unwanted = kept.reverse, self.unwanted.flows
        self._streams[key] = self._streams[reverse] = unwanted[key] = unwanted[reverse] = kept
        self._kept[kept.number] = kept
        if again or reverse in past:
            past.forget(key)
            past.forget(reverse)
        if len(self._kept) > MOST_KEPT:
            self._work_out(next(iter(self._kept.values())))
        over = self._over
        if over and (at - over[0].over_at > LINGER_SECONDS or len(over) > MOST_OVER):
            self._sweep(at)
        return True

    def _keep_on(self, kept: Kept, packet: PacketTuple) -> Stream | None:
        """Keep a packet that may end a conversation; else return the stream that it belongs to."""
        number, at, _, buffer, start, end, length = packet
        key, flags = buffer[start + 26 : start + 38], buffer[start + FLAGS]
        if (
            end - start > LARGEST
            or len(kept.packets) >= MOST_PACKETS
            or flags & SYN_ACK == Flag.SYN
        ):
            self._work_out(kept)
            stream = self._streams.get(key)
            return stream if isinstance(stream, Stream) else None
        kept.packets.append((number, at, buffer[start:end], length))
        if not kept.over_frame and kept.ends_with(key, flags):
            kept.over_frame, kept.over_at = number, at
            del self._kept[kept.number]
            self._over.append(kept)
        return None

    def _work_out(self, kept: Kept) -> Conversation:
        """Follow a conversation from its first packet on, as if it never had been only kept."""
        self._kept.pop(kept.number, None)
        for key in (kept.key, kept.reverse):
            self.unwanted.flows.pop(key, None)
        number, at, _, _ = kept.packets[0]
        conversation = self._begin(kept.number, kept.key, at, number, None).conversation
        conversation.flow.isn = kept.isn
        self._follow(
            (number, at, ETHERNET, data, 0, len(data), length)
            for number, at, data, length in kept.packets
        )
        if kept.over_frame and kept in self._over:
            place = self._over.index(kept)
            if conversation.over:
                self._over[place] = self._over.pop()
            else:
                del self._over[place]
        return conversation

    def _find(self, key: bytes) -> Stream | None:
        """Return a stream; what is only kept is worked out."""
        stream = self._streams.get(key)
        if isinstance(stream, Kept):
            self._work_out(stream)
            stream = self._streams.get(key)
        return stream if isinstance(stream, Stream) else None

    def _let_go(self, kept: Kept) -> None:
        """Keep nothing of a conversation but its keys."""
        for key in (kept.key, kept.reverse):
            if self._streams.get(key) is kept:
                del self._streams[key], self.unwanted.flows[key]
            self._past.add(key, kept.isn_of(key))

    def _sweep(self, at: float) -> None:
        """Keep the table inside its bounds."""
        while len(self._young) > MOST_HALF_OPEN:
            conversation = self._young.pop(next(iter(self._young)))
            if _is_half_open(conversation):
                self._evict(conversation, at)
            elif _is_mute(conversation):
                self._mute[conversation.flow.number] = conversation
        while len(self._live) > self._most:
            self._evict(self._dispensable(), at)
        over, live = self._over, self._live
        while over and (
            at - over[0].over_at > LINGER_SECONDS
            or len(over) > MOST_OVER
            or (isinstance(over[0], Conversation) and over[0].flow.number not in live)
        ):
            self._end_first(at)

    def _dispensable(self) -> Conversation:
        """Return the oldest conversation in which nobody said anything, else the oldest of all."""
        while self._mute:
            conversation = self._mute.pop(next(iter(self._mute)))
            if _is_mute(conversation):
                return conversation
        return next(iter(self._live.values()))

    def _evict(self, conversation: Conversation, at: float) -> None:
        conversation.flow.notes.append(say(LEFT))
        self.evicted += 1
        self._close(conversation, at, self.packets)

    def _end_first(self, at: float) -> None:
        """Tell that the conversation is over that was over first."""
        first = self._over.popleft()
        if isinstance(first, Kept):
            if self._recognise is not None and self._recognise(first):
                self._let_go(first)
                return
            first = self._work_out(first)
            if not first.over:
                return
            self._over.pop()
        self._close(first, at, self.packets)
        self.ended(first.flow)

    def _close(self, conversation: Conversation, at: float, number: int) -> None:
        """Finish a conversation and keep nothing of it but its keys.

        Who asked is told in the order in which conversations were over, whenever they are closed.
        """
        if self._live.pop(conversation.flow.number, None) is None:
            return
        self._young.pop(conversation.flow.number, None)
        self._mute.pop(conversation.flow.number, None)
        flow = conversation.flow
        conversation.finish()
        if conversation.over:
            flow.until = max(conversation.over_at, flow.last_at)
        else:
            flow.until, flow.over_frame = max(at, flow.last_at), number
            self._over.append(conversation)
        for stream in (conversation.one, conversation.two):
            if self._streams.get(stream.key) is stream:
                del self._streams[stream.key]
                self.unwanted.flows.pop(stream.key, None)
            self._past.add(stream.key, stream.isn)
        conversation.let_go()


def read_into(capture: Capture, conversations: Conversations) -> None:
    """Read a whole capture into the conversations, and finish them."""
    conversations.follow(capture.packets())
    conversations.finish()


def _is_half_open(conversation: Conversation) -> bool:
    """Say that nothing but a SYN came, and nothing in answer."""
    return not conversation.two.side.packets and not conversation.one.side.sent


def _is_mute(conversation: Conversation) -> bool:
    """Say that no side has sent a byte."""
    return not conversation.one.side.sent and not conversation.two.side.sent


def _endpoint(address: bytes, port: bytes) -> Endpoint:
    return Endpoint(_print(address), int.from_bytes(port))


def _print(address: bytes) -> str:
    return inet_ntop(AF_INET if len(address) == 4 else AF_INET6, address)


def _ignore(flow: Flow) -> None:
    """Do nothing: nobody asked to be told."""
