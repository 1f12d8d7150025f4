"""Conversations that are the same to the byte but for what is random: known without reading them.

A `Mold` is cast from a conversation whose story is known. One regular expression, held against all
its packets joined, says of each who sends it and has every byte in it that decides the story:
headers of packets, records and messages, alerts, the hellos without what is fresh in them. The
sequence numbers are one sum. What fits it has that story, and its server name where the first had
its own. Must never fit what would be told otherwise: where that is in doubt none is cast.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from tlswire.casting import NAME, NotPlain, Tokens, Undecided, stream_tokens
from tlswire.sources.kept import FLAGS, KEY, KEY_END, SYN_ACK, Kept, payload
from tlswire.sources.segment import Flag

T = TypeVar("T")

#: A packet's headers, Ethernet to TCP without options.
_HEADS: Final = 54
_PORTS, _PORTS_END = 34, 38
#: Of these the runs that must be alike: EtherType, IP's version and header length; total length;
#: fragment, TTL; TCP's header length and flags.
_BEFORE_PORTS: Final = ((12, 15), (16, 18), (20, 23))
_FLAGS: Final = (46, 48)
#: Molds for packets of the same lengths; molds and lengths of all, before the next makes all
#: forgotten.
MOST_ALIKE: Final = 16
MOST_MOLDS: Final = 1024
MOST_LENGTHS: Final = 8192
#: To cast a mold takes as long as to reduce so many conversations to their stories.
OFTEN: Final = 16
#: Sequence numbers, and acknowledgments where there are any, in one number: 32 bits each.
_BITS: Final = 32
_ROUND: Final = 1 << _BITS

#: The packets of a conversation joined, all whole, swift and in order, and their lengths.
Packets: TypeAlias = tuple[bytes, tuple[int, ...]]
#: Of each side, what is at which place of that number.
Sums: TypeAlias = tuple[int, int]


def join(kept: Kept, patience: float) -> Packets | None:
    """Return the packets joined; None when one is cut, or they were not swift and in order."""
    _, times, datas, lengths = zip(*kept.packets)  # noqa: B905  (to check costs as much again)
    if times[-1] - times[0] >= patience or list(times) != sorted(times):
        return None
    return (b"".join(datas), lengths) if tuple(map(len, datas)) == lengths else None


class Mold(NamedTuple):
    """What a conversation, its packets of certain lengths, must be like besides."""

    pattern: re.Pattern[bytes]
    numbers: struct.Struct  # picks sequence and acknowledgment out of each packet
    accepted: int  # where the server's initial sequence number stands
    begun: Sums  # how often, and where, each side's initial sequence number is in the sum
    sent: int  # the sum without them
    most: Sums  # the highest number of each side, counted from its initial one

    def fits(self, joined: bytes, client: int) -> re.Match[bytes] | None:
        """Return the match, None where something decisive differs.

        With 32 bits for a number and no number beyond them two sums are the same only where all
        numbers are.
        """
        match = self.pattern.fullmatch(joined)
        if match is None:
            return None
        server = int.from_bytes(joined[self.accepted : self.accepted + 4])
        if client + self.most[0] >= _ROUND or server + self.most[1] >= _ROUND:
            return None
        told = int.from_bytes(b"".join(self.numbers.unpack(joined)))
        begun = client * self.begun[0] + server * self.begun[1]
        return match if told == begun + self.sent else None


class Molds(Generic[T]):
    """The molds for lengths seen often, each with what is told of its conversations."""

    def __init__(self) -> None:
        self._molds: dict[tuple[int, ...], list[tuple[Mold, T]]] = {}
        self._missed: Counter[tuple[int, ...]] = Counter()  # how often no mold fitted
        self._count = 0

    def find(self, kept: Kept, packets: Packets) -> tuple[T, str | None] | None:
        """Return what is told of a conversation, and its server name; None where none fits."""
        joined, lengths = packets
        alike = self._molds.get(lengths, [])
        for place, (mold, told) in enumerate(alike):
            match = mold.fits(joined, kept.isn)
            if match is not None:
                if place:  # what fits often comes first
                    alike[place - 1], alike[place] = alike[place], alike[place - 1]
                return told, name_in(match)
        return None

    def keep(self, kept: Kept, packets: Packets, told: T, name: str | None, *, tls13: bool) -> None:
        """Cast a mold where none fitted often enough, from the conversation of which that is so."""
        _, lengths = packets
        if lengths not in self._molds:
            if len(self._molds) >= MOST_LENGTHS or self._count >= MOST_MOLDS:
                self._molds.clear()
                self._missed.clear()
                self._count = 0
            self._molds[lengths] = []
        alike = self._molds[lengths]
        self._missed[lengths] += 1
        often = not self._missed[lengths] % OFTEN
        if often and len(alike) < MOST_ALIKE and self._count < MOST_MOLDS:
            mold = cast(kept, packets, name, tls13)
            if mold is not None:
                alike.append((mold, told))
                self._count += 1


def name_in(match: re.Match[bytes]) -> str | None:
    """Return the server name in a client's stream: the group behind those of both ports."""
    return match[3].decode("ascii") if match.lastgroup == NAME else None


# -- casting -------------------------------------------------------------------------------


def cast(kept: Kept, packets: Packets, name: str | None, tls13: bool) -> Mold | None:
    """Return a mold of a conversation that has a story; None when it is not plain enough."""
    datas = [data for _, _, data, _ in kept.packets]
    who = [int(data[KEY:KEY_END] != kept.key) for data in datas]
    flags = [data[FLAGS] & SYN_ACK for data in datas]
    if SYN_ACK not in flags or min(packets[1]) < _HEADS:
        return None
    accepted = flags.index(SYN_ACK)
    try:
        numbers = _numbers(datas, who, accepted)
        mold = Mold(_pattern(datas, who, tls13), *numbers)
    except (NotPlain, struct.error, IndexError):
        return None
    match = mold.fits(packets[0], kept.isn)
    return mold if match is not None and name_in(match) == name else None


def _numbers(
    datas: list[bytes], who: list[int], accepted: int
) -> tuple[struct.Struct, int, Sums, int, Sums]:
    """Return what a mold says of the numbers, as this conversation has them. Raises NotPlain."""
    at = [int.from_bytes(datas[n][KEY_END : KEY_END + 4]) for n in (0, accepted)]
    begun, most, sent, form = [0, 0], [0, 0], 0, ""
    for data, its in zip(datas, who, strict=True):
        picked = ((its, KEY_END), (1 - its, KEY_END + 4))[: 2 if data[FLAGS] & Flag.ACK else 1]
        size = 4 * len(picked)
        form += f"{KEY_END}x{size}s{len(data) - KEY_END - size}x"
        for side, place in picked:
            number = int.from_bytes(data[place : place + 4]) - at[side]
            if number < 0:  # it went round
                raise NotPlain
            begun = [(each << _BITS) + (own == side) for own, each in enumerate(begun)]
            sent = (sent << _BITS) + number
            most[side] = max(most[side], number)
    place = sum(map(len, datas[:accepted])) + KEY_END
    return struct.Struct(form), place, (begun[0], begun[1]), sent, (most[0], most[1])


def _pattern(datas: list[bytes], who: list[int], tls13: bool) -> re.Pattern[bytes]:
    """Return what matches all packets of a conversation joined. Raises NotPlain."""
    spans = [payload(data) for data in datas]
    streams = [
        stream_tokens(
            b"".join(
                data[begin:end]
                for data, (begin, end), its in zip(datas, spans, who, strict=True)
                if its == side
            ),
            tls13,
        )
        for side in (0, 1)
    ]
    parts: list[bytes] = []
    for data, (begin, end), its in zip(datas, spans, who, strict=True):
        parts += _head(data, its, first=not parts)
        begin = max(begin, _HEADS)
        parts.append(_any(begin - _FLAGS[1]))
        if begin < end:
            parts += _take(streams[its], end - begin)
        parts.append(_any(len(data) - max(begin, end)))
    return re.compile(b"".join(parts), re.DOTALL)


def _head(data: bytes, who: int, *, first: bool) -> list[bytes]:
    """Return the pattern of a packet's headers: what must be alike, and whose port is first."""
    parts, position = [], 0
    for begin, end in _BEFORE_PORTS:
        parts += [_any(begin - position), re.escape(data[begin:end])]
        position = end
    parts.append(_any(_PORTS - position))
    if first:
        parts.append(b"(?P<c>..)(?P<s>(?!(?P=c))..)")
    else:
        parts += [b"(?P=s)" if who else b"(?P=c)", _any(2)]
    begin, end = _FLAGS
    return [*parts, _any(begin - _PORTS_END), re.escape(data[begin:end])]


def _take(tokens: Tokens, size: int) -> list[bytes]:
    """Take what fills so many bytes from the front of a stream's tokens; return its pattern."""
    parts: list[bytes] = []
    while size:
        token = tokens.popleft()
        if isinstance(token, bytes):
            parts.append(re.escape(token[:size]))
            rest: bytes | Undecided = token[size:]
            size -= len(token) - len(rest)
        else:
            parts.append(token.pattern(size))
            rest = token.rest(size)
            size -= min(token.length, size)
        if rest:
            tokens.appendleft(rest)
    return parts


def _any(length: int) -> bytes:
    """Return the pattern of so many bytes that decide nothing."""
    return Undecided(length).pattern(length)
