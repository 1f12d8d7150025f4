"""The part of the table that only keeps conversations, from their SYN until they are over.

Whoever listens may know one by its likeness then; one that is not known, lasts too long, grows too
large or does what is unusual is followed from its first packet on, as if it never had been only
kept. Must never change what is told: only what it costs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterable

from ..flow import Flow, Sink
from .conversation import Conversation
from .kept import LARGEST, MOST_KEPT, Kept
from .pcap import PacketTuple
from .proxied import PORT
from .stream import Overlap, Stream
from .table import LINGER_SECONDS, MOST_OVER, Table

#: The link type of what is kept: Ethernet.
ETHERNET = 1
#: Packets that may still come of noise: acknowledgments, FIN, RST.
MOST_LATE = 4
#: The port of SOCKS proxies, as it stands in a packet.
PROXY = PORT.to_bytes(2)


class Keeping(Table, ABC):
    """A table in which a conversation begins as the packets that it came in."""

    def __init__(
        self,
        opened: Callable[[Flow], Sink],
        ended: Callable[[Flow], None] | None,
        overlap: Overlap,
        most: int,
        recognise: Callable[[Kept], bool] | None,
        is_noise: Callable[[Kept], bool] | None,
    ) -> None:
        """Begin; without `recognise` nothing is only kept."""
        super().__init__(opened, ended, overlap, most)
        self._recognise, self._is_noise = recognise, is_noise
        self.unwanted.over = self._seems_over
        self._kept: dict[int, Kept] = {}  # those that are not over
        # Those of them that are noise, and were kept for long. The first of a plain dict would be
        # found by walking over all that were deleted before.
        self._waiting: OrderedDict[int, Kept] = OrderedDict()

    @property
    def busy(self) -> bool:
        """Tell whether some conversation is not closed."""
        return bool(self._kept or self._waiting) or super().busy

    def settle(self, at: float, patience: float, idle: float) -> None:
        """Close what is over and has been waited for; without packets nobody else does.

        What is only kept, and began or seems over `patience` seconds ago, is waited for no longer;
        noise is while it is not `idle` for so many.
        """
        while self._kept:
            kept = next(iter(self._kept.values()))
            if at - kept.packets[0][1] < patience:
                break
            self._tire_of(kept)
        while self._waiting:
            kept = next(iter(self._waiting.values()))
            if at - kept.packets[-1][1] < idle:
                break
            self._wait_no_more(kept)
        over = self._over
        while over and isinstance(over[0], Kept) and at - over[0].over_at >= patience:
            self._end_first(at)
        self._sweep(at)

    @abstractmethod
    def _follow(self, packets: Iterable[PacketTuple]) -> tuple[int, float]:
        """Take packets; return the number of the last and the latest time."""

    def _begin_keeping(self, key: bytes, packet: PacketTuple) -> bool:
        """Keep a conversation from its SYN on; False: it is to be followed, or passed over."""
        number, at, _, buffer, start, end, length = packet
        fragmented = buffer[start + 20] & 0x3F or buffer[start + 21]
        if self.known_only or key[10:] == PROXY or end - start > LARGEST or fragmented:
            return False
        isn, past = int.from_bytes(buffer[start + 38 : start + 42]), self._past
        kept = Kept(self.count, key, isn)
        reverse, unwanted = kept.reverse, self.unwanted.flows
        if past.has_one_of(key, reverse):
            if key in past and past[key] in (None, isn):
                return False
            past.forget(key)
            past.forget(reverse)
        kept.packets.append((number, at, buffer[start:end], length))
        self.count += 1
        self.began = self.began or at
        self._streams[key] = self._streams[reverse] = unwanted[key] = unwanted[reverse] = kept
        self._kept[kept.number] = kept
        if len(self._kept) > MOST_KEPT:
            self._tire_of(next(iter(self._kept.values())))
            self._sweep(at)
        over = self._over
        while over and (len(over) > MOST_OVER or at - over[0].over_at > LINGER_SECONDS):
            self._end_first(at)
        return True

    def _seems_over(self, kept: Kept, number: int, at: float) -> None:
        """A conversation that is kept seems over with this packet; late ones are waited for."""
        if kept.over_frame:
            return
        kept.over_frame, kept.over_at = number, at
        if self._kept.pop(kept.number, None) is None:
            del self._waiting[kept.number]
        self._over.append(kept)

    def _tire_of(self, kept: Kept) -> None:
        """Follow what was kept for long enough; of noise only wait for the end, with few packets.

        The oldest of too many have come to theirs.
        """
        if self._is_noise is None or not self._is_noise(kept):
            self._work_out(kept)
            return
        del self._kept[kept.number]
        self._waiting[kept.number] = kept
        kept.most = len(kept.packets) + MOST_LATE
        for key in (kept.key, kept.reverse):
            self.unwanted.flows.pop(key, None)  # its packets are counted here
        if len(self._waiting) + len(self._live) > self._most:
            self._wait_no_more(next(iter(self._waiting.values())))

    def _wait_no_more(self, kept: Kept) -> None:
        """Tell of noise that nothing follows on."""
        del self._waiting[kept.number]
        if self._recognise is not None and self._recognise(kept):
            self._let_go(kept)
        else:
            self.leave(self._work_out(kept).flow, self.last_at)

    def _work_out(self, kept: Kept) -> Conversation:
        """Follow a conversation from its first packet on, as if it never had been only kept."""
        self._kept.pop(kept.number, None)
        self._waiting.pop(kept.number, None)
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
        kept = self._streams.get(key)
        if isinstance(kept, Kept):
            self._work_out(kept)
        return super()._find(key)

    def _end_first(self, at: float) -> None:
        """Tell that the conversation is over that was over first."""
        first = self._over[0]
        if not isinstance(first, Kept):
            super()._end_first(at)
            return
        self._over.popleft()
        if self._recognise is not None and self._recognise(first):
            self._let_go(first)
            return
        conversation = self._work_out(first)
        if conversation.over:
            self._over.pop()
            self._close(conversation, at, self.packets)
            self.ended(conversation.flow)

    def _let_go(self, kept: Kept) -> None:
        """Keep nothing of a conversation but its keys."""
        streams, unwanted, past = self._streams, self.unwanted.flows, self._past
        key, reverse = kept.key, kept.reverse
        for each in (key, reverse):
            if streams.get(each) is kept:
                del streams[each]
                unwanted.pop(each, None)
        past.add_both(key, kept.isn, reverse, kept.isn_of(reverse))
