"""What may be changed in a captured hello, each change a list of in-place edits.

A captured hello is never rebuilt: an edit replaces bytes where they stand, and every length that
it touches (of a list, an extension, the message, the record) is an edit of its own. Nothing here
sends, and nothing judges what a change proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from tlswire import grammar
from tlswire.codes import (
    CIPHER_SUITES,
    EXTENSIONS,
    SIGNATURE_SCHEMES,
    VERSIONS,
    ECPointFormat,
    ExtensionType,
    Group,
    HandshakeType,
    NameType,
    SignatureScheme,
)
from tlswire.messages import MESSAGE_HEADER, Message, MessageReader
from tlswire.player import Flight, Piece
from tlswire.records import HEADER, Foreign, RecordReader

#: Extensions that no changed hello may carry: their bytes vouch for the rest (RFC 8446 4.2.11.2).
BINDING: Final = (ExtensionType.early_data, ExtensionType.pre_shared_key)
_LENGTH: Final = ".length"


class Edit(NamedTuple):
    """`old` at `offset` of the captured flight becomes `new`; `old` may be empty, so may `new`."""

    offset: int
    old: bytes
    new: bytes
    why: str


class Hello:
    """A captured flight with the places of its fields. Offsets count from the flight's start."""

    def __init__(self, data: bytes, message: Message) -> None:
        self.data = data
        self.message = message
        self.body = message.body

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Return field path -> (offset, length) in the body."""
        return grammar.locate("client_hello", self.body)

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Return the parsed body."""
        return grammar.read("client_hello", self.body).fields or {}

    @cached_property
    def extensions(self) -> list[int]:
        """Return the extension types in wire order."""
        return [extension["type"] for extension in self.fields.get("extensions", ())]

    @property
    def suites(self) -> list[int]:
        """Return the cipher suites in wire order."""
        return list(self.fields.get("cipher_suites", ()))

    def listed(self, extension: int) -> list[int]:
        """Return the numbers of an extension that is one list of them."""
        at = self.index(extension)
        body = None if at is None else self.fields["extensions"][at]["body"]
        return list(next(iter(body.values()))) if body else []

    @property
    def raw(self) -> bytes:
        """Return the message with its 4-byte header, without the records around it."""
        return b"".join(self.data[o : o + n] for o, n in self.message.spans)

    def index(self, extension: int) -> int | None:
        """Return the place of an extension in the list, None when it is absent."""
        return self.extensions.index(extension) if extension in self.extensions else None


def open_hello(flight: Flight) -> Hello | None:
    """Find the ClientHello in a flight; None for one that cannot be edited (SSL 2.0, malformed)."""
    reader = MessageReader()
    for record in RecordReader().feed(flight.data):
        if isinstance(record, Foreign):
            return None
        for message in reader.feed(record):
            if message.type != HandshakeType.client_hello:
                return None
            hello = Hello(flight.data, message)
            return hello if "cipher_suites" in hello.places else None
    return None


# -- the variants ------------------------------------------------------------------------


def suites(hello: Hello, added: Sequence[int]) -> tuple[Edit, ...]:
    """Offer these suites as well, with the extensions that elliptic curves need (RFC 8422 5.1)."""
    draft = _Draft(hello)
    new = [suite for suite in added if suite not in hello.suites]
    names = ", ".join(CIPHER_SUITES.get(suite, f"0x{suite:04x}") for suite in new)
    draft.append("cipher_suites", _words(new), f"offer {names}")
    for extension, body in NEEDED.items():
        if hello.index(extension) is None:
            draft.add(extension, body, f"{EXTENSIONS[extension]}, which these suites need")
    if any("ECDSA" in CIPHER_SUITES.get(suite, "") for suite in new):
        _sign_with_ecdsa(draft, hello)
    return draft.edits()


def _sign_with_ecdsa(draft: _Draft, hello: Hello) -> None:
    """Suites with ECDSA need a scheme with ECDSA (RFC 8422 section 5.1.3)."""
    at = hello.index(ExtensionType.signature_algorithms)
    place = f"extensions[{at}].body.supported_signature_algorithms"
    if at is None or place not in hello.places:
        return
    scheme = SignatureScheme.ecdsa_secp256r1_sha256
    if scheme not in hello.listed(ExtensionType.signature_algorithms):
        name = SIGNATURE_SCHEMES[scheme]
        draft.append(place, _words((scheme,)), f"{name}, which these suites need")


def sni(hello: Hello, name: str | None) -> tuple[Edit, ...]:
    """Ask for another name, or for none (RFC 6066 section 3)."""
    draft = _Draft(hello)
    at = hello.index(ExtensionType.server_name)
    if name is None:
        draft.drop(ExtensionType.server_name, "ask for no name")
    elif at is None:
        draft.add(ExtensionType.server_name, _server_name(name), f"ask for {name}")
    else:
        place = f"extensions[{at}].body.server_name_list[0].host_name"
        draft.replace(place, name.encode("idna"), f"ask for {name}")
    return draft.edits()


def version(hello: Hello, highest: int) -> tuple[Edit, ...]:
    """Offer nothing newer than this version, of TLS 1.2 or older (RFC 8446 appendix D.1)."""
    draft = _Draft(hello)
    name = VERSIONS.get(highest, f"0x{highest:04x}")
    draft.drop(ExtensionType.supported_versions, f"offer {name} at most")
    draft.replace("legacy_version", highest.to_bytes(2, "big"), f"offer {name} at most")
    return draft.edits()


def alpn(hello: Hello) -> tuple[Edit, ...]:
    """Offer no application protocol (RFC 7301)."""
    wanted = ExtensionType.application_layer_protocol_negotiation
    return without(hello, wanted, "offer no application protocol")


def without(hello: Hello, extension: int, why: str = "") -> tuple[Edit, ...]:
    """Leave an extension out."""
    draft = _Draft(hello)
    name = EXTENSIONS.get(extension, f"extension {extension}")
    draft.drop(extension, why or f"leave {name} out")
    return draft.edits()


#: What the elliptic-curve suites of TLS 1.2 need, with bodies that every stack knows.
NEEDED: Final[dict[int, bytes]] = {}


def _words(numbers: Iterable[int]) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def _listed(numbers: Sequence[int]) -> bytes:
    return (2 * len(numbers)).to_bytes(2, "big") + _words(numbers)


NEEDED[ExtensionType.supported_groups] = _listed((Group.x25519, Group.secp256r1, Group.secp384r1))
NEEDED[ExtensionType.ec_point_formats] = bytes((1, ECPointFormat.uncompressed))
NEEDED[ExtensionType.signature_algorithms] = _listed(
    (
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pkcs1_sha256,
        SignatureScheme.rsa_pkcs1_sha384,
        SignatureScheme.rsa_pkcs1_sha512,
        SignatureScheme.rsa_pkcs1_sha1,
    )
)


def _server_name(name: str) -> bytes:
    host = name.encode("idna")
    entry = bytes((NameType.host_name,)) + len(host).to_bytes(2, "big") + host
    return len(entry).to_bytes(2, "big") + entry


# -- from a field's change to edits ------------------------------------------------------


class _Draft:
    """Collects changes of a hello's body, then works out the lengths around them."""

    def __init__(self, hello: Hello) -> None:
        self._hello = hello
        self._changes: list[Edit] = []  # offsets count from the message's first byte
        self._growth: dict[str, int] = {}  # path of a length field -> by how much it grows

    def replace(self, path: str, new: bytes, why: str) -> None:
        """Put other bytes in a field's place."""
        offset, length = self._hello.places[path]
        self._change(offset, length, new, why, inside=path)

    def append(self, path: str, new: bytes, why: str) -> None:
        """Put bytes behind the last element of a list."""
        offset, length = self._hello.places[path]
        self._change(offset + length, 0, new, why, inside=path)

    def drop(self, extension: int, why: str) -> None:
        """Take every extension of this type out."""
        for index, present in enumerate(self._hello.extensions):
            if present == extension:
                offset, length = self._hello.places[f"extensions[{index}]"]
                self._change(offset, length, b"", why, inside="extensions")

    def add(self, extension: int, body: bytes, why: str) -> None:
        """Put an extension behind the others."""
        new = _words((extension, len(body))) + body
        if "extensions" in self._hello.places:
            self.append("extensions", new, why)
        else:
            self._begin_extensions(new, why)

    def _begin_extensions(self, new: bytes, why: str) -> None:
        """The hello ends without extensions: the list begins with its own length."""
        end = MESSAGE_HEADER + len(self._hello.body)
        before = next((c for c in self._changes if c.offset == end and not c.old), None)
        if before is None:
            self._changes.append(Edit(end, b"", _words((len(new),)) + new, why))
        else:
            content = before.new[2:] + new
            grown = before._replace(new=_words((len(content),)) + content)
            self._changes[self._changes.index(before)] = grown._replace(why=f"{before.why}; {why}")

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
        """Return the changes and all the lengths that they touch, in order of offset."""
        if not self._changes:
            return ()
        for extension in BINDING:
            if not any(c.old[:2] == _words((extension,)) and not c.new for c in self._changes):
                name = EXTENSIONS[extension]
                self.drop(extension, f"{name} vouches for the unchanged hello: leave it out")
        changes = [*self._changes, *self._lengths(), *self._message_length()]
        placed = [part for change in changes for part in _place(change, self._hello)]
        placed += _records(placed, self._hello)
        return tuple(sorted(placed, key=lambda edit: (edit.offset, bool(edit.old))))

    def _lengths(self) -> Iterator[Edit]:
        for path, growth in self._growth.items():
            if growth:
                offset, size = self._hello.places[path]
                old = self._hello.body[offset : offset + size]
                owner = path.removesuffix(_LENGTH)
                yield _longer(MESSAGE_HEADER + offset, old, growth, f"length of {owner}")

    def _message_length(self) -> Iterator[Edit]:
        growth = sum(len(change.new) - len(change.old) for change in self._changes)
        if growth:
            old = self._hello.message.length.to_bytes(3, "big")
            yield _longer(1, old, growth, "length of the ClientHello")


def _longer(offset: int, old: bytes, growth: int, why: str) -> Edit:
    new = int.from_bytes(old, "big") + growth
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
            yield Edit(offset - HEADER, header, b"", "the record has become empty")
        elif growth:
            yield _longer(offset - 2, header[3:], growth, "length of the record")


# -- applying ----------------------------------------------------------------------------


def apply(flight: Flight, edits: Sequence[Edit]) -> Flight:
    """Return the flight with the edits made, cut into segments at the same places."""
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
