"""What of a stream decides the story of its conversation, byte by byte: what molds are cast from.

Cut into bytes that must stand as they are, and those that decide nothing, of which it may be said
what they must not begin with. Must never leave out what `likeness` looks at; where it looks across
what is cut here the stream is `NotPlain`.
"""

from __future__ import annotations

import re
import struct
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.grammar.fast_words import FRESH
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER, is_foreign

ALERT_LENGTH: Final = 2
#: What is fresh in a hello, a ticket too, unless it is shorter than so many bytes.
_FRESH: Final = FRESH | {ExtensionType.session_ticket}
_FRESH_FROM: Final = 32
_EXTENSION: Final = struct.Struct(">HH")
#: Of server_name, what stands before the name: both lengths and the type (RFC 6066 section 3).
_BEFORE_NAME: Final = 5
#: The group of a pattern that is the server name, and what may stand in it.
NAME: Final = "name"
_NAMED: Final = b"(?P<name>[!-~]{%d})"
#: What a protected handshake record never begins with: see `likeness`.
_CLEAR_HELLO: Final = b"\x01\x00"

#: So few of any bytes are faster compiled one by one; of more, what is taken is kept, which spares
#: a place to come back to.
_FEW: Final = b".."


class NotPlain(Exception):  # noqa: N818
    """A message lies across records, a name or a random across packets, or there are two names."""


class Undecided(NamedTuple):
    """Bytes that decide nothing, but that they do not begin with `unlike`; or a name."""

    length: int
    unlike: bytes = b""
    named: bool = False

    def pattern(self, size: int) -> bytes:
        """Return the pattern of the first `size` bytes at most. Raises NotPlain."""
        cut = min(self.length, size)
        if (self.named and cut < self.length) or cut < min(len(self.unlike), self.length):
            raise NotPlain
        if self.named:
            return _NAMED % cut
        look = b"(?!%b)" % re.escape(self.unlike) if self.unlike else b""
        return look + (b".{%d}+" % cut if cut > len(_FEW) else _FEW[:cut])

    def rest(self, size: int) -> Undecided | bytes:
        """Return what is left behind the first `size` bytes."""
        return Undecided(self.length - size) if self.length > size else b""


#: What stands in a stream, one after another.
Tokens: TypeAlias = deque[bytes | Undecided]


def stream_tokens(stream: bytes, tls13: bool) -> Tokens:
    """Return what stands in a side's stream. Raises NotPlain."""
    tokens = deque(_records(stream, tls13))
    names = sum(isinstance(token, Undecided) and token.named for token in tokens)
    size = sum(token.length if isinstance(token, Undecided) else len(token) for token in tokens)
    if names > 1 or size != len(stream):
        raise NotPlain
    return tokens


def _records(stream: bytes, tls13: bool) -> Iterator[bytes | Undecided]:
    """Yield a side's records, or what begins like none."""
    if is_foreign(stream):
        yield stream[:HEADER]
        yield Undecided(len(stream) - HEADER)
        return
    start, protected = 0, False
    while len(stream) - start >= HEADER:
        kind = stream[start]
        body = start + HEADER
        end = body + int.from_bytes(stream[start + 3 : body])
        yield stream[start:body]
        if end > len(stream):
            yield Undecided(len(stream) - body)
            return
        if kind == ContentType.handshake and not protected:
            yield from _messages(stream[body:end])
        elif kind == ContentType.handshake:
            yield Undecided(end - body, _CLEAR_HELLO)
        elif kind == ContentType.application_data or end - body != ALERT_LENGTH:
            yield Undecided(end - body)
        else:
            yield stream[body:end]
        protected = protected or (kind == ContentType.change_cipher_spec and not tls13)
        start = end
    yield stream[start:]


def _messages(fragment: bytes) -> Iterator[bytes | Undecided]:
    start = 0
    while start < len(fragment):
        body = start + MESSAGE_HEADER
        end = body + int.from_bytes(fragment[start + 1 : body])
        if end > len(fragment):
            raise NotPlain
        yield fragment[start:body]
        if fragment[start] == HandshakeType.client_hello:
            yield from _hello(fragment[body:end], _suites_end)
        elif fragment[start] == HandshakeType.server_hello:
            yield from _hello(fragment[body:end], _suite_end)
        else:
            yield Undecided(end - body)
        start = end


def _hello(body: bytes, chosen_until: Callable[[bytes, int], int]) -> Iterator[bytes | Undecided]:
    """Yield a hello that was read before: all but what is fresh in it."""
    yield body[:2]
    yield RETRY_RANDOM if body[2:34] == RETRY_RANDOM else Undecided(32, RETRY_RANDOM)
    begun = 35 + body[34]
    yield body[34:35]
    yield Undecided(body[34])
    start = min(chosen_until(body, begun) + 2, len(body))
    yield body[begun:start]
    while start < len(body):
        content = start + 4
        kind, length = _EXTENSION.unpack_from(body, start)
        end = content + length
        yield body[start:content]
        if kind == ExtensionType.server_name and length > _BEFORE_NAME:
            yield body[content : content + _BEFORE_NAME]
            yield Undecided(length - _BEFORE_NAME, named=True)
        elif kind in _FRESH and length >= _FRESH_FROM:
            yield Undecided(length)
        else:
            yield body[content:end]
        start = end


def _suites_end(body: bytes, start: int) -> int:
    """Return where the lists of suites and compression methods of a ClientHello end."""
    start += 2 + int.from_bytes(body[start : start + 2])
    return start + 1 + body[start]


def _suite_end(body: bytes, start: int) -> int:
    """Return where the suite and the compression method of a ServerHello end."""
    return start + 3
