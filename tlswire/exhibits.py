"""Messages as exhibits: beside the decoded fields the bytes, and where each field stands in them.

For reports that show both. The place of a field is asked of the interpreted grammar, which is
slow; messages of one shape have their fields at the same places, so it is asked once a shape.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from tlswire import findings, grammar
from tlswire.codes import HandshakeType
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER
from tlswire.result import Exhibit
from tlswire.transcript import Entry

#: Handshake messages that are another one on the wire (RFC 8446 section 4.1.4).
SENT_AS = {"hello_retry_request": "server_hello"}

Spans = dict[str, tuple[int, int]]


#: Shapes that are remembered; a hostile capture has a new one in every message.
MOST_SHAPES = 4096


class Exhibitor:
    """Makes exhibits of entries, and remembers the shapes it has seen."""

    def __init__(self) -> None:
        self._places: dict[object, Spans] = {}

    def __call__(self, entry: Entry) -> Exhibit:
        """Return the message of the contract with its bytes and the places of its fields."""
        header = _header(entry)
        places = {} if entry.reading.fields is None else self._locate(entry)
        spans = {path: (at + len(header), size) for path, (at, size) in places.items()}
        if header:
            spans |= {"msg_type": (0, 1), "length": (1, MESSAGE_HEADER - 1)}
        return Exhibit(
            **structs.asdict(findings.message(entry)),
            raw=header + entry.body,
            offset=_begins(entry, header),
            spans=spans,
        )

    def _locate(self, entry: Entry) -> Spans:
        shape = (entry.kind, entry.situation, entry.length, _shape(entry.fields))
        if shape not in self._places:
            if len(self._places) >= MOST_SHAPES:
                self._places.clear()
            self._places[shape] = grammar.locate(entry.kind, entry.body, entry.situation)
        return self._places[shape]


def _header(entry: Entry) -> bytes:
    """Return the header of a handshake message in the clear, nothing for any other."""
    kind: int | None = getattr(HandshakeType, SENT_AS.get(entry.what, entry.what), None)
    size = sum(length for _, length in entry.spans)
    if kind is None or entry.protected or entry.hidden or size != entry.length + MESSAGE_HEADER:
        return b""
    return bytes((kind,)) + entry.length.to_bytes(MESSAGE_HEADER - 1, "big")


def _begins(entry: Entry, header: bytes) -> int | None:
    if entry.protected or len(entry.spans) != 1:
        return None
    return entry.offset if header else entry.offset + HEADER


def _shape(value: Any) -> object:
    """Return what the places of the fields depend on: kinds, counts and lengths, no bytes."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, list):
        return tuple(map(_shape, value))
    if isinstance(value, dict):
        return tuple((name, _shape(held)) for name, held in value.items())
    return value
