"""What a pcapng file says besides its packets: interfaces, names, comments, how many were dropped.

Written by whoever captured, so it is told as it stands and believed in nothing. Must never keep
more than a bounded number of remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import islice
from typing import NamedTuple, TypeVar

from tlswire.language import mark, say

K = TypeVar("K")
V = TypeVar("V")

#: Comments and names that are told; of a longer text only the beginning.
MOST, LONGEST = 16, 200
#: What a comment can be about.
CAPTURE, PACKET = mark("the capture"), mark("packet {number}")
INTERFACE = mark("interface {number}")


class Comment(NamedTuple):
    """A comment, and what it is about."""

    on: str
    number: int
    text: str

    def __str__(self) -> str:
        return say("comment on {on}: {text}", on=say(self.on, number=self.number), text=self.text)


class Remarks:
    """What was remarked in one file so far."""

    def __init__(self) -> None:
        self._comments: list[Comment] = []
        self._names: dict[str, str] = {}
        self._interfaces: list[str] = []
        self._left_out = 0
        self._dropped: dict[tuple[int, int], int] = {}

    def comment(self, on: str, number: int, text: bytes) -> None:
        """Take a comment; `on` is what it is about, a packet or interface of that number."""
        self._take(Comment(on, number, _text(text)))

    def name(self, address: bytes, name: bytes) -> None:
        """Take the name of an address."""
        if len(self._names) < MOST:
            self._names.setdefault(str(ip_address(address)), _text(name))

    def interface(self, name: bytes) -> None:
        """Take the name of the next interface."""
        if name and len(self._interfaces) < MOST:
            self._interfaces.append(_text(name))

    def dropped(self, interface: int, where: int, count: int) -> None:
        """Take how many packets an interface or the system dropped up to now."""
        if len(self._dropped) < MOST or (interface, where) in self._dropped:
            self._dropped[interface, where] = count

    def join(self, later: Remarks, packets: int) -> Remarks:
        """Return these and later ones, of packets behind the first so many."""
        joined = Remarks()
        for remarks, before in ((self, 0), (later, packets)):
            for each in remarks._comments:
                moved = before if each.on == PACKET else 0
                joined._take(each._replace(number=each.number + moved))
            joined._left_out += remarks._left_out
        joined._interfaces = [*self._interfaces, *later._interfaces][:MOST]
        joined._dropped = _first(self._dropped | later._dropped)
        joined._names = _first(self._names | later._names | self._names)
        return joined

    def _take(self, comment: Comment) -> None:
        if len(self._comments) < MOST:
            self._comments.append(comment)
        else:
            self._left_out += 1

    def told(self) -> Iterator[str]:
        """Yield what is worth telling."""
        if len(set(self._interfaces)) > 1:
            yield say("captured on {names}", names=", ".join(dict.fromkeys(self._interfaces)))
        yield from map(str, self._comments)
        if self._left_out:
            yield say("{number} more comments", number=self._left_out)
        if self._names:
            named = (
                say("{address} is {name}", address=address, name=name)
                for address, name in self._names.items()
            )
            yield say("names in the capture: {names}", names=", ".join(named))
        if dropped := sum(self._dropped.values()):
            yield say("{dropped} packets were dropped while capturing", dropped=dropped)


def _first(table: dict[K, V]) -> dict[K, V]:
    return dict(islice(table.items(), MOST))


def _text(data: bytes) -> str:
    return data.split(b"\0")[0][:LONGEST].decode("utf-8", "backslashreplace")
