"""The grammar as data: what `trees` is made of, so that a layout is drawn without construct.

Each node stands for one word of `words` and walks a message that is known to fit it: it notes in
the `Drawing` which bytes belong to the layout, which hold a value, and how the fields are built
of the values. Never checks a bound: that the parser has done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tlswire.grammar.drawing import (
    FRESH,
    LAID,
    STEADY,
    Drawing,
    Layout,
    Value,
    dict_of,
    list_of,
)

#: Numbers in a row from which on they are unpacked apart from the rest.
LONG_ROW = 9
#: Opaque bytes that are taken to be fresh in each message, and fields that are though short.
FRESH_FROM = 32
FRESH_NAMES = frozenset({"host_name", "obfuscated_ticket_age"})
#: Size of a number -> its letter in `struct`.
LETTERS = {1: "B", 2: "H", 4: "I", 8: "Q"}

#: Fields of the same struct that say what a later one is.
Scope = dict[str, int]


class Node(Protocol):
    """A part of the grammar."""

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over the bytes up to `end` at most; `name` is that of the field."""


class Number(NamedTuple):
    """An integer."""

    size: int

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Unpack it."""
        depends = FRESH if name in FRESH_NAMES else STEADY
        if self.size in LETTERS:
            return to.place(LETTERS[self.size], self.size, depends)
        value = to.place(f"{self.size}s", self.size, depends)
        return value._replace(text=f'int.from_bytes({value.text}, "big")')


class Key(NamedTuple):
    """An integer that is part of the layout: a length, or what selects a later field."""

    size: int

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Take it as it is here."""
        scope[name] = to.laid(self.size)
        return Value(LAID, str(scope[name]))


class Varint(NamedTuple):
    """An integer of QUIC, which tells its own size: part of the layout."""

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Take it as it is here, without the two bits of its size."""
        size = 1 << (to.body[to.at] >> 6)
        scope[name] = to.laid(size) & ((1 << (8 * size - 2)) - 1)
        return Value(LAID, str(scope[name]))


class Opaque(NamedTuple):
    """So many bytes; None: all up to the end."""

    size: int | None

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Take them whole."""
        size = end - to.at if self.size is None else self.size
        if not size:
            return Value(LAID, 'b""')
        fresh = size >= FRESH_FROM or name in FRESH_NAMES
        return to.place(f"{size}s", size, FRESH if fresh else STEADY)


class Missing(NamedTuple):
    """A field that the message does not have, and what stands for it."""

    value: Any

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Write what stands for it."""
        return list_of([]) if self.value == [] else Value(LAID, repr(self.value))


class Several(NamedTuple):
    """Elements up to the end."""

    item: Node

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over each; a long row of numbers is unpacked by itself."""
        item, size = self.item, end - to.at
        if isinstance(item, Number) and item.size in LETTERS and size >= LONG_ROW * item.size:
            return to.row(LETTERS[item.size], size // item.size, item.size)
        items = []
        while to.at < end:
            items.append(item.walk(to, end, scope, name))
        return list_of(items)


class Framed(NamedTuple):
    """A length, and what fills so many bytes."""

    length: Key | Varint
    inside: Node

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over the length and on."""
        size: Scope = {}
        self.length.walk(to, end, size, "length")
        return self.inside.walk(to, to.at + size["length"], scope, name)


class Counted(NamedTuple):
    """What fills as many bytes as an earlier field says."""

    length: str
    inside: Node

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over so many."""
        return self.inside.walk(to, to.at + scope[self.length], scope, name)


class Tail(NamedTuple):
    """What is absent when no byte is left."""

    inside: Node
    absent: Any

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over what is there."""
        inside = self.inside if to.at < end else Missing(self.absent)
        return inside.walk(to, end, scope, name)


class By(NamedTuple):
    """What an earlier field selects."""

    key: str
    cases: Mapping[int, Node]
    otherwise: Node

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over what is selected."""
        return self.cases.get(scope[self.key], self.otherwise).walk(to, end, scope, name)


class Tagged(NamedTuple):
    """An extension; what stands for one that the grammar does not know may be any such."""

    bodies: Mapping[int, Node]

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over type, length and body."""
        node = self.bodies.get(int.from_bytes(to.body[to.at : to.at + 2], "big"))
        number = to.stranger(self.bodies) if node is None else to.marked()
        size = to.laid(2)
        start = to.at
        body = (node or Opaque(None)).walk(to, start + size, {}, "")
        return dict_of(
            {
                "type": number,
                "length": Value(LAID, str(size)),
                "body": Value(LAID, "None") if node is None else body,
                "raw": to.raw(start),
            }
        )


class Fields(NamedTuple):
    """A struct."""

    fields: Mapping[str, Node]

    def walk(self, to: Drawing, end: int, scope: Scope, name: str) -> Value:
        """Walk over each field."""
        own: Scope = {}
        return dict_of({name: node.walk(to, end, own, name) for name, node in self.fields.items()})


def drawn(tree: Node, body: bytes) -> Layout:
    """Return the layout of a message that the parser of its form has read; may be Undrawable."""
    drawing = Drawing(body)
    return drawing.layout(tree.walk(drawing, len(body), {}, ""))
