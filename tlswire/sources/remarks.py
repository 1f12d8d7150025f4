"""What a pcapng file says besides its packets: interfaces, names, comments, how many were dropped.

Written by whoever captured, so it is told as it stands and believed in nothing. Must never keep
more than a bounded number of remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from tlswire.language import say

#: Comments and names that are told; of a longer text only the beginning.
MOST, LONGEST = 16, 200


class Remarks:
    """What was remarked in one file so far."""

    def __init__(self) -> None:
        self._comments: list[str] = []
        self._names: dict[str, str] = {}
        self._interfaces: list[str] = []
        self._left_out = 0
        self._dropped: dict[tuple[int, int], int] = {}

    def comment(self, on: str, text: bytes) -> None:
        """Take a comment; `on` is what it is about."""
        if len(self._comments) < MOST:
            self._comments.append(say("comment on {on}: {text}", on=on, text=_text(text)))
        else:
            self._left_out += 1

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

    def told(self) -> Iterator[str]:
        """Yield what is worth telling."""
        if len(set(self._interfaces)) > 1:
            yield say("captured on {names}", names=", ".join(dict.fromkeys(self._interfaces)))
        yield from self._comments
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


def _text(data: bytes) -> str:
    return data.split(b"\0")[0][:LONGEST].decode("utf-8", "backslashreplace")
