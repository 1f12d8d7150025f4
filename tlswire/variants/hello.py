"""A captured ClientHello opened for editing: its bytes, its fields, and where each one stands.

Reads only. An SSL 2.0 hello, or one whose fields cannot all be found, cannot be edited.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from tlswire import grammar
from tlswire.codes import HandshakeType
from tlswire.flight import Flight
from tlswire.messages import MESSAGE_HEADER, Message, MessageReader
from tlswire.records import Foreign, RecordReader


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
    def size(self) -> int:
        """Return the bytes of the message, its header included."""
        return MESSAGE_HEADER + len(self.body)

    @property
    def suites(self) -> list[int]:
        """Return the cipher suites in wire order."""
        return list(self.fields.get("cipher_suites", ()))

    def listed(self, extension: int) -> list[int]:
        """Return the numbers of an extension that is one list of them; of shares the groups."""
        at = self.index(extension)
        body = None if at is None else self.fields["extensions"][at]["body"]
        found = list(next(iter(body.values()))) if body else []
        return [entry["group"] if isinstance(entry, dict) else entry for entry in found]

    @property
    def readable(self) -> bool:
        """Tell whether every field up to the message's end was found, whatever is inside them."""
        last = "extensions" if "extensions" in self.places else "compression_methods"
        return sum(self.places.get(last, (-1, 0))) == len(self.body)

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
            return hello if hello.readable else None
    return None
