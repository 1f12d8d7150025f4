"""A ClientHello taken apart into what it offers and how it is cut, and put together again.

Two shapes can be mixed part by part; what leaves is listed against the captured flight as edits
in place. The client's random and everything that no shape names stay as captured. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from tlswire.codes import (
    CIPHER_SUITES,
    EXTENSIONS,
    VERSIONS,
    ContentType,
    ExtensionType,
    is_grease,
)
from tlswire.flight import Flight, Piece
from tlswire.language import say
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER, LARGEST_PLAIN
from tlswire.variants.edits import Edit, cut_by_tcp, words
from tlswire.variants.hello import Hello
from tlswire.variants.sending import Sending

#: Bytes of an extension without a body.
BARE: Final = 4
#: Bytes of the body before the session id: version and random (RFC 8446 section 4.1.2).
_RANDOM: Final = slice(2, 34)


class Extension(NamedTuple):
    """One extension as it stands on the wire."""

    type: int
    body: bytes


class Shape(NamedTuple):
    """What a hello offers, and how it is cut into records and segments."""

    version: int
    session_id: bytes
    suites: tuple[int, ...]
    compressions: bytes
    extensions: tuple[Extension, ...]
    record_version: int
    records: tuple[int, ...] = ()  # offsets in the message at which a further record begins
    segments: tuple[int, ...] = ()  # offsets in the flight at which a further segment begins
    mss: int | None = None  # the segment size at which TCP itself cut
    pause: float = 0.0  # seconds before a further segment

    @property
    def types(self) -> tuple[int, ...]:
        """Return the extension types in wire order."""
        return tuple(extension.type for extension in self.extensions)

    def body(self, extension: int) -> bytes | None:
        """Return the body of an extension, None when it is absent."""
        return next((e.body for e in self.extensions if e.type == extension), None)

    def with_body(self, extension: int, body: bytes | None) -> Shape:
        """Return the shape with an extension's body put, or with the extension left out."""
        if body is None:
            kept = tuple(e for e in self.extensions if e.type != extension)
        elif extension in self.types:
            kept = tuple(
                Extension(extension, body) if e.type == extension else e for e in self.extensions
            )
        else:
            kept = (*self.extensions, Extension(extension, body))
        return self._replace(extensions=kept)

    @property
    def size(self) -> int:
        """Return the bytes of the message, its header included."""
        return sum(len(token.data) for token in _message(self, bytes(32)))


def padded(shape: Shape, size: int) -> Shape:
    """Bring a shape to `size` bytes of message at least, with padding (RFC 7685)."""
    missing = size - shape.size
    if missing <= 0:
        return shape
    present = shape.body(ExtensionType.padding)
    begin = 0 if shape.extensions else 2  # the length of the list of extensions
    if present is not None:
        return shape.with_body(ExtensionType.padding, bytes(len(present) + missing))
    return shape.with_body(ExtensionType.padding, bytes(max(0, missing - BARE - begin)))


def take_apart(hello: Hello, flight: Flight) -> Shape:
    """Return what a captured hello offers, and how it was cut."""
    fields, spans = hello.fields, hello.message.spans
    cuts = [sum(length for _, length in spans[:n]) for n in range(1, len(spans))]
    mss, segments = _segments(flight)
    first = spans[0][0] - HEADER
    return Shape(
        version=int(fields["legacy_version"]),
        session_id=bytes(fields["session_id"]),
        suites=tuple(fields["cipher_suites"]),
        compressions=bytes(fields["compression_methods"]),
        extensions=tuple(
            Extension(int(e["type"]), bytes(e["raw"])) for e in fields.get("extensions", ())
        ),
        record_version=int.from_bytes(hello.data[first + 1 : first + 3], "big"),
        records=tuple(cuts),
        segments=segments,
        mss=mss,
        pause=max((piece.pause for piece in flight.pieces), default=0.0),
    )


def _segments(flight: Flight) -> tuple[int | None, tuple[int, ...]]:
    mss = cut_by_tcp(flight)
    if mss is not None:
        return mss, ()
    sizes = [len(piece.data) for piece in flight.pieces]
    return None, tuple(sum(sizes[:n]) for n in range(1, len(sizes)))


def put_together(shape: Shape, hello: Hello) -> Sending:
    """Return the shape as it is to leave, with every difference from the captured bytes listed."""
    old = list(_flight(take_apart(hello, Flight((Piece(hello.data),))), hello))
    new = list(_flight(shape, hello))
    if b"".join(token.data for token in old) != hello.data:  # more than the hello, or oddly cut
        old = [Token("flight", hello.data, say("the captured flight"))]
    data = b"".join(token.data for token in new)
    cuts = _cuts(shape, len(data))
    parts = [data[a:b] for a, b in pairwise([0, *cuts, len(data)])]
    pieces = tuple(Piece(part, shape.pause if n else 0.0) for n, part in enumerate(parts))
    return Sending(Flight(pieces), tuple(_edits(old, new)))


def spell(shape: Shape, random: bytes) -> Flight:
    """Return the shape as a flight of its own, in one record: no captured bytes are behind it."""
    message = b"".join(token.data for token in _message(shape, random))
    head = b"".join(token.data for token in _record_header(shape, len(message)))
    return Flight((Piece(head + message),))


def _cuts(shape: Shape, size: int) -> list[int]:
    """Return where segments end; captured cuts beyond a shorter flight are drawn together."""
    if shape.mss is not None:
        return list(range(shape.mss, size, shape.mss))
    return _drawn_together(shape.segments, size)


def _drawn_together(cuts: Sequence[int], size: int) -> list[int]:
    """Keep as many cuts in what has become shorter: that is changed, not how it is cut."""
    if all(cut < size for cut in cuts):
        return list(cuts)
    last = cuts[-1] + 1
    return sorted({max(1, cut * size // last) for cut in cuts if size > 1})


# -- tokens: the smallest parts that are listed ------------------------------------------


class Token(NamedTuple):
    """Bytes that stay together, and what they are, in the RFC's words."""

    kind: str
    data: bytes
    told: str = ""


def _message(shape: Shape, random: bytes) -> Iterator[Token]:
    body = list(_body(shape, random))
    yield Token("msg_type", b"\x01")
    length = sum(len(token.data) for token in body)
    yield Token("length", length.to_bytes(3, "big"), say("length of the ClientHello"))
    yield from body


def _body(shape: Shape, random: bytes) -> Iterator[Token]:
    version = VERSIONS.get(shape.version, f"0x{shape.version:04x}")
    yield Token(
        "legacy_version", shape.version.to_bytes(2, "big"), say("say {version}", version=version)
    )
    yield Token("random", random)
    yield _length("session_id", len(shape.session_id), 1)
    told = say("a session_id of {number} bytes", number=len(shape.session_id))
    yield Token("session_id", shape.session_id, told)
    yield _length("cipher_suites", 2 * len(shape.suites), 2)
    for suite in shape.suites:
        yield Token("suite", words((suite,)), _named(CIPHER_SUITES, suite))
    yield _length("compression_methods", len(shape.compressions), 1)
    yield Token("compression_methods", shape.compressions, say("the compression methods"))
    if shape.extensions:
        yield from _extensions(shape.extensions)


def _length(field: str, value: int, size: int) -> Token:
    told = say("length of {owner}", owner=field)
    return Token(f"length of {field}", value.to_bytes(size, "big"), told)


def _named(names: dict[int, str], number: int) -> str:
    return "GREASE" if is_grease(number) else names.get(number, f"0x{number:04x}")


def _extensions(extensions: Sequence[Extension]) -> Iterator[Token]:
    size = sum(MESSAGE_HEADER + len(e.body) for e in extensions)
    yield _length("extensions", size, 2)
    for extension in extensions:
        head = words((extension.type, len(extension.body)))
        yield Token("extension", head + extension.body, _named(EXTENSIONS, extension.type))


def _flight(shape: Shape, hello: Hello) -> Iterator[Token]:
    """Yield the tokens with record headers between; a token that a record cuts is two."""
    tokens = list(_message(shape, hello.body[_RANDOM]))
    size = sum(len(token.data) for token in tokens)
    ends = [*_record_ends(shape, size), size]
    at = 0
    yield from _record_header(shape, ends[0])
    for token in tokens:
        data = token.data
        while at + len(data) > ends[0]:
            part = data[: ends[0] - at]
            yield token._replace(data=part)
            at, data = at + len(part), data[len(part) :]
            yield from _record_header(shape, ends[1] - ends.pop(0))
        yield token._replace(data=data)
        at += len(data)


def _record_ends(shape: Shape, size: int) -> list[int]:
    cuts = _drawn_together(shape.records, size)
    edges = [0, *cuts, size]
    for low, high in pairwise(edges):
        cuts += range(low + LARGEST_PLAIN, high, LARGEST_PLAIN)
    return sorted(cuts)


def _record_header(shape: Shape, length: int) -> Iterator[Token]:
    head = bytes((ContentType.handshake,)) + shape.record_version.to_bytes(2, "big")
    yield Token("record", head, say("a record begins here"))
    yield Token("length of record", length.to_bytes(2, "big"), say("length of the record"))


def _edits(old: Sequence[Token], new: Sequence[Token]) -> Iterator[Edit]:
    """List what turns the old tokens into the new ones (offsets of the old flight)."""
    offsets = [0]
    for token in old:
        offsets.append(offsets[-1] + len(token.data))
    before, after = [(t.kind, t.data) for t in old], [(t.kind, t.data) for t in new]
    moved = frozenset(t.data for t in old if t.kind == "extension") & {t.data for t in new}
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            yield from _block(old[a:b], new[c:d], offsets[a], moved)


def _block(
    old: Sequence[Token], new: Sequence[Token], offset: int, moved: Collection[bytes]
) -> Iterator[Edit]:
    """One run of differences: what is alone of its kind is replaced, the rest goes or comes."""
    pending = list(new)
    for token in old:
        match = next((t for t in pending if _pairs(token, t)), None)
        while match is not None and pending[0] is not match:
            yield _coming(pending.pop(0), offset, moved)
        if match is not None:
            pending.pop(0)
            yield Edit(offset, token.data, match.data, _changing(match))
        elif token.data:
            name = token.told or token.kind
            gone = (
                say("move {name} from here", name=name)
                if token.data in moved
                else say("leave {name} out", name=name)
            )
            yield Edit(offset, token.data, b"", gone)
        offset += len(token.data)
    for token in pending:
        if token.data:
            yield _coming(token, offset, moved)


def _pairs(old: Token, new: Token) -> bool:
    if old.kind == "extension":
        return new.kind == old.kind and old.data[:2] == new.data[:2]
    return new.kind == old.kind and old.kind != "suite"


def _changing(token: Token) -> str:
    if token.kind == "extension":
        return say("change {told}", told=token.told)
    return token.told or token.kind


def _coming(token: Token, offset: int, moved: Collection[bytes]) -> Edit:
    told = token.told or token.kind
    if token.data in moved:
        told = say("move {told} here", told=told)
    elif token.kind in ("suite", "extension"):
        told = say("offer {told}", told=told)
    return Edit(offset, b"", token.data, told)
