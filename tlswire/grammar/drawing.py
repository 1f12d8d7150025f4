"""A layout drawn: the parser of all messages whose lengths and types are those of one message.

The nodes of the grammar walk a message that the fast parser has read, and note in a `Drawing` what
stands where; `Drawing.layout` writes a function that unpacks a message of the same layout with one
call of `struct` and builds its fields in one expression. Every length, and every number that
selects what follows, is compared with the message drawn from, never assumed: the function returns
what the parser would return, or None for bytes of another layout. Where much of a message tends to
be the same from one to the next, it is taken from the last one when the bytes are equal, which
proves more than lengths. The text consists of numbers, names of the grammar, and bytes as `repr`
writes them. Never drawn from bytes that the parser has not read.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from itertools import count
from struct import Struct
from typing import Any, NamedTuple

#: Returns the fields of a message, None when its layout is another.
Layout = Callable[[bytes], Any]

#: Numbers and strings of one message beyond which it is not drawn.
MOST_PARTS = 256
#: Places beside fresh ones from which on it pays to remember what they held last.
MANY_STEADY = 16

#: What a value depends on: on the layout alone, on bytes that are often the same, on fresh ones.
LAID, STEADY, FRESH = range(3)


class Undrawable(Exception):  # noqa: N818
    """The message has too many parts for a layout."""


class Value(NamedTuple):
    """A value of the fields: an expression, or a dict or a list of values."""

    depends: int
    text: str = ""
    parts: dict[str, Value] | list[Value] | None = None


class Place(NamedTuple):
    """Bytes that `struct` unpacks into a name; without a letter, that it steps over."""

    start: int
    size: int
    letter: str = ""
    name: str = ""
    depends: int = LAID

    @property
    def stop(self) -> int:
        """Return where the next place can begin."""
        return self.start + self.size


class Drawing:
    """A layout while it is being drawn: `at` is how far the message has been walked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0
        self.parts = 0
        self.names = count(1)
        self.places: list[Place] = []
        self.raws: list[Place] = []  # extensions whole, over places
        self.strangers: list[str] = []  # conditions that would make one known
        self.mark: tuple[int, int] | None = None  # the bytes to look at first
        self.objects: dict[str, Any] = {}
        self.shared: list[str] = []

    # -- what the nodes say ----------------------------------------------------------------

    def laid(self, size: int) -> int:
        """Return the number here, which all messages of the layout share."""
        self.step(size)
        return int.from_bytes(self.body[self.at - size : self.at], "big")

    def step(self, size: int) -> None:
        """Walk over a part of the message."""
        self.at += size
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise Undrawable

    def place(self, letter: str, size: int, depends: int) -> Value:
        """Return the value of the next `size` bytes."""
        place = Place(self.at, size, letter, self.name("v") if letter else "", depends)
        self.places.append(place)
        self.step(size)
        return Value(depends, place.name)

    def marked(self) -> Value:
        """Return the type of a known extension; the first one is the mark."""
        self.mark = self.mark or (self.at, self.at + 4)
        return Value(LAID, str(self.laid(2)))

    def stranger(self, known: Container[int]) -> Value:
        """Return the type of an extension that is not `known`, nor may any in its place be."""
        number = self.place("H", 2, FRESH)
        self.strangers.append(f"{number.text} in {self.hold(known, 'known')}")
        return number

    def row(self, letter: str, many: int, size: int) -> Value:
        """Return the list of the next `many` numbers, which are unpacked by themselves."""
        text = f"[*{self.hold(Struct(f'>{many}{letter}').unpack_from, 'row')}(b, {self.at})]"
        return self.place("", many * size, STEADY)._replace(text=text)

    def raw(self, start: int) -> Value:
        """Return the value of the bytes from `start` to here, which have been walked already."""
        inside, size = [place for place in self.places if place.start >= start], self.at - start
        if not inside:
            return Value(LAID, repr(self.body[start : self.at]))
        if len(inside) == 1 and inside[0].letter == f"{size}s":
            return Value(inside[0].depends, inside[0].name)
        depends = max(place.depends for place in inside)
        self.raws.append(Place(start, size, f"{size}s", self.name("r"), depends))
        return Value(depends, self.raws[-1].name)

    def name(self, letter: str) -> str:
        """Return a name not used before."""
        return f"{letter}{next(self.names)}"

    def hold(self, thing: Any, kind: str) -> str:
        """Return the name under which the function finds an object."""
        name = self.name(f"{kind}_")
        self.objects[name] = thing
        return name

    # -- the function ----------------------------------------------------------------------

    def layout(self, value: Value) -> Layout:
        """Return the function that reads all messages of this layout as `value`."""
        text = self.text(value)
        exec(text, self.objects)
        layout: Layout = self.objects["layout"]
        return layout

    def text(self, value: Value) -> str:
        """Return the text of the function, and of what it uses."""
        steady = sum(place.depends == STEADY for place in self.places)
        if MANY_STEADY <= steady < len(self.places):
            functions = [*self.plain("plain", value), *self.comparing(value)]
        else:
            functions = self.plain("layout", value)
        return "\n".join([*self.shared, *functions])

    def plain(self, name: str, value: Value) -> list[str]:
        """Write the function that unpacks everything."""
        laid = self.between(self.places, "c")
        found = ", ".join(place.name for place in laid)
        wanted = ", ".join(repr(self.body[place.start : place.stop]) for place in laid)
        lines = [
            *self.unpacked([*self.places, *laid]),
            *unless(f"({found},) != ({wanted},)" if laid else ""),
            *unless(" or ".join(self.strangers)),
            *self.unpacked(self.raws),
            f"return {self.written(value)}",
        ]
        return function(name, [*self.glance(), *lines])

    def comparing(self, value: Value) -> list[str]:
        """Write the function that takes what is steady from the last message, if it was the same.

        When it was not, everything is unpacked, and the next times nothing is compared: not once,
        then for one message, three, seven, at most fifteen.
        """
        fresh = [place for place in self.places if place.depends == FRESH]
        steady = self.between(fresh, "k")
        known: list[str] = []
        built = self.written(value, known)
        self.objects.update(last=(None, None), doubt=0, skip=0)
        lines = [
            "global last, doubt, skip",
            "if skip > 0:",
            "    skip -= 1",
            "    return plain(b)",
            *self.glance(),
            *self.unpacked([*fresh, *steady]),
            f"these = ({', '.join(place.name for place in steady)},)",
            "those, known = last",
            "if these != those:",
            "    fields = plain(b)",
            "    if fields is not None:",
            "        last = these, picked(fields)",
            "        skip, doubt = doubt, min(2 * doubt + 1, 15)",
            "    return fields",
            "if doubt:",
            "    doubt = 0",
            f"{', '.join(f's{index}' for index in range(len(known)))}, = known",
            *unless(" or ".join(self.strangers)),
            *self.unpacked([raw for raw in self.raws if raw.depends == FRESH]),
            f"return {built}",
        ]
        picked = "def picked(fields):", f"    return ({', '.join(known)},)"
        return [*picked, *function("layout", lines)]

    def glance(self) -> list[str]:
        """Write the look at the mark, which tells most messages of another layout."""
        if self.mark is None:
            return []
        start, stop = self.mark
        return unless(f"b[{start}:{stop}] != {self.body[start:stop]!r}")

    def between(self, places: Iterable[Place], letter: str) -> list[Place]:
        """Return all that stands between these places."""
        found, at = [], 0
        for place in (*sorted(places), Place(len(self.body), 0)):
            size = place.start - at
            if size:
                found.append(Place(at, size, f"{size}s", self.name(letter)))
            at = place.stop
        return found

    def unpacked(self, places: Iterable[Place]) -> list[str]:
        """Write the one call of `struct` for these places."""
        named = sorted(place for place in places if place.name)
        letters, at = [], 0
        for place in (*named, Place(len(self.body), 0)):
            letters += [f"{place.start - at}x", place.letter]
            at = place.stop
        unpack = self.hold(Struct(f">{''.join(letters)}").unpack, "unpack")
        return [f"{', '.join(place.name for place in named)}, = {unpack}(b)"] if named else []

    def written(self, value: Value, known: list[str] | None = None, path: str = "fields") -> str:
        """Return the expression of a value; what is steady, when it is `known`, by name.

        `known` takes where it stands in the fields of the last message.
        """
        if known is not None and value.depends == STEADY:
            known.append(path)
            return f"s{len(known) - 1}"
        if value.parts is None:
            return value.text
        listed = isinstance(value.parts, list)
        parts = dict(enumerate(value.parts)) if isinstance(value.parts, list) else value.parts
        rows = [
            ("" if listed else f"{key!r}: ") + self.written(part, known, f"{path}[{key!r}]")
            for key, part in parts.items()
        ]
        text = f"[{', '.join(rows)}]" if listed else f"{{{', '.join(rows)}}}"
        return self.once(text) if value.depends == LAID else text

    def once(self, text: str) -> str:
        """Return the name of an object that all messages of the layout share."""
        name = self.name("e")
        self.shared.append(f"{name} = {text}")
        return name


def unless(condition: str) -> list[str]:
    """Write what gives up when the condition holds."""
    return [f"if {condition}:", "    return None"] if condition else []


def most(values: Iterable[Value]) -> int:
    """Return the most changeable thing that any of the values depends on."""
    return max((value.depends for value in values), default=LAID)


def dict_of(fields: dict[str, Value]) -> Value:
    """Return a dict of values."""
    return Value(most(fields.values()), parts=fields)


def list_of(values: list[Value]) -> Value:
    """Return a list of values."""
    return Value(most(values), parts=values)


def function(name: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of a function of `b`, the body."""
    return [f"def {name}(b):", *(f"    {line}" for line in lines)]
