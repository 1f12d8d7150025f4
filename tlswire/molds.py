"""Conversations that are the same to the byte but for what is random: known without reading them.

A `Mold` is cast from a conversation whose story is known. It says of each packet who sends it, how
long it is and where in its stream, and has for each stream a regular expression in which every byte
stands that decides the story: the headers of records and messages, alerts, the hellos without what
is fresh in them. What fits it has that story, and its server name where the first had its own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import itemgetter, sub
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.grammar.fast_words import FRESH
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER, is_foreign
from tlswire.sources.kept import FLAGS, KEY, KEY_END, SYN_ACK, Kept, payload

T = TypeVar("T")

#: Bytes of a packet's headers, Ethernet to TCP without options.
_HEADS: Final = 54
#: Of these the ones that must be alike: EtherType, IP's version and header length, total length,
#: fragment, TTL, TCP's header length and flags.
_ALIKE: Final = (12, 13, 14, 16, 17, 20, 21, 22, 46, 47)
#: Molds of one shape; molds and shapes of all, before the next new shape makes all forgotten.
MOST_ALIKE: Final = 4
MOST_MOLDS: Final = 1024
MOST_SHAPES: Final = 8192
ALERT_LENGTH: Final = 2
#: What is fresh in a hello, a ticket too, unless it is shorter than so many bytes.
_FRESH: Final = FRESH | {ExtensionType.session_ticket}
_FRESH_FROM: Final = 32
_EXTENSION: Final = struct.Struct(">HH")
#: Of server_name, what stands before the name: both lengths and the type (RFC 6066 section 3).
_BEFORE_NAME: Final = 5
#: What a protected handshake record never begins with: see `likeness`.
_UNLIKE_HELLO: Final = rb"(?!\x01\x00)"


#: Where a stream lies: in which packet, from where to where.
Pieces: TypeAlias = tuple[tuple[int, int, int], ...]


class Packets(NamedTuple):
    """The packets of a conversation in columns."""

    datas: tuple[bytes, ...]
    shape: bytes  # what of their headers must be alike
    ports: tuple[int, ...]  # each packet's source port
    sequences: tuple[int, ...]
    acknowledgments: tuple[int, ...]


def columns(kept: Kept, patience: float) -> Packets | None:
    """Return the packets in columns; None when one is cut, or they were not swift and in order."""
    _, times, datas, lengths = zip(*kept.packets, strict=True)
    swift = times[-1] - times[0] < patience and list(times) == sorted(times)
    if not swift or tuple(map(len, datas)) != lengths or min(lengths) < _HEADS:
        return None
    heads = b"".join([data[:_HEADS] for data in datas])
    shape = b"".join([heads[place::_HEADS] for place in _ALIKE])
    values = _numbers(len(datas)).unpack(heads)
    return Packets(datas, shape, values[::3], values[1::3], values[2::3])


@lru_cache(maxsize=64)
def _numbers(packets: int) -> struct.Struct:
    """Return what unpacks source port, sequence and acknowledgment of so many heads."""
    return struct.Struct(">" + "34xH2xII8x" * packets)


class Mold(NamedTuple):
    """What a conversation of one shape must be like besides."""

    senders: Callable[[tuple[int, int]], tuple[int, ...]]  # of (client's, server's): each packet's
    receivers: Callable[[tuple[int, int]], tuple[int, ...]]
    accepted: int  # the packet that is the SYN-ACK
    sequences: tuple[int, ...]
    acknowledgments: tuple[int, ...]
    payloads: tuple[Pieces, ...]  # of each side
    streams: tuple[re.Pattern[bytes], ...]

    def fits(self, packets: Packets) -> re.Match[bytes] | None:
        """Return the match of the client's stream, None where something decisive differs."""
        ports, sequences = packets.ports, packets.sequences
        sent = ports[0], ports[self.accepted]
        begun = sequences[0], sequences[self.accepted]
        if (
            ports != self.senders(sent)
            or sent[0] == sent[1]
            or tuple(map(sub, sequences, self.senders(begun))) != self.sequences
            or tuple(map(sub, packets.acknowledgments, self.receivers(begun)))[1:]
            != self.acknowledgments
        ):
            return None
        client, server = self.payloads
        if self.streams[1].fullmatch(_join(packets, server)) is None:
            return None
        return self.streams[0].fullmatch(_join(packets, client))


class Molds(Generic[T]):
    """The molds of the shapes seen more than once, each with what is told of its conversations."""

    def __init__(self) -> None:
        self._molds: dict[bytes, list[tuple[Mold, T]]] = {}
        self._count = 0

    def find(self, packets: Packets) -> tuple[T, str | None] | None:
        """Return what is told of a conversation, and its server name; None where none fits."""
        for mold, told in self._molds.get(packets.shape, ()):
            match = mold.fits(packets)
            if match is not None:
                return told, name_in(match)
        return None

    def keep(self, kept: Kept, packets: Packets, told: T, name: str | None, *, tls13: bool) -> None:
        """Cast a mold from a conversation of a shape that was seen before, if it can be cast."""
        alike = self._molds.get(packets.shape)
        if alike is None:
            if len(self._molds) >= MOST_SHAPES or self._count >= MOST_MOLDS:
                self._molds.clear()
                self._count = 0
            self._molds[packets.shape] = []
        elif len(alike) < MOST_ALIKE and self._count < MOST_MOLDS:
            mold = cast(kept, packets, name, tls13)
            if mold is not None:
                alike.append((mold, told))
                self._count += 1


def cast(kept: Kept, packets: Packets, name: str | None, tls13: bool) -> Mold | None:
    """Return a mold of a conversation that has a story; None when it is not plain enough."""
    who = tuple(int(data[KEY:KEY_END] != kept.key) for data in packets.datas)
    flags = [data[FLAGS] & SYN_ACK for data in packets.datas]
    if SYN_ACK not in flags:
        return None
    accepted = flags.index(SYN_ACK)
    payloads = tuple(
        tuple(
            (n, begin, end)
            for n, (begin, end) in enumerate(map(payload, packets.datas))
            if who[n] == side and begin < end
        )
        for side in (0, 1)
    )
    try:
        streams = tuple(
            re.compile(b"".join(_stream(_join(packets, side), tls13)), re.DOTALL)
            for side in payloads
        )
    except _NotPlain:
        return None
    senders, receivers = itemgetter(*who), itemgetter(*(1 - each for each in who))
    begun = packets.sequences[0], packets.sequences[accepted]
    sequences = tuple(map(sub, packets.sequences, senders(begun)))
    acknowledged = tuple(map(sub, packets.acknowledgments, receivers(begun)))[1:]
    mold = Mold(senders, receivers, accepted, sequences, acknowledged, payloads, streams)
    match = mold.fits(packets)
    return mold if match is not None and name_in(match) == name else None


def _join(packets: Packets, pieces: Pieces) -> bytes:
    return b"".join([packets.datas[which][begin:end] for which, begin, end in pieces])


def name_in(match: re.Match[bytes]) -> str | None:
    """Return the server name in a client's stream."""
    return match[1].decode("ascii") if match.re.groups else None


# -- what must stand in a stream -----------------------------------------------------------


class _NotPlain(Exception):  # noqa: N818
    """A message lies across records, or there are two names."""


def _stream(stream: bytes, tls13: bool) -> Iterator[bytes]:
    """Yield the pattern of a side's records, or of what begins like none."""
    if is_foreign(stream):
        yield re.escape(stream[:HEADER]) + _any(len(stream) - HEADER)
        return
    start, protected = 0, False
    while len(stream) - start >= HEADER:
        kind = stream[start]
        body = start + HEADER
        end = body + int.from_bytes(stream[start + 3 : body])
        yield re.escape(stream[start:body])
        if end > len(stream):
            yield _any(len(stream) - body)
            return
        if kind == ContentType.handshake and not protected:
            yield from _messages(stream[body:end])
        elif kind == ContentType.handshake:
            yield _UNLIKE_HELLO + _any(end - body)
        elif kind == ContentType.application_data or end - body != ALERT_LENGTH:
            yield _any(end - body)
        else:
            yield re.escape(stream[body:end])
        protected = protected or (kind == ContentType.change_cipher_spec and not tls13)
        start = end
    yield re.escape(stream[start:])


def _messages(fragment: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(fragment):
        body = start + MESSAGE_HEADER
        end = body + int.from_bytes(fragment[start + 1 : body])
        if end > len(fragment):
            raise _NotPlain
        yield re.escape(fragment[start:body])
        if fragment[start] == HandshakeType.client_hello:
            yield from _hello(fragment[body:end], _suites_end)
        elif fragment[start] == HandshakeType.server_hello:
            yield from _hello(fragment[body:end], _suite_end)
        else:
            yield _any(end - body)
        start = end


def _hello(body: bytes, chosen_until: Callable[[bytes, int], int]) -> Iterator[bytes]:
    """Yield the pattern of a hello that was read before: all but what is fresh in it."""
    yield re.escape(body[:2])
    retry = body[2:34] == RETRY_RANDOM
    yield re.escape(RETRY_RANDOM) if retry else b"(?!%b)" % re.escape(RETRY_RANDOM) + _any(32)
    begun = 35 + body[34]
    yield re.escape(body[34:35]) + _any(body[34])
    start = min(chosen_until(body, begun) + 2, len(body))
    yield re.escape(body[begun:start])
    while start < len(body):
        content = start + 4
        kind, length = _EXTENSION.unpack_from(body, start)
        end = content + length
        yield re.escape(body[start:content])
        if kind == ExtensionType.server_name and length > _BEFORE_NAME:
            yield re.escape(body[content : content + _BEFORE_NAME])
            yield b"([!-~]{%d})" % (length - _BEFORE_NAME)
        elif kind in _FRESH and length >= _FRESH_FROM:
            yield _any(length)
        else:
            yield re.escape(body[content:end])
        start = end


def _suites_end(body: bytes, start: int) -> int:
    """Return where the lists of suites and compression methods of a ClientHello end."""
    start += 2 + int.from_bytes(body[start : start + 2])
    return start + 1 + body[start]


def _suite_end(body: bytes, start: int) -> int:
    """Return where the suite and the compression method of a ServerHello end."""
    return start + 3


def _any(length: int) -> bytes:
    """Return the pattern of so many bytes that decide nothing."""
    return b".{%d}" % length
