"""A conversation kept as the packets it came in, until it is over: most are short, and all alike.

To keep packets is many times cheaper than to follow two streams. Once the conversation seems over,
whoever listens looks at it as a whole, and may know it by its likeness to one that was worked out
before; if not, or as soon as anything unusual comes, its packets are worked out from the first on.
Must never hold more than its bounds, nor decide anything: that it is over is only a guess.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from socket import AF_INET, inet_ntop
from typing import Final, NamedTuple, TypeAlias, final

from ..flow import Endpoint
from .segment import Flag

#: Packets of one conversation, and bytes of one packet, that are kept; conversations, and packets
#: of all of them together.
MOST_PACKETS = 48
LARGEST = 2048
MOST_KEPT = 2_000
MOST_HELD = 20_000
#: The place of TCP's flags and of its ports and addresses in a packet that is kept.
FLAGS, KEY, KEY_END = 47, 26, 38
SYN_ACK = Flag.SYN | Flag.ACK

#: What happened, beside data: a pause, a SYN-ACK, a FIN; from RESET on a RST, and by how much its
#: TTL differs from that of the sender's first packet.
PAUSE, ACCEPTED, CLOSED, RESET = -1, -2, -3, -1000
FARTHEST_TTL = 99
#: Total length, fragment, TTL, sequence, acknowledgment, length of the header, flags.
_HEADERS: Final = struct.Struct(">16xH2xHB15xIIBB")
_ETHERNET, _TCP, _LEAST = 14, 34, 54
_FRAGMENTED, _ROUND, _HALF = 0x3FFF, 0xFFFF_FFFF, 0x8000_0000

#: number (from 1), seconds since the epoch, the packet from its Ethernet header on, its length on
#: the wire.
KeptPacket: TypeAlias = tuple[int, float, bytes, int]


#: Who (0 the client, 1 the server), and the data sent or what else happened.
Event: TypeAlias = tuple[int, bytes | int]


class Ends(NamedTuple):
    """Client and server of a conversation."""

    client: Endpoint
    server: Endpoint


@final
class Kept:
    """One conversation over Ethernet and plain IPv4, from its SYN on."""

    __slots__ = (
        "closed",
        "isn",
        "key",
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
        self.closed = 0  # 1: the client sent a FIN, 2: the server, 3: both
        self.over_frame = 0  # the packet with which it seems over
        self.over_at = 0.0

    @property
    def ends(self) -> Ends:
        """Return who speaks to whom."""
        key = self.key
        return Ends(_endpoint(key[:4], key[8:10]), _endpoint(key[4:8], key[10:]))

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
            flags, sequence = data[FLAGS], int.from_bytes(data[KEY_END : KEY_END + 4])
            if data[KEY:KEY_END] == key:
                return sequence if flags & Flag.SYN else sequence - 1 & 0xFFFF_FFFF
            if flags & SYN_ACK == Flag.ACK:
                return int.from_bytes(data[KEY_END + 4 : KEY_END + 8]) - 1 & 0xFFFF_FFFF
        return None


@lru_cache(maxsize=4096)
def _address(packed: bytes) -> str:
    return inet_ntop(AF_INET, packed)


def _endpoint(address: bytes, port: bytes) -> Endpoint:
    return Endpoint(_address(address), int.from_bytes(port))


class Irregular(Exception):  # noqa: N818
    """Something that is not plainly next, or cannot be read at a glance."""


def events(kept: Kept, patience: float) -> list[Event]:
    """Return what happened in a conversation that is over, all of it in order and at once.

    A pause of `patience` seconds or more is an event; all shorter ones together are less. In the
    end stands, for each side, how many of its segments were not acknowledged; what arrived in the
    end may have been sent twice. Raises Irregular where a packet is early, cut, or comes behind
    the end.
    """
    key, unpack = kept.key, _HEADERS.unpack_from
    found: list[Event] = []
    following = [-1, -1]  # the next sequence number of each side, -1: not known
    acked, ends = [0, 0], ([0], [0])
    closed, again, first_ttl = [False, False], [False, False], [-1, -1]
    over, quiet, before = False, 0.0, kept.packets[0][1]
    for _, at, data, length in kept.packets:
        total, place, ttl, sequence, acknowledgment, size, flags = unpack(data)
        payload, end = _TCP + (size >> 2 & 0x3C), _ETHERNET + total
        if place & _FRAGMENTED or not _LEAST <= payload <= end or end > len(data) or end > length:
            raise Irregular
        pause, before = at - before, at
        if pause >= patience:
            found.append((0, PAUSE))
        elif pause < 0:
            raise Irregular
        else:
            quiet += pause
        who = 0 if data[KEY:KEY_END] == key else 1
        peer = 1 - who
        flags &= _CONTROL
        if flags & Flag.RST:
            if end != payload or not _fits(who, sequence, acknowledgment, flags, following):
                raise Irregular
            if not over:
                strange = abs(ttl - first_ttl[who]) if first_ttl[who] >= 0 else 0
                found.append((who, RESET - min(strange, FARTHEST_TTL)))
                over = True
            continue
        if first_ttl[who] < 0:
            first_ttl[who] = ttl
        if flags & Flag.SYN:
            _begin(who, sequence, acknowledgment, flags, following)
            if end != payload:
                raise Irregular
            acked[who] = ends[who][0] = following[who]
            if who:
                acked[0] = following[0]
                found.append((1, ACCEPTED))
            continue
        if not flags & Flag.ACK or following[peer] < 0 or following[who] < 0:
            raise Irregular
        if acknowledgment != acked[peer]:
            if following[peer] - acknowledgment & _ROUND >= _HALF:
                raise Irregular
            if acknowledgment - acked[peer] & _ROUND < _HALF:
                acked[peer] = acknowledgment
        if sequence != following[who]:
            behind = following[who] - sequence & _ROUND
            unseen = flags & Flag.FIN and not closed[who]
            if behind >= _HALF or behind < end - payload or unseen:
                raise Irregular
            again[who] = again[who] or end != payload
            continue
        if end != payload:
            if over or closed[who]:
                raise Irregular
            found.append((who, data[payload:end]))
            following[who] = sequence = sequence + end - payload & _ROUND
            ends[who].append(sequence)
        if flags & Flag.FIN:
            if closed[who] or over:
                raise Irregular
            following[who] = sequence + 1 & _ROUND
            closed[who] = True
            found.append((who, CLOSED))
            over = closed[peer]
    if not over or quiet >= patience:
        raise Irregular
    for who in (0, 1):
        unheard = sum(0 < end - acked[who] & _ROUND < _HALF for end in ends[who][1:])
        if unheard and again[who]:
            raise Irregular
        found.append((who, unheard))
    return found


_CONTROL = Flag.FIN | Flag.SYN | Flag.RST | Flag.ACK


def _fits(who: int, sequence: int, acknowledgment: int, flags: int, following: list[int]) -> bool:
    """Say that a RST fits without a look at windows: it is next, or answers the SYN."""
    if following[who] >= 0:
        return sequence == following[who]
    return bool(flags & Flag.ACK and not sequence and acknowledgment == following[1 - who])


def _begin(who: int, sequence: int, acknowledgment: int, flags: int, following: list[int]) -> None:
    """Take the client's SYN, and the server's that answers it; each once."""
    if following[who] >= 0 or (flags & SYN_ACK == SYN_ACK) != bool(who) or flags & Flag.FIN:
        raise Irregular
    if who and acknowledgment != following[0]:
        raise Irregular
    following[who] = sequence + 1 & _ROUND
