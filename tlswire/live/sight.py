"""What a verdict on a failure may rest on, in a few bytes: two with one sight have one verdict.

All of a conversation's packets but what is drawn by lot for each connection: ports, initial
sequence numbers, IP ids, checksums, randoms and keys, ciphertext. Who is asked, every length, flag
and TTL, the options of the SYNs, the hellos, certificates and alerts stay in. Must never leave out
what a cause looks at: where that cannot be put in a few bytes there is no sight (None), and the
failure is worked out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.grammar.fast_words import FRESH
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import CONTENT, HEADER, LARGEST, VERSIONS
from tlswire.sources.kept import Kept
from tlswire.sources.segment import Flag, Option

#: The length of a sight.
SIGHT: Final = 16
#: Every wait that a cause tells from a shorter one is longer than this, in seconds.
SWIFT: Final = 0.4
#: A reset is held against the round trip where that is longer, in seconds, and against the count
#: of its sender's IP ids; among so many packets it fits if it is no farther from the first.
NEXT_DOOR: Final = 0.005
FAR, MOST_COUNTED = 1024, 16
#: Certificates are valid until a second; so long the same is said of them.
MINUTE: Final = 60
#: Of bytes that are no TLS so many are looked at.
LONGEST_CLEAR: Final = 1024
#: EtherType, IP's version, total length, id, fragment, TTL; sequence, acknowledgment, length of
#: the header, flags, window.
_HEADERS: Final = struct.Struct(">12xHBxHHHB15xIIBBH")
_TOLD: Final = struct.Struct(">BHBIIBBH")
_TCP, _ETHERNET, _ROUND = 34, 14, 0xFFFF_FFFF
#: Messages that hold nothing but what was set up beforehand; of others the sight is only a length.
_STEADY: Final = frozenset(
    {HandshakeType.certificate, HandshakeType.certificate_request, HandshakeType.server_hello_done}
)
_FRESH: Final = FRESH | {ExtensionType.session_ticket}
_SHARES: Final = frozenset({ExtensionType.key_share, ExtensionType.key_share_draft})
_EXTENSION: Final = struct.Struct(">HH")
#: What the random of a ServerHello ends with that could do better (RFC 8446 section 4.1.3).
_DOWNGRADED: Final = b"DOWNGRD"


class _Unclear(Exception):  # noqa: N818
    """Something in which a cause may look deeper than a sight does."""


def sight(kept: Kept) -> bytes | None:
    """Return the sight of a conversation that is over; None where it has none."""
    times = [at for _, at, _, _ in kept.packets]
    if times[-1] - times[0] >= SWIFT or times != sorted(times):
        return None
    seen = blake2b(digest_size=SIGHT)
    seen.update(kept.key[:8] + kept.key[10:12] + int(times[0] // MINUTE).to_bytes(6))
    try:
        for part in _Packets(kept).parts():
            seen.update(part)
    except (_Unclear, struct.error, IndexError):
        return None
    return seen.digest()


class _Packets:
    """The packets of one conversation; the client is 0, the server 1."""

    def __init__(self, kept: Kept) -> None:
        self._packets, self._key = kept.packets, kept.key
        self._begun, self._streams = [-1, -1], (bytearray(), bytearray())
        self._names: tuple[list[int], list[int]] = ([], [])  # IP ids that count
        self._opened_at = self._heard_at = 0.0

    def parts(self) -> Iterator[bytes]:
        """Yield what is steady. Raises _Unclear."""
        begun, streams = self._begun, self._streams
        for _, at, data, length in self._packets:
            kind, form, total, name, place, ttl, sequence, acknowledged, size, flags, window = (
                _HEADERS.unpack_from(data)
            )
            payload, end = _TCP + (size >> 2 & 0x3C), _ETHERNET + total
            if kind != 0x0800 or form != 0x45 or place & 0x3FFF or not payload <= end <= len(data):
                raise _Unclear
            who = int(data[26:38] != self._key)
            if flags & Flag.SYN:
                begun[who] = sequence if begun[who] < 0 else begun[who]
                yield bytes(steady_options(data[_TCP + 20 : payload]))
            elif not who:
                self._opened_at = self._opened_at or at
            if flags & Flag.RST and any(streams) and not self._fits(who, name, at):
                raise _Unclear
            if name:
                self._names[who].append(name)
            own = sequence - begun[who] & _ROUND if begun[who] >= 0 else 0
            others = acknowledged - begun[1 - who] & _ROUND if begun[1 - who] >= 0 else 0
            yield _TOLD.pack(who, total, ttl, own, others, size, flags, window)
            if end > payload:
                if own != 1 + len(streams[who]) or length < end:
                    raise _Unclear
                streams[who].extend(data[payload:end])
                self._heard_at = at
        for stream in streams:
            yield from _stream(bytes(stream))
            yield len(stream).to_bytes(4)

    def _fits(self, who: int, name: int, at: float) -> bool:
        """Tell whether time and IP id of a reset say nothing against its sender."""
        usual = self._opened_at - self._packets[0][1]
        if usual > NEXT_DOOR and at - self._heard_at < usual / 2:
            return False
        own = self._names[who]
        counted = all(0 < name - other & 0xFFFF <= FAR for other in own[:1] + own[-1:])
        return not name or (counted and len(self._packets) <= MOST_COUNTED)


def steady_options(options: bytes) -> Iterator[int]:
    """Yield TCP's options but for the time in a timestamp."""
    position = 0
    while position < len(options):
        kind = options[position]
        yield kind
        if kind in (Option.END, Option.NO_OPERATION):
            position += 1
            continue
        length = max(2, options[position + 1])
        yield length
        if kind not in (Option.TIMESTAMPS, Option.FAST_OPEN):
            yield from options[position + 2 : position + length]
        position += length


def _stream(stream: bytes) -> Iterator[bytes]:
    """Yield what is steady in one side's stream: of TLS, or of what is none."""
    start, protected = 0, False
    while start < len(stream):
        kind, body = stream[start], start + HEADER
        version = int.from_bytes(stream[start + 1 : start + 3])
        length = int.from_bytes(stream[start + 3 : body])
        end = body + length
        if kind not in CONTENT or version not in VERSIONS or not 0 < length <= LARGEST:
            if len(stream) - start > LONGEST_CLEAR:
                raise _Unclear
            yield stream[start:]
            return
        yield stream[start:body]
        if end > len(stream):
            raise _Unclear
        if kind == ContentType.handshake and not protected:
            yield from _messages(stream[body:end])
        elif kind == ContentType.alert and length == 2:
            yield stream[body:end]
        protected = protected or kind == ContentType.change_cipher_spec
        start = end


def _messages(fragment: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(fragment):
        kind, body = fragment[start], start + MESSAGE_HEADER
        end = body + int.from_bytes(fragment[start + 1 : body])
        if end > len(fragment):
            raise _Unclear
        yield fragment[start:body]
        if kind == HandshakeType.client_hello:
            yield from _hello(fragment[body:end], listed=True)
        elif kind == HandshakeType.server_hello:
            yield from _hello(fragment[body:end], listed=False)
        elif kind in _STEADY:
            yield fragment[body:end]
        else:  # a signature may be verified, the size of a group be judged
            raise _Unclear
        start = end


def _hello(body: bytes, *, listed: bool) -> Iterator[bytes]:
    """Yield a hello without its random, its session id, and what is fresh in its extensions."""
    random, begun = body[2:34], 35 + body[34]
    told = random == RETRY_RANDOM or random[-8:-1] == _DOWNGRADED
    yield body[:2] + body[34:35] + (random[-8:] if told else b"")
    start = begun
    if listed:
        start += 2 + int.from_bytes(body[start : start + 2])
        start += 1 + body[start]
    else:
        start += 3
    yield body[begun : start + 2]
    start += 2
    while start < len(body):
        kind, length = _EXTENSION.unpack_from(body, start)
        content, end = start + 4, start + 4 + length
        yield body[start:content]
        if kind in _SHARES:
            yield from _shares(body[content:end], 2 if listed else 0)
        elif kind not in _FRESH:
            yield body[content:end]
        start = end


def _shares(body: bytes, start: int) -> Iterator[bytes]:
    """Yield the groups and lengths of key shares; a HelloRetryRequest names only a group."""
    yield body[:start]
    while start < len(body):
        head = body[start : start + 4]
        yield head
        start += 4 + (int.from_bytes(head[2:]) if len(head) == 4 else 0)
