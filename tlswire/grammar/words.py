"""The few words of our own in which every page of the grammar is written, all strict.

A word reads from a `Window` and either returns its value or says where and why it cannot; no
word may swallow a broken element or read past an announced length. The pages use these words
and construct's `Struct`, nothing else. No state, no I/O, and no building: a captured message is
never rebuilt.

Bounds are written as RFC 8446 (section 3.4) writes them, in bytes: `Vector(u16, u16, 2)` is
`CipherSuite cipher_suites<2..2^16-2>`. Bounds that are broken are noted, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from construct import Construct, Container

from tlswire.grammar.window import Malformed, Window
from tlswire.language import say

#: Elements that one list may hold, beyond which the list is not read (a hostile 16 MB message).
MOST_ELEMENTS = 65_535


class Word(Construct):  # type: ignore[misc]
    """What all our words share: the window keeps the span and the value of each."""

    def _parse(self, window: Window, context: Container, path: str) -> Any:
        start = window.at
        return window.keep(path, start, self.read(window, context, path))

    def read(self, window: Window, context: Container, path: str) -> Any:
        """Return the value at the window's start and move on behind it."""
        raise NotImplementedError


class Number(Word):
    """An unsigned integer of `size` bytes, the high byte first."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def read(self, window: Window, context: Container, path: str) -> int:
        """Return the number."""
        return int.from_bytes(window.take(self.size, path, f"uint{8 * self.size}"), "big")


class Varint(Word):
    """A variable-length integer of QUIC (RFC 9000, section 16)."""

    def read(self, window: Window, context: Container, path: str) -> int:
        """Return the number without the two bits that tell its length."""
        first = window.take(1, path, "variable-length integer")[0]
        rest = window.take((1 << (first >> 6)) - 1, path, "rest of a variable-length integer")
        return int.from_bytes(bytes([first & 63]) + rest, "big")


u8, u16, u24, u32, u64 = (Number(size) for size in (1, 2, 3, 4, 8))
varint = Varint()


class Code(Word):
    """A number with a name if the registry has one; an unknown number is no error."""

    def __init__(self, number: Number, names: Mapping[int, str]) -> None:
        super().__init__()
        self.number = number
        self.names = names

    def read(self, window: Window, context: Container, path: str) -> Any:
        """Return the number."""
        return self.number.read(window, context, path)


class Fixed(Word):
    """`opaque x[size]`."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def read(self, window: Window, context: Container, path: str) -> bytes:
        """Return the bytes."""
        return window.take(self.size, path, say("{size} bytes", size=self.size))


class Rest(Word):
    """`opaque x[...]`: all that the window still holds, `least` bytes or more."""

    def __init__(self, least: int = 0) -> None:
        super().__init__()
        self.least = least

    def read(self, window: Window, context: Container, path: str) -> bytes:
        """Return the bytes."""
        size = window.end - window.at
        if size < self.least:
            window.note(
                window.malformed(
                    path,
                    say("{least} bytes or more", least=self.least),
                    say("{size} left", size=size),
                )
            )
        return window.take(size, path, "bytes")


class Missing(Word):
    """A field that this form of a message does not have, and what stands for it."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def read(self, window: Window, context: Container, path: str) -> Any:
        """Return the value that stands for the field."""
        return self.value


class Several(Word):
    """Elements one after the other up to the end of the window, at most `count`."""

    def __init__(self, item: Construct, count: int = MOST_ELEMENTS) -> None:
        super().__init__()
        self.item = item
        self.count = count

    def read(self, window: Window, context: Container, path: str) -> list[Any]:
        """Return the elements; a broken one names its index."""
        items: list[Any] = []
        while window.at < window.end:
            start, place = window.at, f"{path} -> [{len(items)}]"
            if len(items) == self.count:
                raise window.malformed(
                    path, say("at most {count} elements", count=self.count), say("more")
                )
            items.append(self.item._parsereport(window, context, place))
            window.keep(place, start, items[-1])
        return items


class Framed(Word):
    """A length and then `inside`, which must fill it exactly; `least..most` bounds the bytes."""

    def __init__(
        self, length: Word, inside: Construct, least: int = 0, most: int | None = None
    ) -> None:
        super().__init__()
        self.length = length
        self.inside = inside
        self.least = least
        self.most = most

    def _parse(self, window: Window, context: Container, path: str) -> Any:
        length = self.length._parse(window, context, f"{path} -> length")
        start, outer = window.at, self.enter(length, window, context, path)
        if not self.least <= length <= (length if self.most is None else self.most):
            window.note(window.malformed(path, self.bounds(), say("{length} bytes", length=length)))
        value = self.inside._parsereport(window, context, path)
        window.finish(path)
        window.end = outer
        return window.keep(path, start, value)

    def enter(self, length: int, window: Window, context: Container, path: str) -> int:
        """Open the window of `length` bytes and return the old end."""
        return window.narrow(length, path)

    def bounds(self) -> str:
        """Return the bounds in words."""
        if self.most is None:
            return say("{least} or more bytes", least=self.least)
        return say("{least} to {most} bytes", least=self.least, most=self.most)


class Vector(Framed):
    """`Item list<least..most>`: elements that fill exactly the announced length."""

    def __init__(
        self,
        length: Word,
        item: Construct,
        least: int = 0,
        most: int | None = None,
        count: int = MOST_ELEMENTS,
    ) -> None:
        super().__init__(length, Several(item, count), least, most)

    def enter(self, length: int, window: Window, context: Container, path: str) -> int:
        """Open the window; of a list that is cut, read the elements that are there."""
        try:
            return window.narrow(length, path)
        except Malformed:
            with suppress(Malformed):
                self.inside.read(window, context, path)
            raise


def opaque8(least: int = 0, most: int | None = None) -> Framed:
    """Return `opaque x<least..2^8-1>`."""
    return Framed(u8, Rest(), least, most)


def opaque16(least: int = 0, most: int | None = None) -> Framed:
    """Return `opaque x<least..2^16-1>`."""
    return Framed(u16, Rest(), least, most)


def opaque24(least: int = 0, most: int | None = None) -> Framed:
    """Return `opaque x<least..2^24-1>`."""
    return Framed(u24, Rest(), least, most)


class Counted(Word):
    """`inside` fills as many bytes as an earlier field of the same Struct says."""

    def __init__(self, length: str, inside: Construct) -> None:
        super().__init__()
        self.length = length
        self.inside = inside

    def read(self, window: Window, context: Container, path: str) -> Any:
        """Return what stands in those bytes."""
        outer = window.narrow(context[self.length], path)
        value = self.inside._parsereport(window, context, path)
        window.finish(path)
        window.end = outer
        return value


class Tail(Word):
    """A field that is absent only when no byte is left; `absent` stands for it then."""

    def __init__(self, inside: Construct, absent: Any = None) -> None:
        super().__init__()
        self.inside = inside
        self.absent = absent

    def _parse(self, window: Window, context: Container, path: str) -> Any:
        if window.at == window.end:
            return self.absent if self.absent is None else type(self.absent)()
        return self.inside._parsereport(window, context, path)


class By(Word):
    """`select (key)`: the earlier field `key` says which; `otherwise` for numbers unknown."""

    def __init__(self, key: str, cases: Mapping[int, Construct], otherwise: Construct) -> None:
        super().__init__()
        self.key = key
        self.cases = cases
        self.otherwise = otherwise

    def _parse(self, window: Window, context: Container, path: str) -> Any:
        case = self.cases.get(context[self.key], self.otherwise)
        start = window.at
        return window.keep(path, start, case._parsereport(window, context, path))


class Body(Word):
    """A whole message: `inside` and then the end."""

    def __init__(self, inside: Construct) -> None:
        super().__init__()
        self.inside = inside

    def _parse(self, window: Window, context: Container, path: str) -> Any:
        value = self.inside._parsereport(window, context, path)
        window.finish(path)
        return value


class Tagged(Word):
    """A number that tells what the body is, the body's length, the body: an extension.

    What is wrong inside the body is noted and stays inside: `body` is None then, as it is for
    a number without a row in `bodies`; `raw` always holds the bytes.
    """

    def __init__(self, number: Code, length: Number, bodies: Mapping[int, Construct]) -> None:
        super().__init__()
        self.number = number
        self.length = length
        self.bodies = bodies

    def read(self, window: Window, context: Container, path: str) -> dict[str, Any]:
        """Return type, length, body and raw."""
        number = self.number._parse(window, context, f"{path} -> type")
        length = self.length._parse(window, context, f"{path} -> length")
        path = f"{path} -> body"
        start, outer = window.at, window.narrow(length, path)
        body = self.contained(self.bodies.get(number), window, context, path)
        window.at, window.end = start + length, outer
        raw = window.data[start : window.at]
        window.keep(path, start, body)
        return {"type": number, "length": length, "body": body, "raw": raw}

    def contained(
        self, body: Construct | None, window: Window, context: Container, path: str
    ) -> Any:
        """Return the body's fields, or None, with a trouble noted when they are not right."""
        if body is None:
            return None
        end, known = window.end, len(window.troubles)
        try:
            value = body._parsereport(window, context, path)
            window.finish(path)
        except Malformed as error:
            window.end = end
            window.note(error)
            return None
        return value if len(window.troubles) == known else None
