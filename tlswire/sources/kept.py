"""A conversation kept as the packets it came in, until it is over: most are short, and all alike.

To keep packets is many times cheaper than to follow two streams. Once the conversation seems over,
whoever listens looks at it as a whole, and may know it by its likeness to one that was worked out
before; if not, or as soon as anything unusual comes, its packets are worked out from the first on.
Must never hold more than its bounds, nor decide anything: that it is over is only a guess.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final, TypeAlias, final

from ..flow import Endpoint
from .ends import print_address
from .segment import Flag

#: Packets of one conversation, and bytes of one packet, that are kept; conversations.
MOST_PACKETS = 48
LARGEST = 2048
MOST_KEPT = 2_000
#: The place of TCP's flags and of its ports and addresses in a packet that is kept.
FLAGS, KEY, KEY_END = 47, 26, 38
SYN_ACK = Flag.SYN | Flag.ACK
CONTROL = Flag.FIN | Flag.SYN | Flag.RST | Flag.ACK
#: What may end a conversation.
ENDING = Flag.FIN | Flag.RST

#: What happened, beside data: a pause, a SYN-ACK, a FIN; from RESET on a RST, and by how much its
#: TTL differs from that of the sender's first packet.
PAUSE, ACCEPTED, CLOSED, RESET = -1, -2, -3, -1000
FARTHEST_TTL = 99
#: EtherType, IP's version and header, its total length, fragment, TTL; sequence, acknowledgment,
#: length of the header, flags.
_HEADERS: Final = struct.Struct(">12xHBxH2xHB15xIIBB")
_ETHERNET, _TCP, _LEAST = 14, 34, 54
_IPV4, _WITHOUT_OPTIONS = 0x0800, 0x45
_FRAGMENTED, _ROUND, _HALF = 0x3FFF, 0xFFFF_FFFF, 0x8000_0000

#: number (from 1), seconds since the epoch, the packet from its Ethernet header on, its length on
#: the wire.
KeptPacket: TypeAlias = tuple[int, float, bytes, int]


#: Who (0 the client, 1 the server), and the data sent or what else happened.
Event: TypeAlias = tuple[int, bytes | int]


@final
class Kept:
    """One conversation over Ethernet and plain IPv4, from its SYN on."""

    __slots__ = (
        "closed",
        "isn",
        "key",
        "most",
        "number",
        "over_at",
        "over_frame",
        "packets",
        "reverse",
    )

    #: As a stream has it: payload is wanted.
    skipping = False

    def __init__(self, number: int, key: bytes, isn: int) -> None:
        """Begin with the client's key, as its packets have it, and its initial sequence number."""
        self.number, self.key, self.isn = number, key, isn
        self.reverse = key[4:8] + key[:4] + key[10:] + key[8:10]
        self.packets: list[KeptPacket] = []
        self.most = MOST_PACKETS
        self.closed = 0  # 1: the client sent a FIN, 2: the server, 3: both
        self.over_frame = 0  # the packet with which it seems over
        self.over_at = 0.0

    @property
    def server(self) -> Endpoint:
        """Return to whom the client speaks."""
        return _server(self.key[4:8] + self.key[10:])

    @property
    def client_address(self) -> str:
        """Return the client's address, as it is printed."""
        return print_address(self.key[:4])

    @property
    def client_port(self) -> int:
        """Return the client's port."""
        return int.from_bytes(self.key[8:10])

    def ends_with(self, key: bytes, flags: int) -> bool:
        """Take note of a FIN or RST; say that the conversation seems over by it."""
        if flags & Flag.FIN:
            self.closed |= 1 if key == self.key else 2
        return self.closed == 3 or bool(flags & Flag.RST)

    def isn_of(self, key: bytes) -> int | None:
        """Return a side's initial sequence number, as `Stream.isn` would have it by now."""
        if key == self.key:
            return self.isn
        for _, _, data, _ in self.packets:
            flags = data[FLAGS]
            if data.startswith(key, KEY):
                sequence = int.from_bytes(data[KEY_END : KEY_END + 4])
                return sequence if flags & Flag.SYN else sequence - 1 & 0xFFFF_FFFF
            if flags & SYN_ACK == Flag.ACK:
                return int.from_bytes(data[KEY_END + 4 : KEY_END + 8]) - 1 & 0xFFFF_FFFF
        return None


@lru_cache(maxsize=4096)
def _server(packed: bytes) -> Endpoint:
    """Return an endpoint that is met again and again."""
    return Endpoint(print_address(packed[:4]), int.from_bytes(packed[4:]))


def payload(data: bytes) -> tuple[int, int]:
    """Return where the payload of a packet that is kept begins and ends."""
    return _TCP + (data[46] >> 2 & 0x3C), _ETHERNET + int.from_bytes(data[16:18])


class Irregular(Exception):  # noqa: N818
    """Something that is not plainly next, or cannot be read at a glance."""


def events(kept: Kept, patience: float) -> list[Event]:
    """Return what happened in a conversation that is over, all of it in order and at once.

    A pause of `patience` seconds or more is an event; all shorter ones together are less. In the
    end stands, for each side, how many of its segments were not acknowledged; what arrived in the
    end may have been sent twice. Raises Irregular where a packet is early, cut, or comes behind
    the end.
    """
    key, unpack, ack_only, control = kept.key, _HEADERS.unpack_from, Flag.ACK, CONTROL
    state = _State()
    following, acked, found = state.following, state.acked, state.found
    quiet, before = 0.0, kept.packets[0][1]
    for _, at, data, length in kept.packets:
        kind, form, total, place, ttl, sequence, acknowledgment, size, flags = unpack(data)
        payload, end = _TCP + (size >> 2 & 0x3C), _ETHERNET + total
        if not _LEAST <= payload <= end <= len(data) or end > length:
            raise Irregular
        if kind != _IPV4 or form != _WITHOUT_OPTIONS or place & _FRAGMENTED:
            raise Irregular
        pause, before = at - before, at
        if 0 <= pause < patience:
            quiet += pause
        elif pause < 0:
            raise Irregular
        else:
            found.append((0, PAUSE))
        who = data[KEY:KEY_END] != key
        flags &= control
        if flags != ack_only and state.signalled(
            who, flags, sequence, acknowledgment, ttl, end - payload
        ):
            continue
        peer = not who
        if acknowledgment != acked[peer]:
            if following[peer] < 0 or following[peer] - acknowledgment & _ROUND >= _HALF:
                raise Irregular
            if acknowledgment - acked[peer] & _ROUND < _HALF:
                acked[peer] = acknowledgment
        if sequence != following[who]:
            state.repeated(who, sequence, end - payload, flags)
        elif end != payload:
            if state.over or state.closed[who]:
                raise Irregular
            found.append((who, data[payload:end]))
            following[who] = sequence = sequence + end - payload & _ROUND
            state.ends[who].append(sequence)
        if flags != ack_only:
            state.close(who)
    if not state.over or quiet >= patience:
        raise Irregular
    state.conclude()
    return found


class _State:
    """Where the two streams of a conversation stand; the client is 0, the server 1."""

    __slots__ = ("acked", "again", "closed", "ends", "first_ttl", "following", "found", "over")

    def __init__(self) -> None:
        self.found: list[Event] = []
        self.following, self.acked = [-1, -1], [-1, -1]  # sequence numbers, -1: not known
        self.ends: tuple[list[int], list[int]] = ([], [])  # of the segments of each side
        self.first_ttl = [-1, -1]
        self.closed, self.again, self.over = [False, False], [False, False], False

    def signalled(
        self, who: int, flags: int, sequence: int, acknowledgment: int, ttl: int, size: int
    ) -> bool:
        """Take a SYN or RST; False where it is neither, but a FIN."""
        if flags & (Flag.SYN | Flag.RST):
            if size or flags & Flag.FIN:
                raise Irregular
            if flags & Flag.RST:
                self._reset(who, flags, sequence, acknowledgment, ttl)
            else:
                self._begin(who, flags, sequence, acknowledgment, ttl)
            return True
        if not flags & Flag.ACK or self.following[who] < 0:
            raise Irregular
        return False

    def _begin(self, who: int, flags: int, sequence: int, acknowledgment: int, ttl: int) -> None:
        """Take the client's SYN, or the server's that answers it; each once."""
        following = self.following
        if following[who] >= 0 or (flags & SYN_ACK == SYN_ACK) != bool(who):
            raise Irregular
        if who:
            if acknowledgment != following[0]:
                raise Irregular
            self.found.append((1, ACCEPTED))
        following[who] = self.acked[who] = sequence + 1 & _ROUND
        self.first_ttl[who] = ttl

    def _reset(self, who: int, flags: int, sequence: int, acknowledgment: int, ttl: int) -> None:
        """Take a RST that fits without a look at windows: it is next, or answers the SYN.

        One behind the end changes nothing any more.
        """
        if self.over:
            return
        if self.following[who] >= 0:
            fits = sequence == self.following[who]
        else:
            answers = acknowledgment == self.following[1 - who]
            fits = bool(flags & Flag.ACK) and not sequence and answers
        if not fits:
            raise Irregular
        first = self.first_ttl[who]
        strange = abs(ttl - first) if first >= 0 else 0
        self.found.append((who, RESET - min(strange, FARTHEST_TTL)))
        self.over = True

    def repeated(self, who: int, sequence: int, size: int, flags: int) -> None:
        """Take a segment that is not the next one: all of it was sent before."""
        behind = self.following[who] - sequence & _ROUND
        new = flags & Flag.FIN and not self.closed[who]
        if self.following[who] < 0 or behind >= _HALF or behind < size or new:
            raise Irregular
        self.again[who] = self.again[who] or size > 0

    def close(self, who: int) -> None:
        """Take a FIN, of which only the first counts."""
        if self.closed[who]:
            return
        self.following[who] = self.following[who] + 1 & _ROUND
        self.closed[who] = True
        self.found.append((who, CLOSED))
        self.over = self.over or self.closed[not who]

    def conclude(self) -> None:
        """Tell what of each side was not acknowledged in the end."""
        for who in (0, 1):
            acked, sent = self.acked[who], self.ends[who]
            unheard = sum(0 < end - acked & _ROUND < _HALF for end in sent) if sent else 0
            if unheard and self.again[who]:
                raise Irregular
            self.found.append((who, unheard))
