"""Conversations that are alike in all that decides how they are told: one is worked out for all.

The world's handshakes are few stories told over and over; what differs is random, keys and names.
`likeness` reduces a conversation that is over to its story: who sent which record or message, in
which order, between which pauses, what the hellos chose, how it was left. Two with one story have
one history word, one ending, the same alerts. Must never guess: what it does not know how to
reduce is `Irregular`, and worked out message by message.
"""

from __future__ import annotations

import struct
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from tlswire import grammar, hidden
from tlswire.casting import ALERT_LENGTH
from tlswire.codes import ContentType, HandshakeType
from tlswire.ending import PATIENCE
from tlswire.flow import Flow, Who
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.messages import MESSAGE_HEADER
from tlswire.molds import Molds, join
from tlswire.offer import chosen_by, glance
from tlswire.records import CONTENT, HEADER, LARGEST, VERSIONS, is_foreign, may_begin_record
from tlswire.scribe import NO_CERTIFICATE
from tlswire.session import ENOUGH
from tlswire.sources.kept import Irregular, Kept, events
from tlswire.transcript import is_tls13

#: One thing that happened: a number, or one with what makes it matter.
Token: TypeAlias = int | tuple[object, ...]
Story: TypeAlias = tuple[Token, ...]

#: What the server did is told by the same numbers, so much higher.
SERVER: Final = 10_000
WHO: Final[tuple[Who, Who]] = ("client", "server")
#: Beside types of messages, which have one byte: what a record is that holds none in clear.
SECRET, SECRET_ALERT, CHANGE, DATA, EMPTY_CERTIFICATE, FOREIGN = 256, 257, 258, 259, 260, 261
#: A longer handshake message is no usual one.
LONGEST: Final = 1 << 16
_HEAD: Final = struct.Struct(">BHH")
#: How a ClientHello begins that is sent in clear where ciphertext is due.
_CLEAR_HELLO: Final = bytes((HandshakeType.client_hello, 0))
_HANDSHAKE, _ALERT = ContentType.handshake, ContentType.alert
_CHANGE, _DATA = ContentType.change_cipher_spec, ContentType.application_data


class Likeness(NamedTuple):
    """The story of a conversation, and the name that its client asked for."""

    story: Story
    server_name: str | None
    tls13: bool


def likeness(kept: Kept) -> Likeness:
    """Return the story of a conversation that is over. Raises Irregular where it has a knot."""
    reader = _Reader()
    story = reader.story
    size = 0
    for who, what in events(kept, PATIENCE):
        if type(what) is int:
            story.append(what + who * SERVER)
        else:
            assert type(what) is bytes
            size += len(what)
            reader.take(who, what)
    if size > ENOUGH:
        raise Irregular
    for who in (0, 1):
        story.append(bool(reader.records[who] or reader.messages[who]))
    return Likeness(tuple(story), reader.name, reader.tls13)


#: Stories that are remembered; then all are forgotten.
MOST_STORIES: Final = 4096
T = TypeVar("T")


class Remembered(Generic[T]):
    """What was told of each story, and by which name a conversation of it asked."""

    def __init__(self) -> None:
        self._told: dict[Story, T] = {}
        self._asked: dict[int, tuple[Story, int]] = {}
        self._molds: Molds[T] = Molds()

    def recall(self, kept: Kept) -> tuple[T, str | None] | None:
        """Return what is told of conversations like this one; None: it is to be worked out."""
        packets = join(kept, PATIENCE)
        known = None if packets is None else self._molds.find(kept, packets)
        if known is not None:
            return known
        try:
            found = likeness(kept)
        except Irregular:
            return None
        told = self._told.get(found.story)
        if told is None:
            self._asked[kept.number] = found.story, kept.packets[-1][0]
            return None
        if packets is not None:
            self._molds.keep(kept, packets, told, found.server_name, tls13=found.tls13)
        return told, found.server_name

    def learn(self, flow: Flow, told: T) -> None:
        """Remember what is told of a conversation that was asked about and is worked out by now.

        If more came after it was asked about, its story was another one.
        """
        story, last_frame = self._asked.pop(flow.number, ((), -1))
        if flow.last_frame == last_frame:
            if len(self._told) >= MOST_STORIES:
                self._told.clear()
            self._told[story] = told


class _Reader:
    """Reads both streams of one conversation; keeps what later records depend on."""

    __slots__ = (
        *("answered", "foreign", "greeted", "messages", "name"),
        *("protected", "records", "story", "suite", "tls13"),
    )

    def __init__(self) -> None:
        self.story: list[Token] = []
        self.name: str | None = None
        self.greeted = self.answered = False  # the client by a hello, the server by anything
        self.foreign = False  # the server's answer is of another protocol
        self.tls13 = False
        self.suite: int | None = None
        self.protected = [False, False]
        self.records, self.messages = [b"", b""], [b"", b""]  # begun and not complete

    def take(self, who: int, data: bytes) -> None:
        """Take what one side sent."""
        if who and not self.answered:
            self.answered, self.foreign = True, self.greeted and is_foreign(data)
            if self.foreign:
                self.story.append(FOREIGN + SERVER)
        if who and self.foreign:
            return
        if self.records[who]:
            data = self.records[who] + data
        start, size = 0, len(data)
        while size - start >= HEADER:
            kind, version, length = _HEAD.unpack_from(data, start)
            if kind not in CONTENT or version not in VERSIONS or not 0 < length <= LARGEST:
                raise Irregular
            end = start + HEADER + length
            if end > size:
                break
            if kind == _DATA:
                self._data(who, length)
            elif kind == _HANDSHAKE:
                self._handshake(who, data, start + HEADER, end)
            else:
                self._other(who, kind, data, start + HEADER, end)
            start = end
        rest = data[start:]
        if rest and not may_begin_record(rest[:HEADER]):
            raise Irregular
        self.records[who] = rest

    def _data(self, who: int, length: int) -> None:
        """Of records in a row that are told alike, two are as good as more."""
        story, told = self.story, DATA + who * SERVER
        token = (told, *hidden.traits(WHO[who], self.suite, length)) if self.tls13 else told
        if not (len(story) > 1 and story[-1] == story[-2] == token):
            story.append(token)

    def _other(self, who: int, kind: int, data: bytes, start: int, end: int) -> None:
        if kind == _CHANGE:
            self.protected[who] = not self.tls13
            self.story.append(CHANGE + who * SERVER)
        elif kind != _ALERT:
            raise Irregular
        elif end - start == ALERT_LENGTH:
            self.story.append(("alert", who, data[start:end]))
        else:
            self.story.append(SECRET_ALERT + who * SERVER)

    def _handshake(self, who: int, data: bytes, start: int, end: int) -> None:
        if self.protected[who] and not self.tls13:
            if data[start : start + 2] == _CLEAR_HELLO:
                raise Irregular
            self.story.append(SECRET + who * SERVER)
            return
        if self.messages[who]:
            data = self.messages[who] + data[start:end]
            start, end = 0, len(data)
        while end - start >= MESSAGE_HEADER:
            body = start + MESSAGE_HEADER
            length = int.from_bytes(data[start + 1 : body])
            if length > LONGEST:
                raise Irregular
            if body + length > end:
                break
            self._message(who, data[start], data[body : body + length])
            start = body + length
        self.messages[who] = data[start:end]

    def _message(self, who: int, kind: int, body: bytes) -> None:
        if kind == HandshakeType.client_hello:
            self._client_hello(who, body)
        elif kind == HandshakeType.server_hello:
            self._server_hello(who, body)
        elif kind == HandshakeType.certificate and len(body) <= NO_CERTIFICATE:
            self.story.append(EMPTY_CERTIFICATE + who * SERVER)
        else:
            self.story.append(kind + who * SERVER)

    def _client_hello(self, who: int, body: bytes) -> None:
        read = grammar.read("client_hello", body)
        if who or read.troubles or read.fields is None:
            raise Irregular
        seen = glance(read.fields)
        if seen.early_data:
            raise Irregular
        if not self.greeted:
            self.greeted, self.name = True, seen.server_name
        self.story.append(("hello", seen.highest, seen.suites))

    def _server_hello(self, who: int, body: bytes) -> None:
        kind = "hello_retry_request" if body[2:34] == RETRY_RANDOM else "server_hello"
        read = grammar.read(kind, body)
        if not who or read.troubles or read.fields is None:
            raise Irregular
        chosen = chosen_by(read.fields)
        self.tls13, self.suite = is_tls13(chosen.version), chosen.suite
        if hidden.unencrypted(chosen.suite) is not None:
            raise Irregular
        self.story.append((kind, *chosen))
