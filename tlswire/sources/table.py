"""The table of a capture's TCP conversations: which packet belongs to which, and which are over.

Every conversation counts from 0 by its first packet; a SYN with another initial sequence number
on the same addresses and ports begins a new one. Must never hold more conversations than its
bounds, nor open a new number for a late packet of one that is over. Reads no packets: `tcp` does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tlswire.language import mark, say

from ..flow import Endpoint, Flow, Sink
from .conversation import Conversation
from .ends import print_address
from .exchange import Budget
from .kept import SYN_ACK, Kept
from .past import Past
from .proxied import PORT, Proxied
from .segment import Flag
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
#: Out-of-order bytes over all conversations.
MOST_BUFFERED = 32 << 20


class Table:
    """The conversations that are followed, those that are over, and the keys of those before."""

    def __init__(
        self,
        opened: Callable[[Flow], Sink],
        ended: Callable[[Flow], None] | None,
        overlap: Overlap,
        most: int,
    ) -> None:
        """Begin; each conversation, once its client is known, is given to `opened`."""
        self.ended = ended or _ignore
        self.count = 0
        self.packets = 0  # the number of the last packet
        self.last_at = 0.0  # the latest time of a packet, seconds since the epoch
        self.began = 0.0  # when the first conversation began
        self.unwanted = Unwanted()
        self.evicted = 0
        self.known_only = False  # take no packet that would begin a conversation
        self.skipped = 0  # numbers given to what proxies carry
        self._sink_of = opened
        self._overlap: Overlap = overlap
        self._most = most
        self._budget = Budget(MOST_BUFFERED)
        self._streams: dict[bytes, Stream | Kept] = {}
        self._live: dict[int, Conversation] = {}
        self._young: dict[int, Conversation] = {}
        self._mute: dict[int, Conversation] = {}  # no longer young, and nobody had said anything
        self._over: deque[Conversation | Kept] = deque()
        self._past = Past(MOST_REMEMBERED)

    def leave(self, flow: Flow, at: float) -> None:
        """Close a conversation of which nothing more is wanted; late packets are passed over."""
        conversation = self._live.get(flow.number)
        if conversation is not None:
            self._close(conversation, max(at, self.last_at), flow.last_frame)
            self._over.remove(conversation)
            self.ended(flow)

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
        return bool(self._live or self._over)

    # Beginning

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

    def _find(self, key: bytes) -> Stream | None:
        """Return the stream with this key."""
        stream = self._streams.get(key)
        return stream if isinstance(stream, Stream) else None

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

    def _opened(self, flow: Flow) -> Sink:
        """Return who reads a conversation; what a proxy carries takes a number, as in Wireshark."""
        sink = self._sink_of(flow)
        return Proxied(sink, self._skip_number) if flow.server.endpoint.port == PORT else sink

    def _skip_number(self) -> None:
        self.count += 1
        self.skipped += 1

    # Making room

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

    # Ending

    def _end_first(self, at: float) -> None:
        """Tell that the conversation is over that was over first."""
        first = self._over.popleft()
        assert isinstance(first, Conversation)
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


def _endpoint(address: bytes, port: bytes) -> Endpoint:
    return Endpoint(print_address(address), int.from_bytes(port))


def _is_half_open(conversation: Conversation) -> bool:
    """Say that nothing but a SYN came, and nothing in answer."""
    return not conversation.two.side.packets and not conversation.one.side.sent


def _is_mute(conversation: Conversation) -> bool:
    """Say that no side has sent a byte."""
    return not conversation.one.side.sent and not conversation.two.side.sent


def _ignore(flow: Flow) -> None:
    """Do nothing: nobody asked to be told."""
