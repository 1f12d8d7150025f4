"""In-place edits: from the change of a field to every byte of the flight that it touches.

A length that a change touches (of a list, an extension, the message, a record) is an edit of its
own. Nothing is rebuilt: bytes that no edit names stay as captured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tlswire.codes import EXTENSIONS, ExtensionType
from tlswire.flight import Flight, Piece
from tlswire.language import in_turn, say
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER, LARGEST_PLAIN
from tlswire.variants.hello import Hello

#: Extensions that no changed hello may carry: their bytes vouch for the rest (RFC 8446 4.2.11.2).
BINDING: Final = (ExtensionType.early_data, ExtensionType.pre_shared_key)
#: Equal segments of at least this size, in bytes, with a shorter one last, are TCP's own cut.
LEAST_MSS: Final = 500
#: Bytes of an extension's type and length (RFC 8446 section 4.2).
EXTENSION_HEADER: Final = 4
_LENGTH: Final = ".length"


class Edit(NamedTuple):
    """`old` at `offset` of the captured flight becomes `new`; `old` may be empty, so may `new`."""

    offset: int
    old: bytes
    new: bytes
    why: str


def words(numbers: Iterable[int]) -> bytes:
    """Return 16-bit numbers one after the other."""
    return b"".join(number.to_bytes(2, "big") for number in numbers)


class Draft:
    """Collects changes of a hello's body, then works out the lengths around them."""

    def __init__(self, hello: Hello, *, bound: bool = False) -> None:
        """Begin; with `bound` the caller makes the binder of a pre-shared key anew."""
        self._hello = hello
        self._bound = bound
        self._changes: list[Edit] = []  # offsets count from the message's first byte
        self._growth: dict[str, int] = {}  # path of a length field -> by how much it grows

    @property
    def begun(self) -> bool:
        """Tell whether anything was changed."""
        return bool(self._changes)

    def replace(self, path: str, new: bytes, why: str) -> None:
        """Put other bytes in a field's place."""
        offset, length = self._hello.places[path]
        self._change(offset, length, new, why, inside=path)

    def append(self, path: str, new: bytes, why: str) -> None:
        """Put bytes behind the last element of a list."""
        offset, length = self._hello.places[path]
        self._change(offset + length, 0, new, why, inside=path)

    def cut(self, path: str, why: str) -> None:
        """Take one element out of a list; `path` is the element's, `cipher_suites[3]` say."""
        offset, length = self._hello.places[path]
        self._change(offset, length, b"", why, inside=path.rpartition("[")[0])

    def drop(self, extension: int, why: str) -> None:
        """Take every extension of this type out."""
        for index, present in enumerate(self._hello.extensions):
            if present == extension:
                offset, length = self._hello.places[f"extensions[{index}]"]
                self._change(offset, length, b"", why, inside="extensions")

    def add(self, extension: int, body: bytes, why: str) -> None:
        """Put an extension behind the others."""
        new = words((extension, len(body))) + body
        last = self._hello.index(ExtensionType.pre_shared_key) if self._bound else None
        if last is not None:  # RFC 8446 section 4.2.11: nothing stands behind it
            offset, _ = self._hello.places[f"extensions[{last}]"]
            self._change(offset, 0, new, why, inside="extensions")
        elif "extensions" in self._hello.places:
            self.append("extensions", new, why)
        else:
            self._begin_extensions(new, why)

    def pad(self, size: int, why: str) -> None:
        """Bring the whole message to `size` bytes, or as near as padding can (RFC 7685)."""
        self._unbind()
        missing = size - MESSAGE_HEADER - len(self._hello.body) - self._grown()
        at = self._hello.index(ExtensionType.padding)
        present = self._hello.places[f"extensions[{at}].body"][1] if at is not None else None
        if present is None and missing >= EXTENSION_HEADER:
            self.add(ExtensionType.padding, bytes(missing - EXTENSION_HEADER), why)
        elif present is not None and present + missing >= 0:
            self.replace(f"extensions[{at}].body", bytes(present + missing), why)

    def _grown(self) -> int:
        return sum(len(change.new) - len(change.old) for change in self._changes)

    def _begin_extensions(self, new: bytes, why: str) -> None:
        """The hello ends without extensions: the list begins with its own length."""
        end = MESSAGE_HEADER + len(self._hello.body)
        before = next((c for c in self._changes if c.offset == end and not c.old), None)
        if before is None:
            self._changes.append(Edit(end, b"", words((len(new),)) + new, why))
        else:
            content = before.new[2:] + new
            grown = before._replace(new=words((len(content),)) + content)
            told = in_turn((before.why, why))
            self._changes[self._changes.index(before)] = grown._replace(why=told)

    def _change(self, offset: int, length: int, new: bytes, why: str, inside: str) -> None:
        old = self._hello.body[offset : offset + length]
        if old == new:
            return
        self._changes.append(Edit(MESSAGE_HEADER + offset, old, new, why))
        for path in self._hello.places:
            owner = path.removesuffix(_LENGTH)
            if owner != path and (owner == inside or inside.startswith((f"{owner}.", f"{owner}["))):
                self._growth[path] = self._growth.get(path, 0) + len(new) - length

    def edits(self) -> tuple[Edit, ...]:
        """Return the changes and all the lengths that they touch, in order of offset.

        () when there is no change, or when a length cannot hold it.
        """
        try:
            return self._edits() if self._changes else ()
        except OverflowError:
            return ()

    def _edits(self) -> tuple[Edit, ...]:
        self._unbind()
        changes = [*self._changes, *self._lengths(), *self._message_length()]
        placed = [part for change in changes for part in _place(change, self._hello)]
        placed += _records(placed, self._hello)
        return tuple(sorted(placed, key=lambda edit: (edit.offset, bool(edit.old))))

    def _unbind(self) -> None:
        for extension in BINDING:
            if self._bound and extension == ExtensionType.pre_shared_key:
                continue
            if not any(c.old[:2] == words((extension,)) and not c.new for c in self._changes):
                name = EXTENSIONS[extension]
                self.drop(
                    extension,
                    say("{name} vouches for the unchanged hello: leave it out", name=name),
                )

    def _lengths(self) -> Iterator[Edit]:
        for path, growth in self._growth.items():
            if growth:
                offset, size = self._hello.places[path]
                old = self._hello.body[offset : offset + size]
                owner = path.removesuffix(_LENGTH)
                yield _longer(
                    MESSAGE_HEADER + offset, old, growth, say("length of {owner}", owner=owner)
                )

    def _message_length(self) -> Iterator[Edit]:
        growth = self._grown()
        if growth:
            old = self._hello.message.length.to_bytes(3, "big")
            yield _longer(1, old, growth, say("length of the ClientHello"))


def _longer(offset: int, old: bytes, growth: int, why: str, most: int | None = None) -> Edit:
    new = int.from_bytes(old, "big") + growth
    if most is not None and growth > 0 and new > most:
        raise OverflowError
    return Edit(offset, old, new.to_bytes(len(old), "big"), why)


def _place(change: Edit, hello: Hello) -> Iterator[Edit]:
    """Turn an edit of the message into edits of the flight: it may lie in several records."""
    start, stop, passed = change.offset, change.offset + len(change.old), 0
    new = change.new
    for index, (offset, length) in enumerate(hello.message.spans):
        last = index == len(hello.message.spans) - 1
        low, high = max(start, passed), min(stop, passed + length)
        if low < high or (start == stop and passed <= start < passed + length + last):
            old = change.old[low - start : high - start]
            same = len(change.new) == len(change.old)
            here, new = (new[: len(old)], new[len(old) :]) if same else (new, b"")
            if old != here:
                yield Edit(offset + low - passed, old, here, change.why)
        passed += length


def _records(placed: list[Edit], hello: Hello) -> Iterator[Edit]:
    """Yield the record lengths that the edits touch; an emptied record goes (RFC 8446 5.1)."""
    for offset, length in hello.message.spans:
        inside = [e for e in placed if offset <= e.offset <= offset + length]
        growth = sum(len(edit.new) - len(edit.old) for edit in inside)
        header = hello.data[offset - HEADER : offset]
        if growth and int.from_bytes(header[3:], "big") + growth == 0:
            yield Edit(offset - HEADER, header, b"", say("the record has become empty"))
        elif growth:
            yield _longer(
                offset - 2, header[3:], growth, say("length of the record"), LARGEST_PLAIN
            )


# -- applying ----------------------------------------------------------------------------


def apply(flight: Flight, edits: Sequence[Edit]) -> Flight:
    """Return the flight with the edits made, cut into segments as it was.

    Where the client cut, at the same places; where TCP cut, at the same size: a hello that has
    become smaller than a segment is one.
    """
    made = _applied(flight, edits)
    mss = cut_by_tcp(flight)
    if mss is None:
        return made
    data = made.data
    parts = [data[start : start + mss] for start in range(0, len(data), mss)]
    return Flight(
        tuple(Piece(part, flight.pieces[1].pause if n else 0.0) for n, part in enumerate(parts)),
        flight.notes,
    )


def cut_by_tcp(flight: Flight) -> int | None:
    """Return the segment size at which TCP itself cut a flight; None where it did not."""
    sizes = [len(piece.data) for piece in flight.pieces]
    if len(sizes) < 2 or sizes[0] < LEAST_MSS:
        return None
    return sizes[0] if set(sizes[:-1]) == {sizes[0]} and sizes[-1] <= sizes[0] else None


def _applied(flight: Flight, edits: Sequence[Edit]) -> Flight:
    pieces, start, pending = [], 0, list(edits)
    for index, piece in enumerate(flight.pieces):
        last = index == len(flight.pieces) - 1
        stop = start + len(piece.data)
        here = [e for e in pending if e.offset < stop or last]
        data, over = _edited(flight.data, start, stop, here)
        pending = over + pending[len(here) :]
        if data:
            pieces.append(Piece(data, piece.pause))
        start = stop
    return Flight(tuple(pieces), flight.notes)


def _edited(data: bytes, start: int, stop: int, edits: list[Edit]) -> tuple[bytes, list[Edit]]:
    """Return the bytes between two offsets as edited, and what the last edit still removes."""
    out, at, over = bytearray(), start, []
    for edit in edits:
        assert data[edit.offset : edit.offset + len(edit.old)] == edit.old, edit
        out += data[at : edit.offset] + edit.new
        at = edit.offset + len(edit.old)
        if at > stop:
            over.append(Edit(stop, data[stop:at], b"", edit.why))
            at = stop
    return bytes(out + data[at:stop]), over
